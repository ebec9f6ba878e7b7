"""The batch norms of many convolutions that run as one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.nets.passes import statistics_followed

Statistics = tuple[Tensor, Tensor]
"""Means and variances (B, C)."""


class Norms(nn.Module):
    """The running statistics of B batch norms without scale and shift.

    Args:
        norms: those whose statistics are taken over.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, norms: Sequence[nn.BatchNorm2d]) -> None:
        super().__init__()
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, torch.stack([getattr(norm, name) for norm in norms]))
        self.eps, self.momentum = norms[0].eps, norms[0].momentum or 0.0

    def known(self, which: slice) -> Statistics | None:
        """What to norm with, of the blocks numbered `which`; in training, the images tell."""
        return None if self.training else (self.running_mean[which], self.running_var[which])

    def follow(self, seen: Statistics, count: int, which: slice) -> None:
        """Move towards the statistics of a batch with `count` pixels, as batch norm does."""
        if self.training and statistics_followed():
            mean, variance = seen
            self.running_mean[which].lerp_(mean, self.momentum)
            self.running_var[which].lerp_(variance * (count / max(count - 1, 1)), self.momentum)
