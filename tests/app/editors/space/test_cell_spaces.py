"""A cell space edited with the mouse as a person does; asserted on what is shown and on the space that results."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.editors.space.kinds.choices import DiagramRef
from app.editors.space.space_labels import tooltip
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.text import presets

SKIP, POOL, SEP = "skip_connect", "max_pool_3x3", "sep_conv_3x3"
EDGE = EdgeRef("normal", 3)  # k−1 → 1
SIZE = ((1 * 3 * 6) * 3**6) ** 2


def test_every_edge_that_may_be_is_drawn_with_its_palette(hands):
    assert hands.space.size() == SIZE
    assert hands.shown() == {
        "k−2 → 0": "3 ops",
        "k−1 → 0": "3 ops",
        "k−2 → 1": "3 ops",
        "k−1 → 1": "3 ops",
        "0 → 1": "3 ops",
        "k−2 → 2": "3 ops",
        "k−1 → 2": "3 ops",
        "0 → 2": "3 ops",
        "1 → 2": "3 ops",
    }
    assert hands.shown("reduction") == hands.shown()
    assert [edge for edge in hands.view.shown() if edge[0] == "normal" and edge[2] == "k"] == [
        ("normal", "0", "k", ""),
        ("normal", "1", "k", ""),
        ("normal", "2", "k", ""),
    ]


def test_an_edge_is_restricted_by_ticking_its_palette(hands):
    hands.click(EDGE)
    assert hands.page.side.choices.title.full_text == "normal cell, k−1 → 1"
    assert set(hands.ticked().values()) == {Qt.CheckState.Checked}
    hands.tick(POOL)
    assert hands.space.palette("normal", (1, 1)) == ("none", SKIP, SEP)
    assert hands.shown()["k−1 → 1"] == "skip · sep 3×3"
    assert hands.shown("reduction")["k−1 → 1"] == "3 ops"
    assert hands.ticked() == {POOL: Qt.CheckState.Unchecked, SKIP: Qt.CheckState.Checked, SEP: Qt.CheckState.Checked}
    # Node 1 reads two of three states, each pair in 9 ways before, and the pairs with k−1 in 6 ways now.
    assert hands.space.size() == SIZE // 27 * (9 + 6 + 6)
    hands.undo()
    assert hands.space.size() == SIZE
    assert hands.shown()["k−1 → 1"] == "3 ops"
    hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert hands.shown()["k−1 → 1"] == "skip · sep 3×3"


def test_an_edge_is_fixed_to_one_operation(hands):
    hands.click(EDGE)
    hands.only(SEP)
    assert hands.shown()["k−1 → 1"] == "sep 3×3"
    hands.press(hands.page.side.choices.require)
    assert hands.shown()["k−1 → 1"] == "always sep 3×3"
    assert hands.space.edit_at("normal", (1, 1)).fixed
    for rank in range(0, hands.space.size(), hands.space.size() // 50):
        node = hands.space.decode(hands.space.at(rank)).normal.nodes[1]
        assert (1, SEP) in [(edge.source, edge.operation) for edge in node.inputs]
    hands.press(hands.page.side.choices.free)
    assert hands.space == DartsSpace(nodes=3, operations=("none", SKIP, POOL, SEP))


def test_an_edge_is_forbidden_by_key_and_drawn_as_absent(hands):
    hands.click(EDGE)
    hands.key(Qt.Key.Key_Delete)
    assert hands.shown()["k−1 → 1"] == "forbidden"
    assert hands.space.palette("normal", (1, 1)) == ()
    assert hands.page.side.choices.summary.text() == "forbidden"
    wire = hands.view.item("normal").wires[3]
    assert wire.style.state == "forbidden"
    hands.key(Qt.Key.Key_Backspace)
    assert hands.shown()["k−1 → 1"] == "3 ops"


def test_several_edges_at_once(hands):
    hands.click(EdgeRef("normal", 2))
    hands.click(EdgeRef("reduction", 0), more=True)
    assert hands.page.side.choices.title.full_text == "2 edges"
    hands.tick(SKIP)
    assert hands.shown()["k−2 → 1"] == hands.shown("reduction")["k−2 → 0"] == "max 3×3 · sep 3×3"
    hands.click(EdgeRef("reduction", 0), more=True)  # no longer
    hands.tick(SEP)
    assert hands.shown()["k−2 → 1"] == "max 3×3"
    assert hands.shown("reduction")["k−2 → 0"] == "max 3×3 · sep 3×3"
    hands.click(EdgeRef("reduction", 0), more=True)
    assert hands.ticked()[SEP] == Qt.CheckState.PartiallyChecked
    hands.tick(SEP)
    assert hands.ticked()[SEP] == Qt.CheckState.Checked


def test_a_node_stands_for_the_edges_into_it(hands):
    hands.click(NodeRef("normal", 3))
    assert [slot.title for slot in hands.page.document.selected_slots()] == ["k−2 → 1", "k−1 → 1", "0 → 1"]
    hands.tick(POOL)
    shown = hands.shown()
    assert {shown[edge] for edge in ("k−2 → 1", "k−1 → 1", "0 → 1")} == {"skip · sep 3×3"}
    assert shown["k−2 → 2"] == "3 ops"


def test_an_input_stands_for_the_edges_that_leave_it(hands):
    hands.click(NodeRef("normal", 0))
    assert [slot.title for slot in hands.page.document.selected_slots()] == ["k−2 → 0", "k−2 → 1", "k−2 → 2"]


def test_the_output_stands_for_nothing(hands):
    hands.click(NodeRef("normal", OUTPUT))
    assert hands.page.document.selection == frozenset()


def test_a_whole_cell_by_its_name(hands):
    hands.click(DiagramRef("reduction"))
    assert hands.page.side.choices.title.full_text == "reduction cell"
    hands.tick(SEP)
    assert set(hands.shown("reduction").values()) == {"skip · max 3×3"}
    assert set(hands.shown().values()) == {"3 ops"}
    assert hands.view.item("reduction").note.text == "only skip, max 3×3"
    assert hands.space.size() == SIZE // 3**6 * 2**6
    hands.click(EdgeRef("reduction", 0))
    assert not hands.row(SEP).box.isEnabled()  # an edge cannot have what its cell has not
    assert "not in this cell" in hands.row(SEP).box.toolTip()


def test_without_a_selection_the_palette_is_that_of_the_whole_space(hands):
    hands.click(EDGE)
    hands.only(SEP)
    hands.click_nothing()
    assert hands.page.side.choices.title.full_text == "Whole space"
    hands.tick(SKIP)
    assert hands.space.operations == ("none", POOL, SEP)
    assert hands.shown()["k−2 → 0"] == "max 3×3 · sep 3×3"
    assert hands.shown()["k−1 → 1"] == "sep 3×3"
    hands.tick("dil_conv_3x3")  # one that DARTS has, and this space did not
    assert hands.space.operations == ("none", POOL, SEP, "dil_conv_3x3")


def test_an_operation_that_the_family_does_not_have_can_be_added(hands):
    hands.page.document.allow(["conv_1x1"], True)
    assert hands.space.operations == ("none", POOL, SKIP, SEP, "conv_1x1")
    assert hands.row("conv_1x1").box.isChecked()


def test_settings_of_the_space(hands):
    hands.set_number("nodes", 4)
    assert hands.space.nodes == 4
    assert len(hands.shown()) == 14
    hands.set_number("inputs", 1)
    assert hands.space.size() == ((2 * 3 * 4 * 5) * 3**4) ** 2
    combo = hands.page.side.settings.rows["output"].editor.face
    assert combo.currentText() == "all nodes"
    combo.setCurrentIndex(combo.findText("last node"))
    combo.activated.emit(combo.currentIndex())
    assert hands.space.output == "last node"
    assert [edge[1] for edge in hands.view.shown() if edge[0] == "normal" and edge[2] == "k"] == ["3"]
    for _ in range(3):
        hands.undo()
    assert hands.space.size() == SIZE
    assert hands.page.side.settings.rows["nodes"].editor.face.value() == 3


def test_edits_of_nodes_that_stay_are_kept(hands):
    hands.click(EDGE)
    hands.only(SEP)
    hands.click(EdgeRef("normal", 8))
    hands.only(SEP)
    hands.set_number("nodes", 2)
    assert hands.shown()["k−1 → 1"] == "sep 3×3"
    assert len(hands.space.restrictions) == 1
    assert hands.page.document.selection == frozenset()  # what was selected is gone


@pytest.mark.parametrize(
    ("edges", "reason"),
    [
        ([0], "Restrictions: normal node 0 cannot be decided any more, too few states are left"),
        ([2, 3], "Restrictions: normal node 1 cannot be decided any more, too few states are left"),
    ],
)
def test_an_impossible_edit_says_why_in_place_and_changes_nothing(hands, edges, reason):
    for edge in edges:
        hands.click(EdgeRef("normal", edge), more=True)
    before = hands.space
    hands.key(Qt.Key.Key_Delete)
    assert hands.space == before
    assert hands.page.side.choices.fault.isVisible()
    assert hands.page.side.choices.fault.text() == reason
    hands.click(EdgeRef("normal", 5))
    assert not hands.page.side.choices.fault.isVisible()


def test_a_box_whose_tick_is_refused_stays_as_it_was(hands):
    hands.click(DiagramRef("normal"))
    hands.only(SEP)
    hands.tick(SEP)
    assert hands.page.side.choices.fault.isVisible()
    assert hands.ticked()[SEP] == Qt.CheckState.Checked


def test_a_rectangle_selects_what_it_touches(hands):
    places = [hands.at(EdgeRef("normal", index)) for index in (2, 3, 4)]
    port = hands.view.viewport()
    none = Qt.KeyboardModifier.NoModifier
    begin, end = QPoint(places[0].x() - 10, 4), QPoint(places[0].x(), max(place.y() for place in places) + 6)
    assert hands.view.part_at(hands.view.mapToScene(begin)) is None
    QTest.mousePress(port, Qt.MouseButton.LeftButton, none, begin)
    QTest.mouseMove(port, (begin + end) / 2)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, none, end)
    assert hands.page.document.selection == {EdgeRef("normal", index) for index in (2, 3, 4)}


def test_the_arrows_walk_through_the_picture(hands):
    hands.click(NodeRef("normal", 2))
    hands.key(Qt.Key.Key_Right)
    (edge,) = hands.page.document.selection
    assert isinstance(edge, EdgeRef)
    hands.key(Qt.Key.Key_Escape)
    assert hands.page.document.selection == frozenset()


def test_a_cell_of_complete_graphs_has_its_own_words(hands_on):
    hands = hands_on(NasBench201Space())
    assert hands.shown("cell")["k−1 → 0"] == "5 ops"
    hands.click(EdgeRef("cell", 0))
    assert "none" in hands.ticked()
    hands.key(Qt.Key.Key_Delete)
    assert hands.shown("cell")["k−1 → 0"] == "none"
    assert hands.space.size() == 5**5
    hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hands.press(hands.page.side.choices.require)
    assert hands.shown("cell")["k−1 → 0"].startswith("always")
    assert hands.space.size() == 4 * 5**5


def test_the_tool_tip_spells_the_palette_out(hands):
    hands.click(EDGE)
    hands.tick(POOL)
    assert tooltip(hands.page.document, EDGE) == "normal cell, k−1 → 1: 2 of 3: skip, sep 3×3"
    assert tooltip(hands.page.document, NodeRef("normal", 2)).count("\n") == 1


def test_what_is_restricted_is_said_to_those_who_hear_it(hands):
    assert hands.view.accessibleDescription() == "18 edges in normal cell and reduction cell. Nothing is restricted."
    hands.click(EDGE)
    hands.key(Qt.Key.Key_Delete)
    assert hands.view.accessibleDescription().endswith("normal cell, k−1 → 1: forbidden.")


ONE_OF_EACH_KIND = ("darts", "nasbench201", "enas-macro", "hierarchical", "darts-rnn", "nas-rl-rnn")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in ONE_OF_EACH_KIND else pytest.mark.further_space) for name in presets()],
)
def test_every_preset_can_be_shown_and_drawn_from(hands_on, name):
    hands = hands_on(presets()[name])
    hands.wait()
    assert hands.page.document.title == name
    assert hands.page.statistics.size_value.value.text() != "…"
    assert len(hands.page.samples.samples) == 8


def test_a_board_that_has_not_changed_is_not_drawn_again(hands):
    items = {item.diagram.name: item for item in hands.view._diagrams}
    hands.click(EDGE)
    hands.tick(POOL)
    assert hands.view.item("reduction") is items["reduction"]
    assert hands.view.item("normal") is not items["normal"]


def test_wide_spaces_are_drawn_whole(hands_on):
    hands = hands_on(NasnetSpace(nodes=12))
    assert len(hands.shown()) == sum(range(2, 14))
