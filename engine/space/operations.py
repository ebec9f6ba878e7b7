"""The operations an edge can carry: their names in the field's notation, and how pictures label and colour them."""

from typing import TypeAlias

from msgspec import Struct

KINDS = ("none", "skip", "pool", "separable", "dilated", "convolution")
"""Families of operations; each has one colour, the same everywhere in the program."""

Kernel: TypeAlias = tuple[int, int]
"""Height and width."""


class Operation(Struct, frozen=True):
    """One operation.

    Attributes:
        name: as published notations spell it; those that no notation has are spelt alike.
        label: as pictures show it.
        kind: one of KINDS.
        about: what it computes in a cell, as tooltips tell it.
    """

    name: str
    label: str
    kind: str
    about: str


class Bottleneck(Struct, frozen=True):
    """A full convolution at a part of the channels, between two 1×1 convolutions; batch norm and ReLU in between.

    Source: the authors' code of AmoebaNet (tensorflow/tpu, amoeba_net/network_utils.py).

    Attributes:
        kernels: of what is done at few channels, one after the other; each strides the ways that it is wide.
        eighths: how many eighths of the channels these are.
        dilation: of the kernels.
    """

    kernels: tuple[Kernel, ...]
    eighths: int = 2
    dilation: int = 1

    def narrow(self, channels: int) -> int:
        """The few channels, rounded down; 0 where that leaves none, and the kernels work at full width without 1×1."""
        return channels * self.eighths // 8


KERNELS = {f"conv_{height}x{width}": (height, width) for height in (1, 3, 5, 7) for width in (1, 3, 5, 7)}
"""Plain convolutions by name: height and width of the kernel."""

CROSSES: dict[int, tuple[Kernel, Kernel]] = {size: ((1, size), (size, 1)) for size in (3, 7)}
"""A 1×k and then a k×1 convolution, by k."""

NORMED = {f"normed_conv_{size}x1_1x{size}": kernels for size, kernels in CROSSES.items()}
"""Full convolutions one after the other, each with ReLU before and batch norm after it, by name."""

BOTTLENECKS = {
    "bottleneck_conv_3x3": Bottleneck(((3, 3),)),
    "bottleneck_dil_conv_3x3": Bottleneck(((3, 3),), dilation=2),
    "bottleneck_conv_3x1_1x3": Bottleneck(CROSSES[3], eighths=3),
    "bottleneck_conv_7x1_1x7": Bottleneck(CROSSES[7]),
}
"""Bottlenecked convolutions by name."""

_HALVING = "the state as it is; where it is halved,"
_STAGE = "ReLU, depthwise {0}×{0}, 1×1, batch norm"
_DILATED = "ReLU, depthwise {0}×{0} of dilation 2, 1×1, batch norm"
_NARROW = "1×1 to {} of the channels, {}, 1×1 back; ReLU before and batch norm after each (AmoebaNet)"


def _sized(name: str, label: str, kind: str, about: str, sizes: tuple[int, ...]) -> tuple[Operation, ...]:
    """An operation in several sizes of its square kernel."""
    return tuple(
        Operation(f"{name}_{size}x{size}", f"{label} {size}×{size}", kind, about.format(size)) for size in sizes
    )


def _crossed(name: str, label: str, about: str) -> tuple[Operation, ...]:
    """A 1×k and then a k×1 convolution for every k; `about` is told k, and a bottleneck's share of the channels."""
    return tuple(
        Operation(f"{name}_{size}x1_1x{size}", f"{label} 1×{size} {size}×1", "convolution", about.format(size, part))
        for size, part in ((3, "3/8"), (7, "1/4"))
    )


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("none", "none", "none", "zeros"),
        *_sized("max_pool", "max", "pool", "the largest of {0}×{0} pixels", (2, 3, 5, 7)),
        *_sized("avg_pool", "avg", "pool", "the mean of {0}×{0} pixels", (2, 3, 5)),
        Operation("skip_connect", "skip", "skip", f"{_HALVING} ReLU and a factorized reduction (DARTS)"),
        Operation("skip_enas", "skip ENAS", "skip", f"{_HALVING} a factorized reduction, without ReLU (ENAS, NAO)"),
        Operation("skip_nasnet", "skip NASNet", "skip", f"{_HALVING} ReLU, 1×1 of stride 2, batch norm (NASNet)"),
        *_sized("sep_conv", "sep", "separable", f"{_STAGE}; twice", (3, 5, 7)),
        *_sized("dil_conv", "dil", "dilated", f"{_DILATED}; once (DARTS)", (3, 5)),
        *_sized("dil_sep_conv", "dil sep", "dilated", f"{_DILATED}; twice (AmoebaNet)", (3, 5)),
        Operation("depth_conv_3x3", "depth 3×3", "separable", "ReLU, depthwise 3×3, batch norm (Hier-EA)"),
        *(
            Operation(name, f"conv {height}×{width}", "convolution", f"ReLU, {height}×{width}, batch norm")
            for name, (height, width) in KERNELS.items()
        ),
        *_crossed("conv", "conv", "ReLU, 1×{0}, {0}×1, batch norm; nothing in between"),
        *_crossed("normed_conv", "normed", "ReLU, 1×{0}, batch norm, ReLU, {0}×1, batch norm (NAO)"),
        Operation("bottleneck_conv_3x3", "bottleneck 3×3", "convolution", _NARROW.format("1/4", "3×3")),
        Operation(
            "bottleneck_dil_conv_3x3", "bottleneck dil 3×3", "dilated", _NARROW.format("1/4", "3×3 of dilation 2")
        ),
        *_crossed("bottleneck_conv", "bottleneck", _NARROW.format("{1}", "1×{0}, {0}×1")),
        *_sized("nor_conv", "nor conv", "convolution", "ReLU, {0}×{0}, batch norm (NAS-Bench-201)", (1, 3)),
    )
}
"""Every operation the program knows, by name.

The three skips differ only where a reduction cell halves what they read. What carries "1×k k×1" is a 1×k and then a k×1
convolution.
"""

DARTS_OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
"""The candidates of DARTS (Liu et al. 2019, section 3.1), in the order of its authors' code."""


def label(name: str) -> str:
    """What a picture or a sentence calls the operation; a name nobody knows stands for itself."""
    known = OPERATIONS.get(name)
    return known.label if known else name


def about(name: str) -> str:
    """What a tooltip says of a cell's operation: its name in notations, and what it computes, where that is known."""
    known = OPERATIONS.get(name)
    return f"{name}: {known.about}" if known else name
