"""Boxes that somebody has put elsewhere, and the curves that follow them there."""

from collections.abc import Iterable
from dataclasses import replace

from .board import Board
from .boxes import FAN, PORT, Box, Layout
from .routes import ARROW, Curve, Point, Route, point_at

Places = tuple[tuple[int, Point], ...]
"""The middles of moved boxes by the numbers of their spots, in the order of the numbers."""

REACH = (24.0, 120.0)  # of the control points of a free curve: its bounds
SPOTS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)  # shares of a curve at which its label may stand, the best first


def put(layout: Layout, board: Board, places: dict[int, Point]) -> Layout:
    """The layout with some boxes moved; what does not touch them stays as it is."""
    boxes = {number: _at(box, places.get(number)) for number, box in layout.boxes.items()}
    ports = _ports(board, boxes)
    routes, labels = list(layout.routes), list(layout.labels)
    free = [index for index, arc in enumerate(board.arcs) if arc.source in places or arc.target in places]
    taken = [*boxes.values(), *(label for index, label in enumerate(labels) if index not in free)]
    for index in free:
        arc = board.arcs[index]
        out, into = ports[index]
        source, target = boxes[arc.source], boxes[arc.target]
        head = 0.0 if arc.operation is None else ARROW
        start = (source.x + source.width / 2, source.y + out)
        curve = swing(start, (target.x - target.width / 2 - head, target.y + into))
        routes[index] = replace(routes[index], curves=(curve,))
        if index < len(labels):
            labels[index] = _label(labels[index], curve, taken)
            taken.append(labels[index])
    return _framed(boxes, routes, labels)


def swing(start: Point, end: Point) -> Curve:
    """A curve that leaves to the right and arrives from the left, wherever its ends are."""
    reach = min(max(REACH[0], abs(end[0] - start[0]) / 2, abs(end[1] - start[1]) / 4), REACH[1])
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _at(box: Box, place: Point | None) -> Box:
    return replace(box, x=place[0], y=place[1]) if place else box


def _ports(board: Board, boxes: dict[int, Box]) -> dict[int, tuple[float, float]]:
    """For each arc, how far from the middles of its boxes it leaves and enters: in the order of where it goes."""
    leave: dict[int, float] = {}
    enter: dict[int, float] = {}
    for spot in board.spots:
        out = [index for index, arc in enumerate(board.arcs) if arc.source == spot.number]
        into = [index for index, arc in enumerate(board.arcs) if arc.target == spot.number]
        quiet = all(board.arcs[index].operation is None for index in into)
        out.sort(key=lambda index: boxes[board.arcs[index].target].y)
        into.sort(key=lambda index: boxes[board.arcs[index].source].y)
        leave |= _fan(out, FAN)
        enter |= _fan(into, FAN if quiet else PORT)
    return {index: (leave[index], enter[index]) for index in range(len(board.arcs))}


def _fan(arcs: list[int], gap: float) -> dict[int, float]:
    return {index: (place - (len(arcs) - 1) / 2) * gap for place, index in enumerate(arcs)}


def _label(label: Box, curve: Curve, taken: Iterable[Box]) -> Box:
    """The label somewhere on the curve, where it meets as little as possible."""
    tries = [replace(label, x=x, y=y) for x, y in (point_at(curve, share) for share in SPOTS)]
    return min(tries, key=lambda box: sum(box.meets(other) for other in taken))


def _framed(boxes: dict[int, Box], routes: list[Route], labels: list[Box]) -> Layout:
    things = (*boxes.values(), *labels)
    ends = [point for route in routes for curve in route.curves for point in (curve[0], curve[3])]
    xs = [x for x, _ in ends] + [box.x + side * box.width / 2 for box in things for side in (-1, 1)]
    ys = [y for _, y in ends] + [box.y + side * box.height / 2 for box in things for side in (-1, 1)]
    left, top = min(xs), min(ys)
    return Layout(boxes, tuple(routes), tuple(labels), max(xs) - left, max(ys) - top, left, top)
