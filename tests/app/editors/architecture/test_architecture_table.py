"""The twin table: every edit by keyboard alone, selection in step both ways, nonsense refused with the reason."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from app.editors.architecture.architecture_table import FROM, OPERATION, TO, PartsModel
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.space import notations
from engine.space.architecture import StackedCell
from engine.space.cells import Edge, Node


def normal(page):
    return page.document.architecture.normal


def go(page, row: int, column: int = FROM) -> None:
    """Put the keyboard's cursor somewhere in the table."""
    page.table.setFocus()
    page.table.setCurrentIndex(page.table.parts.index(row, column))


def type_in(page, text: str) -> None:
    """Open the cell under the cursor by keyboard, type, and press Enter."""
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    fill(page, text)


def fill(page, text: str) -> None:
    """Type into the cell that is open."""
    box = page.table.findChildren(QComboBox)[-1]
    assert box.isVisible()
    QTest.keyClicks(box.lineEdit(), text)
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    QApplication.processEvents()


def texts(page) -> list[tuple[str, ...]]:
    model = page.table.parts
    return [tuple(model.index(row, column).data() for column in range(4)) for row in range(model.rowCount())]


def test_the_model_keeps_qt_s_rules(qtmodeltester, document):
    model = PartsModel(document)
    qtmodeltester.check(model)
    document.add("normal")
    document.remove([NodeRef("normal", 2)])
    qtmodeltester.check(model)


def test_rows_say_nodes_and_their_edges_and_what_joins_the_output(page):
    assert texts(page)[:9] == [
        ("normal", "", "0", "add"),
        ("normal", "k−2", "0", "sep 3×3"),
        ("normal", "k−1", "0", "skip"),
        ("normal", "", "1", "add"),
        ("normal", "k−2", "1", "max 3×3"),
        ("normal", "", "2", "add"),
        ("normal", "0", "2", "dil 3×3"),
        ("normal", "1", "2", "skip"),
        ("normal", "0", "k", "joins"),
    ]


def test_an_operation_is_changed_by_typing(page):
    go(page, 1, OPERATION)
    type_in(page, "sep 5x5")
    assert normal(page).nodes[0].inputs[0] == Edge(0, "sep_conv_5x5")
    assert ("normal", "k−2", "0", "sep 5×5") in page.view.shown()


def test_ends_are_changed_by_typing(page):
    go(page, 1, FROM)
    type_in(page, "1")
    assert [edge.source for edge in normal(page).nodes[1].inputs] == [2, 1]  # node 0 is node 1 now, for it reads it
    page.document.stack.undo()
    go(page, 1, TO)
    type_in(page, "2")
    assert normal(page).nodes[2].inputs[-1] == Edge(0, "sep_conv_3x3")


@pytest.mark.parametrize(
    ("row", "column", "text", "reason"),
    [
        (1, FROM, "2", "that would be a loop: 2 reads 0 already"),
        (1, TO, "k-2", "there is no node 'k-2' in the normal cell, only 0, 1, 2, k"),
        (1, FROM, "nonsense", "there is no node 'nonsense' in the normal cell, only k−2, k−1, 0, 1, 2"),
        (1, OPERATION, "conv 99", "there is no operation 'conv 99'"),
        (1, OPERATION, "avg", "'avg' could be avg 2×2, avg 3×3, avg 5×5"),
        (0, OPERATION, "multiply", "there is no operation 'multiply'"),
    ],
)
def test_nonsense_is_refused_with_the_reason(page, row: int, column: int, text: str, reason: str):
    before = page.document.draft
    go(page, row, column)
    type_in(page, text)
    assert page.line.full_text == f"Not possible: {reason}"
    assert page.document.draft == before
    assert page.document.stack.count() == 0


def test_what_cannot_be_edited_does_not_open(page):
    model = page.table.parts
    editable = Qt.ItemFlag.ItemIsEditable
    assert not model.flags(model.index(0, FROM)) & editable
    assert not model.flags(model.index(0, TO)) & editable
    assert model.flags(model.index(0, OPERATION)) & editable
    assert not model.flags(model.index(8, OPERATION)) & editable
    assert model.flags(model.index(8, FROM)) & editable


def test_combining_and_the_output_by_keyboard(page):
    go(page, 5, OPERATION)
    type_in(page, "concat")
    assert normal(page).nodes[2].combine == "concat"
    go(page, 5)
    QTest.keyClick(page.table, Qt.Key.Key_C)
    assert normal(page).concat == (2, 3, 4)
    go(page, 8, FROM)
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert normal(page).concat == (3, 4)


def test_nodes_and_edges_are_added_and_removed_by_keyboard(page):
    go(page, 1)
    QTest.keyClick(page.table, Qt.Key.Key_N)
    assert len(normal(page).nodes) == 4
    assert page.document.selection == {NodeRef("normal", 5)}
    QTest.keyClick(page.table, Qt.Key.Key_Insert)
    assert normal(page).nodes[3] == Node((Edge(0, "max_pool_2x2"),))
    fill(page, "1")
    assert normal(page).nodes[3].inputs[0].source == 3
    page.document.select([NodeRef("normal", 5)])
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert len(normal(page).nodes) == 3


def test_selection_is_the_same_in_both(page, hands):
    hands.click(NodeRef("normal", 4))
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [5]
    hands.click(EdgeRef("normal", 1), shift=True)
    assert sorted(index.row() for index in page.table.selectionModel().selectedRows()) == [2, 5]
    at = page.table.visualRect(page.table.parts.index(4, TO)).center()
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.document.selection == {EdgeRef("normal", 2)}
    hands.click(NodeRef("normal", OUTPUT))
    assert page.table.selectionModel().selectedRows() == []
    assert page.document.selection == {NodeRef("normal", OUTPUT)}


def test_selection_stays_on_its_part_when_rows_come_and_go(page):
    page.document.select([NodeRef("reduction", 2)])
    page.document.add("normal")
    assert page.document.selection == {NodeRef("normal", 5)}
    row = page.table.parts.row_of(NodeRef("normal", 5))
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [row]
    page.document.stack.undo()
    row = page.table.parts.row_of(NodeRef("reduction", 2))
    assert [index.row() for index in page.table.selectionModel().selectedRows()] == [row]


def test_one_cell_needs_no_column_for_its_name(page):
    assert not page.table.isColumnHidden(0)
    page.open(StackedCell(normal(page)), "one")
    assert page.table.isColumnHidden(0)


def test_it_tells_screen_readers_what_it_is(page):
    model = page.table.parts
    role = Qt.ItemDataRole.AccessibleTextRole
    assert page.table.accessibleName() == "Nodes and edges"
    assert model.index(1, OPERATION).data(role) == "Operation sep 3×3 of edge k−2 → 0"
    assert model.index(0, FROM).data(role) == "From none of node 0"


@pytest.mark.parametrize("column", [FROM, TO])
def test_what_is_edited_is_wide_enough_to_be_read(page, column: int):
    go(page, 1, column)
    page.table.edit(page.table.currentIndex())
    (box,) = page.table.findChildren(QComboBox)
    line = box.lineEdit()
    assert line.contentsRect().width() >= line.fontMetrics().horizontalAdvance(box.currentText()) + 8
    assert page.table.viewport().rect().contains(box.geometry())


def test_a_cell_that_is_called_cell_is_called_so_once(page):
    page.open(notations.read("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|"), "one")
    rows = page.table.parts.rows
    row = next(number for number, one in enumerate(rows) if isinstance(one.part, EdgeRef))
    go(page, row, TO)
    type_in(page, "skip")
    assert "there is no node 'skip' in the cell, only" in page.line.full_text


def test_ctrl_f_goes_from_match_to_match_and_every_row_keeps_its_place(page):
    table, line = page.table, page.finder
    go(page, 0)
    before = texts(page)
    QTest.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert line.edit.hasFocus()
    QTest.keyClicks(line.edit, "max 3x3")
    found = [row for row, row_texts in enumerate(before) if "max 3×3" in row_texts]
    assert len(found) == 3
    assert table.currentIndex().row() == found[0]
    assert page.document.selection == {table.parts.rows[found[0]].part}
    assert line.told.text() == "1 of 3"
    for key, modifier, place in (
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, 2),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier, 2),
    ):
        QTest.keyClick(line.edit, key, modifier)
        assert table.currentIndex().row() == found[place]
        assert line.told.text() == f"{place + 1} of 3"
    assert texts(page) == before
    assert not any(table.isRowHidden(row) for row in range(len(before)))
    QTest.keyClick(line.edit, Qt.Key.Key_Escape)
    assert table.hasFocus()
    assert not line.isVisible()
    assert table.currentIndex().row() == found[2], "where one has gone to, one stays"
