"""Depthwise convolution with the gradients that a CPU computes fast.

The forward kernels of PyTorch's CPU library run at 40 to 90 GFLOP/s a core whatever the kernel and dilation; its
backward kernels do so only for 3×3 without dilation and fall to 5 GFLOP/s elsewhere. So each gradient is brought to a
form that runs fast; the sums are the same.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.nets.layout import every_other
from engine.nets.twice import wanted_twice

FAST_WIDTH = 3
"""The widest kernel that the fast weight gradients know."""


def depthwise(x: Tensor, weight: Tensor, stride: int = 1, dilation: int = 1) -> Tensor:
    """`F.conv2d` of each channel with its own kernel, padded so that n pixels become ceil(n / stride).

    Args:
        x: images (N, C, H, W), channels last to be fast.
        weight: kernels (C, 1, k, k), k odd.
    """
    if stride == 2 and dilation == 2:  # such a kernel meets only every other pixel, wherever it stands
        x, stride, dilation = every_other(x), 1, 1
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
        ctx.save_for_backward(x, weight)
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

    With dilation 2, even and odd rows and columns never meet: they are four images without dilation. A kernel wider
    than three comes in pieces three columns wide, the last of which may overlap the one before. The fast code wants
    images higher than the kernel, hence rows of zeros that are written out around others.
    """
    if stride == 1 and dilation == 2:
        return _gradient_of_weight(_phases(gradient), _phases(x), kernel, 1, 1)
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
        window = F.pad(x, (around - start, start + reach - around - x.shape[3], rows, rows))  # crops where negative
        piece = _native(gradient, window, weight, stride, (around - rows, 0), 1, of_input=False)
        columns.append(piece[..., first - start :])
    return torch.cat(columns, 3)


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
    """(N, C, H, W) to (4 N, C, ceil(H / 2), ceil(W / 2)): even and odd rows and columns apart, missing ones zero."""
    count, channels, height, width = x.shape
    if height % 2 or width % 2:
        x = F.pad(x, (0, width % 2, 0, height % 2))
    height, width = (height + 1) // 2, (width + 1) // 2
    rows = x.permute(0, 2, 3, 1).reshape(count, height, 2, width, 2, channels)
    return rows.permute(2, 4, 0, 1, 3, 5).reshape(4 * count, height, width, channels).permute(0, 3, 1, 2)
