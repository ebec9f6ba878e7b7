"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009), python or binary version, unpacked or in the .tar.gz they come in.

The python version is pickled dictionaries written by Python 2; the binary one is bytes. Loads no torch.

A pickle is a program. The ones read here may build dictionaries, lists, numbers, text and one kind of array, by way of
the stand-ins below; whatever else they name is refused before it is looked up, and numpy itself is never called by
them.
"""

import gzip
import pickle
import tarfile
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from engine.data.reading import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import Cifar10, Cifar100
from engine.words import first_line

SIDE = 32
ROW = 3 * SIDE * SIDE
LARGEST = 1 << 29  # bytes of a file; the largest real one has 155 million
MOST_UNPACKED = 1 << 29  # bytes of all files of an archive; a real one has 187 million


class Layout(NamedTuple):
    """Where one of the two sets has what, in its python and in its binary version."""

    python: str
    binary: str
    train: tuple[str, ...]
    test: str
    key: str  # of the labels in a pickled part
    meta: tuple[str, str]  # the file with the names and the key there
    names: str  # the file with the names in the binary version
    classes: int
    label_bytes: int  # before each image of the binary version; the last one is the label
    archives: tuple[str, str]


CIFAR10 = Layout(
    "cifar-10-batches-py",
    "cifar-10-batches-bin",
    tuple(f"data_batch_{number}" for number in range(1, 6)),
    "test_batch",
    "labels",
    ("batches.meta", "label_names"),
    "batches.meta.txt",
    10,
    1,
    ("cifar-10-python.tar.gz", "cifar-10-binary.tar.gz"),
)
CIFAR100 = Layout(
    "cifar-100-python",
    "cifar-100-binary",
    ("train",),
    "test",
    "fine_labels",
    ("meta", "fine_label_names"),
    "fine_label_names.txt",
    100,
    2,
    ("cifar-100-python.tar.gz", "cifar-100-binary.tar.gz"),
)


def read_cifar(folder: str, layout: Layout) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """Training part, test part and class names, of CIFAR-100 the fine ones.

    `folder` is that of the python or the binary version, the archive as it is downloaded, or the folder that holds one
    of them. Raises DataError.
    """
    place = _place(folder, layout)
    pickled = {*layout.train, layout.test, layout.meta[0]}
    plain = {*(f"{name}.bin" for name in (*layout.train, layout.test)), layout.names}
    files = _unpacked(place, pickled | plain) if place.is_file() else _listed(place, pickled | plain)
    if f"{layout.test}.bin" in files:
        names = _text_names(files, layout)
        parts = [_plain_part(files, f"{name}.bin", layout) for name in (*layout.train, layout.test)]
    else:
        names = _names(files, layout)
        parts = [_part(files, name, layout) for name in (*layout.train, layout.test)]
    train = Labelled(*(np.concatenate(arrays) for arrays in zip(*parts[:-1], strict=True)))
    return train, parts[-1], names


def holds(folder: Path, layout: Layout) -> bool:
    """Whether this is a folder that the set is read from."""
    try:
        return bool(_place(str(folder), layout))
    except DataError:
        return False


class File(NamedTuple):
    """A file of the set: what messages call it, and what is in it."""

    name: str
    read: Callable[[], bytes]


def _place(folder: str, layout: Layout) -> Path:
    """The folder with the files, or the archive."""
    if not folder:
        raise DataError(f"data.folder is empty; name {layout.archives[0]}, or the folder {layout.python}")
    place = Path(folder).expanduser()
    if place.is_file():
        return place
    for inner in (place, place / layout.python, place / layout.binary):
        if any((inner / f"{layout.test}{ending}").is_file() for ending in ("", ".bin")):
            return inner
    if found := next((place / name for name in layout.archives if (place / name).is_file()), None):
        return found
    raise DataError(f"{folder}: no {layout.python}, {layout.binary} or {layout.archives[0]} in it")


def _listed(place: Path, wanted: set[str]) -> dict[str, File]:
    """Those of the wanted files that lie in a folder, still to be read."""

    def read(path: Path) -> bytes:
        try:
            if path.stat().st_size > LARGEST:
                raise DataError(f"{path}: larger than any CIFAR file")
            return path.read_bytes()
        except OSError as fault:
            raise DataError(f"{path}: cannot be read ({fault.strerror or fault})") from fault

    return {name: File(str(place / name), partial(read, place / name)) for name in wanted if (place / name).is_file()}


class _Limited(gzip.GzipFile):
    """A gzipped file that is read up to MOST_UNPACKED bytes, so that nothing an archive claims takes more memory."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._room = MOST_UNPACKED

    def read(self, size: int | None = -1) -> bytes:
        """At most so many bytes. Raises OSError beyond the limit."""
        body = super().read(min(self._room + 1, self._room + 1 if size is None or size < 0 else size))
        self._room -= len(body)
        if self._room < 0:
            raise OSError("it holds more than any CIFAR archive")
        return body


def _unpacked(archive: Path, wanted: set[str]) -> dict[str, File]:
    """Those of the wanted files that are in a .tar.gz, read one after the other; nothing is written anywhere."""
    found: dict[str, File] = {}
    try:
        with _Limited(archive) as packed, tarfile.open(fileobj=packed, mode="r|") as members:
            for member in members:
                name = member.name.rpartition("/")[2]
                if member.isreg() and name in wanted and (stream := members.extractfile(member)) is not None:
                    found[name] = File(f"{archive}: {name}", partial(bytes, stream.read()))
    except (OSError, EOFError, tarfile.TarError, zlib.error) as fault:
        raise DataError(f"{archive}: no CIFAR archive (.tar.gz) that can be read: {fault}") from fault
    if not found:
        raise DataError(f"{archive}: no file of this CIFAR set in it")
    return found


def _file(files: dict[str, File], name: str) -> File:
    if name not in files:
        place = next(iter(files.values())).name.removesuffix(next(iter(files)))
        raise DataError(f"{place.rstrip(': /')}: no {name} in it")
    return files[name]


def _plain_part(files: dict[str, File], name: str, layout: Layout) -> Labelled:
    """A part of the binary version: for each image its label bytes, then its red, green and blue."""
    file = _file(files, name)
    body = np.frombuffer(file.read(), np.uint8)
    if not len(body) or len(body) % (layout.label_bytes + ROW):
        raise DataError(f"{file.name}: not a whole number of images of {layout.label_bytes + ROW} bytes")
    rows = body.reshape(-1, layout.label_bytes + ROW)
    labels = rows[:, layout.label_bytes - 1].astype(np.int64)
    if labels.max() >= layout.classes:
        raise DataError(f"{file.name}: labels outside 0 to {layout.classes - 1}")
    return Labelled(rows[:, layout.label_bytes :].reshape(-1, 3, SIDE, SIDE), labels)


def _text_names(files: dict[str, File], layout: Layout) -> tuple[str, ...]:
    file = _file(files, layout.names)
    names = tuple(line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip())
    if len(names) != layout.classes:
        raise DataError(f"{file.name}: no {layout.classes} names of classes")
    return names


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


def _content(file: File) -> dict[str, Any]:
    """The dictionary in a file, its keys as text."""
    try:
        content = _Unpickler(BytesIO(file.read())).load()
    except DataError:
        raise
    except Exception as fault:  # a damaged pickle can raise nearly anything
        raise DataError(f"{file.name}: not a CIFAR file in the python version: {first_line(fault)}") from fault
    if not isinstance(content, dict):
        raise DataError(f"{file.name}: not a CIFAR file in the python version: no dictionary in it")
    return {_text(key): value for key, value in content.items()}


def _part(files: dict[str, File], name: str, layout: Layout) -> Labelled:
    file = _file(files, name)
    content = _content(file)
    data, labels = content.get("data"), content.get(layout.key)
    if not isinstance(data, _Array) or data.value.shape[1:] != (ROW,):
        raise DataError(f"{file.name}: no table of images with {ROW} bytes each")
    if not isinstance(labels, list) or len(labels) != len(data.value):
        raise DataError(f"{file.name}: not one of the {layout.key} for each image")
    if not all(isinstance(label, int) and 0 <= label < layout.classes for label in labels):
        raise DataError(f"{file.name}: {layout.key} outside 0 to {layout.classes - 1}")
    return Labelled(data.value.reshape(-1, 3, SIDE, SIDE), np.array(labels, np.int64))


def _names(files: dict[str, File], layout: Layout) -> tuple[str, ...]:
    file = _file(files, layout.meta[0])
    names = _content(file).get(layout.meta[1])
    if not isinstance(names, list) or len(names) != layout.classes:
        raise DataError(f"{file.name}: no {layout.classes} {layout.meta[1]}")
    return tuple(_text(name) for name in names)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@READERS.carries_out(Cifar10)
def _read_10(settings: Cifar10) -> Reading:
    return Reading(*read_cifar(settings.folder, CIFAR10))


@READERS.carries_out(Cifar100)
def _read_100(settings: Cifar100) -> Reading:
    return Reading(*read_cifar(settings.folder, CIFAR100))
