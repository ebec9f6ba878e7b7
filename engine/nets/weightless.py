"""An operation without weights (skip, pool with its batch norm), computed once for all edges that leave the states."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.nets.operations import BatchNorm


class Weightless(nn.Module):
    """The operation on several states that lie side by side.

    Args:
        module: as `engine.nets.operations.build` makes it.
        states: the places of those that it is applied to.
        channels: of each state.
    """

    def __init__(self, module: nn.Module, states: Sequence[int], channels: int) -> None:
        super().__init__()
        self.states, self.channels = list(states), channels
        self.norm: BatchNorm | None = None
        if isinstance(module, nn.Sequential):
            module, _ = module
            self.norm = BatchNorm(len(states) * channels, affine=False)
        self.module = module

    @property
    def is_skip(self) -> bool:
        return isinstance(self.module, nn.Identity)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """What becomes of each of `states`, for all states side by side."""
        if len(self.states) * self.channels < x.shape[1]:
            parts = x.split(self.channels, 1)
            x = torch.cat([parts[state] for state in self.states], 1)
        x = self.module(x)
        if self.norm is not None:
            x = self.norm(x)
        return x.split(self.channels, 1)


def shared_out(shares: Tensor, table: Sequence[Tensor]) -> list[Tensor]:
    """T images, each the sum of its `shares` (T, K) of the K images (N, C, H, W) in `table`."""
    count, channels, height, width = table[0].shape
    rows = torch.stack([image.permute(0, 2, 3, 1) for image in table]).flatten(1)
    return [image.permute(0, 3, 1, 2) for image in (shares @ rows).view(-1, count, height, width, channels).unbind()]
