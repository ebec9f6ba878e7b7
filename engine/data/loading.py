"""From a plan's data settings to a data set on a device: read, split, note how images are fed."""

import torch

from engine.data.augment import Augment
from engine.data.dataset import Dataset, Split
from engine.data.reading import Labelled, Reading, read, record_of
from engine.data.splitting import split_labels
from engine.plan import DataSettings
from engine.session.queries.data_record import DataRecord


def load(settings: DataSettings, device: torch.device | str = "cpu") -> Dataset:
    """The data set that `settings` describe, on `device`, with the record of what was taken.

    Splits that the set comes in stay as they are; else `engine.data.splitting` makes them. Raises DataError.
    """
    found = read(settings)
    order = torch.randperm(len(found.rest.labels), generator=torch.Generator().manual_seed(settings.split_seed)).numpy()
    whole = {"validation": found.validation is not None, "test": found.test is not None}
    train, validation, test = split_labels(settings, found.rest.labels, order, **whole)
    rest = _split(found.rest)
    parts = {
        "train": rest[torch.from_numpy(train)],
        "validation": rest[torch.from_numpy(validation)] if found.validation is None else _split(found.validation),
        "test": rest[torch.from_numpy(test)] if found.test is None else _split(found.test),
    }
    width = rest.images.shape[3]
    return Dataset(
        **parts,
        classes=found.classes,
        mean=settings.mean,
        std=settings.std,
        augment=Augment(round(settings.crop * width), settings.flip, round(settings.cutout * width)),
        record=_record(found, parts),
    ).to(device)


def _split(labelled: Labelled) -> Split:
    images, labels = labelled
    return Split(torch.tensor(images), torch.tensor(labels))


def _record(found: Reading, parts: dict[str, Split]) -> DataRecord:
    images = [part.images for part in parts.values()]
    span = int(min(part.min() for part in images)), int(max(part.max() for part in images))
    return record_of(found, [part.labels.numpy() for part in parts.values()], span)
