"""The editor in the window: what comes into it and what goes out."""

import random

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.graph.kinds import NodeRef
from engine import plan as plans
from engine.session import ORIGINS, Recorder
from engine.space import files, library
from engine.space.architecture import from_bytes, to_bytes
from engine.space.darts import DartsSpace

DARTS_V1 = next(cell for cell in library.cells() if cell.name == "DARTS V1").architecture
SPACE = DartsSpace()


@pytest.fixture
def page(window):
    return window.modes.page("Edit")


@pytest.fixture
def candidates(recorder) -> Recorder:
    """A session of three candidates."""
    rng = random.Random(0)
    for _ in range(3):
        recorder.candidate(to_bytes(SPACE.decode(SPACE.sample(rng))))
    return recorder


def test_the_window_opens_on_watch_and_offers_edit(window, page):
    assert window.modes.mode == "Watch"
    assert window.parts.cell.isVisible()
    assert not page.isVisible()
    texts = [action.text() for action in window.menu_actions.view.actions()]
    assert texts[:2] == ["Watch", "Edit"]
    window.modes.mode_actions[1].trigger()
    assert page.isVisible()


def test_the_edit_menu_is_the_editors(window, page):
    window.modes.show_mode("Edit")
    actions = {action.text(): action for action in window.menu_actions.edit.actions()}
    nodes = len(page.document.architecture.normal.nodes)
    actions["Add node"].trigger()
    assert len(page.document.architecture.normal.nodes) == nodes + 1
    actions["Undo"].trigger()
    assert len(page.document.architecture.normal.nodes) == nodes


def test_what_is_watched_is_edited_as_a_copy(window, page, candidates):
    window.playback.show(candidates)
    window.playback.select(1)
    window.playback.tick()
    window.parts.cell.menu.actions()[0].trigger()
    assert window.modes.mode == "Edit"
    shown = from_bytes(candidates.view().bytes(candidates.view().rows("candidates")["architecture"][1]))
    assert page.document.architecture == shown
    assert page.document.draft.title == "candidate #1"
    page.document.remove([NodeRef("normal", 5)])
    assert from_bytes(candidates.view().bytes(candidates.view().rows("candidates")["architecture"][1])) == shown


def test_a_candidate_of_the_table_is_edited(window, page, candidates):
    window.playback.show(candidates)
    panel = window.panel("candidates")
    window.docks["candidates"].bring_to_front()
    panel.show_view(candidates.view(), 2)
    (edit,) = [action for action in panel.table.actions() if "Edit" in action.text()]
    edit.trigger()
    assert page.document.draft.title == "candidate #2"


def test_the_plans_space_measures_it(window, page):
    page.open(DARTS_V1, "DARTS V1")
    assert page.line.full_text.endswith("in the plan's space")
    window.controller.show_plan(plans.override(window.plan.plan, ["space.nodes=3"]))
    assert page.line.full_text.endswith(
        "outside the plan's space: normal cell: it has 4 nodes, and the space's cells have 3"
    )


def test_it_is_saved_and_opened_again(qtbot, window, page, tmp_path, monkeypatch):
    page.open(DARTS_V1, "DARTS V1")
    page.document.add("normal")
    edited = page.document.architecture
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    window.menu_actions.save_architecture.trigger()
    assert files.load(tmp_path / "mine.toml") == edited
    assert page.line.full_text.startswith("Saved as ")
    assert page.document.stack.isClean()
    page.open(DARTS_V1, "DARTS V1")
    window.modes.show_mode("Watch")
    window.controller.open(tmp_path / "mine.toml")
    qtbot.waitUntil(lambda: page.document.architecture == edited)
    assert window.modes.mode == "Edit"
    assert page.document.draft.title == "mine"


def test_what_cannot_be_saved_is_said(window, page, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "absent" / "mine"), ""))
    window.menu_actions.save_architecture.trigger()
    assert page.line.full_text == "Not possible: mine.toml was not saved: No such file or directory"


def test_a_file_dropped_on_the_window_opens_in_the_editor(qtbot, window, page, tmp_path):
    path = tmp_path / "dropped.txt"
    files.save(DARTS_V1, path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target = window.parts.cell.canvas.viewport()
    at = QPointF(target.mapTo(window, target.rect().center()))
    enter = QDragEnterEvent(at.toPoint(), copy, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(at, copy, data, left, none))
    qtbot.waitUntil(lambda: page.document.draft.title == "dropped")
    assert page.document.architecture == DARTS_V1


def test_a_bad_file_is_one_line_and_changes_nothing(qtbot, window, page, tmp_path):
    before = page.document.draft
    (tmp_path / "bad.txt").write_text("Genotype(", encoding="utf-8")
    window.controller.open(tmp_path / "bad.txt")
    qtbot.waitUntil(lambda: "bad.txt" in window.top.notice.text)
    assert "not a genotype" in window.top.notice.text
    assert page.document.draft == before


def test_nothing_takes_an_architecture_while_nothing_runs(page):
    assert not page.menu_actions.hand_in.isEnabled()
    assert "No search is running" in page.menu_actions.hand_in.toolTip()


@pytest.mark.slow
def test_an_architecture_is_handed_in_to_a_running_search(qtbot, window, page):
    changes = ["space.nodes=2", "evaluator.channels=2", "evaluator.layers=3", "evaluator.epochs=1", "threads=1"]
    changes += ["data.test_share=0.9", "method=random", "budget.evaluations=100000", "budget.seconds=none"]
    window.controller.show_plan(plans.override(plans.preset("random-digits"), changes))
    window.controller.start()
    try:
        qtbot.waitUntil(page.menu_actions.hand_in.isEnabled)
        space = window.plan.plan.space
        page.open(DARTS_V1, "too large")
        page.menu_actions.hand_in.trigger()
        assert page.line.full_text.startswith("Not possible: not handed in: normal cell: it has 4 nodes")
        given = space.decode(space.sample(random.Random(77)))
        page.open(given, "mine")
        page.menu_actions.hand_in.trigger()
        assert page.line.full_text.startswith("Handed in")
        source = window.playback.source

        def born() -> list[str]:
            return [ORIGINS[row["origin"]] for row in source.view().rows("candidates")]

        qtbot.waitUntil(lambda: "handed in" in born())
        number = born().index("handed in")
        row = source.view().rows("candidates")[number]
        assert from_bytes(source.view().bytes(row["architecture"])) == given
    finally:
        window.controller.search.stop()
        qtbot.waitUntil(lambda: not window.controller.search.running)


def test_a_one_shot_search_takes_none(window, page):
    window.controller.search.state, window.controller.search.one_shot = "running", True
    window.parts.editor_bridge.follow()
    assert not page.menu_actions.hand_in.isEnabled()
    assert "trains one network" in page.menu_actions.hand_in.toolTip()
    window.controller.search.state = ""
