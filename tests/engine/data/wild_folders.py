"""Folders of images as people have them. Every image of a class has its class's colour."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((220, 30, 30), (30, 30, 220), (30, 220, 30))


def picture(label: int, size: tuple[int, int] = (32, 32), seed: int = 0) -> Image.Image:
    """An image of the colour of class `label`, with a little noise."""
    noise = np.random.default_rng(seed).integers(-20, 20, (size[1], size[0], 3))
    return Image.fromarray(np.clip(np.array(COLOURS[label % 3]) + noise, 0, 255).astype(np.uint8))


def put(path: Path, image: Image.Image, **how: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **how)
    return path


def fill(folder: Path, label: int, count: int, ending: str = "png", **how: object) -> Path:
    """So many images of a class in a folder."""
    for number in range(count):
        put(folder / f"{number}.{ending}", picture(label, seed=number), **how)
    return folder


def loose(root: Path) -> None:
    """Dogs vs. Cats as Kaggle has it: the class is in the name of the file."""
    for number in range(12):
        put(root / "train" / f"cat.{number}.jpg", picture(0))
        put(root / "train" / f"dog.{number}.jpg", picture(1))
        put(root / "test1" / f"{number + 1}.jpg", picture(number))


def splits(root: Path) -> None:
    for split, count in (("train", 12), ("val", 6), ("test", 6)):
        for label in (0, 1):
            fill(root / split / f"class{label}", label, count)


def nested(root: Path) -> None:
    for label in range(3):
        fill(root / f"c{label}" / ("sub" if label == 2 else "."), label, 10)


def endings(root: Path) -> None:
    for name, label, ending, how in (
        ("c0", 0, "png", {}),
        ("c1", 1, "png", {}),
        ("c2_jfif", 2, "jfif", {"format": "JPEG"}),
        ("c3_jpe", 0, "jpe", {"format": "JPEG"}),
        ("c4_tga", 1, "tga", {}),
        ("c5_jp2", 2, "jp2", {}),
        ("c6_upper", 0, "JPG", {"format": "JPEG"}),
    ):
        fill(root / name, label, 10, ending, **how)


def rare(root: Path) -> None:
    fill(root / "neg", 0, 40)
    fill(root / "pos", 1, 1)


def ramp(root: Path, values: np.ndarray, ending: str) -> None:
    """Two classes of the same grey ramp, 0 to 1 as `values` of some kind."""
    for name in "ab":
        for number in range(4):
            put(root / name / f"{number}.{ending}", Image.fromarray(values.reshape(32, 32)))


def twelve_bit(root: Path) -> None:
    ramp(root, (np.linspace(0, 1, 1024) * 4095).astype(np.uint16), "png")


def floating(root: Path) -> None:
    ramp(root, np.linspace(0, 1, 1024).astype(np.float32), "tif")


def mnist(root: Path) -> None:
    rng = np.random.default_rng(0)
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 100), ("t10k", 40)):
        for kind, array in (
            ("images-idx3", rng.integers(0, 255, (count, 28, 28))),
            ("labels-idx1", np.arange(count) % 10),
        ):
            head = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
            (raw / f"{part}-{kind}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())


CASES: dict[str, Callable[[Path], None]] = {
    "loose": loose,
    "splits": splits,
    "nested": nested,
    "endings": endings,
    "rare": rare,
    "twelve_bit": twelve_bit,
    "floating": floating,
    "mnist": mnist,
}
