"""Arrays of images in .npz files: MedMNIST's and Keras's names, any kind of number, and files that lie."""

import io
import zipfile

import numpy as np
import pytest

from engine.data import DataError, load
from engine.data.npz import is_image_arrays, read_npz
from engine.plan.datasets import ImageArrays

RNG = np.random.default_rng(0)


def images(count, *shape):
    return RNG.integers(0, 256, (count, *shape)).astype(np.uint8)


def medmnist(path, *shape, **replaced):
    arrays = {}
    for split, count in (("train", 12), ("val", 6), ("test", 8)):
        arrays[f"{split}_images"] = images(count, *shape)
        arrays[f"{split}_labels"] = (np.arange(count) % 3).astype(np.uint8)[:, None]
    np.savez_compressed(path, **{name: array for name, array in (arrays | replaced).items() if array is not None})
    return path, arrays | replaced


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (28, 28, 1), (3, 28, 28), (1, 28, 28)])
def test_medmnists_arrays_are_taken_in_their_splits(tmp_path, shape):
    path, arrays = medmnist(tmp_path / "x.npz", *shape)
    data = load(ImageArrays(folder=str(path)))
    assert data.record.splits == (12, 6, 8)
    assert data.classes == ("0", "1", "2")
    assert data.validation.labels.tolist() == [0, 1, 2, 0, 1, 2]
    wanted = arrays["val_images"]
    if shape[-1] in (1, 3):
        wanted = np.moveaxis(wanted, -1, 1)
    wanted = wanted.reshape(6, -1, 28, 28)
    np.testing.assert_array_equal(data.validation.images.numpy(), np.repeat(wanted, 3 // wanted.shape[1], 1))


def test_kerass_names_are_known_and_the_validation_part_is_split_off(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=images(20, 8, 8), y_train=np.arange(20) % 2 * 7, x_test=images(6, 8, 8), y_test=np.zeros(6))
    data = load(ImageArrays(folder=str(path), image=8))
    assert data.classes == ("0", "7")
    assert [tuple(row.splits) for row in data.record.classes] == [(5, 5, 6), (5, 5, 0)]
    assert "class 7 (10 images) without an image in the test split" in data.record.notes


def test_arrays_without_splits_are_split(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, images=images(20, 8, 8), labels=np.arange(20) % 2)
    assert load(ImageArrays(folder=str(path), image=8)).record.splits == (8, 8, 4)


@pytest.mark.parametrize(
    ("values", "white"),
    [
        (np.linspace(0, 1, 256).astype(np.float32), "1"),
        (np.linspace(-1, 1, 256), "1"),
        (np.linspace(0, 4095, 256).astype(np.uint16), "4095"),
        (np.arange(256).astype(np.int64), "255"),
    ],
)
def test_numbers_of_any_kind_span_the_range_and_the_scale_is_said(tmp_path, values, white):
    ramp = np.broadcast_to(values.reshape(16, 16), (8, 16, 16))
    path = tmp_path / "x.npz"
    np.savez(path, train_images=ramp, train_labels=np.arange(8) % 2)
    found = read_npz(str(path), 16)
    np.testing.assert_allclose(found.rest.images[0, 0].ravel(), np.linspace(0, 255, 256), atol=1)
    assert found.notes[0].endswith(f"{white} is white")


def test_images_are_resized_to_the_plans_size(tmp_path):
    path, _ = medmnist(tmp_path / "x.npz", 28, 28)
    assert read_npz(str(path), 12).rest.images.shape == (12, 3, 12, 12)


@pytest.mark.parametrize(
    ("replaced", "says"),
    [
        ({"train_images": None}, "no train_images with train_labels"),
        ({"train_labels": np.zeros((12, 14), np.uint8)}, "14 labels per image"),
        ({"train_labels": np.linspace(0, 1, 12)}, "no whole numbers"),
        ({"train_labels": np.zeros(5, np.uint8)}, "5 labels for the 12 images"),
        ({"train_labels": np.array(["cat"] * 12)}, "train_labels is <U3"),
        ({"train_labels": np.array([{}] * 12, object)}, "train_labels is object"),
        ({"train_images": images(12, 28, 28, 28)}, "has shape"),
        ({"train_images": np.full((12, 28, 28), np.nan)}, "no numbers"),
        ({f"{split}_labels": np.zeros(n, np.uint8) for split, n in (("train", 12), ("val", 6), ("test", 8))},
         "1 different labels"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_images_with_classes_are_refused_in_one_line(tmp_path, replaced, says):
    path, _ = medmnist(tmp_path / "x.npz", 28, 28, **replaced)
    with pytest.raises(DataError, match=says) as caught:
        read_npz(str(path), 28)
    assert "\n" not in str(caught.value)


def header(shape, dtype="|u1"):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (header((1 << 40, 28, 28)), "at most 8 GB"),
        (header((12, 28, 28)), "cut short"),
        (header((-12, 28, 28)), "at most 8 GB"),
        (header((12, 28, 28), "|O"), "object"),
        (b"\x93NUMPY\x01\x00\xff\xff", "no array that can be read"),
        (b"", "no array that can be read"),
    ],
)
def test_an_array_that_lies_about_itself_takes_no_memory(tmp_path, content, says):
    path = tmp_path / "x.npz"
    labels = io.BytesIO()
    np.save(labels, np.arange(12))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train_images.npy", content)
        archive.writestr("train_labels.npy", labels.getvalue())
    with pytest.raises(DataError, match=says):
        read_npz(str(path), 28)


def test_what_is_no_npz_file_is_said_and_a_table_of_scores_is_no_set_of_images(tmp_path):
    path = tmp_path / "x.npz"
    for content in (b"", b"PK\x03\x04 no zip"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"x\.npz"):
            read_npz(str(path), 28)
        assert not is_image_arrays(path)
    np.savez(path, ops=np.zeros((5, 6)), val_acc_12ep=np.zeros(5))
    assert not is_image_arrays(path)
    assert is_image_arrays(medmnist(path, 8, 8)[0])
    with pytest.raises(DataError, match=r"data\.folder"):
        read_npz("", 28)
