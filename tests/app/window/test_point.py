"""A step of NAO's gradient, clicked in the Embedding panel, is shown on the canvas as an architecture."""

import pytest
from PySide6.QtCore import QPointF, Qt

from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes
from engine.space.spaces import SPACES


@pytest.fixture
def search():
    """Two candidates and a step from the first, which is read as a third architecture."""
    space = SPACES["nasbench201"]()
    made = [space.decode(space.at(number)) for number in (1, 20, 300)]
    recorder = Recorder(Header(plan=dumps(preset("pnas-nb201")), method="nao", space="nasbench201"), None)
    for number in range(2):
        recorder.candidate(to_bytes(made[number]))
        recorder.score(number, 80.0 + number, seconds=1, parameters=1)
        recorder.point(to_bytes(made[number]), float(number), 0.0, candidate=number, predicted=80.0)
    recorder.point(to_bytes(made[2]), 0.0, 1.0, start=0, step=1, predicted=84.0)
    yield recorder, made
    recorder.close()


def test_a_click_on_a_step_shows_what_it_is_read_as(window, search, qtbot):
    recorder, made = search
    dock = window.docks["embedding"]
    dock.show()
    dock.setFloating(True)
    dock.resize(500, 400)
    window.playback.show(recorder)
    window.playback.select(1)
    window.modes.show_mode("Edit")
    panel = window.panel("embedding")
    qtbot.waitUntil(lambda: window.playback.settled and not panel.shown_sentence)

    def click(x: float, y: float) -> None:
        place = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))
        qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)

    click(0, 1)
    qtbot.waitUntil(lambda: window.playback.settled)
    assert window.parts.cell.isVisible()
    assert window.parts.cell.canvas.architecture == made[2]
    assert window.parts.cell.caption == "step 1 from #0 · predicted 84.0\u00a0%"
    assert window.playback.selection is None
    window.parts.cell.show_change()
    assert window.parts.cell.comparing, "beside the candidate that the step was made from"
    window.parts.cell.show_change(False)

    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.parts.cell.canvas.architecture == made[1], "the best one again"
    assert not len(panel.plot.shown("shown")[0])

    click(0, 1)
    click(0, 0)
    qtbot.waitUntil(lambda: window.playback.settled)
    assert window.parts.cell.canvas.architecture == made[0]
    assert not len(panel.plot.shown("shown")[0])
