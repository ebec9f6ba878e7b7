"""What a data set is: labelled images as a reader hands them over, their three disjoint splits, how they are fed."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.data.augment import Augment


class DataError(ValueError):
    """Data that is missing, damaged or not what it should be: in one line, what is wrong and what to do."""


class Labelled(NamedTuple):
    """`images` uint8 (N, C, H, W), `labels` int64 (N,) counting from 0."""

    images: np.ndarray
    labels: np.ndarray


class Reading(NamedTuple):
    """What a reader has read: the images to search with, the test part where the set has one, names of the classes."""

    rest: Labelled
    test: Labelled | None
    classes: tuple[str, ...]


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
    """The splits, the names of the classes, and how images are fed: normalisation (of values in 0..1), augmentation."""

    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    augment: Augment = Augment()  # noqa: RUF009 - frozen

    @property
    def channels(self) -> int:
        """Of the images: 1 for grey, 3 for colour."""
        return self.train.images.shape[1]

    def to(self, device: torch.device | str) -> "Dataset":
        """The same data on another device."""
        return replace(
            self, train=self.train.to(device), validation=self.validation.to(device), test=self.test.to(device)
        )
