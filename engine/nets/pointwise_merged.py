"""Pointwise convolutions with norms, summed over edges without their outputs ever being made: the pass of training.

What a norm needs to know of a convolution's output y = W d is already in the mean m and the covariance S of what goes
in: the mean of y is W m, its variance the diagonal of W S Wᵀ. So convolution and norm are one convolution, and those of
all edges that lead to a node are one wider one. Backwards, with g the gradient of a node, the gradients of weights and
shares follow from the product Σ (g - mean g)(d - m)ᵀ over all pixels, a matrix per block; that of d is A g + B d + c,
whose matrices are made of the same.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from engine.nets.layout import blocks, cut, pixels
from engine.nets.pointwise_separate import Segments, mapped, times


class MergedSum(torch.autograd.Function):
    """For each node the sum of its blocks, in training; means and variances (B, C) of all blocks before the norms."""

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
