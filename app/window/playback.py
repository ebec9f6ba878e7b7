"""Playback: one session, one moment, one selection, one filter of candidates, shown to every panel that can be seen.

Live is the cursor pinned to the end; replay is the cursor anywhere else. One timer looks at the tables; a panel is
called only when it is visible and its own rows or the selection have changed, so that no rate of events can flood the
window.
"""

import math
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from engine.session import SessionSource, View
    from engine.session.queries.candidate_filter import CandidateFilter

TICK = 33  # milliseconds between two looks at the tables
SLOW = 0.5  # seconds between two looks of a panel of text, which nobody could read faster
BUDGET = 0.010  # seconds of drawing after which the remaining panels wait for the next tick


class Viewer(Protocol):
    """What a session is shown to: a panel."""

    reads: ClassVar[tuple[str, ...]]
    cadence: ClassVar[Literal["fast", "slow"]]

    def show_view(
        self, view: "View | None", selection: int | None, wanted: "CandidateFilter | None" = None
    ) -> None: ...


class _Watcher:
    """One panel, what it was last shown, and when."""

    def __init__(self, panel: Viewer) -> None:
        self.panel = panel
        self.shown: object = ()  # equal to no key
        self.at = -math.inf

    def key(self, view: "View | None", selection: int | None, wanted: "CandidateFilter | None") -> object:
        return (view.stamp(*self.panel.reads) if view is not None else None, selection, wanted)

    def visible(self) -> bool:
        """Whether somebody can see it: not closed, not behind another tab, not minimised."""
        widget = self.panel
        assert isinstance(widget, QWidget)
        return widget.isVisible() and not widget.visibleRegion().isEmpty() and not widget.window().isMinimized()


class Playback(QObject):
    """Holds source, cursor (None = live), selection, filter (None: every candidate) and playback; `moved`: the moment
    or the end is another one."""

    moved = Signal()
    chosen = Signal()
    """The selected candidate has changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: SessionSource | None = None
        self.selection: int | None = None
        self.wanted: CandidateFilter | None = None
        self.speed = 1
        self.playing = False
        self._cursor: float | None = None
        self._watchers: list[_Watcher] = []
        self._moment: object = ()
        self._before = perf_counter()
        self._each_tick: list[Callable[[], None]] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    # -- what is shown

    def add(self, panel: Viewer) -> None:
        """Show the session to this panel (or canvas) from now on."""
        self._watchers.append(_Watcher(panel))

    def also(self, call: Callable[[], None]) -> None:
        """Call this at every tick, before the panels; it must be quick."""
        self._each_tick.append(call)

    def show(self, source: "SessionSource | None", cursor: float | None = None) -> None:
        """Show another session, pinned to its end or at `cursor` seconds."""
        self.source, self.selection, self.playing = source, None, False
        self._cursor, self.wanted = cursor, None
        self.chosen.emit()

    def select(self, candidate: int | None) -> None:
        """Show this candidate in every panel; None: the search's own answer."""
        if candidate != self.selection:
            self.selection = candidate
            self.chosen.emit()

    def narrow(self, wanted: "CandidateFilter | None") -> None:
        """Show only these candidates in every panel that shows them one by one; None: all."""
        self.wanted = wanted

    # -- the moment

    @property
    def end(self) -> float:
        """Seconds recorded so far."""
        return self.source.end if self.source is not None else 0.0

    @property
    def cursor(self) -> float | None:
        """The moment shown, in seconds; None while pinned to the end."""
        return self._cursor

    @property
    def time(self) -> float:
        """The moment shown, in seconds."""
        return self.end if self._cursor is None else min(self._cursor, self.end)

    def view(self) -> "View | None":
        """The session at the moment shown."""
        if self.source is None:
            return None
        return self.source.view() if self._cursor is None else self.source.view(self._cursor)

    def go(self, seconds: float) -> None:
        """Show the session at this moment."""
        if self.source is not None:
            self._cursor = min(max(0.0, seconds), self.end)

    def pin(self) -> None:
        """Follow the end: live."""
        self._cursor, self.playing = None, False

    def play(self, on: bool) -> None:
        """Let the cursor run, from the beginning when it stands at the end."""
        if self.source is None:
            return
        if on and self.time >= self.end:
            self._cursor = 0.0
        self.playing = on

    @property
    def settled(self) -> bool:
        """Whether every panel that can be seen shows that moment and that selection."""
        view, seen = self.view(), [watcher for watcher in self._watchers if watcher.visible()]
        return all(watcher.shown == watcher.key(view, self.selection, self.wanted) for watcher in seen)

    # -- the timer

    @property
    def running(self) -> bool:
        """Whether the tables are looked at."""
        return self._timer.isActive()

    def start(self) -> None:
        """Begin to look at the tables."""
        self._before = perf_counter()
        self._timer.start(TICK)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def tick(self) -> None:
        """Move the cursor if it plays, then call the panels that have something new to show."""
        now = perf_counter()
        self._advance(now - self._before)
        self._before = now
        for call in self._each_tick:
            call()
        live = self.source is not None and self.source.live
        moment = (id(self.source), self.end, live, self._cursor, self.playing)
        if moment != self._moment:
            self._moment = moment
            self.moved.emit()
        view = self.view()
        for number, watcher in enumerate(self._watchers):
            if self._show(watcher, view, now) and perf_counter() - now > BUDGET:
                # Whoever comes last today comes first next time.
                self._watchers = self._watchers[number + 1 :] + self._watchers[: number + 1]
                break

    def _advance(self, seconds: float) -> None:
        if not self.playing or self._cursor is None:
            return
        self._cursor += seconds * self.speed
        if self._cursor >= self.end:
            self.pin()

    def _show(self, watcher: _Watcher, view: "View | None", now: float) -> bool:
        if watcher.panel.cadence == "slow" and now - watcher.at < SLOW:
            return False
        if not watcher.visible():
            return False
        key = watcher.key(view, self.selection, self.wanted)
        if key == watcher.shown:
            return False
        watcher.shown, watcher.at = key, now
        watcher.panel.show_view(view, self.selection, self.wanted)
        return True
