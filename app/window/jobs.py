"""Work that must not hold up the window, such as reading a session: done in one worker thread, one after the other."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Jobs:
    """The window asks by `poll` whether something is done, so no worker ever touches Qt."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: deque[tuple[Future[Any], Callable[[Any], None], Callable[[Exception], None]]] = deque()

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def do(self, work: Callable[[], Any], then: Callable[[Any], None], fault: Callable[[Exception], None]) -> None:
        """Do `work` in the worker; a later `poll` gives its result to `then`, a ValueError or OSError to `fault`."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._waiting.append((self._pool.submit(work), then, fault))

    def poll(self) -> None:
        """Hand over what is done, in the thread that calls."""
        while self._waiting and self._waiting[0][0].done():
            future, then, fault = self._waiting.popleft()
            error = future.exception()
            if error is None:
                then(future.result())
            elif isinstance(error, ValueError | OSError):
                fault(error)
            else:
                raise error  # a fault of the program, for the log of faults

    def close(self) -> None:
        """Take no more work. What has been asked for is still done, in its own time."""
        self._waiting.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None
