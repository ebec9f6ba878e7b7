"""Pointwise convolutions with norms, the output of each made and kept: for a ReLU, or to be added up in shares.

Each is one step with what follows it, and keeps little for its backward pass: where the gradients of the convolutions
are wanted, what goes in, from which the rest is computed anew; else only what the norms gave. Images may be of a
shorter type than weights; statistics and their gradients are of the weights' type.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from engine.nets.autograd_modes import norms_by_batch, share_of_batch
from engine.nets.channels_last import blocks, cut, pixels

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
        return None if norms_by_batch(self.training) else (self.running_mean[which], self.running_var[which])

    def follow(self, seen: Statistics, image: Tensor, which: slice) -> None:
        """Move towards the statistics of a batch of images (N, ..., H, W), as batch norm does."""
        if norms_by_batch(self.training) and (share := share_of_batch((self, which.start), self.momentum, len(image))):
            mean, variance = seen
            count = image.numel() // image.shape[1]
            self.running_mean[which].lerp_(mean, share)
            self.running_var[which].lerp_(variance * (count / max(count - 1, 1)), share)


FEW = 4
"""Channels of which a CPU multiplies matrices slower than it does wider ones with zeros in them."""

Segments = tuple[tuple[slice, slice], ...]
"""Successive blocks of an image, and the successive nodes that they lead to, as many to each."""


class Rectified(torch.autograd.Function):
    """Each block through its convolution, norm and ReLU; means and variances (B, C) before the norm."""

    @staticmethod
    def forward(
        ctx: Any, image: Tensor, weight: Tensor, known: Statistics | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, mean, variance = centred(image, weight, known)
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
        ctx.set_materialize_grads(False)  # no zeros for the statistics
        return y, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        image, weight, mean, scale, y = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradient, y, 0)
        slope = None
        if ctx.trains:
            slope = _mean(gradient * y, scale)
            if image is not None:  # all that the norm gave, not only what the ReLU let through
                y = mapped(image, weight * scale[..., None], -mean * scale)
        means = _mean(gradient, scale)
        of_image, of_weight = _back(gradient, means, y, slope, scale, weight, image, ctx.needs_input_grad[0])
        return of_image, of_weight, None, None


class SeparateSum(torch.autograd.Function):
    """For each node the sum of its blocks' outputs in their shares; for each kind, means and variances (B, C)."""

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
        outputs: list[Tensor] = []
        statistics: list[Tensor] = []
        first = 0
        for image, weight, some, segments in zip(images, weights, known, layout, strict=True):
            numbers = slice(first, first := first + len(weight))
            y, mean, variance = centred(image, weight, some)
            factors = ((variance + eps).rsqrt() * shares[numbers, None]).view(-1, 1, 1)
            if kept is not None:
                factors = factors * by_channel(kept[:, numbers], channels)
            _add_up(total, y, factors.to(y.dtype), segments, channels)
            outputs.append(y)
            statistics += mean, variance
        ctx.save_for_backward(shares, kept, *statistics, *weights, *(images if ctx.keeps else outputs))
        ctx.mark_non_differentiable(*statistics)
        ctx.set_materialize_grads(False)  # no zeros for the statistics
        return total, *statistics

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Any, ...]:
        shares, kept, *saved = ctx.saved_tensors
        kinds = len(ctx.layout)
        statistics, weights, images = saved[: 2 * kinds], saved[2 * kinds : 3 * kinds], saved[3 * kinds :]
        channels = weights[0].shape[1]
        spread: dict[int, tuple[Tensor, Tensor]] = {}
        of_images, of_weights, of_shares = [], [], []
        first = 0
        for place, (y, weight, segments) in enumerate(zip(images, weights, ctx.layout, strict=True)):
            numbers = slice(first, first := first + len(weight))
            mean, variance = statistics[2 * place : 2 * place + 2]
            key = ctx.layout.index(segments)  # kinds of one layout see the same gradients
            if key not in spread:
                here = _spread(gradient, segments, channels)
                spread[key] = here, _mean(here, mean)
            here, means = spread[key]
            if kept is not None:
                here = here * by_channel(kept[:, numbers], channels).to(here.dtype)
                means = _mean(here, mean)
            image = y if ctx.keeps else None
            if image is not None:
                y = mapped(image, weight, -mean)
            scale = (variance + ctx.eps).rsqrt()
            slope = _mean(here * y, scale) * scale
            of_shares.append(slope.sum(1) * len(pixels(y)))
            for_image, for_weight = _back(
                here,
                means,
                y,
                slope * scale if ctx.trains else None,
                scale * shares[numbers, None],
                weight,
                image,
                ctx.needs_input_grad[6 + kinds + place],
            )
            of_images.append(for_image)
            of_weights.append(for_weight)
        return torch.cat(of_shares), None, None, None, None, None, *of_weights, *of_images


def centred(image: Tensor, weight: Tensor, known: Statistics | None) -> tuple[Tensor, Tensor, Tensor]:
    """Each block through its convolution, less its mean; the mean and the variance (B, C)."""
    if known is not None:
        return mapped(image, weight, -known[0]), *known
    mean = torch.bmm(weight, _mean(image, weight[..., 0])[..., None])[..., 0]
    y = mapped(image, weight, -mean)
    return y, mean, _mean(y * y, mean)


def mapped(image: Tensor, matrices: Tensor, shifts: Tensor | None = None) -> Tensor:
    """Block b of the image through its matrix (B, C out, C in), and its shift (B, C out) added."""
    weight = matrices.reshape(-1, matrices.shape[2], 1, 1).to(image.dtype)
    bias = None if shifts is None else shifts.flatten().to(image.dtype)
    return F.conv2d(image, weight, bias, groups=len(matrices))


def by_channel(kept: Tensor, channels: int) -> Tensor:
    """(N, B) for blocks as (N, B C, 1, 1) for their channels."""
    return kept.repeat_interleave(channels, 1)[..., None, None]


def times(numbers: slice, channels: int) -> slice:
    """The channels of some blocks."""
    return slice(numbers.start * channels, numbers.stop * channels)


def _mean(image: Tensor, like: Tensor) -> Tensor:
    """Of each channel, in the form and type of `like`."""
    return pixels(image).mean(0, dtype=like.dtype).view_as(like)


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
        means: of the gradient (B, C).
        y: what came out, up to a factor.
        slope: how the variance acts, the gradient's projection on `y` times it; None where statistics were known.
        factors: (B, C).
    """
    if slope is not None:
        gradient = torch.addcmul(gradient, y, slope.view(-1, 1, 1).to(y.dtype), value=-1)
    back = (weight * factors[..., None]).transpose(1, 2)
    for_image = for_weight = None
    if of_image:
        shifts = -torch.bmm(back, means[..., None])[..., 0] if slope is not None else None
        for_image = mapped(gradient, back, shifts)
    if image is not None:
        for_weight = _products(gradient, image, weight)
        if slope is not None:
            sums = pixels(image).sum(0, dtype=weight.dtype).view(len(weight), 1, -1)
            for_weight.baddbmm_(means[..., None], sums, alpha=-1)
        for_weight *= factors[..., None]
    return for_image, for_weight


def _products(one: Tensor, other: Tensor, weight: Tensor) -> Tensor:
    """Products of the channels of each block in two images, added up over all pixels: (B, C out, C in) as `weight`.

    Matrix products of very few channels are so slow that those of all blocks with all take less time.
    """
    count, rows, columns = weight.shape
    if rows > FEW or count == 1:
        return torch.bmm(blocks(one, rows).transpose(1, 2), blocks(other, columns)).to(weight.dtype)
    every = (pixels(one).t() @ pixels(other)).view(count, rows, count, columns)
    return every.diagonal(dim1=0, dim2=2).permute(2, 0, 1).to(weight.dtype).contiguous()


def _add_up(total: Tensor, y: Tensor, factors: Tensor, segments: Segments, channels: int) -> None:
    """Adds each block of `y`, times its factor (B C, 1, 1) or (N, B C, 1, 1), to its node in `total`."""
    for source, target in segments:
        many = target.stop - target.start
        per = (source.stop - source.start) // many
        here = times(source, channels)
        one, by = cut(y, here), factors[..., here, :, :]
        sums = cut(total, times(target, channels))
        if per == 1:
            sums.addcmul_(one, by)
            continue
        one, by = (image.movedim(-3, -1).unflatten(-1, (many, per, channels)) for image in (one, by))
        sums = sums.movedim(-3, -1).unflatten(-1, (many, channels))
        for place in range(per):
            sums.addcmul_(one[..., place, :], by[..., place, :])


def _spread(gradient: Tensor, segments: Segments, channels: int) -> Tensor:
    """Of each block of an image the gradient that its node has."""
    parts = []
    for source, target in segments:
        many = target.stop - target.start
        table = cut(gradient, times(target, channels)).permute(0, 2, 3, 1).unflatten(3, (many, 1, channels))
        per = (source.stop - source.start) // many
        parts.append(table.expand(-1, -1, -1, -1, per, -1).flatten(3))
    spread = parts[0] if len(parts) == 1 else torch.cat(parts, 3)
    return spread.contiguous().permute(0, 3, 1, 2)
