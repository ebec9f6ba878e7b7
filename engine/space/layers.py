"""Macro architectures as values: a network layer by layer, each of which says what it reads."""

from typing import Literal, TypeAlias

from msgspec import Struct

from engine.space.cells import unknown_operation
from engine.space.operations import KERNELS, OPERATIONS

Join: TypeAlias = Literal["before", "after"]
"""Where a layer's inputs meet. "before": they are concatenated, then the operation works on all (NAS-RL). "after": the
operation works on the layer before alone; its output is concatenated with the other inputs, and a 1×1 convolution
brings that back to the layer's channels (ENAS)."""

BUILDABLE: dict[Join, tuple[str, ...]] = {
    "before": tuple(KERNELS),
    "after": (*KERNELS, "sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7", "avg_pool_3x3", "max_pool_3x3"),
}
"""The operations that a layer of a network may have."""

MOST_LAYERS = 128
"""Layers of an architecture that makes sense; published ones have up to 39."""
MOST_FILTERS, LONGEST_STRIDE = 65_536, 16


class Layer(Struct, frozen=True, forbid_unknown_fields=True):
    """One layer.

    Attributes:
        operation: a name in OPERATIONS.
        inputs: the layers it reads, in ascending order; 0 is the image (NAS-RL) or the stem (ENAS).
        filters: channels of its output; 0 where the skeleton says how many there are.
        stride: pixels from one place of its kernel to the next.
    """

    operation: str
    inputs: tuple[int, ...]
    filters: int = 0
    stride: int = 1


class LayerArchitecture(Struct, frozen=True, tag="layers", tag_field="kind", forbid_unknown_fields=True):
    """A network of layers 1, 2, ..., each of which reads earlier ones."""

    layers: tuple[Layer, ...]
    join: Join = "before"


def loose_ends(architecture: LayerArchitecture) -> tuple[int, ...]:
    """The layers that no other reads."""
    read = {source for layer in architecture.layers for source in layer.inputs}
    return tuple(number for number in range(1, len(architecture.layers) + 1) if number not in read)


def layer_faults(architecture: LayerArchitecture) -> list[str]:
    """What makes the architecture meaningless, each as place and reason; empty for a sound one."""
    count = len(architecture.layers)
    if not 1 <= count <= MOST_LAYERS:
        return [f"{count:,} layers; architectures of 1 to {MOST_LAYERS} are understood"]
    return [
        f"layer {number}: {reason}"
        for number, layer in enumerate(architecture.layers, 1)
        for reason in (*_about(layer, number), *(_about_join(layer, number, architecture.join)))
    ]


def _about(layer: Layer, number: int) -> list[str]:
    found = []
    if layer.operation not in OPERATIONS:
        found.append(unknown_operation(layer.operation))
    if not layer.inputs:
        found.append("it reads nothing; one that reads no other layer reads 0")
    for source in layer.inputs:
        if not 0 <= source < number:
            found.append(f"there is no layer {source} before it, only 0 to {number - 1}")
    if any(later <= earlier for earlier, later in zip(layer.inputs, layer.inputs[1:], strict=False)):
        found.append(f"its inputs {list(layer.inputs)[:20]} are not in ascending order")
    if not 0 <= layer.filters <= MOST_FILTERS:
        found.append(f"{layer.filters:,} filters; up to {MOST_FILTERS:,} make sense")
    if not 1 <= layer.stride <= LONGEST_STRIDE:
        found.append(f"a stride of {layer.stride:,}; 1 to {LONGEST_STRIDE} make sense")
    return found


def _about_join(layer: Layer, number: int, join: Join) -> list[str]:
    if join == "before":
        return [] if layer.filters else ["the number of its filters is missing"]
    found = []
    if number - 1 not in layer.inputs:
        found.append(f"its operation works on layer {number - 1}, and that is not among its inputs")
    if layer.filters or layer.stride != 1:
        found.append("its filters and its stride are those of the skeleton, and not said here")
    return found
