"""The macro space of ENAS (Pham et al. 2018, section 2.3): a whole network, layer by layer, with skip connections."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from engine.space.architecture import Architecture
from engine.space.decisions import Decision, OutsideSpace
from engine.space.factorized_space import Answer, ImageSpace, Question, plain_question
from engine.space.layers import BUILDABLE, MOST_LAYERS, Layer, LayerArchitecture, layer_faults
from engine.space.operations import label
from engine.space.setting import setting
from engine.space.spaces import SPACES

ENAS_MACRO_OPERATIONS = (
    "conv_3x3",
    "sep_conv_3x3",
    "conv_5x5",
    "sep_conv_5x5",
    "avg_pool_3x3",
    "max_pool_3x3",
)
"""The 6 operations, in the order in which the authors' code numbers them."""


@SPACES.register(90)
class EnasMacroSpace(ImageSpace, frozen=True, kw_only=True, tag="enas-macro"):
    """Twelve layers; each has an operation that works on the layer before it, and may read any earlier one besides.

    Decisions of layer k: its operation, then for each of 0 .. k-2 whether it reads it besides k-1; 0 is the stem. So
    the authors' code has it; in the paper the k-1 earlier layers are those without the stem.

    Size: 6 operations and k - 1 bits in layer k: 6¹² · 2⁶⁶ = 1.6e29, as in the paper.
    """

    title: ClassVar[str] = "ENAS macro networks"
    about: ClassVar[str] = (
        "Whole networks of twelve layers. Every layer has one of six operations, and reads the layer before it and any "
        "of those before that."
    )
    source: ClassVar[str] = "Pham et al.: Efficient neural architecture search, ICML 2018, section 2.3"
    macro: ClassVar[bool] = True

    layers: Annotated[
        int, setting("Layers of the network.", label="Layers", low=1, high=MOST_LAYERS, source="ENAS, section 3.2: 12")
    ] = 12
    operations: Annotated[
        tuple[str, ...],
        setting(
            "The operations a layer may have.",
            label="Operations",
            choices=BUILDABLE["after"],
            source="ENAS, section 2.3: these 6",
        ),
    ] = ENAS_MACRO_OPERATIONS

    def __post_init__(self) -> None:
        if not 1 <= self.layers <= MOST_LAYERS:
            raise ValueError(f"layers: a network has 1 to {MOST_LAYERS} layers, not {self.layers}")
        for name in self.operations:
            if name not in BUILDABLE["after"]:
                raise ValueError(f"operations: no layer can be built with '{name[:40]}'")
        if not self.operations or len(set(self.operations)) < len(self.operations):
            raise ValueError("operations: at least one is needed, and none twice")
        super().__post_init__()

    def asked(self) -> Sequence[Question]:
        names = tuple(map(label, self.operations))
        return [
            question
            for number in range(1, self.layers + 1)
            for question in (
                plain_question("operation", self.operations, f"layer {number} operation", number, names),
                *(skip_question(number, source) for source in range(number - 1)),
            )
        ]

    def made(self, answers: Sequence[Answer]) -> Architecture:
        layers, at = [], 0
        for number in range(1, self.layers + 1):
            operation, *skips = answers[at : at + number]
            chosen = (source for source, skip in enumerate(skips) if skip)
            layers.append(Layer(operation, (*chosen, number - 1)))
            at += number
        return LayerArchitecture(tuple(layers), join="after")

    def answered(self, architecture: Architecture) -> Sequence[Answer]:
        return [
            answer
            for number, layer in enumerate(layers_in(architecture, "after", self.layers), 1)
            for answer in (layer.operation, *(source in layer.inputs for source in range(number - 1)))
        ]

    @property
    def unshareable(self) -> str:
        return ""

    def sized(self, layers: int) -> Self:
        """The same space with another number of layers."""
        return self.changed(layers=layers)


def layers_in(architecture: Architecture, join: Literal["after", "before"], count: int) -> tuple[Layer, ...]:
    """The layers of a network of so many, whose inputs meet before or after the operation. Raises OutsideSpace."""
    if not isinstance(architecture, LayerArchitecture) or architecture.join != join:
        raise OutsideSpace(f"the space holds networks of layers whose inputs meet {join} the operation")
    for fault in layer_faults(architecture):
        raise OutsideSpace(fault)
    if len(architecture.layers) != count:
        raise OutsideSpace(f"the network has {len(architecture.layers)} layers, and the space's networks have {count}")
    return architecture.layers


def skip_question(number: int, source: int) -> Question:
    """Whether a layer reads an earlier one; the answer yes points at it."""
    return Question(
        Decision("skip", ("no", "yes"), (None, source), f"layer {number} skip from {source}", number), (False, True)
    )
