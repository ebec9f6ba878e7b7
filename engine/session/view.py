"""A session at one moment: what panels look at."""

import itertools
from abc import ABC, abstractmethod
from bisect import bisect_right
from math import inf
from typing import Any

from .header import Header
from .schema import TABLES, Rows, weights_shape
from .tables import Table, TextStream

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
