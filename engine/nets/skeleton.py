"""The frame around the cells, shared by networks and supernets: which cells reduce, what comes before and after.

Source: DARTS (Liu et al. 2019) and its published code; `engine.space.counts.Skeleton` describes the frames.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm, FactorizedReduce, relu_conv_norm
from engine.space.counts import STEM_FACTOR

Module = TypeVar("Module", bound=nn.Module)


def stem(channels_in: int, channels: int) -> nn.Sequential:
    """3×3 convolution from the image to 3C channels, batch norm with scale and shift (in supernets, too), no ReLU."""
    wide = STEM_FACTOR * channels
    return nn.Sequential(convolution(channels_in, wide, 3), BatchNorm(wide))


class ImagenetStem(nn.Module):
    """Three 3×3 convolutions of stride 2; gives the outputs of the second and of the third, C channels each."""

    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.first = nn.Sequential(*_halving(channels_in, half), nn.ReLU(), *_halving(half, channels))
        self.second = nn.Sequential(nn.ReLU(), *_halving(channels, channels))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        quarter = self.first(images)
        return quarter, self.second(quarter)


def _halving(channels_in: int, channels_out: int) -> tuple[nn.Module, nn.Module]:
    return convolution(channels_in, channels_out, 3, 2), BatchNorm(channels_out)


def preprocess(
    before: int, last: int, channels: int, after_reduction: bool, affine: bool
) -> tuple[nn.Module, nn.Module]:
    """What brings the outputs of cells k-2 (`before` channels) and k-1 (`last`) to a cell's own channels.

    After a reduction the output of cell k-2 is twice as large as that of k-1, and halved here.
    """
    first = FactorizedReduce(before, channels, affine) if after_reduction else relu_conv_norm(before, channels, affine)
    return first, relu_conv_norm(last, channels, affine)


def placed(module: Module, device: torch.device | str) -> Module:
    """The module on `device`, its convolutions laid out channels last, which suits the depthwise ones."""
    return module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def pooled(x: Tensor) -> Tensor:
    """Global average pool: (N, C, H, W) to (N, C)."""
    return x.mean((2, 3))
