"""Depthwise convolution with the gradients that a CPU computes fast.

The forward kernels of PyTorch's CPU library run at 40 to 90 GFLOP/s a core whatever the kernel and dilation; its
backward kernels do so only for 3×3 without dilation and fall to 5 GFLOP/s elsewhere. So each gradient is brought to a
form that runs fast; the sums are the same.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.nets.passes import wanted_twice

FAST_WIDTH = 3
"""The widest kernel that the fast weight gradients know."""


def depthwise(x: Tensor, weight: Tensor, stride: int = 1, dilation: int = 1) -> Tensor:
    """`F.conv2d` of each channel with its own kernel, padded so that n pixels become ceil(n / stride).

    Args:
        x: images (N, C, H, W), channels last to be fast.
        weight: kernels (C, 1, k, k), k odd.
    """
    weight = weight.to(x.dtype)
    unused = max(0, weight.shape[-1] // 2 - (max(x.shape[2:]) - 1) // dilation)
    if unused:  # the kernel's outermost places never meet the image
        weight = weight[:, :, unused:-unused, unused:-unused]
    if x.device.type != "cpu" or wanted_twice():
        return F.conv2d(x, weight, None, stride, dilation * (weight.shape[-1] // 2), dilation, x.shape[1])
    y: Tensor = _Depthwise.apply(x, weight, stride, dilation)
    return y


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, dilation: int) -> Tensor:
        ctx.save_for_backward(x if stride > 1 or ctx.needs_input_grad[1] else None, weight)
        ctx.stride, ctx.dilation = stride, dilation
        return F.conv2d(x, weight, None, stride, dilation * (weight.shape[-1] // 2), dilation, x.shape[1])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        for_x = for_weight = None
        if ctx.needs_input_grad[0]:
            for_x = _gradient_of_input(gradient, x, weight, ctx.stride, ctx.dilation)
        if ctx.needs_input_grad[1]:
            for_weight = _gradient_of_weight(gradient, x, weight.shape[-1], ctx.stride, ctx.dilation)
        return for_x, for_weight, None, None


def _gradient_of_input(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, dilation: int) -> Tensor:
    """At stride 1 the transposed convolution is a convolution with the kernel turned around."""
    if stride == 1:
        return depthwise(gradient, weight.flip(2, 3), 1, dilation)
    padding = dilation * (weight.shape[-1] // 2)
    return _native(gradient, x, weight, stride, (padding, padding), dilation, of_input=True)


def _gradient_of_weight(gradient: Tensor, x: Tensor, kernel: int, stride: int, dilation: int) -> Tensor:
    """Correlate the gradient with the input, for each place of the kernel.

    With dilation 2, even and odd rows and columns never meet: they are images of their own, undilated. A kernel wider
    than three comes in pieces three columns wide, the last of which may overlap the one before. The fast code wants
    images higher than the kernel, hence rows of zeros that are written out around others.
    """
    if stride == 1 and dilation == 2:
        of_both = _gradient_of_weight(_phases(gradient), _phases(x), kernel, 1, 1)
        return of_both.unflatten(0, (2, -1)).sum(0)
    around = dilation * (kernel // 2)
    low = x.shape[2] <= kernel
    if dilation > 1 or (kernel <= FAST_WIDTH and not low):
        weight = x.new_empty(x.shape[1], 1, kernel, kernel)
        return _native(gradient, x, weight, stride, (around, around), dilation, of_input=False)
    width, rows = min(kernel, FAST_WIDTH), around if low else 0
    weight = x.new_empty(x.shape[1], 1, kernel, width)
    reach = (gradient.shape[3] - 1) * stride + width
    columns = []
    for first in range(0, kernel, width):
        start = min(first, kernel - width)
        window = _window(x, start - around, reach, rows)
        piece = _native(gradient, window, weight, stride, (around - rows, 0), 1, of_input=False)
        columns.append(piece[..., first - start :])
    return torch.cat(columns, 3)


def _window(x: Tensor, first: int, width: int, rows: int) -> Tensor:
    """`width` columns from `first` on, zeros where there are none, and so many rows of zeros above and below.

    Put together; `F.pad` would fill all with zeros first.
    """
    count, channels, height, there = x.shape
    inside = x.permute(0, 2, 3, 1)[:, :, max(0, first) : max(0, first + width)]
    before, after = max(0, -first), max(0, first + width - there)
    parts = [inside.new_zeros(count, height, size, channels) for size in (before, after)]
    window = torch.cat([parts[0], inside, parts[1]], 2)
    if rows:
        window = F.pad(window, (0, 0, 0, 0, rows, rows))
    return window.permute(0, 3, 1, 2)


def _native(
    gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: tuple[int, int], dilation: int, of_input: bool
) -> Tensor:
    """One of the two gradients as the library computes it."""
    of_both: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.convolution_backward(
        gradient,
        x,
        weight,
        None,
        (stride, stride),
        padding,
        (dilation, dilation),
        False,
        (0, 0),
        x.shape[1],
        (of_input, not of_input, False),
    )
    return of_both[0 if of_input else 1]


def _phases(x: Tensor) -> Tensor:
    """(N, C, H, W) to (2 N, 2 C, ceil(H / 2), ceil(W / 2)): even and odd rows and columns apart, missing ones zero."""
    count, channels, height, width = x.shape
    if height % 2 or width % 2:
        x = F.pad(x, (0, width % 2, 0, height % 2))
    height, width = (height + 1) // 2, (width + 1) // 2
    rows = x.permute(0, 2, 3, 1).reshape(count, height, 2, width * 2 * channels)
    return rows.transpose(1, 2).reshape(2 * count, height, width, 2 * channels).permute(0, 3, 1, 2)
