"""The curves of the wires: as few bends as the distance to everything else allows.

Every wire is a smooth function y(x), a chain of cubics that leaves and arrives level. It must pass its own label; in
the other columns it first ignores the place reserved for it, and is pulled there only where it would come too close to
what stands above or below. So it never changes the order in which wires pass a column, which layers.py has chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.graph.layering import Layers, Vertex, Wire
from app.graph.model import DiagramNode

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
"""A cubic Bézier: start, two control points, end."""
Knot = tuple[float, float, float]
"""x, y and slope of a point that a wire passes."""

ARROW = 8.0  # length of an arrow head; the last curve of a wire ends where its head begins
CLEAR = {"label": 4.0, "state": 7.0, "bend": 6.0}  # least distance of a wire from what stands beside it
STEEPEST = {"label": 0.14, "bend": 0.7}  # slope of a wire under its label, and elsewhere
REACH = 0.42  # of the control points, as a share of a curve's width: more is rounder at the ends and steeper between


@dataclass(frozen=True)
class Frame:
    """Where the vertices of a layered cell stand, before curves are drawn."""

    layers: Layers
    sizes: dict[Vertex, tuple[float, float]]  # width, height
    ports: dict[tuple[Vertex, Vertex], float]  # from the middle of the first to where the wire to the second meets it
    heights: dict[Vertex, float]  # y
    spans: list[tuple[float, float]]  # left and right edge of each column

    def middle(self, column: int) -> float:
        """x of the middle of a column."""
        return sum(self.spans[column]) / 2


@dataclass(frozen=True)
class Route:
    """One drawn edge. `operation` is None for the quiet ones into c_k, whose target is OUTPUT."""

    source: int
    target: int
    operation: str | None
    curves: tuple[Curve, ...]


def thread(frame: Frame) -> tuple[Route, ...]:
    """The routes of all wires."""
    threads = _Threads(frame)
    return tuple(Route(w.source, w.target, w.operation, threads.curves(w)) for w in frame.layers.wires)


class _Threads:
    """Draws one wire after the other, each minding where those before it run now."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.extents = {v: (y - frame.sizes[v][1] / 2, y + frame.sizes[v][1] / 2) for v, y in frame.heights.items()}
        self.above: dict[Vertex, Vertex] = {}
        self.below: dict[Vertex, Vertex] = {}
        for column in frame.layers.columns:
            for upper, lower in pairwise(column):
                self.below[upper], self.above[lower] = lower, upper

    def curves(self, wire: Wire) -> tuple[Curve, ...]:
        """The smoothest curve that keeps clear; the places that it takes up are noted for the wires to come."""
        passed = [v for v in wire.chain[1:-1] if self.frame.spans[v.column][0] < self.frame.spans[v.column][1]]
        bound = {v: False for v in passed if v.kind == "label"}  # must be passed; True: level across the column
        while True:
            path = self._path(wire, bound)
            extents = {v: self._extent(path, v) for v in passed}
            intrusion, worst = max(((self._intrusion(v, e), v.column) for v, e in extents.items()), default=(0.0, 0))
            if intrusion <= 0:
                break
            vertex = next(v for v in passed if v.column == worst)
            if bound.get(vertex):
                break  # already as the layout has it
            bound[vertex] = vertex in bound
        self.extents.update(extents)
        return tuple(_bezier(*pair) for pair in pairwise(path))

    def _path(self, wire: Wire, bound: dict[Vertex, bool]) -> list[Knot]:
        """The wire through its ends and what it is bound to: straight under a label, level where it must be."""
        frame, chain = self.frame, wire.chain
        first, last = chain[0], chain[-1]
        head = 0.0 if wire.operation is None else ARROW
        start = (
            frame.middle(first.column) + frame.sizes[first][0] / 2,
            frame.heights[first] + frame.ports[first, chain[1]],
        )
        end = (
            frame.middle(last.column) - frame.sizes[last][0] / 2 - head,
            frame.heights[last] + frame.ports[last, chain[-2]],
        )
        stops = sorted(bound, key=lambda vertex: vertex.column)
        points = [start, *((frame.middle(v.column), frame.heights[v]) for v in stops), end]
        knots: list[Knot] = [(*start, 0.0)]
        for index, vertex in enumerate(stops, 1):
            level = bound[vertex]
            steepest = 0.0 if level else STEEPEST[vertex.kind]
            slope = min(max(_slope(*points[index - 1 : index + 2]), -steepest), steepest)
            left, right = frame.spans[vertex.column]
            half = (right - left if level else frame.sizes[vertex][0]) / 2
            x, y = points[index]
            knots += [(x + dx, y + slope * dx, slope) for dx in sorted({-half, half})]
        return [*knots, (*end, 0.0)]

    def _extent(self, path: list[Knot], vertex: Vertex) -> tuple[float, float]:
        """Top and bottom of what the wire takes up of a column that it passes, its label included."""
        left, right = self.frame.spans[vertex.column]
        ys = [_height(path, x) for x in (left, (left + right) / 2, right)]
        if vertex.kind == "label":
            half = self.frame.sizes[vertex][1] / 2
            ys += [self.frame.heights[vertex] - half, self.frame.heights[vertex] + half]
        return min(ys), max(ys)

    def _intrusion(self, vertex: Vertex, extent: tuple[float, float]) -> float:
        """By how much this extent would come too close to a neighbour in the column; at most 0 if it does not."""
        worst = 0.0
        if vertex in self.above:
            upper = self.above[vertex]
            worst = max(worst, self.extents[upper][1] + _clearance(vertex, upper) - extent[0])
        if vertex in self.below:
            lower = self.below[vertex]
            worst = max(worst, extent[1] + _clearance(vertex, lower) - self.extents[lower][0])
        return worst


def _clearance(one: Vertex, other: Vertex) -> float:
    kinds = (one.kind, other.kind)
    return next(gap for kind, gap in CLEAR.items() if kind in kinds)


def _slope(before: Point, here: Point, after: Point) -> float:
    """Slope at a knot that keeps the curve from overshooting: 0 at turning points, else a weighted harmonic mean.

    The formula of PCHIP (Fritsch and Butland 1984), in which the shorter side counts for more.
    """
    run, next_run = here[0] - before[0], after[0] - here[0]
    first, second = (here[1] - before[1]) / run, (after[1] - here[1]) / next_run
    if first * second <= 0:
        return 0.0
    heavy, light = 2 * next_run + run, next_run + 2 * run
    return (heavy + light) / (heavy / first + light / second)


def _bezier(start: Knot, end: Knot) -> Curve:
    reach = REACH * (end[0] - start[0])
    first = (start[0] + reach, start[1] + start[2] * reach)
    second = (end[0] - reach, end[1] - end[2] * reach)
    return start[:2], first, second, end[:2]


def point_at(curve: Curve, share: float) -> Point:
    """The point of a curve at the parameter `share`, 0 to 1."""
    return _cubic([x for x, _ in curve], share), _cubic([y for _, y in curve], share)


def _height(path: list[Knot], x: float) -> float:
    """y of the curve at x."""
    for start, end in pairwise(path):
        if x <= end[0]:
            share = min(max((x - start[0]) / (end[0] - start[0]), 0.0), 1.0)
            t = share
            for _ in range(3):  # Newton: x grows steadily with t
                t -= (_cubic((0.0, REACH, 1 - REACH, 1.0), t) - share) / _rate(t)
            return _cubic([y for _, y in _bezier(start, end)], t)
    return path[-1][1]


def _rate(t: float) -> float:
    return 3 * (REACH * (1 - t) ** 2 + 2 * (1 - 2 * REACH) * t * (1 - t) + REACH * t * t)


def _cubic(p: Sequence[float], t: float) -> float:
    s = 1 - t
    return s * s * (s * p[0] + 3 * t * p[1]) + t * t * (3 * s * p[2] + t * p[3])


NODE = 32.0  # least height and width of a box
TERMINAL = 52.0  # width of inputs and output
PLATE = 16.0  # height of the plate behind a label
PORT, FAN = 11.0, 4.0  # between wires entering a box, and between quiet ones and those leaving it


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre and size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


@dataclass(frozen=True)
class Layout:
    """The picture of one diagram: `width` × `height` from (`left`, `top`) on."""

    boxes: dict[int, Box]  # by the number of the node
    routes: tuple[Route, ...]  # one for each edge, in the same order
    labels: tuple[Box, ...]  # of the edges that carry operations, in the same order
    width: float
    height: float
    left: float = 0.0
    top: float = 0.0


def box_size(node: DiagramNode, entering: int, leaving: int, measure: Callable[[str], float]) -> tuple[float, float]:
    """Width and height of a box, given how many wires meet it on either side."""
    if node.role != "node":
        return TERMINAL, max(NODE, FAN * (max(entering, leaving) + 3))
    return max(NODE, measure(node.label) + NODE if node.label else 0.0), max(NODE, PORT * (entering + 1))
