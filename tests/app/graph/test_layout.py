"""The layout of cells: nothing overlaps, everything runs to the right, the same cell always looks the same."""

import random
from collections import Counter
from itertools import combinations, pairwise

import pytest

from app.graph.edge_routing import ARROW, Curve, Point
from app.graph.kinds.cell_pair import diagram_of
from app.graph.layering import arrange, crossings
from app.graph.layout import Box, Layout, lay_out, spread
from app.graph.model import OUTPUT
from engine.space import genotype
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from tests.data.published import GENOTYPES


def measure(text: str) -> float:
    """As wide as the label is in a common sans serif of 11 pixels."""
    return 6.6 * len(text) + 10


def drawn(cell: Cell) -> Layout:
    return lay_out(diagram_of("normal", cell), measure)


def node(*inputs: tuple[int, str]) -> Node:
    return Node(tuple(Edge(source, operation) for source, operation in inputs))


def on(curve: Curve, t: float) -> Point:
    """A point of a Bézier curve, by de Casteljau."""
    points = list(curve)
    while len(points) > 1:
        points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(points)]
    return points[0]


def inside(point: Point, box: Box) -> bool:
    return abs(point[0] - box.x) < box.width / 2 and abs(point[1] - box.y) < box.height / 2


def faults(cell: Cell, layout: Layout) -> list[str]:
    """Everything that is wrong with the picture of a cell."""
    found = []
    boxes = {f"box {state}": box for state, box in layout.boxes.items()}
    plates = {f"label {index}": box for index, box in enumerate(layout.labels)}
    everything = boxes | plates
    for (one, first), (two, second) in combinations(everything.items(), 2):
        if first.meets(second):
            found.append(f"{one} overlaps {two}")
    for name, box in everything.items():
        if box.x < box.width / 2 - 1e-6 or box.x > layout.width - box.width / 2 + 1e-6:
            found.append(f"{name} is cut at the side")
        if box.y < box.height / 2 - 1e-6 or box.y > layout.height - box.height / 2 + 1e-6:
            found.append(f"{name} is cut at the top or bottom")
    for index, route in enumerate(layout.routes):
        source, target = layout.boxes[route.source], layout.boxes[route.target]
        head = ARROW if route.operation else 0
        start, end = route.curves[0][0], route.curves[-1][-1]
        if start[0] != pytest.approx(source.x + source.width / 2) or abs(start[1] - source.y) > source.height / 2:
            found.append(f"route {index} does not leave from the right of {route.source}")
        if end[0] != pytest.approx(target.x - target.width / 2 - head) or abs(end[1] - target.y) > target.height / 2:
            found.append(f"route {index} does not enter {route.target} from the left")
        if any(before[-1] != after[0] for before, after in pairwise(route.curves)):
            found.append(f"route {index} is torn")
        path = [on(curve, step / 20) for curve in route.curves for step in range(21)]
        if any(after[0] < before[0] - 1e-9 for before, after in pairwise(path)):
            found.append(f"route {index} turns back")
        if route.operation is not None and not any(inside(point, layout.labels[index]) for point in path):
            found.append(f"route {index} misses its label")
        own = {f"label {index}", f"box {route.source}", f"box {route.target}"}
        for name, box in everything.items():
            if name not in own and any(inside(point, box) for point in path):
                found.append(f"route {index} runs through {name}")
    wanted = Counter(
        (edge.source, cell.inputs + number, edge.operation)
        for number, one in enumerate(cell.nodes)
        for edge in one.inputs
    ) + Counter((state, OUTPUT, None) for state in cell.concat)
    if Counter((route.source, route.target, route.operation) for route in layout.routes) != wanted:
        found.append("the edges drawn are not the edges of the cell")
    if set(layout.boxes) != {OUTPUT, *range(cell.inputs + len(cell.nodes))}:
        found.append("a state is missing")
    return found


def check(cell: Cell) -> None:
    assert faults(cell, drawn(cell)) == []


@pytest.mark.parametrize("seed", range(60))
def test_random_cells_of_the_darts_space(seed: int):
    rng = random.Random(seed)
    space = DartsSpace(nodes=rng.choice((1, 2, 3, 4, 4, 4, 5, 6, 7)))
    architecture = space.decode(space.sample(rng))
    check(architecture.normal)
    check(architecture.reduction)


def test_large_cell():
    space = DartsSpace(nodes=12)
    check(space.decode(space.sample(random.Random(0))).normal)


@pytest.mark.parametrize("name", GENOTYPES["cnn"])
def test_published_cells(name: str):
    architecture = genotype.parse(GENOTYPES["cnn"][name])
    check(architecture.normal)
    check(architecture.reduction)


ODD_CELLS = {
    "one node": Cell((node((0, "skip_connect"), (1, "max_pool_3x3")),), (2,)),
    "parallel edges": Cell((node((0, "avg_pool_3x3"), (0, "avg_pool_3x3"), (0, "sep_conv_5x5")),), (2,)),
    "node without inputs": Cell((node(), node((2, "none"), (0, "skip_connect"))), (2, 3)),
    "unused inputs": Cell((node(), node((2, "dil_conv_3x3"))), (3,)),
    "output from an input": Cell((node((1, "skip_connect"), (0, "skip_connect")),), (0, 1)),
    "output joins what is consumed": Cell((node((0, "none")), node((2, "none")), node((3, "none"))), (2, 4)),
    "one input": Cell((node((0, "sep_conv_3x3")), node((0, "none"), (1, "conv_7x1_1x7"))), (1, 2), inputs=1),
    "three inputs": Cell((node((0, "skip_connect"), (1, "none"), (2, "sep_conv_3x3")),), (3,), inputs=3),
    "everything from everything": Cell(
        tuple(node(*((source, "sep_conv_3x3") for source in range(2 + index))) for index in range(6)),
        (2, 3, 4, 5, 6, 7),
    ),
}


@pytest.mark.parametrize("cell", ODD_CELLS.values(), ids=ODD_CELLS.keys())
def test_odd_cells(cell: Cell):
    check(cell)


def test_parallel_edges_are_both_visible():
    layout = drawn(ODD_CELLS["parallel edges"])
    first, second, third = (tuple(on(route.curves[1], 0.5)) for route in layout.routes[:3])
    heights = sorted((first[1], second[1], third[1]))
    assert heights[1] - heights[0] > 15
    assert heights[2] - heights[1] > 15


def test_wires_into_the_output_carry_no_label():
    cell = ODD_CELLS["output joins what is consumed"]
    layout = drawn(cell)
    assert len(layout.labels) == 3
    assert [route.operation for route in layout.routes] == ["none", "none", "none", None, None]


def test_same_cell_same_layout():
    space = DartsSpace(nodes=6)
    text = genotype.format(space.decode(space.sample(random.Random(3))))
    first, second = genotype.parse(text), genotype.parse(text)
    assert drawn(first.normal) == drawn(second.normal)


def test_inputs_keep_their_order():
    for seed in range(40):
        space = DartsSpace()
        boxes = drawn(space.decode(space.sample(random.Random(seed))).normal).boxes
        assert boxes[0].y < boxes[1].y
        assert boxes[0].x < min(boxes[state].x for state in range(2, 6))
        assert boxes[OUTPUT].x > max(boxes[state].x for state in range(2, 6))


def test_avoidable_crossings_are_avoided():
    """Node 0 reads k−1 alone and node 1 reads k−2 alone: drawn in the order of their numbers, the wires would cross."""
    cell = Cell((node((1, "none")), node((0, "none"))), (2, 3))
    assert crossings(tuple(map(list, arrange(diagram_of("normal", cell)).columns))) == 0
    boxes = drawn(cell).boxes
    assert boxes[3].y < boxes[2].y


def test_spread_is_the_least_squares_answer():
    """Against a closed form: two places that want to be closer than allowed share the way by their weights."""
    assert spread([0.0, 10.0], [1.0, 1.0], [5.0]) == [0.0, 10.0]
    assert spread([0.0, 0.0], [1.0, 1.0], [8.0]) == pytest.approx([-4.0, 4.0])
    assert spread([0.0, 0.0], [3.0, 1.0], [8.0]) == pytest.approx([-2.0, 6.0])
    assert spread([5.0, 0.0, 20.0], [1.0, 1.0, 1.0], [1.0, 1.0]) == pytest.approx([2.0, 3.0, 20.0])
