"""Small sets of images for tests: one that can be learnt, and one that cannot."""

import torch

from engine.data import Augment, Dataset, Split

PLAIN = Augment()


def stripes(count: int, seed: int) -> Split:
    """Two classes: bright left half or bright upper half, with noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (count,), generator=generator)
    images = torch.randint(0, 100, (count, 1, 8, 8), dtype=torch.uint8, generator=generator)
    images[labels == 0, :, :, :4] += 120
    images[labels == 1, :, :4, :] += 120
    return Split(images, labels)


def noise(count: int, seed: int) -> Split:
    """Two classes that no image tells apart."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (count, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return Split(images, torch.randint(0, 2, (count,), generator=generator))


def striped(train: int, validation: int, test: int, augment: Augment) -> Dataset:
    """So many stripes for each purpose."""
    splits = stripes(train, 0), stripes(validation, 1), stripes(test, 2)
    return Dataset(*splits, classes=("left", "upper"), mean=(0.4,), std=(0.3,), augment=augment)


def noisy(train: int, validation: int, test: int, augment: Augment = PLAIN, seed: int = 0) -> Dataset:
    """So much noise for each purpose."""
    splits = noise(train, seed), noise(validation, seed + 1), noise(test, seed + 2)
    return Dataset(*splits, classes=("no", "yes"), mean=(0.5,), std=(0.25,), augment=augment)
