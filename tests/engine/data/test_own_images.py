"""Folders as people have them: what a class is, which files count, how splits fall, how values scale."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from engine.data import DataError, load
from engine.data.folder import read_folder
from engine.plan.datasets import ImageFolder, Mnist
from tests.engine.data.wild_folders import CASES, COLOURS, fill, picture, put, ramp


def loaded(root, **settings):
    return load(ImageFolder(folder=str(root), image=8, **settings))


def sizes(data):
    """Images of each class in the training, validation and test split."""
    return {row.name: row.splits for row in data.record.classes}


def colours_fit(data):
    """Whether every image has the colour of its class, by the number in the class's name."""
    for part in (data.train, data.validation, data.test):
        for image, label in zip(part.images.float().mean((2, 3)), part.labels.tolist(), strict=True):
            wanted = COLOURS[int(next(sign for sign in data.classes[label] if sign.isdigit())) % 3]
            if (image - torch.tensor(wanted)).abs().max() > 25:
                return False
    return True


@pytest.fixture
def made(tmp_path):
    def make(name):
        CASES[name](tmp_path / name)
        return tmp_path / name

    return make


def test_loose_images_are_no_classes_and_the_names_that_could_be_are_said(made):
    with pytest.raises(DataError, match=r"train/ has 24.*one folder per class \(names begin with cat, dog\)"):
        loaded(made("loose"))


def test_train_val_and_test_are_splits_as_they_stand(made):
    data = loaded(made("splits"), validation_share=0.9)
    assert sizes(data) == {"class0": (12, 6, 6), "class1": (12, 6, 6)}
    assert colours_fit(data)


@pytest.mark.parametrize("names", [("Training", "validation", "Testing"), ("seg_train", "seg_val", "test_set")])
def test_other_names_of_splits_are_known_and_a_folder_around_the_classes_does_no_harm(tmp_path, names):
    for split, count in zip(names, (6, 4, 3), strict=True):
        for label in (0, 1):
            fill(tmp_path / split / split / f"class{label}", label, count)
    assert sizes(loaded(tmp_path)) == {"class0": (6, 4, 3), "class1": (6, 4, 3)}


def test_what_a_set_lacks_is_split_off_its_training_part(tmp_path):
    for split in ("train", "val"):
        for label in (0, 1):
            fill(tmp_path / split / f"class{label}", label, 10)
    assert sizes(loaded(tmp_path, test_share=0.3)) == {"class0": (7, 10, 3), "class1": (7, 10, 3)}
    (tmp_path / "val").rename(tmp_path / "test")
    assert sizes(loaded(tmp_path, validation_share=0.2)) == {"class0": (8, 2, 10), "class1": (8, 2, 10)}


def test_an_unlabelled_test_folder_is_left_out_and_said(tmp_path):
    for label in (0, 1):
        fill(tmp_path / "train" / f"class{label}", label, 10)
    fill(tmp_path / "test", 0, 5)
    data = loaded(tmp_path)
    assert sizes(data) == {"class0": (4, 4, 2), "class1": (4, 4, 2)}
    assert [(row.reason, row.files) for row in data.record.left_out] == [("not in a class's folder", 5)]


def test_a_class_called_train_among_others_is_a_class(tmp_path):
    for label, name in enumerate(("bus", "car", "train")):
        fill(tmp_path / name, label, 5)
    assert loaded(tmp_path).classes == ("bus", "car", "train")


def test_splits_beside_something_else_are_refused_by_name(tmp_path):
    for name in ("train", "test", "extra"):
        for label in (0, 1):
            fill(tmp_path / name / f"class{label}", label, 3)
    with pytest.raises(DataError, match=r"test/, train/ look like splits, extra beside them does not"):
        loaded(tmp_path)


def test_two_folders_for_one_split_are_refused(tmp_path):
    for name in ("train", "test1", "test2"):
        for label in (0, 1):
            fill(tmp_path / name / f"class{label}", label, 3)
    with pytest.raises(DataError, match="more than one folder for the test split"):
        loaded(tmp_path)


def test_a_class_in_some_splits_only_is_said(tmp_path):
    for split, labels in (("train", (0, 1)), ("val", (0,)), ("test", (0, 1))):
        for label in labels:
            fill(tmp_path / split / f"class{label}", label, 4)
    data = loaded(tmp_path)
    assert sizes(data)["class1"] == (4, 0, 4)
    assert data.record.notes == ("class class1 (8 images) without an image in the validation split",)


def test_images_at_any_depth_are_of_the_class_above(made):
    data = loaded(made("nested"))
    assert {name: sum(counts) for name, counts in sizes(data).items()} == {"c0": 10, "c1": 10, "c2": 10}
    assert colours_fit(data)


def test_the_folder_around_the_classes_may_be_named(made):
    root = made("nested")
    assert loaded(root.parent).classes == ("c0", "c1", "c2")
    assert "the classes are the folders in nested" in loaded(root.parent).record.notes


def test_every_ending_that_pillow_reads_counts(made):
    root = made("endings")
    data = loaded(root)
    assert len(data.classes) == 7
    assert {sum(counts) for counts in sizes(data).values()} == {10}
    assert data.record.left_out == ()
    for number in range(3):
        (root / "c0" / f"{number}.heic").write_bytes(b"\0\0\0\x18ftypheic")
    [row] = loaded(root).record.left_out
    assert (row.reason, row.files, row.example) == (".heic is not read here", 3, "c0/0.heic")


def test_a_class_of_images_that_cannot_be_read_is_lost_and_that_is_fatal(made):
    root = made("nested")
    (root / "c9").mkdir()
    (root / "c9" / "a.heic").write_bytes(b"\0")
    with pytest.raises(DataError, match=r"class c9 has no image that can be read.*1 \.heic is not read here"):
        loaded(root)


def test_a_rare_class_is_trained_on_and_said_to_be_in_no_other_split(made):
    data = loaded(made("rare"))
    assert sizes(data)["pos"] == (1, 0, 0)
    assert data.record.notes == ("class pos (1 image) without an image in the validation and the test split",)


@pytest.mark.parametrize(("count", "wanted"), [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (4, (2, 1, 1))])
@pytest.mark.parametrize("seed", range(3))
def test_every_class_is_in_each_split_that_it_is_large_enough_for(tmp_path, count, wanted, seed):
    fill(tmp_path / "many", 0, 40)
    fill(tmp_path / "few", 1, count)
    found = sizes(loaded(tmp_path, split_seed=seed, validation_share=0.3, test_share=0.1))["few"]
    assert sum(found) == count
    assert [size > 0 for size in found] == [size > 0 for size in wanted]


def spans(root):
    """The grey values of the first image, and the smallest and largest of all."""
    found = read_folder(str(root), 32)
    assert (found.rest.images == found.rest.images[:1, :1]).all()
    return found.rest.images[0, 0].ravel(), found.notes


RAMP = np.linspace(0, 1, 1024)


@pytest.mark.parametrize(
    ("values", "ending", "white"),
    [
        ((RAMP * 4095).astype(np.uint16), "png", "4095"),
        ((RAMP * 1023).astype(np.uint16), "tif", "1023"),
        ((RAMP * 65535).astype(np.uint16), "png", "65535"),
        (RAMP.astype(np.float32), "tif", "1"),
        ((RAMP * 255).astype(np.float32), "tif", "255"),
        ((RAMP * 7 - 3).astype(np.float32), "tif", "4"),
        ((RAMP * 255).astype(np.int32), "tif", "255"),
        ((RAMP * 4000 - 1000).astype(np.int32), "tif", "3000"),
        ((RAMP * 1_000_000).astype(np.int32), "tif", "1e+06"),
    ],
)
def test_a_grey_ramp_of_any_depth_spans_the_range(tmp_path, values, ending, white):
    ramp(tmp_path, values, ending)
    grey, [note] = spans(tmp_path)
    np.testing.assert_allclose(grey, RAMP * 255, atol=1.0)
    assert note.startswith("8 ")
    assert note.endswith(f"{white} is white")


def test_one_scale_serves_the_whole_set_so_that_dark_images_stay_dark(tmp_path):
    for name, top in (("dark", 400), ("light", 4000)):
        for number in range(3):
            put(tmp_path / name / f"{number}.png", Image.fromarray(np.full((8, 8), top, np.uint16)))
    images = read_folder(str(tmp_path), 8).rest.images
    assert [int(image.mean()) for image in images] == [25] * 3 + [249] * 3


def test_images_that_are_nearly_of_one_tone_are_said_to_be(tmp_path):
    for name in "ab":
        for number in range(3):
            put(tmp_path / name / f"{number}.png", Image.new("RGB", (8, 8), (number, 3, 9)))
    assert read_folder(str(tmp_path), 8).notes == (
        "values of all images only span 0 to 9 of 255: they are nearly of one tone",
    )


def test_float_values_that_are_no_numbers_leave_their_file_out(tmp_path):
    ramp(tmp_path, RAMP.astype(np.float32), "tif")
    put(tmp_path / "a" / "0.tif", Image.fromarray(np.full((8, 8), np.nan, np.float32)))
    [row] = read_folder(str(tmp_path), 8).left_out
    assert (row.reason, row.example) == ("holds values that are no numbers", "a/0.tif")


def test_files_that_cannot_be_read_are_counted_by_reason_and_end_nothing(tmp_path):
    for label, name in enumerate(("c0", "c1")):
        fill(tmp_path / name, label, 6)
    whole = put(tmp_path / "c0" / "short.jpg", picture(0, (64, 64))).read_bytes()
    (tmp_path / "c0" / "short.jpg").write_bytes(whole[:400])
    (tmp_path / "c0" / "page.jpg").write_bytes(b"<html>not found</html>")
    (tmp_path / "c1" / "page.png").write_bytes(b"<html>not found</html>")
    (tmp_path / "c1" / "none.png").write_bytes(b"")
    (tmp_path / "c1" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "c1" / "data.csv").write_text("a,b")
    os.mkfifo(tmp_path / "c1" / "pipe.png")
    data = loaded(tmp_path)
    assert {name: sum(counts) for name, counts in sizes(data).items()} == {"c0": 6, "c1": 6}
    reasons = {row.reason: row.files for row in data.record.left_out}
    assert reasons == {
        "damaged, or of a kind that is not read": 2,
        "damaged or cut short": 1,
        "empty": 1,
        "a link to nothing": 1,
        "a device or the like": 1,
        "no image by its ending .csv": 1,
    }
    assert all("\n" not in line for line in (data.record.summary, *data.record.warnings))


def test_links_are_followed_but_never_in_a_circle(tmp_path):
    real = fill(tmp_path / "elsewhere", 0, 4)
    root = tmp_path / "set"
    fill(root / "c1", 1, 4)
    (root / "c0").symlink_to(real)
    (root / "c1" / "again").symlink_to(root)
    data = loaded(root)
    assert {name: sum(counts) for name, counts in sizes(data).items()} == {"c0": 4, "c1": 4}
    assert [row.reason for row in data.record.left_out] == ["a folder within itself"]


def test_what_is_too_much_for_the_memory_is_refused_before_it_is_taken(tmp_path, monkeypatch):
    for label in (0, 1):
        fill(tmp_path / f"c{label}", label, 3)
    monkeypatch.setattr("engine.data.folder.LARGEST_SET", 6 * 3 * 8 * 8 - 1)
    monkeypatch.setattr(np, "empty", None)
    with pytest.raises(DataError, match=r"6 images take more.*smaller data\.image than 8"):
        loaded(tmp_path)


def test_the_record_says_what_is_in_each_split_in_one_line(made):
    record = loaded(made("splits")).record
    assert record.summary.startswith("2 classes (class0, class1), 48 images: 24 training, 12 validation, 12 test; ")
    assert record.splits == (24, 12, 12)
    assert record.smallest(1).validation == 6
    assert 0 <= record.low < 30
    assert 220 <= record.high <= 255


def test_mnist_as_torchvision_keeps_it_is_found_and_a_folder_of_images_says_where_to_look(made):
    root = made("mnist")
    data = load(Mnist(folder=str(root)))
    assert data.classes == tuple("0123456789")
    assert data.record.splits == (50, 50, 40)
    with pytest.raises(DataError, match="is it MNIST, EMNIST or Fashion-MNIST"):
        loaded(root)
