"""Recurrent cells of DARTS and ENAS: a tree of states, each made from one earlier state by an activation."""

from collections.abc import Iterable, Mapping
from typing import get_args

from msgspec.structs import replace

from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, moves, ordered, readers
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode
from engine.space.cells import MOST_NODES
from engine.space.recurrent import ACTIVATIONS, Activation, RecurrentCell, RecurrentNode

DIAGRAM = "cell"
WORD, HIDDEN = -2, -3  # the numbers of x_t and h_{t-1}
TINTS = {"tanh": "separable", "relu": "convolution", "sigmoid": "dilated", "identity": "skip"}
CHOICES = tuple(Choice(name, name, TINTS[name]) for name in ACTIVATIONS)
ONE_EACH = "a node reads exactly one state; lead its edge elsewhere, or remove the node"


class Recurrent(Kind[RecurrentCell]):
    """Nodes have the numbers of states."""

    name = "recurrent"

    def diagrams(self, architecture: RecurrentCell) -> tuple[Diagram, ...]:
        first = architecture.first
        nodes = [
            DiagramNode(WORD, "input", "x", "x", "t"),
            DiagramNode(HIDDEN, "input", "h", "h", "t−1"),
            DiagramNode(0, "node", "0", "0", operation=first, label=first, tint=TINTS[first]),
            *(DiagramNode(state, "node", str(state), str(state)) for state in range(1, len(architecture.nodes) + 1)),
            DiagramNode(OUTPUT, "output", "h'", "h", "t"),
        ]
        edges = [
            DiagramEdge(node.source, state, node.activation, node.activation, TINTS[node.activation])
            for state, node in enumerate(architecture.nodes, 1)
        ]
        edges += [DiagramEdge(WORD, 0), DiagramEdge(HIDDEN, 0)]
        edges += [DiagramEdge(state, OUTPUT) for state in sorted(set(architecture.concat))]
        return (Diagram(DIAGRAM, tuple(nodes), tuple(edges)),)

    def choices(self, architecture: RecurrentCell, part: Part) -> tuple[Choice, ...]:
        if isinstance(part, NodeRef):
            return CHOICES if part.number == 0 else ()
        return CHOICES if part.index < len(architecture.nodes) else ()

    def offers(self, architecture: RecurrentCell, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        return () if target == OUTPUT else CHOICES

    def objection(self, architecture: RecurrentCell, diagram: str, source: int, target: int) -> str:
        if source == OUTPUT:
            return "the output is read at the next word, not by this cell"
        if target == OUTPUT:
            if source < 0:
                return "only states join the output"
            return f"{source} joins the output already" if source in architecture.concat else ""
        if target <= 0:
            return "nothing else leads there; state 0 is made from x and h" if target == 0 else "it is an input"
        if source < 0:
            return "only state 0 reads x and h"
        if source == target:
            return "a node cannot read itself"
        if source in readers(_sources(architecture), target):
            return f"that would be a loop: {source} reads {target} already"
        if architecture.nodes[target - 1].source == source:
            return f"{target} reads {source} already"
        return ""

    def add(self, architecture: RecurrentCell, diagram: str, after: int | None = None) -> Change[RecurrentCell]:
        """The new node reads the last state, or `after`."""
        if len(architecture.nodes) >= MOST_NODES:
            raise Illegal(f"a cell has at most {MOST_NODES} nodes")
        state = len(architecture.nodes) + 1
        source = after if after is not None and 0 <= after < state else state - 1
        longer = replace(
            architecture,
            nodes=(*architecture.nodes, RecurrentNode("tanh", source)),
            concat=(*architecture.concat, state),
        )
        return Change(longer, frozenset([NodeRef(DIAGRAM, state)]))

    def connect(
        self, architecture: RecurrentCell, diagram: str, source: int, target: int, name: str | None
    ) -> Change[RecurrentCell]:
        """The target reads this state from now on, and no other."""
        if reason := self.objection(architecture, diagram, source, target):
            raise Illegal(reason)
        if target == OUTPUT:
            joined = replace(architecture, concat=tuple(sorted((*architecture.concat, source))))
            diagram_ = self.diagrams(joined)[0]
            return Change(joined, frozenset([EdgeRef(DIAGRAM, diagram_.edges.index(DiagramEdge(source, OUTPUT)))]))
        wired = _set(architecture, target, RecurrentNode(_known(name), source))
        number, result = _sorted(wired)
        return Change(result, frozenset([EdgeRef(DIAGRAM, number[target] - 1)]), moves(DIAGRAM, number))

    def choose(self, architecture: RecurrentCell, parts: Iterable[Part], name: str) -> Change[RecurrentCell]:
        parts = frozenset(parts)
        activation = _known(name)
        for part in parts:
            if not self.choices(architecture, part):
                raise Illegal("there is no activation here")
            if isinstance(part, NodeRef):
                architecture = replace(architecture, first=activation)
            else:
                node = architecture.nodes[part.index]
                architecture = _set(architecture, part.index + 1, replace(node, activation=activation))
        return Change(architecture, parts)

    def rewire(self, architecture: RecurrentCell, edge: EdgeRef, source: int, target: int) -> Change[RecurrentCell]:
        if edge.index >= len(architecture.nodes):
            return super().rewire(architecture, edge, source, target)
        node = architecture.nodes[edge.index]
        if target != edge.index + 1:
            raise Illegal(ONE_EACH)
        if source == node.source:
            return Change(architecture, frozenset([edge]))
        return self.connect(architecture, DIAGRAM, source, target, node.activation)

    def remove(self, architecture: RecurrentCell, parts: Iterable[Part]) -> Change[RecurrentCell]:
        """What read a removed node reads what that read."""
        parts = list(parts)
        edges = {part.index for part in parts if isinstance(part, EdgeRef)}
        doomed = {part.number for part in parts if isinstance(part, NodeRef) and part.number > 0}
        quiet = {index for index in edges if index >= len(architecture.nodes)}
        if edges - quiet - {state - 1 for state in doomed}:
            raise Illegal(ONE_EACH)
        diagram = self.diagrams(architecture)[0]
        parted = {diagram.edges[index].source for index in quiet if diagram.edges[index].target == OUTPUT}
        if not doomed and not parted:
            raise Illegal("inputs, state 0 and the output stay")
        if any(diagram.edges[index].target == 0 for index in quiet):
            raise Illegal("state 0 is made from x and h")

        def kept(state: int) -> int:
            while state in doomed:
                state = architecture.nodes[state - 1].source
            return state

        order = [state for state in range(len(architecture.nodes) + 1) if state not in doomed]
        number: dict[int, int | None] = {**dict.fromkeys(doomed), **{old: new for new, old in enumerate(order)}}
        nodes = tuple(
            replace(node, source=_of(number, kept(node.source)))
            for state, node in enumerate(architecture.nodes, 1)
            if state not in doomed
        )
        concat = tuple(_of(number, state) for state in architecture.concat if state not in doomed | parted)
        if not concat:
            raise Illegal("the output would be made of nothing; let another state join it first")
        return Change(replace(architecture, nodes=nodes, concat=concat), frozenset(), moves(DIAGRAM, number))


def _known(name: str | None) -> Activation:
    for activation in get_args(Activation):
        if activation == name:
            return activation
    raise Illegal(f"there is no activation '{(name or '')[:40]}'; there are {', '.join(ACTIVATIONS)}")


def _of(number: Mapping[int, int | None], state: int) -> int:
    new = number[state]
    assert new is not None
    return new


def _set(cell: RecurrentCell, state: int, node: RecurrentNode) -> RecurrentCell:
    return replace(cell, nodes=(*cell.nodes[: state - 1], node, *cell.nodes[state:]))


def _sources(cell: RecurrentCell) -> dict[int, set[int]]:
    return {state: {node.source} for state, node in enumerate(cell.nodes, 1)}


def _sorted(cell: RecurrentCell) -> tuple[dict[int, int], RecurrentCell]:
    """New numbers for the states, in which each reads earlier ones only, and the cell with them."""
    order = [0, *ordered(_sources(cell))]
    number = {state: place for place, state in enumerate(order)}
    nodes = tuple(
        replace(cell.nodes[state - 1], source=number[cell.nodes[state - 1].source]) for state in order if state
    )
    concat = tuple(sorted(number[state] for state in cell.concat))
    return number, replace(cell, nodes=nodes, concat=concat)
