"""The reading end of a session: a closed file, one that another process is writing, or one whose writer was killed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from math import inf, isfinite, nextafter
from pathlib import Path
from time import sleep
from time import time as clock
from typing import TYPE_CHECKING, TypeVar

from .check import check
from .schema import SessionError, reason
from .view import SessionSource

if TYPE_CHECKING:
    from .load import News

T = TypeVar("T")

# load and layout import h5py, which takes a fifth of a second that the window need not wait for; so they are imported
# where a file is opened.

_ROUND = 0.5  # seconds between two looks at a file that is being written
_ALIVE = 10.0  # seconds after which a session without a heartbeat counts as interrupted
_SETTLE = 0.02  # seconds in which a file that failed to be read shows that it is being written
_TRIES = 50


class Reader(SessionSource):
    """A session read from a file. `follow` (or `poll` by hand) brings what was written since into the same tables.

    While following, `fault` says in one line why the file could not be read last time, or is None.
    """

    def __init__(self, path: Path, *, salvage: bool = False) -> None:
        """Reads everything the file holds. Raises SessionError; with `salvage`, what stands before damage is kept."""
        from .load import opened

        self.path = path
        self.packed = False
        self._blocks = 0
        self._seen: tuple[int, ...] | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        with opened(path) as file:
            super().__init__(file.header)
            news = file.news(self._known(), 0, salvage=salvage)
            self._take(news, file.packed)

    @property
    def live(self) -> bool:
        """Whether another process is writing the file: it is not closed, and its heart beats."""
        if self.packed:
            return False
        array, length = self.tables["heartbeat"].published
        return length > 0 and abs(clock() - float(array["wall"][length - 1])) < _ALIVE

    def poll(self) -> bool:
        """Bring what is new into the tables; whether anything was. Raises SessionError; the tables stay right."""
        if self.packed:
            return False
        state = _state(self.path)
        if state == self._seen:
            return False
        before = self.end
        _patiently(self.path, self._fetch)
        new = self.end > before
        # Clocks of file systems are coarse: only a file in which nothing was new may be taken for unchanged later.
        self._seen = None if new else state
        return new

    def follow(self) -> None:
        """Poll in a thread until the session is closed (by its writer, or this reader)."""
        if self._thread is None and not self.packed:
            self._thread = threading.Thread(target=self._follow, name="session follower")
            self._thread.start()

    def close(self) -> None:
        """Stop following. The tables stay."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self.packed and not self._stop.wait(_ROUND) and threading.main_thread().is_alive():
            try:
                self.poll()
                self.fault = None
            except SessionError as error:
                self.fault = str(error)

    def _fetch(self) -> None:
        from .load import opened

        with opened(self.path, self.header) as file:
            news = file.news(self._known(), 0 if file.packed else self._blocks)
            self._take(news, file.packed)

    def _known(self) -> dict[str, int]:
        return {**{name: len(table) for name, table in self.tables.items()}, "text": len(self.stream)}

    def _take(self, news: News, packed: bool) -> None:
        """Check rows and publish them: text, then the rows that point at it, then the end that makes them visible."""
        try:
            check(self, news.tables, len(self.stream) + len(news.text))
        except SessionError as error:
            raise SessionError(f"{self.path} is damaged: {error}") from None
        self.stream.extend(news.text)
        end = self.end
        for name, rows in news.tables.items():
            if len(rows):
                self.tables[name].extend(rows)
                end = max(end, float(rows["time"][-1]))
        self._blocks = news.blocks
        self.end = end
        self.packed = packed


def read(path: Path) -> Reader:
    """Read a session file, whether closed, being written or left behind by a killed writer. Raises SessionError."""
    path = Path(path)
    return _patiently(path, lambda: Reader(path))


def rescue(path: Path) -> None:
    """Make the file of a killed writer whole: an ordinary, packed session, up to the first damage if there is any.

    Raises SessionError; `path` is replaced at the very end or not at all.
    """
    path = Path(path)
    reader = Reader(path, salvage=True)
    if not reader.packed:
        _repack(reader)


def add_mark(path: Path, at: float, note: str) -> None:
    """Leave a note on the moment `at` (seconds) in a session that nobody writes any more.

    Raises SessionError; `path` is replaced at the very end or not at all.
    """
    if not isfinite(at):
        raise SessionError("a mark needs a moment")
    reader = read(path)
    time = nextafter(reader.end, inf)
    reader.tables["marks"].append((time, at, reader.stream.append(note.encode("utf-8", errors="replace"))))
    reader.end = time
    _repack(reader)


def _repack(reader: Reader) -> None:
    from . import layout

    if reader.live:
        raise SessionError(f"{reader.path} is still being written")
    try:
        layout.pack(reader.path, reader, overwrite=False)
    except (OSError, RuntimeError) as error:
        raise SessionError(f"cannot write {reader.path}: {reason(error)}") from None


def _state(path: Path) -> tuple[int, ...]:
    """What changes when somebody writes the file; empty where there is none."""
    try:
        stat = os.stat(path)
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _patiently(path: Path, attempt: Callable[[], T]) -> T:
    """Try again where a file could not be read, until it has held still from one try to the next."""
    before: tuple[int, ...] | None = None
    for _ in range(_TRIES):
        state = _state(path)
        if state == before:
            break
        try:
            return attempt()
        except SessionError:
            before = state
            sleep(_SETTLE)
    return attempt()
