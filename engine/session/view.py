"""A session at one moment: what panels look at; and the append-only memory behind it.

One thread appends rows and text, and any thread reads them without a lock.
"""

import itertools
from abc import ABC, abstractmethod
from bisect import bisect_right
from math import inf
from struct import Struct
from typing import Any

import numpy as np

from engine.session.schema import TABLES, Header, Rows, weights_shape

_CODES = {"<f8": "d", "<i8": "q", "<u8": "Q", "<u4": "I", "<u2": "H", "|u1": "B"}
"""What `struct` calls the types of columns."""

_REMEMBERED = 1 << 16  # pieces of text that a stream recognises when they come again


class Table:
    """Rows of one structured type. Readers take `published`, one tuple (array, length): rows below the length never
    change, also when the array is replaced by a longer one. Appending is for one thread at a time."""

    def __init__(self, dtype: np.dtype[np.void]) -> None:
        self.dtype = dtype
        self.published: tuple[Rows, int] = (np.empty(max(16, min(1024, 65536 // dtype.itemsize)), dtype), 0)
        self._packer = _packer(dtype)
        self._memory = self._bytes()

    def __len__(self) -> int:
        return self.published[1]

    def append(self, row: tuple[Any, ...]) -> int:
        """Append one row and return its number."""
        array, length = self.published
        if length == len(array):
            array = self._grown(2 * length)
        array[length] = row
        self.published = (array, length + 1)
        return length

    def put(self, *values: Any) -> int:
        """Append one row, given flat: a piece of text is two values. Several times as fast as `append`."""
        if self._packer is None:
            return self.append(values)
        array, length = self.published
        if length == len(array):
            array = self._grown(2 * length)
        self._packer.pack_into(self._memory, length * self.dtype.itemsize, *values)
        self.published = (array, length + 1)
        return length

    def extend(self, rows: Rows) -> None:
        """Append many rows at once."""
        array, length = self.published
        total = length + len(rows)
        if total > len(array):
            array = self._grown(max(total, 2 * length))
        array[length:total] = rows
        self.published = (array, total)

    def _grown(self, capacity: int) -> Rows:
        array, length = self.published
        longer = np.empty(capacity, self.dtype)
        longer[:length] = array[:length]
        self._memory = self._bytes(longer)
        return longer

    def _bytes(self, array: Rows | None = None) -> memoryview:
        return (self.published[0] if array is None else array).view(np.uint8).data


def _packer(dtype: np.dtype[Any]) -> Struct | None:
    """What writes a row of plain numbers and texts; None where a column holds more than one number."""
    codes = []
    for name in dtype.names or ():
        column = dtype[name]
        parts = [column[part] for part in column.names] if column.names else [column]
        codes += [_CODES.get(part.str, "") for part in parts]
    return Struct("<" + "".join(codes)) if all(codes) else None


class TextStream:
    """Bytes, appended once and referred to by (offset, length). A piece that comes again soon is stored once."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._known: dict[bytes, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._bytes)

    def append(self, piece: bytes) -> tuple[int, int]:
        """Where the piece stands: (offset, length)."""
        known = self._known.get(piece)
        if known is not None:
            return known
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        reference = self._known[piece] = (len(self._bytes), len(piece))
        self._bytes += piece
        return reference

    def extend(self, data: bytes) -> None:
        """Append bytes that hold many pieces."""
        self._bytes += data

    def slice(self, start: int, stop: int) -> bytes:
        """A copy of the bytes from `start` to `stop`."""
        return bytes(self._bytes[start:stop])


_serials = itertools.count()


class SessionSource(ABC):
    """Tables that are being filled, by a search in this process (Recorder) or from a file (Reader).

    Any thread may look at any time without a lock; rows whose time is at most `end` are complete in all tables.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        shape = weights_shape(header)
        self.tables: dict[str, Table] = {name: Table(spec.dtype(shape)) for name, spec in TABLES.items()}
        self.stream = TextStream()
        self.end = 0.0
        self.fault: str | None = None
        self._serial = next(_serials)

    @property
    @abstractmethod
    def live(self) -> bool:
        """Whether somebody still writes this session."""

    def view(self, time: float = inf) -> "View":
        """The session at `time` seconds, or now if that lies ahead."""
        return View(self, min(time, self.end))


class View:
    """The rows of a session up to one moment. Never changes, whatever is appended later."""

    def __init__(self, source: SessionSource, time: float) -> None:
        self.source = source
        self.time = time
        self._rows: dict[str, Rows] = {}

    def rows(self, table: str) -> Rows:
        """The rows of a table whose time is at most the view's, read-only."""
        rows = self._rows.get(table)
        if rows is None:
            array, length = self.source.tables[table].published
            rows = array[: bisect_right(array["time"], self.time, 0, length)]
            rows.flags.writeable = False
            self._rows[table] = rows
        return rows

    def bytes(self, reference: Any) -> bytes:
        """The bytes that a TEXT field refers to."""
        start = int(reference["offset"])
        return self.source.stream.slice(start, start + int(reference["length"]))

    def text(self, reference: Any) -> str:
        """The text that a TEXT field refers to."""
        return self.bytes(reference).decode("utf-8", errors="replace")

    def stamp(self, *tables: str) -> tuple[int, ...]:
        """Equal stamps mean equal rows in these tables: of the same session, and as many."""
        return (self.source._serial, *(len(self.rows(table)) for table in tables))
