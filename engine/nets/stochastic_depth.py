"""What a supernet leaves to chance in training: edges that are dropped, and pixels behind skip connections."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Chance:
    """How much is dropped in one forward pass, and where the draws come from.

    Attributes:
        skip_rate: the share of pixels dropped behind a skip connection of stride 1 (P-DARTS, Chen et al. 2019).
        drop_path: the share of images for which an edge is dropped, whatever its operations (SNAS, Xie et al. 2019, as
            in its published code: the drop path of DARTS's networks, applied to mixed edges).
        generator: of the device that the images are on; None for torch's own.
    """

    skip_rate: float
    drop_path: float
    generator: torch.Generator | None

    def skipped(self, x: Tensor) -> Tensor:
        """What gets through a skip connection."""
        return x * self._kept(torch.empty_like(x, requires_grad=False), self.skip_rate)

    def kept(self, images: int, edges: int, like: Tensor) -> Tensor:
        """For each image and edge (images, edges) 0, or what makes up for those that are dropped; as `like` is."""
        return self._kept(like.new_empty(images, edges), self.drop_path)

    def _kept(self, empty: Tensor, rate: float) -> Tensor:
        return empty.bernoulli_(1 - rate, generator=self.generator).div_(1 - rate)
