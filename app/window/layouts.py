"""Where the docks stand: the arrangement a new window has, and the one a person left behind."""

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

VERSION = 3
"""To be raised whenever docks are added or renamed, so that an arrangement saved before is not half restored."""

SIZE = QSize(1440, 900)
"""Of a new window, where the screen has the room."""

CANDIDATES = ("population", "candidates", "lineage", "front")
"""The tabs on the right, below the architecture weights."""
CURVES = ("curves", "health", "standing", "compare")
"""The tabs at the bottom, left of the log."""

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def reset(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Put every dock back in its first place, in its first size."""
    arrange(window, docks)
    share(window, docks)


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Plan on the left; on the right weights above the tabs of candidates; below the tabs of curves, and the log."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    for name, area in (("plan", _LEFT), ("weights", _RIGHT), (CANDIDATES[0], _RIGHT), (CURVES[0], _BOTTOM)):
        window.addDockWidget(area, docks[name])
    window.splitDockWidget(docks[CURVES[0]], docks["log"], _ACROSS)
    for tabs in (CANDIDATES, CURVES):
        for before, name in pairwise(tabs):
            window.tabifyDockWidget(docks[before], docks[name])
    for dock in docks.values():
        dock.show()
    for tabs in (CANDIDATES, CURVES):
        docks[tabs[0]].raise_()


def share(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Share out the room of a window that is shown: most of it for the canvas in the middle."""
    wide, high = window.width(), window.height()
    window.resizeDocks([docks["plan"], docks["weights"]], [_part(wide, 0.18, 250), _part(wide, 0.25, 310)], _ACROSS)
    window.resizeDocks([docks["curves"], docks["log"]], [round(wide * 0.46), round(wide * 0.54)], _ACROSS)
    window.resizeDocks([docks["weights"], docks["population"]], [round(high * 0.33), round(high * 0.33)], _DOWN)
    window.resizeDocks([docks["curves"]], [_part(high, 0.24, 150)], _DOWN)


def restore(window: QMainWindow, docks: Mapping[str, QDockWidget], layout: QByteArray) -> None:
    """Put the docks where they were left or, when what was saved does not fit, where they were at first."""
    if layout.isEmpty() or not window.restoreState(layout, VERSION):
        share(window, docks)


def _part(whole: int, portion: float, least: int) -> int:
    return max(least, round(whole * portion))
