"""Recurrent cells of NAS-RL: a binary tree whose shape follows from its number of leaves, with a memory beside it."""

from collections.abc import Iterable

from msgspec.structs import replace

from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, moves
from app.graph.kinds.recurrent_chain import TINTS
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode
from engine.space.cells import MOST_NODES
from engine.space.recurrent import ACTIVATIONS, JOINS, TreeCell, TreeNode, branches

DIAGRAM = "tree"
WORD, HIDDEN, MEMORY, NEXT_MEMORY = -2, -3, -4, -5  # x_t, h_{t-1}, c_{t-1}, c_t
SIGNS = {"add": "+", "elem_mult": "×"}
CHOICES = tuple(
    Choice(f"{join} {activation}", f"{SIGNS[join]} {activation}", TINTS[activation])
    for join in JOINS
    for activation in ACTIVATIONS
)
SHAPE = "a tree's shape follows from its number of leaves"


class Tree(Kind[TreeCell]):
    """Nodes have the numbers of the tree's nodes."""

    name = "tree"
    joins = False

    def diagrams(self, architecture: TreeCell) -> tuple[Diagram, ...]:
        base, count = architecture.base, len(architecture.nodes)
        nodes = [
            DiagramNode(HIDDEN, "input", "h", "h", "t−1"),
            DiagramNode(WORD, "input", "x", "x", "t"),
            DiagramNode(MEMORY, "input", "c", "c", "t−1"),
        ]
        for number, node in enumerate(architecture.nodes):
            choice = _choice(node)
            nodes.append(
                DiagramNode(number, "node", str(number), str(number), "", choice.name, choice.label, choice.tint)
            )
        nodes += [DiagramNode(OUTPUT, "output", "h'", "h", "t"), DiagramNode(NEXT_MEMORY, "output", "c'", "c", "t")]
        inject = _choice(architecture.inject)
        edges = [DiagramEdge(MEMORY, architecture.reads, inject.name, inject.label, inject.tint)]
        edges += [DiagramEdge(source, leaf) for leaf in range(base) for source in (HIDDEN, WORD)]
        edges += [DiagramEdge(source, base + at) for at, pair in enumerate(branches(base)) for source in pair]
        edges += [DiagramEdge(count - 1, OUTPUT), DiagramEdge(architecture.writes, NEXT_MEMORY)]
        return (Diagram(DIAGRAM, tuple(nodes), tuple(edges), tallest=MOST_NODES),)

    def choices(self, architecture: TreeCell, part: Part) -> tuple[Choice, ...]:
        if isinstance(part, NodeRef):
            return CHOICES if part.number >= 0 else ()
        return CHOICES if part.index == 0 else ()

    def offers(self, architecture: TreeCell, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        return ()

    def objection(self, architecture: TreeCell, diagram: str, source: int, target: int) -> str:
        if source == MEMORY and target >= 0:
            return "the memory is read there already" if target == architecture.reads else ""
        if source >= 0 and target == NEXT_MEMORY:
            return "the memory is written from there already" if source == architecture.writes else ""
        if source == MEMORY or target == NEXT_MEMORY:
            return "the memory is read by a node, and written by a node"
        return SHAPE

    def add(self, architecture: TreeCell, diagram: str, after: int | None = None) -> Change[TreeCell]:
        """One more leaf, and one more node that joins: what every tree of one leaf more has."""
        base = architecture.base
        if len(architecture.nodes) + 2 > MOST_NODES:
            raise Illegal(f"a tree has at most {MOST_NODES - 1} nodes")
        nodes = architecture.nodes
        grown = (*nodes[:base], nodes[base - 1], *nodes[base:], nodes[-1])
        number: dict[int, int | None] = {old: old + (old >= base) for old in range(len(nodes))}
        larger = replace(
            architecture,
            nodes=grown,
            writes=architecture.writes + (architecture.writes >= base),
            reads=architecture.reads + (architecture.reads >= base),
        )
        return Change(larger, frozenset([NodeRef(DIAGRAM, base)]), moves(DIAGRAM, number))

    def connect(
        self, architecture: TreeCell, diagram: str, source: int, target: int, name: str | None
    ) -> Change[TreeCell]:
        """Let the memory be read by another node, or written by another."""
        if reason := self.objection(architecture, diagram, source, target):
            raise Illegal(reason)
        if source == MEMORY:
            return Change(replace(architecture, reads=target), frozenset([EdgeRef(DIAGRAM, 0)]))
        led = replace(architecture, writes=source)
        return Change(led, frozenset([EdgeRef(DIAGRAM, len(self.diagrams(led)[0].edges) - 1)]))

    def choose(self, architecture: TreeCell, parts: Iterable[Part], name: str) -> Change[TreeCell]:
        parts = frozenset(parts)
        made = next((TreeNode(j, a) for j in JOINS for a in ACTIVATIONS if f"{j} {a}" == name), None)
        if made is None:
            raise Illegal(f"a node joins by {' or '.join(JOINS)}, then comes an activation; not '{name[:40]}'")
        for part in parts:
            if not self.choices(architecture, part):
                raise Illegal("there is nothing to choose here")
            if isinstance(part, EdgeRef):
                architecture = replace(architecture, inject=made)
            else:
                nodes = architecture.nodes
                architecture = replace(architecture, nodes=(*nodes[: part.number], made, *nodes[part.number + 1 :]))
        return Change(architecture, parts)

    def rewire(self, architecture: TreeCell, edge: EdgeRef, source: int, target: int) -> Change[TreeCell]:
        old = self.diagrams(architecture)[0].edges[edge.index]
        if (source, target) == (old.source, old.target):
            return Change(architecture, frozenset([edge]))
        kept_end = source == MEMORY if old.source == MEMORY else old.target == target == NEXT_MEMORY
        if not kept_end:
            raise Illegal(
                SHAPE if old.source != MEMORY and old.target != NEXT_MEMORY else "the memory stays the memory"
            )
        return self.connect(architecture, DIAGRAM, source, target, None)

    def remove(self, architecture: TreeCell, parts: Iterable[Part]) -> Change[TreeCell]:
        """Take leaves away, each with the node that joins it: of the nodes, those named last."""
        parts = list(parts)
        doomed = sorted({part.number for part in parts if isinstance(part, NodeRef) and part.number >= 0})
        if not doomed:
            raise Illegal(f"{SHAPE}; remove a leaf, or lead the memory elsewhere" if parts else "nothing is selected")
        if any(number >= architecture.base for number in doomed):
            raise Illegal(f"{SHAPE}; only leaves can be removed")
        if architecture.base - len(doomed) < 2:
            raise Illegal("a tree has at least two leaves")
        base, count = architecture.base, len(architecture.nodes)
        gone = {*doomed, *range(count - len(doomed), count)}
        for number, what in ((architecture.writes, "written"), (architecture.reads, "read")):
            if number in gone:
                raise Illegal(f"the memory is {what} at node {number}, which would go; lead it elsewhere first")
        kept = [number for number in range(count) if number not in gone]
        number_of: dict[int, int | None] = {**dict.fromkeys(gone), **{old: new for new, old in enumerate(kept)}}
        smaller = TreeCell(
            tuple(architecture.nodes[old] for old in kept),
            architecture.inject,
            kept.index(architecture.writes),
            kept.index(architecture.reads),
        )
        assert smaller.base == base - len(doomed)
        return Change(smaller, frozenset(), moves(DIAGRAM, number_of))


def _choice(node: TreeNode) -> Choice:
    return next(choice for choice in CHOICES if choice.name == f"{node.join} {node.activation}")
