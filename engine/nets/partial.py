"""Partial channels of PC-DARTS (Xu et al. 2020): a share of a state goes through the operations, the rest passes by."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def passing(rest: Tensor, halved: bool) -> Tensor:
    """The channels that no operation touches; on an edge of stride 2 their 2×2 maxima.

    The published pool rounds odd sides down where the operations round up, so that the two do not fit together. Here
    the last window of an odd side sees what is at hand.
    """
    return F.max_pool2d(rest, 2, 2, ceil_mode=True) if halved else rest


def shuffled(mixed: Tensor, rest: Tensor) -> Tensor:
    """(N, C / K, H, W) and (N, C - C / K, H, W) side by side, their channels shuffled in K groups.

    Channel j of group k becomes channel j K + k. Shuffling is linear, so that a node does it once, after its sum.
    """
    groups = torch.cat([mixed, rest], 1).permute(0, 2, 3, 1).unflatten(3, (-1, mixed.shape[1]))
    return groups.transpose(3, 4).flatten(3).permute(0, 3, 1, 2)


def weighted(images: Sequence[Tensor], weights: Sequence[Tensor] | None = None) -> Tensor:
    """The sum of the images, each times its weight where there are weights."""
    if weights is not None:
        images = [weight * image for weight, image in zip(weights, images, strict=True)]
    return sum(images[1:], images[0])
