"""The layout on rails: everything has room, every wire begins and ends where it should."""

from itertools import combinations

import pytest

from app.editors.space.kinds.cell_spaces import CellSpaces
from app.editors.space.rail_layout import lay_out
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space

DIAGRAMS = [
    CellSpaces().drawn(space)[0].diagram
    for space in (
        NasBench201Space(),
        NasBench201Space(nodes=1),
        *(
            EnasMicroSpace(nodes=nodes, output=rule)
            for nodes in (1, 2, 5, 12)
            for rule in ("loose states", "last node")
        ),
    )
]


def carrying(diagram) -> int:
    return sum(edge.operation is not None for edge in diagram.edges)


@pytest.mark.parametrize("diagram", DIAGRAMS)
@pytest.mark.parametrize("width", [30.0, 90.0])
def test_boxes_and_plates_keep_clear_of_each_other(diagram, width):
    layout = lay_out(diagram, (width,) * carrying(diagram))
    for one, other in combinations([*layout.boxes.values(), *layout.labels], 2):
        assert not one.meets(other)


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_wires_lead_from_box_to_box_by_way_of_their_plates(diagram):
    layout = lay_out(diagram, (40.0,) * carrying(diagram))
    for index, (edge, route) in enumerate(zip(diagram.edges, layout.routes, strict=True)):
        source, target = layout.boxes[edge.source], layout.boxes[edge.target]
        start, end = route.curves[0][0], route.curves[-1][3]
        assert start == (source.x + source.width / 2, source.y)
        assert abs(end[0] - (target.x - target.width / 2)) <= 8  # an arrow head
        assert abs(end[1] - target.y) < target.height / 2
        for before, after in zip(route.curves, route.curves[1:], strict=False):
            assert before[3] == after[0]
        if index < len(layout.labels):
            plate = layout.labels[index]
            assert any(curve[0][1] == curve[3][1] == plate.y for curve in route.curves)


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_nothing_leaves_the_picture(diagram):
    layout = lay_out(diagram, (40.0,) * carrying(diagram))
    things = [*layout.boxes.values(), *layout.labels]
    ys = [y for route in layout.routes for curve in route.curves for _, y in curve]
    assert min([*ys, *(box.y - box.height / 2 for box in things)]) >= layout.top
    assert max([*ys, *(box.y + box.height / 2 for box in things)]) <= layout.top + layout.height
    assert max(box.x + box.width / 2 for box in things) <= layout.width
