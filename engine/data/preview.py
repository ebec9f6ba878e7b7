"""A look at data before a search: what a path holds, what would be taken of it, a few images. Loads no torch."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.data import cifar, idx, npz
from engine.data.folder import Tell, read_pixels, require_classes, survey
from engine.data.reading import DataError, Labelled, Reading, read, record_of
from engine.data.splitting import split_labels
from engine.plan import DataSettings
from engine.plan.datasets import EMNIST, Cifar10, Cifar100, Emnist, FashionMnist, ImageArrays, ImageFolder, Mnist
from engine.session.queries.data_record import DataRecord

THUMBNAIL = 48
"""Width and height of the images shown, in pixels."""
EACH = 3
"""Images shown of a class."""
MOST_OPENED = 2_000
"""Files of a folder that are opened; of a larger one, so many evenly, and the others are counted by their names."""


class Looked(NamedTuple):
    """What was seen: a reading without all its images, but with all its labels; a few images uint8 (3, side, side) of
    each class; the smallest and the largest value; the usual shorter side of an image, in pixels; how many images were
    opened."""

    found: Reading
    thumbnails: tuple[tuple[np.ndarray, ...], ...]
    span: tuple[int, int]
    side: int
    opened: int

    def record(self, settings: DataSettings) -> DataRecord:
        """What a search with these settings would take. Raises DataError."""
        rest, test, _, validation, *_ = self.found
        whole = {"validation": validation is not None, "test": test is not None}
        parts = split_labels(settings, rest.labels, np.arange(len(rest.labels)), **whole)
        own = [rest.labels[part] if given is None else given.labels
               for part, given in zip(parts, (None, validation, test), strict=True)]  # fmt: skip
        return record_of(self.found, own, self.span)


def settings_for(path: Path) -> DataSettings:
    """The settings of the data set that a folder or a file is. Raises DataError, in one line, for what is none."""
    name = str(path)
    if not path.is_dir():
        if path.suffix == ".npz" and npz.is_image_arrays(path):
            return ImageArrays(folder=name)
        if path.name.endswith((".tar.gz", ".tgz")):
            return Cifar100(folder=name) if "100" in path.name else Cifar10(folder=name)
        if "-ubyte" in path.name:
            return settings_for(path.parent)
        raise DataError(f"{path}: no images; drop a folder with one subfolder per class")
    if cifar.holds(path, cifar.CIFAR10):
        return Cifar10(folder=name)
    if cifar.holds(path, cifar.CIFAR100):
        return Cifar100(folder=name)
    for wanted in ("FashionMNIST", "MNIST") if idx.is_fashion(path) else ("MNIST", "FashionMNIST"):
        if (place := idx.found_in(path, wanted)) is not None:
            return FashionMnist(folder=name) if idx.is_fashion(place) else Mnist(folder=name)
    for part in EMNIST:
        if idx.found_in(path, "EMNIST", stem=f"emnist-{part}-") is not None:
            return Emnist(folder=name, part=part)
    return ImageFolder(folder=name)


def look(settings: DataSettings, tell: Tell) -> Looked:
    """Read what these settings name, of a large folder a part. `tell` is told how far it is. Raises DataError."""
    if isinstance(settings, ImageFolder):
        return _look_at_folder(settings, tell)
    found = read(settings)
    parts = [part for part in (found.rest, found.validation, found.test) if part is not None]
    span = min(int(part.images.min()) for part in parts), max(int(part.images.max()) for part in parts)
    shown = _some_of_each(*found.rest, len(found.classes))
    bare = found._replace(
        rest=_bare(found.rest),
        test=found.test and _bare(found.test),
        validation=found.validation and _bare(found.validation),
    )
    return Looked(bare, shown, span, found.rest.images.shape[3], sum(len(part.labels) for part in parts))


def _look_at_folder(settings: ImageFolder, tell: Tell) -> Looked:
    found = survey(settings.folder, tell)
    files = [pair for part in found.files.values() for pair in part]
    labels = np.array([label for _, label in files], np.int64)
    chosen = np.unique(np.linspace(0, len(files) - 1, min(len(files), MOST_OPENED)).round().astype(np.int64))
    pixels = read_pixels([files[number] for number in chosen], THUMBNAIL, found.tally, tell)
    taken = np.ones(len(files), bool)
    taken[chosen[~pixels.kept]] = False
    require_classes(found, labels[taken])
    split = np.repeat(list(found.files), [len(part) for part in found.files.values()])
    parts = {name: _bare(Labelled(pixels.images, labels[taken & (split == name)])) for name in found.files}
    reading = Reading(
        parts["train"] if "train" in parts else parts[""],
        parts.get("test"),
        found.classes,
        parts.get("validation"),
        found.tally.all(),
        (*found.notes, *pixels.notes),
    )
    shown = _some_of_each(pixels.images, labels[chosen[pixels.kept]], len(found.classes))
    span = int(pixels.images.min()), int(pixels.images.max())
    return Looked(reading, shown, span, int(np.median(pixels.sides)), len(chosen))


def _bare(part: Labelled) -> Labelled:
    """Without its images, which are not kept."""
    return Labelled(part.images[:0].copy(), part.labels)


def _some_of_each(images: np.ndarray, labels: np.ndarray, classes: int) -> tuple[tuple[np.ndarray, ...], ...]:
    """The first images of each class as colour, uint8 (3, side, side)."""
    rows = (np.flatnonzero(labels == label)[:EACH] for label in range(classes))
    return tuple(tuple(np.repeat(images[row], 3 // images.shape[1], 0) for row in some) for some in rows)
