"""What the whole window says of a search that has no candidates: the shared network's score, and of which moment."""

import random

from PySide6.QtCore import Qt

from engine.plan import preset
from engine.run.preflight import header_of
from engine.session import Recorder
from engine.space.architecture import to_bytes
from engine.space.darts import DartsSpace
from engine.words import plain

SCORES = ((1, 97.2), (1, 95.0), (2, 71.5), (2, 88.4), (2, 86.1))
"""Stage and score, epoch by epoch."""


def test_a_score_of_an_earlier_stage_never_stands_beside_the_present_cell(qtbot, window, tmp_path):
    plan, space, path = preset("pdarts-digits"), DartsSpace(), tmp_path / "stages.h5"
    recorder = Recorder(header_of(plan), path)
    recorder.status("running")
    moments, before = [], 0
    for step, (stage, score) in enumerate(SCORES):
        recorder.scalar("stage", float(stage), step=step)
        recorder.derived(to_bytes(space.decode(space.sample(random.Random(step)))), step=step)
        if stage > before:
            moments.append(recorder.end)
        before = stage
        recorder.scalar("validation accuracy (epoch)", score, step=step, unit="%")
    recorder.progress(len(SCORES), len(SCORES))
    recorder.status("finished")
    recorder.close()

    window.controller.open(path)
    cell, top = window.parts.cell, window.top
    qtbot.waitUntil(lambda: "derived at step 5" in cell.caption)
    assert plain(cell.caption) == "derived at step 5 · shared network 86.1 % after epoch 5 (stage 2)"
    words = "shared network 86.1 % after epoch 5 (stage 2), best 88.4 % after epoch 4"
    qtbot.waitUntil(lambda: words in plain(top.status.full_text))
    assert "97.2" not in top.status.full_text
    window.playback.go(moments[1])  # the second stage has begun, and nothing is scored in it yet
    qtbot.waitUntil(lambda: cell.caption == "derived at step 3")
    window.docks["curves"].bring_to_front()
    qtbot.keyClick(window, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: "step 5" in cell.caption)
    legend = window.panel("curves").legend
    qtbot.waitUntil(lambda: any(button.text() == "best (epoch)  88.4" for button in legend._buttons))
