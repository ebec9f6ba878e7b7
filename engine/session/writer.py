"""The thread that mirrors a recorder's tables in a file; the only one that touches HDF5 while a search runs."""

from __future__ import annotations

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
_FAILURES = (OSError, RuntimeError, ValueError)  # what h5py raises when a disk is full or gone


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
        elif part.exists():
            raise SessionError(f"{part} exists already; choose another name for the session, or delete that file")
        try:
            file = layout.create(self._path, self._recorder.header, packed=False)
        except FileExistsError:
            raise SessionError(f"{self._path} exists already; choose another name") from None
        file.swmr_mode = True
        self._beat()
        self._round(file)
        return file

    def _mirror(self, file: Any) -> None:
        """Rounds until the session is closed, or the program ends without closing it."""
        recorder, beaten = self._recorder, monotonic()
        while True:
            with self._wake:
                asked, last = self._asked, self._closing
            last = last or not threading.main_thread().is_alive()
            if not last and monotonic() - beaten >= _HEARTBEAT:
                beaten = monotonic()
                self._beat()
            if recorder.fault is None:
                try:
                    self._round(file)
                except _FAILURES as error:
                    recorder.fault = self._reason(error)
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

    def _round(self, file: Any) -> None:
        from . import layout

        end, text, lengths = self._recorder.cut()
        blocks = []
        for number, name in ((layout.TEXT_TABLE, layout.TEXT_DATASET), *enumerate(TABLES)):
            start = self._written[name]
            if name == layout.TEXT_DATASET:
                rows: Any = np.frombuffer(self._recorder.stream.slice(start, text), np.uint8)
            else:
                rows = self._recorder.tables[name].published[0][start : lengths[name]]
            if len(rows):
                layout.append(file, name, rows)
                self._written[name] += len(rows)
                blocks.append((end, number, start, len(rows), crc32(rows.data)))
        if blocks:
            layout.append(file, BLOCKS.name, layout.blocks_array(blocks))
