"""Worker processes that can die without harm to each other, and that heed what the search wishes. No torch here."""

import multiprocessing
import os
import signal
import threading
import time
from concurrent import futures
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any

PATIENCE = 0.05
"""Seconds between two looks of a waiting worker at whether it may go on."""


GRACE = 3.0
"""Seconds that workers have to end by themselves: one that has not begun to compute, but loads its libraries or data,
hears nothing."""


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised in a worker after the search was stopped."""


class _Wishes:
    """What those who gave the work wish, as a worker sees it."""

    _stop: Any = None  # events shared with the pool, where the executor is one of ours
    _hold: Any = None

    @property
    def stopped(self) -> bool:
        """Whether the work is to end."""
        return self._stop is not None and bool(self._stop.is_set())

    @property
    def held(self) -> bool:
        """Whether the work is to wait."""
        return self._hold is not None and bool(self._hold.is_set())

    def pulse(self) -> None:
        """Between two batches: waits while the search does, raises Cancelled when it is stopped."""
        while self.held and not self.stopped:
            time.sleep(PATIENCE)
        if self.stopped:
            raise Cancelled

    def begin(self, stop: Any, hold: Any) -> None:
        self._stop, self._hold = stop, hold


wishes = _Wishes()
"""In a worker, those of its pool; elsewhere there are none."""


def _begin(stop: Any, hold: Any) -> None:
    """A worker's first act: leave Ctrl-C to the search, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wishes.begin(stop, hold)
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
        self._count = count
        self._lock = threading.Lock()
        self._busy: dict[Future[Any], ProcessPoolExecutor] = {}

    def stop(self) -> None:
        """Let every worker end what it does, and give up."""
        self._stop.set()

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
        """End all workers: those at work within a batch or, where that takes longer than GRACE seconds, at once."""
        self.stop()
        with self._lock:
            busy = dict(self._busy)
            pools = [*self._idle, *busy.values()]
            self._idle = []
        _, late = futures.wait(busy, timeout=GRACE)
        for future in late:
            for process in list((busy[future]._processes or {}).values()):  # kill_workers() from Python 3.14 on
                process.kill()
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
