"""Batches: every image once an epoch, the same for the same generator, and to be continued anywhere."""

import math

import pytest
import torch

from engine.data import Augment, Batches, Split, in_order
from engine.data.augment import Draws


def split(count: int = 10, channels: int = 1, side: int = 4) -> Split:
    """Images that are their own number all over; label = number."""
    numbers = torch.arange(count)
    images = numbers.to(torch.uint8).reshape(-1, 1, 1, 1).expand(count, channels, side, side).contiguous()
    return Split(images, numbers)


def batches(data: Split, batch: int, augment: Augment = Augment(), seed: int = 0) -> Batches:  # noqa: B008 - frozen
    return Batches(data, batch, augment, [0.0], [1 / 255], torch.Generator().manual_seed(seed))


def same(one: tuple[torch.Tensor, torch.Tensor], other: tuple[torch.Tensor, torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_an_epoch_has_every_image_once_with_its_label():
    rows = batches(split(10), 4)
    assert len(rows) == 3
    orders = []
    for _ in range(2):
        epoch = list(rows.epoch())
        assert [len(labels) for _, labels in epoch] == [4, 4, 2]
        labels = torch.cat([labels for _, labels in epoch])
        numbers = torch.cat([images for images, _ in epoch])[:, 0, 0, 0]
        torch.testing.assert_close(numbers, labels.float())
        assert sorted(labels.tolist()) == list(range(10))
        orders.append(labels.tolist())
    assert orders[0] != orders[1]


@pytest.mark.parametrize(("count", "batch", "sizes"), [(9, 4, [4, 4]), (9, 3, [3, 3, 3]), (5, 50, [5])])
def test_a_single_image_is_never_a_batch(count, batch, sizes):
    assert [len(labels) for _, labels in batches(split(count), batch).epoch()] == sizes


def test_normalisation_takes_each_channels_mean_and_spread_out():
    torch.manual_seed(0)
    data = Split(torch.randint(0, 256, (6, 3, 4, 4), dtype=torch.uint8), torch.arange(6))
    mean, std = (0.5, 0.25, 0.1), (0.2, 0.3, 0.4)
    expected = (data.images.double() / 255 - torch.tensor(mean).reshape(3, 1, 1)) / torch.tensor(std).reshape(3, 1, 1)
    parts = list(in_order(data, 4, mean, std))
    torch.testing.assert_close(torch.cat([images for images, _ in parts]).double(), expected, rtol=1e-5, atol=1e-5)
    assert torch.cat([labels for _, labels in parts]).tolist() == list(range(6))
    rows = Batches(data, 6, Augment(), mean, std, torch.Generator().manual_seed(0))
    images, labels = rows.next()
    torch.testing.assert_close(images.double(), expected[labels], rtol=1e-5, atol=1e-5)


def test_images_are_laid_out_channels_last_augmented_or_not():
    data = split(6, channels=3)
    for augment in (Augment(), Augment(crop=1, flip=True, cutout=2)):
        images, _ = batches(data, 4, augment).next()
        assert images.is_contiguous(memory_format=torch.channels_last)


def test_black_comes_in_at_the_edges_before_and_cutout_is_zero_after_normalisation():
    data = Split(torch.full((64, 1, 8, 8), 255, dtype=torch.uint8), torch.zeros(64, dtype=torch.int64))
    cropped = Batches(data, 64, Augment(crop=1), [0.5], [0.5], torch.Generator().manual_seed(0))
    torch.testing.assert_close(cropped.next()[0].unique(), torch.tensor([-1.0, 1.0]))
    cut = Batches(data, 64, Augment(cutout=4), [0.5], [0.5], torch.Generator().manual_seed(0))
    torch.testing.assert_close(cut.next()[0].unique(), torch.tensor([0.0, 1.0]))


def test_fresh_batches_do_not_repeat_an_image_and_reach_all_of_them():
    rows = batches(split(10), 4)
    seen = set()
    for _ in range(20):
        _, labels = rows.fresh()
        assert len(set(labels.tolist())) == 4
        seen |= set(labels.tolist())
    assert seen == set(range(10))


def test_the_row_is_a_function_of_the_generator():
    everything = Augment(crop=1, flip=True, cutout=2)
    one, other, third = (batches(split(10), 4, everything, seed) for seed in (1, 1, 2))
    rows = [[row.next() for _ in range(8)] for row in (one, other, third)]
    assert all(map(same, rows[0], rows[1]))
    assert not all(map(same, rows[0], rows[2]))


@pytest.mark.parametrize("taken", range(8))
def test_a_row_goes_on_from_its_state_to_the_bit(taken):
    """Before the first batch, within an epoch, at its end, and with fresh batches in between."""
    everything = Augment(crop=1, flip=True, cutout=2)
    row = batches(split(10), 4, everything)
    for _ in range(taken):
        row.next()
        if taken % 2:
            row.fresh()
    state = row.state()
    expected = [row.next(), row.fresh(), *(row.next() for _ in range(6))]
    copy = batches(split(10), 4, everything, seed=99)
    copy.load(state)
    assert all(map(same, expected, [copy.next(), copy.fresh(), *(copy.next() for _ in range(6))]))


def test_a_state_is_a_snapshot():
    row = batches(split(10), 4)
    row.next()
    state = row.state()
    expected = row.next()
    for _ in range(5):
        row.next()
    row.load(state)
    assert same(row.next(), expected)


def test_mirroring_happens_half_of_the_time():
    """Over many images, seen through the pixels themselves."""
    count = 4000
    images = torch.zeros(count, 1, 2, 2, dtype=torch.uint8)
    images[..., 0] = 255
    data = Split(images, torch.zeros(count, dtype=torch.int64))
    out, _ = batches(data, count, Augment(flip=True)).next()
    share = (out[:, 0, 0, 1] > 0).float().mean().item()
    assert abs(share - 0.5) < 4 * math.sqrt(0.25 / count)


def test_draws_are_cut_like_the_order():
    draws = Draws(torch.arange(12).reshape(6, 2), None, torch.arange(12).reshape(6, 2))
    part = draws[slice(2, 4)]
    assert part.shift.tolist() == [[4, 5], [6, 7]]
    assert part.mirror is None
