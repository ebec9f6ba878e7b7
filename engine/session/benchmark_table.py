"""The file of a benchmark table: architectures that somebody has trained, and what came of it.

An HDF5 file. At its root stand the attributes `format` ("cellwright table"), `version`, `space` (the settings of the
space that the architectures belong to, as JSON) and, for each of ROLES, the name of the column that plays it. The
dataset `rank` (uint64, ascending) numbers the architectures: an architecture is known by its space and by the rank of
its decisions there, `space.rank(space.encode(architecture))`. The group `columns` holds a dataset for each column
(float64, one value for each rank), with its `unit`. The file may come from a stranger: types and sizes are checked
before anything is allocated, and nothing in it is ever run.

Tables also come out of the arrays in which others publish theirs (.npz of numpy, never pickled): `import_npz`.
"""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.session.schema import SessionError, reason
from engine.space.decisions import OutsideSpace
from engine.space.former import recorded
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import Space
from engine.space.text import known

NAME = "cellwright table"
VERSION = 1
ROLES = ("score", "reported", "cost", "parameters", "macs")
"""What a column may be for: the score that a search is told; what is reported of its choice; the simulated seconds of
an evaluation; the network's weights; its multiply-accumulates for one image."""

MOST_ENTRIES = 20_000_000
MOST_COLUMNS = 64
_MOST_ATTRIBUTE = 1 << 20  # bytes
_MOST_GAIN = 1040  # deflate shrinks by at most 1032

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BenchmarkTable:
    """Entries of a space by the rank of their decisions, ascending; for each column a number for each entry.

    `roles` names the columns that play one of ROLES; those that no column plays are missing there.
    """

    space: Space
    ranks: npt.NDArray[np.uint64]
    columns: dict[str, Numbers]
    roles: dict[str, str]
    units: dict[str, str]

    def __post_init__(self) -> None:
        if not len(self.ranks):
            raise SessionError("the table has no entries")
        if np.any(self.ranks[1:] <= self.ranks[:-1]) or int(self.ranks[-1]) >= self.space.size():
            raise SessionError("the table's ranks do not ascend within the space, each once")
        for name, column in self.columns.items():
            if column.shape != self.ranks.shape:
                raise SessionError(
                    f"the table's column {name} has {len(column):,} values for {len(self.ranks):,} ranks"
                )
        for role, name in self.roles.items():
            if role not in ROLES or name not in self.columns:
                raise SessionError(f"the table says that column {name[:40]!r} is its {role}, and there is none")

    def column(self, role: str, name: str = "") -> Numbers | None:
        """The column of that name or, without one, the one that plays the role; None where none does.

        Raises SessionError for a name that no column has.
        """
        name = name or self.roles.get(role, "")
        if name and name not in self.columns:
            raise SessionError(f"the table has no column {name[:40]!r}; there are {', '.join(self.columns)}")
        return self.columns[name] if name else None

    def row(self, rank: int) -> int | None:
        """The entry with this rank; None where the table has none."""
        place = int(np.searchsorted(self.ranks, np.uint64(rank)))
        return place if place < len(self.ranks) and int(self.ranks[place]) == rank else None


def is_table(path: Path) -> bool:
    """Whether the file says that it is a table, and not a session or anything else."""
    import h5py  # a fifth of a second, and the window need not wait for it

    try:
        with h5py.File(path, "r", locking="best-effort") as file:
            return _text(file, "format") == NAME
    except (OSError, SessionError):
        return False


def read_table(path: Path) -> BenchmarkTable:
    """The table in a file, remembered until the file changes. Raises SessionError, in one line, or OSError."""
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> BenchmarkTable:
    import h5py

    from engine.session import hdf5_reader as load

    try:
        with h5py.File(path, "r", locking="best-effort") as file:
            return _table(file, size)
    except SessionError as fault:
        raise SessionError(f"{path}: {fault}") from None
    except MemoryError:
        raise SessionError(f"{path} does not fit into memory") from None
    except load.DAMAGE:
        raise SessionError(f"{path} is no table, or it is damaged; import-table writes one") from None


def _table(file: Any, size: int) -> BenchmarkTable:
    import h5py

    if _text(file, "format") != NAME:
        raise SessionError("this is an HDF5 file, but not a table; import-table writes one")
    version = file.attrs.get_id("version")
    if version.shape != () or version.dtype.kind not in "ui" or int(file.attrs["version"]) != VERSION:
        raise SessionError(f"this table is of another version; this program reads version {VERSION}")
    try:
        settings = msgspec.json.decode(_text(file, "space"), type=dict[str, Any])
        space = known(recorded(settings))
    except msgspec.MsgspecError as fault:
        raise SessionError(f"the table's space cannot be understood: {' '.join(str(fault).split())[:120]}") from None
    group = file.get("columns")
    if not isinstance(group, h5py.Group) or len(group) > MOST_COLUMNS:
        raise SessionError(f"the table has no group of 1 to {MOST_COLUMNS} columns")
    sets = {"rank": _dataset(file, "rank", np.dtype("<u8"))}
    sets |= {f"columns/{name}": _dataset(group, name, np.dtype("<f8")) for name in group}
    claimed = sum(found.size * 8 for found in sets.values())
    if claimed > size * _MOST_GAIN or any(found.size > MOST_ENTRIES for found in sets.values()):
        raise SessionError(f"the table is damaged: {size:,} bytes cannot hold the {claimed:,} that it claims")
    return BenchmarkTable(
        space=space,
        ranks=sets["rank"][:],
        columns={name: sets[f"columns/{name}"][:] for name in group},
        roles={role: _text(file, role) for role in ROLES if role in file.attrs},
        units={name: unit for name in group if "unit" in group[name].attrs and (unit := _text(group[name], "unit"))},
    )


def _dataset(group: Any, name: str, dtype: np.dtype[Any]) -> Any:
    import h5py

    found = group.get(name) if isinstance(group.get(name, getlink=True), h5py.HardLink) else None
    plain = isinstance(found, h5py.Dataset) and found.ndim == 1 and found.dtype == dtype
    if not plain or found.external or found.is_virtual:  # type: ignore[union-attr]
        raise SessionError(f"the table has no dataset {name} of one number for each entry ({dtype})")
    return found


def _text(place: Any, name: str) -> str:
    """A text attribute of fixed length."""
    if name not in place.attrs:
        raise SessionError(f"the table has no attribute {name!r}")
    stored = place.attrs.get_id(name)
    if stored.shape != () or stored.dtype.kind != "S" or stored.dtype.itemsize > _MOST_ATTRIBUTE:
        raise SessionError(f"the table's attribute {name!r} is no short text")
    return bytes(place.attrs[name]).decode("utf-8", errors="replace")


def write_table(path: Path, table: BenchmarkTable) -> None:
    """Write a table, under a temporary name first, so that a failure leaves an older file as it was.

    Raises SessionError, in one line, where that fails.
    """
    import h5py

    from engine.session import hdf5_layout as layout

    part = layout.temporary(path)
    packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
    try:
        with h5py.File(part, "w", libver="latest") as file:
            space = msgspec.json.encode(table.space).decode()
            for name, text in {"format": NAME, "about": __doc__ or "", "space": space, **table.roles}.items():
                file.attrs[name] = layout.fixed(text)
            file.attrs["version"] = np.uint32(VERSION)
            file.create_dataset("rank", data=table.ranks.astype("<u8"), **packed)
            group = file.create_group("columns", track_order=True)
            for name, values in table.columns.items():
                column = group.create_dataset(name, data=values.astype("<f8"), **packed)
                column.attrs["unit"] = layout.fixed(table.units.get(name, ""))
        os.replace(part, path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise SessionError(f"{path}: cannot be written ({reason(fault)})") from None


_MOST_BYTES = 1 << 32
_DECISIONS = ("ops", "decisions")

_KNOWN_ROLES = {"score": "val_acc_12ep", "reported": "val_acc_200ep", "cost": "cost_12ep"}
_KNOWN_ROLES |= {"parameters": "params", "macs": "flops"}
_KNOWN_UNITS = {"val_acc_12ep": "%", "val_acc_200ep": "%", "cost_12ep": "s"}
_KNOWN_UNITS |= {"train_seconds_per_epoch": "s", "val_seconds": "s"}
_EPOCHS = 12
"""The epochs of NAS-Bench-201 after which a search looks at an accuracy (Dong and Yang 2020)."""


def open_table(path: Path) -> BenchmarkTable:
    """The table in a file of our own form or, as arrays, NAS-Bench-201's in an .npz file. Remembered until it changes.

    Raises SessionError, in one line.
    """
    try:
        if path.suffix != ".npz":
            return read_table(path)
        stat = path.stat()
        return _published(path, stat.st_mtime_ns, stat.st_size)
    except OSError as fault:
        raise SessionError(f"{path}: cannot be read ({reason(fault)})") from None


@lru_cache(maxsize=4)
def _published(path: Path, changed: int, size: int) -> BenchmarkTable:
    return import_npz(path, NasBench201Space())


def import_npz(path: Path, space: Space, roles: Mapping[str, str] | None = None) -> BenchmarkTable:
    """The table that an .npz file holds for architectures of `space`; `roles` say what columns are for.

    The archive holds `ops` or `decisions`, whole numbers (entries, decisions), each an index into the choices that the
    space offers there, and any number of columns, one number for each entry. NAS-Bench-201's are known by their names.
    Where the columns have NAS-Bench-201's names, a column cost_12ep is added: the simulated seconds of an evaluation,
    12 × train_seconds_per_epoch + val_seconds. Raises SessionError, in one line, or OSError.
    """
    try:
        arrays = _arrays(path)
        decisions = next((arrays.pop(name) for name in _DECISIONS if name in arrays), None)
        if decisions is None or decisions.ndim != 2 or decisions.dtype.kind not in "iu":
            raise SessionError("there is no array 'ops' or 'decisions' of whole numbers, one row for each architecture")
        columns = {
            name: column.astype(np.float64)
            for name, column in arrays.items()
            if column.shape == decisions.shape[:1] and column.dtype.kind in "iuf"
        }
        if {"train_seconds_per_epoch", "val_seconds"} <= columns.keys():
            columns["cost_12ep"] = _EPOCHS * columns["train_seconds_per_epoch"] + columns["val_seconds"]
        known = {role: name for role, name in _KNOWN_ROLES.items() if name in columns}
        ranks = np.array([_rank(space, row) for row in decisions.tolist()], np.uint64)
        order = np.argsort(ranks, kind="stable")
        return BenchmarkTable(
            space=space,
            ranks=ranks[order],
            columns={name: column[order] for name, column in columns.items()},
            roles=known | {role: name for role, name in (roles or {}).items() if name},
            units={name: unit for name, unit in _KNOWN_UNITS.items() if name in columns},
        )
    except SessionError as fault:
        raise SessionError(f"{path}: {fault}") from None


def _rank(space: Space, decisions: list[int]) -> int:
    try:
        return space.rank(tuple(decisions))
    except OutsideSpace as fault:
        raise SessionError(f"the decisions {decisions} are none of the space: {fault}") from None


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz file. An array that claims to be larger than what stands in the file is refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_COLUMNS or sum(member.file_size for member in members) > _MOST_BYTES:
                raise SessionError(f"more than {MOST_COLUMNS} arrays, or more than {_MOST_BYTES:,} bytes of them")
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise SessionError("this is no .npz file, or it is damaged") from None


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any]:
    with archive.open(member) as stream:
        try:
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, transposed, dtype = read(stream)
        except ValueError:
            raise SessionError(f"{member.filename} is no array of numpy") from None
        if dtype.kind not in "iufb" or transposed or not 1 <= len(shape) <= 2 or shape[0] > MOST_ENTRIES:
            raise SessionError(f"{member.filename[:60]} is not one number, or one row of numbers, for each entry")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if size != member.file_size - stream.tell():
            raise SessionError(f"{member.filename} is damaged: its length is not what it claims")
        return np.frombuffer(stream.read(size), dtype).reshape(shape)
