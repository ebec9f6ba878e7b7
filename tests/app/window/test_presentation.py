"""The canvas alone and large, and the window as it was afterwards."""

import pytest
from PySide6.QtCore import Qt

from app.window.main_window import MainWindow
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes
from engine.space.darts import DartsSpace


@pytest.fixture
def session():
    recorder = Recorder(Header(method="random"), None)
    number = recorder.candidate(to_bytes(DartsSpace(nodes=2).example()))
    recorder.evaluated(number, 80.0, seconds=1.0, parameters=1000)
    yield recorder
    recorder.close()


def opened(window: MainWindow) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def test_the_cell_fills_the_screen_and_the_docks_come_back(qtbot, window, session):
    window.playback.show(session)
    canvas = window.parts.cell.canvas
    qtbot.waitUntil(lambda: len(canvas.shown()) > 0)
    before, zoom, size = opened(window), canvas.transform().m11(), window.size()
    assert len(before) > 4

    window.menu_actions.present.trigger()
    qtbot.waitUntil(window.isFullScreen)
    assert opened(window) == set()
    qtbot.waitUntil(lambda: canvas.transform().m11() > 1.2 >= zoom)

    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert opened(window) == before
    qtbot.waitUntil(lambda: window.size() == size and canvas.transform().m11() == zoom)


def test_an_arrangement_of_ones_own_comes_back_too(qtbot, window):
    window.docks["log"].close()
    before = opened(window)
    assert "log" not in before
    window.menu_actions.present.trigger()
    window.menu_actions.present.trigger()
    assert opened(window) == before


def test_another_plan_opens_no_panel_while_presenting(window):
    window.menu_actions.present.trigger()
    window.controller.show_plan(window.presets["nao-nb201"])
    assert opened(window) == set()
    window.menu_actions.present.trigger()
    assert {"surrogate", "embedding"} <= opened(window)


def test_a_window_closed_while_presenting_opens_as_it_was(qtbot, window, settings):
    window.docks["log"].close()
    before = opened(window)
    window.menu_actions.present.trigger()
    window.close()
    again = MainWindow(settings)
    qtbot.addWidget(again)
    with qtbot.waitSignal(again.completed):
        again.show()
    assert opened(again) == before
    assert not again.isFullScreen()
