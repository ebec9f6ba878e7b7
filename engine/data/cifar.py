"""CIFAR-10 and CIFAR-100 in their python version: pickled dictionaries written by Python 2 (Krizhevsky 2009).

A pickle is a program. The ones read here may build dictionaries, lists, numbers, text and one kind of array, by way of
the stand-ins below; whatever else they name is refused before it is looked up, and numpy itself is never called by
them.
"""

import pickle
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.data.dataset import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import Cifar10, Cifar100

SIDE = 32
ROW = 3 * SIDE * SIDE
LARGEST = 1 << 29  # bytes of a file; the largest real one has 155 million


def read_cifar10(folder: str) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """Training part, test part and class names from the folder cifar-10-batches-py, or the one that holds it."""
    place = _place(folder, "cifar-10-batches-py", "test_batch")
    classes = _names(place / "batches.meta", "label_names", 10)
    parts = [_part(place / f"data_batch_{number}", "labels", 10) for number in range(1, 6)]
    train = Labelled(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    return train, _part(place / "test_batch", "labels", 10), classes


def read_cifar100(folder: str) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """The same from cifar-100-python, with the 100 fine labels."""
    place = _place(folder, "cifar-100-python", "test")
    classes = _names(place / "meta", "fine_label_names", 100)
    return _part(place / "train", "fine_labels", 100), _part(place / "test", "fine_labels", 100), classes


class _Array:
    """Stands in for `numpy.ndarray` and for the function that rebuilds one; knows tables of unsigned bytes only."""

    value: np.ndarray

    def __init__(self, *_: object) -> None:
        self.value = np.empty((0, 0), np.uint8)

    def __setstate__(self, state: object) -> None:
        match state:
            case (int(), (int(rows), int(columns)), _DType(), int(fortran), bytes(raw)) if len(raw) == rows * columns:
                order: Any = "F" if fortran else "C"
                self.value = np.frombuffer(raw, np.uint8).reshape((rows, columns), order=order)
            case _:
                raise pickle.UnpicklingError("an array that is no table of bytes")


class _DType:
    """Stands in for `numpy.dtype`; knows unsigned bytes only."""

    def __init__(self, name: object = None, *_: object) -> None:
        if name not in ("u1", b"u1"):
            raise pickle.UnpicklingError(f"an array of type {name!r}")

    def __setstate__(self, state: object) -> None:
        """Byte order, alignment and the like, which a single byte does not have."""


_STAND_INS: dict[tuple[str, str], type] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _DType,
}


class _Unpickler(pickle.Unpickler):
    """Knows the stand-ins and nothing else. Python 2's text comes out as bytes."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="bytes")

    def find_class(self, module: str, name: str) -> type:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no CIFAR file needs") from None


def _read(path: Path) -> dict[str, Any]:
    """The dictionary in a file, its keys as text."""
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path}: larger than any CIFAR file")
        with path.open("rb") as file:
            content = _Unpickler(file).load()
    except DataError:
        raise
    except OSError as fault:
        raise DataError(f"{path}: cannot be read ({fault.strerror or fault})") from fault
    except Exception as fault:  # a damaged pickle can raise nearly anything
        raise DataError(f"{path}: not a CIFAR file in the python version: {fault or type(fault).__name__}") from fault
    if not isinstance(content, dict):
        raise DataError(f"{path}: not a CIFAR file in the python version: no dictionary in it")
    return {_text(key): value for key, value in content.items()}


def _part(path: Path, key: str, classes: int) -> Labelled:
    content = _read(path)
    data, labels = content.get("data"), content.get(key)
    if not isinstance(data, _Array) or data.value.shape[1:] != (ROW,):
        raise DataError(f"{path}: no table of images with {ROW} bytes each")
    if not isinstance(labels, list) or len(labels) != len(data.value):
        raise DataError(f"{path}: not one of the {key} for each image")
    if not all(isinstance(label, int) and 0 <= label < classes for label in labels):
        raise DataError(f"{path}: {key} outside 0 to {classes - 1}")
    return Labelled(data.value.reshape(-1, 3, SIDE, SIDE), np.array(labels, np.int64))


def _names(path: Path, key: str, classes: int) -> tuple[str, ...]:
    names = _read(path).get(key)
    if not isinstance(names, list) or len(names) != classes:
        raise DataError(f"{path}: no {classes} {key}")
    return tuple(_text(name) for name in names)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _place(folder: str, inner: str, witness: str) -> Path:
    """The folder with the files: the one named, or `inner` within it."""
    if not folder:
        raise DataError(f"data.folder is empty; name the folder with {inner} (CIFAR's python version) in it")
    for place in (Path(folder).expanduser(), Path(folder).expanduser() / inner):
        if (place / witness).is_file():
            return place
    raise DataError(f"{folder}: no {inner} in it; unpack CIFAR's python version there")


@READERS.carries_out(Cifar10)
def _read_10(settings: Cifar10) -> Reading:
    return Reading(*read_cifar10(settings.folder))


@READERS.carries_out(Cifar100)
def _read_100(settings: Cifar100) -> Reading:
    return Reading(*read_cifar100(settings.folder))
