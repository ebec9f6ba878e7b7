"""IDX files: the real Fashion-MNIST where it is installed, and small ones, right and wrong, written here."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.data import DataError
from engine.data.idx import EMNIST_CLASSES, FASHION_FOLDER, read_emnist, read_fashion, read_idx, read_mnist


def idx(array: np.ndarray, magic: int | None = None, shape: tuple[int, ...] | None = None) -> bytes:
    magic = 0x0800 + array.ndim if magic is None else magic
    sizes = array.shape if shape is None else shape
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + array.astype(np.uint8).tobytes()


IMAGES = np.arange(5 * 3 * 4).reshape(5, 3, 4)
LABELS = np.array([0, 1, 2, 3, 9])


def write(folder: Path, packed: bool = False, **replaced: bytes) -> Path:
    contents = {
        f"{part}-{kind}": idx(array)
        for part in ("train", "t10k")
        for kind, array in (("images-idx3-ubyte", IMAGES), ("labels-idx1-ubyte", LABELS))
    }
    contents.update({name.replace("_", "-"): content for name, content in replaced.items()})
    for name, content in contents.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_both_parts_are_read_gzipped_or_plain(tmp_path, packed):
    for part in read_fashion(str(write(tmp_path, packed)))[:2]:
        np.testing.assert_array_equal(part.images[:, 0], IMAGES)
        np.testing.assert_array_equal(part.labels, LABELS)


def test_names_with_a_dot_are_found_too(tmp_path):
    for path in list(write(tmp_path).iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert len(read_fashion(str(tmp_path))[0].labels) == 5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (idx(IMAGES, magic=0x0801), "begins with 0x00000801"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "begins with"),
        (idx(IMAGES)[:9], "cut short"),
        (b"", "cut short"),
        (idx(IMAGES)[:-1], "less data"),
        (idx(IMAGES) + b"!", "more data"),
        (idx(IMAGES, shape=(6, 3, 4)), "less data"),
        (idx(IMAGES, shape=(2**32 - 1, 2**32 - 1, 2**32 - 1)), "cannot be"),
        (idx(IMAGES, shape=(5, 0, 4)), "cannot be"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_file_is_named_with_its_fault(tmp_path, content, says, packed):
    write(tmp_path, packed, train_images_idx3_ubyte=content)
    with pytest.raises(DataError, match=rf"train-images.*{says}") as caught:
        read_fashion(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_gzip_file_cut_short_or_garbled_is_refused(tmp_path):
    write(tmp_path, packed=True)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    whole = path.read_bytes()
    for broken in (whole[:-9], whole[:12] + b"\xff\xff\xff" + whole[15:], b"no gzip at all"):
        path.write_bytes(broken)
        with pytest.raises(DataError, match="train-labels"):
            read_fashion(str(tmp_path))


def test_labels_must_match_the_images_and_the_classes(tmp_path):
    write(tmp_path, train_labels_idx1_ubyte=idx(LABELS[:4]))
    with pytest.raises(DataError, match="4 labels for 5 images"):
        read_fashion(str(tmp_path))
    write(tmp_path, train_labels_idx1_ubyte=idx(LABELS + 1))
    with pytest.raises(DataError, match="label 10"):
        read_fashion(str(tmp_path))


def test_an_absent_folder_or_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere.*data\.folder"):
        read_fashion(str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="train-images-idx3-ubyte"):
        read_fashion(str(tmp_path))


def test_a_promise_of_much_data_allocates_nothing(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(idx(IMAGES, shape=(1 << 16, 1 << 7, 1 << 7)))  # exactly the limit, 1 GiB
    with pytest.raises(DataError, match="less data"):
        read_idx(path, 3)


@pytest.mark.parametrize("inner", ["MNIST/raw", "raw", "MNIST", "."])
def test_mnist_is_found_where_torchvision_puts_it_and_its_digits_are_digits(tmp_path, inner):
    (tmp_path / inner).mkdir(parents=True, exist_ok=True)
    write(tmp_path / inner)
    train, test, classes = read_mnist(str(tmp_path))
    assert classes == tuple("0123456789")
    np.testing.assert_array_equal(train.images[:, 0], IMAGES)
    np.testing.assert_array_equal(test.labels, LABELS)


def test_mnists_files_are_digits_also_where_clothes_were_expected(tmp_path):
    for name in ("MNIST", "FashionMNIST"):
        (tmp_path / name / "raw").mkdir(parents=True)
        write(tmp_path / name / "raw")
    assert read_fashion(str(tmp_path))[2][0] == "T-shirt/top"
    assert (
        read_fashion(str(tmp_path / "MNIST"))[2] == read_fashion(str(tmp_path / "MNIST/raw"))[2] == tuple("0123456789")
    )


@pytest.mark.parametrize(("part", "first", "names"), [("letters", 1, "abcde"), ("balanced", 0, "01234")])
@pytest.mark.parametrize("inner", [".", "gzip", "EMNIST/raw"])
def test_emnist_is_upright_and_named_by_its_letters(tmp_path, part, first, names, inner):
    (tmp_path / inner).mkdir(parents=True, exist_ok=True)
    labels = np.arange(5) + first
    for name in ("train", "test"):
        for kind, content in (("images-idx3", IMAGES), ("labels-idx1", labels)):
            path = tmp_path / inner / f"emnist-{part}-{name}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(idx(content)))
    train, _, classes = read_emnist(str(tmp_path), part)
    assert "".join(classes[label] for label in train.labels) == names
    np.testing.assert_array_equal(train.images[:, 0], IMAGES.transpose(0, 2, 1))


def test_emnists_sets_have_as_many_classes_as_published():
    sizes = {"balanced": 47, "bymerge": 47, "byclass": 62, "letters": 26, "digits": 10, "mnist": 10}
    assert {part: len(classes) for part, classes in EMNIST_CLASSES.items()} == sizes
    assert all(len(set(classes)) == len(classes) for classes in EMNIST_CLASSES.values())


@pytest.mark.skipif(not FASHION_FOLDER.is_dir(), reason="Fashion-MNIST is not installed")
def test_the_installed_fashion_mnist_is_as_published():
    train, test, _ = read_fashion("")
    assert train.images.shape == (60_000, 1, 28, 28)
    assert np.bincount(train.labels).tolist() == [6_000] * 10
    assert np.bincount(test.labels).tolist() == [1_000] * 10
    assert abs(train.images.mean() / 255 - 0.2860) < 1e-4
