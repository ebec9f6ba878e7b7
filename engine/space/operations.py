"""The operations an edge can carry: their names in the field's notation, and how pictures label and colour them."""

from msgspec import Struct

KINDS = ("none", "skip", "pool", "separable", "dilated", "convolution")
"""Families of operations; each has one colour, the same everywhere in the program."""


class Operation(Struct, frozen=True):
    """One operation: `name` as published notations spell it, `label` as pictures show it, `kind` one of KINDS."""

    name: str
    label: str
    kind: str


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("none", "none", "none"),
        Operation("max_pool_3x3", "max 3×3", "pool"),
        Operation("avg_pool_3x3", "avg 3×3", "pool"),
        Operation("skip_connect", "skip", "skip"),
        Operation("sep_conv_3x3", "sep 3×3", "separable"),
        Operation("sep_conv_5x5", "sep 5×5", "separable"),
        Operation("sep_conv_7x7", "sep 7×7", "separable"),
        Operation("dil_conv_3x3", "dil 3×3", "dilated"),
        Operation("dil_conv_5x5", "dil 5×5", "dilated"),
        Operation("conv_7x1_1x7", "conv 1×7 7×1", "convolution"),
    )
}
"""Every operation the program knows, by name."""

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
