"""The thread that mirrors a recorder's tables in a file; the only one that touches HDF5 while a search runs."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from .schema import BLOCKS, TABLES, SessionError

if TYPE_CHECKING:
    from .record import Recorder

_ROUND = 0.5  # seconds between two rounds of writing
_HEARTBEAT = 1.0


class Writer:
    """Writes new rows in rounds: text first, then the rows that point at it, then the round's checksums.

    The constructor returns once the file stands and is readable by others; SessionError where it cannot be made.
    """

    def __init__(self, recorder: Recorder, path: Path, *, overwrite: bool) -> None:
        self._recorder = recorder
        self._path = path
        self._overwrite = overwrite
        self._written: dict[str, int] = dict.fromkeys((*TABLES, "text"), 0)
        self._wake = threading.Condition()
        self._asked = self._done = 0  # rounds asked for by flush, and done
        self._closing = False
        self._refused: SessionError | None = None
        self._ready = threading.Event()
        # Not a daemon: a program that ends without closing still gets its last rows written (see _run).
        self._thread = threading.Thread(target=self._run, name="session writer")
        self._thread.start()
        self._ready.wait()
        if self._refused is not None:
            self._thread.join()
            raise self._refused

    def flush(self) -> None:
        """Write everything recorded so far; returns when it is on its way to the disk."""
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
        from . import layout  # h5py takes a fifth of a second to import, which the window need not wait for

        try:
            self._refuse_existing(layout.temporary(self._path))
            file = layout.create(self._path, self._recorder.header, packed=False, overwrite=self._overwrite)
            file.swmr_mode = True
        except (OSError, RuntimeError, ValueError) as error:
            self._refused = error if isinstance(error, SessionError) else _one_line(self._path, error)
            self._ready.set()
            return
        self._mirror(file)
        if self._closing:
            recorder = self._recorder
            try:
                layout.pack(
                    self._path,
                    recorder.header,
                    recorder.tables,
                    recorder.stream,
                    recorder.end,
                    overwrite=self._overwrite,
                )
                recorder.fault = None
            except (OSError, RuntimeError, ValueError) as error:
                recorder.fault = str(_one_line(self._path, error))

    def _refuse_existing(self, part: Path) -> None:
        for taken in (self._path, part):
            if taken.exists() and not self._overwrite:
                raise SessionError(f"{taken} exists already; choose another name")

    def _mirror(self, file: Any) -> None:
        """Rounds until the session is closed, or the program ends without closing it."""
        beat = -_HEARTBEAT
        with file:
            while True:
                with self._wake:
                    asked, closing = self._asked, self._closing
                closing = closing or not threading.main_thread().is_alive()
                if not closing and monotonic() - beat >= _HEARTBEAT:
                    beat = monotonic()
                    self._beat()
                if self._recorder.fault is None:
                    try:
                        self._round(file)
                    except (OSError, RuntimeError, ValueError) as error:
                        self._recorder.fault = str(_one_line(self._path, error))
                self._ready.set()
                with self._wake:
                    self._done = asked
                    self._wake.notify_all()
                    if closing:
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
        for number, name in ((layout.TEXT_TABLE, "text"), *enumerate(TABLES)):
            start = self._written[name]
            if name == "text":
                rows: Any = np.frombuffer(self._recorder.stream.slice(start, text), np.uint8)
            else:
                rows = self._recorder.tables[name].published[0][start : lengths[name]]
            if len(rows):
                layout.append(file, name, rows)
                self._written[name] += len(rows)
                blocks.append((end, number, start, len(rows), crc32(rows)))
        if blocks:
            layout.append(file, BLOCKS.name, layout.blocks_array(blocks))


def _one_line(path: Path, error: Exception) -> SessionError:
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())
    return SessionError(f"cannot write {path}: {reason}")
