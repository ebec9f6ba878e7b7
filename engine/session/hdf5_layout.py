"""How a session lies in an HDF5 file: its datasets, their attributes, the checksummed blocks.

While a session is written, rows are unfiltered (small flushes into compressed chunks make a file explode) and the file
is in SWMR mode, which allows no new datasets or attributes; so everything is made first. Text and numbers in
attributes have fixed sizes: variable-length strings could not be read back after a kill.
"""

import glob
import io
import os
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import Any
from zlib import crc32

import h5py
import msgspec
import numpy as np

from engine.session.schema import BLOCKS, FORMAT, SPECS, Header, Rows, TableSpec, weights_shape
from engine.session.view import SessionSource

NAME = "cellwright session"
TEXT_DATASET = "text"
TEXT_TABLE = len(SPECS)  # the number of the text stream in blocks
PACKED_BYTES = 1 << 20  # most bytes of one block of a packed file
_CHUNK_ROWS = 1024
_CHUNK_BYTES = 1 << 16

_ABOUT = """\
A session of Cellwright, a desktop explorer for neural architecture search: everything that one search did, in the \
order in which it happened. Each dataset is a table whose rows begin with their time in seconds; its attributes \
'columns', 'units' and 'meanings' say what stands in it, and 'names of ...' spell out codes, from 0. Fields with \
(offset, length) point into 'text', a stream of UTF-8 bytes. The root's other attributes tell where the session comes \
from: 'plan' is TOML and starts the same search again; 'cells', 'edges' and 'operations' are the axes of the \
architecture weights. 'blocks' holds checksums."""


def temporary(path: Path) -> Path:
    """Where this process builds a file before it takes its name."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def create(path: Path, header: Header, *, replace: bool) -> h5py.File:
    """A new file with all tables, empty, open for one writer and many readers. Raises OSError; FileExistsError where
    the name is taken and the file there is not to be replaced.

    It takes its name when it is whole, so that nobody finds a half of it (where an open file can be given a name).
    """
    making = temporary(path) if os.name == "posix" else path
    if path.exists() and not replace:
        raise FileExistsError(path)
    file = h5py.File(making, "x", libver="latest", locking="best-effort")
    try:
        _make_all(file, header, packed=False)
        file.swmr_mode = True
        if making != path:
            (os.replace if replace else _named)(making, path)
    except BaseException:
        file.close()
        making.unlink(missing_ok=True)
        raise
    return file


def clear(path: Path) -> None:
    """Remove what killed programs left of files that were to take the name `path`. Under the session's lock only."""
    for part in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        with suppress(OSError):
            part.unlink()


def _named(making: Path, path: Path) -> None:
    """Give a file its name. Raises FileExistsError where that has been taken meanwhile."""
    try:
        os.link(making, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(path) from None
        making.rename(path)
    else:
        making.unlink()


def _make_all(file: h5py.File, header: Header, *, packed: bool) -> None:
    header = msgspec.structs.replace(header, format=FORMAT)  # one read from an older file is written as of today
    _describe(file, header, packed)
    for spec in (*SPECS, BLOCKS):
        _dataset(file, spec, spec.dtype(weights_shape(header)), packed)
    text = _make(file, TEXT_DATASET, np.dtype("u1"), _CHUNK_BYTES, packed)
    text.attrs["about"] = fixed("All text of the session as UTF-8 bytes; tables point into it.")


def _describe(file: h5py.File, header: Header, packed: bool) -> None:
    file.attrs["format"] = fixed(NAME)
    file.attrs["about"] = fixed(_ABOUT)
    file.attrs["packed"] = np.uint8(packed)
    for name in header.__struct_fields__:
        value = getattr(header, name)
        file.attrs["version" if name == "format" else name] = value if isinstance(value, int) else fixed(_plain(value))
    file.attrs["crc32"] = np.uint32(header_sum(header, packed))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def fixed(text: str) -> Any:
    """Text as a fixed-length UTF-8 value."""
    data = text.encode("utf-8", errors="replace")
    return np.array(data or b"\0", dtype=h5py.string_dtype("utf-8", max(1, len(data))))


def header_sum(header: Header, packed: bool) -> int:
    """The checksum of what the root's attributes say."""
    return crc32(msgspec.json.encode(header), packed)


def _dataset(file: h5py.File, spec: TableSpec, dtype: np.dtype[np.void], packed: bool) -> None:
    rows = max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // dtype.itemsize))
    dataset = _make(file, spec.name, dtype, rows, packed)
    dataset.attrs["about"] = fixed(spec.about)
    for attribute, field in (("columns", "name"), ("units", "unit"), ("meanings", "meaning")):
        dataset.attrs[attribute] = np.array([getattr(column, field).encode() or b"\0" for column in spec.columns])
    for column in spec.columns:
        if column.names:
            dataset.attrs[f"names of {column.name}"] = np.array([name.encode() for name in column.names])


def _make(file: h5py.File, name: str, dtype: np.dtype[Any], chunk: int, packed: bool) -> h5py.Dataset:
    filters: dict[str, Any] = {"compression": "gzip", "shuffle": True, "fletcher32": True} if packed else {}
    return file.create_dataset(name, shape=(0,), maxshape=(None,), chunks=(chunk,), dtype=dtype, **filters)


def append(file: h5py.File, name: str, rows: np.ndarray[Any, Any]) -> None:
    """Append rows (or text bytes) to a dataset and flush it."""
    dataset = file[name]
    start = len(dataset)
    dataset.resize((start + len(rows),))
    dataset[start:] = rows
    dataset.flush()


def blocks_array(blocks: list[tuple[float, int, int, int, int]]) -> Rows:
    """Rows for the table of blocks."""
    return np.array(blocks, dtype=BLOCKS.dtype())


def pack(path: Path, source: SessionSource, stood: os.stat_result | None) -> Path:
    """Write a whole session, compressed and with checksums, under a temporary name; then it takes its name at once.

    It takes as much memory as the file will have bytes, beside the tables, which are in memory uncompressed.

    It replaces the file `stood` and no other: where something else stands at `path`, both are kept. Returns where the
    session is. Raises OSError where writing fails; what stood at `path` is then untouched.
    """
    part = temporary(path)
    # HDF5 builds the file in memory, since a disk that fills up while HDF5 writes to it can end the whole program.
    image = io.BytesIO()
    with h5py.File(image, "w", libver="latest") as file:
        _make_all(file, source.header, packed=True)
        _fill(file, source)
    try:
        with part.open("wb") as written:
            written.write(image.getbuffer())
            written.flush()
            os.fsync(written.fileno())  # a file must not take its name before its content is on the disk
        if stood is not None and stands(path, stood):
            part.replace(path)
            return path
        return _named_beside(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def stands(path: Path, file: os.stat_result) -> bool:
    """Whether it is still this file that stands at `path`."""
    try:
        return os.path.samestat(os.stat(path), file)
    except OSError:
        return False


def _named_beside(part: Path, path: Path) -> Path:
    """Give a file the name `path` or, where that is taken, one with a number."""
    for name in chain([path], (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))):
        with suppress(FileExistsError):
            _named(part, name)
            return name
    raise AssertionError("there is always another number")


def _fill(file: h5py.File, source: SessionSource) -> None:
    blocks: list[tuple[float, int, int, int, int]] = []

    def put(name: str, number: int, start: int, rows: np.ndarray[Any, Any]) -> None:
        append(file, name, rows)
        blocks.append((source.end, number, start, len(rows), crc32(rows.data)))

    for start in range(0, len(source.stream), PACKED_BYTES):
        piece = source.stream.slice(start, min(start + PACKED_BYTES, len(source.stream)))
        put(TEXT_DATASET, TEXT_TABLE, start, np.frombuffer(piece, np.uint8))
    for number, (name, table) in enumerate(source.tables.items()):
        array, length = table.published
        step = max(1, PACKED_BYTES // table.dtype.itemsize)
        for start in range(0, length, step):
            put(name, number, start, array[start : min(start + step, length)])
    append(file, BLOCKS.name, blocks_array(blocks))
