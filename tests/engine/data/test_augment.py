"""Crop, flip and cutout of whole batches, against the same done to one image after the other in plain loops."""

import numpy as np
import pytest
import torch

from engine.data.augment import Augment, Draws, cut_out, draw, moved


def images(count: int = 6, channels: int = 3, height: int = 8, width: int = 10) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(1, 256, (count, channels, height, width), dtype=torch.uint8, generator=generator)


def slow_move(image: np.ndarray, crop: int, shift: tuple[int, int] | None, mirror: bool) -> np.ndarray:
    """Pad with black, cut a window, mirror it: one pixel after the other."""
    channels, height, width = image.shape
    down, right = shift if shift else (crop, crop)
    out = np.zeros_like(image)
    for c in range(channels):
        for y in range(height):
            for x in range(width):
                row, column = y + down - crop, x + right - crop
                if 0 <= row < height and 0 <= column < width:
                    out[c, y, width - 1 - x if mirror else x] = image[c, row, column]
    return out


def slow_cut(image: np.ndarray, side: int, centre: tuple[int, int]) -> np.ndarray:
    out = image.copy()
    for y in range(image.shape[1]):
        for x in range(image.shape[2]):
            if all(at - side // 2 <= place < at - side // 2 + side for place, at in zip((y, x), centre, strict=True)):
                out[:, y, x] = 0
    return out


@pytest.mark.parametrize("augment", [Augment(crop=2), Augment(flip=True), Augment(crop=3, flip=True), Augment()])
def test_crop_and_flip_equal_the_slow_way(augment):
    batch = images()
    draws = draw(augment, len(batch), 8, 10, torch.Generator().manual_seed(1))
    out = moved(batch, augment, draws)
    assert out.dtype == torch.uint8
    for index, image in enumerate(batch.numpy()):
        shift = None if draws.shift is None else tuple(draws.shift[index].tolist())
        mirror = draws.mirror is not None and bool(draws.mirror[index])
        np.testing.assert_array_equal(out[index], slow_move(image, augment.crop, shift, mirror))


@pytest.mark.parametrize("side", [1, 4, 5, 30])
def test_cutout_equals_the_slow_way(side):
    augment = Augment(cutout=side)
    batch = images().float()
    draws = draw(augment, len(batch), 8, 10, torch.Generator().manual_seed(2))
    out = cut_out(batch.clone(), augment, draws)
    for index, image in enumerate(batch.numpy()):
        np.testing.assert_array_equal(out[index], slow_cut(image, side, tuple(draws.centre[index].tolist())))


def test_draws_cover_all_that_is_possible_evenly():
    augment = Augment(crop=1, flip=True, cutout=2)
    draws = draw(augment, 9000, 3, 4, torch.Generator().manual_seed(3))
    places, counts = draws.shift.unique(dim=0, return_counts=True)
    assert places.tolist() == [[y, x] for y in range(3) for x in range(3)]
    assert counts.min() > 1000 - 4 * 30  # binomial, four standard deviations
    assert counts.max() < 1000 + 4 * 30
    assert abs(draws.mirror.float().mean() - 0.5) < 0.022
    assert draws.centre.amin(0).tolist() == [0, 0]
    assert draws.centre.amax(0).tolist() == [2, 3]


def test_images_of_one_batch_are_drawn_apart():
    augment = Augment(crop=2, flip=True, cutout=4)
    draws = draw(augment, 64, 8, 8, torch.Generator().manual_seed(4))
    assert all(len(part.unique(dim=0)) > 1 for part in (draws.shift, draws.mirror, draws.centre))


def test_what_is_not_asked_for_is_not_drawn():
    generator = torch.Generator().manual_seed(5)
    before = generator.get_state()
    assert draw(Augment(), 10, 8, 8, generator) == Draws(None, None, None)
    assert torch.equal(generator.get_state(), before)
