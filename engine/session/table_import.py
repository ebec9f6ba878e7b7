"""A benchmark table out of the arrays in which others publish theirs (.npz of numpy, never pickled).

The archive holds `ops` or `decisions`, whole numbers (entries, decisions), each an index into the choices that the
space offers there, and any number of columns, one number for each entry. NAS-Bench-201's are known by their names.
"""

import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.space.decisions import OutsideSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import Space

from .schema import SessionError, reason
from .table_file import MOST_COLUMNS, MOST_ENTRIES, BenchmarkTable, read_table

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
