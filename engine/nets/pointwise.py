"""Pointwise convolutions with a batch norm after each, and what follows: a ReLU, or the weighted sum over all edges.

An image (N, B C, H, W) holds B blocks of C channels, each with a convolution and a norm of its own.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.nets.layout import pixels
from engine.nets.norms import Norms, Statistics
from engine.nets.passes import wanted_twice
from engine.nets.pointwise_merged import MergedSum
from engine.nets.pointwise_separate import Rectified, Segments, SeparateSum, by_channel, centred, times

WHOLE = (torch.float32, torch.float64)
"""Types in which a variance may be told from a covariance, a difference of sums."""


def rectified(image: Tensor, weight: Tensor, norms: Norms, which: slice) -> Tensor:
    """Each block through its convolution (B, C, C), norm and ReLU. `which`: the norms' numbers."""
    with torch.autocast(image.device.type, enabled=False):
        through = _rectified if wanted_twice() else Rectified.apply
        y, mean, variance = through(image, weight, norms.known(which), norms.eps)
        norms.follow((mean, variance), len(pixels(image)), which)
    rectified: Tensor = y
    return rectified


def summed(
    images: Sequence[Tensor],
    weights: Sequence[Tensor],
    norms: Sequence[Norms],
    runs: Sequence[slice],
    shares: Tensor,
    layout: Sequence[Segments],
    nodes: int,
    kept: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """For each node (N, C, H, W): the sum of the blocks that lead to it, after convolution and norm.

    Args:
        weights: for each image, those of its blocks (B, C, C).
        runs: for each image, the numbers of its blocks' norms.
        shares: with which the blocks of all images are taken, one after another.
        layout: for each image, where its blocks lead.
        kept: factors for each image of the batch and each block, where some are dropped.
    """
    with torch.autocast(images[0].device.type, enabled=False):
        known = [norm.known(run) for norm, run in zip(norms, runs, strict=True)]
        eps = norms[0].eps
        if wanted_twice():
            y, *seen = _summed(shares, kept, known, eps, layout, nodes, weights, images)
        elif _merges(images, weights, known, kept):
            y, *both = MergedSum.apply(shares, eps, layout, nodes, *weights, *images)
            sizes = [len(weight) for weight in weights]
            seen = [part for pair in zip(*(each.split(sizes) for each in both), strict=True) for part in pair]
        else:
            y, *seen = SeparateSum.apply(shares, kept, known, eps, layout, nodes, *weights, *images)
        for norm, run, *those in zip(norms, runs, seen[::2], seen[1::2], strict=True):
            norm.follow((those[0], those[1]), len(pixels(images[0])), run)
    total: tuple[Tensor, ...] = y.chunk(nodes, 1)
    return total


def _merges(
    images: Sequence[Tensor],
    weights: Sequence[Tensor],
    known: Sequence[Statistics | None],
    kept: Tensor | None,
) -> bool:
    """Whether the faster way is one: with gradients of the weights, in training, and no edge dropped."""
    trained = torch.is_grad_enabled() and any(weight.requires_grad for weight in weights)
    return trained and known[0] is None and kept is None and images[0].dtype in WHOLE


def _rectified(image: Tensor, weight: Tensor, known: Statistics | None, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """What `Rectified` computes, as torch differentiates it by itself."""
    y, mean, variance = centred(image, weight, known)
    return (y * (variance + eps).rsqrt().view(-1, 1, 1)).relu(), mean.detach(), variance.detach()


def _summed(
    shares: Tensor,
    kept: Tensor | None,
    known: Sequence[Statistics | None],
    eps: float,
    layout: Sequence[Segments],
    nodes: int,
    weights: Sequence[Tensor],
    images: Sequence[Tensor],
) -> tuple[Tensor, ...]:
    """What the two sums compute, as torch differentiates it by itself."""
    totals: list[Tensor | None] = [None] * nodes
    statistics: list[Tensor] = []
    first = 0
    for image, weight, some, segments in zip(images, weights, known, layout, strict=True):
        numbers = slice(first, first := first + len(weight))
        channels = weight.shape[1]
        y, mean, variance = centred(image, weight, some)
        y = y * ((variance + eps).rsqrt() * shares[numbers, None]).view(-1, 1, 1)
        if kept is not None:
            y = y * by_channel(kept[:, numbers], channels)
        for source, target in segments:
            per = (source.stop - source.start) // (target.stop - target.start)
            for block in range(source.start, source.stop):
                node = target.start + (block - source.start) // per
                here, total = y[:, times(slice(block, block + 1), channels)], totals[node]
                totals[node] = here if total is None else total + here
        statistics += mean.detach(), variance.detach()
    empty = torch.zeros_like(y[:, :channels])
    return torch.cat([empty if total is None else total for total in totals], 1), *statistics
