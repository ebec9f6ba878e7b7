"""A folder of images with one subfolder per class, any sizes, read with Pillow."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.data.dataset import DataError, Labelled, Reading
from engine.plan import READERS
from engine.plan.datasets import ImageFolder

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "WEBP", "TIFF")
ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".webp", ".tif", ".tiff"}
LARGEST_IMAGE = 64_000_000  # pixels: 8,000 × 8,000. A small file can claim far more than memory holds
LARGEST_SET = 8 << 30  # bytes, once resized
PAPER = (255, 255, 255, 255)


def read_folder(folder: str, side: int) -> tuple[Labelled, tuple[str, ...]]:
    """All images as RGB of side × side pixels, and the names of the classes (the subfolders, sorted).

    An image keeps its proportions: it is scaled until it covers the square, and what stands over is cut off evenly.
    Grey becomes RGB, transparency becomes white. Hidden files and files that are no images by their ending are passed
    over.
    """
    place = Path(folder).expanduser()
    if not folder or not place.is_dir():
        raise DataError(f"data.folder: {folder or 'empty'}; name a folder with one subfolder of images per class")
    found = {entry.name: images for entry in sorted(place.iterdir()) if (images := _images(entry))}
    if len(found) < 2:
        raise DataError(f"{place}: {len(found)} subfolders with images; two classes or more are needed")
    paths = [path for images in found.values() for path in images]
    if len(paths) * 3 * side * side > LARGEST_SET:
        raise DataError(f"{place}: {len(paths)} images take more than 8 GB; choose a smaller data.image than {side}")
    pixels = np.empty((len(paths), 3, side, side), np.uint8)
    for row, path in zip(pixels, paths, strict=True):
        row[:] = read_image(path, side)
    labels = np.repeat(np.arange(len(found)), [len(images) for images in found.values()])
    return Labelled(pixels, labels.astype(np.int64)), tuple(found)


def read_image(path: Path, side: int) -> np.ndarray:
    """One image as uint8 (3, side, side). DataError, with its name, for one that is damaged or implausibly large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # refused below, with its name
            image = Image.open(path, formats=FORMATS)
        with image:
            if image.width * image.height > LARGEST_IMAGE:
                raise DataError(f"{path}: {image.width} × {image.height} pixels are too many; 64 million are read")
            square = ImageOps.fit(_rgb(ImageOps.exif_transpose(image)), (side, side), Image.Resampling.BICUBIC)
    except DataError:
        raise
    except Image.DecompressionBombError as fault:
        raise DataError(f"{path}: too many pixels; 64 million are read") from fault
    except Exception as fault:  # Pillow's decoders raise whatever they stumble over
        raise DataError(f"{path}: not an image that can be read; repair or remove it") from fault
    return np.asarray(square).transpose(2, 0, 1)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip rather than scale
        image = Image.fromarray((np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, PAPER), image).convert("RGB")
    return image.convert("RGB")


def _images(folder: Path) -> list[Path]:
    """The image files in a visible folder, sorted; nothing where `folder` is no such folder."""
    if folder.name.startswith(".") or not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
    )


@READERS.carries_out(ImageFolder)
def _read(settings: ImageFolder) -> Reading:
    images, classes = read_folder(settings.folder, settings.image)
    return Reading(images, None, classes)
