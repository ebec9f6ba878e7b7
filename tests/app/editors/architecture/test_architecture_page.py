"""The page around picture and table: keys, clipboard, the line of facts, titles, announcements."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest

from app.editors.architecture import clipboard
from app.editors.architecture.architecture_page import ArchitecturePage, facts
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from app.theme import LIGHT
from engine.space import genotype, library, notations
from engine.space.architecture import CellArchitecture, StackedCell
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace

N0, N1, N2 = (NodeRef("normal", number) for number in (2, 3, 4))
DARTS_V2 = next(cell for cell in library.cells() if cell.name == "DARTS V2")


def clip() -> str:
    return QGuiApplication.clipboard().text()


def normal(page: ArchitecturePage) -> Cell:
    return page.document.architecture.normal


def test_the_line_tells_size_cost_and_space(page: ArchitecturePage, small: CellArchitecture):
    assert page.line.full_text.startswith("4 nodes, 7 edges   ·   ")
    assert "parameters, " in page.line.full_text
    page.set_space(DartsSpace())
    assert page.line.full_text.endswith(
        "outside the plan's space: normal cell: it has 3 nodes, and the space's cells have 4"
    )
    page.open(DARTS_V2.architecture, "DARTS V2")
    assert (
        page.line.full_text
        == "8 nodes, 16 edges   ·   3.35\u00a0M parameters, 528\u00a0M MACs (published size: 36 channels, "
        "20 cells)   ·   in the plan's space"
    )
    assert page.line.toolTip() == page.line.full_text


def test_what_cannot_be_built_is_said():
    empty = StackedCell(Cell((Node((Edge(0, "skip_connect"),)),), (1,), inputs=2))
    assert facts(empty, None).cost.startswith("cannot be built: ")
    assert facts(empty, None).inside == ""


def test_a_refusal_stands_in_the_line_until_something_else_happens(page: ArchitecturePage, hands):
    facts_line = page.line.full_text
    page.document.draw("normal", 4, 2, "skip_connect")
    assert page.line.full_text.startswith("Not possible: that would be a loop")
    assert page.theme.bad in page.line.styleSheet()
    hands.click(N0)
    assert page.line.full_text == facts_line
    assert page.theme.bad not in page.line.styleSheet()


def test_the_title_says_what_is_edited(page: ArchitecturePage):
    page.open(DARTS_V2.architecture, "DARTS V2")
    assert page.title.full_text == "DARTS V2"
    page.document.add("normal")
    assert page.title.full_text == "DARTS V2 · edited"
    page.menu_actions.undo.trigger()
    assert page.title.full_text == "DARTS V2"


def test_copy_and_paste_of_nodes_within_and_between_cells(page: ArchitecturePage, hands):
    hands.click(N0)
    hands.click(N2, shift=True)
    hands.control(Qt.Key.Key_C)
    assert "normal\t\t0\tadd" in clip()
    hands.control(Qt.Key.Key_V)
    assert normal(page).nodes[3:] == (normal(page).nodes[0], Node((Edge(5, "dil_conv_3x3"),)))
    assert page.document.selection == {NodeRef("normal", 5), NodeRef("normal", 6)}
    hands.click(NodeRef("reduction", 2))
    hands.control(Qt.Key.Key_V)
    assert len(page.document.architecture.reduction.nodes) == 3
    hands.control(Qt.Key.Key_Z)
    hands.control(Qt.Key.Key_Z)
    assert len(normal(page).nodes) == 3


def test_cut_and_duplicate(page: ArchitecturePage, hands):
    hands.click(N2)
    hands.control(Qt.Key.Key_D)
    assert normal(page).nodes[3] == normal(page).nodes[2]
    hands.control(Qt.Key.Key_X)
    assert len(normal(page).nodes) == 3
    hands.control(Qt.Key.Key_V)
    assert normal(page).nodes[3] == Node(())  # what it read is no longer beside it
    page.document.select([])
    clipboard.cut(page.document)
    assert page.line.full_text == "Not possible: select the nodes to cut"
    clipboard.duplicate(page.document)
    assert page.line.full_text == "Not possible: select the nodes to duplicate"


def test_nothing_selected_copies_the_whole_as_text(page: ArchitecturePage, hands):
    page.open(DARTS_V2.architecture, "DARTS V2")
    page.document.select([])
    hands.control(Qt.Key.Key_C)
    assert genotype.parse(clip()) == DARTS_V2.architecture
    assert page.line.full_text == "copied as text"


def test_what_the_notations_cannot_say_is_said(page: ArchitecturePage, hands):
    joined = Node((Edge(0, "skip_connect"), Edge(0, "conv_1x1")), "concat")
    page.open(StackedCell(Cell((joined,), (1,), inputs=1)), "joined")
    QGuiApplication.clipboard().setText("before")
    hands.control(Qt.Key.Key_C)
    assert page.line.full_text.startswith("Not possible: ")
    assert clip() == "before"


@pytest.mark.parametrize("name", ["DARTS V1", "NASNet-A", "ENAS micro"])
def test_text_in_a_notation_is_pasted_as_the_architecture(page: ArchitecturePage, hands, small, name: str):
    published = next(cell for cell in library.cells() if cell.name == name)
    if published.as_ is not None:
        pytest.skip("its text alone does not tell the notation")
    QGuiApplication.clipboard().setText(published.notation)
    hands.control(Qt.Key.Key_V)
    assert page.document.architecture == published.architecture
    assert page.title.full_text == "pasted"
    hands.control(Qt.Key.Key_Z)
    assert page.document.architecture == small


def test_nb201_strings_open_as_one_cell(page: ArchitecturePage, hands):
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|"
    QGuiApplication.clipboard().setText(text)
    hands.control(Qt.Key.Key_V)
    assert isinstance(page.document.architecture, StackedCell)
    assert {edge[0] for edge in page.view.shown()} == {"cell"}
    assert notations.write(page.document.architecture) == text


@pytest.mark.parametrize("text", ["", "hello", "Genotype(normal=[('sep_conv_9x9', 0)])", "[1, 2", "|" * 50])
def test_other_text_is_refused_and_changes_nothing(page: ArchitecturePage, hands, small, text: str):
    QGuiApplication.clipboard().setText(text)
    hands.control(Qt.Key.Key_V)
    assert page.document.architecture == small
    assert page.line.full_text.startswith("Not possible: ")
    assert "\n" not in page.line.full_text


def test_select_all_takes_every_node(page: ArchitecturePage, hands):
    hands.control(Qt.Key.Key_A)
    assert page.document.selection == {N0, N1, N2, NodeRef("reduction", 2)}


def test_keys_add_toggle_and_show_the_table(page: ArchitecturePage, hands):
    hands.click(NodeRef("reduction", 2))
    hands.key(Qt.Key.Key_N)
    assert len(page.document.architecture.reduction.nodes) == 2
    hands.key(Qt.Key.Key_C)
    assert page.document.architecture.reduction.concat == (2,)
    hands.key(Qt.Key.Key_T)
    assert not page.table.isVisible()
    hands.key(Qt.Key.Key_T)
    assert page.table.isVisible()
    assert page.table.hasFocus()


def test_return_opens_the_operations_of_what_is_selected(page: ArchitecturePage, hands, qtbot):
    hands.click(EdgeRef("normal", 0))
    hands.click(EdgeRef("normal", 2), shift=True)
    hands.key(Qt.Key.Key_Return)
    hands.choose("avg 5")
    assert normal(page).nodes[0].inputs[0].operation == "avg_pool_5x5"
    assert normal(page).nodes[1].inputs[0].operation == "avg_pool_5x5"
    assert page.document.stack.count() == 1


def test_the_spaces_own_operations_come_first_in_the_list(page: ArchitecturePage, hands):
    page.set_space(DartsSpace(operations=("dil_conv_5x5", "skip_connect")))
    hands.draw(N0, N1)
    assert page.chooser.offered[:2] == ["dil_conv_5x5", "skip_connect"]
    QTest.keyClick(page.chooser.line, Qt.Key.Key_Return)
    assert normal(page).nodes[1].inputs[-1] == Edge(2, "dil_conv_5x5")
    hands.draw(NodeRef("normal", 1), N1)
    hands.choose("skip")
    hands.draw(NodeRef("normal", 0), N0)
    current = page.chooser.list.currentItem()
    assert current is not None
    assert current.text() == "skip"  # as the last time
    page.chooser.hide()


def test_typing_narrows_the_list_and_arrows_move_in_it(page: ArchitecturePage, hands):
    hands.draw(N0, N1)
    QTest.keyClicks(page.chooser.line, "pool3")
    assert page.chooser.offered == ["max_pool_3x3", "avg_pool_3x3"]
    QTest.keyClick(page.chooser.line, Qt.Key.Key_Down)
    QTest.keyClick(page.chooser.line, Qt.Key.Key_Return)
    assert normal(page).nodes[1].inputs[-1] == Edge(2, "avg_pool_3x3")


def test_nothing_found_chooses_nothing(page: ArchitecturePage, hands):
    page.picker.operate([N0], hands.at(N0))
    QTest.keyClicks(page.chooser.line, "zzz")
    assert page.chooser.offered == []
    QTest.keyClick(page.chooser.line, Qt.Key.Key_Return)
    assert page.document.stack.count() == 0


def test_what_happens_is_announced(page: ArchitecturePage, monkeypatch):
    heard = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: heard.append(event.message()))
    page.document.add("normal")
    page.document.draw("normal", 0, 0, "skip_connect")
    assert heard == ["add node", "Not possible: k−2 is an input of the cell, and nothing in it leads there"]


def test_the_picture_is_described_for_screen_readers(page: ArchitecturePage):
    said = page.view.accessibleDescription()
    assert said.startswith("Normal cell: node 0 reads sep 3×3 from k−2 and skip from k−1;")
    page.document.toggle([N2])
    assert "output joins 0, 1, 2" in page.view.accessibleDescription()


def test_themes_reach_everything(page: ArchitecturePage):
    page.set_theme(LIGHT)
    assert page.view.scene().backgroundBrush().color().name() == LIGHT.surface
    assert LIGHT.muted in page.line.styleSheet()
    page.document.draw("normal", 2, OUTPUT, None)
    assert LIGHT.bad in page.line.styleSheet()


def test_published_architectures_are_opened_from_the_menu(page: ArchitecturePage):
    page.open_menu.aboutToShow.emit()
    actions = {action.text(): action for action in page.open_menu.actions()}
    assert "Liu" in actions["DARTS V2"].toolTip()
    actions["DARTS V2"].trigger()
    assert page.document.architecture == DARTS_V2.architecture
    assert page.title.full_text == "DARTS V2"


def test_comparing_with_published_candidate_and_clipboard(page: ArchitecturePage, hands):
    page.open(DARTS_V2.architecture, "mine")
    page.selected_candidate = lambda: (DARTS_V2.architecture, "candidate #7")
    page.compare_menu.aboutToShow.emit()
    actions = {action.text(): action for action in page.compare_menu.actions()}
    assert list(actions)[:2] == ["candidate #7", "Clipboard"]
    actions["candidate #7"].trigger()
    assert page.comparing
    assert page.comparison.line.full_text.startswith("The same graph")
    QTest.keyClick(page.comparison, Qt.Key.Key_Escape)
    assert not page.comparing
    assert page.view.hasFocus()
    actions["DARTS V1"].trigger()
    assert page.comparison.line.full_text.startswith("Edit distance 7")
    page.document.add("normal")  # an edit, an undo: back to editing
    assert not page.comparing
    QGuiApplication.clipboard().setText("nonsense")
    actions["Clipboard"].trigger()
    assert not page.comparing
    assert page.line.full_text.startswith("Not possible: not a notation")
    QGuiApplication.clipboard().setText(DARTS_V2.notation)
    actions["Clipboard"].trigger()
    assert page.comparing


def test_another_kind_is_not_compared(page: ArchitecturePage):
    page.compare(StackedCell(normal(page)), "other")
    assert not page.comparing
    assert page.line.full_text == "Not possible: other is another kind of architecture; there is nothing to compare"


def test_the_picture_fills_the_room_that_the_window_gives_it(page):
    page.resize(120, 90)  # as while the page is being put into the window
    page.view.fit()
    small = page.view.transform().m11()
    page.resize(1200, 800)
    assert page.view.transform().m11() > 2 * small


def test_the_line_below_ends_in_an_ellipsis_within_its_margins(page):
    line = page.line
    page.report("a sentence that no window is wide enough for " * 20)
    assert line.text().endswith("…")
    assert line.fontMetrics().horizontalAdvance(line.text()) <= line.contentsRect().width()
