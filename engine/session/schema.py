"""What a session consists of: what is known before its first row, its tables, their columns with units and meanings.

And the names behind the codes.
"""

import os
import platform
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import prod
from uuid import uuid4

import msgspec
import numpy as np
import numpy.typing as npt

FORMAT = 4
"""Version of the file's layout."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    return {"host": platform.node(), "python": platform.python_version(), "numpy": np.__version__}


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a session comes from: the plan (as TOML) and where, when and with what it ran.

    `cells`, `edges` (such as "k−2→0") and `operations` name the axes of the architecture weights; empty where a
    search has none. `id` is drawn anew for every session.
    """

    format: int = FORMAT
    program: str = ""
    plan: str = ""
    method: str = ""
    space: str = ""
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    id: str = msgspec.field(default_factory=lambda: uuid4().hex)
    created: str = msgspec.field(default_factory=_now)
    versions: dict[str, str] = msgspec.field(default_factory=_versions)
    cells: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


TEXT = np.dtype([("offset", "<u8"), ("length", "<u4")])
"""A piece of the text stream: its first byte and its number of bytes (UTF-8)."""

ORIGINS = ("sampled", "mutated", "handed in", "derived")
OUTCOMES = ("ok", "failed", "out of memory", "not a number")
LEVELS = ("info", "good", "warning", "error")
STATES = ("running", "paused", "finished", "stopped", "interrupted", "failed")
DATA_ROWS = ("class", "left out", "note", "values")
ENDED = STATES[2:]
"""The states that a search does not leave any more."""

BEST_SCORE = "best score"
"""The series of the best score so far of a search that scores candidates, over its evaluations."""
EPOCH_SCORE = "validation accuracy (epoch)"
"""The series in which a one-shot search says how good its shared network is, once an epoch."""
STAGE = "stage"
"""The series in which a one-shot search says which of its networks it trains, each step; counted from 1."""

_MOST_WEIGHTS = 1 << 18

Rows = npt.NDArray[np.void]
"""Structured rows of one table."""


class SessionError(ValueError):
    """A session that cannot be written or read; the message is one line."""


def reason(error: Exception) -> str:
    """Why a file could not be read or written, in a few words: what the system says, not what HDF5 makes of it."""
    code = getattr(error, "errno", None)
    return os.strerror(code) if code else " ".join(str(error).split())[:200]


@dataclass(frozen=True)
class Column:
    """One column: `kind` is a numpy type or TEXT; `names` spells out the codes of an enumeration."""

    name: str
    kind: str | np.dtype[np.void]
    meaning: str
    unit: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """One table: what a row says, and its columns. Every row begins with its time."""

    name: str
    about: str
    columns: tuple[Column, ...]

    def dtype(self, weights: tuple[int, int, int] = (1, 1, 1)) -> np.dtype[np.void]:
        """The packed row type; `weights` is the shape of one row of architecture weights."""
        return np.dtype(
            [(column.name, column.kind, weights if column.kind == "<f4" else ()) for column in self.columns]
        )


def weights_shape(header: Header) -> tuple[int, int, int]:
    """(cells, edges, operations) of one row of architecture weights; (1, 1, 1) where the search has none."""
    shape = max(1, len(header.cells)), max(1, len(header.edges)), max(1, len(header.operations))
    if prod(shape) > _MOST_WEIGHTS:
        raise SessionError(f"a session holds at most {_MOST_WEIGHTS:,} architecture weights at a time")
    return shape


_TIME = Column("time", "<f8", "since the session began, pauses not counted; increasing over all tables together", "s")
_STEP = Column("step", "<i8", "optimisation step, counted from 0")
_CANDIDATE = Column("candidate", "<i8", "row number in candidates")
_ARCHITECTURE = Column("architecture", TEXT, "the architecture as JSON, in the text stream")


def _spec(name: str, about: str, *columns: Column) -> TableSpec:
    return TableSpec(name, about, (_TIME, *columns))


SPECS = (
    _spec(
        "scalars",
        "One number that the search or the training of a candidate reported.",
        _STEP,
        Column("series", "<u2", "row number in series"),
        Column("candidate", "<i8", "row number in candidates, or -1 for the search itself"),
        Column("value", "<f8", "the number, in the unit of its series"),
    ),
    _spec(
        "series",
        "The name of a series of scalars; the row number is the series' number.",
        Column("name", TEXT, "name, in the text stream"),
        Column("unit", TEXT, "unit of the values, in the text stream; empty for a plain number"),
    ),
    _spec(
        "candidates",
        "An architecture that the search proposed; the row number is the candidate's number.",
        Column("parent", "<i8", "row number of the candidate it was made from, or -1"),
        Column("origin", "u1", "how it came about", names=ORIGINS),
        _ARCHITECTURE,
        Column("change", TEXT, "what differs from the parent, in words, in the text stream"),
    ),
    _spec(
        "scores",
        "A candidate's score.",
        _CANDIDATE,
        Column("outcome", "u1", "whether the evaluation succeeded", names=OUTCOMES),
        Column("score", "<f8", "higher is better; NaN where the evaluation failed"),
        Column("seconds", "<f8", "duration of the evaluation", "s"),
        Column("parameters", "<i8", "number of trained weights"),
        Column("message", TEXT, "why it failed, in the text stream"),
        Column("unit", TEXT, "unit of the score, in the text stream; empty for a plain number"),
    ),
    _spec("deaths", "A candidate that left the population.", _CANDIDATE),
    _spec("derived", "The architecture a one-shot search would choose, whenever it changed.", _STEP, _ARCHITECTURE),
    _spec(
        "weights",
        "The architecture weights after softmax.",
        _STEP,
        Column("values", "<f4", "cells x edges x operations, named at the root of the file; NaN where absent"),
    ),
    _spec(
        "log",
        "A line of the log.",
        Column("level", "u1", "how serious it is", names=LEVELS),
        Column("text", TEXT, "the line, in the text stream"),
    ),
    _spec(
        "status",
        "A change of the search's state.",
        Column("state", "u1", "the state from here on", names=STATES),
        Column("text", TEXT, "why, in the text stream"),
    ),
    _spec(
        "progress",
        "How far the search was, and what it cost the machine.",
        Column("done", "<i8", "steps or evaluations done"),
        Column("total", "<i8", "steps or evaluations planned; 0 where only time is limited"),
        Column("remaining", "<f8", "expected time to the end; NaN where unknown", "s"),
        Column("evaluations", "<i8", "candidates scored so far"),
        Column("memory", "<u8", "memory in use on the device", "byte"),
        Column("load", "<f8", "load of the device, 0 to 1; NaN where unknown"),
    ),
    _spec(
        "marks",
        "A note that a person left at a moment of the search.",
        Column("at", "<f8", "the moment it speaks of, since the session began", "s"),
        Column("note", TEXT, "the note, in the text stream"),
    ),
    _spec(
        "heartbeat",
        "A sign of life, about once a second while the session is being written.",
        Column("wall", "<f8", "clock time, since 1970-01-01 UTC", "s"),
    ),
    _spec(
        "checkpoints",
        "A state to go on from.",
        _STEP,
        Column("evaluations", "<i8", "candidates scored by then"),
        Column("file", TEXT, "name of its file, in the text stream"),
    ),
    _spec(
        "measures",
        "What is known of a scored candidate beside its score.",
        _CANDIDATE,
        Column("macs", "<i8", "multiply-accumulates for one image; 0 where unknown"),
        Column("cost", "<f8", "simulated duration of the evaluation; NaN where the measured one counts", "s"),
        Column("reported", "<f8", "what a benchmark reports for it, which no method sees; NaN where there is none"),
    ),
    _spec(
        "policy",
        "How a controller stood to one of its decisions.",
        _STEP,
        Column("decision", "<u2", "number of the decision in the sequence"),
        Column("label", TEXT, "what is decided, in the text stream"),
        Column("entropy", "<f8", "of the distribution over the choices", "nat"),
        Column("choice", TEXT, "the most probable choice, in the text stream"),
        Column("probability", "<f8", "of that choice"),
    ),
    _spec(
        "predictions",
        "What a surrogate expected of a candidate when it was proposed.",
        _CANDIDATE,
        Column("value", "<f8", "predicted score"),
        Column("spread", "<f8", "standard deviation over the ensemble; NaN where there is none"),
    ),
    _spec(
        "embedding",
        "A point of a learnt space of architectures, in a projection that stays the same.",
        Column("candidate", "<i8", "row number in candidates, or -1"),
        Column("start", "<i8", "row number in candidates of the one at whose point its path began, or -1"),
        Column("step", "<u2", "steps along the path; 0 for a point of its own"),
        Column("x", "<f8", "first coordinate"),
        Column("y", "<f8", "second coordinate"),
        Column("predicted", "<f8", "predicted score; NaN where there is none"),
        _ARCHITECTURE,
    ),
    _spec(
        "benchmark",
        "An entry of the benchmark table that scores are looked up in; all of them, once.",
        Column("searched", "<f8", "the score that a search is told"),
        Column("reported", "<f8", "what is reported for it"),
        Column("cost", "<f8", "simulated duration of one evaluation", "s"),
        Column("parameters", "<i8", "number of trained weights; 0 where unknown"),
    ),
    _spec(
        "alarms",
        "A search was found to be collapsing.",
        _STEP,
        Column("healthy", "<i8", "the last step at which it was healthy, or -1"),
        Column("at", "<f8", "the moment of that step, since the session began; NaN where there is none", "s"),
        Column("text", TEXT, "what is wrong, in the text stream"),
    ),
    _spec(
        "data",
        "What was taken of the data: a class, a kind of file that was left out, a note, or the range of values.",
        Column("kind", "u1", "what the row is about", names=DATA_ROWS),
        Column("name", TEXT, "the class, the reason or the note, in the text stream"),
        Column("train", "<i8", "images of the class to train on"),
        Column("validation", "<i8", "images of the class to validate with"),
        Column("test", "<i8", "images of the class to test with"),
        Column("files", "<i8", "files left out for this reason"),
        Column("example", TEXT, "one of them, in the text stream"),
        Column("low", "<i8", "the smallest value of all images, 0 to 255"),
        Column("high", "<i8", "the largest value of all images, 0 to 255"),
    ),
)

TABLES: dict[str, TableSpec] = {spec.name: spec for spec in SPECS}
"""The tables of every session, in the order of their numbers in `blocks`."""


def _without_unit(spec: TableSpec) -> TableSpec:
    return replace(spec, columns=spec.columns[:-1]) if spec.name == "scores" else spec


_THIRD = SPECS[:-1]
_SECOND = tuple(_without_unit(spec) for spec in _THIRD)

OF_FORMAT = {1: _SECOND[:13], 2: _SECOND, 3: _THIRD, FORMAT: SPECS}
"""The tables that a file of each format has. A session read from an older one has the others, empty, and the columns
that were added since (see `row_checks.as_of_today`)."""

BLOCKS = _spec(
    "blocks",
    "A block of rows (or of text bytes) that was completely written, with its checksum.",
    Column("table", "u1", "number of the table", names=(*TABLES, "text")),
    Column("start", "<u8", "first row (byte) of the block"),
    Column("count", "<u8", "number of rows (bytes)"),
    Column("crc32", "<u4", "CRC-32 of the block's bytes"),
)
"""Bookkeeping of the file alone; no panel reads it."""
