"""The twin table: every edit by keyboard alone, in step with the picture both ways."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest

from app.editors.space.kinds.choices import DiagramRef
from app.editors.space.space_table import ALWAYS, CHOICES, SLOT, SlotsModel
from app.graph.kinds import EdgeRef, NodeRef

SKIP, POOL, SEP = "skip_connect", "max_pool_3x3", "sep_conv_3x3"
COLUMN = {SKIP: CHOICES, POOL: CHOICES + 1, SEP: CHOICES + 2}


@pytest.fixture
def table(hands):
    hands.key(Qt.Key.Key_T)
    assert hands.page.table.isVisible()
    assert not hands.view.isVisible()
    return hands.page.table


def go(table, row: int, column: int) -> None:
    table.setCurrentIndex(table.slots.index(row, column))


def ticks(table, row: int) -> str:
    """The ticks of a row: x for a choice that is allowed, . for one that is not, a blank where there is no box."""
    states = [table.slots.index(row, column).data(Qt.ItemDataRole.CheckStateRole) for column in COLUMN.values()]
    return "".join(" " if state is None else "x" if state == Qt.CheckState.Checked else "." for state in states)


def test_the_model_keeps_qt_s_rules(qtmodeltester, page):
    model = SlotsModel(page.document)
    qtmodeltester.check(model)


def test_a_row_for_each_edge_and_a_column_for_each_operation(table):
    model = table.slots
    heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert heads == ["in", "edge", "always", "skip", "max 3×3", "sep 3×3"]
    rows = [(model.index(row, 0).data(), model.index(row, SLOT).data()) for row in range(model.rowCount())]
    assert rows[:4] == [
        ("normal cell", "all"),
        ("normal cell", "k−2 → 0"),
        ("normal cell", "k−1 → 0"),
        ("normal cell", "k−2 → 1"),
    ]
    assert len(rows) == 20
    assert {ticks(table, row) for row in range(20)} == {"xxx"}


def test_space_ticks_and_the_picture_follows(hands, table):
    go(table, 3, COLUMN[SKIP])
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert hands.space.palette("normal", (1, 0)) == ("none", POOL, SEP)
    assert ticks(table, 3) == ".xx"
    assert hands.shown()["k−2 → 1"] == "max 3×3 · sep 3×3"
    assert (table.currentIndex().row(), table.currentIndex().column()) == (3, COLUMN[SKIP])  # the cursor stays
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert ticks(table, 3) == "xxx"


def test_several_rows_at_once(hands, table):
    go(table, 1, COLUMN[SEP])
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert [ticks(table, row) for row in (1, 2, 3)] == ["xx.", "xx.", "xxx"]
    assert hands.page.document.selection == {EdgeRef("normal", 0), EdgeRef("normal", 1)}


def test_a_whole_cell_closes_its_edges(hands, table):
    go(table, 0, COLUMN[POOL])
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert ticks(table, 0) == "x.x"
    assert ticks(table, 5) == "x x"  # no box where the cell leaves nothing to choose
    assert hands.page.document.selection == {DiagramRef("normal")}
    assert not table.slots.index(0, ALWAYS).flags() & Qt.ItemFlag.ItemIsUserCheckable
    go(table, 5, COLUMN[POOL])
    before = hands.space
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert hands.space == before


def test_always_and_delete_by_key(hands, table):
    go(table, 4, ALWAYS)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert hands.shown()["k−1 → 1"] == "always 3 ops"
    go(table, 9, SLOT)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert hands.shown()["1 → 2"] == "forbidden"
    assert ticks(table, 9) == "..."
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert ticks(table, 9) == "xxx"


def test_the_selection_is_the_same_in_picture_and_table(hands, table):
    hands.page.document.select([NodeRef("normal", 3)])
    rows = sorted(index.row() for index in table.selectionModel().selectedRows(SLOT))
    assert rows == [3, 4, 5]
    go(table, 12, SLOT)
    assert hands.page.document.selection == {EdgeRef("reduction", 1)}
    assert hands.page.side.choices.title.full_text == "reduction cell, k−1 → 0"


def test_a_click_on_a_dot_turns_it_over(hands, table):
    index = table.slots.index(2, COLUMN[SEP])
    at = table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert ticks(table, 2) == "xx."
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert ticks(table, 2) == "xxx"


def test_other_nodes_other_rows(hands, table):
    hands.set_number("nodes", 2)
    assert table.slots.rowCount(QModelIndex()) == 2 * (1 + 2 + 3)


def test_cells_are_read_out(table):
    index = table.slots.index(3, COLUMN[SEP])
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "normal cell, k−2 → 1, sep 3×3"
    assert table.slots.index(3, SLOT).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "normal cell, k−2 → 1: skip, max 3×3, sep 3×3"
    )


def test_ctrl_f_finds_slots_by_place_and_by_what_may_be_there(table, hands):
    page, line = hands.page, hands.page.finder
    page.document.select_slots([table.slots.slots[2].key])
    page.document.allow([POOL], False, {table.slots.slots[2].key})
    QTest.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(line.edit, "k-2 normal 0")
    assert table.currentIndex().row() == 1
    line.edit.clear()
    QTest.keyClicks(line.edit, "max 3x3")
    assert 2 not in line.found
    assert {1, 3} <= set(line.found)
    QTest.keyClick(line.edit, Qt.Key.Key_Escape)
    assert table.hasFocus()
