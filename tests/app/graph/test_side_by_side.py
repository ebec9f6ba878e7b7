"""Comparisons: what corresponds stands in the same place, what differs has a colour, and the edits are counted."""

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.graph.difference import Difference
from app.graph.kinds.cell_pair import diagram_of
from app.graph.side_by_side import CompareView, Comparison, colours
from app.theme import DARK, LIGHT
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.library import cells
from engine.space.nasnet import NasnetSpace


def measure(text: str) -> float:
    return 6.6 * len(text) + 10


def node(*inputs: tuple[int, str], combine: str = "add") -> Node:
    return Node(tuple(Edge(source, operation) for source, operation in inputs), combine)


def difference(one: Cell, other: Cell) -> Difference:
    return Difference(diagram_of("normal", one), diagram_of("normal", other))


def sample(space, seed: int) -> Cell:
    return space.decode(space.sample(random.Random(seed))).normal


LEFT = Cell((node((0, "sep_conv_3x3"), (1, "skip_connect")), node((2, "max_pool_3x3"), (0, "skip_connect"))), (2, 3))


def test_renumbered_twins_do_not_differ():
    one = Cell((node((0, "skip_connect")), node((1, "max_pool_3x3"))), (2, 3))
    twin = Cell(one.nodes[::-1], (2, 3))
    found = difference(one, twin)
    assert found.distance.edits == 0
    assert set(found.left.edges) == set(found.right.edges) == {"same"}
    left, right = found.layouts(measure)
    assert left.boxes[2] == right.boxes[3]
    assert found.sentences() == []


def test_a_changed_operation():
    other = Cell((LEFT.nodes[0], node((2, "avg_pool_3x3"), (0, "skip_connect"))), (2, 3))
    found = difference(LEFT, other)
    assert found.sentences() == ["0 → 1: max 3×3 → avg 3×3"]
    assert found.left.edges == ("same", "same", "changed", "same", "same", "same")
    assert found.left.edges == found.right.edges
    left, right = found.layouts(measure)
    assert left.boxes == right.boxes
    assert left.routes[2].curves == right.routes[2].curves


def test_edges_and_nodes_of_one_side_only():
    other = Cell(
        (
            node((0, "sep_conv_3x3")),
            node((2, "max_pool_3x3"), (0, "skip_connect"), combine="concat"),
            node((3, "skip_connect"), (1, "sep_conv_3x3")),
        ),
        (2, 3, 4),
    )
    found = difference(LEFT, other)
    assert found.distance.edits == 6
    assert found.left.nodes == {0: "same", 1: "same", 2: "same", 3: "changed", -1: "same"}
    assert found.right.nodes[4] == "new"
    assert sorted(found.sentences()) == [
        "node 1: add → concat",
        "only left: k−1 → 0 skip",
        "only right: 1 → 2 skip",
        "only right: 2 → k",
        "only right: k−1 → 2 sep 3×3",
        "only right: node 2",
    ]


@pytest.mark.parametrize("seed", range(15))
def test_what_corresponds_stands_in_the_same_place(seed: int):
    space = DartsSpace() if seed % 2 else NasnetSpace()
    found = difference(sample(space, seed), sample(space, seed + 100))
    left, right = found.layouts(measure)
    assert len(left.routes) == len(found.left.diagram.edges)
    assert len(right.labels) == sum(edge.operation is not None for edge in found.right.diagram.edges)
    differing = [*found.left.edges, *found.left.nodes.values()].count("gone")
    differing += [*found.right.edges, *found.right.nodes.values()].count("new")
    differing += [*found.left.edges, *found.left.nodes.values()].count("changed")
    assert differing == found.distance.edits
    shared = [(a, b) for a, b in found.distance.pairs if left.boxes[a] == right.boxes[b]]
    opposed = len(shared) < len(found.distance.pairs)
    assert not opposed or found._both(measure) is None


def test_paths_that_lead_in_opposite_directions_have_their_own_layouts():
    one = Cell((node((0, "skip_connect")), node((2, "sep_conv_3x3"))), (2, 3))
    other = Cell((node(), node((2, "sep_conv_5x5"), (0, "skip_connect"))), (2, 3))
    found = difference(one, other)
    left, right = found.layouts(measure)
    assert set(left.boxes) == set(right.boxes) == {-1, 0, 1, 2, 3}


@pytest.fixture
def comparison(qtbot) -> Comparison:
    comparison = Comparison()
    qtbot.addWidget(comparison)
    comparison.resize(1000, 600)
    comparison.show()
    return comparison


def published(name: str):
    return next(cell for cell in cells() if cell.name == name).architecture


def test_two_published_pairs_of_cells(comparison: Comparison):
    comparison.compare((published("DARTS V2"), "DARTS V2"), (published("DARTS V1"), "DARTS V1"))
    assert comparison.line.full_text == "Edit distance 7: 3 in the normal cell, 4 in the reduction cell"
    assert "normal cell: 0 → 3: dil 3×3 → skip" in comparison.line.toolTip()
    view = comparison.view
    assert [item.title.text for item in view._diagrams] == [
        "normal cell of DARTS V2",
        "normal cell of DARTS V1",
        "reduction cell of DARTS V2",
        "reduction cell of DARTS V1",
    ]
    left, right = view._diagrams[0], view._diagrams[1]
    assert left.y() == right.y()
    assert left.x() < right.x()
    assert [box.pos() for box in left.boxes.values()] == [box.pos() for box in right.boxes.values()]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_states_have_colours(comparison: Comparison, theme):
    comparison.set_theme(theme)
    comparison.compare((published("DARTS V2"), "V2"), (published("DARTS V1"), "V1"))
    seen = set()
    for item, side in zip(
        comparison.view._diagrams,
        [side for pair in comparison.view.pairs for side in (pair.left, pair.right)],
        strict=True,
    ):
        for wire, edge, state in zip(item.wires, side.diagram.edges, side.edges, strict=True):
            if edge.operation is not None:
                assert wire.colour == colours(theme)[state]
                assert wire.changed == (state != "same")
                seen.add(state)
    assert seen == {"same", "changed", "gone", "new"}


def test_equal_architectures_are_said_to_be(comparison: Comparison):
    comparison.compare((published("DARTS V2"), "one"), (published("DARTS V2"), "two"))
    assert comparison.line.full_text == "The same graph, however its nodes are numbered"


def test_large_cells_are_at_most(comparison: Comparison):
    space = DartsSpace(nodes=12)
    one, other = sample(space, 0), sample(space, 1)
    comparison.compare((CellArchitecture(one, one), ""), (CellArchitecture(other, one), ""))
    assert comparison.line.full_text.startswith("Edit distance at most ")


def test_escape_and_the_cross_close_it(comparison: Comparison, qtbot):
    comparison.compare((published("DARTS V2"), "one"), (published("DARTS V1"), "two"))
    with qtbot.waitSignal(comparison.closed):
        QTest.keyClick(comparison.view, Qt.Key.Key_Escape)
    with qtbot.waitSignal(comparison.closed):
        comparison._close.click()


def test_it_uses_the_room(qtbot):
    view = CompareView()
    qtbot.addWidget(view)
    pair = difference(LEFT, sample(DartsSpace(), 0))
    view.resize(1200, 300)
    view.show()
    view.compare([pair], ("", ""))
    assert view._diagrams[0].y() == view._diagrams[1].y()
    view.resize(400, 900)
    assert view._diagrams[0].y() < view._diagrams[1].y()
