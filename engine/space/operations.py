"""The operations an edge can carry: their names in the field's notation, and how pictures label and colour them."""

from msgspec import Struct

KINDS = ("none", "skip", "pool", "separable", "dilated", "convolution")
"""Families of operations; each has one colour, the same everywhere in the program."""


class Operation(Struct, frozen=True):
    """One operation: `name` as published notations spell it, `label` as pictures show it, `kind` one of KINDS."""

    name: str
    label: str
    kind: str


KERNELS = {f"conv_{height}x{width}": (height, width) for height in (1, 3, 5, 7) for width in (1, 3, 5, 7)}
"""Plain convolutions by name: height and width of the kernel."""

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("none", "none", "none"),
        Operation("max_pool_2x2", "max 2×2", "pool"),
        Operation("max_pool_3x3", "max 3×3", "pool"),
        Operation("max_pool_5x5", "max 5×5", "pool"),
        Operation("max_pool_7x7", "max 7×7", "pool"),
        Operation("avg_pool_2x2", "avg 2×2", "pool"),
        Operation("avg_pool_3x3", "avg 3×3", "pool"),
        Operation("avg_pool_5x5", "avg 5×5", "pool"),
        Operation("skip_connect", "skip", "skip"),
        Operation("sep_conv_3x3", "sep 3×3", "separable"),
        Operation("sep_conv_5x5", "sep 5×5", "separable"),
        Operation("sep_conv_7x7", "sep 7×7", "separable"),
        Operation("dil_conv_3x3", "dil 3×3", "dilated"),
        Operation("dil_conv_5x5", "dil 5×5", "dilated"),
        Operation("dil_sep_conv_3x3", "dil sep 3×3", "dilated"),
        Operation("dil_sep_conv_5x5", "dil sep 5×5", "dilated"),
        Operation("depth_conv_3x3", "depth 3×3", "separable"),
        *(Operation(name, f"conv {height}×{width}", "convolution") for name, (height, width) in KERNELS.items()),
        Operation("conv_3x1_1x3", "conv 1×3 3×1", "convolution"),
        Operation("conv_7x1_1x7", "conv 1×7 7×1", "convolution"),
        Operation("nor_conv_1x1", "nor conv 1×1", "convolution"),
        Operation("nor_conv_3x3", "nor conv 3×3", "convolution"),
    )
}
"""Every operation the program knows, by name.

dil_conv is a depthwise-separable convolution of dilation 2 applied once (DARTS); dil_sep_conv is the same applied twice
(AmoebaNet), as sep_conv is; depth_conv has no pointwise part (Hier-EA). conv_3x1_1x3 and conv_7x1_1x7 are a 1×k and
then a k×1 convolution. nor_conv is NAS-Bench-201's name for ReLU, convolution, batch norm.
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
