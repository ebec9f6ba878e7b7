"""The reading end of a session: a closed file, one that another process is writing, or one whose writer was killed.

Before anybody sees rows from a file, they are brought to the format of today and checked: whoever looks at them may
then follow every number and every reference without a thought.
"""

from __future__ import annotations

import os
import platform
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, isfinite, nextafter
from pathlib import Path
from time import monotonic, sleep
from time import time as clock
from typing import TYPE_CHECKING, TypeVar

from engine.session.lock import PATIENCE, Busy, Lock, held
from engine.session.schema import SessionError, reason
from engine.session.view import SessionSource

if TYPE_CHECKING:
    from engine.session.hdf5_reader import News

import numpy as np

from engine.session.schema import BEST_SCORE, SPECS, TEXT, Rows, TableSpec

_REFERENCES = {  # (table, column): (the table whose rows it numbers, its smallest value)
    ("scalars", "series"): ("series", 0),
    ("scalars", "candidate"): ("candidates", -1),
    ("candidates", "parent"): ("candidates", -1),
    ("scores", "candidate"): ("candidates", 0),
    ("deaths", "candidate"): ("candidates", 0),
    ("measures", "candidate"): ("candidates", 0),
    ("predictions", "candidate"): ("candidates", 0),
    ("embedding", "candidate"): ("candidates", -1),
    ("embedding", "start"): ("candidates", -1),
}


def as_of_today(source: SessionSource, tables: dict[str, Rows], text: bytes) -> None:
    """Give rows of an older format the columns that were added since: the unit of every score, which only the series of
    the best score had, and else was percent. Text is pointed at where it stands, for nothing can be added to it."""
    old = tables["scores"]
    if "unit" in (old.dtype.names or ()):
        return
    text = source.stream.slice(0, len(source.stream)) + text
    place = text.find(b"%")
    unit = (place, 1) if place >= 0 else (0, 0)
    table = source.tables["series"]
    for row in np.concatenate([table.published[0][: len(table)], tables["series"]]):
        offset = int(row["name"]["offset"])
        if text[offset : offset + int(row["name"]["length"])].decode(errors="replace") == BEST_SCORE:
            unit = row["unit"]
    rows = np.empty(len(old), source.tables["scores"].dtype)
    for name in old.dtype.names or ():
        rows[name] = old[name]
    rows["unit"] = unit
    tables["scores"] = rows


def check(source: SessionSource, tables: dict[str, Rows], text: int) -> None:
    """Check rows that are about to follow those of `source`, in a session with `text` bytes of text.

    Raises SessionError naming the table: times that do not increase, codes without a name, references to text that is
    not there or to rows that are not there yet.
    """
    for spec in SPECS:
        rows = tables[spec.name]
        if len(rows):
            _check_columns(spec, rows, source.end, text)
    for (table, column), (target, least) in _REFERENCES.items():
        rows = tables[table]
        numbers = rows[column].astype(np.int64)
        known = len(source.tables[target])
        if np.any(numbers < least) or np.any(numbers >= known + len(tables[target])):
            raise SessionError(f"table {table}: {column} numbers a row of {target} that is not there")
        new = numbers >= known
        if np.any(tables[target]["time"][numbers[new] - known] >= rows["time"][new]):
            raise SessionError(f"table {table}: {column} numbers a row of {target} that comes later")


def _check_columns(spec: TableSpec, rows: Rows, after: float, text: int) -> None:
    times = rows["time"]
    if not np.isfinite(times).all() or times[0] <= after or np.any(np.diff(times) <= 0):
        raise SessionError(f"table {spec.name}: times do not increase")
    for column in spec.columns:
        values = rows[column.name]
        if column.kind == TEXT:
            offset, length = values["offset"], values["length"].astype(np.uint64)
            end = np.uint64(text)
            if np.any(offset > end) or np.any(length > end - np.minimum(offset, end)):
                raise SessionError(f"table {spec.name}: {column.name} points outside the text")
        elif column.names and np.any(values >= len(column.names)):
            raise SessionError(f"table {spec.name}: {column.name} has a code without a name")
    if spec.name == "marks" and not np.isfinite(rows["at"]).all():
        raise SessionError("table marks: at is no time")


T = TypeVar("T")

# load and layout import h5py, which takes a fifth of a second that the window need not wait for; so they are imported
# where a file is opened.

_ROUND = 0.5  # seconds between two looks at a file that is being written
_ALIVE = 10.0  # seconds after which a session without a heartbeat counts as interrupted, where no lock can tell
_TURN = 5.0  # seconds that a mark waits for another program that just sets one, too
_SETTLE = 0.02  # seconds in which a file that failed to be read shows that it is being written
_TRIES = 50


class Reader(SessionSource):
    """A session read from a file. `follow` (or `poll` by hand) brings what was written since into the same tables.

    While following, `fault` says in one line why the file could not be read last time, or is None.
    """

    def __init__(self, path: Path, *, salvage: bool = False, without: frozenset[str] = frozenset()) -> None:
        """Reads everything the file holds, but for the tables `without`, which stay empty. Raises SessionError; with
        `salvage`, what stands before damage is kept."""
        from engine.session.hdf5_reader import opened

        self.path = path
        self.packed = False
        self._blocks = 0
        self._seen: tuple[int, ...] | None = None
        self._held: bool | None = None
        self._held_at = -inf  # when that was found out
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        with opened(path) as file:
            super().__init__(file.header)
            news = file.news(self._known(), 0, salvage=salvage, without=without)
            self._take(news, file.packed)

    @property
    def live(self) -> bool:
        """Whether another program is writing the file: it is not closed, and its lock is held.

        Where the lock cannot tell (the file comes from another machine, or is a copy), its heart must have beaten of
        late, by this machine's clock.
        """
        if self.packed:
            return False
        if monotonic() - self._held_at >= _ROUND:
            self._held, self._held_at = held(self.path), monotonic()
        return self.beats if self._held is None else self._held

    @property
    def beats(self) -> bool:
        """Whether the last heartbeat in the file is recent."""
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
        from engine.session.hdf5_reader import opened

        with opened(self.path, self.header) as file:
            news = file.news(self._known(), 0 if file.packed else self._blocks)
            self._take(news, file.packed)

    def _known(self) -> dict[str, int]:
        return {**{name: len(table) for name, table in self.tables.items()}, "text": len(self.stream)}

    def _take(self, news: News, packed: bool) -> None:
        """Check rows and publish them: text, then the rows that point at it, then the end that makes them visible."""
        as_of_today(self, news.tables, news.text)
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


def read(path: Path, without: frozenset[str] = frozenset()) -> Reader:
    """Read a session file, whether closed, being written or left behind by a killed writer. Raises SessionError.

    `without`: tables that are not wanted, and that no other refers to; such a reader is not to follow the file.
    """
    path = Path(path)
    return _patiently(path, lambda: Reader(path, without=without))


def own(path: Path, patience: float = PATIENCE) -> Lock:
    """The right to write the session at `path`, whatever stands there. Raises SessionError, and Busy where another
    program has it."""
    lock = Lock(path, patience)
    told = lock.sure and lock.former == platform.node()  # by the lock, that nobody writes it
    if not told and _beats(path):
        lock.leave()
        raise Busy(path)
    lock.sign()
    return lock


def rescue(path: Path, target: Path | None = None) -> None:
    """Make the file of a killed writer whole: an ordinary, packed session, up to the first damage if there is any.

    Raises SessionError; `path` is replaced at the very end or not at all. With a `target`, that is written or replaced
    instead.
    """
    path = Path(os.path.realpath(path))
    with _owned(target or path) as stood:
        reader = Reader(path, salvage=True)
        if target is not None and reader.live:
            raise Busy(path)
        if target is not None or not reader.packed:
            _pack(reader, target or path, stood)


def copy(path: Path, target: Path) -> None:
    """Copy a closed session, byte for byte; a file at `target` is replaced at the very end or not at all.

    Raises SessionError where another program writes that, and OSError where it cannot be written.
    """
    from engine.session import hdf5_layout as layout

    with _owned(target):
        part = layout.temporary(target)
        try:
            shutil.copyfile(path, part)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)


def add_mark(path: Path, at: float, note: str) -> None:
    """Leave a note on the moment `at` (seconds) in a session that nobody writes any more.

    Raises SessionError; `path` is replaced at the very end or not at all.
    """
    if not isfinite(at):
        raise SessionError("a mark needs a moment")
    path = Path(os.path.realpath(path))
    with _owned(path) as stood:
        reader = read(path)
        time = nextafter(reader.end, inf)
        reader.tables["marks"].append((time, at, reader.stream.append(note.encode("utf-8", errors="replace"))))
        reader.end = time
        _pack(reader, path, stood)


@contextmanager
def _owned(path: Path) -> Iterator[os.stat_result | None]:
    """The right to write a session for a moment: in its turn, where another program does the same. Gives what stands
    there."""
    try:
        lock = own(path)
    except Busy:
        if not path.exists() or not read(path).packed:
            raise
        lock = own(path, _TURN)
    try:
        yield os.stat(path) if path.exists() else None
    finally:
        lock.release()


def _beats(path: Path) -> bool:
    """Whether a session is there that is not closed and whose heart has beaten of late."""
    from engine.session.hdf5_reader import opened

    try:
        with opened(path) as file:
            packed = file.packed
        return not packed and read(path).beats
    except SessionError:
        return False


def _pack(reader: Reader, path: Path, stood: os.stat_result | None) -> None:
    from engine.session import hdf5_layout as layout

    try:
        target = layout.pack(path, reader, stood)
    except (OSError, RuntimeError) as error:
        raise SessionError(f"cannot write {path}: {reason(error)}") from None
    if target != path:
        raise SessionError(f"{path} was replaced meanwhile; what was to stand there is in {target}")


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
