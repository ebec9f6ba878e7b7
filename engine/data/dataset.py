"""What a data set is: three disjoint splits of labelled images on a device, and how they are fed."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.data.augment import Augment
from engine.session.queries.data_record import DataRecord


@dataclass(frozen=True)
class Split:
    """Labelled images on one device: `images` uint8 (N, C, H, W), `labels` int64 (N,) counting from 0."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor | slice) -> "Split":
        return Split(self.images[index], self.labels[index])

    def __add__(self, other: "Split") -> "Split":
        return Split(torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels]))

    def to(self, device: torch.device | str) -> "Split":
        return Split(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Dataset:
    """The splits, the names of the classes, and how images are fed: normalisation (of values in 0..1), augmentation.
    `record` says what was taken; None for images that were not read from anywhere."""

    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    augment: Augment = Augment()  # noqa: RUF009 - frozen
    record: DataRecord | None = None

    @property
    def channels(self) -> int:
        """Of the images: 1 for grey, 3 for colour."""
        return self.train.images.shape[1]

    def to(self, device: torch.device | str) -> "Dataset":
        """The same data on another device."""
        return replace(
            self, train=self.train.to(device), validation=self.validation.to(device), test=self.test.to(device)
        )
