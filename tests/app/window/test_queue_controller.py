"""The queue in the window: plans over seeds are added, run, stopped, opened and compared."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine import plan as plans
from engine.plan.evaluators.table import TableSettings
from engine.plan.methods.random_search import RandomSettings
from engine.session import BenchmarkTable, read, summary, write_table
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "table.h5"
    score = np.arange(15_625.0) / 160
    write_table(path, BenchmarkTable(SPACE, np.arange(15_625, dtype=np.uint64), {"s": score}, {"score": "s"}, {}))
    return path


@pytest.fixture
def queue(window, table, tmp_path):
    """The panel, with a quick search of a table as the plan, and a folder."""
    plan = plans.Plan(
        name="lookup",
        space=SPACE,
        method=RandomSettings(),
        evaluator=TableSettings(file=str(table)),
        budget=plans.Budget(evaluations=20),
    )
    window.controller.show_plan(plan)
    window.docks["queue"].bring_to_front()
    panel = window.panel("queue")
    panel.show_folder(tmp_path / "many")
    return panel


def longer(window) -> None:
    """The same search, with no end in sight."""
    window.controller.show_plan(replace(window.plan.plan, budget=plans.Budget(evaluations=10_000_000)))


def add(qtbot, panel, seeds: str) -> None:
    panel.seeds.clear()
    qtbot.keyClicks(panel.seeds, seeds)
    before = len(panel.model.runs)
    qtbot.keyClick(panel.seeds, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(panel.model.runs) > before or not panel.fault.isHidden())


def states(panel) -> list[str]:
    return [run.state for run in panel.model.runs]


def test_a_plan_over_seeds_is_run_opened_and_compared(window, queue, qtbot):
    assert queue.hint.isVisible()
    assert not queue.start.isEnabled()
    add(qtbot, queue, "0-1")
    assert [queue.model.values(row)[:2] for row in range(2)] == [("lookup-0", "waiting"), ("lookup-1", "waiting")]
    assert queue.said == "2 waiting"
    assert not queue.compare.isEnabled()
    queue.at_once.setValue(2)
    qtbot.mouseClick(queue.start, Qt.MouseButton.LeftButton)
    assert not queue.start.isEnabled()
    assert queue.stop.isEnabled()
    qtbot.waitUntil(lambda: states(queue) == ["finished"] * 2)
    qtbot.waitUntil(lambda: not window.parts.queue_controller.running)
    best = summary(read(queue.model.runs[0].path).view()).best_score
    assert queue.model.values(0)[2:4] == ("20", f"{best:.2f}")

    queue.table.setCurrentIndex(queue.model.index(1, 0))
    qtbot.keyClick(queue.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.playback.source is not None)
    assert window.playback.source.header.seed == 1
    qtbot.mouseClick(queue.compare, Qt.MouseButton.LeftButton)
    compare = window.panel("compare")
    qtbot.waitUntil(lambda: compare.list.waiting == 0 and len(compare.list.shown) == 2)
    assert window.docks["compare"].isVisible()

    window.controller.show_plan(window.controller.recorded_plan)
    add(qtbot, queue, "0-2")
    assert states(queue) == ["finished", "finished", "waiting"]
    assert queue.model.values(0)[4] == "it was in the folder already"


def test_what_cannot_be_run_is_said_in_one_line(window, queue, qtbot):
    add(qtbot, queue, "9-0")
    assert queue.fault.full_text.startswith("seeds 9-0: the last comes before the first")
    add(qtbot, queue, "3")
    assert queue.fault.isHidden()
    assert states(queue) == ["waiting"]


def test_what_runs_is_paused_continued_and_stopped_and_can_begin_again(window, queue, qtbot):
    longer(window)
    add(qtbot, queue, "0,1")
    qtbot.mouseClick(queue.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: queue.model.runs[0].best is not None)
    assert states(queue) == ["running", "waiting"]
    qtbot.mouseClick(queue.pause, Qt.MouseButton.LeftButton)
    assert queue.pause.text() == "Continue"
    assert states(queue) == ["paused", "waiting"]
    qtbot.mouseClick(queue.pause, Qt.MouseButton.LeftButton)
    assert states(queue) == ["running", "waiting"]
    queue.table.selectAll()
    queue._remove()
    assert states(queue) == ["running", "waiting"], "the engine has both of them"
    qtbot.mouseClick(queue.stop, Qt.MouseButton.LeftButton)
    assert window.top.notice.text.startswith("Stop the searches of the queue that run?")
    assert window.parts.queue_controller.state == "running"
    qtbot.mouseClick(window.top.notice.answers["Stop and save"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.parts.queue_controller.running)
    assert states(queue) == ["stopped", "waiting"]
    assert queue.start.isEnabled()
    window.activateWindow()
    queue.table.setFocus()
    queue.table.selectRow(1)
    qtbot.keyClick(queue.table, Qt.Key.Key_Delete)
    assert states(queue) == ["stopped"]


def test_closing_the_window_ends_the_queue_first(window, queue, qtbot, monkeypatch):
    monkeypatch.setattr("app.window.main_window.PATIENCE", 600.0)
    longer(window)
    add(qtbot, queue, "0")
    qtbot.mouseClick(queue.start, Qt.MouseButton.LeftButton)
    path = queue.model.runs[0].path
    qtbot.waitUntil(lambda: queue.model.runs[0].best is not None)
    window.close()
    assert window.top.notice.text.startswith("The queue is running. Stop it and close?")
    with qtbot.waitSignal(window.closed):
        window.close()
        assert window.isVisible(), "it waits until the search has closed its session"
    assert summary(read(path).view()).status == "stopped"


def test_presets_are_offered_by_family_and_added_by_name(window, queue, qtbot):
    names = [queue.plans.itemText(row) for row in range(queue.plans.count())]
    assert names[0] == "lookup (this plan)"
    assert set(window.presets) <= set(names)
    queue.plans.setCurrentIndex(names.index("random-digits"))
    add(qtbot, queue, "")
    assert [run.path.stem for run in queue.model.runs] == ["random-digits-0"]
