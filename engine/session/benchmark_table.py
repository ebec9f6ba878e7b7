"""The file of a benchmark table: architectures that somebody has trained, and what came of it.

An HDF5 file. At its root stand the attributes `format` ("cellwright table"), `version`, `space` (the settings of the
space that the architectures belong to, as JSON) and, for each of ROLES, the name of the column that plays it. The
dataset `rank` (uint64, ascending) numbers the architectures: an architecture is known by its space and by the rank of
its decisions there, `space.rank(space.encode(architecture))`. The group `columns` holds a dataset for each column
(float64, one value for each rank), with its `unit`. The file may come from a stranger: types and sizes are checked
before anything is allocated, and nothing in it is ever run.

A table whose score is better when it is lower has the attribute `objective` ("minimise") and version 2, so that no
program that knows no direction maximises it. What others publish is read by `table_import`.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.session.schema import SessionError, reason
from engine.space.former import recorded
from engine.space.spaces import Space
from engine.space.text import known

NAME = "cellwright table"
VERSIONS = (1, 2)
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

    `roles` names the columns that play one of ROLES; those that no column plays are missing there. What is infinite is
    taken for what it says: no value. `minimise`: whether a lower score is better; None where nobody has said so.
    `notes`: how the file was read, in lines for a person.
    """

    space: Space
    ranks: npt.NDArray[np.uint64]
    columns: dict[str, Numbers]
    roles: dict[str, str]
    units: dict[str, str]
    minimise: bool | None = None
    notes: tuple[str, ...] = ()

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
            if not np.isfinite(column).all():
                self.columns[name] = np.where(np.isfinite(column), column, np.nan)
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
    if version.shape != () or version.dtype.kind not in "ui" or int(file.attrs["version"]) not in VERSIONS:
        raise SessionError(f"this table is of another version; this program reads {VERSIONS[0]} to {VERSIONS[-1]}")
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
    objective = _text(file, "objective") if "objective" in file.attrs else ""
    return BenchmarkTable(
        space=space,
        ranks=sets["rank"][:],
        columns={name: sets[f"columns/{name}"][:] for name in group},
        roles={role: _text(file, role) for role in ROLES if role in file.attrs},
        units={name: unit for name in group if "unit" in group[name].attrs and (unit := _text(group[name], "unit"))},
        minimise={"minimise": True, "maximise": False}.get(objective),
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
            texts = {"format": NAME, "about": __doc__ or "", "space": space, **table.roles}
            if table.minimise is not None:
                texts["objective"] = "minimise" if table.minimise else "maximise"
            for name, text in texts.items():
                file.attrs[name] = layout.fixed(text)
            file.attrs["version"] = np.uint32(2 if table.minimise else 1)
            file.create_dataset("rank", data=table.ranks.astype("<u8"), **packed)
            group = file.create_group("columns", track_order=True)
            for name, values in table.columns.items():
                column = group.create_dataset(name, data=values.astype("<f8"), **packed)
                column.attrs["unit"] = layout.fixed(table.units.get(name, ""))
        os.replace(part, path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise SessionError(f"{path}: cannot be written ({reason(fault)})") from None
