"""The thread that mirrors a recorder's tables in a file; the only one that touches HDF5 while a search runs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from .schema import BLOCKS, TABLES, SessionError, reason

if TYPE_CHECKING:
    from .record import Recorder

_ROUND = 0.5  # seconds between two rounds of writing
_HEARTBEAT = 1.0
_SPARE = 2 << 20  # bytes; more than the chunks and the index that one round may add
_FAILURES = (OSError, RuntimeError, ValueError)  # what h5py raises when a disk is full or gone


class _NoRoomError(OSError):
    """The disk is full, or a quota is used up."""


class Writer:
    """Writes new rows in rounds: text first, then the rows that point at it, then the round's checksums.

    The constructor returns once the file stands and others can read it; SessionError where it cannot be made.
    """

    def __init__(self, recorder: Recorder, path: Path, *, overwrite: bool) -> None:
        self._recorder = recorder
        self._path = path
        self._overwrite = overwrite
        self._written: dict[str, int] = dict.fromkeys((*TABLES, "text"), 0)
        self._wake = threading.Condition()
        self._asked = self._done = 0  # rounds that flush asked for, and those done
        self._closing = False
        self._broken = False  # HDF5 failed; what was written until then stays readable
        self._refused: SessionError | None = None
        self._ready = threading.Event()
        # Not a daemon: a program that ends without closing still gets its last rows written (see _mirror).
        self._thread = threading.Thread(target=self._run, name="session writer")
        self._thread.start()
        self._ready.wait()
        if self._refused is not None:
            self._thread.join()
            raise self._refused

    def flush(self) -> None:
        """Write everything recorded so far; returns when any other process can read it."""
        with self._wake:
            self._asked += 1
            asked = self._asked
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._done >= asked or not self._thread.is_alive())

    def close(self) -> None:
        """Write the rest, pack the file, end the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join()

    def _run(self) -> None:
        recorder = self._recorder
        try:
            file = self._create()
        except _FAILURES as error:
            self._refused = SessionError(self._reason(error))
            return
        finally:
            self._ready.set()
        self._mirror(file)
        try:
            file.close()
        except _FAILURES as error:
            recorder.fault = recorder.fault or self._reason(error)
        if self._closing:  # else the program ended without closing: the file stays as it is, readable and unpacked
            self._pack()

    def _pack(self) -> None:
        from . import layout

        try:
            layout.pack(self._path, self._recorder, overwrite=self._overwrite)
            self._recorder.fault = None  # whatever it was, everything stands in the file now
        except _FAILURES as error:
            self._recorder.fault = self._reason(error)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, SessionError):
            return str(error)
        return f"cannot write {self._path}: {reason(error)}"

    def _create(self) -> Any:
        """The file with all its tables and a first sign of life."""
        from . import layout  # h5py takes a fifth of a second to import, which the window need not wait for

        part = layout.temporary(self._path)
        if self._overwrite:
            self._path.unlink(missing_ok=True)  # not truncated: another process may be reading it
            part.unlink(missing_ok=True)
        elif part.exists():
            raise SessionError(f"{part} exists already; choose another name for the session, or delete that file")
        try:
            file = layout.create(self._path, self._recorder.header)
        except FileExistsError:
            raise SessionError(f"{self._path} exists already; choose another name") from None
        self._beat()
        self._round(file)
        return file

    def _mirror(self, file: Any) -> None:
        """Rounds until the session is closed, or the program ends without closing it."""
        beaten = monotonic()
        while True:
            with self._wake:
                asked, last = self._asked, self._closing
            last = last or not threading.main_thread().is_alive()
            if not last and monotonic() - beaten >= _HEARTBEAT:
                beaten = monotonic()
                self._beat()
            if not self._broken:
                self._try_round(file)
            with self._wake:
                self._done = asked
                self._wake.notify_all()
                if last:
                    return
                self._wake.wait_for(self._wanted, _ROUND)

    def _wanted(self) -> bool:
        return self._closing or self._asked > self._done

    def _beat(self) -> None:
        try:
            self._recorder.heartbeat(time())
        except SessionError:
            return  # closed in this very moment

    def _try_round(self, file: Any) -> None:
        try:
            self._round(file)
            self._recorder.fault = None
        except _NoRoomError as error:  # nothing was begun; perhaps there is room in the next round
            self._recorder.fault = self._reason(error)
        except _FAILURES as error:
            self._recorder.fault = self._reason(error)
            self._broken = True

    def _round(self, file: Any) -> None:
        """Write what is new. Raises _NoRoomError before anything is written, or whatever HDF5 raises when it fails."""
        from . import layout

        end, text, lengths = self._recorder.cut()
        new: list[tuple[str, int, Any]] = []
        data = self._recorder.stream.slice(self._written[layout.TEXT_DATASET], text)
        new.append((layout.TEXT_DATASET, layout.TEXT_TABLE, np.frombuffer(data, np.uint8)))
        for number, (name, table) in enumerate(self._recorder.tables.items()):
            new.append((name, number, table.published[0][self._written[name] : lengths[name]]))
        self._reserve(file, sum(rows.nbytes for _, _, rows in new))
        blocks = []
        for name, number, rows in new:
            if len(rows):
                layout.append(file, name, rows)
                blocks.append((end, number, self._written[name], len(rows), crc32(rows.data)))
                self._written[name] += len(rows)
        if blocks:
            layout.append(file, BLOCKS.name, layout.blocks_array(blocks))

    def _reserve(self, file: Any, size: int) -> None:
        """Make sure that the disk has room for `size` more bytes, by lengthening the file with zeros that HDF5 will
        overwrite: where a write fails inside HDF5, it can neither go on nor close the file, and may end the program."""
        wanted = file.id.get_filesize() + size + _SPARE
        try:
            with self._path.open("rb+") as raw:
                missing = wanted - raw.seek(0, os.SEEK_END)
                if missing > 0:
                    raw.write(bytes(missing + _SPARE))
        except OSError as error:
            raise _NoRoomError(error.errno, error.strerror) from None
