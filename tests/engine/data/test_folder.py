"""Folders of images: colours, sizes and transparency come out right; what is no image is named."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import DataError
from engine.data.folder import Tally, read_folder, read_image, read_pixels


def save(image: Image.Image, path: Path, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def plain(mode: str, colour: object, size: tuple[int, int] = (6, 6)) -> Image.Image:
    return Image.new(mode, size, colour)


def test_classes_are_the_sorted_visible_folders_and_images_follow_them(tmp_path):
    for name, colour in (("zebra", "red"), ("Ant", "lime"), ("cat", "blue")):
        save(plain("RGB", colour), tmp_path / name / "1.png")
    save(plain("RGB", "white"), tmp_path / "cat" / "0.PNG")
    save(plain("RGB", "white"), tmp_path / ".hidden" / "1.png")
    save(plain("RGB", "white"), tmp_path / "cat" / ".hidden.png")
    (tmp_path / "cat" / "notes.txt").write_text("not an image", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    save(plain("RGB", "white"), tmp_path / "stray.png")
    found = read_folder(str(tmp_path), 4)
    assert found.classes == ("Ant", "cat", "zebra")
    assert found.rest.labels.tolist() == [0, 1, 1, 2]
    assert [(row.reason, row.files) for row in found.left_out] == [
        ("no image by its ending .txt", 1),
        ("not in a class's folder", 1),
    ]
    assert found.notes == ("no image in the folder empty, so no class",)
    corners = [tuple(image[:, 0, 0].tolist()) for image in found.rest.images]
    assert corners == [(0, 255, 0), (255, 255, 255), (0, 0, 255), (255, 0, 0)]


@pytest.mark.parametrize(
    ("image", "ending", "expected"),
    [
        (plain("L", 100), "png", (100, 100, 100)),
        (plain("1", 1), "png", (255, 255, 255)),
        (plain("RGB", (10, 20, 30)), "bmp", (10, 20, 30)),
        (plain("P", 0).convert("P"), "gif", (0, 0, 0)),
        (plain("RGB", (200, 10, 60)).quantize(4), "png", (200, 10, 60)),
        (plain("RGBA", (10, 20, 30, 255)), "png", (10, 20, 30)),
        (plain("RGBA", (10, 20, 30, 0)), "png", (255, 255, 255)),
        (plain("RGBA", (0, 0, 0, 51)), "png", (204, 204, 204)),
        (plain("LA", (0, 0)), "png", (255, 255, 255)),
        (Image.fromarray(np.full((6, 6), 0x6400, np.uint16)), "png", (100, 100, 100)),
        (plain("CMYK", (0, 0, 0, 0)), "tiff", (255, 255, 255)),
    ],
)
def test_grey_palette_and_transparency_become_rgb(tmp_path, image, ending, expected):
    pixels = read_image(save(image, tmp_path / f"image.{ending}"), 3)
    assert pixels.shape == (3, 3, 3)
    assert pixels.dtype == np.uint8
    assert {tuple(pixel) for pixel in pixels.reshape(3, -1).T.tolist()} == {expected}


def test_a_palette_with_a_transparent_colour_shows_paper_there(tmp_path):
    image = plain("RGB", (9, 9, 9)).quantize(2)
    pixels = read_image(save(image, tmp_path / "image.png", transparency=image.getpixel((0, 0))), 2)
    assert set(pixels.ravel().tolist()) == {255}


def test_proportions_are_kept_and_the_middle_is_cut_out(tmp_path):
    wide = plain("RGB", "red", (12, 4))
    wide.paste("blue", (4, 0, 8, 4))  # the middle third
    pixels = read_image(save(wide, tmp_path / "wide.png"), 4)
    np.testing.assert_array_equal(pixels, np.array([0, 0, 255], np.uint8)[:, None, None] * np.ones((3, 4, 4), np.uint8))


def test_a_photograph_lies_the_way_its_camera_was_held(tmp_path):
    image = plain("RGB", "white", (8, 8))
    image.paste("black", (0, 0, 8, 4))  # upper half
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180°
    pixels = read_image(save(image, tmp_path / "photo.png", exif=exif), 8)
    assert pixels[0, 0, 0] == 255
    assert pixels[0, 7, 7] == 0


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + bytes(30), b"%PDF-1.4", b"GIF89a"])
def test_a_broken_image_is_left_out_with_its_reason_unless_a_class_is_lost(tmp_path, content):
    for name in "ab":
        save(plain("RGB", "red"), tmp_path / name / "1.png")
    (tmp_path / "b" / "2.jpg").write_bytes(content)
    found = read_folder(str(tmp_path), 4)
    assert found.rest.labels.tolist() == [0, 1]
    [row] = found.left_out
    assert (row.files, row.example) == (1, "b/2.jpg")
    assert row.reason.startswith("damaged" if content else "empty")
    (tmp_path / "b" / "1.png").unlink()
    with pytest.raises(DataError, match=r"class b has no image.*b/2\.jpg") as caught:
        read_folder(str(tmp_path), 4)
    assert "\n" not in str(caught.value)


def test_an_image_cut_short_is_named(tmp_path):
    path = save(Image.effect_noise((64, 64), 50), tmp_path / "1.png")
    path.write_bytes(path.read_bytes()[:800])
    with pytest.raises(DataError, match=r"1\.png"):
        read_image(path, 4)


@pytest.mark.parametrize("side", [8_001, 9_600, 30_000, 2_000_000_000])
def test_an_image_that_claims_too_many_pixels_is_refused_before_it_is_unpacked(tmp_path, side):
    """A few bytes of PNG: a header with its sizes, and next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(DataError, match=r"bomb\.png.*too many"):
        read_image(path, 4)


def test_fewer_than_two_classes_or_no_folder_is_said(tmp_path):
    save(plain("RGB", "red"), tmp_path / "only" / "1.png")
    with pytest.raises(DataError, match=r"1 subfolder.*two classes"):
        read_folder(str(tmp_path), 4)
    for folder in ("", str(tmp_path / "nowhere")):
        with pytest.raises(DataError, match=r"data\.folder"):
            read_folder(folder, 4)


@pytest.mark.parametrize(
    "ending", ["png", "jpg", "bmp", "gif", "ppm", "webp", "tif", "avif", "jp2", "tga", "pcx", "sgi"]
)
def test_a_file_damaged_in_any_way_is_read_or_left_out_but_ends_nothing(tmp_path, ending, capfd):
    whole = save(Image.effect_noise((40, 50), 50).convert("RGB"), tmp_path / f"whole.{ending}").read_bytes()
    rng = np.random.default_rng(7)
    files = []
    for number in range(24):
        body = bytearray(whole[: rng.integers(len(whole))] if number % 2 else whole)
        for place in rng.integers(0, min(len(body), 200), 5 if body else 0):
            body[place] = rng.integers(256)
        files.append((tmp_path / f"{number}.{ending}", 0))
        files[-1][0].write_bytes(body)
    tally = Tally(tmp_path)
    found = read_pixels(files, 8, tally)
    assert len(found.images) + sum(row.files for row in tally.all()) == len(files)
    assert "PIL" not in capfd.readouterr().err
