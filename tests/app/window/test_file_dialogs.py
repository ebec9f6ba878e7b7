"""Files that are asked for in dialogs: what is proposed, and what follows from the answer."""

import pytest
from PySide6.QtWidgets import QFileDialog

from engine.plan import load, preset


@pytest.fixture
def answer(monkeypatch):
    """Answers the next dialogs, and keeps what they proposed."""
    proposed = []

    def prepare(*names) -> list[str]:
        names = list(names)
        for dialog in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, dialog, lambda *asked: (proposed.append(asked[2]), (names.pop(0), ""))[1])
        monkeypatch.setattr(
            QFileDialog, "getExistingDirectory", lambda *asked: (proposed.append(asked[2]), names.pop(0))[1]
        )
        return proposed

    return prepare


def test_a_plan_is_saved_under_its_name_and_opened_again(window, qtbot, answer, tmp_path):
    path = tmp_path / "mine.toml"
    window.controller.show_plan(preset("random-digits"))
    proposed = answer(str(path), str(path))
    window.menu_actions.save_plan.trigger()
    qtbot.waitUntil(path.exists)
    assert load(path) == window.plan.plan
    window.controller.show_plan(preset("darts-digits"))
    window.menu_actions.open.trigger()
    qtbot.waitUntil(lambda: window.plan.plan == load(path))
    folder = window.settings.sessions_folder
    assert proposed == [str(folder / "random-digits.toml"), str(folder)]


def test_a_session_is_saved_elsewhere(window, qtbot, answer, recorded, tmp_path):
    path, copy = recorded("made.h5"), tmp_path / "copy.h5"
    window.controller.open(path)
    qtbot.waitUntil(lambda: window.controller.path == path)
    qtbot.waitUntil(window.menu_actions.save_as.isEnabled)
    proposed = answer(str(copy))
    window.menu_actions.save_as.trigger()
    qtbot.waitUntil(copy.exists)
    assert proposed == [str(path)]


def test_the_folder_of_new_sessions_is_shown_once_it_is_chosen(window, answer, tmp_path):
    answer(str(tmp_path / "elsewhere"))
    window.menu_actions.folder.trigger()
    assert window.settings.sessions_folder == tmp_path / "elsewhere"
    assert window.where.full_text.endswith("elsewhere")


def test_a_dialog_that_is_dismissed_changes_nothing(window, answer, tmp_path):
    plan, folder, before = window.plan.plan, window.settings.sessions_folder, sorted(tmp_path.rglob("*"))
    answer("", "", "")
    for action in (window.menu_actions.open, window.menu_actions.save_plan, window.menu_actions.folder):
        action.trigger()
    assert (window.plan.plan, window.settings.sessions_folder) == (plan, folder)
    assert sorted(tmp_path.rglob("*")) == before
