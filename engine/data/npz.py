"""Images and labels as arrays in one .npz file, as MedMNIST (Yang et al. 2023) and Keras keep them. Loads no torch."""

import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.data.folder import LARGEST_SET, NARROW, depth_ends
from engine.data.reading import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import ImageArrays
from engine.words import plain

IMAGES = {"images", "image", "imgs", "x", "data"}
LABELS = {"labels", "label", "y", "targets", "target"}
SPLITS = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation"}
SPLITS |= {"test": "test", "testing": "test"}
MOST_CLASSES = 10_000
MOST_MEMBERS = 64


def read_npz(file: str, side: int) -> Reading:
    """The images of an .npz file as RGB of side × side pixels, its splits as they stand.

    Images are (N, H, W), (N, H, W, 3) or (N, 3, H, W), grey or colour; values that are not bytes are spread over 0 to
    255 by one scale. Labels are whole numbers (N,) or (N, 1). Raises DataError.
    """
    if not file or not Path(file).expanduser().is_file():
        raise DataError(f"data.folder: {file or 'empty'}; name the .npz file with the images")
    path = Path(file).expanduser()
    notes: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _parts(path, archive)
            if sum(archive.getinfo(name).file_size for pair in parts.values() for name in pair) > LARGEST_SET:
                raise DataError(f"{path}: its arrays take more than 8 GB")
            raw = {split: _labels(path, archive, name) for split, (_, name) in parts.items()}
            pixels = {split: _images(path, archive, name, len(raw[split])) for split, (name, _) in parts.items()}
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as fault:
        raise DataError(f"{path}: no .npz file that can be read ({fault})") from fault
    if sum(map(len, raw.values())) * 3 * side * side > LARGEST_SET:
        raise DataError(f"{path}: the images take more than 8 GB; choose a smaller data.image than {side}")
    values = sorted({int(value) for labels in raw.values() for value in np.unique(labels)})
    if not 2 <= len(values) <= MOST_CLASSES:
        raise DataError(f"{path}: {len(values)} different labels; 2 to {MOST_CLASSES:,} classes can be searched with")
    span = _span(pixels, notes)
    found = {
        split: Labelled(_resized(images, side, span), np.searchsorted(values, raw[split]).astype(np.int64))
        for split, images in pixels.items()
    }
    names = tuple(map(str, values))
    return Reading(found["train"], found.get("test"), names, found.get("validation"), notes=tuple(notes))


def is_image_arrays(path: Path) -> bool:
    """Whether an .npz file holds images with labels, by the names of its arrays."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(_parts(path, archive))
    except (OSError, zipfile.BadZipFile, DataError):
        return False


def _parts(path: Path, archive: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """The names of the array of images and of that of labels, by split."""
    members = archive.namelist()
    if len(members) > MOST_MEMBERS:
        raise DataError(f"{path}: {len(members)} arrays; up to {MOST_MEMBERS} are looked at")
    images, labels = {}, {}
    for member in members:
        words = set(re.split(r"[^a-z]+", member.lower().removesuffix(".npy")))
        split = next((SPLITS[word] for word in words if word in SPLITS), "train" if words <= IMAGES | LABELS else "")
        if split and words & LABELS:
            labels[split] = member
        elif split and words & IMAGES:
            images[split] = member
    parts = {split: (images[split], labels[split]) for split in images if split in labels}
    if "train" not in parts:
        names = ", ".join(name.removesuffix(".npy") for name in members[:8])
        raise DataError(f"{path}: no train_images with train_labels (or x_train with y_train) in it, but {names}")
    return {split: parts[split] for split in ("train", "validation", "test") if split in parts}


def _array(path: Path, archive: zipfile.ZipFile, member: str) -> np.ndarray:
    """One array, once its header says that it is of numbers and no larger than what is there."""
    name = member.removesuffix(".npy")
    with archive.open(member) as stream:
        try:
            version = np.lib.format.read_magic(stream)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
            shape, fortran, dtype = read(stream)
        except (ValueError, KeyError) as fault:
            raise DataError(f"{path}: {name} is no array that can be read ({fault})") from fault
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if dtype.kind not in "uifb" or not 0 < size <= LARGEST_SET or min(shape, default=1) < 0:
            raise DataError(f"{path}: {name} is {dtype} of shape {shape}; numbers of at most 8 GB are read")
        if archive.getinfo(member).file_size < size:
            raise DataError(f"{path}: {name} is cut short")
        body = stream.read(size)
    if len(body) != size:
        raise DataError(f"{path}: {name} is cut short")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")


def _labels(path: Path, archive: zipfile.ZipFile, member: str) -> np.ndarray:
    array = _array(path, archive, member)
    name = member.removesuffix(".npy")
    if array.ndim == 2 and array.shape[1] > 1:
        raise DataError(f"{path}: {name} has {array.shape[1]} labels per image; one class per image is needed")
    array = array.reshape(len(array)) if array.ndim else array[None]
    if not len(array) or not np.isfinite(array).all() or (array != np.rint(array)).any():
        raise DataError(f"{path}: {name} has labels that are no whole numbers, or none")
    return array.astype(np.int64)


def _images(path: Path, archive: zipfile.ZipFile, member: str, count: int) -> np.ndarray:
    """The images as (N, H, W) or (N, H, W, 3)."""
    array, name = _array(path, archive, member), member.removesuffix(".npy")
    if len(array.shape) == 4 and array.shape[1] in (1, 3) and array.shape[3] not in (1, 3):
        array = array.transpose(0, 2, 3, 1)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[3] != 3) or 0 in array.shape:
        raise DataError(f"{path}: {name} has shape {array.shape}; images are (N, H, W) or (N, H, W, 3)")
    if len(array) != count:
        raise DataError(f"{path}: {count} labels for the {len(array)} images of {name}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise DataError(f"{path}: {name} holds values that are no numbers")
    return array


def _span(pixels: dict[str, np.ndarray], notes: list[str]) -> tuple[float, float] | None:
    """The values that become black and white; None where the images are bytes already."""
    if all(images.dtype == np.uint8 for images in pixels.values()):
        return None
    low = float(min(images.min() for images in pixels.values()))
    high = float(max(images.max() for images in pixels.values()))
    kind = "floating-point" if any(images.dtype.kind == "f" for images in pixels.values()) else "whole"
    black, white = depth_ends(kind, low, high)
    notes.append(plain(f"{kind} values {low:g} to {high:g}: {black:g} is black, {white:g} is white"))
    if (high - low) * 255 < NARROW * (white - black):
        notes.append("the values span only a small part of that: the images are nearly of one tone")
    return black, white


def _resized(images: np.ndarray, side: int, span: tuple[float, float] | None) -> np.ndarray:
    """uint8 (N, 3, side, side); scaled, where the sides differ, until it covers the square, the middle cut out."""
    result = np.empty((len(images), 3, side, side), np.uint8)
    for row, image in zip(result, images, strict=True):
        if span is not None:
            black, white = span
            image = np.rint((image.astype(np.float64) - black) * (255 / max(white - black, 1e-12))).clip(0, 255)
        picture = Image.fromarray(np.ascontiguousarray(image, np.uint8)).convert("RGB")
        if picture.size != (side, side):
            picture = ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC)
        row[:] = np.asarray(picture).transpose(2, 0, 1)
    return result


@READERS.carries_out(ImageArrays)
def _read(settings: ImageArrays) -> Reading:
    return read_npz(settings.folder, settings.image)
