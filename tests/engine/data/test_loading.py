"""From settings to splits: disjoint, complete, the same for the same seed, sized as asked."""

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from engine.data import Augment, DataError, Dataset, load
from engine.data.digits import read
from engine.data.splitting import apportioned
from engine.plan.datasets import Cifar10, Digits, FashionMnist, ImageFolder


def rows(data: Dataset) -> list[set[bytes]]:
    """The distinct images in train, validation and test."""
    return [{image.tobytes() for image in part.images.numpy()} for part in (data.train, data.validation, data.test)]


def test_digits_are_split_as_asked_with_no_image_in_two_places():
    data = load(Digits(test_share=0.2, validation_share=0.25, split_seed=3), "cpu")
    assert (len(data.test), len(data.validation), len(data.train)) == (359, 360, 1078)
    train, validation, test = rows(data)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert train | validation | test == {image.tobytes() for image in read().images}
    assert data.classes == tuple("0123456789")
    assert data.channels == 1


def test_images_keep_their_labels():
    whole = read()
    label_of = {image.tobytes(): label for image, label in zip(whole.images, whole.labels, strict=True)}
    data = load(Digits(split_seed=1), "cpu")
    for part in (data.train, data.validation, data.test):
        assert [label_of[image.tobytes()] for image in part.images.numpy()] == part.labels.tolist()


def test_digits_use_the_whole_range_and_the_plans_mean_and_spread_are_theirs():
    images = read().images
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 255)
    assert abs(images.mean() / 255 - Digits().mean[0]) < 2e-3
    assert abs(images.std() / 255 - Digits().std[0]) < 2e-3


def test_digits_are_those_that_scikit_learn_loads():
    expected, digits = load_digits(), read()
    assert np.array_equal(digits.images[:, 0], np.rint(expected.images * 255 / 16))
    assert digits.labels.tolist() == expected.target.tolist()


def test_the_split_follows_from_the_seed():
    one, same, other = (load(Digits(split_seed=seed), "cpu") for seed in (5, 5, 6))
    assert torch.equal(one.train.images, same.train.images)
    assert not torch.equal(one.train.images, other.train.images)


def test_a_limit_takes_part_of_the_images_to_search_with_and_leaves_the_test_part():
    whole, part = load(Digits(), "cpu"), load(Digits(limit=100, validation_share=0.25), "cpu")
    assert (len(part.train), len(part.validation)) == (75, 25)
    assert torch.equal(part.test.images, whole.test.images)
    assert rows(part)[0] | rows(part)[1] < rows(whole)[0] | rows(whole)[1]
    assert len(load(Digits(limit=10**6), "cpu").train) == len(whole.train)


def test_augmentation_is_scaled_to_the_image():
    data = load(Digits(crop=0.125, flip=True, cutout=0.5), "cpu")
    assert data.augment == Augment(crop=1, flip=True, cutout=4)
    assert load(Digits(crop=0.0, cutout=0.0), "cpu").augment == Augment()


def test_a_share_that_leaves_too_few_images_is_refused():
    with pytest.raises(DataError, match=r"data\.validation_share: 0\.0001"):
        load(msgspec.structs.replace(Digits(), validation_share=0.0001), "cpu")


def test_a_folder_becomes_three_splits_in_colour(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.new("RGB", (5, 7), (number, ord(name), 0)).save(tmp_path / name / f"{number}.png")
    data = load(ImageFolder(folder=str(tmp_path), image=8, test_share=0.2, validation_share=0.5), "cpu")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [8, 8, 4]
    assert data.train.images.shape[1:] == (3, 8, 8)
    assert data.classes == ("a", "b")
    for part in (data.train, data.validation, data.test):
        assert [ord("a") + label for label in part.labels.tolist()] == part.images[:, 1, 0, 0].tolist()


def test_absent_data_is_one_clear_line(tmp_path):
    for settings in (FashionMnist(folder=str(tmp_path)), Cifar10(), Cifar10(folder=str(tmp_path)), ImageFolder()):
        with pytest.raises(DataError) as caught:
            load(settings, "cpu")
        assert "\n" not in str(caught.value)


def test_a_data_set_goes_to_another_device_whole():
    data = load(Digits(), "cpu").to("meta")
    assert {part.images.device.type for part in (data.train, data.validation, data.test)} == {"meta"}


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("seed", range(20))
def test_classes_are_shared_out_in_proportion_to_the_whole_image(seed, kept):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 60, rng.integers(2, 12))
    total = int(rng.integers(0, counts.sum() + 1))
    taken = apportioned(counts, total, kept)
    assert (taken <= np.maximum(counts - kept, 0)).all()
    assert (taken[counts > kept] >= 1).all()
    least, most = (counts > kept).sum(), np.maximum(counts - kept, 0).sum()
    assert taken.sum() == np.clip(total, least, most)
    if least < total < most and kept == 0:
        off = np.abs(taken - counts * total / counts.sum())
        assert (off[taken > 1] < 2).all()


def test_each_class_of_a_set_is_shared_out_as_the_whole():
    data = load(Digits(test_share=0.2, validation_share=0.5), "cpu")
    whole = np.bincount(read().labels)
    for row, count in zip(data.record.classes, whole, strict=True):
        np.testing.assert_allclose(row.splits, (count * 0.4, count * 0.4, count * 0.2), atol=1.5)


def test_a_set_of_pairs_still_has_a_test_part(tmp_path):
    for number in range(20):
        (tmp_path / f"c{number}").mkdir()
        for which in range(2):
            Image.new("RGB", (8, 8), (number, which, 0)).save(tmp_path / f"c{number}" / f"{which}.png")
    record = load(ImageFolder(folder=str(tmp_path), image=8, test_share=0.2, validation_share=0.3)).record
    assert record.splits[2] == 8
    assert all(row.train for row in record.classes)


def test_a_part_of_one_image_is_refused_in_one_line(tmp_path):
    for split, count in (("train", 8), ("val", 1)):
        for name in "ab"[: 2 if split == "train" else 1]:
            (tmp_path / split / name).mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / split / name / f"{number}.png")
    with pytest.raises(DataError, match="the validation split has 1 image; it needs 2 at least"):
        load(ImageFolder(folder=str(tmp_path), image=8))
