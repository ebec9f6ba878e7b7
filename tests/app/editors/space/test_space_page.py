"""The page: which space it shows, files of spaces, what the plan is told, and when nothing may be edited."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.graph.kinds import EdgeRef
from app.theme import DARK, LIGHT
from engine.space import files
from engine.space.darts import DartsSpace
from engine.space.text import presets
from tests.app.editors.space.conftest import SPACE, plan_of

EDGE = EdgeRef("normal", 3)


def test_the_plan_is_told_of_every_edit_and_of_nothing_else(hands, qtbot):
    told = []
    hands.page.edited.connect(told.append)
    hands.page.show_plan(plan_of(SPACE.sized(2)))
    assert told == []
    hands.set_number("nodes", 4)
    hands.undo()
    assert told == [SPACE.sized(4), SPACE.sized(2)]


def test_an_edit_of_the_plan_is_one_more_step(hands):
    hands.click(EDGE)
    hands.only("sep_conv_3x3")
    once = hands.space
    hands.page.show_plan(plan_of(once.sized(2)))
    assert hands.space == once.sized(2)
    assert len(hands.shown()) == 5
    hands.undo()
    assert hands.space == once


def test_another_plan_is_a_new_beginning(hands):
    from msgspec.structs import replace

    hands.set_number("nodes", 2)
    hands.page.show_plan(replace(plan_of(SPACE), name="another"))
    assert hands.space == SPACE
    assert not hands.page.menu_actions.undo.isEnabled()


def test_locked_spaces_say_why_and_stay_as_they_are(hands):
    hands.page.show_plan(plan_of(SPACE), "The space cannot be edited while a search runs in it.")
    hands.click(EDGE)
    hands.key(Qt.Key.Key_Delete)
    assert hands.space == SPACE
    assert hands.page.side.choices.fault.text() == "The space cannot be edited while a search runs in it."
    hands.set_number("nodes", 2)
    assert hands.space == SPACE
    assert hands.page.side.settings.rows["nodes"].editor.face.value() == 3
    hands.type_limit("params", "most", "9 k")
    assert hands.space == SPACE
    assert hands.page.limits.fault.text() == "The space cannot be edited while a search runs in it."


def test_presets_are_offered_by_name(hands):
    assert hands.page.chooser.text() == "DARTS cells · edited ▾"
    hands.page.spaces.aboutToShow.emit()
    actions = {action.text(): action for action in hands.page.spaces.actions()}
    assert set(presets()) <= set(actions)
    actions["nasnet"].trigger()
    assert hands.space == presets()["nasnet"]
    assert hands.page.chooser.text() == "nasnet ▾"
    assert hands.shown()["k−2 → 0"] == "13 ops"
    hands.undo()
    assert hands.space == SPACE


def test_a_space_goes_to_a_file_and_comes_back(hands, tmp_path: Path, monkeypatch):
    path = tmp_path / "mine.toml"
    hands.click(EDGE)
    hands.only("sep_conv_3x3")
    hands.type_limit("params", "most", "9 k")
    saved = hands.space
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *rest: (str(path.with_suffix("")), ""))
    hands.page.menu_actions.save.trigger()
    assert files.is_space(path)
    hands.page.begin_with(presets()["nasnet"], "nasnet")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *rest: (str(path), ""))
    hands.page.menu_actions.open.trigger()
    assert hands.space == saved
    assert hands.shown()["k−1 → 1"] == "sep 3×3"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("kind = ", "not a space: "),
        ('kind = "darts"\nnodes = 99', "nodes"),
        ('kind = "darts"\nnodes = 2\n[[restrictions]]\nedge = [5, 0]\nfixed = true', "there is no node 5"),
    ],
)
def test_a_file_that_is_no_space_says_so_and_changes_nothing(hands, tmp_path: Path, content, reason):
    path = tmp_path / "bad.toml"
    path.write_text(content, encoding="utf-8")
    hands.page.open(path)
    assert hands.page.fault.isVisible()
    assert reason in hands.page.fault.text()
    assert "\n" not in hands.page.fault.text()
    assert hands.space == SPACE
    hands.page.open(tmp_path / "absent.toml")
    assert "absent.toml was not opened" in hands.page.fault.text()


def test_pictures_are_saved(hands, tmp_path: Path, monkeypatch):
    for name in ("space.png", "space.svg"):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *rest, path=path: (str(path), ""))
        hands.page.menu_actions.save_picture.trigger()
        assert path.stat().st_size > 5000


def test_both_themes_redraw_everything(hands):
    for theme in (LIGHT, DARK):
        hands.page.set_theme(theme)
        assert {item.theme.name for item in hands.view._diagrams} == {theme.name}
        assert not hands.page.grab().isNull()


def test_the_menu_at_the_pointer_offers_what_can_be_done(hands):
    from PySide6.QtWidgets import QMenu

    hands.click(EDGE)
    menu = QMenu()
    hands.page.menu_actions.fill_context_menu(menu)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:4] == ["Only", "Always, and only", "Always there", "Forbid"]
    certain = menu.actions()[1].menu()
    next(action for action in certain.actions() if action.text() == "sep 3×3").trigger()
    assert hands.shown()["k−1 → 1"] == "always sep 3×3"
    menu.deleteLater()


def test_nothing_is_drawn_yet_of_an_unknown_kind_and_that_is_said(hands_on, monkeypatch):
    monkeypatch.setattr("app.editors.space.space_document.KINDS", ())
    hands = hands_on(DartsSpace(nodes=2))
    assert hands.view.sentence.startswith("There is no picture of this kind of space yet")
    assert hands.page.side.settings.rows["nodes"].editor.face.value() == 2
    hands.set_number("nodes", 3)
    assert hands.space == DartsSpace(nodes=3)
    hands.wait()
    assert len(hands.page.samples.samples) == 8


def test_the_explanation_is_there_on_request(hands):
    assert not hands.page.explanation.isVisible()
    hands.page.header.question.click()
    assert hands.page.explanation.isVisible()
