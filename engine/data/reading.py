"""What a reader hands over: labelled images, the splits they came in, and what was left out. Loads no torch."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.plan import READERS, DataSettings
from engine.session.queries.data_record import SPLITS, DataRecord, LeftOut, counted, missing_classes


class DataError(ValueError):
    """Data that is missing, damaged or not what it should be: in one line, what is wrong and what to do."""


class Labelled(NamedTuple):
    """`images` uint8 (N, C, H, W), `labels` int64 (N,) counting from 0."""

    images: np.ndarray
    labels: np.ndarray


class Reading(NamedTuple):
    """What a reader has read: the images to search with, the test part where the set has one, names of the classes;
    the validation part where the set has one, files that were left out, and what else there is to say, in lines."""

    rest: Labelled
    test: Labelled | None
    classes: tuple[str, ...]
    validation: Labelled | None = None
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def read(settings: DataSettings) -> Reading:
    """The images that settings name, by their reader; one of a plug-in may give plain tuples. Raises DataError."""
    rest, test, classes, *more = READERS.of(settings)(settings)
    return Reading(Labelled(*rest), None if test is None else Labelled(*test), tuple(classes), *more)


def record_of(found: Reading, labels: Sequence[np.ndarray], span: tuple[int, int]) -> DataRecord:
    """What was taken: `labels` (N,) of the training, validation and test split, the smallest and the largest value.
    Raises DataError for a split without two images: batch norm cannot work on one."""
    for name, part in zip(SPLITS, labels, strict=True):
        if len(part) < 2:
            raise DataError(f"the {name} split has {'no image' if not len(part) else '1 image'}; it needs 2 at least")
    classes = counted(found.classes, *labels)
    return DataRecord(classes, found.left_out, (*found.notes, *missing_classes(classes)), *span)
