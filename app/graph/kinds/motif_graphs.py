"""Hierarchical cells: graphs whose edges are smaller graphs, one diagram for each."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, moves, ordered, readers
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode, carrying
from engine.space.cells import MOST_NODES
from engine.space.motifs import Motif, MotifArchitecture, pairs
from engine.space.operations import OPERATIONS, label

CELL = "cell"
MOTIF_TINT = "dilated"


class Motifs(Kind[MotifArchitecture]):
    """The cell is the first diagram, then come the motifs that it is made of, level by level downwards.

    Nodes have the numbers of nodes; the last node is OUTPUT.
    """

    name = "motifs"
    joins = False

    def diagrams(self, architecture: MotifArchitecture) -> tuple[Diagram, ...]:
        return tuple(
            _diagram(architecture, level, place)
            for level in reversed(range(len(architecture.levels)))
            for place in range(len(architecture.levels[level]))
        )

    def choices(self, architecture: MotifArchitecture, part: Part) -> tuple[Choice, ...]:
        return () if isinstance(part, NodeRef) else _below(architecture, _find(architecture, part.diagram)[0])

    def offers(self, architecture: MotifArchitecture, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        return _below(architecture, _find(architecture, diagram)[0])

    def opens(self, architecture: MotifArchitecture, part: Part) -> str | None:
        if isinstance(part, NodeRef):
            return None
        level, place = _find(architecture, part.diagram)
        edge = _diagram(architecture, level, place).edges[part.index]
        return edge.operation if level else None

    def objection(self, architecture: MotifArchitecture, diagram: str, source: int, target: int) -> str:
        motif = _motif(architecture, diagram)
        last = motif.nodes - 1
        source, target = source % motif.nodes, target % motif.nodes
        if target == 0:
            return "0 is where the motif begins, and nothing leads there"
        if source == last:
            return f"{last} is where the motif ends, and nothing leads on"
        if source == target:
            return "a node cannot read itself"
        carried = _carried(motif)
        if (source, target) in carried:
            return f"there is an edge {source} → {target} already"
        if source in readers(_sources(motif), target):
            return f"that would be a loop: {source} reads {target} already"
        return ""

    def add(self, architecture: MotifArchitecture, diagram: str, after: int | None = None) -> Change[MotifArchitecture]:
        """One more node before the last."""
        motif = _motif(architecture, diagram)
        if motif.nodes >= MOST_NODES:
            raise Illegal(f"a motif has at most {MOST_NODES} nodes")
        new, last = motif.nodes - 1, motif.nodes
        moved = {end: last if end == new else end for end in range(motif.nodes)}
        edges = {(moved[source], moved[target]): name for (source, target), name in _carried(motif).items()}
        longer = _with(architecture, diagram, _made(motif.nodes + 1, edges))
        return Change(longer, frozenset([NodeRef(diagram, new)]))

    def connect(
        self, architecture: MotifArchitecture, diagram: str, source: int, target: int, name: str | None
    ) -> Change[MotifArchitecture]:
        if reason := self.objection(architecture, diagram, source, target):
            raise Illegal(reason)
        motif = _motif(architecture, diagram)
        source, target = source % motif.nodes, target % motif.nodes
        edges = _carried(motif) | {(source, target): self._number(architecture, diagram, name)}
        number, wired = _sorted(motif.nodes, edges)
        result = _with(architecture, diagram, wired)
        return Change(
            result, frozenset([_edge(result, diagram, number[source], number[target])]), moves(diagram, number)
        )

    def choose(self, architecture: MotifArchitecture, parts: Iterable[Part], name: str) -> Change[MotifArchitecture]:
        parts = frozenset(parts)
        for part in parts:
            if isinstance(part, NodeRef):
                raise Illegal("nodes of a motif concatenate what they read; there is nothing to choose")
            ends = _ends(architecture, part)
            motif = _motif(architecture, part.diagram)
            edges = _carried(motif) | {ends: self._number(architecture, part.diagram, name)}
            architecture = _with(architecture, part.diagram, _made(motif.nodes, edges))
        return Change(architecture, parts)

    def remove(self, architecture: MotifArchitecture, parts: Iterable[Part]) -> Change[MotifArchitecture]:
        parts = list(parts)
        moved: dict[NodeRef, NodeRef | None] = {}
        done = False
        for diagram in self.diagrams(architecture):
            motif = _motif(architecture, diagram.name)
            here = [part for part in parts if part.diagram == diagram.name]
            doomed = {part.number for part in here if isinstance(part, NodeRef) and part.number > 0}
            cut = {_ends(architecture, part) for part in here if isinstance(part, EdgeRef)}
            if not doomed and not cut:
                continue
            done = True
            order = [node for node in range(motif.nodes) if node not in doomed]
            number: dict[int, int | None] = {**dict.fromkeys(doomed), **{old: new for new, old in enumerate(order)}}
            edges = {
                (source_now, target_now): name
                for (source, target), name in _carried(motif).items()
                if (source, target) not in cut
                and (source_now := number[source]) is not None
                and (target_now := number[target]) is not None
            }
            architecture = _with(architecture, diagram.name, _made(len(order), edges))
            del number[motif.nodes - 1]  # the last node is OUTPUT, whatever its number
            moved |= moves(diagram.name, number)
        if not done:
            raise Illegal("the first and the last node of a motif stay")
        return Change(architecture, frozenset(), moved)

    def _number(self, architecture: MotifArchitecture, diagram: str, name: str | None) -> int:
        """The number by which an edge of this diagram names an operation of the level below."""
        names = [choice.name for choice in _below(architecture, _find(architecture, diagram)[0])]
        if name not in names:
            raise Illegal(f"there is no '{(name or '')[:40]}' in the level below, only {', '.join(names)}")
        return names.index(name) + 1


def motif_name(levels: int, level: int, place: int) -> str:
    """What the motif number `place` (from 0) of a level (from 0) is called."""
    if level == levels - 1:
        return CELL
    return f"motif {place + 1}" if levels == 2 else f"motif {level + 2}.{place + 1}"


def _diagram(architecture: MotifArchitecture, level: int, place: int) -> Diagram:
    motif = architecture.levels[level][place]
    last = motif.nodes - 1
    nodes = [
        DiagramNode(0, "input", "0", "0"),
        *(DiagramNode(node, "node", str(node), str(node)) for node in range(1, last)),
        DiagramNode(OUTPUT, "output", str(last), str(last)),
    ]
    below = _below(architecture, level)
    edges = []
    for (source, target), number in _listed(motif):
        choice = below[number - 1]
        end = OUTPUT if target == last else target
        edges.append(
            DiagramEdge(source, end, choice.name, choice.label, choice.tint)
            if level
            else carrying(source, end, choice.name)
        )
    return Diagram(motif_name(len(architecture.levels), level, place), tuple(nodes), tuple(edges))


def _below(architecture: MotifArchitecture, level: int) -> tuple[Choice, ...]:
    """What the edges of a level may be."""
    if level:
        names = [
            motif_name(len(architecture.levels), level - 1, at) for at in range(len(architecture.levels[level - 1]))
        ]
        return tuple(Choice(name, name, MOTIF_TINT) for name in names)
    return tuple(Choice(name, label(name), OPERATIONS[name].kind) for name in architecture.primitives)


def _find(architecture: MotifArchitecture, diagram: str) -> tuple[int, int]:
    """Level and place of a motif by its name."""
    for level, motifs in enumerate(architecture.levels):
        for place in range(len(motifs)):
            if motif_name(len(architecture.levels), level, place) == diagram:
                return level, place
    raise Illegal(f"there is no motif called {diagram}")


def _motif(architecture: MotifArchitecture, diagram: str) -> Motif:
    level, place = _find(architecture, diagram)
    return architecture.levels[level][place]


def _with(architecture: MotifArchitecture, diagram: str, motif: Motif) -> MotifArchitecture:
    level, place = _find(architecture, diagram)
    motifs = architecture.levels[level]
    changed = (*motifs[:place], motif, *motifs[place + 1 :])
    return replace(architecture, levels=(*architecture.levels[:level], changed, *architecture.levels[level + 1 :]))


def _carried(motif: Motif) -> dict[tuple[int, int], int]:
    """The edges that are there, by their ends."""
    return {ends: number for ends, number in zip(pairs(motif.nodes), motif.edges, strict=True) if number}


def _listed(motif: Motif) -> list[tuple[tuple[int, int], int]]:
    """The edges in the order of the diagram's edges: by what they enter."""
    return sorted(_carried(motif).items(), key=lambda edge: (edge[0][1], edge[0][0]))


def _made(nodes: int, edges: Mapping[tuple[int, int], int]) -> Motif:
    return Motif(nodes, tuple(edges.get(ends, 0) for ends in pairs(nodes)))


def _sources(motif: Motif) -> dict[int, set[int]]:
    return {node: {source for source, target in _carried(motif) if target == node} for node in range(motif.nodes)}


def _ends(architecture: MotifArchitecture, edge: EdgeRef) -> tuple[int, int]:
    return _listed(_motif(architecture, edge.diagram))[edge.index][0]


def _edge(architecture: MotifArchitecture, diagram: str, source: int, target: int) -> EdgeRef:
    ends = [ends for ends, _ in _listed(_motif(architecture, diagram))]
    return EdgeRef(diagram, ends.index((source, target)))


def _sorted(nodes: int, edges: Mapping[tuple[int, int], int]) -> tuple[dict[int, int], Motif]:
    """New numbers for the nodes, so that every edge leads on; the first stays first, and the last stays last."""
    inner = range(1, nodes - 1)
    order = [0, *ordered({node: {s for s, t in edges if t == node} for node in inner}), nodes - 1]
    number = {node: place for place, node in enumerate(order)}
    return number, _made(nodes, {(number[source], number[target]): name for (source, target), name in edges.items()})
