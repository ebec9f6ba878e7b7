"""Where everything in the picture of a board stands: boxes, curves and labels, as plain numbers without Qt.

Nodes and labels have columns to themselves, in which wires keep their distance (layers.py says in which order they
pass); so no curve ever runs beneath a label or a node that is not its own, and no label sits on a crossing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from .board import Board
from .boxes import FAN, NODE, PLATE, PORT, TERMINAL, Box, Layout, box_size
from .chain import lay_out_chain
from .layers import Layers, Vertex, arrange
from .routes import Frame, thread

__all__ = ["NODE", "PLATE", "TERMINAL", "Box", "Layout", "lay_out", "spread"]

MARGIN = 9.0  # from a plate to the edge of its column: room for the mark of a changed edge
BEND, STEEP = (32.0, 100.0), 0.75  # width of the space between columns: its bounds, and its share of the greatest rise
ROUNDS = 16  # of straightening


def lay_out(board: Board, measure: Callable[[str], float]) -> Layout:
    """Lay a board out; `measure` gives the width of the plate behind a label."""
    if board.flow == "chain":
        return lay_out_chain(board, measure)
    layers = arrange(board)
    sizes = _sizes(layers, board, measure)
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


def _sizes(layers: Layers, board: Board, measure: Callable[[str], float]) -> dict[Vertex, tuple[float, float]]:
    """Width and height of every vertex."""
    result = {}
    for vertex in layers.vertices():
        if vertex.kind == "bend":
            size = (0.0, 0.0)
        elif vertex.kind == "label":
            size = (measure(layers.wires[vertex.name].label), PLATE)
        else:
            size = box_size(board.by_number[vertex.name], len(vertex.left), len(vertex.right), measure)
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
    """y of every vertex: as near to its neighbours as the order and the space between vertices allow."""
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
