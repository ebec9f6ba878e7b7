"""The picture, edited with the mouse as a person does; asserted on the document and on what is shown."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from app.editors.architecture.architecture_view import Draw
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.space.cells import Edge, Node

K2, K1, N0, N1, N2, OUT = (NodeRef("normal", number) for number in (0, 1, 2, 3, 4, OUTPUT))


def normal(page):
    return page.document.architecture.normal


def test_a_double_click_on_nothing_makes_a_node_there(page, hands):
    at = hands.empty()
    hands.double_click(at)
    diagram = page.view.diagram_at(page.view.mapToScene(at))
    cell = getattr(page.document.architecture, diagram)
    assert cell.nodes[-1] == Node(())
    (new,) = page.document.selection
    assert (hands.at(new) - at).manhattanLength() <= 2
    hands.control(Qt.Key.Key_Z)
    assert page.document.stack.index() == 0


def test_an_edge_is_drawn_from_port_to_node_and_its_operation_typed(page, hands):
    hands.draw(K1, N1)
    assert page.view.pending == (K1, N1)
    assert normal(page).nodes[1] == Node((Edge(0, "max_pool_3x3"),))  # not yet
    hands.choose("dil 5x5")
    assert normal(page).nodes[1] == Node((Edge(0, "max_pool_3x3"), Edge(1, "dil_conv_5x5")))
    assert ("normal", "k−1", "1", "dil 5×5") in page.view.shown()
    assert page.view.pending is None
    assert page.document.name(next(iter(page.document.selection))) == "edge k−1 → 1"


def test_an_edge_whose_operation_is_not_chosen_is_not_drawn(page, hands):
    hands.draw(K1, N1)
    page.chooser.hide()  # as a click elsewhere, or Escape, does
    assert page.view.pending is None
    assert page.document.stack.count() == 0


def test_an_edge_to_the_output_needs_no_operation(page, hands):
    hands.draw(N2, OUT)
    assert not page.chooser.isVisible()
    assert normal(page).concat == (2, 3, 4)
    assert ("normal", "2", "k", "") in page.view.shown()


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (N2, N0, "that would be a loop: 2 reads 0 already"),
        (N0, K1, "k−1 is an input of the cell, and nothing in it leads there"),
        (N0, OUT, "0 joins the output already"),
        (N0, NodeRef("reduction", 2), "an edge stays within its own graph"),
    ],
)
def test_illegal_targets_are_shown_with_the_reason_while_dragging(page, hands, source, target, reason):
    hands.press(hands.handle(source))
    hands.move(hands.at(target))
    gesture = page.view.gesture
    assert isinstance(gesture, Draw)
    assert not gesture.legal
    assert page.view.hint.isVisible()
    assert page.view.hint.text() == reason
    beside = page.view.hint.geometry().center() - hands.at(target)
    assert beside.manhattanLength() < 400
    hands.release(hands.at(target))
    assert not page.view.hint.isVisible()
    assert page.document.stack.count() == 0
    assert page.line.full_text == f"Not possible: {reason}"


def test_while_dragging_legal_targets_are_ringed_and_the_others_veiled(page, hands):
    hands.press(hands.handle(N1))
    hands.move(hands.at(N2))
    gesture = page.view.gesture
    legal = {number for number, reason in gesture.objections.items() if not reason}
    assert legal == {2, 4}
    assert gesture.legal
    assert not page.view.hint.isVisible()
    before = page.view.grab().toImage()
    hands.key(Qt.Key.Key_Escape)
    assert page.view.gesture is None
    assert page.view.grab().toImage() != before
    hands.release(hands.at(N2))
    assert page.document.stack.count() == 0
    assert not page.chooser.isVisible()


def test_an_edge_let_go_over_nothing_is_forgotten(page, hands):
    hands.drag(hands.handle(N0), hands.empty())
    assert page.document.stack.count() == 0
    assert not page.chooser.isVisible()


def test_boxes_are_moved_as_one_step_and_laid_out_again(page, hands):
    start, home = hands.at(N0), page.view.middle(N0)
    hands.drag(start, start + QPoint(40, 60))
    moved = page.view.middle(N0) - home
    scale = page.view.transform().m11()
    assert (moved.x(), moved.y()) == pytest.approx((40 / scale, 60 / scale), abs=3)
    assert page.document.stack.count() == 1
    assert page.document.architecture == page.document.architecture
    assert page.view.shown()[0] == ("normal", "k−2", "0", "sep 3×3")
    hands.key(Qt.Key.Key_A)
    assert page.document.draft.moved == ()
    hands.control(Qt.Key.Key_Z)
    hands.control(Qt.Key.Key_Z)
    assert page.document.draft.moved == ()
    assert page.document.stack.index() == 0


def test_escape_puts_a_dragged_box_back(page, hands):
    hands.press(hands.at(N0))
    hands.move(hands.at(N0) + QPoint(30, 30), hands.at(N0) + QPoint(60, 60))
    assert page.document.draft.moved
    hands.key(Qt.Key.Key_Escape)
    assert not page.document.draft.moved


def test_several_are_selected_with_shift_and_moved_together(page, hands):
    hands.click(N0)
    hands.click(N1, shift=True)
    assert page.document.selection == {N0, N1}
    hands.click(N1, shift=True)
    assert page.document.selection == {N0}
    hands.click(N1, shift=True)
    gap = page.view.middle(N1) - page.view.middle(N0)
    hands.drag(hands.at(N0), hands.at(N0) + QPoint(0, 40))
    assert page.view.middle(N1) - page.view.middle(N0) == gap
    assert len(page.document.draft.moved) == 2


def test_a_rubber_band_selects_what_it_touches(page, hands):
    box = page.view.item("reduction").sceneBoundingRect().adjusted(-8, -2, 8, 8)
    start, end = page.view.mapFromScene(box.topLeft()), page.view.mapFromScene(box.bottomRight())
    hands.press(start)
    hands.move(end)
    nodes = {NodeRef("reduction", number) for number in (0, 1, 2, OUTPUT)}
    assert page.document.selection == nodes | {EdgeRef("reduction", 0), EdgeRef("reduction", 1)}
    hands.release(end)
    hands.click(hands.empty())
    assert page.document.selection == frozenset()


def test_delete_removes_what_is_selected(page, hands):
    hands.click(EdgeRef("normal", 1))
    hands.key(Qt.Key.Key_Delete)
    assert normal(page).nodes[0] == Node((Edge(0, "sep_conv_3x3"),))
    hands.click(N2)
    hands.key(Qt.Key.Key_Delete)
    assert len(normal(page).nodes) == 2
    assert page.document.selection == frozenset()


def test_a_double_click_on_an_edge_changes_its_operation(page, hands):
    hands.double_click(EdgeRef("normal", 1))
    chosen = page.chooser.list.currentItem()
    assert chosen is not None
    assert chosen.text() == "skip"  # what it carries is what the list stands on
    hands.choose("max 3")
    assert normal(page).nodes[0].inputs[1].operation == "max_pool_3x3"


def test_a_double_click_on_a_node_offers_how_it_combines(page, hands):
    hands.double_click(N2)
    assert page.chooser.offered == ["add", "concat"]
    hands.choose("concat")
    assert normal(page).nodes[2].combine == "concat"
    assert page.view.box(N2).label == "concat"


def test_the_middle_button_and_space_pan(page, hands):
    before = page.view.mapToScene(QPoint(100, 100))
    hands.drag(QPoint(300, 300), QPoint(340, 330), Qt.MouseButton.MiddleButton)
    scale = page.view.transform().m11()
    step = before - page.view.mapToScene(QPoint(100, 100))
    assert (step.x() * scale, step.y() * scale) == pytest.approx((40, 30), abs=2)
    from PySide6.QtTest import QTest

    at = hands.at(N0)
    QTest.keyPress(page.view, Qt.Key.Key_Space)
    hands.drag(at, at + QPoint(25, 0))
    QTest.keyRelease(page.view, Qt.Key.Key_Space)
    assert page.document.draft.moved == ()
    assert (hands.at(N0) - at).x() == pytest.approx(25, abs=2)


def test_edits_do_not_move_what_stands_elsewhere(page, hands):
    before = hands.at(NodeRef("reduction", 2)), page.view.transform().m11()
    hands.draw(N2, OUT)
    assert (hands.at(NodeRef("reduction", 2)), page.view.transform().m11()) == before


def test_the_menu_here_knows_what_is_under_the_pointer(page, hands, qtbot):
    def menu(at: QPoint) -> list[str]:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, page.view.viewport().mapToGlobal(at))
        QApplication.sendEvent(page.view.viewport(), event)
        (shown,) = [one for one in page.findChildren(QMenu) if one.isVisible()]
        texts = [action.text() for action in shown.actions() if action.text()]
        shown.close()
        shown.deleteLater()
        QApplication.sendPostedEvents(shown, 0)
        return texts

    assert menu(hands.at(EdgeRef("normal", 0))) == ["Change operation…", "Remove"]
    assert "Joins the output" in menu(hands.at(N0))
    assert page.menu_actions.output.isChecked()
    menu(hands.at(N2))
    assert not page.menu_actions.output.isChecked()
    assert menu(hands.empty())[:2] == ["Add node", "Paste"]


def test_arrow_keys_walk_along_edges(page, hands):
    hands.click(N0)
    hands.key(Qt.Key.Key_Left)
    (edge,) = page.document.selection
    assert page.document.name(edge) in ("edge k−2 → 0", "edge k−1 → 0")
    hands.key(Qt.Key.Key_Left)
    assert page.document.selection <= {K2, K1}
    hands.click(N2)
    hands.key(Qt.Key.Key_Left)
    hands.key(Qt.Key.Key_Right)
    assert page.document.selection == {N2}
    hands.click(N1)
    hands.key(Qt.Key.Key_Up)
    (above,) = page.document.selection
    assert page.view.middle(above).y() < page.view.middle(N1).y()
    hands.key(Qt.Key.Key_Escape)
    assert page.document.selection == frozenset()


def test_the_port_appears_under_the_pointer(page, hands):
    hands.move(hands.empty())
    assert page.view.port is None
    hands.move(hands.handle(N0))
    assert page.view.port == N0
    assert page.view.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    hands.move(page.view.mapFromScene(page.view.port_of(OUT)))
    assert page.view.port is None
