"""Where the docks stand: the arrangement a new window has, and the one a person left behind."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from app.panels import TABS
from app.window.docks import Dock
from engine.plan import Plan

if TYPE_CHECKING:
    from engine.session import SessionSource


class Suiting(QObject):
    """Follows the plan while the arrangement is the program's own. From the first dock that a person opens, closes or
    tears off, it is theirs, until they reset the layout."""

    reported = Signal(str)
    """What became of the arrangement that a person left, where that is not what they left."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock], plan: Plan) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._wanted = fitting(docks, plan)
        self._at_work = False
        self.own = True
        """Whether the arrangement is the program's own."""
        self.held = False
        """Whether no dock is to open by itself."""
        self._absent: list[str] = []  # panels that have a place in the arrangement, but are not there
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
            if self.own and not self.held:
                self._do(lambda: open_only(self._docks, wanted))
                if self._window.isVisible():
                    share(self._window, self._docks)

    def restore(self, layout: QByteArray) -> None:
        """Put the docks where a person left them, if they were theirs to leave. Qt keeps the places of panels that are
        not there; those that were not there then stand where they do at first."""
        names, state = unpacked(layout)
        self._at_work = True
        self.own = state.isEmpty() or not self._window.restoreState(state, VERSION)
        if self.own:
            share(self._window, self._docks)
        elif names:
            self._absent = [name for name in names if name not in self._docks]
            place_others(self._window, self._docks, names, self._wanted)
        self._at_work = False
        if self._absent:
            what = f"panel {self._absent[0]}" if len(self._absent) == 1 else f"panels {', '.join(self._absent)}"
            self.reported.emit(
                f"Your layout has the {what}, not there now: the others stand where you left them, and the place is "
                "kept until the plug-in is loaded again."
            )

    def reset(self) -> None:
        """The program's own arrangement again."""
        self._do(lambda: reset(self._window, self._docks, self._wanted))
        self.own, self._absent = True, []

    def saved(self) -> QByteArray:
        """The arrangement to be remembered; empty where it is the program's own."""
        return QByteArray() if self.own else packed([*self._docks, *self._absent], self._window.saveState(VERSION))

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


def packed(names: Sequence[str], state: QByteArray) -> QByteArray:
    """An arrangement to be remembered: the panels that have a place in it, and the places as Qt packs them."""
    return QByteArray(b"%s\n%s" % (",".join(names).encode(), state.data()))


def unpacked(layout: QByteArray) -> tuple[list[str], QByteArray]:
    """What was packed. One of before the names were remembered is Qt's alone, which begins with a zero byte."""
    names, _, state = bytes(layout.data()).partition(b"\n")
    if not state or names.startswith(b"\0"):
        return [], layout
    return names.decode(errors="replace").split(","), QByteArray(state)


def place_others(window: QMainWindow, docks: Mapping[str, Dock], placed: Sequence[str], wanted: frozenset[str]) -> None:
    """Put docks that have no place yet among the tabs that they belong to; only those that are wanted are open."""
    for name in docks.keys() - set(placed):
        window.removeDockWidget(docks[name])
        beside = next(other for other in tabs(docks, docks[name].spec.dock[0]) if other in placed)
        window.tabifyDockWidget(docks[beside], docks[name])
        docks[name].setVisible(name in wanted)


def _first_open(docks: Mapping[str, Dock], names: Sequence[str]) -> Dock:
    return next((docks[name] for name in names if not docks[name].isHidden()), docks[names[0]])


def _part(whole: int, portion: float, least: int) -> int:
    return max(least, round(whole * portion))
