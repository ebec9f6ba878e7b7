"""Where candidates are evaluated, several at once perhaps: in this thread, or wherever an executor takes them."""

import heapq
import math
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Literal, NamedTuple, Protocol

from engine.evaluate import Outcome
from engine.plan import Plan
from engine.run.clock import Clock
from engine.run.controls import Controls
from engine.run.pool import Workers
from engine.run.remote import Answer, answer, job, work
from engine.space.architecture import Architecture

PATIENCE = 0.05
"""Seconds between two looks at the controls while results are waited for."""


class Arrival(NamedTuple):
    """A result, and when it would have arrived in simulated time (s)."""

    number: int
    outcome: Outcome
    end: float
    curves: tuple[tuple[str, int, float], ...] = ()


class Slots(Protocol):
    """Takes up to `size` candidates at a time and gives their results back in the order of arrival."""

    size: int

    def start(self, number: int, architecture: Architecture) -> None:
        """Evaluate a candidate; the result is waited for by `next`."""

    def next(self) -> Arrival:
        """The result that arrives next of those that are still out."""

    def close(self) -> None:
        """Give up what is still under way."""


class Here:
    """Evaluates in this thread, one after the other; in simulated time `size` at once.

    So the first of several results is not that of the first candidate, but of the one that would have ended first.
    """

    def __init__(self, size: int, evaluate: Callable[[Architecture, int], Outcome]) -> None:
        self.size, self._evaluate = size, evaluate
        self._clock = Clock(size)
        self._ends: list[tuple[float, int, Outcome]] = []

    def start(self, number: int, architecture: Architecture) -> None:
        outcome = self._evaluate(architecture, number)
        heapq.heappush(self._ends, (self._clock.start(cost_of(outcome)), number, outcome))

    def next(self) -> Arrival:
        end, number, outcome = heapq.heappop(self._ends)
        self._clock.arrive(end)
        return Arrival(number, outcome, end)

    def close(self) -> None:
        self._ends.clear()


class Elsewhere:
    """Sends candidates to an executor as plain data: the plan, a number, an architecture.

    A worker that dies takes its candidate with it, which has then failed, and nothing else.
    """

    def __init__(
        self,
        size: int,
        plan: Plan,
        threads: int,
        executor: Executor | None,
        controls: Controls,
        pulse: Callable[[], None],
    ) -> None:
        """`threads` for each worker. Without an `executor`, processes of this machine, which heed the controls within a
        batch; those of another executor finish what they have begun."""
        self.size, self._plan, self._threads, self._pulse = size, plan, threads, pulse
        self._own = Workers(size) if executor is None else None
        self._executor = executor or self._own
        self._clock = Clock(size)
        self._under_way: dict[Future[bytes], int] = {}
        self._controls, self._changed = controls, controls.changed
        controls.changed = self._tell_workers

    def start(self, number: int, architecture: Architecture) -> None:
        task = job(self._plan, self._threads, number, architecture)
        assert self._executor is not None
        self._under_way[self._executor.submit(work, task)] = number

    def next(self) -> Arrival:
        while True:
            done, _ = wait(self._under_way, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            self._pulse()
            if done:
                break
        future = min(done, key=self._under_way.__getitem__)  # of those that came within one look, the first asked for
        number = self._under_way.pop(future)
        found = _result(future)
        end = self._clock.start(cost_of(found.outcome))
        self._clock.arrive(end)
        return Arrival(number, found.outcome, end, found.curves)

    def close(self) -> None:
        self._controls.changed = self._changed
        for future in self._under_way:
            future.cancel()
        if self._own is not None:
            self._own.shutdown()

    def _tell_workers(self, state: Literal["paused", "running"]) -> None:
        if self._own is not None:
            self._own.hold(state == "paused")
        self._changed(state)


def _result(future: "Future[bytes]") -> Answer:
    """What came back; that nothing did is a failure of the candidate."""
    fault = future.exception()
    if fault is None:
        return answer(future.result())
    words = (str(fault).strip().splitlines() or [""])[0]
    message = f"its worker process ended ({words})" if words else "its worker process ended"
    return Answer(Outcome(math.nan, math.nan, 0, "failed", message))


def cost_of(outcome: Outcome) -> float:
    """The simulated seconds of an evaluation: the benchmark's, or those measured; nothing where neither is known."""
    cost = outcome.seconds if math.isnan(outcome.cost) else outcome.cost
    return 0.0 if math.isnan(cost) else cost
