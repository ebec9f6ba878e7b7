"""An arrangement of panels of which one comes from a plug-in: with it, without it, and with it again."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QByteArray, Qt

import app.panels
from app.window.main_window import MainWindow

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
RADAR = """
from app.widgets.panel import Panel


class Radar(Panel):
    name = "radar"
    title = "Radar"
    dock = ("learnt", 9)
"""


@pytest.fixture
def opened(qtbot, settings, tmp_path, monkeypatch) -> Callable[[bool], MainWindow]:
    """Opens a window with the same settings as before, with the plug-in's panel or without it."""
    file = tmp_path / "radar.py"
    file.write_text(RADAR)

    def start(with_radar: bool) -> MainWindow:
        monkeypatch.setattr(app.panels, "_further", [])
        if with_radar:
            app.panels.add(file)
        window = MainWindow(settings)
        qtbot.addWidget(window)
        window.show()  # with all docks in their places; what is in them comes later
        return window

    return start


def test_the_place_of_a_panel_that_is_not_there_is_kept_and_said(opened) -> None:
    window = opened(True)
    window.docks["radar"].show()
    window.addDockWidget(LEFT, window.docks["radar"])
    window.docks["log"].close()
    window.close()
    for _ in range(2):  # leaving it once more loses nothing
        without = opened(False)
        assert "panel radar, not there now" in without.top.notice.text
        assert "\n" not in without.top.notice.text
        assert without.docks["log"].isHidden()
        assert not without.suiting.own
        without.close()
    again = opened(True)
    assert not again.top.notice.text
    assert again.dockWidgetArea(again.docks["radar"]) == LEFT
    assert again.docks["radar"].isVisible()
    assert again.docks["log"].isHidden()


def test_a_panel_that_was_not_there_then_joins_its_tabs_and_moves_nothing(opened) -> None:
    window = opened(False)
    window.docks["log"].close()
    window.close()
    more = opened(True)
    assert more.docks["log"].isHidden()
    assert not more.top.notice.text
    radar = more.docks["radar"]
    assert radar.isHidden()  # no setting of the plan names it
    radar.bring_to_front()
    assert more.dockWidgetArea(radar) == RIGHT
    assert more.docks["weights"] in more.tabifiedDockWidgets(radar)


def test_the_arrangement_of_an_earlier_version_still_holds(opened, settings) -> None:
    window = opened(False)
    window.docks["log"].close()
    window.close()
    _, _, as_qt_packs_it = settings.layout.data().partition(b"\n")
    settings.keep_window(settings.geometry, QByteArray(as_qt_packs_it))
    assert opened(False).docks["log"].isHidden()


def test_after_a_reset_nothing_is_kept(opened, settings) -> None:
    window = opened(True)
    window.addDockWidget(LEFT, window.docks["radar"])
    window.docks["log"].close()
    window.close()
    without = opened(False)
    without.menu_actions.reset_layout.trigger()
    without.close()
    assert settings.layout.isEmpty()
    assert not opened(False).top.notice.text
