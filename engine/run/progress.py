"""How far a search is, how long it will take, and what it uses of the machine; and the pulse between two batches."""

import math
import time
from collections.abc import Callable

from engine.run.controls import Controls
from engine.session import Recorder

Usage = Callable[[], tuple[int, float]]
"""Memory in use (bytes) and load of the device (0 to 1; NaN where unknown)."""

EVERY = 0.5
"""Seconds between two progress rows."""

HORIZON = 30.0
"""Seconds after which past speed counts for a third (1/e) of what it did."""


class Pace:
    """A speed from discounted sums of work and time: old measurements fade, and the first one needs no correction."""

    def __init__(self, horizon: float = HORIZON) -> None:
        self._horizon = horizon
        self._work = self._time = 0.0

    def add(self, work: float, seconds: float) -> None:
        """Note that `work` units were done in the last `seconds`."""
        fade = math.exp(-seconds / self._horizon)
        self._work = self._work * fade + work
        self._time = self._time * fade + seconds

    def remaining(self, work: float) -> float:
        """Seconds that `work` more units will take; NaN while nothing is known."""
        return work * self._time / self._work if self._work > 0 else math.nan


class Progress:
    """Keeps the account of a search's work and time. Time spent in a pause does not count.

    `total` is the work planned in the method's own units (steps or evaluations), 0 where only time limits the search;
    `done` may be a fraction of it. `share` (0 to 1) is how much of another budget is spent, where the search has one.
    """

    def __init__(self, recorder: Recorder, controls: Controls, total: int, limit: float | None, usage: Usage) -> None:
        self.done = 0.0
        self.evaluations = 0
        self.share = 0.0
        self._recorder, self._controls, self._usage = recorder, controls, usage
        self._total, self._limit = total, limit
        self._pace = Pace()
        self._active = 0.0
        self._seen = (time.monotonic(), 0.0)  # when the pace was last measured, and what was done then
        self._told = -math.inf
        self._fault = ""

    @property
    def time_is_up(self) -> bool:
        """Whether the budget of seconds is spent."""
        return self._limit is not None and self._active + time.monotonic() - self._seen[0] >= self._limit

    def pulse(self) -> None:
        """To be called between steps and between batches: heeds the controls and, twice a second, records progress.

        Raises `Stopped` when the search is to end.
        """
        before = time.monotonic()
        self._controls.checkpoint()
        after = time.monotonic()
        self._seen = (self._seen[0] + after - before, self._seen[1])
        if after - self._told >= EVERY:
            self.tell()

    def tell(self) -> None:
        """Record a progress row now."""
        now = time.monotonic()
        seconds, work = now - self._seen[0], self.done - self._seen[1]
        self._pace.add(work, seconds)
        self._active += seconds
        self._seen, self._told = (now, self.done), now
        memory, load = self._usage()
        self._recorder.progress(
            done=int(self.done),
            total=self._total,
            remaining=self._remaining(),
            evaluations=self.evaluations,
            memory=memory,
            load=load,
        )
        if self._recorder.fault and self._recorder.fault != self._fault:
            self._fault = self._recorder.fault
            self._recorder.log(f"{self._fault}; the search goes on in memory", "error")

    def _remaining(self) -> float:
        """By whichever budget is spent first; NaN while nothing is known."""
        found = [self._pace.remaining(self._total - self.done) if self._total else math.nan]
        found.append(self._active * (1 / self.share - 1) if self.share > 0 else math.nan)
        found.append(math.nan if self._limit is None else max(0.0, self._limit - self._active))
        return min((seconds for seconds in found if not math.isnan(seconds)), default=math.nan)
