"""The settings of P-DARTS, with the values of its paper as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from msgspec import Meta

from engine.plan.budget import Budget
from engine.plan.methods import gradient
from engine.plan.plan import METHODS, Fault, Plan
from engine.space.setting import setting

STAGES = 3

Layers = Annotated[int, Meta(ge=1, le=64)]
Kept = Annotated[int, Meta(ge=1, le=64)]
Rate = Annotated[float, Meta(ge=0.0, le=0.95)]


@METHODS.register(30)
class PdartsSettings(gradient.GradientSettings, frozen=True, kw_only=True, tag="pdarts"):
    """Progressive differentiable search: the supernet grows deeper in three stages, and edges lose operations."""

    title: ClassVar[str] = "P-DARTS"
    about: ClassVar[str] = (
        "DARTS in three stages. The network grows towards the depth that cells are used in, and to pay for it every "
        "edge drops its weakest operations between stages. Skip connections are held back by dropout, and at the end "
        "by a limit. Watch the heat map thin out."
    )
    source: ClassVar[str] = "Chen, Xie, Wu, Tian: Progressive differentiable architecture search, ICCV 2019"
    budget: ClassVar[Budget] = Budget(epochs=75)

    layers: Annotated[
        tuple[Layers, ...],
        setting(
            "Cells stacked in the supernet in each of three stages; those at a third and at two thirds are reductions.",
            label="Layers",
            source="P-DARTS, section 4.1.1: 5, 11, 17",
            allowed="three numbers from 3 to 64",
        ),
    ] = (5, 11, 17)
    kept: Annotated[
        tuple[Kept, ...],
        setting(
            "Operations, none included, that every edge keeps when the second and when the third stage begin.",
            label="Operations kept",
            source="P-DARTS, section 4.1.1: of 8 first 5, then 3",
            allowed="two numbers, the second no larger than the first",
        ),
    ] = (5, 3)
    skip_dropout: Annotated[
        tuple[Rate, Rate, Rate],
        setting(
            "Dropout behind skip connections at the start of each of the three stages; it decays within the stage.",
            label="Skip dropout",
            source="P-DARTS, section 4.1.1: 0, 0.4, 0.7 (the authors' commands: 0.1, 0.4, 0.7)",
        ),
    ] = (0.0, 0.4, 0.7)
    skips: Annotated[
        int,
        setting(
            "Most skip connections in the derived normal cell. The weakest beyond them are replaced.",
            label="Skip connections",
            low=0,
            high=100,
            source="P-DARTS, section 3.3: 2",
        ),
    ] = 2
    channels: Annotated[int, gradient.channels("P-DARTS, section 4.1.1: 16")] = 16
    batch: Annotated[int, gradient.batch("P-DARTS, section 4.1.1: 96")] = 96
    w_lr: Annotated[float, gradient.w_lr("the authors' code: 0.025, anew in each stage")] = 0.025
    w_lr_min: Annotated[float, gradient.w_lr_min("the authors' code: 0")] = 0.0
    w_momentum: Annotated[float, gradient.w_momentum("the authors' code: 0.9")] = 0.9
    w_weight_decay: Annotated[float, gradient.w_weight_decay("the authors' code: 0.0003")] = 3e-4
    w_clip: Annotated[float, gradient.w_clip("the authors' code: 5")] = 5.0
    alpha_rest: Annotated[
        float, gradient.alpha_rest("the epochs of each stage", "P-DARTS, section 4.1.1: the first 10 of 25 epochs")
    ] = 0.4
    alpha_lr: Annotated[float, gradient.alpha_lr("P-DARTS, section 4.1.1: 0.0006")] = 6e-4
    alpha_beta1: Annotated[float, gradient.alpha_beta1("P-DARTS, section 4.1.1: 0.5")] = 0.5
    alpha_beta2: Annotated[float, gradient.alpha_beta2("P-DARTS, section 4.1.1: 0.999")] = 0.999
    alpha_weight_decay: Annotated[float, gradient.alpha_weight_decay("P-DARTS, section 4.1.1: 0.001")] = 1e-3
    alpha_clip: Annotated[float, gradient.alpha_clip("the authors' code: 5")] = 5.0
    alpha_init: Annotated[float, gradient.alpha_init("the authors' code: 0.001, anew in each stage")] = 1e-3
    precision: gradient.Precision = "float32"
    cuda_graphs: gradient.CudaGraphs = False
    step: gradient.Step = "fast"
    norm_batches: gradient.NormBatches = 5

    @property
    def depths(self) -> tuple[int, ...]:
        return self.layers

    def own_faults(self, plan: Plan) -> Iterable[Fault]:
        for name, given, count, words in (
            ("layers", self.layers, STAGES, "one for each stage"),
            ("kept", self.kept, STAGES - 1, "for the second and the third stage"),
        ):
            if len(given) != count:
                yield f"method.{name}", f"must be {count} numbers, {words}, got {len(given)}"
        if list(self.kept) != sorted(self.kept, reverse=True):
            kept = ", ".join(map(str, self.kept))
            yield "method.kept", f"must not grow, since an operation once dropped is gone, got {kept}"
        if plan.budget.epochs is not None and plan.budget.epochs < STAGES:
            yield "budget.epochs", f"must be at least {STAGES}, one for each stage, got {plan.budget.epochs}"
