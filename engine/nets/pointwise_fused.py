"""Pointwise convolutions with a batch norm after each, and what follows: a ReLU, or the weighted sum over all edges.

An image (N, B C, H, W) holds B blocks of C channels, each with a convolution and a norm of its own.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from engine.nets.autograd_modes import wanted_twice
from engine.nets.channels_last import blocks, cut, pixels
from engine.nets.pointwise_summed import (
    Norms,
    Rectified,
    Segments,
    SeparateSum,
    Statistics,
    by_channel,
    centred,
    mapped,
    times,
)


class MergedSum(torch.autograd.Function):
    """For each node the sum of its blocks, in training; means and variances (B, C) of all blocks before the norms.

    The blocks' outputs are never made: `fast_step.md` derives it, and says which formula each name below stands for.
    """

    @staticmethod
    def forward(
        ctx: Any, shares: Tensor, eps: float, layout: Sequence[Segments], nodes: int, *given: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        weights, images = given[: len(layout)], given[len(layout) :]
        weight = torch.cat(weights)
        channels = weight.shape[1]
        mean, covariance = _moments(images, channels)
        projected = torch.bmm(weight, covariance)
        seen_mean = torch.bmm(weight, mean[..., None])[..., 0]
        variance = (projected * weight).sum(2).clamp_min_(0)
        scale = (variance + eps).rsqrt_()
        factors = scale * shares[:, None]
        matrices, shifts = weight * factors[..., None], -factors * seen_mean
        total = None
        for image, numbers, segments in zip(images, _numbers(weights), layout, strict=True):
            ours, shift = matrices[numbers], shifts[numbers]
            for source, target in segments:
                many = target.stop - target.start
                joint = ours[source].unflatten(0, (many, -1)).transpose(1, 2).flatten(0, 1).flatten(1)
                bias = shift[source].unflatten(0, (many, -1)).sum(1).flatten()
                y = F.conv2d(cut(image, times(source, channels)), joint[..., None, None], bias, groups=many)
                if total is None:
                    total = y if many == nodes else _zeros(y, nodes * channels)
                    if many == nodes:
                        continue
                cut(total, times(target, channels)).add_(y)
        ctx.layout = layout
        ctx.save_for_backward(shares, weight, mean, projected, scale, *images)
        ctx.mark_non_differentiable(seen_mean, variance)
        ctx.set_materialize_grads(False)  # no zeros for the statistics
        assert total is not None
        return total, seen_mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Any, ...]:
        shares, weight, mean, projected, scale, *images = ctx.saved_tensors
        channels, kinds = weight.shape[1], len(images)
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        product, slopes = _products(gradient, images, ctx.layout, channels)
        count = len(pixels(gradient))
        product.baddbmm_(slopes[..., None], mean[:, None], alpha=-count)
        along = (product * weight).sum(2) * scale  # how the gradient lies along the norms' outputs
        factors = scale * shares[:, None]
        by_variance = along * scale
        of_weight = product.baddbmm_(by_variance.neg().diag_embed(), projected).mul_(factors[..., None])
        back = (weight * factors[..., None]).transpose(1, 2)
        own = torch.bmm(back, weight * (by_variance / -count)[..., None])
        shifts = -(torch.bmm(back, slopes[..., None]) + torch.bmm(own, mean[..., None]))[..., 0]
        sizes = [image.shape[1] // channels for image in images]
        of_images: list[Tensor | None] = []
        wanted = ctx.needs_input_grad[4 + kinds :]
        parts = zip(images, own.split(sizes), back.split(sizes), shifts.split(sizes), ctx.layout, wanted, strict=True)
        for image, from_image, from_node, shift, segments, is_wanted in parts:
            of_images.append(of_image := mapped(image, from_image, shift) if is_wanted else None)
            if of_image is None:
                continue
            for source, target in segments:
                matrices = from_node[source].flatten(0, 1)[..., None, None]
                many = target.stop - target.start
                here = F.conv2d(cut(gradient, times(target, channels)), matrices, groups=many)
                cut(of_image, times(source, channels)).add_(here)
        return along.sum(1), None, None, None, *of_weight.split(sizes), *of_images


def _moments(images: Sequence[Tensor], channels: int) -> tuple[Tensor, Tensor]:
    """Means (B, C) and covariances (B, C, C) of the blocks of all images, one after another."""
    tables = [blocks(image, channels) for image in images]
    mean = torch.cat([pixels(image).mean(0) for image in images]).view(-1, channels)
    squares = torch.cat([torch.bmm(table.transpose(1, 2), table) for table in tables])
    return mean, squares.baddbmm_(mean[..., None], mean[:, None], beta=1 / tables[0].shape[1], alpha=-1)


def _products(
    gradient: Tensor, images: Sequence[Tensor], layout: Sequence[Segments], channels: int
) -> tuple[Tensor, Tensor]:
    """For each block the products (C, C) of its node's gradient with it, summed over pixels; that gradient's mean."""
    means = pixels(gradient).mean(0).view(-1, channels)
    products, slopes = [], []
    for image, segments in zip(images, layout, strict=True):
        for source, target in segments:
            per = (source.stop - source.start) // (target.stop - target.start)
            one = blocks(cut(gradient, times(target, channels)), channels)
            other = blocks(cut(image, times(source, channels)), per * channels)
            found = torch.bmm(one.transpose(1, 2), other).unflatten(2, (per, channels))
            products.append(found.transpose(1, 2).flatten(0, 1))
            slopes.append(means[target].repeat_interleave(per, 0))
    return torch.cat(products), torch.cat(slopes)


def _numbers(weights: Sequence[Tensor]) -> list[slice]:
    """Those of each kind's blocks among all."""
    found, start = [], 0
    for weight in weights:
        found.append(slice(start, start := start + len(weight)))
    return found


def _zeros(like: Tensor, channels: int) -> Tensor:
    count, _, height, width = like.shape
    return like.new_zeros(count, height, width, channels).permute(0, 3, 1, 2)


WHOLE = (torch.float32, torch.float64)
"""Types in which a variance may be told from a covariance, a difference of sums."""


def rectified(image: Tensor, weight: Tensor, norms: Norms, which: slice) -> Tensor:
    """Each block through its convolution (B, C, C), norm and ReLU. `which`: the norms' numbers."""
    with torch.autocast(image.device.type, enabled=False):
        through = _rectified if wanted_twice() else Rectified.apply
        y, mean, variance = through(image, weight, norms.known(which), norms.eps)
        norms.follow((mean, variance), image, which)
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
            y, *both = MergedSum.apply(shares, eps, layout, nodes, *weights, *images)  # type: ignore[no-untyped-call]
            sizes = [len(weight) for weight in weights]
            seen = [part for pair in zip(*(each.split(sizes) for each in both), strict=True) for part in pair]
        else:
            y, *seen = SeparateSum.apply(shares, kept, known, eps, layout, nodes, *weights, *images)  # type: ignore[no-untyped-call]
        for norm, run, *those in zip(norms, runs, seen[::2], seen[1::2], strict=True):
            norm.follow((those[0], those[1]), images[0], run)
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
