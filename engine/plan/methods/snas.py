"""The settings of SNAS, with the values of its paper, or where that gives none of its authors' code, as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.methods import gradient
from engine.plan.plan import METHODS, Fault, Plan
from engine.space.setting import setting

Level = Literal["none", "mild", "moderate", "aggressive"]


@METHODS.register(20)
class SnasSettings(gradient.GradientSettings, frozen=True, kw_only=True, tag="snas"):
    """Stochastic search: every step trains one soft sample of a cell, which hardens as the temperature falls."""

    title: ClassVar[str] = "SNAS"
    about: ClassVar[str] = (
        "Every step draws one operation per edge, softly at first and ever harder as the temperature falls, and learns "
        "weights and architecture from the same images. Watch the entropy fall with the temperature. Edges may choose "
        "none; a resource penalty makes more of them do so."
    )
    source: ClassVar[str] = "Xie, Zheng, Liu, Lin: SNAS, ICLR 2019"
    budget: ClassVar[Budget] = Budget(epochs=150)
    learns_from_validation: ClassVar[bool] = False

    temperature: Annotated[
        float,
        setting(
            "Temperature of the samples at the start; it falls in equal steps, epoch by epoch.",
            label="Temperature",
            low=0.001,
            high=100.0,
            source="the authors' code: 1 (the paper gives none)",
        ),
    ] = 1.0
    temperature_min: Annotated[
        float,
        setting(
            "Temperature that the samples fall to.",
            label="Final temperature",
            low=0.001,
            high=100.0,
            source="the authors' code: 0.03 after 150 epochs (the paper gives none)",
        ),
    ] = 0.03
    resource: Annotated[
        Level,
        setting(
            "How much an edge pays for parameters, arithmetic and memory traffic. Factors of the penalty: mild 0.15, "
            "moderate 0.5, aggressive 1 times the authors' value.",
            label="Resource penalty",
            source="the paper names three levels and gives no numbers. The README of its authors' code has commands "
            "with 0.0015 (20 cells) and 0.01 (8 cells) and names no level: that they are mild and aggressive is ours, "
            "and so is all of moderate",
        ),
    ] = "none"
    resource_form: Annotated[
        Literal["logarithmic", "linear"],
        setting(
            "Whether the logarithms of an edge's costs are penalised, or the costs themselves.",
            label="Resource form",
            source="the authors' commands: logarithmic. Their code multiplies it by 0.01 unless told otherwise, and "
            "the linear form by 0.00001",
        ),
    ] = "logarithmic"
    derivation: Annotated[
        Literal["every edge", "strongest"],
        setting(
            "What the derived cell keeps: every edge with its likeliest operation, none included, or for each node its "
            "strongest edges as in DARTS.",
            label="Derivation",
            source="SNAS, section 2.4: every edge",
        ),
    ] = "every edge"
    drop_path: Annotated[
        float,
        setting(
            "Chance that an edge, with all its operations, is dropped for an image while searching.",
            label="Drop path",
            low=0.0,
            high=0.95,
            source="the authors' code: whole edges, skip connections included; their commands: 0.3",
        ),
    ] = 0.3
    channels: Annotated[int, gradient.channels("the authors' code: 16")] = 16
    layers: Annotated[int, gradient.layers("the authors' code: 8")] = 8
    batch: Annotated[int, gradient.batch("the authors' code: 64", "Images per step.")] = 64
    w_lr: Annotated[float, gradient.w_lr("the authors' code: 0.025")] = 0.025
    w_lr_min: Annotated[float, gradient.w_lr_min("the authors' code: 0.001")] = 0.001
    w_momentum: Annotated[float, gradient.w_momentum("the authors' code: 0.9")] = 0.9
    w_weight_decay: Annotated[float, gradient.w_weight_decay("the authors' code: 0.0003")] = 3e-4
    w_clip: Annotated[float, gradient.w_clip("the authors' code: 5")] = 5.0
    alpha_lr: Annotated[float, gradient.alpha_lr("the authors' code: 0.0003")] = 3e-4
    alpha_beta1: Annotated[float, gradient.alpha_beta1("the authors' code for several GPUs: 0.5 (for one, SGD)")] = 0.5
    alpha_beta2: Annotated[float, gradient.alpha_beta2("the authors' code for several GPUs: 0.999 (for one, SGD)")] = (
        0.999
    )
    alpha_weight_decay: Annotated[
        float, gradient.alpha_weight_decay("the authors' code for several GPUs: 0.001 (for one, none)")
    ] = 1e-3
    alpha_clip: Annotated[float, gradient.alpha_clip("the authors' code: 10")] = 10.0
    alpha_init: Annotated[float, gradient.alpha_init("the authors' code: 0.01, around 1")] = 0.01
    precision: gradient.Precision = "float32"
    cuda_graphs: gradient.CudaGraphs = False
    step: gradient.Step = "fast"
    norm_batches: gradient.NormBatches = 10

    def own_faults(self, plan: Plan) -> Iterable[Fault]:
        return gradient.falling("temperature", self.temperature_min, self.temperature)
