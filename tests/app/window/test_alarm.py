"""From the alarm back to the healthy cell, in the whole window."""

import random

from PySide6.QtCore import Qt

from engine.plan import preset
from engine.run.preflight import header_of
from engine.session import Recorder
from engine.space.architecture import to_bytes
from engine.space.darts import DartsSpace


def test_one_click_shows_the_cell_of_the_last_healthy_step(qtbot, window, tmp_path):
    plan, space, path = preset("darts-digits"), DartsSpace(), tmp_path / "collapse.h5"
    recorder = Recorder(header_of(plan), path)
    recorder.status("running")
    moments = []
    for step in range(0, 50, 10):
        recorder.derived(to_bytes(space.decode(space.sample(random.Random(step)))), step=step)
        recorder.scalar("share of skips (normal)", 50.0, step=step, unit="%")
        moments.append(recorder.end)
    recorder.alarm(40, 20, moments[2], "the normal cell is collapsing; last healthy at step 21 (epoch 2)")
    recorder.status("finished")
    recorder.close()

    window.controller.open(path)
    qtbot.waitUntil(lambda: window.parts.cell.caption == "derived at step 41")
    window.docks["health"].bring_to_front()
    panel = window.panel("health")
    qtbot.waitUntil(lambda: panel.back.isVisible())
    assert panel.back.text() == "Show the cell of step 21"
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.parts.cell.caption == "derived at step 21")
    assert window.playback.time == moments[2]
    assert not window.timeline.live.isChecked()
