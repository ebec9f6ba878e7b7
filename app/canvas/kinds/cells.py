"""Cells: nodes that join earlier states, each through an operation, and an output that concatenates some of them."""

from collections.abc import Iterable, Mapping
from functools import cache

from msgspec.structs import replace

from engine.space.architecture import CellArchitecture, StackedCell, named_cells
from engine.space.cells import MOST_NODES, Cell, Edge, Node, state_name, unknown_operation
from engine.space.operations import OPERATIONS

from ..board import OUTPUT, Arc, Board, Spot, carrying
from .kind import ArcRef, Change, Choice, Illegal, Kind, Part, SpotRef
from .ordering import moves, ordered, readers

CellBased = CellArchitecture | StackedCell
COMBINES = (Choice("add", "add"), Choice("concat", "concat"))


def board_of(name: str, cell: Cell) -> Board:
    """A cell as a board; spots have the numbers of states."""
    spots = []
    for state in range(cell.inputs):
        title = state_name(state, cell.inputs)
        spots.append(Spot(state, "input", title, "c", title))
    for state, node in enumerate(cell.nodes, cell.inputs):
        title = state_name(state, cell.inputs)
        shown = "" if node.combine == "add" else node.combine
        spots.append(Spot(state, "node", title, title, operation=node.combine, label=shown))
    spots.append(Spot(OUTPUT, "output", "k", "c", "k"))
    arcs = [carrying(edge.source, cell.inputs + index, edge.operation) for index, place, edge in _edges(cell)]
    arcs += [Arc(state, OUTPUT) for state in sorted(set(cell.concat))]
    return Board(name, tuple(spots), tuple(arcs))


class Cells(Kind[CellBased]):
    """Pairs of cells, and the one cell that is used throughout."""

    name = "cells"

    def boards(self, architecture: CellBased) -> tuple[Board, ...]:
        return tuple(board_of(name, cell) for name, cell in named_cells(architecture))

    def choices(self, architecture: CellBased, part: Part) -> tuple[Choice, ...]:
        board = self.board(architecture, part.board)
        if isinstance(part, SpotRef):
            return COMBINES if board.by_number[part.number].role == "node" else ()
        return () if board.arcs[part.index].operation is None else _operations()

    def offers(self, architecture: CellBased, board: str, source: int, target: int) -> tuple[Choice, ...]:
        return () if target == OUTPUT else _operations()

    def objection(self, architecture: CellBased, board: str, source: int, target: int) -> str:
        cell = _cell(architecture, board)
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

    def add(self, architecture: CellBased, board: str, after: int | None = None) -> Change[CellBased]:
        cell = _cell(architecture, board)
        if len(cell.nodes) >= MOST_NODES:
            raise Illegal(f"a cell has at most {MOST_NODES} nodes")
        state = cell.inputs + len(cell.nodes)
        longer = Cell((*cell.nodes, Node(())), (*cell.concat, state), cell.inputs)
        return Change(_with(architecture, board, longer), frozenset([SpotRef(board, state)]))

    def connect(
        self, architecture: CellBased, board: str, source: int, target: int, name: str | None
    ) -> Change[CellBased]:
        if reason := self.objection(architecture, board, source, target):
            raise Illegal(reason)
        cell = _cell(architecture, board)
        if target == OUTPUT:
            concat = (*cell.concat, source)
            if list(cell.concat) == sorted(cell.concat):
                concat = tuple(sorted(concat))
            joined = replace(cell, concat=concat)
            place = _place(joined, None, source)
            return Change(_with(architecture, board, joined), frozenset([ArcRef(board, place)]))
        _known(name)
        index = target - cell.inputs
        node = cell.nodes[index]
        wired = _set(cell, index, replace(node, inputs=(*node.inputs, Edge(source, name or ""))))
        return self._in_order(architecture, board, wired, index, len(node.inputs))

    def choose(self, architecture: CellBased, parts: Iterable[Part], name: str) -> Change[CellBased]:
        parts = frozenset(parts)
        for part in parts:
            cell = _cell(architecture, part.board)
            if isinstance(part, SpotRef):
                if name not in ("add", "concat") or part.number < cell.inputs:
                    raise Illegal(f"a node joins its inputs by add or concat, not {name[:40]}")
                index = part.number - cell.inputs
                cell = _set(cell, index, replace(cell.nodes[index], combine=name))
            else:
                _known(name)
                index, place, edge = _edge(cell, part)
                cell = _set_edge(cell, index, place, replace(edge, operation=name))
            architecture = _with(architecture, part.board, cell)
        return Change(architecture, parts)

    def rewire(self, architecture: CellBased, arc: ArcRef, source: int, target: int) -> Change[CellBased]:
        """As for every kind; an edge that keeps its target also keeps its place among the target's inputs."""
        cell = _cell(architecture, arc.board)
        if arc.index >= _count(cell) or OUTPUT in (source, target):
            return super().rewire(architecture, arc, source, target)
        index, place, edge = _edge(cell, arc)
        if target != cell.inputs + index:
            return super().rewire(architecture, arc, source, target)
        if source == edge.source:
            return Change(architecture, frozenset([arc]))
        if reason := self.objection(architecture, arc.board, source, target):
            raise Illegal(reason)
        wired = _set_edge(cell, index, place, replace(edge, source=source))
        return self._in_order(architecture, arc.board, wired, index, place)

    def remove(self, architecture: CellBased, parts: Iterable[Part]) -> Change[CellBased]:
        parts = list(parts)
        moved: dict[SpotRef, SpotRef | None] = {}
        done = False
        for board, cell in named_cells(architecture):
            spots = {part.number for part in parts if isinstance(part, SpotRef) and part.board == board}
            arcs = {part.index for part in parts if isinstance(part, ArcRef) and part.board == board}
            nodes = {state for state in spots if state >= cell.inputs}
            if nodes or arcs:
                done = True
                numbers, smaller = _without(cell, nodes, arcs)
                architecture = _with(architecture, board, smaller)
                moved |= moves(board, numbers)
        if not done:
            raise Illegal("a cell's inputs and its output stay")
        return Change(architecture, frozenset(), moved)

    def _in_order(self, architecture: CellBased, board: str, cell: Cell, index: int, place: int) -> Change[CellBased]:
        """The cell with nodes renumbered so that each reads earlier ones only; selected is one input of one node."""
        number, ordered = _sorted(cell)
        arc = _place(ordered, number[cell.inputs + index] - cell.inputs, place)
        return Change(_with(architecture, board, ordered), frozenset([ArcRef(board, arc)]), moves(board, number))


@cache
def _operations() -> tuple[Choice, ...]:
    return tuple(Choice(one.name, one.label, one.kind) for one in OPERATIONS.values())


def _known(name: str | None) -> None:
    if name not in OPERATIONS:
        raise Illegal(unknown_operation(name or ""))


def _cell(architecture: CellBased, board: str) -> Cell:
    return dict(named_cells(architecture))[board]


def _with(architecture: CellBased, board: str, cell: Cell) -> CellBased:
    return replace(architecture, **{board: cell})


def _set(cell: Cell, index: int, node: Node) -> Cell:
    return replace(cell, nodes=(*cell.nodes[:index], node, *cell.nodes[index + 1 :]))


def _set_edge(cell: Cell, index: int, place: int, edge: Edge) -> Cell:
    inputs = cell.nodes[index].inputs
    return _set(cell, index, replace(cell.nodes[index], inputs=(*inputs[:place], edge, *inputs[place + 1 :])))


def _edges(cell: Cell) -> list[tuple[int, int, Edge]]:
    """Every edge with its node's index and its place among the node's inputs, in the order of the board's arcs."""
    return [(index, place, edge) for index, node in enumerate(cell.nodes) for place, edge in enumerate(node.inputs)]


def _count(cell: Cell) -> int:
    return sum(len(node.inputs) for node in cell.nodes)


def _edge(cell: Cell, arc: ArcRef) -> tuple[int, int, Edge]:
    edges = _edges(cell)
    if arc.index >= len(edges):
        raise Illegal("what leads into the output carries no operation")
    return edges[arc.index]


def _place(cell: Cell, index: int | None, place: int) -> int:
    """The number of an arc: input `place` of node `index`; or, without a node, of state `place` into the output."""
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


def _without(cell: Cell, doomed: set[int], arcs: set[int]) -> tuple[dict[int, int | None], Cell]:
    """New numbers of the states, and the cell without these nodes and arcs."""
    if len(doomed) >= len(cell.nodes):
        raise Illegal("a cell has at least one node")
    kept = [state for state in range(cell.inputs + len(cell.nodes)) if state not in doomed]
    number: dict[int, int | None] = dict.fromkeys(doomed)
    number.update((state, place) for place, state in enumerate(kept))
    gone = {edge[:2] for at, edge in enumerate(_edges(cell)) if at in arcs}
    nodes = tuple(
        replace(node, inputs=tuple(edge for place, edge in enumerate(node.inputs) if (index, place) not in gone))
        for index, node in enumerate(cell.nodes)
    )
    into = sorted(set(cell.concat))
    parted = {into[at - _count(cell)] for at in arcs if at >= _count(cell)}
    rest = Cell(nodes, tuple(state for state in cell.concat if state not in parted), cell.inputs)
    smaller = _renumbered(rest, number)
    if not smaller.concat:
        raise Illegal("the output would join nothing; let another node join it first")
    return number, smaller
