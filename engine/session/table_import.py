"""Finished benchmarks as others publish them (.npz of numpy, .csv, .json), read as tables to search in.

A file has a row for each architecture and any number of columns. An architecture is written in any notation, as the
names of its operations, or as indices into the choices of the space; in one column, or in one for each decision. The
file may come from a stranger: sizes are checked before anything is allocated, and nothing in it is ever run.
"""

import contextlib
import csv
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.session.benchmark_table import MOST_COLUMNS, MOST_ENTRIES, BenchmarkTable, read_table
from engine.session.schema import SessionError, reason
from engine.space import notations
from engine.space.architecture import StackedCell
from engine.space.bounded_parsing import NotationError
from engine.space.cell_space import CellSpace
from engine.space.counts import Unbuildable, count, published_frame
from engine.space.decisions import Decisions, OutsideSpace
from engine.space.operations import label
from engine.space.spaces import Space

FORMS = (".npz", ".csv", ".tsv", ".txt", ".json", ".jsonl")
"""Endings of files that are read as published tables; what ends otherwise is taken for one of our own form."""

_MOST_ARRAYS = 1 << 32  # bytes of an archive, unpacked
_MOST_TEXT = 1 << 28  # bytes of a .csv or .json
_INDICES = ("ops", "decisions")
_ARCHITECTURES = (*_INDICES, "arch", "architecture", "arch_str", "genotype", "cell", "model", "config")
_NUMBERED = re.compile(r"(op|ops|edge|decision)[ _.-]?\d+", re.IGNORECASE)
_ROW_NUMBERS = ("", "index", "id", "unnamed: 0", "row", "rank", "seed")
_NOTHING = ("", "nan", "none", "null", "na", "n/a", "-")
_LIST = re.compile(r"[\[(]?\s*\d+(?:[\s,;]+\d+)*[\s,;]*[\])]?")

_KNOWN_ROLES = {"score": "val_acc_12ep", "reported": "val_acc_200ep", "cost": "cost_12ep"}
_SIZES = {"parameters": {"params", "parameters"}, "macs": {"flops", "macs"}}
"""Words in the names of columns that say the size of a network."""
_UNITS = {"val_acc_12ep": "%", "val_acc_200ep": "%", "cost_12ep": "s"}
_UNITS |= {"train_seconds_per_epoch": "s", "val_seconds": "s"}
_EPOCHS = 12
"""The epochs of NAS-Bench-201 after which a search looks at an accuracy (Dong and Yang 2020)."""

_FALLING = {"loss", "err", "error", "errors", "perplexity", "ppl", "nll", "ce", "regret", "mse", "rmse", "mae", "wer"}
_FALLING |= {"cer", "bpc", "bpb", "fid", "latency", "ms"}
_JUDGED = 500
"""Rows, evenly spread, whose parameters are compared with the program's own counts."""


@dataclass(frozen=True)
class Wishes:
    """What the person who imports a file says of it; what is left empty is found by itself.

    `roles`: the column for each of ROLES. `architecture`: the column that holds it, or several, one for each decision.
    `operations`: those that the indices 0, 1, ... mean. `edges`: as "0-1", in the order of the file, node 0 being the
    cell's input. `minimise`: whether a lower score is better; None where nothing was said.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    architecture: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    minimise: bool | None = None


@dataclass(frozen=True)
class _Sheet:
    """Columns, each with a value for each row: numbers, text, or several of these. `row` says what a row is called;
    `unread` why what else the file holds is no column."""

    columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]
    row: Callable[[int], str]
    unread: dict[str, str] = field(default_factory=dict)


def falls(column: str) -> bool:
    """Whether a column's name says that less of it is better: val_loss, test error."""
    return not _FALLING.isdisjoint(_words(column))


def open_table(path: Path, space: Space | None = None) -> BenchmarkTable:
    """The table in a file of our own form, or in one of FORMS, of the kind of `space` (NAS-Bench-201's). Remembered
    until the file changes. Raises SessionError, in one line."""
    from engine.space.nasbench201 import NasBench201Space

    try:
        if path.suffix.lower() not in FORMS:
            return read_table(path)
        stat = path.stat()
        return _published(path, space or NasBench201Space(), stat.st_mtime_ns, stat.st_size)
    except OSError as fault:
        raise SessionError(f"{path}: cannot be read ({reason(fault)})") from None


@lru_cache(maxsize=4)
def _published(path: Path, space: Space, changed: int, size: int) -> BenchmarkTable:
    usual = type(space)()
    try:
        return import_table(path, usual)
    except SessionError:
        if usual == space:
            raise
        return import_table(path, space)


def import_table(path: Path, space: Space, wishes: Wishes = Wishes()) -> BenchmarkTable:
    """The table that a published file holds of architectures of `space`.

    Where the columns have NAS-Bench-201's names, their roles are known, and a column cost_12ep is added: the simulated
    seconds of an evaluation, 12 × train_seconds_per_epoch + val_seconds. A single column of numbers is the score.
    Raises SessionError, in one line, or OSError.
    """
    try:
        return _table(_sheet(path), space, wishes)
    except SessionError as fault:
        raise SessionError(f"{path}: {fault}") from None
    except (MemoryError, RecursionError):
        raise SessionError(f"{path}: it is too large, or lists lie too deep in it") from None


def _table(sheet: _Sheet, space: Space, wishes: Wishes) -> BenchmarkTable:
    if space.size() > 1 << 64:
        raise SessionError(f"{space.title} are more than 2⁶⁴, which no table numbers")
    notes: list[str] = []
    names, read = _reader(sheet, space, wishes, notes)
    rows = len(sheet.columns[names[0]])
    if not rows:
        raise SessionError("the table has no entries")
    made = [_decided(read, sheet, names, row) for row in range(rows)]
    ranks = [_rank(space, decisions, sheet.row(row)) for row, decisions in enumerate(made)]
    _refuse_twice(space, ranks, sheet)
    wanted = [name for name in wishes.roles.values() if name]
    columns = _numbers(sheet, rows, {*sheet.columns} - {*names}, wanted)
    if {"train_seconds_per_epoch", "val_seconds"} <= columns.keys():
        columns["cost_12ep"] = _EPOCHS * columns["train_seconds_per_epoch"] + columns["val_seconds"]
    roles = _roles(columns, wishes.roles)
    _judge(space, made, columns, roles, notes, bare=read.keywords.get("bare", False))
    if len(columns) > MOST_COLUMNS:
        kept = dict.fromkeys((*roles.values(), *columns))
        notes.append(f"{len(columns) - MOST_COLUMNS} columns are left out; a table holds {MOST_COLUMNS}")
        columns = {name: columns[name] for name in list(kept)[:MOST_COLUMNS]}
    if "score" in roles:
        without = int(np.count_nonzero(~np.isfinite(columns[roles["score"]])))
        if without == rows:
            raise SessionError(f"the column {roles['score']} has no finite value")
        if without:
            notes.append(f"{without:,} of {rows:,} have no finite {roles['score']} and count as failed")
    order = np.argsort(np.array(ranks, np.uint64), kind="stable")
    return BenchmarkTable(
        space=space,
        ranks=np.array(ranks, np.uint64)[order],
        columns={name: column[order] for name, column in columns.items()},
        roles=roles,
        units={name: unit for name, unit in _UNITS.items() if name in columns},
        minimise=wishes.minimise,
        notes=tuple(notes),
    )


# -- columns


def _roles(columns: dict[str, npt.NDArray[np.float64]], given: Mapping[str, str]) -> dict[str, str]:
    """The column for each role: the one given, one known by its name or, for the score, the only one left."""
    roles = {role: name for role, name in _KNOWN_ROLES.items() if name in columns} | _sizes(columns)
    roles |= {role: name for role, name in given.items() if name}
    left = [name for name in columns if name not in roles.values() and name.lower() not in _ROW_NUMBERS]
    if "score" not in roles and len(left) == 1:
        roles["score"] = left[0]
    return roles


def _sizes(names: Iterable[str]) -> dict[str, str]:
    """The first column that speaks of parameters, and of MACs."""
    words = {name: _words(name) for name in names}
    return {role: name for role, known in _SIZES.items() for name in reversed([*words]) if known & words[name]}


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower()))


def _numbers(sheet: _Sheet, rows: int, names: set[str], wanted: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
    """The columns that hold a number for each row, float64; NaN where a cell is empty. Raises SessionError for one of
    those `wanted` that does not."""
    for name in wanted:
        if name in sheet.unread:
            raise SessionError(sheet.unread[name])
        if name not in names:
            there = ", ".join(known for known in sheet.columns if known in names) or "none besides the architectures"
            raise SessionError(f"there is no column {name[:40]!r}; there are {there}")
    found = {}
    for name in (known for known in sheet.columns if known in names):
        values = sheet.columns[name]
        try:
            if len(values) != rows:
                raise SessionError(f"the column {name} has {len(values):,} values for {rows:,} architectures")
            if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
                numbers = values.astype(np.float64)
            else:
                numbers = np.array([_number(value, name, sheet.row(row)) for row, value in enumerate(values)])
        except SessionError:
            if name in wanted:
                raise
            continue
        if numbers.ndim == 1 and name.strip():
            found[name] = numbers
        elif name in wanted:
            raise SessionError(f"the column {name} has {numbers.shape[1]} numbers for each entry; name one, or average")
    return found


def _number(value: Any, name: str, row: str) -> float:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return math.nan
    try:
        return float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        raise SessionError(f"{row}: {str(value)[:30]!r} is no number, in the column {name}") from None


def _judge(
    space: Space,
    made: list[Decisions],
    columns: dict[str, npt.NDArray[np.float64]],
    roles: dict[str, str],
    notes: list[str],
    bare: bool,
) -> None:
    """Compare parameters and MACs with the program's own counts, up to a factor and a constant, since a table may be
    of another number of classes or in millions.

    Raises SessionError where they contradict and the architectures are bare indices, whose order is then another one.
    """
    rows = np.unique(np.linspace(0, len(made) - 1, _JUDGED).astype(int))
    try:
        members = [space.decode(made[row]) for row in rows]
        own = [count(member, published_frame(member)) for member in members]
    except Unbuildable:
        return
    # Stacked cells have one published frame; of others the table's may have other channels and cells.
    least = 0.995 if isinstance(members[0], StackedCell) else 0.7
    for role, counted in (("parameters", [one.params for one in own]), ("macs", [one.macs for one in own])):
        if role not in roles:
            continue
        told, ours = columns[roles[role]][rows], np.array(counted, np.float64)
        there = np.isfinite(told)
        told, ours = told[there], ours[there]
        if len(told) < 3 or not np.ptp(ours):
            continue
        if np.ptp(told) and np.corrcoef(told, ours)[0, 1] >= least:
            if 0.5 < 1e6 * np.median(told) / np.median(ours) < 2.5:  # twice as many FLOPs as MACs
                columns[roles[role]] = 1e6 * columns[roles[role]]
                notes.append(f"{roles[role]} is in millions")
            continue
        wrong = int(np.count_nonzero(np.abs(told - ours) > 0.01 * ours))
        line = f"the column {roles[role]} contradicts the program's own counts in {wrong} of {len(told)} rows compared"
        if bare:
            raise SessionError(
                f"{line}: the indices have another order of operations or edges; name it to import-table by "
                "--operations and --edges, or write the architectures as strings"
            )
        notes.append(f"{line}: it seems to be of other networks")


# -- architectures


def _reader(
    sheet: _Sheet, space: Space, wishes: Wishes, notes: list[str]
) -> tuple[tuple[str, ...], "partial[Decisions]"]:
    """The columns that hold the architectures, and what makes decisions of their values in a row.

    Its keyword `bare` says whether these are indices, which nothing in the file names.
    """
    names = wishes.architecture or _found(sheet, space)
    for name in names:
        if name not in sheet.columns:
            there = ", ".join(sheet.columns)[:200] or "none"
            raise SessionError(sheet.unread.get(name, f"there is no column {name[:40]!r}; there are {there}"))
    tops = [sheet.columns[name][0] if len(sheet.columns[name]) else "" for name in names]
    first = tops if len(tops) > 1 else tops[0]
    parts = _parts(first)
    if parts is None or (isinstance(first, str) and _as_notation(first, space) is not None):
        return names, partial(_written, space)
    if isinstance(parts[0], str):
        return names, partial(_named, space)
    order = _edge_order(space, wishes.edges)
    if wishes.operations:
        return names, partial(_named, space, operations=wishes.operations, order=order)
    if not (names[0].lower() in _INDICES or wishes.edges or _countable(sheet)):
        raise SessionError(
            f"the column {names[0]} holds bare numbers, and nothing says which operations they mean: name their order "
            "to import-table by --operations (and --edges), or write the architectures as strings"
        )
    if not _countable(sheet):  # else a wrong order is found out
        choices = ", ".join(f"{index} {name}" for index, name in enumerate(getattr(space, "decided", ())))
        notes.append(f"indices are read in the space's own order: {choices}".removesuffix(": "))
    return names, partial(_indexed, space, order=order, bare=True)


def _found(sheet: _Sheet, space: Space) -> tuple[str, ...]:
    """The columns that hold the architectures. Raises SessionError where none seems to."""
    known = {name.strip().lower(): name for name in reversed([*sheet.columns])}
    for name in (known[one] for one in _ARCHITECTURES if one in known):
        values = sheet.columns[name]
        if not len(values) or _parts(values[0]) is not None or _as_notation(values[0], space) is not None:
            return (name,)
        if isinstance(values[0], str) and not _is_number(values[0]):
            return (name,)  # what is wrong with it is said when it is read
    numbered = tuple(name for name in sheet.columns if _NUMBERED.fullmatch(name.strip()))
    if len(numbered) > 1:
        return numbered
    for name, values in sheet.columns.items():
        if len(values) and _as_notation(values[0], space) is not None:
            return (name,)
    if sheet.unread:
        raise SessionError(next(iter(sheet.unread.values())))
    raise SessionError(
        "there is no column of architectures: strings, an array 'ops' or 'decisions' of whole numbers with one row "
        f"for each, or the one that --architecture names; there are {', '.join(sheet.columns)[:200] or 'no columns'}"
    )


def _countable(sheet: _Sheet) -> bool:
    """Whether a column is known that tells a wrong order of operations from the right one."""
    return bool(_sizes(sheet.columns))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parts(value: Any) -> list[Any] | None:
    """The indices or names that a value lists; None where it is one text."""
    if isinstance(value, str):
        text = value.strip()
        if _LIST.fullmatch(text):
            found = [int(part) for part in re.findall(r"\d{1,18}", text)]
            return found if len(found) > 1 else None
        words = [word.strip(" '\"") for word in text.strip("[]()").split(",")]
        return list(words) if len(words) > 1 and all(re.fullmatch(r"\w+", word) for word in words) else None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return None
    parts = [part.item() if isinstance(part, np.generic) else part for part in value]
    if all(isinstance(part, str) and re.fullmatch(r"\d{1,18}", part.strip()) for part in parts):
        parts = [int(part) for part in parts]
    if all(isinstance(part, float) and part.is_integer() for part in parts):
        parts = [int(part) for part in parts]
    return parts if {*map(type, parts)} in ({int}, {str}) else None


def _as_notation(value: Any, space: Space) -> Decisions | None:
    with contextlib.suppress(NotationError, OutsideSpace):
        return _written(space, value) if isinstance(value, str) and value.strip() else None
    return None


def _decided(read: "partial[Decisions]", sheet: _Sheet, names: tuple[str, ...], row: int) -> Decisions:
    try:
        values = [sheet.columns[name][row] for name in names]
        return read(values if len(names) > 1 else values[0])
    except (NotationError, OutsideSpace) as fault:
        raise SessionError(f"{sheet.row(row)}: {fault}") from None
    except IndexError:
        raise SessionError(f"{sheet.row(row)}: the columns {', '.join(names)} are not equally long") from None


def _written(space: Space, value: Any) -> Decisions:
    """Decisions by a notation: the one that the text is in or, where it could be in several, the space's own."""
    try:
        return space.encode(notations.read(str(value)))
    except (NotationError, OutsideSpace):
        found: dict[str, Decisions] = {}
        for name in notations.NOTATIONS:
            with contextlib.suppress(NotationError, OutsideSpace):
                found[name] = space.encode(notations.read(str(value), name))
        own = space.__struct_config__.tag
        if own in found or len({*found.values()}) == 1:
            return found.get(str(own)) or next(iter(found.values()))
        raise


def _listed(value: Any, order: Sequence[int] = ()) -> list[Any]:
    parts = _parts(value)
    if parts is None:
        raise OutsideSpace(f"{str(value)[:60]} is no list of operations or whole numbers")
    if order and len(order) != len(parts):
        raise OutsideSpace(f"there are {len(parts)} operations for the {len(order)} edges")
    return [parts[place] for place in order] if order else parts


def _indexed(space: Space, value: Any, order: Sequence[int] = (), bare: bool = True) -> Decisions:
    return tuple(_listed(value, order))


def _named(space: Space, value: Any, operations: Sequence[str] = (), order: Sequence[int] = ()) -> Decisions:
    """Decisions by the names of the operations or, where `operations` say what they mean, by their indices."""
    made: Decisions = ()
    for part in _listed(value, order):
        decision = space.next(made)
        if decision is None:
            raise OutsideSpace(f"{str(value)[:60]} are more decisions than the space asks for")
        if isinstance(part, int) and decision.kind == "operation" and operations:
            if not 0 <= part < len(operations):
                raise OutsideSpace(f"{part} is none of the {len(operations)} operations named")
            part = operations[part]
        if isinstance(part, str):
            if label(part) not in decision.choices:
                known = ", ".join(getattr(space, "decided", decision.choices))
                raise OutsideSpace(f"'{part[:40]}' is none of the space's operations: {known}")
            part = decision.choices.index(label(part))
        made = (*made, part)
    return made


def _edge_order(space: Space, edges: tuple[str, ...]) -> list[int]:
    """For each decision of the space, the place of its edge in the file; [] where nothing was said."""
    if not edges:
        return []
    if not (isinstance(space, CellSpace) and space.pairing == "every" and len(space.cells) == 1):
        raise SessionError("--edges means something only where every pair of nodes has an edge, as in NAS-Bench-201")
    own = [f"{source}-{node + 1}" for node in range(space.nodes) for source in range(node + 1)]
    given = [re.sub(r"\s*(→|->|~|:)\s*", "-", edge.strip()) for edge in edges]
    if sorted(given) != sorted(own):
        raise SessionError(f"--edges must name each of {','.join(own)} once, in the order of the file")
    return [given.index(edge) for edge in own]


def _rank(space: Space, decisions: Decisions, row: str) -> int:
    try:
        return space.rank(decisions)
    except OutsideSpace as fault:
        raise SessionError(f"{row}: the decisions {list(decisions)} are none of the space: {fault}") from None


def _refuse_twice(space: Space, ranks: list[int], sheet: _Sheet) -> None:
    """Raises SessionError for an architecture that is given twice, with both its rows."""
    first: dict[int, int] = {}
    again = [(first[rank], row) for row, rank in enumerate(ranks) if first.setdefault(rank, row) != row]
    if not again:
        return
    one, other = again[0]
    architecture = space.decode(space.at(ranks[one]))
    try:
        name = notations.write(architecture)
    except NotationError:
        name = str(list(space.at(ranks[one])))
    more = f"; so are {len(again) - 1:,} more" if len(again) > 1 else ""
    raise SessionError(
        f"{name[:200]} is given twice, in {sheet.row(one)} and {sheet.row(other)}{more}; keep one, or their mean"
    )


# -- files


def _sheet(path: Path) -> _Sheet:
    with path.open("rb") as file:
        start = file.read(8)
    if path.suffix.lower() == ".npz" or start[:2] == b"PK":
        return _archive(path)
    if start[:4] == b"\x89HDF":
        raise SessionError("this is an HDF5 file; a table of that form is searched in as it is (evaluator.file)")
    if start[:1] == b"\x80":
        raise SessionError(_PICKLED)
    if path.stat().st_size > _MOST_TEXT:
        raise SessionError(f"more than {_MOST_TEXT:,} bytes of text; save it as .npz")
    data = path.read_bytes()
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise SessionError("this is no .npz file, and no text of columns (.csv, .json) either") from None
    if path.suffix.lower() in (".json", ".jsonl") or text.lstrip()[:1] in ("{", "["):
        return _json(text)
    return _csv(text)


_PICKLED = (
    "pickled Python objects (.pth, .pkl) could run code and are never opened; read them with their own program, and "
    "save the architecture strings with their numbers as .csv"
)


def _csv(text: str) -> _Sheet:
    """Cells apart by commas, semicolons or tabs, with a first line of names."""
    lines = text.splitlines(keepends=True)
    head = next((line for line in lines if line.strip()), "")
    apart = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=apart, skipinitialspace=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as fault:
        raise SessionError(f"the columns cannot be told apart: {fault}") from None
    if not rows:
        raise SessionError("the file is empty")
    names = [name.strip() for name in rows.pop(0)[1]]
    if any(_is_number(name) or "~" in name or name.startswith(("Genotype(", "[", "(")) for name in names):
        raise SessionError("the first line must name the columns, such as arch,val_acc")
    for name in names:
        if names.count(name) > 1 and name:
            raise SessionError(f"two columns are called {name[:40]}")
    for line, row in rows:
        if len(row) != len(names):
            raise SessionError(f"line {line} has {len(row)} cells for the {len(names)} columns named in the first line")
    columns: dict[str, Sequence[Any]] = {name: [row[place] for _, row in rows] for place, name in enumerate(names)}
    if apart == ";":  # where commas are decimal points
        for name, values in columns.items():
            if all(re.fullmatch(r"\s*-?\d*,?\d*\s*", value) for value in values):
                columns[name] = [value.replace(",", ".") for value in values]
    numbers = [line for line, _ in rows]
    return _Sheet(columns, lambda row: f"line {numbers[row]}")


def _json(text: str) -> _Sheet:
    """A list of objects, an object of columns, one with an entry for each architecture, or an object on each line."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, int] = {}
        for place, (name, _) in enumerate(pairs):
            if found.setdefault(name, place) != place:
                places = f"in entries {found[name]} and {place}"
                raise SessionError(f"{name[:200]} is given twice, {places}; keep one, or their mean")
        return dict(pairs)

    try:
        if re.match(r"\s*\{[^\n]*\}\s*\n\s*\{", text):
            content: Any = [json.loads(line, object_pairs_hook=once) for line in text.splitlines() if line.strip()]
        else:
            content = json.loads(text, object_pairs_hook=once)
    except SessionError:
        raise
    except ValueError as fault:
        raise SessionError(f"this is not JSON: {str(fault)[:120]}") from None
    if isinstance(content, dict) and len(content) == 1 and isinstance(only := next(iter(content.values())), list):
        content = only if only and isinstance(only[0], dict) else content
    if isinstance(content, dict) and {"columns", "data"} <= content.keys():  # as pandas splits it
        head, rows = content["columns"], content["data"]
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in (head, *rows)):
            raise SessionError("there are no rows under data, each a list with a value for each of columns")
        content = [dict(zip(map(str, head), row, strict=False)) for row in rows]
    if isinstance(content, dict):
        content = _rows(content)
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise SessionError("there are no rows: a list of objects is wanted, or an object with an entry for each column")
    content = [_flat(row) for row in content]
    names = dict.fromkeys(name for row in content for name in row)
    return _Sheet({name: [row.get(name) for row in content] for name in names}, lambda row: f"entry {row}")


def _flat(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    """A row whose objects are columns of their own: {"cifar10": {"val": 90}} has one called cifar10.val."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found


def _rows(content: dict[str, Any]) -> list[Any]:
    """The rows of an object: of lists, of objects by row as pandas writes them, or of values by architecture."""
    kinds = {*map(type, content.values())}
    if kinds == {list}:
        if len({len(column) for column in content.values()}) > 1:
            lengths = ", ".join(f"{name} {len(column):,}" for name, column in content.items())
            raise SessionError(f"the columns are not equally long: {lengths[:200]}")
        return [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)]
    if kinds == {dict}:
        inner = list(content.values())
        if len(inner[0]) > 1 and all(part.keys() == inner[0].keys() for part in inner) and "0" in inner[0]:
            return [{name: column[row] for name, column in content.items()} for row in inner[0]]
        return [{"architecture": name} | values for name, values in content.items()]
    return [{"architecture": name, "score": value} for name, value in content.items()]


def _archive(path: Path) -> _Sheet:
    """The arrays of an .npz file. One that claims to be larger than what stands in the file is refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.filename.endswith(".pkl") for member in members):
                raise SessionError(_PICKLED)
            if len(members) > MOST_COLUMNS or sum(member.file_size for member in members) > _MOST_ARRAYS:
                raise SessionError(f"more than {MOST_COLUMNS} arrays, or more than {_MOST_ARRAYS:,} bytes of them")
            columns, unread = {}, {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                found = _array(archive, member)
                if isinstance(found, str):
                    unread[name] = found
                else:
                    columns[name] = found
    except SessionError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise SessionError("this is no .npz file, or it is damaged") from None
    lengths = [len(column) for column in columns.values() if column.ndim == 1]
    for name, column in columns.items():  # decisions down, architectures across
        if name in _INDICES and column.ndim == 2 and len(column) not in lengths and column.shape[1] in lengths:
            columns[name] = column.T
    return _Sheet(columns, lambda row: f"row {row} (from 0)", unread)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[Any] | str:
    """The array of a member or, where it is of a form that no column has, why not."""
    with archive.open(member) as stream:
        try:
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, by_columns, dtype = read(stream)
        except ValueError:
            raise SessionError(f"{member.filename[:60]} is no array of numpy") from None
        if dtype.kind not in "iufbUS" or not dtype.itemsize or not 1 <= len(shape) <= 2 or shape[0] > MOST_ENTRIES:
            return f"{member.filename[:60]} is not one number or text, or one row of them, for each entry"
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if size != member.file_size - stream.tell():
            raise SessionError(f"{member.filename[:60]} is damaged: its length is not what it claims")
        found = np.frombuffer(stream.read(size), dtype).reshape(shape, order="F" if by_columns else "C")
        found = found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found
        return np.char.decode(found, "utf-8", "replace") if dtype.kind == "S" else found
