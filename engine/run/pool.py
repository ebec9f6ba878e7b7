"""Worker processes that can die without harm to each other, and that heed what the search wishes. No torch here.

One thread looks after one process at a time: it sends the job, waits for the answer or for the end of the process, and
takes another process when it needs one. So nothing is shared that a death could leave locked or miscounted: no lock
between processes, no callback, and no count of free places that could lag behind a result.
"""

import ctypes
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from math import inf
from multiprocessing.connection import Connection, wait
from typing import Any

from engine import plugins
from engine.words import fault_line

PATIENCE = 0.05
"""Seconds between two looks of a waiting worker at whether it may go on."""

GRACE = 3.0
"""Seconds that workers have to end by themselves: one that has not begun to compute, but loads its libraries or data,
hears nothing."""

LOOK = 0.5
"""Seconds between two looks at whether a worker has had its GRACE."""

TRIES = 3
"""Processes that are started for one job, until one of them begins it."""

_CONTEXT = multiprocessing.get_context("spawn")  # a process that has used torch's threads cannot be forked

_STOP, _HOLD = range(2)
"""The wishes, each a byte of memory that pool and workers share. Not events: these have a lock, and a worker that is
killed while it looks would keep it for ever."""


class Cancelled(Exception):  # noqa: N818 - a request, not an error
    """Raised in a worker after the search was stopped."""


class WorkerError(Exception):
    """A job came to nothing, in one line: its process ended, or it raised an exception there."""


class NoWorkerError(WorkerError):
    """A job was not begun, since no process lived long enough to begin it."""


class _Unbegun(Exception):  # noqa: N818 - it happens, and another process takes the job
    """A process ended before it began the job; in a few words, how."""


class _Wishes:
    """What those who gave the work wish, as a worker sees it."""

    _shared: Any = (False, False)

    @property
    def stopped(self) -> bool:
        """Whether the work is to end."""
        return bool(self._shared[_STOP])

    @property
    def held(self) -> bool:
        """Whether the work is to wait."""
        return bool(self._shared[_HOLD])

    def pulse(self) -> None:
        """Between two batches: waits while the search does, raises Cancelled when it is stopped."""
        while self.held and not self.stopped:
            time.sleep(PATIENCE)
        if self.stopped:
            raise Cancelled

    def begin(self, shared: Any) -> None:
        self._shared = shared


wishes = _Wishes()
"""In a worker, those of its pool; elsewhere there are none."""


class Workers(ThreadPoolExecutor):
    """So many worker processes, each of which can die without harm to the others.

    A job is lost only with the process that has begun it. Its future then raises WorkerError, and so does, with the
    exception's words, that of a job that raised one. A process that dies while it is idle or still starting costs
    nothing: another one takes the job. After TRIES new ones that did not begin it, its future raises NoWorkerError.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, thread_name_prefix="worker")
        self._shared = _CONTEXT.RawArray(ctypes.c_bool, 2)
        self._idle: deque[_Worker] = deque()
        self._end_by = inf  # on the clock of time.monotonic

    def stop(self) -> None:
        """Let every worker end what it does, and give up."""
        self._shared[_STOP] = True

    def hold(self, on: bool) -> None:
        """Let every worker wait between two batches, or go on."""
        self._shared[_HOLD] = on

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(self._carry_out, pickle.dumps((fn, args, kwargs)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers: those at work within a batch or, where that takes longer than GRACE seconds, at once."""
        self.stop()
        self._end_by = min(self._end_by, time.monotonic() + GRACE)
        self._dismiss()
        super().shutdown(wait, cancel_futures=True)

    def _carry_out(self, task: bytes) -> Any:
        """In a thread of this pool: have a process do it."""
        started = 0
        while True:
            try:
                worker = self._take()
                if worker is None:
                    started += 1
                    worker = _Worker(self._shared)
                reply = worker.do(task, lambda: time.monotonic() > self._end_by)
                break
            except _Unbegun as fault:
                if started == TRIES or self._shared[_STOP]:
                    raise NoWorkerError(f"no worker process lived to begin it (the last one: {fault})") from None
        self._idle.append(worker)
        if self._end_by < inf:  # after it is among the idle ones, so that it is found here or by `shutdown`
            self._dismiss()
        raised, value = pickle.loads(reply)
        if raised is not None:
            raise WorkerError(raised)
        return value

    def _take(self) -> "_Worker | None":
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _dismiss(self) -> None:
        """End the idle ones."""
        dismissed = list(iter(self._take, None))
        for worker in dismissed:
            worker.dismiss()
        for worker in dismissed:
            worker.end()


class _Worker:
    """A process that does one job after the other, looked after by one thread at a time."""

    def __init__(self, shared: Any) -> None:
        """Start it. Raises _Unbegun where the system does not let it."""
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, shared, plugins.loaded()), name="worker")
        try:
            self._process.start()
        except OSError as fault:  # no more processes or memory, or it died on the spot
            self._connection.close()
            raise _Unbegun(str(fault)) from fault
        finally:
            theirs.close()

    def do(self, task: bytes, overdue: Callable[[], bool]) -> bytes:
        """Have it do a job, and kill it when that is `overdue`. Raises _Unbegun, or WorkerError where it died of it."""
        begun = False
        try:
            self._connection.send_bytes(task)
            self._hear(overdue)
            begun = True
            return self._hear(overdue)
        except (EOFError, OSError):
            how = self.end()
        if not begun:
            raise _Unbegun(how)
        raise WorkerError(f"its worker process ended ({how})")

    def dismiss(self) -> None:
        """Let it end once it has nothing to do."""
        self._connection.close()

    def end(self) -> str:
        """See to it that it has ended; in a few words, how."""
        self._connection.close()
        self._process.join(GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        code = self._process.exitcode
        if code is None:
            return "how is not known"
        return f"exit code {code}" if code >= 0 else f"signal {-code}, {signal.strsignal(-code)}"

    def _hear(self, overdue: Callable[[], bool]) -> bytes:
        """Its next message. Raises EOFError or OSError once it has ended."""
        while True:
            # Of its process, too: on Windows a connection that it has not taken over yet does not close with it.
            ready = wait([self._connection, self._process.sentinel], LOOK)
            if self._connection.poll():
                return self._connection.recv_bytes()
            if ready:
                raise EOFError
            if overdue():
                self._process.kill()


def _serve(connection: Connection, shared: Any, files: Sequence[str]) -> None:
    """A worker's life, with the plug-ins of the process that started it. It leaves Ctrl-C and the like to the search,
    which says what is to end, and ends with it."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # sent to all processes by a terminal, a cluster or a container
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    wishes.begin(shared)
    threading.Thread(target=_follow_parent, name="parent", daemon=True).start()
    plugins.load_installed()
    for file in files:
        plugins.load(file)
    with suppress(EOFError, OSError):  # it is dismissed
        while True:
            connection.send_bytes(_done(connection.recv_bytes(), connection))


def _done(task: bytes, connection: Connection) -> bytes:
    """What a job comes to: in one line what it raised or None, and what it returned."""
    try:
        try:
            function, args, kwargs = pickle.loads(task)  # imports what the job needs
        finally:
            connection.send_bytes(b"")  # it begins, and dies with this process from here on
        return pickle.dumps((None, function(*args, **kwargs)))
    except Exception as fault:
        return pickle.dumps((fault_line(fault), None))


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
