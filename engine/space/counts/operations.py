"""What the operations of cells count, from C channels to C channels, at stride 1 or 2."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from engine.space.counts.skeleton import Unbuildable
from engine.space.counts.tally import Count, convolution, norm, pointwise, strided
from engine.space.operations import KERNELS

Counter: TypeAlias = Callable[[int, int, int], Count]


@lru_cache(maxsize=4096)
def operation(name: str, channels: int, side: int, stride: int) -> Count:
    """The operation on an image of `side`² pixels. Raises Unbuildable for one that cells do not have."""
    if name not in COUNTERS:
        raise Unbuildable(f"no network can be built with the operation {name[:40]!r}; known are {', '.join(COUNTERS)}")
    return COUNTERS[name](channels, side, stride)


def _nothing(channels: int, side: int, stride: int) -> Count:
    return Count()


def _skip(channels: int, side: int, stride: int) -> Count:
    """Nothing at stride 1, a factorized reduction at stride 2."""
    return Count() if stride == 1 else pointwise(channels, channels, strided(side) ** 2)


def _depthwise(kernel: int, times: int) -> Counter:
    """Depthwise and pointwise convolution, batch norm; `times` times, the first with the stride."""

    def counted(channels: int, side: int, stride: int) -> Count:
        pixels = strided(side, stride) ** 2
        once = convolution(channels, channels, kernel**2, pixels, channels) + pointwise(channels, channels, pixels)
        return Count(times * once.params, times * once.macs)

    return counted


def _plain(area: int) -> Counter:
    def counted(channels: int, side: int, stride: int) -> Count:
        return convolution(channels, channels, area, strided(side, stride) ** 2) + norm(channels)

    return counted


def _depth(channels: int, side: int, stride: int) -> Count:
    return convolution(channels, channels, 9, strided(side, stride) ** 2, channels) + norm(channels)


def _crossed(kernel: int) -> Counter:
    """A 1×k convolution that strides sideways, then a k×1 one that strides down, batch norm."""

    def counted(channels: int, side: int, stride: int) -> Count:
        out = strided(side, stride)
        rows = convolution(channels, channels, kernel, side * out)
        return rows + convolution(channels, channels, kernel, out * out) + norm(channels)

    return counted


COUNTERS: dict[str, Counter] = {
    "none": _nothing,
    "max_pool_2x2": _nothing,
    "max_pool_3x3": _nothing,
    "max_pool_5x5": _nothing,
    "max_pool_7x7": _nothing,
    "avg_pool_2x2": _nothing,
    "avg_pool_3x3": _nothing,
    "avg_pool_5x5": _nothing,
    "skip_connect": _skip,
    "sep_conv_3x3": _depthwise(3, 2),
    "sep_conv_5x5": _depthwise(5, 2),
    "sep_conv_7x7": _depthwise(7, 2),
    "dil_conv_3x3": _depthwise(3, 1),
    "dil_conv_5x5": _depthwise(5, 1),
    "dil_sep_conv_3x3": _depthwise(3, 2),
    "dil_sep_conv_5x5": _depthwise(5, 2),
    "depth_conv_3x3": _depth,
    **{name: _plain(height * width) for name, (height, width) in KERNELS.items()},
    "conv_3x1_1x3": _crossed(3),
    "conv_7x1_1x7": _crossed(7),
    "nor_conv_1x1": _plain(1),
    "nor_conv_3x3": _plain(9),
}
"""For each operation of cells: channels, side of the image, stride -> Count."""
