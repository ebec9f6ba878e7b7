"""From a plan's data settings to a data set on a device: read, split, note how images are fed."""

import torch

from engine.data.augment import Augment
from engine.data.dataset import DataError, Dataset, Labelled, Reading, Split
from engine.plan import READERS, DataSettings


def load(settings: DataSettings, device: torch.device | str = "cpu") -> Dataset:
    """The data set that `settings` describe, on `device`.

    Images are put in an order that `split_seed` decides. A set without a test part of its own gives up the first
    `test_share` of them; of those that remain, at most `limit` are used, and the first `validation_share` of these
    become the validation split. Plainly at random: classes are not balanced between splits. Raises DataError.
    """
    found = Reading(*READERS.of(settings)(settings))
    rest, test = _split(found.rest), None if found.test is None else _split(found.test)
    order = torch.randperm(len(rest), generator=torch.Generator().manual_seed(settings.split_seed))
    if test is None:
        count = _share("test", settings.test_share, len(rest))
        test, order = rest[order[:count]], order[count:]
    if settings.limit:
        order = order[: settings.limit]
    count = _share("validation", settings.validation_share, len(order))
    width = rest.images.shape[3]
    return Dataset(
        train=rest[order[count:]],
        validation=rest[order[:count]],
        test=test,
        classes=found.classes,
        mean=settings.mean,
        std=settings.std,
        augment=Augment(round(settings.crop * width), settings.flip, round(settings.cutout * width)),
    ).to(device)


def _split(labelled: Labelled) -> Split:
    images, labels = labelled
    return Split(torch.tensor(images), torch.tensor(labels))


def _share(name: str, share: float, count: int) -> int:
    """How many of `count` images a share is. A split needs two images: batch norm cannot work on one."""
    part = round(share * count)
    if not 2 <= part <= count - 2:
        raise DataError(f"data.{name}_share: {share} of {count} images leaves a split with fewer than 2 images")
    return part
