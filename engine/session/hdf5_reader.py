"""Rows out of a session file, which may come from a stranger or be damaged: sizes and types are checked before
anything is allocated, checksums before anything is handed on. Nothing in a file is ever run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import h5py
import msgspec
import numpy as np

from engine.session import hdf5_layout as layout
from engine.session.schema import (
    BLOCKS,
    FORMAT,
    OF_FORMAT,
    SPECS,
    Header,
    Rows,
    SessionError,
    weights_shape,
)
from engine.session.superblock import ClosedLook

_MOST_HEADER = 1 << 24  # bytes of one attribute
_MOST_CHUNK = 1 << 24  # bytes
_MOST_GAIN = 1040  # deflate shrinks by at most 1032
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
# What h5py raises on damaged files.
DAMAGE = (OSError, RuntimeError, LookupError, ValueError, TypeError, OverflowError, msgspec.MsgspecError)


@dataclass(frozen=True)
class News:
    """What a file holds beyond what was known: rows per table, text bytes, and the number of blocks read so far."""

    tables: dict[str, Rows]
    text: bytes
    blocks: int


class SessionFile:
    """An open session file. `packed`: it was closed in order and is final. `expected` is the header of the session
    that the file was before, which saves reading it again."""

    def __init__(self, file: h5py.File, path: Path, expected: Header | None) -> None:
        self._file = file
        self._attributes = file.attrs
        self._path = path
        version = self._check_format()
        self._specs = OF_FORMAT[version]
        self._names = (*(spec.name for spec in self._specs), layout.TEXT_DATASET)  # by number in blocks
        self.packed = bool(self._attribute("packed", int))
        self.header = expected or self._read_header()
        if layout.header_sum(self.header, self.packed) != self._attribute("crc32", int):
            raise SessionError(f"{path} is another session now" if expected else f"{path} is damaged in its header")

    def news(
        self, known: dict[str, int], blocks: int, *, salvage: bool = False, without: frozenset[str] = frozenset()
    ) -> News:
        """Everything after the `known` number of rows (and text bytes) and blocks, but for the tables `without`.

        Only blocks count: rows whose checksum has not been written yet are left for later. With `salvage`, damage to a
        file that was never closed ends the session there: the rounds of writing before it are kept.
        """
        salvage = salvage and not self.packed
        # Blocks first, tables afterwards: in a file that is being written, the tables then hold what the blocks name.
        table = self._blocks(blocks)
        named = set(table["table"].tolist())
        sets = {
            name: self._dataset(name)
            for number, name in enumerate(self._names)
            if (number in named or self.packed) and name not in without
        }
        self._check_size(*sets.values())
        table = self._consistent(table, sets, known if blocks else dict.fromkeys(known, 0), salvage)
        found: dict[str, Any] = {spec.name: np.empty(0, self._dtype(spec.name)) for spec in SPECS}
        bad = len(table)
        for number, name in enumerate(self._names):
            if name not in sets:
                found[name] = np.empty(0, self._dtype(name))
                continue
            found[name], first_bad = self._rows(sets[name], table, number, known[name], salvage)
            bad = min(bad, first_bad)
        if bad < len(table):
            keep = int(np.searchsorted(table["time"], table["time"][bad]))  # whole rounds only
            table = table[:keep]
            for number, name in enumerate(self._names):
                found[name] = found[name][: _stop(table, number, known[name]) - known[name]]
        text = found.pop(layout.TEXT_DATASET).tobytes()
        return News(found, text, blocks + len(table))

    def _check_format(self) -> int:
        if self._attribute("format", str) != layout.NAME:
            raise SessionError(f"{self._path} is an HDF5 file, but not a session")
        version: int = self._attribute("version", int)
        if version not in OF_FORMAT:
            raise SessionError(f"{self._path} has format {version}; this program reads formats up to {FORMAT}")
        return version

    def _read_header(self) -> Header:
        fields = [field for field in msgspec.structs.fields(Header) if field.name != "format"]
        stored = {field.name: self._attribute(field.name, field.type) for field in fields}
        return Header(format=self._attribute("version", int), **stored)

    def _attribute(self, name: str, kind: Any) -> Any:
        if name not in self._attributes:
            raise SessionError(f"{self._path} is not a session: it has no attribute {name!r}")
        stored = self._attributes.get_id(name)
        wanted = "ui" if kind is int else "S"
        if stored.shape != () or stored.dtype.kind not in wanted or stored.dtype.itemsize > _MOST_HEADER:
            raise SessionError(f"{self._path} is not a session: attribute {name!r} has the wrong type")
        value = self._attributes[name]
        if kind is int:
            return int(value)
        text = bytes(value).decode()
        return text if kind is str else msgspec.json.decode(text, type=kind)

    def _dataset(self, name: str) -> h5py.Dataset:
        """A dataset of exactly the type that a session has; nothing of it is read yet."""
        if not isinstance(self._file.get(name, getlink=True), h5py.HardLink):
            raise SessionError(f"{self._path} is not a session: it has no table {name}")
        dataset = self._file[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.ndim != 1 or dataset.dtype != self._dtype(name):
            raise SessionError(f"{self._path} is not a session: table {name} has the wrong columns")
        made = dataset.id.get_create_plist()
        filters = {made.get_filter(number)[0] for number in range(made.get_nfilters())}
        if made.get_layout() != h5py.h5d.CHUNKED or not filters <= _FILTERS:
            raise SessionError(f"{self._path} is not a session: table {name} is stored in a strange way")
        if dataset.chunks[0] * dataset.dtype.itemsize > _MOST_CHUNK:
            raise SessionError(f"{self._path} is not a session: table {name} has chunks that are too large")
        return dataset

    def _dtype(self, name: str) -> np.dtype[Any]:
        if name == layout.TEXT_DATASET:
            return np.dtype("u1")
        specs = (*self._specs, *SPECS, BLOCKS)  # as the file's format has them, those first
        return next(spec.dtype(weights_shape(self.header)) for spec in specs if spec.name == name)

    def _check_size(self, *sets: h5py.Dataset) -> None:
        claimed = sum(len(dataset) * dataset.dtype.itemsize for dataset in sets)
        held = self._path.stat().st_size  # after the lengths: a file that is being written only grows
        if claimed > held * (_MOST_GAIN if self.packed else 1):
            raise SessionError(f"{self._path} is damaged: {held:,} bytes cannot hold the {claimed:,} that it claims")

    def _blocks(self, start: int) -> Rows:
        dataset = self._dataset(BLOCKS.name)
        self._check_size(dataset)
        rows: Rows = dataset[start:]
        return rows

    def _consistent(self, blocks: Rows, sets: dict[str, h5py.Dataset], known: dict[str, int], salvage: bool) -> Rows:
        """The blocks, each beginning where the one before it in its table ended, the first after the known rows."""
        strange = blocks["table"] >= len(self._names)
        ends = {}
        for name in sets:
            mine = np.flatnonzero(blocks["table"] == self._names.index(name))
            counts = blocks["count"][mine]
            stops = np.cumsum(counts, dtype=np.uint64) + np.uint64(known[name])
            strange[mine] = (blocks["start"][mine] != stops - counts) | (stops > len(sets[name])) | (stops < counts)
            ends[name] = int(stops[-1]) if len(mine) else known[name]
        # A packed file is final: it has no rows that wait for their checksum.
        missing = self.packed and any(ends[name] != len(sets[name]) for name in sets)
        if not salvage and (strange.any() or missing):
            raise SessionError(f"{self._path} is damaged in table {BLOCKS.name}")
        return blocks[: int(np.argmax(strange))] if strange.any() else blocks

    def _rows(
        self, dataset: h5py.Dataset, blocks: Rows, number: int, known: int, salvage: bool
    ) -> tuple[np.ndarray[Any, Any], int]:
        """The rows of one table after the `known` ones, and the first damaged block (or the number of blocks)."""
        name = self._names[number]
        mine = np.flatnonzero((blocks["table"] == number) & (blocks["start"] + blocks["count"] > known))
        if not len(mine):
            return np.empty(0, dataset.dtype), len(blocks)
        first = int(blocks["start"][mine[0]])
        stop = int(blocks["start"][mine[-1]] + blocks["count"][mine[-1]])
        try:
            rows = dataset[first:stop]
        except DAMAGE:
            if not salvage:
                raise SessionError(f"{self._path} is damaged in table {name}") from None
            rows = _readable(dataset, first, stop)
        data = rows.view(np.uint8).reshape(-1).data
        size = dataset.dtype.itemsize
        for index in mine:
            start, count = int(blocks["start"][index]) - first, int(blocks["count"][index])
            piece = data[start * size : (start + count) * size]
            if len(piece) != count * size or crc32(piece) != blocks["crc32"][index]:
                if not salvage:
                    where = f"{first + start} to {first + start + count - 1}"
                    raise SessionError(f"{self._path} is damaged in table {name}, rows {where}")
                return rows[known - first : max(start, known - first)], int(index)
        return rows[known - first :], len(blocks)


def _stop(blocks: Rows, number: int, known: int) -> int:
    """Where the last block of a table ends."""
    mine = blocks[blocks["table"] == number]
    return max(known, int(mine["start"][-1] + mine["count"][-1])) if len(mine) else known


def _readable(dataset: h5py.Dataset, first: int, stop: int) -> np.ndarray[Any, Any]:
    """The rows before the first chunk that cannot be read."""
    parts = [np.empty(0, dataset.dtype)]
    step = dataset.chunks[0]
    try:
        for start in range(first, stop, step):
            parts.append(dataset[start : min(stop, start + step)])
    except DAMAGE:
        pass  # that is the end of what can be read
    return np.concatenate(parts)


@contextmanager
def opened(path: Path, expected: Header | None = None) -> Iterator[SessionFile]:
    """A session file, open for reading, also while it is being written. Whatever is wrong becomes a SessionError."""
    with ClosedLook.at(path) as raw:
        try:
            with h5py.File(raw, "r") as file:
                yield SessionFile(file, path, expected)
        except SessionError:
            raise
        except MemoryError:
            raise SessionError(f"{path} does not fit into memory") from None
        except DAMAGE:
            raise SessionError(f"{path} is damaged; HDF5 cannot read it") from None
