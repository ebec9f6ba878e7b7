"""What stands around the cells of a network: the frames of the field, and their published sizes."""

from typing import Annotated, Literal

from msgspec import Struct

from engine.space.setting import setting


class Unbuildable(ValueError):  # noqa: N818 - it says what it is
    """An architecture that no network can be built from in its frame; one line with place and reason."""


class Skeleton(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The frame around an architecture that looks at images. Sources: DARTS (Liu et al. 2019) and its published code.

    "cifar": 3×3 convolution to 3C channels, batch norm; cells, of which those at one and at two thirds of the depth
    reduce, with twice the channels from there on; global average pool; linear.

    "imagenet": three 3×3 convolutions of stride 2 first, to C/2, C and C channels; the first cell reads the output of
    the second (halved) and of the third one; then as above.

    "nasbench201" (Dong and Yang 2020): 3×3 convolution to C, batch norm; three stages of cells at C, 2C and 4C
    channels, with a residual block of stride 2 between them; batch norm, ReLU, global average pool, linear.

    Macro and hierarchical architectures bring frames of their own, and read from this what applies to them.
    """

    kind: Annotated[
        Literal["cifar", "imagenet", "nasbench201"], setting("The frame around the cells.", label="Skeleton")
    ] = "cifar"
    channels: Annotated[
        int,
        setting("Channels C of the first cell.", label="Channels", low=2, high=4096, source="DARTS, section 3.2: 36"),
    ] = 36
    layers: Annotated[
        int,
        setting(
            "Cells in a row. In a NAS-Bench-201 skeleton those of all three stages together, without the residual "
            "blocks between them.",
            label="Layers",
            low=1,
            high=1024,
            source="DARTS, section 3.2: 20",
        ),
    ] = 20
    image: Annotated[int, setting("Side of the image.", label="Image", unit="px", low=1, high=4096)] = 32
    classes: Annotated[int, setting("Classes to tell apart.", label="Classes", low=1, high=1_000_000)] = 10
    in_channels: Annotated[int, setting("Colours of the image: 3, or 1 for grey.", label="Colours", low=1, high=64)] = 3
    auxiliary: Annotated[
        bool,
        setting(
            "A second classifier after two thirds of the depth, for training. Its weights count; its MACs do not, as "
            "it is idle once the network is trained.",
            label="Auxiliary head",
        ),
    ] = False
    auxiliary_norm: Annotated[
        bool,
        setting(
            "Whether the auxiliary head of an ImageNet network ends in a batch norm. The published code of DARTS and "
            "of PC-DARTS leaves it out, that of P-DARTS has it (1,536 weights).",
            label="Auxiliary norm",
            source="DARTS's published code: off",
        ),
    ] = False


PUBLISHED = {
    "cifar": Skeleton(),
    "imagenet": Skeleton(kind="imagenet", channels=48, layers=14, image=224, classes=1000),
    "nasbench201": Skeleton(kind="nasbench201", channels=16, layers=15),
}
"""Each frame with its published sizes: DARTS on CIFAR-10 and on ImageNet, NAS-Bench-201 on CIFAR-10."""

STEM_FACTOR = 3
"""A CIFAR stem has so many times the channels of the first cell."""


def reductions(layers: int) -> set[int]:
    """The cells that halve the image and double the channels: at one and at two thirds of the depth."""
    return {layers // 3, 2 * layers // 3}


def stages(layers: int) -> tuple[int, int, int]:
    """The cells of each of three stages of equal length, or nearly so; the first stage is the shortest."""
    first, second = layers // 3, 2 * layers // 3
    return first, second - first, layers - second
