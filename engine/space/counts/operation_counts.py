"""What the operations of cells count, from C channels to C channels, at stride 1 or 2, and what single layers do.

All layers are bias-free but the linear ones; batch norms have a scale and a shift per channel.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from engine.space.counts.frames import Unbuildable
from engine.space.operations import BOTTLENECKS, KERNELS, NORMED, Bottleneck, Kernel


class Count(Struct, frozen=True):
    """Numbers of weights, and of multiply-accumulates of convolutions and linear layers for one input."""

    params: int = 0
    macs: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.params + other.params, self.macs + other.macs)


def convolution(channels_in: int, channels_out: int, area: int, pixels: int, groups: int = 1) -> Count:
    """A convolution whose kernel has `area` places and whose output has `pixels`."""
    weights = channels_in // groups * channels_out * area
    return Count(weights, weights * pixels)


def norm(channels: int) -> Count:
    """A batch norm. As usual its arithmetic is not counted."""
    return Count(2 * channels)


def linear(inputs: int, outputs: int) -> Count:
    """A linear layer with a bias."""
    return Count((inputs + 1) * outputs, inputs * outputs)


def pointwise(channels_in: int, channels_out: int, pixels: int) -> Count:
    """A 1×1 convolution and a batch norm; at stride 2, `pixels` of the output, a factorized reduction counts the same.

    A factorized reduction is two such convolutions to half the channels each.
    """
    return convolution(channels_in, channels_out, 1, pixels) + norm(channels_out)


def strided(side: int, stride: int = 2) -> int:
    """The side of an image after a stride."""
    return -(-side // stride)


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
    """Nothing at stride 1; at stride 2 a factorized reduction or a 1×1 convolution, which count the same."""
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


def _in_turn(kernels: tuple[Kernel, ...]) -> Counter:
    """A convolution and a batch norm for each kernel, which strides the ways that it is wide."""

    def counted(channels: int, side: int, stride: int) -> Count:
        rows = columns = side
        total = Count()
        for height, width in kernels:
            rows = strided(rows, stride) if height > 1 else rows
            columns = strided(columns, stride) if width > 1 else columns
            total += convolution(channels, channels, height * width, rows * columns) + norm(channels)
        return total

    return counted


def _bottleneck(form: Bottleneck) -> Counter:
    """1×1 to few channels, the kernels there, 1×1 back; batch norms."""
    inner = _in_turn(form.kernels)

    def counted(channels: int, side: int, stride: int) -> Count:
        narrow = form.narrow(channels)
        if not narrow:
            return inner(channels, side, stride)
        before, after = pointwise(channels, narrow, side**2), pointwise(narrow, channels, strided(side, stride) ** 2)
        return before + inner(narrow, side, stride) + after

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
    "skip_enas": _skip,
    "skip_nasnet": _skip,
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
    **{name: _in_turn(kernels) for name, kernels in NORMED.items()},
    **{name: _bottleneck(form) for name, form in BOTTLENECKS.items()},
    "nor_conv_1x1": _plain(1),
    "nor_conv_3x3": _plain(9),
}
"""For each operation of cells: channels, side of the image, stride -> Count."""
