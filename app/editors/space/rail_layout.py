"""The layout of a diagram on which everything may lead to everything after it: every source has a rail of its own.

Nodes stand in one row. The wires of a node run side by side on its rail, above or below the row in turn, the earlier
nodes further out, and leave it before the node that they enter, one beneath the other. Nothing needs to be searched
for, so the picture of a large space is there at once, and it keeps its shape while palettes change.
"""

from collections.abc import Sequence
from functools import lru_cache

from app.graph.edge_routing import ARROW, NODE, TERMINAL, Box, Curve, Layout, Point, Route
from app.graph.model import OUTPUT, Diagram

STEP = 21.0  # between wires that enter a node, where they have labels
CLOSE = 9.0  # and where they have none
RAIL = 13.0  # between rails
CLEAR = 12.0  # between the innermost rails and what enters the nodes
TURN = 38.0  # width in which wires leave their rails
FAN = 22.0  # width in which labelled wires meet at the node
REACH = 0.5  # of the control points of a turn, as a share of its width
PORT = 9.0  # between wires where they meet a node
PLATE = 18.0  # height of a label, with the strip of colours beneath its words
LEAST = 30.0  # width of a column of labels


@lru_cache(maxsize=256)
def lay_out(diagram: Diagram, labels: tuple[float, ...], boxes: tuple[float, ...] = ()) -> Layout:
    """`labels`: the widths of the plates of the edges that carry something, 0 for none; `boxes`: of the nodes."""
    return _Rails(diagram, labels, boxes).layout()


class _Rails:
    def __init__(self, diagram: Diagram, labels: Sequence[float], boxes: Sequence[float]) -> None:
        self.diagram = diagram
        self.order = [node.number for node in diagram.nodes if node.role != "output"]
        self.place = {number: index for index, number in enumerate(self.order)}
        self.inputs = sum(node.role == "input" for node in diagram.nodes)
        self.wide = {
            node.number: max(width, TERMINAL if node.role != "node" else NODE)
            for node, width in zip(diagram.nodes, boxes or (0.0,) * len(diagram.nodes), strict=True)
        }
        self.edges = [index for index, edge in enumerate(diagram.edges) if edge.operation is not None]
        self.plate = dict(zip(self.edges, labels, strict=True))
        self.entering = {number: self._stack(number) for number in self.order}
        self.half = max((self._half(number) for number in self.order), default=0.0) + CLEAR
        self.rail = self._rails()
        self.left: dict[int, float] = {}  # of each box
        self.column: dict[int, float] = {}  # where the labels of what enters a node begin
        self.width = self._columns()

    def layout(self) -> Layout:
        boxes = {number: self._box(number) for number in self.wide}
        routes = [Route(edge.source, edge.target, edge.operation, ()) for edge in self.diagram.edges]
        places: dict[int, Box] = {}
        for number in self.order:
            for index, y in self.entering[number]:
                routes[index] = self._route(index, y, places)
        for index, edge in enumerate(self.diagram.edges):
            if edge.operation is None:
                routes[index] = self._into_output(index)
        top = min(self.rail.values(), default=0.0)
        low = max(self.rail.values(), default=0.0)
        top, low = min(top - NODE / 2, -self.half), max(low + NODE / 2, self.half)
        return Layout(
            boxes, tuple(routes), tuple(places[index] for index in self.edges), self.width, low - top, 0.0, top
        )

    # -- what stands where

    def _side(self, number: int) -> int:
        """Above or below the row, in turn."""
        return -1 if self.place[number] % 2 == 0 else 1

    def _stack(self, number: int) -> list[tuple[int, float]]:
        """The edges that enter a node with their heights: outermost rails first, from top and from bottom."""
        into = [index for index in self.edges if self.diagram.edges[index].target == number]

        def height(index: int) -> tuple[int, int]:
            source = self.diagram.edges[index].source
            side = self._side(source)
            return side, -side * self.place[source]

        into.sort(key=height)
        step = STEP if any(self.plate[index] for index in into) else CLOSE
        return [(index, (place - (len(into) - 1) / 2) * step) for place, index in enumerate(into)]

    def _half(self, number: int) -> float:
        stack = self.entering[number]
        labelled = any(self.plate[index] for index, _ in stack)
        return max((abs(y) for _, y in stack), default=0.0) + (PLATE / 2 if labelled else 0.0)

    def _rails(self) -> dict[int, float]:
        """y of the rail of every node but the last; the inputs stand on theirs."""
        rails = {}
        for side in (-1, 1):
            here = [number for number in self.order[:-1] if self._side(number) == side]
            for rank, number in enumerate(reversed(here)):
                rails[number] = side * (self.half + RAIL * rank)
        return rails

    def _columns(self) -> float:
        x = 0.0
        for number in self.order:
            if self.place[number] < self.inputs:
                self.left[number] = 0.0
                x = max(x, self.wide[number])
                continue
            x += TURN
            self.column[number] = x
            plates = [self.plate[index] for index, _ in self.entering[number]]
            if any(plates):
                x += max(LEAST, *plates) + FAN
            self.left[number] = x
            x += self.wide[number]
        if OUTPUT in self.wide:
            self.left[OUTPUT] = x + TURN
            x += TURN + self.wide[OUTPUT]
        return x

    def _box(self, number: int) -> Box:
        entering = self.entering.get(number, [])
        high = max(NODE, PORT * (len(entering) + 1))
        y = self.rail.get(number, 0.0) if number != OUTPUT and self.place[number] < self.inputs else 0.0
        return Box(self.left[number] + self.wide[number] / 2, y, self.wide[number], high)

    # -- wires

    def _start(self, number: int) -> Point:
        return self.left[number] + self.wide[number], self._box(number).y

    def _along(self, source: int, until: float) -> list[Curve]:
        """From a node along its rail."""
        start = self._start(source)
        end = (until, self.rail[source])
        if self.place[source] < self.inputs:
            return [] if until <= start[0] else [_line(start, end)]
        on = (start[0] + TURN, self.rail[source])
        return [_turn(start, on), _line(on, end)] if until > on[0] else [_turn(start, on)]

    def _route(self, index: int, y: float, places: dict[int, Box]) -> Route:
        """A wire to a node, its label on the way."""
        edge = self.diagram.edges[index]
        column = self.column[edge.target]
        neighbours = self.place[edge.source] == self.place[edge.target] - 1 and self.place[edge.source] >= self.inputs
        curves = [] if neighbours else self._along(edge.source, column - TURN)
        start = curves[-1][3] if curves else self._start(edge.source)
        plate = self.plate[index]
        end = (self.left[edge.target] - ARROW, self._port(edge.target, y))
        if not plate:
            places[index] = Box(column, y, 0.0, 0.0)
            return Route(edge.source, edge.target, edge.operation, (*curves, _turn(start, end)))
        on, off = (column, y), (self.left[edge.target] - FAN, y)
        places[index] = Box((on[0] + off[0]) / 2, y, plate, PLATE)
        return Route(
            edge.source, edge.target, edge.operation, (*curves, _turn(start, on), _line(on, off), _turn(off, end))
        )

    def _port(self, number: int, y: float) -> float:
        """Where a wire at that height meets the box."""
        stack = self.entering[number]
        highest = max((abs(height) for _, height in stack), default=0.0)
        room = self._box(number).height / 2 - 6
        return y if highest <= room else y * room / highest

    def _into_output(self, index: int) -> Route:
        edge = self.diagram.edges[index]
        before = self.left[OUTPUT] - TURN
        direct = self.place[edge.source] == len(self.order) - 1
        curves = [] if direct else self._along(edge.source, before)
        start = curves[-1][3] if curves else self._start(edge.source)
        end = (self.left[OUTPUT], 0.0 if direct else self._side(edge.source) * 6.0)
        return Route(edge.source, OUTPUT, None, (*curves, _line(start, end) if direct else _turn(start, end)))


def _turn(start: Point, end: Point) -> Curve:
    """A curve that leaves and arrives level."""
    reach = REACH * (end[0] - start[0])
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _line(start: Point, end: Point) -> Curve:
    third = (end[0] - start[0]) / 3
    return start, (start[0] + third, start[1]), (end[0] - third, end[1]), end
