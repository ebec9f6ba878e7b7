"""The convolutional space of NAS-RL (Zoph and Le 2017, sections 3.1, 3.3 and 4.1): layers with anchored skips."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self, TypeAlias

from msgspec import Meta

from engine.space.architecture import Architecture
from engine.space.decisions import OutsideSpace
from engine.space.enas_macro import layers_in, skip_question
from engine.space.factorized_space import Answer, ImageSpace, Question, plain_question
from engine.space.layers import LONGEST_STRIDE, MOST_FILTERS, MOST_LAYERS, Layer, LayerArchitecture
from engine.space.operations import KERNELS
from engine.space.setting import setting
from engine.space.spaces import SPACES

Side: TypeAlias = Annotated[int, Meta(ge=1, le=7)]
Filters: TypeAlias = Annotated[int, Meta(ge=1, le=MOST_FILTERS)]
Stride: TypeAlias = Annotated[int, Meta(ge=1, le=LONGEST_STRIDE)]
SIDES = (1, 3, 5, 7)


@SPACES.register(80)
class NasRlSpace(ImageSpace, frozen=True, kw_only=True, tag="nas-rl"):
    """Convolutions one after the other; each may read any of those before it, or, if none, the image.

    Decisions of layer k: height and width of its filters, stride if there is a choice, number of filters, then for each
    of 1 .. k-1 whether it reads it ("anchor points"). The stride is one for both directions.

    Size, for L layers: (4 · 4 · 4)ᴸ · 2^(L(L-1)/2), times 3ᴸ with the strides 1, 2, 3. Depth 6, at which the paper's
    search begins, has 2.3e15; depth 15, that of its first published network, 5.0e58.
    """

    title: ClassVar[str] = "NAS-RL networks"
    about: ClassVar[str] = (
        "Whole networks of convolutions. Of each, the size and number of filters are decided, and which earlier layers "
        "it reads; layers that none reads make up the output."
    )
    source: ClassVar[str] = "Zoph, Le: Neural architecture search with reinforcement learning, ICLR 2017, section 4.1"

    layers: Annotated[
        int,
        setting(
            "Layers of the network.",
            label="Layers",
            low=1,
            high=MOST_LAYERS,
            source="NAS-RL, section 4.1: 6 at first, and 2 more every 1,600 samples",
        ),
    ] = 6
    heights: Annotated[
        tuple[Side, ...],
        setting("Heights of a filter.", label="Heights", unit="px", source="NAS-RL, section 4.1: 1, 3, 5, 7"),
    ] = SIDES
    widths: Annotated[
        tuple[Side, ...],
        setting("Widths of a filter.", label="Widths", unit="px", source="NAS-RL, section 4.1: 1, 3, 5, 7"),
    ] = SIDES
    filters: Annotated[
        tuple[Filters, ...],
        setting("Numbers of filters of a layer.", label="Filters", source="NAS-RL, section 4.1: 24, 36, 48, 64"),
    ] = (24, 36, 48, 64)
    strides: Annotated[
        tuple[Stride, ...],
        setting(
            "Strides of a layer; with several, the stride is decided too.",
            label="Strides",
            unit="px",
            source="NAS-RL, section 4.1: 1 alone, in a second experiment 1, 2, 3",
        ),
    ] = (1,)
    anchors: Annotated[
        bool,
        setting(
            "Whether a layer decides what it reads. Without, each reads the layer before it.",
            label="Anchor points",
            source="NAS-RL, section 3.3: on",
        ),
    ] = True

    def __post_init__(self) -> None:
        if not 1 <= self.layers <= MOST_LAYERS:
            raise ValueError(f"layers: a network has 1 to {MOST_LAYERS} layers, not {self.layers}")
        for name, sides in (("heights", self.heights), ("widths", self.widths)):
            for side in sides:
                if side not in SIDES:
                    raise ValueError(f"{name}: a filter's side is 1, 3, 5 or 7, not {side}")
        for name in ("heights", "widths", "filters", "strides"):
            numbers = getattr(self, name)
            if not numbers or sorted(set(numbers)) != sorted(numbers) or min(numbers) < 1:
                raise ValueError(f"{name}: at least one is needed, and none twice")
        super().__post_init__()

    def asked(self) -> Sequence[Question]:
        return [
            question
            for number in range(1, self.layers + 1)
            for question in (
                plain_question("height", self.heights, f"layer {number} height", number),
                plain_question("width", self.widths, f"layer {number} width", number),
                plain_question("stride", self.strides, f"layer {number} stride", number),
                plain_question("filters", self.filters, f"layer {number} filters", number),
                *(skip_question(number, source) for source in range(1, number if self.anchors else 1)),
            )
            if question.decision.label != f"layer {number} stride" or len(self.strides) > 1
        ]

    def made(self, answers: Sequence[Answer]) -> Architecture:
        layers = []
        given = iter(answers)
        for number in range(1, self.layers + 1):
            height, width = next(given), next(given)
            stride = next(given) if len(self.strides) > 1 else self.strides[0]
            filters = next(given)
            if self.anchors:
                inputs = tuple(source for source in range(1, number) if next(given)) or (0,)
            else:
                inputs = (number - 1,)
            layers.append(Layer(f"conv_{height}x{width}", inputs, filters, stride))
        return LayerArchitecture(tuple(layers))

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        layers = layers_in(architecture, "before", self.layers)
        return [answer for number, layer in enumerate(layers, 1) for answer in self._of_layer(layer, number)]

    def _of_layer(self, layer: Layer, number: int) -> list[Answer]:
        if layer.operation not in KERNELS:
            raise OutsideSpace(f"layer {number}: '{layer.operation}' is no plain convolution")
        stride = [layer.stride] if len(self.strides) > 1 else []
        if not stride and layer.stride != self.strides[0]:
            raise OutsideSpace(f"layer {number}: its stride is {layer.stride}, and the space's is {self.strides[0]}")
        if self.anchors and 0 in layer.inputs and len(layer.inputs) > 1:
            raise OutsideSpace(f"layer {number}: it reads the image beside other layers")
        if not self.anchors and layer.inputs != (number - 1,):
            raise OutsideSpace(f"layer {number}: it reads {list(layer.inputs)}, and here each reads the one before it")
        skips = [source in layer.inputs for source in range(1, number)] if self.anchors else []
        return [*KERNELS[layer.operation], *stride, layer.filters, *skips]

    def sized(self, layers: int) -> Self:
        """The same space with another number of layers."""
        return self.changed(layers=layers)
