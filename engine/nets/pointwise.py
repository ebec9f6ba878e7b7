"""Pointwise convolutions with a batch norm after each, and what follows: a ReLU, or the weighted sum over all edges.

An image (N, B C, H, W) holds B blocks of C channels, each with a convolution and a norm of its own. Convolution, norm
and what follows are one step, which keeps little for its backward pass: where the gradients of the convolutions are
wanted, what goes in, from which the rest is computed anew; else only what the norms gave.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from engine.nets.layout import blocks, pixels
from engine.nets.twice import wanted_twice

FEW = 4
"""Channels of which a CPU multiplies matrices slower than it does wider ones with zeros in them."""

Statistics = tuple[Tensor, Tensor]
"""Means and variances (B, C)."""

Segments = tuple[tuple[slice, slice], ...]
"""Successive blocks of an image, and the successive nodes that they lead to."""


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

    def known(self, which: Tensor | None) -> Statistics | None:
        """What to norm with, of the blocks numbered `which` (None for all); in training, the images tell."""
        if self.training:
            return None
        mean, variance = self.running_mean, self.running_var
        return (mean, variance) if which is None else (mean[which], variance[which])

    def follow(self, seen: Statistics, count: int, which: Tensor | None) -> None:
        """Move towards the statistics of a batch with `count` pixels, as batch norm does."""
        if not (self.training and self.momentum):
            return
        mean, variance = seen
        for running, now in ((self.running_mean, mean), (self.running_var, variance * (count / max(count - 1, 1)))):
            if which is None:
                running.lerp_(now, self.momentum)
            else:
                running[which] = running[which].lerp_(now, self.momentum)


def rectified(image: Tensor, weight: Tensor, norms: Norms, which: Tensor | None) -> Tensor:
    """Each block through its convolution (B, C, C), norm and ReLU. `which`: the norms' numbers; None for all."""
    through = _rectified if wanted_twice() else _Rectified.apply
    y, mean, variance = through(image, weight, norms.known(which), norms.eps)
    norms.follow((mean, variance), len(pixels(image)), which)
    rectified: Tensor = y
    return rectified


def summed(
    images: Sequence[Tensor],
    weights: Sequence[Tensor],
    norms: Sequence[Norms],
    runs: Sequence[Tensor | None],
    shares: Tensor,
    layout: Sequence[Segments],
    nodes: int,
    kept: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """For each node (N, C, H, W): the sum of the blocks that lead to it, after convolution and norm.

    Args:
        weights: for each image, those of its blocks (B, C, C).
        runs: for each image, the numbers of its blocks' norms; None for all.
        shares: with which the blocks of all images are taken, one after another.
        layout: for each image, where its blocks lead.
        kept: factors for each image of the batch and each block, where some are dropped.
    """
    known = [norm.known(run) for norm, run in zip(norms, runs, strict=True)]
    through = _summed if wanted_twice() else _Summed.apply
    y, *seen = through(shares, kept, known, norms[0].eps, layout, nodes, *weights, *images)
    statistics = zip(seen[::2], seen[1::2], strict=True)
    for image, norm, run, those in zip(images, norms, runs, statistics, strict=True):
        norm.follow(those, len(pixels(image)), run)
    total: tuple[Tensor, ...] = y.chunk(nodes, 1)
    return total


class _Rectified(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, image: Tensor, weight: Tensor, known: Statistics | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, mean, variance = _centred(image, weight, known)
        scale = (variance + eps).rsqrt()
        y.mul_(scale.view(-1, 1, 1))
        ctx.trains = known is None
        if ctx.needs_input_grad[1]:
            y.relu_()
            ctx.save_for_backward(image, weight, mean, scale, y)
        else:
            ctx.save_for_backward(None, weight, mean, scale, y)
            y = y.relu()
        ctx.mark_non_differentiable(mean, variance)
        return y, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        image, weight, mean, scale, y = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradient, y, 0)
        slope = None
        if ctx.trains:
            slope = pixels(gradient * y).mean(0)
            if image is not None:  # all that the norm gave, not only what the ReLU let through
                y = _mapped(image, weight * scale[..., None], -mean * scale)
        means = pixels(gradient).mean(0)
        of_image, of_weight = _back(gradient, means, y, slope, scale, weight, image, ctx.needs_input_grad[0])
        return of_image, of_weight, None, None


class _Summed(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        shares: Tensor,
        kept: Tensor | None,
        known: Sequence[Statistics | None],
        eps: float,
        layout: Sequence[Segments],
        nodes: int,
        *given: Tensor,
    ) -> tuple[Tensor, ...]:
        weights, images = given[: len(layout)], given[len(layout) :]
        ctx.layout, ctx.eps = layout, eps
        ctx.trains, ctx.keeps = known[0] is None, any(ctx.needs_input_grad[6 : 6 + len(layout)])
        channels = weights[0].shape[1]
        count, _, height, width = images[0].shape
        total = images[0].new_zeros(count, height, width, nodes * channels).permute(0, 3, 1, 2)
        centred: list[Tensor] = []
        statistics: list[Tensor] = []
        first = 0
        for image, weight, some, segments in zip(images, weights, known, layout, strict=True):
            blocks = slice(first, first := first + len(weight))
            y, mean, variance = _centred(image, weight, some)
            factors = ((variance + eps).rsqrt() * shares[blocks, None]).view(-1, 1, 1)
            if kept is not None:
                factors = factors * _by_channel(kept[:, blocks], channels)
            for source, target in segments:
                here = _times(source, channels)
                total[:, _times(target, channels)].addcmul_(y[:, here], factors[..., here, :, :])
            centred.append(y)
            statistics += mean, variance
        ctx.save_for_backward(shares, kept, *statistics, *weights, *(images if ctx.keeps else centred))
        ctx.mark_non_differentiable(*statistics)
        return total, *statistics

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Any, ...]:
        shares, kept, *saved = ctx.saved_tensors
        kinds = len(ctx.layout)
        statistics, weights, images = saved[: 2 * kinds], saved[2 * kinds : 3 * kinds], saved[3 * kinds :]
        channels = weights[0].shape[1]
        spread: dict[Any, tuple[Tensor, Tensor]] = {}
        of_images, of_weights, of_shares = [], [], []
        first = 0
        for place, (y, weight, segments) in enumerate(zip(images, weights, ctx.layout, strict=True)):
            blocks = slice(first, first := first + len(weight))
            mean, variance = statistics[2 * place : 2 * place + 2]
            key = tuple((target.start, target.stop) for _, target in segments)
            if key not in spread:
                here = _gathered(gradient, segments, channels)
                spread[key] = here, pixels(here).mean(0)
            here, means = spread[key]
            if kept is not None:
                here = here * _by_channel(kept[:, blocks], channels)
                means = pixels(here).mean(0)
            image = y if ctx.keeps else None
            if image is not None:
                y = _mapped(image, weight, -mean)
            scale = (variance + ctx.eps).rsqrt()
            slope = pixels(here * y).mean(0).view_as(scale) * scale
            of_shares.append(slope.sum(1) * len(pixels(y)))
            for_image, for_weight = _back(
                here,
                means,
                y,
                (slope * scale).flatten() if ctx.trains else None,
                scale * shares[blocks, None],
                weight,
                image,
                ctx.needs_input_grad[6 + kinds + place],
            )
            of_images.append(for_image)
            of_weights.append(for_weight)
        return torch.cat(of_shares), None, None, None, None, None, *of_weights, *of_images


def _rectified(image: Tensor, weight: Tensor, known: Statistics | None, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """What `_Rectified` computes, as torch differentiates it by itself."""
    y, mean, variance = _centred(image, weight, known)
    return (y * (variance + eps).rsqrt().view(-1, 1, 1)).relu(), mean.detach(), variance.detach()


def _summed(
    shares: Tensor,
    kept: Tensor | None,
    known: Sequence[Statistics | None],
    eps: float,
    layout: Sequence[Segments],
    nodes: int,
    *given: Tensor,
) -> tuple[Tensor, ...]:
    """What `_Summed` computes, as torch differentiates it by itself."""
    weights, images = given[: len(layout)], given[len(layout) :]
    totals: list[Tensor | None] = [None] * nodes
    statistics: list[Tensor] = []
    first = 0
    for image, weight, some, segments in zip(images, weights, known, layout, strict=True):
        blocks = slice(first, first := first + len(weight))
        channels = weight.shape[1]
        y, mean, variance = _centred(image, weight, some)
        y = y * ((variance + eps).rsqrt() * shares[blocks, None]).view(-1, 1, 1)
        if kept is not None:
            y = y * _by_channel(kept[:, blocks], channels)
        for source, target in segments:
            for block, node in zip(_places(source), _places(target), strict=True):
                here = y[:, _times(slice(block, block + 1), channels)]
                total = totals[node]
                totals[node] = here if total is None else total + here
        statistics += mean.detach(), variance.detach()
    empty = torch.zeros_like(y[:, :channels])
    return torch.cat([empty if total is None else total for total in totals], 1), *statistics


def _centred(image: Tensor, weight: Tensor, known: Statistics | None) -> tuple[Tensor, Tensor, Tensor]:
    """Each block through its convolution, less its mean; the mean and the variance (B, C)."""
    if known is not None:
        return _mapped(image, weight, -known[0]), *known
    mean = torch.bmm(weight, pixels(image).mean(0).view(len(weight), -1, 1))[..., 0]
    y = _mapped(image, weight, -mean)
    return y, mean, pixels(y * y).mean(0).view_as(mean)


def _back(
    gradient: Tensor,
    means: Tensor,
    y: Tensor,
    slope: Tensor | None,
    factors: Tensor,
    weight: Tensor,
    image: Tensor | None,
    of_image: bool,
) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of what went into a convolution and norm, and of the convolution's weight where `image` is given.

    Args:
        gradient: of what came out, up to `factors`.
        means: of the gradient.
        y: what came out, up to a factor.
        slope: how the variance acts, the gradient's projection on `y` times it; None where statistics were known.
        factors: (B, C).
    """
    if slope is not None:
        gradient = torch.addcmul(gradient, y, slope.view(-1, 1, 1), value=-1)
    back = (weight * factors[..., None]).transpose(1, 2)
    for_image = for_weight = None
    means = means.view_as(factors)
    if of_image:
        shifts = -torch.bmm(back, means[..., None])[..., 0] if slope is not None else None
        for_image = _mapped(gradient, back, shifts)
    if image is not None:
        for_weight = _products(gradient, image, weight)
        if slope is not None:
            sums = pixels(image).sum(0).view(len(weight), 1, -1)
            for_weight.baddbmm_(means[..., None], sums, alpha=-1)
        for_weight *= factors[..., None]
    return for_image, for_weight


def _products(one: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    """Products of the channels of each block in two images, added up over all pixels: (B, C out, C in) as `weight`.

    Matrix products of very few channels are so slow that those of all blocks with all take less time.
    """
    count, rows, columns = weight.shape
    if rows > FEW or count == 1:
        return torch.bmm(blocks(one, rows).transpose(1, 2), blocks(other, columns))
    every = (pixels(one).t() @ pixels(other)).view(count, rows, count, columns)
    return every.diagonal(dim1=0, dim2=2).permute(2, 0, 1).contiguous()


def _gathered(gradient: Tensor, segments: Segments, channels: int) -> Tensor:
    """Of each block of an image the gradient that its node has."""
    parts = [gradient[:, _times(target, channels)] for _, target in segments]
    if len(parts) == 1:
        return parts[0].contiguous(memory_format=torch.channels_last)
    return torch.cat(parts, 1).contiguous(memory_format=torch.channels_last)


def _by_channel(kept: Tensor, channels: int) -> Tensor:
    """(N, B) for blocks as (N, B C, 1, 1) for their channels."""
    return kept.repeat_interleave(channels, 1)[..., None, None]


def _places(blocks: slice) -> range:
    return range(blocks.start, blocks.stop)


def _times(blocks: slice, channels: int) -> slice:
    """The channels of some blocks."""
    return slice(blocks.start * channels, blocks.stop * channels)


def _mapped(image: Tensor, matrices: Tensor, shifts: Tensor | None = None) -> Tensor:
    """Block b of the image through its matrix (B, C out, C in), and its shift (B, C out) added."""
    weight = matrices.reshape(-1, matrices.shape[2], 1, 1)
    return F.conv2d(image, weight, None if shifts is None else shifts.flatten(), groups=len(matrices))


def shared_out(shares: Tensor, table: Sequence[Tensor]) -> list[Tensor]:
    """T images, each the sum of its `shares` (T, K) of the K images (N, C, H, W) in `table`."""
    count, channels, height, width = table[0].shape
    rows = torch.stack([image.permute(0, 2, 3, 1) for image in table]).flatten(1)
    return [image.permute(0, 3, 1, 2) for image in (shares @ rows).view(-1, count, height, width, channels).unbind()]
