"""The layout on rails: everything has room, every wire begins and ends where it should."""

from itertools import combinations

import pytest

from app.canvas.space.cells import CellSpaces
from app.canvas.space.rails import lay_out
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space

BOARDS = [
    CellSpaces().drawn(space)[0].board
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


def carrying(board) -> int:
    return sum(arc.operation is not None for arc in board.arcs)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("width", [30.0, 90.0])
def test_boxes_and_plates_keep_clear_of_each_other(board, width):
    layout = lay_out(board, (width,) * carrying(board))
    for one, other in combinations([*layout.boxes.values(), *layout.labels], 2):
        assert not one.meets(other)


@pytest.mark.parametrize("board", BOARDS)
def test_wires_lead_from_box_to_box_by_way_of_their_plates(board):
    layout = lay_out(board, (40.0,) * carrying(board))
    for index, (arc, route) in enumerate(zip(board.arcs, layout.routes, strict=True)):
        source, target = layout.boxes[arc.source], layout.boxes[arc.target]
        start, end = route.curves[0][0], route.curves[-1][3]
        assert start == (source.x + source.width / 2, source.y)
        assert abs(end[0] - (target.x - target.width / 2)) <= 8  # an arrow head
        assert abs(end[1] - target.y) < target.height / 2
        for before, after in zip(route.curves, route.curves[1:], strict=False):
            assert before[3] == after[0]
        if index < len(layout.labels):
            plate = layout.labels[index]
            assert any(curve[0][1] == curve[3][1] == plate.y for curve in route.curves)


@pytest.mark.parametrize("board", BOARDS)
def test_nothing_leaves_the_picture(board):
    layout = lay_out(board, (40.0,) * carrying(board))
    things = [*layout.boxes.values(), *layout.labels]
    ys = [y for route in layout.routes for curve in route.curves for _, y in curve]
    assert min([*ys, *(box.y - box.height / 2 for box in things)]) >= layout.top
    assert max([*ys, *(box.y + box.height / 2 for box in things)]) <= layout.top + layout.height
    assert max(box.x + box.width / 2 for box in things) <= layout.width
