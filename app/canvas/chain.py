"""The layout of a chain: boxes from top to bottom, and arcs that skip some of them beside it."""

from collections.abc import Callable

from .board import Board
from .boxes import TERMINAL, Box, Layout, box_size
from .routes import Curve, Point, Route

HEIGHT, GAP = 27.0, 11.0  # of a box, and between it and the next
BULGE, WIDER, WIDEST = 16.0, 11.0, 24  # of the arc over one box, for each box more, and up to how many
REGION = (2.0, 10.0)  # where arcs meet a box: from its middle upwards those that enter, downwards those that leave


def lay_out_chain(board: Board, measure: Callable[[str], float]) -> Layout:
    """Lay a chain out; `measure` gives the width of a label."""
    width = max(box_size(spot, 0, 0, measure)[0] for spot in board.spots)
    boxes: dict[int, Box] = {}
    y = 0.0
    for spot in board.spots:
        wide = width if spot.role == "node" else max(TERMINAL, measure(spot.name))
        boxes[spot.number] = Box(width / 2, y + HEIGHT / 2, wide, HEIGHT)
        y += HEIGHT + GAP
    row = {spot.number: index for index, spot in enumerate(board.spots)}
    spans = [row[arc.target] - row[arc.source] for arc in board.arcs]
    meets = _meets(board, spans)
    routes, right = [], width
    for index, (arc, span) in enumerate(zip(board.arcs, spans, strict=True)):
        source, target = boxes[arc.source], boxes[arc.target]
        out, into = meets[index]
        if span == 1:
            curve = _straight((source.x, source.y + HEIGHT / 2), (target.x, target.y - HEIGHT / 2))
        else:
            bulge = BULGE + WIDER * min(span - 2, WIDEST)
            curve = _around(
                (source.x + source.width / 2, source.y + out),
                (target.x + target.width / 2, target.y + into),
                width + bulge,
            )
            right = max(right, width + bulge)
        routes.append(Route(arc.source, arc.target, arc.operation, (curve,)))
    return Layout(boxes, tuple(routes), (), right, y - GAP)


def _straight(start: Point, end: Point) -> Curve:
    third = (end[1] - start[1]) / 3
    return start, (start[0], start[1] + third), (end[0], end[1] - third), end


def _around(start: Point, end: Point, right: float) -> Curve:
    """Out to the right and back; at its middle it is three quarters of the way out."""
    furthest = max(start[0], end[0]) + (right - max(start[0], end[0])) / 0.75
    return start, (furthest, start[1]), (furthest, end[1]), end


def _meets(board: Board, spans: list[int]) -> list[tuple[float, float]]:
    """How far from the middles of its boxes each arc leaves and enters; the longer ones outside, so that none cross."""
    leave, enter = dict[int, float](), dict[int, float]()
    for spot in board.spots:
        beside = [index for index, span in enumerate(spans) if span > 1]
        out = sorted((i for i in beside if board.arcs[i].source == spot.number), key=lambda i: -spans[i])
        into = sorted((i for i in beside if board.arcs[i].target == spot.number), key=lambda i: spans[i])
        leave |= {index: _spread(place, len(out)) for place, index in enumerate(out)}
        enter |= {index: _spread(place, len(into)) - sum(REGION) for place, index in enumerate(into)}
    return [(leave.get(index, 0.0), enter.get(index, 0.0)) for index in range(len(spans))]


def _spread(place: int, count: int) -> float:
    low, high = REGION
    return low + (high - low) * (place + 0.5) / count
