"""The thread that mirrors a recorder's tables in a file; the only one that touches HDF5 while a search runs."""

from __future__ import annotations

import os
import threading
from abc import abstractmethod
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic, time
from typing import Any, BinaryIO
from zlib import crc32

import numpy as np

from engine.session.previous import Previous, set_aside
from engine.session.queries.summary import status
from engine.session.reader import own
from engine.session.schema import BLOCKS, TABLES, SessionError, reason
from engine.session.view import SessionSource

_ROUND = 0.5  # seconds between two rounds of writing
_SPACING = 0.1  # least seconds between two rounds that rows worth one of their own bring about; more where they crowd
_HEARTBEAT = 1.0
_SPARE = 2 << 20  # bytes; more than the chunks and the index that one round may add
_FAILURES = (OSError, RuntimeError, ValueError, MemoryError)  # what h5py raises when a disk is full or gone


class _NoRoomError(OSError):
    """The disk is full, or a quota is used up."""


class Mirrored(SessionSource):
    """What a writer needs of the session that it mirrors: the recorder is one."""

    path: Path | None

    @abstractmethod
    def cut(self) -> tuple[float, int, dict[str, int]]:
        """A moment at which all tables are whole: the last row's time, the length of the text and of every table."""

    @abstractmethod
    def heartbeat(self, wall: float) -> None:
        """A sign of life at clock time `wall`; the writer gives it."""

    @abstractmethod
    def log(self, text: str, level: str = "info") -> None:
        """A line for people."""


class Writer:
    """Writes new rows in rounds: text first, then the rows that point at it, then the round's checksums.

    The constructor returns once the file stands and others can read it; SessionError where it cannot be made. From
    before that until the file is packed, the session is this writer's alone (see lock).
    """

    def __init__(self, recorder: Mirrored, path: Path, *, overwrite: bool) -> None:
        self._recorder = recorder
        self._path = Path(os.path.realpath(path))
        self._overwrite = overwrite
        self._written: dict[str, int] = dict.fromkeys((*TABLES, "text"), 0)
        self._wake = threading.Condition()
        self._asked = self._done = 0  # rounds that flush asked for, and those done
        self._urged = False  # a row has come that is worth a round of its own
        self._closing = self._void = False
        self._broken = False  # HDF5 failed; what was written until then stays readable
        self._refused: SessionError | None = None
        self._ready = threading.Event()
        # Not a daemon: a program that ends without closing still gets its last rows written (see _mirror).
        self._thread = _Thread(target=self._run, name="session writer")
        self._thread.start()
        self._ready.wait()
        if self._refused is not None:
            self._thread.join()
            raise self._refused

    def urge(self) -> None:
        """Write soon, at once where nothing was urged lately. Cheap, for it may be called for every row."""
        if not self._urged:
            with self._wake:
                self._urged = True
                self._wake.notify_all()

    def flush(self, timeout: float | None = None) -> None:
        """Write everything recorded so far; returns when any other process can read it, or `timeout` (s) is over."""
        with self._wake:
            self._asked += 1
            asked = self._asked
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._done >= asked or not self._thread.is_alive(), timeout)

    def close(self, *, void: bool = False) -> None:
        """Write the rest, pack the file, end the thread. A `void` file is taken away instead, and what stood in its
        place is there again."""
        with self._wake:
            self._closing, self._void = True, void
            self._wake.notify_all()
        self._thread.join()

    def _run(self) -> None:
        try:
            lock = own(self._path)
        except SessionError as error:
            self._refused = error
            self._ready.set()
            return
        try:
            self._write(lock.sure)
        finally:
            lock.release()

    def _write(self, sure: bool) -> None:
        """Everything that is done while the session is ours; `sure` unless the file system cannot lock."""
        recorder = self._recorder
        try:
            file, raw, before = self._create(sure)
        except _FAILURES as error:
            self._refused = SessionError(self._reason(error))
            return
        finally:
            self._ready.set()
        if not sure:
            recorder.log(f"files cannot be locked in {self._path.parent}; let no other program write there", "warning")
        self._mirror(file, raw)
        try:
            file.close()
        except _FAILURES as error:
            recorder.fault = recorder.fault or self._reason(error)
        stood = os.fstat(raw.fileno())
        if os.name != "posix":  # an open file cannot be replaced there; elsewhere, no other is taken for it till then
            raw.close()
        with raw:
            if self._closing:  # else the program ended without closing: the file stays as it is, readable and unpacked
                self._end(stood, before)

    def _end(self, stood: os.stat_result, before: Previous) -> None:
        """Put the packed file, or what stood there before, in the place of the one that was written till now."""
        from engine.session import hdf5_layout as layout

        recorder = self._recorder
        try:
            if self._void:
                if layout.stands(self._path, stood):
                    before.restore()
                return
            target = layout.pack(self._path, recorder, stood)
            if target != self._path:
                recorder.path = target
                recorder.fault = f"{self._path} is another program's file now; this session is kept as {target}"
                return
            recorder.fault = None  # whatever it was, everything stands in the file now
            if status(recorder.view()) == "finished":
                before.discard()
        except _FAILURES as error:
            recorder.fault = self._reason(error)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, SessionError):
            return str(error)
        return f"cannot write {self._path}: {reason(error)}"

    def _create(self, sure: bool) -> tuple[Any, BinaryIO, Previous]:
        """The file with all its tables and a first sign of life, its plain bytes, and what stood in its place."""
        from engine.session import hdf5_layout as layout

        if sure:
            layout.clear(self._path)
        if self._path.exists() and not self._overwrite:
            raise SessionError(f"{self._path} exists already; choose another name")
        before = set_aside(self._path)
        try:
            file = layout.create(self._path, self._recorder.header, replace=before.kept is not None)
        except FileExistsError:
            raise SessionError(f"{self._path} exists already; choose another name") from None
        except BaseException:
            if before.kept:
                before.restore()
            raise
        try:
            raw = self._path.open("rb+", buffering=0)
            self._beat()
            self._round(file, raw)
        except BaseException:
            with suppress(*_FAILURES):
                file.close()
            before.restore()
            raise
        return file, raw, before

    def _mirror(self, file: Any, raw: BinaryIO) -> None:
        """Rounds until the session is closed, or the program ends without closing it."""
        beaten = urged = -inf
        spacing = _SPACING
        while True:
            with self._wake:
                asked, last = self._asked, self._closing
                if self._urged:
                    now = monotonic()
                    spacing = _spaced(spacing, now - urged)
                    self._urged, urged = False, now
            last = last or _nobody_is_left()
            if not last and monotonic() - beaten >= _HEARTBEAT:
                beaten = monotonic()
                self._beat()
            if not self._broken:
                self._try_round(file, raw)
            with self._wake:
                self._done = asked
                self._wake.notify_all()
                if last:
                    return
                self._wait(monotonic() + _ROUND, urged + spacing)

    def _wait(self, until: float, rest: float) -> None:
        """Until a flush or the end is asked for, a row urges (but not before `rest`), or it is `until`."""

        def wanted() -> bool:
            return self._closing or self._asked > self._done

        self._wake.wait_for(lambda: wanted() or self._urged, until - monotonic())
        if not wanted():
            self._wake.wait_for(wanted, min(rest, until) - monotonic())

    def _beat(self) -> None:
        try:
            self._recorder.heartbeat(time())
        except SessionError:
            return  # closed in this very moment

    def _try_round(self, file: Any, raw: BinaryIO) -> None:
        from engine.session import hdf5_layout as layout

        try:
            self._round(file, raw)
            self._recorder.fault = None
            if not layout.stands(self._path, os.fstat(raw.fileno())):
                self._recorder.fault = f"{self._path} was removed, or another program replaced it"
        except _NoRoomError as error:  # nothing was begun; perhaps there is room in the next round
            self._recorder.fault = self._reason(error)
        except _FAILURES as error:
            self._recorder.fault = self._reason(error)
            self._broken = True

    def _round(self, file: Any, raw: BinaryIO) -> None:
        """Write what is new. Raises _NoRoomError before anything is written, or whatever HDF5 raises when it fails."""
        from engine.session import hdf5_layout as layout

        end, text, lengths = self._recorder.cut()
        new: list[tuple[str, int, Any]] = []
        data = self._recorder.stream.slice(self._written[layout.TEXT_DATASET], text)
        new.append((layout.TEXT_DATASET, layout.TEXT_TABLE, np.frombuffer(data, np.uint8)))
        for number, (name, table) in enumerate(self._recorder.tables.items()):
            new.append((name, number, table.published[0][self._written[name] : lengths[name]]))
        _reserve(file, raw, sum(rows.nbytes for _, _, rows in new))
        blocks = []
        for name, number, rows in new:
            if len(rows):
                layout.append(file, name, rows)
                blocks.append((end, number, self._written[name], len(rows), crc32(rows.data)))
                self._written[name] += len(rows)
        if blocks:
            layout.append(file, BLOCKS.name, layout.blocks_array(blocks))


def _spaced(before: float, since: float) -> float:
    """Seconds from an urged round to the next, `since` the last one: ever more while such rows crowd, since thousands
    of scores a second are neither rare nor precious."""
    return min(2 * before, _ROUND) if since < 2 * before else _SPACING


class _Thread(threading.Thread):
    """The thread of a writer."""


def _nobody_is_left() -> bool:
    """Whether the program is ending: no thread that could record anything holds it up any more."""
    if threading.main_thread().is_alive():
        return False
    others = (thread for thread in threading.enumerate() if not (thread.daemon or isinstance(thread, _Thread)))
    return not any(thread.is_alive() for thread in others)


def _reserve(file: Any, raw: BinaryIO, size: int) -> None:
    """Make sure that the disk has room for `size` more bytes, by lengthening the file with zeros that HDF5 will
    overwrite: where a write fails inside HDF5, it can neither go on nor close the file, and may end the program."""
    wanted = file.id.get_filesize() + size + _SPARE
    try:
        missing = wanted - raw.seek(0, os.SEEK_END)
        zeros = memoryview(bytes(missing + _SPARE if missing > 0 else 0))
        while zeros:
            zeros = zeros[raw.write(zeros) :]
    except OSError as error:
        raise _NoRoomError(error.errno, error.strerror) from None
