"""IDX files, which MNIST and Fashion-MNIST come in: a magic number, the sizes, the bytes (LeCun; Xiao et al. 2017)."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from engine.data.dataset import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import FashionMnist

# Where Debian's package dataset-fashion-mnist puts them.
FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

MAGIC = {1: 0x0801, 3: 0x0803}  # by number of dimensions: unsigned bytes
LARGEST = 1 << 30  # bytes; MNIST's largest part has 47 million


def read_fashion(folder: str) -> tuple[Labelled, Labelled]:
    """The training and the test part from `folder`, or from Debian's location when that is empty."""
    place = Path(folder).expanduser() if folder else FASHION_FOLDER
    if not place.is_dir():
        hint = "name another folder" if folder else "install Debian's dataset-fashion-mnist, or name a folder"
        raise DataError(f"{place}: no Fashion-MNIST there; {hint} in data.folder")
    return read_part(place, "train"), read_part(place, "t10k")


def read_part(folder: Path, part: str) -> Labelled:
    """The part "train" or "t10k" of an MNIST-like set: images as (N, 1, H, W)."""
    images = read_idx(_find(folder, f"{part}-images", 3), 3)
    path = _find(folder, f"{part}-labels", 1)
    labels = read_idx(path, 1)
    if len(images) != len(labels):
        raise DataError(f"{path}: {len(labels)} labels for {len(images)} images")
    if len(labels) and labels.max() >= len(FASHION_CLASSES):
        raise DataError(f"{path}: label {labels.max()}, where 0 to {len(FASHION_CLASSES) - 1} are known")
    return Labelled(images[:, None], labels.astype(np.int64))


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


def _find(folder: Path, stem: str, dimensions: int) -> Path:
    names = [f"{stem}{dot}idx{dimensions}-ubyte{ending}" for ending in ("", ".gz") for dot in "-."]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"{folder}: no {names[0]} or {names[0]}.gz in it")


@READERS.carries_out(FashionMnist)
def _read(settings: FashionMnist) -> Reading:
    return Reading(*read_fashion(settings.folder), FASHION_CLASSES)
