"""A folder of images with one subfolder per class, any sizes, read with Pillow. Loads no torch.

The tree is walked as torchvision's ImageFolder walks it: every image at any depth below a class's folder is one of it.
Folders named train, val and test with class folders in them are splits. What is not taken is counted, with its reason.
"""

import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from engine.data.reading import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import ImageFolder
from engine.session.queries.data_record import LeftOut, listed
from engine.words import count, grouped, plain

FORMATS = (
    "PNG",
    "JPEG",
    "BMP",
    "DIB",
    "GIF",
    "PPM",
    "WEBP",
    "TIFF",
    "AVIF",
    "JPEG2000",
    "TGA",
    "PCX",
    "SGI",
    "QOI",
    "ICO",
)
"""Those of Pillow that are read: none that starts another program (EPS) or opens others' files."""
UNREAD = {
    "." + ending
    for ending in [
        "heic",
        "heif",
        "hif",
        "avifs",
        "jxl",
        "jxr",
        "jpx",
        "svg",
        "eps",
        "ai",
        "psd",
        "xcf",
        "exr",
        "hdr",
        "dcm",
        "nii",
        "dng",
        "cr2",
        "cr3",
        "nef",
        "arw",
        "orf",
        "rw2",
        "raf",
        "raw",
        "fits",
        "fit",
        "mrxs",
        "svs",
        "ndpi",
        "czi",
        "npy",
        "mat",
        "wdp",
        "djvu",
    ]
}
"""Endings of images, as far as they are not among those that are read."""
LARGEST_IMAGE = 64_000_000  # pixels: 8,000 × 8,000. A small file can claim far more than memory holds
LARGEST_SET = 8 << 30  # bytes, once resized
SYSTEM = {"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "desktop.ini"}
"""What systems put beside people's files; passed over like hidden files."""
MODES = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV"}
"""Pillow's modes of at most 8 bits that become RGB."""
MOST_FILES = 5_000_000
DEEPEST = 32  # folders within folders
PAPER = (255, 255, 255, 255)
NARROW = 32  # of 256 values: what spans fewer looks all of one tone

ROLES = {"train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation"}
ROLES |= {"dev": "validation", "test": "test", "testing": "test"}
BESIDE = {"", "set", "data", "dataset", "images", "image", "imgs", "img", "seg", "split", "folder"}
"""Words that may stand beside one of ROLES in a folder's name, as in seg_train, test1 and val_images."""

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it says of a damaged file is said here

Tell = Callable[[int, int], None]
"""Told how many of how many images have been read; may raise to end it."""


class Unreadable(Exception):  # noqa: N818 - it is what happened to one file
    """One file cannot be taken; the reason goes on from its name, without naming it."""


class Tally:
    """Counts what is left out, by reason; keeps one example of each."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, reason: str, path: Path, files: int = 1) -> None:
        """Leave out `path`, or so many `files` of which it is one."""
        before, example = self._found.get(reason, (0, ""))
        if not example:
            example = str(path.relative_to(self.place)) if path.is_relative_to(self.place) else path.name
        self._found[reason] = before + files, example

    def all(self) -> tuple[LeftOut, ...]:
        """What was left out, the most frequent reason first."""
        rows = [LeftOut(reason, files, example) for reason, (files, example) in self._found.items()]
        return tuple(sorted(rows, key=lambda row: (-row.files, row.reason)))


class Found(NamedTuple):
    """What a folder holds, by names alone: the files of each class in each split, "" where there are no splits."""

    classes: tuple[str, ...]
    files: dict[str, list[tuple[Path, int]]]
    tally: Tally
    notes: tuple[str, ...]


class Pixels(NamedTuple):
    """Images that were read: `images` uint8 (N, 3, side, side), which of the files they are, their sides in pixels."""

    images: np.ndarray
    kept: np.ndarray
    sides: np.ndarray
    notes: tuple[str, ...]


def read_folder(folder: str, side: int) -> Reading:
    """All images as RGB of side × side pixels, with the classes: the subfolders, sorted.

    An image keeps its proportions: it is scaled until it covers the square, and what stands over is cut off evenly.
    Grey becomes RGB, transparency becomes white; values of more than 8 bits are spread over 0 to 255 by one scale for
    the set. Files that cannot be read are left out and counted. Raises DataError where a class would be lost.
    """
    found = survey(folder)
    files = [pair for part in found.files.values() for pair in part]
    pixels = read_pixels(files, side, found.tally)
    labels = np.array([label for _, label in files], np.int64)
    require_classes(found, labels[pixels.kept])
    split = np.repeat(np.arange(len(found.files)), [len(part) for part in found.files.values()])[pixels.kept]
    parts = {
        name: Labelled(pixels.images[split == number], labels[pixels.kept][split == number])
        for number, name in enumerate(found.files)
    }
    rest = parts.get("train", parts.get(""))
    assert rest is not None  # a folder without it is refused
    return Reading(
        rest,
        parts.get("test"),
        found.classes,
        parts.get("validation"),
        found.tally.all(),
        (*found.notes, *pixels.notes),
    )


def require_classes(found: Found, labels: np.ndarray) -> None:
    """Raises DataError where no image of a class could be read. `labels` int64 (N,), of those that could."""
    lost = [name for number, name in enumerate(found.classes) if number not in set(labels.tolist())]
    if lost:
        why = "; ".join(f"{row.files} {row.reason} ({row.example})" for row in found.tally.all()[:3])
        subject = f"class {lost[0]} has" if len(lost) == 1 else f"classes {listed(lost)} have"
        raise DataError(f"{found.tally.place}: {subject} no image that can be read; convert or remove. Left out: {why}")


# -- what is in the folder, by names


def survey(folder: str, tell: Tell = lambda done, total: None) -> Found:
    """The classes and their files. `tell` is told nothing but 0 of 0, at every folder. Raises DataError for a folder
    without two classes, or with unclear splits."""
    place = Path(folder).expanduser()
    if not folder or not place.is_dir():
        raise DataError(f"data.folder: {folder or 'empty'}; name a folder with one subfolder of images per class")
    tally = Tally(place)
    tree, notes = _unwrapped(_tree(place, tally, tell)), []
    if tree.path != place:
        notes.append(f"the classes are the folders in {tree.path.relative_to(place)}")
    full = [sub for sub in tree.folders if sub.images]
    roles = {sub.path.name: role for sub in full if (role := _role(sub.path.name))}
    if len(roles) == len(full) and "train" in roles.values():
        found = _with_splits(place, full, roles)
        classes = tuple(sorted({sub.path.name for subs in found.values() for sub in subs}))
    elif "train" in roles.values() and len(set(roles.values())) > 1:
        others = [sub.path.name for sub in full if sub.path.name not in roles]
        raise DataError(
            f"{place}: {listed([f'{name}/' for name in roles])} look like splits, {listed(others)} beside them does "
            "not; move it elsewhere"
        )
    else:
        found = {"": full}
        classes = tuple(sub.path.name for sub in full)
    empty = [sub.path.name for sub in tree.folders if not sub.images and sub not in full]
    if empty:
        notes.append(f"no image in the {'folder' if len(empty) == 1 else 'folders'} {listed(empty)}, so no class")
    if len(classes) < 2:
        raise DataError(_too_few(place, tally, tree, full, classes))
    number = {name: label for label, name in enumerate(classes)}
    taken = {
        role: [(path, number[sub.path.name]) for sub in subs for path in sub.all()] for role, subs in found.items()
    }
    known = {path for part in taken.values() for path, _ in part}
    for path in tree.all():
        if path not in known:
            tally.add("not in a class's folder", path)
    endings = readable()
    good = {role: [pair for pair in part if pair[0].suffix.lower() in endings] for role, part in taken.items()}
    for path in (path for part in taken.values() for path, _ in part if path.suffix.lower() not in endings):
        tally.add(f"{path.suffix.lower()} is not read here", path)
    return Found(classes, {role: part for role, part in good.items() if part}, tally, tuple(notes))


class _Folder(NamedTuple):
    """A folder with its own images and those below; files that are no images are not kept."""

    path: Path
    files: tuple[Path, ...]
    folders: tuple["_Folder", ...]

    @property
    def images(self) -> int:
        """How many there are, at any depth."""
        return len(self.files) + sum(sub.images for sub in self.folders)

    def all(self) -> Iterator[Path]:
        """Them all, its own first."""
        yield from self.files
        for sub in self.folders:
            yield from sub.all()


def _tree(place: Path, tally: Tally, tell: Tell) -> _Folder:
    """What lies below `place`, sorted by name; links are followed, but no folder is entered from within itself."""
    left, images = MOST_FILES, UNREAD | set(readable())

    def walk(folder: Path, above: tuple[Path, ...]) -> _Folder:
        nonlocal left
        tell(0, 0)
        files, folders = [], []
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as fault:
            tally.add(f"a folder that cannot be opened ({fault.strerror})", folder)
            return _Folder(folder, (), ())
        for entry in entries:
            left -= 1
            if left < 0:
                raise DataError(f"{place}: more than {MOST_FILES:,} files; name the folder of the images")
            path = folder / entry.name
            if entry.name.startswith(".") or entry.name in SYSTEM:
                continue
            if entry.is_dir():
                real = path.resolve()
                if real in above or len(above) >= DEEPEST:
                    tally.add("a folder within itself", path)
                else:
                    folders.append(walk(path, (*above, real)))
            elif not entry.is_file():
                tally.add("a link to nothing" if entry.is_symlink() else "a device or the like", path)
            elif path.suffix.lower() in images:
                files.append(path)
            else:
                tally.add(f"no image by {f'its ending {path.suffix.lower()}' if path.suffix else 'its name'}", path)
        return _Folder(folder, tuple(files), tuple(folders))

    return walk(place, (place.resolve(),))


def _unwrapped(tree: _Folder) -> _Folder:
    """The folder itself or, where all images lie in a single one within it that has several, that one."""
    while not tree.files:
        full = [sub for sub in tree.folders if sub.images]
        if len(full) != 1 or not any(sub.images for sub in full[0].folders):
            break
        tree = full[0]
    return tree


def _role(name: str) -> str:
    """The split that a folder's name stands for, or ""."""
    words = re.split(r"[^a-z]+", name.lower())
    roles = {ROLES[word] for word in words if word in ROLES}
    return roles.pop() if len(roles) == 1 and all(word in ROLES or word in BESIDE for word in words) else ""


def _with_splits(place: Path, full: list[_Folder], roles: dict[str, str]) -> dict[str, list[_Folder]]:
    """The class folders of each split that has some; what lies loose in a split is of no class."""
    found: dict[str, list[_Folder]] = {}
    for split in full:
        role = roles[split.path.name]
        if role in found:
            raise DataError(f"{place}: more than one folder for the {role} split; merge them, or move one elsewhere")
        if classes := [sub for sub in _unwrapped(split).folders if sub.images]:
            found[role] = classes
    return found if "train" in found else {}


def _too_few(place: Path, tally: Tally, tree: _Folder, full: list[_Folder], classes: tuple[str, ...]) -> str:
    """Why there are not two classes, and what to do."""
    loose = [folder for folder in (tree, *full) if len(folder.files) > 1]
    if classes or not loose:
        found = count(len(classes), "subfolder")
        others = "; ".join(f"{row.files} {row.reason} ({row.example})" for row in tally.all()[:3])
        hint = f". Left out: {others}" if others else ""
        hint += "; is it MNIST, EMNIST or Fashion-MNIST? These are data sets of their own" if "-ubyte" in others else ""
        return f"{place}: {found} with images; two classes or more are needed{hint}"
    stems = sorted({re.sub(r"[\W_]*\d*$", "", path.stem) for folder in loose for path in folder.files} - {""})
    hint = f" (names begin with {listed(stems)})" if 1 < len(stems) <= 1000 else ""
    where = listed([f"{folder.path.name}/ has {grouped(len(folder.files))}" for folder in loose])
    return plain(f"{place}: loose images and no folder per class: {where}; sort them into one folder per class{hint}")


@cache
def _formats() -> frozenset[str]:
    """The formats that are read, as far as this Pillow can."""
    Image.init()
    optional = {"AVIF": "avif", "JPEG2000": "jpg_2000", "WEBP": "webp"}
    return frozenset(
        name for name in FORMATS if name in Image.OPEN and (name not in optional or features.check(optional[name]))
    )


@cache
def readable() -> dict[str, str]:
    """The endings of files that are read, each with its format."""
    formats = _formats()
    return {ending: name for ending, name in Image.registered_extensions().items() if name in formats}


# -- pixels


def read_pixels(
    files: list[tuple[Path, int]], side: int, tally: Tally, tell: Tell = lambda done, total: None
) -> Pixels:
    """The images of the files that can be read; the others go to the tally."""
    if len(files) * 3 * side * side > LARGEST_SET:
        raise DataError(
            f"{tally.place}: {len(files)} images take more than 8 GB; choose a smaller data.image than {side}"
        )
    pixels = np.empty((len(files), 3, side, side), np.uint8)
    kept, sides = np.zeros(len(files), bool), np.zeros(len(files), np.int64)
    deep: dict[int, np.ndarray] = {}
    spans: dict[str, list[tuple[int, float, float]]] = {}
    for number, (path, _) in enumerate(files):
        tell(number, len(files))
        try:
            image, values, sides[number] = _opened(path, side)
        except Unreadable as reason:
            tally.add(str(reason), path)
            continue
        kept[number] = True
        if values is None:
            pixels[number] = image
        else:
            deep[number] = image
            spans.setdefault(values.kind, []).append((number, values.low, values.high))
    notes = [_spread(kind, rows, deep, pixels) for kind, rows in spans.items()]
    pixels = pixels if kept.all() else pixels[kept]
    if len(pixels) and (high := int(pixels.max())) - (low := int(pixels.min())) < NARROW:
        notes.append(f"values of all images only span {low} to {high} of 255: they are nearly of one tone")
    return Pixels(pixels, kept, sides[kept], tuple(notes))


def read_image(path: Path, side: int) -> np.ndarray:
    """One image as uint8 (3, side, side). DataError, with its name, for one that is damaged or implausibly large."""
    tally = Tally(path.parent)
    pixels = read_pixels([(path, 0)], side, tally)
    if not len(pixels.images):
        raise DataError(f"{path}: {tally.all()[0].reason}")
    return np.asarray(pixels.images[0])


class _Values(NamedTuple):
    """The values of an image that has more than 8 bits of them: what kind they are, the smallest, the largest."""

    kind: str
    low: float
    high: float


def _opened(path: Path, side: int) -> tuple[np.ndarray, _Values | None, int]:
    """One image, uint8 (3, side, side) or, with its values, float32 (side, side); and its shorter side in pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say of is refused below, or read all the same
            with Image.open(path, formats=_likely(path)) as image:
                if image.width * image.height > LARGEST_IMAGE:
                    raise Unreadable("too many pixels: 64 million are read")
                least = min(image.size)
                image.draft(None, (2 * side, 2 * side))  # a large JPEG is decoded smaller, which is quicker
                upright: Image.Image = image
                with suppress(SyntaxError, ValueError, TypeError, KeyError):  # a damaged note on how it was held
                    upright = ImageOps.exif_transpose(image)
                if upright.mode in MODES:
                    square = ImageOps.fit(_rgb(upright), (side, side), Image.Resampling.BICUBIC)
                    return np.asarray(square).transpose(2, 0, 1), None, least
                if not upright.mode.startswith(("I", "F")):
                    raise Unreadable(f"of colours that are not read ({upright.mode})")
                array = np.asarray(upright).astype(np.float32)
                kind = {"I": "32-bit", "F": "floating-point"}.get(upright.mode, "16-bit")
    except Unreadable:
        raise
    except Image.DecompressionBombError:
        raise Unreadable("too many pixels: 64 million are read") from None
    except UnidentifiedImageError:
        empty = path.stat().st_size == 0
        raise Unreadable("empty" if empty else "damaged, or of a kind that is not read") from None
    except OSError as fault:
        raise Unreadable(f"cannot be opened ({fault.strerror})" if fault.strerror else "damaged or cut short") from None
    except MemoryError:
        raise Unreadable("too large for the memory") from None
    except Exception:  # Pillow's decoders raise whatever they stumble over
        raise Unreadable("damaged or cut short") from None
    if not np.isfinite(array).all():
        raise Unreadable("holds values that are no numbers")
    values = _Values(kind, float(array.min()), float(array.max()))
    fitted = ImageOps.fit(Image.fromarray(array), (side, side), Image.Resampling.BICUBIC)
    return np.asarray(fitted), values, least


def _likely(path: Path) -> list[str]:
    """The formats that a file may have whatever its ending; TGA has no mark of its own, so its ending counts."""
    return [name for name in _formats() if name != "TGA" or readable().get(path.suffix.lower()) == "TGA"]


def _spread(kind: str, rows: list[tuple[int, float, float]], deep: dict[int, np.ndarray], pixels: np.ndarray) -> str:
    """Write images of more than 8 bits into `pixels`, all by one scale; says which."""
    low, high = min(row[1] for row in rows), max(row[2] for row in rows)
    black, white = depth_ends(kind, low, high)
    for number, _, _ in rows:
        grey = (deep.pop(number) - black) * (255 / max(white - black, 1e-12))
        pixels[number] = np.rint(grey.clip(0, 255)).astype(np.uint8)
    return plain(
        f"{count(len(rows), f'{kind} image')} with values {low:g} to {high:g}: {black:g} is black, {white:g} is white"
    )


def depth_ends(kind: str, low: float, high: float) -> tuple[float, float]:
    """The values that become black and white: those of the depth that holds all, or else the least and the largest."""
    if low >= 0 and kind == "floating-point" and (high <= 1 or NARROW < high <= 255):
        return 0, 1 if high <= 1 else 255
    depths = () if low < 0 or kind == "floating-point" else (8, 10, 12, 14, 16)
    return next(((0, 2**bits - 1) for bits in depths if high < 2**bits), (low, high))


def _rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, PAPER), image).convert("RGB")
    return image.convert("RGB")


@READERS.carries_out(ImageFolder)
def _read(settings: ImageFolder) -> Reading:
    return read_folder(settings.folder, settings.image)
