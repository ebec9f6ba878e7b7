"""The frame around the cells, shared by networks and supernets: which cells reduce, what comes before and after.

Source: DARTS (Liu et al. 2019), CIFAR networks: stem to 3C channels, cells, two of them reductions, global average
pool, linear.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.nets.operations import BatchNorm, FactorizedReduce, relu_conv_norm

STEM_FACTOR = 3

Module = TypeVar("Module", bound=nn.Module)


def reductions(layers: int) -> set[int]:
    """The cells that halve the image and double the channels: at one and at two thirds of the depth."""
    return {layers // 3, 2 * layers // 3}


def stem(channels_in: int, channels: int) -> nn.Sequential:
    """3×3 convolution from the image to 3C channels, batch norm with scale and shift (in supernets, too), no ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels_in, STEM_FACTOR * channels, 3, padding=1, bias=False), BatchNorm(STEM_FACTOR * channels)
    )


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
    return module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def pooled(x: Tensor) -> Tensor:
    """Global average pool: (N, C, H, W) to (N, C)."""
    return x.mean((2, 3))
