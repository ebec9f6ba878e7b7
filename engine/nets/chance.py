"""What a supernet leaves to chance in training: paths that are dropped, and pixels behind skip connections."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Chance:
    """How much is dropped in one forward pass, and where the draws come from.

    Attributes:
        skip_rate: the share of pixels dropped behind a skip connection of stride 1 (P-DARTS, Chen et al. 2019).
        drop_path: the share of images for which the output of another operation on an edge is dropped (SNAS, Xie et al.
            2019, as in the networks of DARTS).
        generator: of the device that the images are on; None for torch's own.
    """

    skip_rate: float
    drop_path: float
    generator: torch.Generator | None

    def skipped(self, x: Tensor) -> Tensor:
        """What gets through a skip connection."""
        return x * self._kept(torch.empty_like(x, requires_grad=False), self.skip_rate)

    def path(self, output: Tensor) -> Tensor:
        """What remains of an operation's output (N, C, H, W)."""
        return output * self.kept(output, 1)[..., None, None] if self.drop_path else output

    def kept(self, images: Tensor, paths: int) -> Tensor:
        """For each image and path (N, paths) 0, or what makes up for those that are dropped."""
        return self._kept(images.new_empty(len(images), paths), self.drop_path)

    def _kept(self, empty: Tensor, rate: float) -> Tensor:
        return empty.bernoulli_(1 - rate, generator=self.generator).div_(1 - rate)
