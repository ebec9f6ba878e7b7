"""IDX files, which MNIST, EMNIST and Fashion-MNIST come in: a magic number, the sizes, the bytes.

Sources: LeCun, Cortes, Burges 1998; Cohen et al. 2017; Xiao et al. 2017. Files are looked for in the folder named, and
below it where torchvision puts them. Loads no torch.
"""

import gzip
import string
import struct
import zlib
from pathlib import Path

import numpy as np

from engine.data.reading import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import Emnist, FashionMnist, Mnist

# Where Debian's package dataset-fashion-mnist puts them.
FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
DIGITS = tuple(string.digits)
MERGED = (*string.digits, *string.ascii_uppercase, *"abdefghnqrt")
"""EMNIST's classes where small letters that look like their capitals are one class with them (section II-B)."""
EMNIST_CLASSES = {
    "balanced": MERGED,
    "bymerge": MERGED,
    "byclass": (*string.digits, *string.ascii_uppercase, *string.ascii_lowercase),
    "letters": tuple(string.ascii_lowercase),
    "digits": DIGITS,
    "mnist": DIGITS,
}

MAGIC = {1: 0x0801, 3: 0x0803}  # by number of dimensions: unsigned bytes
LARGEST = 1 << 30  # bytes; EMNIST's largest part has 547 million


def read_fashion(folder: str) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """The training and the test part from `folder`, or from Debian's location when that is empty, and the classes:
    digits where the files are MNIST's by the name of their folder."""
    if not folder and not FASHION_FOLDER.is_dir():
        advice = "install Debian's dataset-fashion-mnist, or name a folder in data.folder"
        raise DataError(f"{FASHION_FOLDER}: no Fashion-MNIST there; {advice}")
    place = find_folder(folder or str(FASHION_FOLDER), "FashionMNIST", "MNIST")
    classes = DIGITS if place.parent.name.lower() == "mnist" or place.name.lower() == "mnist" else FASHION_CLASSES
    return _part(place, "train", len(classes)), _part(place, "t10k", len(classes)), classes


def read_mnist(folder: str) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """The training and the test part of MNIST, and the digits."""
    place = find_folder(folder, "MNIST")
    return _part(place, "train", 10), _part(place, "t10k", 10), DIGITS


def read_emnist(folder: str, part: str) -> tuple[Labelled, Labelled, tuple[str, ...]]:
    """One of EMNIST's six sets, a key of EMNIST_CLASSES, turned upright: its files hold rows and columns exchanged."""
    place, classes = find_folder(folder, "EMNIST", stem=f"emnist-{part}-"), EMNIST_CLASSES[part]
    first = int(part == "letters")  # counts from 1
    train, test = (_part(place, f"emnist-{part}-{name}", len(classes), first) for name in ("train", "test"))
    return _turned(train), _turned(test), classes


def _turned(part: Labelled) -> Labelled:
    return Labelled(np.ascontiguousarray(part.images.swapaxes(2, 3)), part.labels)


def find_folder(folder: str, *names: str, stem: str = "") -> Path:
    """Where the files are: in `folder`, or in its NAME/raw, NAME, raw or gzip. Raises DataError."""
    if not folder:
        raise DataError(f"data.folder is empty; name the folder with {names[0]}'s files in it")
    place, witness = Path(folder).expanduser(), f"{stem}train-images-idx3-ubyte"
    if not place.is_dir():
        raise DataError(f"{place}: no {names[0]} there; name another folder in data.folder")
    if (found := found_in(place, *names, stem=stem)) is None:
        raise DataError(f"{place}: no {witness} or {witness}.gz in it, nor in {names[0]}/raw below it")
    return found


def found_in(place: Path, *names: str, stem: str = "") -> Path | None:
    """The folder with the files, at or below `place`; None where there is none."""
    below = [Path(name, *inner) for name in names for inner in (("raw",), (), ("raw", "gzip"))]
    folders = (place / inner for inner in (Path(), Path("raw"), Path("gzip"), *below))
    return next((folder for folder in folders if _file(folder, f"{stem}train-images", 3)), None)


def is_fashion(place: Path) -> bool:
    """Whether the files in a folder are Fashion-MNIST's by its name, or by that of the folder around it."""
    return any("fashion" in name.lower() for name in (place.name, place.parent.name))


def _part(folder: Path, stem: str, classes: int, first: int = 0) -> Labelled:
    """The part "train" or "t10k" of an MNIST-like set: images as (N, 1, H, W), labels from `first` on."""
    images = read_idx(_find(folder, f"{stem}-images", 3), 3)
    path = _find(folder, f"{stem}-labels", 1)
    labels = read_idx(path, 1)
    if len(images) != len(labels):
        raise DataError(f"{path}: {len(labels)} labels for {len(images)} images")
    if labels.max() >= classes + first or labels.min() < first:
        wrong = labels.max() if labels.max() >= classes + first else labels.min()
        raise DataError(f"{path}: label {wrong}, where {first} to {classes - 1 + first} are known")
    return Labelled(images[:, None], labels.astype(np.int64) - first)


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """One file of unsigned bytes, gzipped or plain. Raises DataError unless it holds what its header promises."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 + 4 * dimensions)
            if len(head) < 4 + 4 * dimensions:
                raise DataError(f"{path}: cut short within its header")
            magic, *shape = struct.unpack(f">{1 + dimensions}I", head)
            if magic != MAGIC[dimensions]:
                raise DataError(
                    f"{path}: no IDX file of this kind: begins with {magic:#010x}, not {MAGIC[dimensions]:#010x}"
                )
            size = int(np.prod(shape, dtype=object))
            if not 0 < size <= LARGEST:
                raise DataError(f"{path}: its header promises {' × '.join(map(str, shape))} bytes, which cannot be")
            body = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise DataError(f"{path}: cannot be read ({getattr(fault, 'strerror', None) or fault})") from fault
    if len(body) != size:
        raise DataError(f"{path}: holds {'more' if len(body) > size else 'less'} data than its header promises")
    return np.frombuffer(body, np.uint8).reshape(shape)


def _file(folder: Path, stem: str, dimensions: int) -> Path | None:
    names = [f"{stem}{dot}idx{dimensions}-ubyte{ending}" for ending in ("", ".gz") for dot in "-."]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _find(folder: Path, stem: str, dimensions: int) -> Path:
    found = _file(folder, stem, dimensions)
    if found is None:
        raise DataError(f"{folder}: no {stem}-idx{dimensions}-ubyte or {stem}-idx{dimensions}-ubyte.gz in it")
    return found


@READERS.carries_out(FashionMnist)
def _read_fashion(settings: FashionMnist) -> Reading:
    return Reading(*read_fashion(settings.folder))


@READERS.carries_out(Mnist)
def _read_mnist(settings: Mnist) -> Reading:
    return Reading(*read_mnist(settings.folder))


@READERS.carries_out(Emnist)
def _read_emnist(settings: Emnist) -> Reading:
    return Reading(*read_emnist(settings.folder, settings.part))
