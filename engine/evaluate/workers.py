"""Evaluating in other processes: what goes out and comes back as plain data, and a pool that survives its workers.

A job is JSON of a plan, a candidate's number and its architecture; an answer is JSON of the outcome and the curves. So
any `concurrent.futures.Executor` can carry them, also to another machine that has this program; nothing is pickled but
bytes. A worker loads the data set with its first job and keeps it. A score depends on the plan and the candidate's
number alone, whichever worker finds it.
"""

import math
import multiprocessing
import os
import signal
import threading
import time
import traceback
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing.connection import wait
from typing import Any, Literal, NamedTuple

import msgspec
import torch

from engine.data import load
from engine.evaluate.base import BaseEvaluator
from engine.evaluate.outcome import Outcome
from engine.plan import Plan
from engine.space.architecture import Architecture

PATIENCE = 0.05
"""Seconds between two looks of a waiting worker at whether it may go on."""


class Job(msgspec.Struct, frozen=True):
    """What a worker is to do."""

    plan: Plan
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


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised in a worker between two batches after the search was stopped."""


def job(plan: Plan, threads: int, candidate: int, architecture: Architecture) -> bytes:
    """The bytes that `work` takes."""
    return msgspec.json.encode(Job(plan, threads, candidate, architecture))


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
        evaluator = _evaluator(msgspec.json.encode(todo.plan), todo.threads)
        outcome = evaluator.evaluate(
            todo.architecture, todo.candidate, lambda *value: curves.append(value), _signals.pulse
        )
    except Cancelled:
        raise
    except Exception as fault:  # one bad candidate must not end a search of days
        traceback.print_exc()
        message = f"{type(fault).__name__}: {fault}".strip().splitlines()[0]
        outcome = Outcome(math.nan, math.nan, 0, "failed", message)
    return msgspec.json.encode(Reply(*outcome, curves=tuple(curves)))


@lru_cache(maxsize=1)
def _evaluator(plan: bytes, threads: int) -> BaseEvaluator:
    """The plan's evaluator with its data, made for the first candidate and kept."""
    from engine.evaluate import evaluator  # it names this module's neighbours

    what = msgspec.json.decode(plan, type=Plan)
    torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    assert what.evaluator is not None
    dataset = load(what.data, what.device) if what.evaluator.needs_data else None
    return evaluator(what.evaluator, what.space, dataset, what.device, what.seed)


def _or_nan(value: Any) -> Any:
    return math.nan if value is None else value


class _Signals:
    """What the search wishes, as a worker sees it."""

    stop: Any = None  # events shared with the search, where the executor is one of ours
    hold: Any = None

    def pulse(self) -> None:
        """Between two batches: waits while the search does, raises Cancelled when it is stopped."""
        if self.stop is None:
            return
        while self.hold.is_set() and not self.stop.is_set():
            time.sleep(PATIENCE)
        if self.stop.is_set():
            raise Cancelled


_signals = _Signals()


def _begin(stop: Any, hold: Any) -> None:
    """A worker's first act: leave Ctrl-C to the search, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _signals.stop, _signals.hold = stop, hold
    threading.Thread(target=_follow_parent, name="parent", daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class Workers(Executor):
    """So many worker processes, each of which can die without harm to the others: its job fails, and another process
    takes its place for the next one. At most as many jobs as workers at a time.
    """

    def __init__(self, count: int) -> None:
        self._context = multiprocessing.get_context("spawn")  # a process that has used torch's threads cannot be forked
        self._stop, self._hold = self._context.Event(), self._context.Event()
        self._idle: list[ProcessPoolExecutor] = []
        self._count, self._made = count, 0
        self._lock = threading.Lock()
        self._busy: dict[Future[Any], ProcessPoolExecutor] = {}

    def hold(self, on: bool) -> None:
        """Let every worker wait between two batches, or go on."""
        (self._hold.set if on else self._hold.clear)()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            pool = self._idle.pop() if self._idle else self._new()
            future = pool.submit(fn, *args, **kwargs)
            self._busy[future] = pool
        future.add_done_callback(self._done)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers, those at work within a batch."""
        self._stop.set()
        with self._lock:
            pools = [*self._idle, *self._busy.values()]
            self._idle = []
        for pool in pools:
            pool.shutdown(wait=wait, cancel_futures=True)

    def _new(self) -> ProcessPoolExecutor:
        if len(self._busy) >= self._count:
            raise RuntimeError(f"all {self._count} workers are busy")
        return ProcessPoolExecutor(1, self._context, _begin, (self._stop, self._hold))

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            pool = self._busy.pop(future)
            if not future.cancelled() and future.exception() is None:
                self._idle.append(pool)
                return
        pool.shutdown(wait=False)  # its process is gone, or it was told to stop
