"""Cells: nodes that join earlier states, each through an operation, and an output that concatenates some of them."""

from collections.abc import Iterable, Mapping
from functools import cache

from msgspec.structs import replace

from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part, moves, ordered, readers
from app.graph.model import OUTPUT, Diagram, DiagramEdge, DiagramNode, carrying
from engine.space.architecture import CellArchitecture, StackedCell, named_cells
from engine.space.cells import MOST_NODES, Cell, Edge, Node, state_name, unknown_operation
from engine.space.operations import OPERATIONS, about

CellBased = CellArchitecture | StackedCell
COMBINES = (Choice("add", "add"), Choice("concat", "concat"))


def diagram_of(name: str, cell: Cell) -> Diagram:
    """A cell as a diagram; nodes have the numbers of states."""
    nodes = []
    for state in range(cell.inputs):
        title = state_name(state, cell.inputs)
        nodes.append(DiagramNode(state, "input", title, "c", title))
    for state, node in enumerate(cell.nodes, cell.inputs):
        title = state_name(state, cell.inputs)
        shown = "" if node.combine == "add" else node.combine
        nodes.append(DiagramNode(state, "node", title, title, operation=node.combine, label=shown))
    nodes.append(DiagramNode(OUTPUT, "output", "k", "c", "k"))
    edges = [carrying(edge.source, cell.inputs + index, edge.operation) for index, place, edge in _edges(cell)]
    edges += [DiagramEdge(state, OUTPUT) for state in sorted(set(cell.concat))]
    return Diagram(name, tuple(nodes), tuple(edges))


class Cells(Kind[CellBased]):
    """Pairs of cells, and the one cell that is used throughout."""

    name = "cells"

    def diagrams(self, architecture: CellBased) -> tuple[Diagram, ...]:
        return tuple(diagram_of(name, cell) for name, cell in named_cells(architecture))

    def choices(self, architecture: CellBased, part: Part) -> tuple[Choice, ...]:
        diagram = self.diagram(architecture, part.diagram)
        if isinstance(part, NodeRef):
            return COMBINES if diagram.by_number[part.number].role == "node" else ()
        return () if diagram.edges[part.index].operation is None else _operations()

    def offers(self, architecture: CellBased, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        return () if target == OUTPUT else _operations()

    def objection(self, architecture: CellBased, diagram: str, source: int, target: int) -> str:
        cell = _cell(architecture, diagram)
        name = state_name(target, cell.inputs)
        if source == OUTPUT:
            return "the output is read by the next cells, not by this one"
        if target == OUTPUT:
            return f"{state_name(source, cell.inputs)} joins the output already" if source in cell.concat else ""
        if target < cell.inputs:
            return f"{name} is an input of the cell, and nothing in it leads there"
        if source == target:
            return "a node cannot read itself"
        if source in readers(_sources(cell), target):
            return f"that would be a loop: {state_name(source, cell.inputs)} reads {name} already"
        if len(cell.nodes[target - cell.inputs].inputs) >= MOST_NODES:
            return f"a node reads at most {MOST_NODES} states"
        return ""

    def add(self, architecture: CellBased, diagram: str, after: int | None = None) -> Change[CellBased]:
        cell = _cell(architecture, diagram)
        if len(cell.nodes) >= MOST_NODES:
            raise Illegal(f"a cell has at most {MOST_NODES} nodes")
        state = cell.inputs + len(cell.nodes)
        longer = Cell((*cell.nodes, Node(())), (*cell.concat, state), cell.inputs)
        return Change(_with(architecture, diagram, longer), frozenset([NodeRef(diagram, state)]))

    def connect(
        self, architecture: CellBased, diagram: str, source: int, target: int, name: str | None
    ) -> Change[CellBased]:
        if reason := self.objection(architecture, diagram, source, target):
            raise Illegal(reason)
        cell = _cell(architecture, diagram)
        if target == OUTPUT:
            concat = (*cell.concat, source)
            if list(cell.concat) == sorted(cell.concat):
                concat = tuple(sorted(concat))
            joined = replace(cell, concat=concat)
            place = _place(joined, None, source)
            return Change(_with(architecture, diagram, joined), frozenset([EdgeRef(diagram, place)]))
        _known(name)
        index = target - cell.inputs
        node = cell.nodes[index]
        wired = _set(cell, index, replace(node, inputs=(*node.inputs, Edge(source, name or ""))))
        return self._in_order(architecture, diagram, wired, index, len(node.inputs))

    def choose(self, architecture: CellBased, parts: Iterable[Part], name: str) -> Change[CellBased]:
        parts = frozenset(parts)
        for part in parts:
            cell = _cell(architecture, part.diagram)
            if isinstance(part, NodeRef):
                if name not in ("add", "concat") or part.number < cell.inputs:
                    raise Illegal(f"a node joins its inputs by add or concat, not {name[:40]}")
                index = part.number - cell.inputs
                cell = _set(cell, index, replace(cell.nodes[index], combine=name))
            else:
                _known(name)
                index, place, edge = _edge(cell, part)
                cell = _set_edge(cell, index, place, replace(edge, operation=name))
            architecture = _with(architecture, part.diagram, cell)
        return Change(architecture, parts)

    def rewire(self, architecture: CellBased, edge: EdgeRef, source: int, target: int) -> Change[CellBased]:
        """As for every kind; an edge that keeps its target also keeps its place among the target's inputs."""
        cell = _cell(architecture, edge.diagram)
        if edge.index >= _count(cell) or OUTPUT in (source, target):
            return super().rewire(architecture, edge, source, target)
        index, place, old = _edge(cell, edge)
        if target != cell.inputs + index:
            return super().rewire(architecture, edge, source, target)
        if source == old.source:
            return Change(architecture, frozenset([edge]))
        if reason := self.objection(architecture, edge.diagram, source, target):
            raise Illegal(reason)
        wired = _set_edge(cell, index, place, replace(old, source=source))
        return self._in_order(architecture, edge.diagram, wired, index, place)

    def remove(self, architecture: CellBased, parts: Iterable[Part]) -> Change[CellBased]:
        parts = list(parts)
        moved: dict[NodeRef, NodeRef | None] = {}
        done = False
        for diagram, cell in named_cells(architecture):
            nodes = {part.number for part in parts if isinstance(part, NodeRef) and part.diagram == diagram}
            edges = {part.index for part in parts if isinstance(part, EdgeRef) and part.diagram == diagram}
            inner = {state for state in nodes if state >= cell.inputs}
            if inner or edges:
                done = True
                numbers, smaller = _without(cell, inner, edges)
                architecture = _with(architecture, diagram, smaller)
                moved |= moves(diagram, numbers)
        if not done:
            raise Illegal("a cell's inputs and its output stay")
        return Change(architecture, frozenset(), moved)

    def _in_order(self, architecture: CellBased, diagram: str, cell: Cell, index: int, place: int) -> Change[CellBased]:
        """The cell with nodes renumbered so that each reads earlier ones only; selected is one input of one node."""
        number, ordered = _sorted(cell)
        edge = _place(ordered, number[cell.inputs + index] - cell.inputs, place)
        return Change(
            _with(architecture, diagram, ordered), frozenset([EdgeRef(diagram, edge)]), moves(diagram, number)
        )


@cache
def _operations() -> tuple[Choice, ...]:
    return tuple(Choice(one.name, one.label, one.kind, about(one.name)) for one in OPERATIONS.values())


def _known(name: str | None) -> None:
    if name not in OPERATIONS:
        raise Illegal(unknown_operation(name or ""))


def _cell(architecture: CellBased, diagram: str) -> Cell:
    return dict(named_cells(architecture))[diagram]


def _with(architecture: CellBased, diagram: str, cell: Cell) -> CellBased:
    return replace(architecture, **{diagram: cell})


def _set(cell: Cell, index: int, node: Node) -> Cell:
    return replace(cell, nodes=(*cell.nodes[:index], node, *cell.nodes[index + 1 :]))


def _set_edge(cell: Cell, index: int, place: int, edge: Edge) -> Cell:
    inputs = cell.nodes[index].inputs
    return _set(cell, index, replace(cell.nodes[index], inputs=(*inputs[:place], edge, *inputs[place + 1 :])))


def _edges(cell: Cell) -> list[tuple[int, int, Edge]]:
    """Every edge with its node's index and its place among the node's inputs, in the order of the diagram's edges."""
    return [(index, place, edge) for index, node in enumerate(cell.nodes) for place, edge in enumerate(node.inputs)]


def _count(cell: Cell) -> int:
    return sum(len(node.inputs) for node in cell.nodes)


def _edge(cell: Cell, edge: EdgeRef) -> tuple[int, int, Edge]:
    edges = _edges(cell)
    if edge.index >= len(edges):
        raise Illegal("what leads into the output carries no operation")
    return edges[edge.index]


def _place(cell: Cell, index: int | None, place: int) -> int:
    """The number of an edge: input `place` of node `index`; or, without a node, of state `place` into the output."""
    if index is None:
        return _count(cell) + sorted(set(cell.concat)).index(place)
    return sum(len(node.inputs) for node in cell.nodes[:index]) + place


def _sources(cell: Cell) -> dict[int, set[int]]:
    """For each node the states it reads."""
    return {state: {edge.source for edge in node.inputs} for state, node in enumerate(cell.nodes, cell.inputs)}


def _sorted(cell: Cell) -> tuple[dict[int, int], Cell]:
    """New numbers for the states, in which each reads earlier ones only, and the cell with them."""
    order = [*range(cell.inputs), *ordered(_sources(cell))]
    number = {state: place for place, state in enumerate(order)}
    return number, _renumbered(cell, number)


def _renumbered(cell: Cell, number: Mapping[int, int | None]) -> Cell:
    """The cell with other numbers for its states; those without one are gone, with all their edges."""
    kept = sorted(
        (new, cell.nodes[old - cell.inputs]) for old, new in number.items() if new is not None and old >= cell.inputs
    )
    nodes = tuple(
        replace(
            node,
            inputs=tuple(Edge(new, edge.operation) for edge in node.inputs if (new := number[edge.source]) is not None),
        )
        for _, node in kept
    )
    output = [new for state in cell.concat if (new := number[state]) is not None]
    if list(cell.concat) == sorted(cell.concat):
        output.sort()
    return Cell(nodes, tuple(output), cell.inputs)


def _without(cell: Cell, doomed: set[int], edges: set[int]) -> tuple[dict[int, int | None], Cell]:
    """New numbers of the states, and the cell without these nodes and edges."""
    if len(doomed) >= len(cell.nodes):
        raise Illegal("a cell has at least one node")
    kept = [state for state in range(cell.inputs + len(cell.nodes)) if state not in doomed]
    number: dict[int, int | None] = dict.fromkeys(doomed)
    number.update((state, place) for place, state in enumerate(kept))
    gone = {edge[:2] for at, edge in enumerate(_edges(cell)) if at in edges}
    nodes = tuple(
        replace(node, inputs=tuple(edge for place, edge in enumerate(node.inputs) if (index, place) not in gone))
        for index, node in enumerate(cell.nodes)
    )
    into = sorted(set(cell.concat))
    parted = {into[at - _count(cell)] for at in edges if at >= _count(cell)}
    rest = Cell(nodes, tuple(state for state in cell.concat if state not in parted), cell.inputs)
    smaller = _renumbered(rest, number)
    if not smaller.concat:
        raise Illegal("the output would join nothing; let another node join it first")
    return number, smaller
