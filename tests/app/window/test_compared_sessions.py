"""Differences and comparisons in the window: from a click in the tree to the canvas, from files to curves."""

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt

from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes
from engine.space.darts import DartsSpace

SPACE = DartsSpace()


def fill(recorder: Recorder, seed: int) -> None:
    """A parent and four generations of children, each better than the last."""
    rng = random.Random(seed)
    decisions = SPACE.sample(rng)
    recorder.candidate(to_bytes(SPACE.decode(decisions)))
    recorder.score(0, 70.0, seconds=1, parameters=1000)
    for number in range(1, 5):
        child = SPACE.mutate(decisions, rng, "operation")
        change = SPACE.describe_change(decisions, child)
        recorder.candidate(to_bytes(SPACE.decode(child)), parent=number - 1, origin="mutated", change=change)
        recorder.score(number, 70.0 + number, seconds=1, parameters=1000)
        decisions = child


@pytest.fixture
def searched(tmp_path):
    """Makes a closed session file of an evolution."""

    def make(name: str, seed: int) -> Path:
        header = Header(plan=dumps(preset("evolution-digits")), method="evolution", space="darts", seed=seed)
        recorder = Recorder(header, tmp_path / name)
        fill(recorder, seed)
        recorder.status("finished")
        recorder.close()
        return tmp_path / name

    return make


def test_a_click_in_the_tree_shows_the_child_beside_its_parent(window, recorder, qtbot):
    fill(recorder, 1)
    window.playback.show(recorder)
    window.modes.show_mode("Edit")
    window.docks["lineage"].show()
    window.docks["lineage"].setFloating(True)
    window.docks["lineage"].resize(500, 400)
    panel = window.panel("lineage")
    qtbot.waitUntil(lambda: window.playback.settled and not panel.shown_sentence)
    place = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(3, 73)))
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.playback.selection == 3
    assert window.modes.mode == "Watch"
    qtbot.waitUntil(lambda: window.parts.cell.comparing)
    assert "#3" in window.parts.cell.caption


def test_files_are_read_beside_the_window_and_a_bad_one_is_one_line(window, searched, tmp_path, qtbot):
    (tmp_path / "no.h5").write_text("nothing of the kind")
    panel = window.panel("compare")
    window.docks["compare"].bring_to_front()
    panel.add([searched("one.h5", 1), searched("two.h5", 2), tmp_path / "no.h5", tmp_path / "absent.h5"])
    assert panel.list.waiting == 4
    qtbot.waitUntil(lambda: not panel.list.waiting)
    assert [band.name for band in panel.plot.shown] == ["evolution-digits ×2"]
    faults = [text for text in panel.list.texts if text.startswith(("no.h5: ", "absent.h5: "))]
    assert len(faults) == 2
    assert all("\n" not in text and str(tmp_path) not in text for text in faults)


def test_the_session_on_the_desk_is_compared_without_being_added(window, recorder, qtbot):
    window.docks["compare"].bring_to_front()
    panel = window.panel("compare")
    qtbot.waitUntil(lambda: not panel.visibleRegion().isEmpty())
    qtbot.waitUntil(lambda: window.playback.settled)
    assert panel.shown_sentence
    fill(recorder, 1)
    window.playback.show(recorder)
    qtbot.waitUntil(lambda: not panel.shown_sentence)
    assert panel.plot.shown[0].middle.tolist() == [70, 71, 72, 73, 74]
