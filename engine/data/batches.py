"""Batches: the images of a split in random order, augmented and normalised on the device, reproducible to the bit."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.data.augment import Augment, Draws, cut_out, draw, moved
from engine.data.dataset import Split
from engine.data.device_transfer import sent

Batch = tuple[Tensor, Tensor]


class Batches:
    """An endless row of batches (images float (B, C, H, W), labels int64 (B,)), epoch after epoch.

    All that is random comes from `generator`, which lives on the CPU, so the order is the same on every device. An
    epoch's order and augmentation are drawn at its start and travel to the device in one piece, so that no batch waits
    for it. The last batch of an epoch is smaller when the numbers ask for it; a single image left over is left out,
    since batch norm cannot work on one.
    """

    def __init__(
        self,
        split: Split,
        batch: int,
        augment: Augment,
        mean: Sequence[float],
        std: Sequence[float],
        generator: torch.Generator,
    ) -> None:
        self._split, self._augment, self._generator = split, augment, generator
        self._normalise = Normaliser(mean, std, split.images.device)
        self._batch = min(batch, len(split))
        self._position = len(self)  # as if an epoch had just ended
        self._epoch_start = generator.get_state()

    def __len__(self) -> int:
        """Batches in one epoch."""
        whole, rest = divmod(len(self._split), self._batch)
        return whole + (rest > 1)

    def next(self) -> Batch:
        """The next batch; after the last one of an epoch, the first one of a new epoch."""
        if self._position == len(self):
            self._begin_epoch()
        start = self._position * self._batch
        self._position += 1
        part = slice(start, start + self._batch)
        return self._make(self._order[part], self._draws[part])

    def epoch(self) -> Iterator[Batch]:
        """One whole epoch."""
        for _ in range(len(self)):
            yield self.next()

    def fresh(self) -> Batch:
        """A batch drawn anew from the whole split, without repeats, whatever came before.

        The published DARTS code takes its validation batches so: the first batch of a newly shuffled split, each step.
        """
        order = torch.randperm(len(self._split), generator=self._generator)[: self._batch]
        return self._make(sent(order, self._device), self._draw(self._batch))

    def state(self) -> dict[str, Any]:
        """Where the row stands: all that `load` needs to continue it to the bit."""
        return {
            "position": self._position,
            "epoch start": self._epoch_start.clone(),
            "generator": self._generator.get_state(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken. The generator given to this object is set, too."""
        if state["position"] < len(self):
            self._generator.set_state(state["epoch start"])
            self._begin_epoch()
        self._position = state["position"]
        self._epoch_start = state["epoch start"].clone()
        self._generator.set_state(state["generator"])

    @property
    def _device(self) -> torch.device:
        return self._split.images.device

    def _begin_epoch(self) -> None:
        count = len(self._split)
        self._epoch_start = self._generator.get_state()
        self._order = sent(torch.randperm(count, generator=self._generator), self._device)
        self._draws = self._draw(count)
        self._position = 0

    def _draw(self, count: int) -> Draws:
        height, width = self._split.images.shape[2:]
        return draw(self._augment, count, height, width, self._generator).to(self._device)

    def _make(self, order: Tensor, draws: Draws) -> Batch:
        images = self._normalise(moved(self._split.images[order], self._augment, draws))
        return cut_out(images, self._augment, draws), self._split.labels[order]


def unaugmented(split: Split, batch: int, mean: Sequence[float], std: Sequence[float], seed: int) -> Batches:
    """Batches of images as they are, in an order that follows from `seed` alone: for norms to learn statistics from."""
    return Batches(split, batch, Augment(), mean, std, torch.Generator().manual_seed(seed))


class Normaliser:
    """Turns uint8 images into floats, the plan's mean and spread taken out, laid out channels last for speed."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], device: torch.device) -> None:
        scale = 1.0 / (255.0 * torch.tensor(std, dtype=torch.float32))
        offset = -torch.tensor(mean, dtype=torch.float32) / torch.tensor(std, dtype=torch.float32)
        self._scale, self._offset = (sent(part.reshape(1, -1, 1, 1), device) for part in (scale, offset))

    def __call__(self, images: Tensor) -> Tensor:
        images = images.to(torch.float32, memory_format=torch.channels_last)
        return torch.addcmul(self._offset, images, self._scale)


def in_order(split: Split, batch: int, mean: Sequence[float], std: Sequence[float]) -> Iterator[Batch]:
    """The whole split once, in its order, not augmented: for measuring."""
    normalise = Normaliser(mean, std, split.images.device)
    for start in range(0, len(split), batch):
        part = split[start : start + batch]
        yield normalise(part.images), part.labels
