"""Where candidates are evaluated, several at once perhaps: in this thread, or wherever an executor takes them.

What goes out to another process and comes back is plain data. A job is JSON of a plan, a candidate's number and its
architecture; an answer is JSON of the outcome and the curves. So any `concurrent.futures.Executor` can carry them, also
to another machine that has this program; nothing is pickled but bytes. A worker loads the data set with its first job
and keeps it. A score depends on the plan and the candidate's number alone, whichever worker finds it.
"""

import heapq
import math
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

import msgspec
import torch

from engine.data import load
from engine.evaluate import BaseEvaluator, Outcome, evaluator
from engine.evaluate.evaluator import failure
from engine.plan import Plan
from engine.plan.build import build, plain
from engine.run.controls import Controls
from engine.run.pool import Cancelled, NoWorkerError, WorkerError, Workers, wishes
from engine.run.preflight import Failed
from engine.space.architecture import Architecture
from engine.words import fault_line, first_line


class Job(msgspec.Struct, frozen=True):
    """What a worker is to do."""

    plan: dict[str, Any]
    threads: int
    candidate: int
    architecture: Architecture


class Reply(msgspec.Struct, frozen=True):
    """What it says; JSON has no word for NaN, so that is null."""

    score: float | None
    seconds: float | None
    parameters: int
    outcome: Literal["ok", "failed", "out of memory", "not a number"]
    message: str
    macs: int
    cost: float | None
    reported: float | None
    curves: tuple[tuple[str, int, float | None], ...] = ()


class Answer(NamedTuple):
    """An outcome, and the values of the candidate's curves in their order: (series, step, value)."""

    outcome: Outcome
    curves: tuple[tuple[str, int, float], ...] = ()


def job(plan: Plan, threads: int, candidate: int, architecture: Architecture) -> bytes:
    """The bytes that `work` takes."""
    return msgspec.json.encode(Job(plain(plan), threads, candidate, architecture))


def answer(data: bytes) -> Answer:
    """What the bytes say that `work` returned."""
    reply = msgspec.json.decode(data, type=Reply)
    found = {name: _or_nan(getattr(reply, name)) for name in Outcome._fields}
    return Answer(Outcome(**found), tuple((name, step, _or_nan(value)) for name, step, value in reply.curves))


def work(data: bytes) -> bytes:
    """Evaluate one candidate, in a worker. Whatever goes wrong with it is its outcome."""
    todo = msgspec.json.decode(data, type=Job)
    curves: list[tuple[str, int, float]] = []
    try:
        chosen = _evaluator(msgspec.json.encode(todo.plan), todo.threads)
        outcome = chosen.evaluate(todo.architecture, todo.candidate, lambda *value: curves.append(value), wishes.pulse)
    except Cancelled:
        raise
    except Exception as fault:  # one bad candidate must not end a search of days
        traceback.print_exc()
        outcome = failure(fault_line(fault))
    return msgspec.json.encode(Reply(*outcome, curves=tuple(curves)))


@lru_cache(maxsize=1)
def _evaluator(plan: bytes, threads: int) -> BaseEvaluator:
    """The plan's evaluator with its data, made for the first candidate and kept."""
    what = build(msgspec.json.decode(plan))
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    assert what.evaluator is not None
    dataset = load(what.data, what.device) if what.evaluator.needs_data else None
    return evaluator(what.evaluator, what.space, dataset, what.device, what.seed)


def _or_nan(value: Any) -> Any:
    return math.nan if value is None else value


class Clock:
    """Slots that take one candidate after the other, each as soon as it is free.

    Attributes:
        now: the end of the last candidate that has arrived, in seconds.
    """

    def __init__(self, slots: int) -> None:
        self._free = [0.0] * slots  # when each idle slot became free
        self.now = 0.0

    def start(self, cost: float) -> float:
        """Give a candidate of that cost to the slot that is free first; returns when it will end."""
        return heapq.heappop(self._free) + cost

    def arrive(self, end: float) -> None:
        """The candidate that ends then is done, and its slot free."""
        heapq.heappush(self._free, end)
        self.now = max(self.now, end)


PATIENCE = 0.05
"""Seconds between two looks at the controls while results are waited for."""

ROUNDS = 3
"""So many candidates per worker in a row for which no worker process could be started end the search: going on would
only spend the budget on failures, or never end where that is in simulated time."""


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
        self._unserved = 0  # candidates in a row for which there was no worker
        self._controls, self._changed = controls, controls.changed
        controls.changed = self._tell_workers

    def start(self, number: int, architecture: Architecture) -> None:
        task = job(self._plan, self._threads, number, architecture)
        assert self._executor is not None
        self._under_way[self._executor.submit(work, task)] = number

    def next(self) -> Arrival:
        """See `Slots`. Raises Failed where no worker starts any more."""
        if self._unserved >= ROUNDS * self.size:
            raise Failed(
                f"worker processes do not start any more: {self._unserved} candidates in a row found none; "
                "what they wrote to the terminal says why"
            )
        while True:
            done, _ = wait(self._under_way, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            self._pulse()
            if done:
                break
        future = min(done, key=self._under_way.__getitem__)  # of those that came within one look, the first asked for
        number = self._under_way.pop(future)
        fault = CancelledError("it was cancelled") if future.cancelled() else future.exception()
        found = answer(future.result()) if fault is None else _lost(fault)
        self._unserved = self._unserved + 1 if isinstance(fault, NoWorkerError) else 0
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


def _lost(fault: BaseException) -> Answer:
    """That no answer came back is a failure of the candidate."""
    line = first_line(fault)
    return Answer(failure(line if isinstance(fault, WorkerError) else f"its worker process ended ({line})"))


def cost_of(outcome: Outcome) -> float:
    """The simulated seconds of an evaluation: the benchmark's, or those measured; nothing where neither is known."""
    cost = outcome.seconds if math.isnan(outcome.cost) else outcome.cost
    return 0.0 if math.isnan(cost) else cost
