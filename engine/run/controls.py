"""The buttons of a search: pause, continue, stop; and what people hand in while it runs."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Literal

from engine.space.decisions import Decisions

ControlState = Literal["running", "pausing", "paused", "stopping"]


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """Raised in the engine's thread at the next checkpoint after `stop()`; unwinds the search."""


class Controls:
    """Carries wishes from any thread to the engine's thread, which heeds them between steps and between batches.

    `changed` is called in the engine's thread with "paused" when a pause takes hold and "running" when it ends.
    """

    def __init__(self) -> None:
        self.changed: Callable[[Literal["paused", "running"]], None] = lambda state: None
        self._condition = threading.Condition()
        self._pause = self._stop = self._blocked = False
        self._handed_in: deque[Decisions] = deque()

    @property
    def state(self) -> ControlState:
        """What is asked for and whether it has happened yet ("pausing" becomes "paused" at the next checkpoint)."""
        with self._condition:
            if self._stop:
                return "stopping"
            if self._pause:
                return "paused" if self._blocked else "pausing"
            return "running"

    def pause(self) -> None:
        """Ask the search to wait. It does so within a batch."""
        with self._condition:
            self._pause = True

    def resume(self) -> None:
        """Let a waiting search go on."""
        with self._condition:
            self._pause = False
            self._condition.notify_all()

    def stop(self) -> None:
        """Ask the search to end, paused or not. It cannot be taken back."""
        with self._condition:
            self._stop = True
            self._condition.notify_all()

    def hand_in(self, decisions: Decisions) -> None:
        """Offer an architecture of the searched space as the next candidate, after those already offered."""
        self._handed_in.append(decisions)

    def take(self) -> Decisions | None:
        """Called by the engine's thread: the architecture that was handed in first, which then is no longer here."""
        return self._handed_in.popleft() if self._handed_in else None

    def checkpoint(self) -> None:
        """Called by the engine's thread where it may wait: blocks while paused, raises `Stopped` after a stop."""
        with self._condition:
            if self._stop:
                raise Stopped
            if not self._pause:
                return
            self._blocked = True
        self.changed("paused")
        with self._condition:
            self._condition.wait_for(lambda: self._stop or not self._pause)
            self._blocked = False
            if self._stop:
                raise Stopped
        self.changed("running")
