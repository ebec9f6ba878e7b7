"""The settings of DARTS, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.methods import gradient
from engine.plan.plan import METHODS
from engine.space.setting import setting


@METHODS.register(10)
class DartsSettings(gradient.GradientSettings, frozen=True, kw_only=True, tag="darts"):
    """Differentiable search in one weight-sharing network."""

    title: ClassVar[str] = "DARTS"
    about: ClassVar[str] = (
        "One network holds every candidate: each edge is a mixture of all operations, weighted by a softmax. Steps on "
        "the network's weights (training images) alternate with steps on the architecture weights (validation images). "
        "Watch the heat map: edges make up their mind one by one, and skip connections win if it runs too long."
    )
    source: ClassVar[str] = "Liu, Simonyan, Yang: DARTS, ICLR 2019"
    budget: ClassVar[Budget] = Budget(epochs=50)

    order: Annotated[
        Literal["first", "second"],
        setting(
            "Whether the architecture's gradient looks one weight step ahead (second) or not (first).",
            label="Order",
            source="DARTS, section 2.3: both; the first order is several times cheaper",
        ),
    ] = "first"
    look_ahead: Annotated[
        Literal["plain", "momentum"],
        setting(
            "What the second order's step ahead is made of: the gradient alone, or the optimizer's momentum too. "
            "Weight decay, as part of the loss, is in both.",
            label="Second order: step",
            source="DARTS, equation 6: plain; the authors' code, and with it the paper's 2.76 %: with the momentum",
        ),
    ] = "plain"
    epsilon: Annotated[
        float,
        setting(
            "How far the weights are moved to and fro for the second order's finite difference, in all (a norm).",
            label="Second order: epsilon",
            low=1e-8,
            high=1.0,
            source="DARTS, section 2.3: 0.01 / ‖∇w′ L_val‖, which moves them by 0.01",
        ),
    ] = 0.01
    channels: Annotated[int, gradient.channels("DARTS, appendix A.1: 16")] = 16
    layers: Annotated[int, gradient.layers("DARTS, appendix A.1: 8")] = 8
    batch: Annotated[int, gradient.batch("DARTS, appendix A.1: 64")] = 64
    w_lr: Annotated[float, gradient.w_lr("DARTS, appendix A.1: 0.025")] = 0.025
    w_lr_min: Annotated[float, gradient.w_lr_min("the authors' code: 0.001 (the paper anneals to 0)")] = 0.001
    w_momentum: Annotated[float, gradient.w_momentum("DARTS, appendix A.1: 0.9")] = 0.9
    w_weight_decay: Annotated[float, gradient.w_weight_decay("DARTS, appendix A.1: 0.0003")] = 3e-4
    w_clip: Annotated[float, gradient.w_clip("the authors' code: 5")] = 5.0
    alpha_lr: Annotated[float, gradient.alpha_lr("DARTS, appendix A.1: 0.0003")] = 3e-4
    alpha_beta1: Annotated[float, gradient.alpha_beta1()] = 0.5
    alpha_beta2: Annotated[float, gradient.alpha_beta2()] = 0.999
    alpha_weight_decay: Annotated[float, gradient.alpha_weight_decay()] = 1e-3
    alpha_init: Annotated[float, gradient.alpha_init("the authors' code: 0.001 (the paper starts from zeros)")] = 1e-3
    precision: gradient.Precision = "float32"
    cuda_graphs: gradient.CudaGraphs = False
    step: gradient.Step = "fast"
    norm_batches: gradient.NormBatches = 5
