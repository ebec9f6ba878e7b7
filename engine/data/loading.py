"""From a plan's data settings to a data set on a device: read, split, note how images are fed."""

import torch

from engine.data import cifar, digits, folder, idx
from engine.data.arrays import DataError, Labelled
from engine.data.augment import Augment
from engine.data.dataset import Dataset, Split
from engine.plan import Cifar10, Cifar100, Data, Digits, FashionMnist, ImageFolder


def load(settings: Data, device: torch.device | str = "cpu") -> Dataset:
    """The data set that `settings` describe, on `device`.

    Images are put in an order that `split_seed` decides. A set without a test part of its own gives up the first
    `test_share` of them; of those that remain, at most `limit` are used, and the first `validation_share` of these
    become the validation split. Plainly at random: classes are not balanced between splits. Raises DataError.
    """
    rest, test, classes = _parts(settings)
    order = torch.randperm(len(rest), generator=torch.Generator().manual_seed(settings.split_seed))
    if test is None:
        count = _share("test", settings.test_share, len(rest))  # type: ignore[union-attr]
        test, order = rest[order[:count]], order[count:]
    if settings.limit:
        order = order[: settings.limit]
    count = _share("validation", settings.validation_share, len(order))
    width = rest.images.shape[3]
    return Dataset(
        train=rest[order[count:]],
        validation=rest[order[:count]],
        test=test,
        classes=classes,
        mean=settings.mean,
        std=settings.std,
        augment=Augment(round(settings.crop * width), settings.flip, round(settings.cutout * width)),
    ).to(device)


def _parts(settings: Data) -> tuple[Split, Split | None, tuple[str, ...]]:
    """The images to search with, the test part where the set has one, and the names of the classes."""
    match settings:
        case Digits():
            return _split(digits.read()), None, digits.CLASSES
        case FashionMnist():
            train, test = idx.read_fashion(settings.folder)
            return _split(train), _split(test), idx.FASHION_CLASSES
        case Cifar10():
            train, test, classes = cifar.read_cifar10(settings.folder)
            return _split(train), _split(test), classes
        case Cifar100():
            train, test, classes = cifar.read_cifar100(settings.folder)
            return _split(train), _split(test), classes
        case ImageFolder():
            images, classes = folder.read_folder(settings.folder, settings.image)
            return _split(images), None, classes


def _split(labelled: Labelled) -> Split:
    return Split(torch.tensor(labelled.images), torch.tensor(labelled.labels))


def _share(name: str, share: float, count: int) -> int:
    """How many of `count` images a share is. A split needs two images: batch norm cannot work on one."""
    part = round(share * count)
    if not 2 <= part <= count - 2:
        raise DataError(f"data.{name}_share: {share} of {count} images leaves a split with fewer than 2 images")
    return part
