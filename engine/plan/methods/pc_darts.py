"""The settings of PC-DARTS, with the values of its paper as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from engine.plan.budget import Budget
from engine.plan.methods import gradient
from engine.plan.plan import METHODS, Fault, Plan
from engine.space.setting import setting


@METHODS.register(40)
class PcDartsSettings(gradient.GradientSettings, frozen=True, kw_only=True, tag="pcdarts"):
    """Differentiable search with partial channels and normalised edges."""

    title: ClassVar[str] = "PC-DARTS"
    about: ClassVar[str] = (
        "DARTS in which only a part of the channels goes through the operations of an edge, and the rest passes by. "
        "That takes a fraction of memory and time, so that batches can be larger; weights of whole edges, learnt "
        "beside, decide which edges a node keeps."
    )
    source: ClassVar[str] = "Xu et al.: PC-DARTS: partial channel connections, ICLR 2020"
    budget: ClassVar[Budget] = Budget(epochs=50)

    partial: Annotated[
        int,
        setting(
            "One in so many channels goes through the operations, the others pass by; 1 sends all through.",
            label="Partial channels: K",
            low=1,
            high=64,
            source="PC-DARTS, section 4.2: 4",
        ),
    ] = 4
    channels: Annotated[int, gradient.channels("PC-DARTS, section 4.2: 16")] = 16
    layers: Annotated[int, gradient.layers("PC-DARTS, section 4.2: 8")] = 8
    batch: Annotated[int, gradient.batch("PC-DARTS, section 4.2: 256")] = 256
    w_lr: Annotated[float, gradient.w_lr("PC-DARTS, section 4.2: 0.1")] = 0.1
    w_lr_min: Annotated[float, gradient.w_lr_min("PC-DARTS, section 4.2: 0")] = 0.0
    w_momentum: Annotated[float, gradient.w_momentum("PC-DARTS, section 4.2: 0.9")] = 0.9
    w_weight_decay: Annotated[float, gradient.w_weight_decay("PC-DARTS, section 4.2: 0.0003")] = 3e-4
    w_clip: Annotated[float, gradient.w_clip("the authors' code: 5")] = 5.0
    alpha_rest: Annotated[
        float, gradient.alpha_rest("the epochs", "PC-DARTS, section 4.2: the first 15 of 50 epochs")
    ] = 0.3
    alpha_lr: Annotated[float, gradient.alpha_lr("PC-DARTS, section 4.2: 0.0006")] = 6e-4
    alpha_beta1: Annotated[float, gradient.alpha_beta1("PC-DARTS, section 4.2: 0.5")] = 0.5
    alpha_beta2: Annotated[float, gradient.alpha_beta2("PC-DARTS, section 4.2: 0.999")] = 0.999
    alpha_weight_decay: Annotated[float, gradient.alpha_weight_decay("PC-DARTS, section 4.2: 0.001")] = 1e-3
    alpha_init: Annotated[float, gradient.alpha_init("the authors' code: 0.001")] = 1e-3
    precision: gradient.Precision = "float32"
    cuda_graphs: gradient.CudaGraphs = False
    step: gradient.Step = "fast"
    norm_batches: gradient.NormBatches = 5

    def own_faults(self, plan: Plan) -> Iterable[Fault]:
        if self.channels % self.partial:
            yield "method.partial", f"must divide method.channels ({self.channels}), got {self.partial}"
