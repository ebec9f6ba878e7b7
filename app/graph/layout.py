"""Where everything in the picture of a diagram stands: boxes, curves and labels, as plain numbers without Qt.

Nodes and labels have columns to themselves, in which wires keep their distance (layers.py says in which order they
pass); so no curve ever runs beneath a label or a node that is not its own, and no label sits on a crossing.

Boxes that somebody has put elsewhere stay there, and curves follow them (`put`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from app.graph.edge_routing import (
    ARROW,
    FAN,
    NODE,
    PLATE,
    PORT,
    TERMINAL,
    Box,
    Curve,
    Frame,
    Layout,
    Point,
    Route,
    box_size,
    point_at,
    thread,
)
from app.graph.layering import Layers, Vertex, arrange
from app.graph.model import Diagram

Places = tuple[tuple[int, Point], ...]
"""The middles of moved boxes by the numbers of their nodes, in the order of the numbers."""

REACH = (24.0, 120.0)  # of the control points of a free curve: its bounds
LABEL_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)  # shares of a curve at which its label may stand, the best first


def put(layout: Layout, diagram: Diagram, places: dict[int, Point]) -> Layout:
    """The layout with some boxes moved; what does not touch them stays as it is."""
    boxes = {number: _moved(box, places.get(number)) for number, box in layout.boxes.items()}
    ports = _ports_of(diagram, boxes)
    routes, labels = list(layout.routes), list(layout.labels)
    free = [index for index, edge in enumerate(diagram.edges) if edge.source in places or edge.target in places]
    taken = [*boxes.values(), *(label for index, label in enumerate(labels) if index not in free)]
    for index in free:
        edge = diagram.edges[index]
        out, into = ports[index]
        source, target = boxes[edge.source], boxes[edge.target]
        head = 0.0 if edge.operation is None else ARROW
        start = (source.x + source.width / 2, source.y + out)
        curve = swing(start, (target.x - target.width / 2 - head, target.y + into))
        routes[index] = replace(routes[index], curves=(curve,))
        if index < len(labels):
            labels[index] = _label_beside(labels[index], curve, taken)
            taken.append(labels[index])
    return _framed(boxes, routes, labels)


def swing(start: Point, end: Point) -> Curve:
    """A curve that leaves to the right and arrives from the left, wherever its ends are."""
    reach = min(max(REACH[0], abs(end[0] - start[0]) / 2, abs(end[1] - start[1]) / 4), REACH[1])
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _moved(box: Box, place: Point | None) -> Box:
    return replace(box, x=place[0], y=place[1]) if place else box


def _ports_of(diagram: Diagram, boxes: dict[int, Box]) -> dict[int, tuple[float, float]]:
    """For each edge, how far from the middles of its boxes it leaves and enters: in the order of where it goes."""
    leave: dict[int, float] = {}
    enter: dict[int, float] = {}
    for node in diagram.nodes:
        out = [index for index, edge in enumerate(diagram.edges) if edge.source == node.number]
        into = [index for index, edge in enumerate(diagram.edges) if edge.target == node.number]
        quiet = all(diagram.edges[index].operation is None for index in into)
        out.sort(key=lambda index: boxes[diagram.edges[index].target].y)
        into.sort(key=lambda index: boxes[diagram.edges[index].source].y)
        leave |= _fan(out, FAN)
        enter |= _fan(into, FAN if quiet else PORT)
    return {index: (leave[index], enter[index]) for index in range(len(diagram.edges))}


def _fan(edges: list[int], gap: float) -> dict[int, float]:
    return {index: (place - (len(edges) - 1) / 2) * gap for place, index in enumerate(edges)}


def _label_beside(label: Box, curve: Curve, taken: Iterable[Box]) -> Box:
    """The label somewhere on the curve, where it meets as little as possible."""
    tries = [replace(label, x=x, y=y) for x, y in (point_at(curve, share) for share in LABEL_PLACES)]
    return min(tries, key=lambda box: sum(box.meets(other) for other in taken))


def _framed(boxes: dict[int, Box], routes: list[Route], labels: list[Box]) -> Layout:
    things = (*boxes.values(), *labels)
    ends = [point for route in routes for curve in route.curves for point in (curve[0], curve[3])]
    xs = [x for x, _ in ends] + [box.x + side * box.width / 2 for box in things for side in (-1, 1)]
    ys = [y for _, y in ends] + [box.y + side * box.height / 2 for box in things for side in (-1, 1)]
    left, top = min(xs), min(ys)
    return Layout(boxes, tuple(routes), tuple(labels), max(xs) - left, max(ys) - top, left, top)


HEIGHT, GAP = 27.0, 11.0  # of a box, and between it and the next
BULGE, WIDER, WIDEST = 16.0, 11.0, 24  # of the edge over one box, for each box more, and up to how many
REGION = (2.0, 10.0)  # where edges meet a box: from its middle upwards those that enter, downwards those that leave


def lay_out_chain(diagram: Diagram, measure: Callable[[str], float]) -> Layout:
    """Lay a chain out; `measure` gives the width of a label."""
    width = max(box_size(node, 0, 0, measure)[0] for node in diagram.nodes)
    boxes: dict[int, Box] = {}
    y = 0.0
    for node in diagram.nodes:
        wide = width if node.role == "node" else max(TERMINAL, measure(node.name))
        boxes[node.number] = Box(width / 2, y + HEIGHT / 2, wide, HEIGHT)
        y += HEIGHT + GAP
    row = {node.number: index for index, node in enumerate(diagram.nodes)}
    spans = [row[edge.target] - row[edge.source] for edge in diagram.edges]
    meets = _meets(diagram, spans)
    routes, right = [], width
    for index, (edge, span) in enumerate(zip(diagram.edges, spans, strict=True)):
        source, target = boxes[edge.source], boxes[edge.target]
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
        routes.append(Route(edge.source, edge.target, edge.operation, (curve,)))
    return Layout(boxes, tuple(routes), (), right, y - GAP)


def _straight(start: Point, end: Point) -> Curve:
    third = (end[1] - start[1]) / 3
    return start, (start[0], start[1] + third), (end[0], end[1] - third), end


def _around(start: Point, end: Point, right: float) -> Curve:
    """Out to the right and back; at its middle it is three quarters of the way out."""
    furthest = max(start[0], end[0]) + (right - max(start[0], end[0])) / 0.75
    return start, (furthest, start[1]), (furthest, end[1]), end


def _meets(diagram: Diagram, spans: list[int]) -> list[tuple[float, float]]:
    """How far from the middles of its boxes each edge leaves and enters; longer ones outside, so that none cross."""
    leave, enter = dict[int, float](), dict[int, float]()
    for node in diagram.nodes:
        beside = [index for index, span in enumerate(spans) if span > 1]
        out = sorted((i for i in beside if diagram.edges[i].source == node.number), key=lambda i: -spans[i])
        into = sorted((i for i in beside if diagram.edges[i].target == node.number), key=lambda i: spans[i])
        leave |= {index: _spread(place, len(out)) for place, index in enumerate(out)}
        enter |= {index: _spread(place, len(into)) - sum(REGION) for place, index in enumerate(into)}
    return [(leave.get(index, 0.0), enter.get(index, 0.0)) for index in range(len(spans))]


def _spread(place: int, count: int) -> float:
    low, high = REGION
    return low + (high - low) * (place + 0.5) / count


__all__ = ["NODE", "PLATE", "TERMINAL", "Box", "Layout", "lay_out", "spread"]

MARGIN = 9.0  # from a plate to the edge of its column: room for the mark of a changed edge
BEND, STEEP = (32.0, 100.0), 0.75  # width of the space between columns: its bounds, and its share of the greatest rise
ROUNDS = 16  # of straightening


def lay_out(diagram: Diagram, measure: Callable[[str], float]) -> Layout:
    """Lay a diagram out; `measure` gives the width of the plate behind a label."""
    if diagram.flow == "chain":
        return lay_out_chain(diagram, measure)
    layers = arrange(diagram)
    sizes = _sizes(layers, diagram, measure)
    ports = _ports(layers)
    heights = _heights(layers, sizes, ports)
    frame = Frame(layers, sizes, ports, heights, _spans(layers, sizes, ports, heights))
    boxes = {
        (vertex.kind, vertex.name): Box(frame.middle(vertex.column), heights[vertex], *sizes[vertex])
        for vertex in layers.vertices()
        if vertex.kind != "bend"
    }
    return Layout(
        {name: box for (kind, name), box in boxes.items() if kind == "state"},
        thread(frame),
        tuple(box for (kind, _), box in sorted(boxes.items()) if kind == "label"),
        frame.spans[-1][1],
        max(heights[vertex] + sizes[vertex][1] / 2 for vertex in sizes),
    )


def _sizes(layers: Layers, diagram: Diagram, measure: Callable[[str], float]) -> dict[Vertex, tuple[float, float]]:
    """Width and height of every vertex."""
    result = {}
    for vertex in layers.vertices():
        if vertex.kind == "bend":
            size = (0.0, 0.0)
        elif vertex.kind == "label":
            size = (measure(layers.wires[vertex.name].label), PLATE)
        else:
            size = box_size(diagram.by_number[vertex.name], len(vertex.left), len(vertex.right), measure)
        result[vertex] = size
    return result


def _ports(layers: Layers) -> dict[tuple[Vertex, Vertex], float]:
    """How far from the middle of the first vertex the wire to the second leaves or enters it."""
    result = {}
    for vertex in layers.vertices():
        step = FAN if all(other.quiet for other in vertex.left) else PORT
        for near, gap in ((vertex.left, step), (vertex.right, FAN)):
            order = sorted(near, key=lambda other: other.place)
            for index, other in enumerate(order):
                result[vertex, other] = (index - (len(order) - 1) / 2) * gap
    return result


def _heights(
    layers: Layers, sizes: dict[Vertex, tuple[float, float]], ports: dict[tuple[Vertex, Vertex], float]
) -> dict[Vertex, float]:
    """y of every vertex: as near to its neighbours as the order and the space between vertices allow.

    Where each would like to stand depends on where its neighbours do, so columns are set one after the other, from left
    to right and back. Within one column the wishes are met all at once (`spread`): moving one vertex at a time would
    leave whole groups that push against each other off their middle.
    """
    heights = dict.fromkeys(sizes, 0.0)
    pulls: dict[Vertex, list[tuple[Vertex, float, float]]] = {}  # by whom, how much lower than they, how strongly
    weights: dict[Vertex, float] = {}
    for vertex in sizes:
        near = [(other, _pull(vertex, other)) for other in (*vertex.left, *vertex.right)]
        weights[vertex] = sum(weight for _, weight in near) or 0.1
        pulls[vertex] = [
            (other, ports[other, vertex] - ports[vertex, other], weight / weights[vertex]) for other, weight in near
        ]
    columns = [
        (column, [weights[v] for v in column], [_room(*pair, sizes) for pair in pairwise(column)])
        for column in layers.columns
        if column
    ]
    for turn in range(ROUNDS):
        for column, heavy, room in columns if turn % 2 == 0 else reversed(columns):
            wishes = [sum([(heights[o] + dy) * share for o, dy, share in pulls[v]]) for v in column]
            heights.update(zip(column, spread(wishes, heavy, room), strict=True))
    top = min(y - sizes[vertex][1] / 2 for vertex, y in heights.items())
    return {vertex: y - top for vertex, y in heights.items()}


def _room(upper: Vertex, lower: Vertex, sizes: dict[Vertex, tuple[float, float]]) -> float:
    """Least distance of two neighbours in a column."""
    kinds = {upper.kind, lower.kind}
    gap = 28.0 if kinds == {"state"} else 14.0 if "state" in kinds else 8.0
    return gap + (sizes[upper][1] + sizes[lower][1]) / 2


def _pull(one: Vertex, other: Vertex) -> float:
    """How much a wire wants to run level between two vertices."""
    if one.quiet or other.quiet:
        return 0.25
    return 1.0 if "state" in (one.kind, other.kind) else 4.0


def spread(wishes: Sequence[float], weights: Sequence[float], room: Sequence[float]) -> list[float]:
    """The places nearest to the wishes (weighted least squares) that keep order and the room between neighbours.

    Solved exactly by pooling adjacent violators (isotonic regression).
    """
    shifts = [0.0]
    for gap in room:
        shifts.append(shifts[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for wish, weight, shift in zip(wishes, weights, shifts, strict=True):
        mean, total, count = wish - shift, weight, 1
        while pools and pools[-1][0] >= mean:
            before, heavy, members = pools.pop()
            mean = (before * heavy + mean * total) / (heavy + total)
            total, count = heavy + total, members + count
        pools.append((mean, total, count))
    flat = (mean for mean, _, count in pools for _ in range(count))
    return [mean + shift for mean, shift in zip(flat, shifts, strict=True)]


def _spans(
    layers: Layers,
    sizes: dict[Vertex, tuple[float, float]],
    ports: dict[tuple[Vertex, Vertex], float],
    heights: dict[Vertex, float],
) -> list[tuple[float, float]]:
    """Left and right edge of every column; steeper wires get wider bends. A column without boxes has no width."""
    spans: list[tuple[float, float]] = []
    x = 0.0
    for column in layers.columns:
        width = max((sizes[vertex][0] for vertex in column), default=0.0)
        if any(vertex.kind == "label" for vertex in column):
            width += 2 * MARGIN
        if spans and width:
            rises = [
                abs(heights[vertex] + ports[vertex, other] - heights[other] - ports[other, vertex])
                for vertex in column
                for other in vertex.left
            ]
            x += min(max(BEND[0], STEEP * max(rises, default=0.0)), BEND[1])
        spans.append((x, x + width))
        x += width
    return spans
