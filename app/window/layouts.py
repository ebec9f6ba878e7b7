"""Where the docks stand: the arrangement a new window has, and the one a person left behind."""

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from engine.plan import Plan, kind_of

VERSION = 4
"""To be raised whenever docks are added or renamed, so that an arrangement saved before is not half restored."""

SIZE = QSize(1440, 900)
"""Of a new window, where the screen has the room."""

LEARNT = ("weights", "controller", "embedding", "surrogate")
"""The tabs on the right, on top: what the method has learnt."""
CANDIDATES = ("population", "candidates", "lineage", "front")
"""The tabs on the right, below."""
CURVES = ("curves", "health", "standing", "compare", "queue")
"""The tabs at the bottom, left of the log."""

ALWAYS = frozenset({"plan", "curves", "log"})
ONE_SHOT = ALWAYS | {"weights", "health"}
SAMPLING = ALWAYS | {*CANDIDATES, "compare"}
OWN = {
    "nas-rl": {"controller"},
    "nasnet": {"controller"},
    "enas": {"controller"},
    "pnas": {"surrogate"},
    "nao": {"embedding", "surrogate"},
}
"""What a method fills beside what every method does."""

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def fitting(plan: Plan) -> frozenset[str]:
    """The docks that a search with this plan has something to show in."""
    if plan.method.one_shot:
        return ONE_SHOT
    table = {"standing"} if kind_of(plan.evaluator) == "table" else set()
    return SAMPLING | OWN.get(kind_of(plan.method) or "", set()) | table


def reset(window: QMainWindow, docks: Mapping[str, QDockWidget], wanted: frozenset[str]) -> None:
    """Put every dock back in its first place, in its first size; only those that are wanted are open."""
    arrange(window, docks, wanted)
    share(window, docks)


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget], wanted: frozenset[str]) -> None:
    """Plan on the left; on the right what is learnt above the candidates; below the tabs of curves, and the log."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    for name, area in (("plan", _LEFT), (LEARNT[0], _RIGHT), (CANDIDATES[0], _RIGHT), (CURVES[0], _BOTTOM)):
        window.addDockWidget(area, docks[name])
    window.splitDockWidget(docks[CURVES[0]], docks["log"], _ACROSS)
    for tabs in (LEARNT, CANDIDATES, CURVES):
        for before, name in pairwise(tabs):
            window.tabifyDockWidget(docks[before], docks[name])
    open_only(docks, wanted)


def open_only(docks: Mapping[str, QDockWidget], wanted: frozenset[str]) -> None:
    """Open the docks that are wanted where they stand, and close the others."""
    for name, dock in docks.items():
        dock.setVisible(name in wanted)
    for tabs in (LEARNT, CANDIDATES, CURVES):
        for name in tabs:
            if name in wanted:
                docks[name].raise_()
                break


def share(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Share out the room of a window that is shown: most of it for the canvas in the middle."""
    wide, high = window.width(), window.height()
    right = _first_open(docks, (*LEARNT, *CANDIDATES))
    window.resizeDocks([docks["plan"], right], [_part(wide, 0.18, 250), _part(wide, 0.25, 310)], _ACROSS)
    window.resizeDocks([docks["curves"], docks["log"]], [round(wide * 0.46), round(wide * 0.54)], _ACROSS)
    learnt, candidates = _first_open(docks, LEARNT), _first_open(docks, CANDIDATES)
    window.resizeDocks([learnt, candidates], [round(high * 0.33), round(high * 0.33)], _DOWN)
    window.resizeDocks([docks["curves"]], [_part(high, 0.24, 150)], _DOWN)


def restore(window: QMainWindow, docks: Mapping[str, QDockWidget], layout: QByteArray) -> bool:
    """Put the docks where they were left or, when what was saved does not fit, where they were at first. Whether they
    were left somewhere."""
    if layout.isEmpty() or not window.restoreState(layout, VERSION):
        share(window, docks)
        return False
    return True


def _first_open(docks: Mapping[str, QDockWidget], names: tuple[str, ...]) -> QDockWidget:
    return next((docks[name] for name in names if not docks[name].isHidden()), docks[names[0]])


def _part(whole: int, portion: float, least: int) -> int:
    return max(least, round(whole * portion))
