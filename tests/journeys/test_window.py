"""Journeys through the window: start a search, watch it, stop it, open its session again, travel in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.window.main_window import MainWindow
from app.window.timeline import SHORTEST
from engine.session import read, summary
from engine.words import NB

pytestmark = pytest.mark.slow

SMALL = {"method__channels": "2", "method__layers": "3", "method__batch": "256", "threads": "1"}
PANELS = ("weights", "population", "candidates", "lineage", "front", "curves", "log")
ENDLESS = "100000"


def plan(qtbot, window: MainWindow, preset: str, **texts: str) -> None:
    """Choose a preset, then type into the form; `__` stands for the dot of a key."""
    offered = [action for family in window.top.preset_menu.actions() for action in family.menu().actions()]
    next(action for action in offered if action.text() == preset).trigger()
    for key, text in texts.items():
        path = key.replace("__", ".")
        line = window.plan.form.rows[path].editor.face
        line.selectAll()
        qtbot.keyClick(line, Qt.Key.Key_Delete)
        qtbot.keyClicks(line, text)
    assert window.plan.fault == ""


def start(qtbot, window: MainWindow) -> Path:
    """Click Start; returns the session's file."""
    qtbot.mouseClick(window.top.start, Qt.MouseButton.LeftButton)
    assert window.top.notice.text == ""
    path = window.controller.path
    assert path is not None
    return path


def state(window: MainWindow) -> str:
    return window.windowTitle().split(" · ")[1].removesuffix(" — Cellwright")


def until(qtbot, window: MainWindow, wanted: str) -> None:
    """Wait until the title says so; at once a failure where the search has ended otherwise."""
    qtbot.waitUntil(lambda: state(window) in (wanted, "failed"))
    assert state(window) == wanted, window.top.notice.text


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, copy, left, none = QPointF(9, 9), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    QApplication.sendEvent(window, QDragEnterEvent(where.toPoint(), copy, data, left, none.NoModifier))
    QApplication.sendEvent(window, QDropEvent(where, copy, data, left, none.NoModifier))


def operations(window: MainWindow) -> list[str]:
    """The operations on the edges of the cell that is drawn."""
    return [operation for _, _, _, operation, _ in window.parts.cell.data()[1] if operation]


def witness(window: MainWindow) -> dict[str, dict[float, str]]:
    """From now on, what every panel shows at every moment at which it is called."""
    seen: dict[str, dict[float, str]] = {}

    def watch(name: str, panel) -> None:
        show_view: Callable = panel.show_view

        def spy(view, selection, wanted=None) -> None:
            show_view(view, selection, wanted)
            if view is not None and selection is None:
                seen.setdefault(name, {})[view.time] = repr(panel.data())

        panel.show_view = spy

    watch("cell", window.parts.cell)
    for name in PANELS:
        watch(name, window.panel(name))
    return seen


def shown(window: MainWindow, name: str) -> str:
    return repr((window.parts.cell if name == "cell" else window.panel(name)).data())


def some(times: dict[float, str], number: int = 4) -> list[float]:
    """A few of the moments, the first and the last among them."""
    ordered = sorted(times)
    return sorted({ordered[round(part * (len(ordered) - 1) / (number - 1))] for part in range(number)})


def travel(qtbot, window: MainWindow, live: dict[str, dict[float, str]], path: Path, *names: str) -> None:
    """Open the session again; at several moments, and at its end, the panels show what they showed live."""
    qtbot.waitUntil(lambda: window.playback.settled)
    ending = {name: shown(window, name) for name in names}
    drop(window, path)
    qtbot.waitUntil(lambda: window.plan.locked == "opened")
    for name in names:
        if name in window.docks:
            window.docks[name].bring_to_front()
        assert len(live[name]) >= 2
        for time in some(live[name]):
            window.playback.go(time)
            qtbot.waitUntil(lambda: shown(window, name) == live[name][time])  # noqa: B023
        window.timeline.go_live()
        qtbot.waitUntil(lambda: shown(window, name) == ending[name])  # noqa: B023


def test_start_watch_finish_open_again_and_travel(qtbot, window):
    plan(qtbot, window, "darts-digits", space__nodes="2", budget__epochs="2", **SMALL)
    live = witness(window)
    path = start(qtbot, window)
    assert not window.top.start.isEnabled()
    assert window.top.stop.isEnabled()
    until(qtbot, window, "finished")

    assert window.top.notice.text.startswith("The search finished, after")
    assert window.top.start.isEnabled()
    assert "· 2 of 2 epochs · in " in window.top.status.full_text
    qtbot.waitUntil(lambda: len(window.panel("log").data()[1]) >= 2)
    assert len(operations(window)) == 8  # two cells of two nodes with two inputs each
    assert len(window.panel("weights").data()[1]) > 0
    assert len(window.panel("curves").data()[1]) > 0
    travel(qtbot, window, live, path, "cell", "weights", "curves", "log")


def test_evolution_fills_the_panels_and_a_candidate_shows_its_cell(qtbot, window):
    plan(
        qtbot, window, "evolution-digits", method__population="4", method__sample="2", evaluator__epochs="1",
        evaluator__channels="2", evaluator__layers="3", evaluator__batch="256", budget__evaluations="7", threads="1",
    )  # fmt: skip
    for name in ("candidates", "lineage", "front"):  # to see them beside the population
        window.docks[name].setFloating(True)
    live = witness(window)
    path = start(qtbot, window)
    until(qtbot, window, "finished")
    candidates, population = window.panel("candidates"), window.panel("population")
    qtbot.waitUntil(lambda: len(population.data()[1]) == 7)
    qtbot.waitUntil(lambda: len(candidates.data()[1]) == 7)
    best = window.parts.cell.caption
    assert "best" in best
    candidates.selected.emit(0)
    qtbot.waitUntil(lambda: "#0" in window.parts.cell.caption)
    assert len(operations(window)) == 16
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.parts.cell.caption == best)
    travel(qtbot, window, live, path, "cell", "population", "candidates", "lineage", "front")


def test_a_preset_of_the_benchmark_starts_with_one_click_and_shows_the_best(qtbot, window):
    plan(qtbot, window, "evolution-nb201")
    assert window.top.start.isEnabled()
    path = start(qtbot, window)
    until(qtbot, window, "finished")
    found = summary(read(path).view())
    assert (found.evaluations > 80, found.unit) == (True, "%")
    assert f"best {found.best_score:.1f}" in window.top.status.full_text.replace(NB, " ")
    qtbot.waitUntil(lambda: "best" in window.parts.cell.caption)
    assert len(operations(window)) <= 6
    assert "NAS-Bench-201 CIFAR-10" in window.where.full_text
    window.docks["standing"].bring_to_front()
    standing = window.panel("standing")
    qtbot.waitUntil(lambda: len(standing.data()[1]) == found.evaluations)
    assert "of 15" in standing.said


def test_pause_continue_scrub_mark_and_stop_while_it_runs(qtbot, window):
    plan(qtbot, window, "darts-digits", space__nodes="2", budget__epochs=ENDLESS, **SMALL)
    path = start(qtbot, window)
    until(qtbot, window, "running")
    assert "Writing" in window.where.full_text
    qtbot.waitUntil(lambda: f"of {ENDLESS}" in window.top.status.full_text)
    assert "cpu · 1 thread" in window.top.status.full_text
    qtbot.waitUntil(lambda: len(window.panel("curves").data()[1]) > 4)

    qtbot.mouseClick(window.top.pause, Qt.MouseButton.LeftButton)
    until(qtbot, window, "paused")
    assert window.top.pause.text() == "Continue"
    qtbot.mouseClick(window.top.pause, Qt.MouseButton.LeftButton)
    until(qtbot, window, "running")

    qtbot.waitUntil(lambda: window.playback.end > 4 * SHORTEST)  # or three steps would lead to the end, which is live
    window.timeline.go_first()
    window.timeline.step(3)
    past = window.playback.time
    end = window.playback.end
    qtbot.waitUntil(lambda: window.playback.end > end + 0.5)
    assert window.playback.time == past
    assert not window.timeline.live.isChecked()
    qtbot.keyClick(window.timeline.track, Qt.Key.Key_M)
    qtbot.keyClicks(window.timeline.note, "early")
    qtbot.keyClick(window.timeline.note, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [mark.note for mark in window.timeline.track.marks] == ["early"])
    window.timeline.go_live()

    qtbot.mouseClick(window.top.stop, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.top.notice.answers["Stop and save"], Qt.MouseButton.LeftButton)
    until(qtbot, window, "stopped")
    view = read(path).view()
    assert summary(view).status == "stopped"
    (mark,) = view.rows("marks")
    assert float(mark["at"]) == pytest.approx(past)

    qtbot.keyClick(window.timeline.track, Qt.Key.Key_M)
    qtbot.keyClicks(window.timeline.note, "the end")
    qtbot.keyClick(window.timeline.note, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [mark.note for mark in window.timeline.track.marks] == ["early", "the end"])
    assert state(window) == "stopped"
    assert window.plan.locked == ""


def test_closing_stops_the_search_and_keeps_its_session(qtbot, window, monkeypatch):
    monkeypatch.setattr("app.window.main_window.PATIENCE", 600.0)  # it stops within a batch, however long that is
    plan(
        qtbot,
        window,
        "random-digits",
        evaluator__channels="2",
        evaluator__layers="3",
        threads="1",
        budget__evaluations=ENDLESS,
    )
    path = start(qtbot, window)
    until(qtbot, window, "running")
    qtbot.waitUntil(lambda: "candidate" in window.top.status.full_text)
    window.close()
    assert window.isVisible()
    assert state(window) == "running"
    with qtbot.waitSignal(window.closed):
        qtbot.mouseClick(window.top.notice.answers["Stop and save"], Qt.MouseButton.LeftButton)
        assert window.isVisible()
        assert state(window) == "stopping…"
    assert not window.isVisible()
    assert summary(read(path).view()).status == "stopped"


def test_a_search_that_cannot_go_on_says_why_in_one_line(qtbot, window):
    plan(qtbot, window, "darts-digits", threads="1")
    window.plan.form.rows["device"].editor.face.setEditText("cuda:77")
    path = start(qtbot, window)
    until(qtbot, window, "failed")
    assert "cuda" in window.top.notice.text.lower()
    assert "\n" not in window.top.notice.text
    assert window.plan.locked == ""
    assert not path.exists()
    assert window.top.start.isEnabled()
