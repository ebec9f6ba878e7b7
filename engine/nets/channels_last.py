"""Images cut, repeated and read as tables, channels last in memory before and after, also in the backward pass."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.nets.autograd_modes import wanted_twice


def pixels(image: Tensor) -> Tensor:
    """(N, C, H, W) as a table of all pixels, (N H W, C): a view where channels are last in memory."""
    return image.permute(0, 2, 3, 1).reshape(-1, image.shape[1])


def blocks(image: Tensor, channels: int) -> Tensor:
    """(N, E C, H, W) as E tables of all pixels, (E, N H W, C): a view, which matrix products read where it lies."""
    return image.permute(0, 2, 3, 1).reshape(-1, image.shape[1] // channels, channels).transpose(0, 1)


def cut(image: Tensor, channels: slice) -> Tensor:
    """Some of the channels; where they are all, the image itself, which keeps its form in memory."""
    return image if channels == slice(0, image.shape[1]) else image[:, channels]


def gathered(image: Tensor, pattern: Sequence[int], channels: int) -> Tensor:
    """Blocks of `channels` channels side by side, each the one of `image` that `pattern` names."""
    count = image.shape[1] // channels
    times = len(pattern) // count
    if times == 1 and list(pattern) == list(range(count)):
        return image
    if list(pattern) == list(range(count)) * times:
        table = image.permute(0, 2, 3, 1).unsqueeze(3)
        return table.expand(-1, -1, -1, times, -1).flatten(3).permute(0, 3, 1, 2)
    parts = image.split(channels, 1)
    return torch.cat([parts[place] for place in pattern], 1).contiguous(memory_format=torch.channels_last)


def thinned(image: Tensor, steps: tuple[int, int] = (2, 2), start: int = 0) -> Tensor:
    """Some rows and columns, from `start` in `steps`; the gradient of a mere slice would not be channels last."""
    rows, columns = (slice(start, None, step) for step in steps)
    if wanted_twice():
        return image[:, :, rows, columns]
    y: Tensor = _Thinned.apply(image, rows, columns)  # type: ignore[no-untyped-call]
    return y


class _Thinned(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, rows: slice, columns: slice) -> Tensor:
        ctx.rows, ctx.columns, ctx.shape = rows, columns, image.shape
        return image[:, :, rows, columns].contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        count, channels, height, width = ctx.shape
        whole = gradient.new_zeros(count, height, width, channels).permute(0, 3, 1, 2)
        whole[:, :, ctx.rows, ctx.columns] = gradient
        return whole, None, None
