"""Where the docks stand: the arrangement a new window has, and the one a person left behind."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt
from PySide6.QtWidgets import QMainWindow

from app.panels import TABS
from app.window.docks import Dock
from engine.plan import Plan

if TYPE_CHECKING:
    from engine.session import SessionSource


class Suiting(QObject):
    """Follows the plan while the arrangement is the program's own. From the first dock that a person opens, closes or
    tears off, it is theirs, until they reset the layout."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock], plan: Plan) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._wanted = fitting(docks, plan)
        self._at_work = False
        self.own = True
        """Whether the arrangement is the program's own."""
        for dock in docks.values():
            dock.toggleViewAction().triggered.connect(self._taken_over)
            dock.topLevelChanged.connect(self._taken_over)
            dock.closed.connect(self._taken_over)
            dock.brought_up.connect(self._taken_over)
        self._do(lambda: arrange(window, docks, self._wanted))

    def follow(self, plan: Plan | None, source: "SessionSource | None" = None) -> None:
        """Another plan is meant, or None: that of a session which is not known here, but what it recorded is."""
        if plan is not None:
            wanted = fitting(self._docks, plan)
        else:
            proposes = source is not None and len(source.view().rows("candidates")) > 0
            wanted = opened_with(self._docks, "sampling" if proposes else "one-shot")
        if wanted != self._wanted:
            self._wanted = wanted
            if self.own:
                self._do(lambda: open_only(self._docks, wanted))
                if self._window.isVisible():
                    share(self._window, self._docks)

    def restore(self, layout: QByteArray) -> None:
        """Put the docks where a person left them, if they were theirs to leave."""
        self._at_work = True
        self.own = not restore(self._window, self._docks, layout)
        self._at_work = False

    def reset(self) -> None:
        """The program's own arrangement again."""
        self._do(lambda: reset(self._window, self._docks, self._wanted))
        self.own = True

    def saved(self) -> QByteArray:
        """The arrangement to be remembered; empty where it is the program's own."""
        return QByteArray() if self.own else self._window.saveState(version(self._docks))

    def _do(self, arrange: Callable[[], None]) -> None:
        self._at_work = True
        arrange()
        self._at_work = False

    def _taken_over(self, *_: object) -> None:
        if not self._at_work:
            self.own = False


VERSION = 4
"""To be raised whenever docks are added or renamed, so that an arrangement saved before is not half restored."""

SIZE = QSize(1440, 900)
"""Of a new window, where the screen has the room."""

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def tabs(docks: Mapping[str, Dock], place: str) -> list[str]:
    """The names of the docks that stand in one place, in the order of their tabs."""
    found = [dock.spec for dock in docks.values() if dock.spec.dock[0] == place]
    return [spec.name for spec in sorted(found, key=lambda spec: spec.dock[1])]


def fitting(docks: Mapping[str, Dock], plan: Plan) -> frozenset[str]:
    """The docks that a search with this plan has something to show in."""
    filled = {*plan.method.panels, *(plan.evaluator.panels if plan.evaluator is not None else ())}
    return opened_with(docks, "one-shot" if plan.method.one_shot else "sampling") | (filled & docks.keys())


def opened_with(docks: Mapping[str, Dock], search: str) -> frozenset[str]:
    """The docks that are open with every search of a kind, "one-shot" or "sampling"."""
    return frozenset(name for name, dock in docks.items() if dock.spec.opens in ("every", search))


def reset(window: QMainWindow, docks: Mapping[str, Dock], wanted: frozenset[str]) -> None:
    """Put every dock back in its first place, in its first size; only those that are wanted are open."""
    arrange(window, docks, wanted)
    share(window, docks)


def arrange(window: QMainWindow, docks: Mapping[str, Dock], wanted: frozenset[str]) -> None:
    """Plan on the left; on the right what is learnt above the candidates; below the tabs of curves, and the log."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    places = {place: tabs(docks, place) for place in TABS}
    for place, area in (("plan", _LEFT), ("learnt", _RIGHT), ("candidates", _RIGHT), ("curves", _BOTTOM)):
        window.addDockWidget(area, docks[places[place][0]])
    window.splitDockWidget(docks[places["curves"][0]], docks[places["log"][0]], _ACROSS)
    for names in places.values():
        for before, name in pairwise(names):
            window.tabifyDockWidget(docks[before], docks[name])
    open_only(docks, wanted)


def open_only(docks: Mapping[str, Dock], wanted: frozenset[str]) -> None:
    """Open the docks that are wanted where they stand, and close the others."""
    for name, dock in docks.items():
        dock.setVisible(name in wanted)
    for place in TABS:
        for name in tabs(docks, place):
            if name in wanted:
                docks[name].raise_()
                break


def share(window: QMainWindow, docks: Mapping[str, Dock]) -> None:
    """Share out the room of a window that is shown: most of it for the canvas in the middle."""
    wide, high = window.width(), window.height()
    learnt, candidates = (_first_open(docks, tabs(docks, place)) for place in ("learnt", "candidates"))
    right = candidates if learnt.isHidden() else learnt
    window.resizeDocks([docks["plan"], right], [_part(wide, 0.18, 250), _part(wide, 0.25, 310)], _ACROSS)
    window.resizeDocks([docks["curves"], docks["log"]], [round(wide * 0.46), round(wide * 0.54)], _ACROSS)
    window.resizeDocks([learnt, candidates], [round(high * 0.33), round(high * 0.33)], _DOWN)
    window.resizeDocks([docks["curves"]], [_part(high, 0.24, 150)], _DOWN)


def version(docks: Mapping[str, Dock]) -> int:
    """Of the arrangements that these docks can be restored from: one with a plug-in's panels is another one."""
    others = ",".join(name for name, dock in docks.items() if not dock.spec.own)
    return VERSION + (zlib.crc32(others.encode()) >> 2 if others else 0)


def restore(window: QMainWindow, docks: Mapping[str, Dock], layout: QByteArray) -> bool:
    """Put the docks where they were left or, when what was saved does not fit, where they were at first. Whether they
    were left somewhere."""
    if layout.isEmpty() or not window.restoreState(layout, version(docks)):
        share(window, docks)
        return False
    return True


def _first_open(docks: Mapping[str, Dock], names: Sequence[str]) -> Dock:
    return next((docks[name] for name in names if not docks[name].isHidden()), docks[names[0]])


def _part(whole: int, portion: float, least: int) -> int:
    return max(least, round(whole * portion))
