"""What a search took of its data: classes, images per split, files left out and why, the range of values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.session.schema import DATA_ROWS
from engine.session.view import View
from engine.words import count, grouped, plain

SPLITS = ("training", "validation", "test")
NAMED = 5
"""Names that a line lists before it says how many more there are."""


class ClassCount(NamedTuple):
    """How many images of a class each split has."""

    name: str
    train: int
    validation: int
    test: int

    @property
    def splits(self) -> tuple[int, int, int]:
        """In the order of SPLITS."""
        return self.train, self.validation, self.test


class LeftOut(NamedTuple):
    """Files that were not taken, all for one reason; `example` is one of them."""

    reason: str
    files: int
    example: str


@dataclass(frozen=True)
class DataRecord:
    """What was taken. `low` and `high`: the smallest and the largest value, 0 to 255; `notes`: what else to know."""

    classes: tuple[ClassCount, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    low: int = 0
    high: int = 255

    @property
    def splits(self) -> tuple[int, int, int]:
        """Images to train on, to validate with, to test with."""
        train, validation, test = np.sum([found.splits for found in self.classes], 0).tolist()
        return train, validation, test

    def smallest(self, split: int) -> ClassCount:
        """The class with the fewest images in a split, by its place in SPLITS."""
        return min(self.classes, key=lambda found: found.splits[split])

    @property
    def summary(self) -> str:
        """All of it in one line, without the files left out."""
        names = listed([found.name for found in self.classes])
        parts = ", ".join(f"{grouped(size)} {name}" for size, name in zip(self.splits, SPLITS, strict=True))
        least = ", ".join(
            f"{grouped(found.splits[split])} ({found.name})" for split, found in enumerate(map(self.smallest, range(3)))
        )
        return plain(
            f"{count(len(self.classes), 'class', 'classes')} ({names}), {count(sum(self.splits), 'image')}: {parts}; "
            f"fewest of one class: {least}; values {self.low} to {self.high}"
        )

    @property
    def warnings(self) -> list[str]:
        """What was left out or is not as one would expect, a line each."""
        out = [f"left out: {plain(count(row.files, 'file'))}, {row.reason} ({row.example})" for row in self.left_out]
        return [*out, *self.notes]

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        train, validation, test = self.splits
        return {
            "images": train + validation + test,
            "train": train,
            "validation": validation,
            "test": test,
            "classes": [found._asdict() for found in self.classes],
            "smallest": {name: self.smallest(split).name for split, name in enumerate(SPLITS)},
            "values": [self.low, self.high],
            "left_out": [found._asdict() for found in self.left_out],
            "notes": list(self.notes),
            "summary": self.summary,
            "warnings": self.warnings,
        }


def missing_classes(classes: tuple[ClassCount, ...]) -> tuple[str, ...]:
    """Lines on the classes that are not in every split."""
    where: dict[tuple[str, ...], list[str]] = {}
    for found in classes:
        none = tuple(name for name, images in zip(SPLITS, found.splits, strict=True) if not images)
        where.setdefault(none, []).append(f"{found.name} ({plain(count(sum(found.splits), 'image'))})")
    return tuple(
        f"{'class' if len(names) == 1 else 'classes'} {listed(names)} without an image in the "
        f"{' and the '.join(none)} split"
        for none, names in where.items()
        if none
    )


def listed(names: Sequence[str]) -> str:
    """The names, or those that begin a long list."""
    more = len(names) - NAMED
    return f"{', '.join(names[:NAMED])} and {more} more" if more > 0 else ", ".join(names)


def counted(classes: Iterable[str], *labels: np.ndarray) -> tuple[ClassCount, ...]:
    """The images of each class in the three splits; `labels` int64 (N,) of each."""
    names = tuple(classes)
    columns = [np.bincount(part, minlength=len(names)).tolist() for part in labels]
    return tuple(ClassCount(name, *sizes) for name, *sizes in zip(names, *columns, strict=True))


def data_record(view: View) -> DataRecord | None:
    """What the search took; None where it looked at no data, or was recorded before this was."""
    rows = view.rows("data")
    found: dict[str, list[Any]] = {kind: [] for kind in DATA_ROWS}
    low, high = 0, 255
    for row in rows:
        kind, name = DATA_ROWS[int(row["kind"])], view.text(row["name"])
        if kind == "class":
            found[kind].append(ClassCount(name, int(row["train"]), int(row["validation"]), int(row["test"])))
        elif kind == "left out":
            found[kind].append(LeftOut(name, int(row["files"]), view.text(row["example"])))
        elif kind == "note":
            found[kind].append(name)
        else:
            low, high = int(row["low"]), int(row["high"])
    if not found["class"]:
        return None
    return DataRecord(tuple(found["class"]), tuple(found["left out"]), tuple(found["note"]), low, high)
