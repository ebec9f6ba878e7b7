"""The settings that the gradient-based methods share. Each says itself where its default comes from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from msgspec import Meta

from engine.plan.plan import LEAST_LAYERS, Family, Fault, MethodSettings, Plan
from engine.space.setting import setting, shared

ADAM = "DARTS, appendix A.1"

Precision = Annotated[
    Literal["float32", "bfloat16"],
    setting(
        "What the supernet's images are computed in. bfloat16 halves their memory, keeps 8 of 24 binary digits, and is "
        "meant for GPUs; on a CPU it can be slower. Weights, statistics, losses and optimizers stay in float32, and so "
        "do the passes of the second order and those that measure curvature.",
        label="Precision",
        source="ours; the papers used float32",
    ),
]
"""The setting `precision`, alike for all."""

CudaGraphs = Annotated[
    bool,
    setting(
        "Whether a CUDA device records a step's passes once and then repeats them without waiting for Python. It "
        "changes nothing but their time, may take more memory, and does nothing on other devices.",
        label="CUDA graphs",
        source="ours: off, since it has been tested without a GPU only",
    ),
]
"""The setting `cuda_graphs`, alike for all."""

Step = Annotated[
    Literal["fast", "plain"],
    setting(
        "How a step is computed: operations of one kind together, several times as fast in half the memory; or one "
        "after the other, as the papers write it, to compare with. Results differ by rounding alone, but where P-DARTS "
        "drops pixels, which are then others.",
        label="Network step",
        source="ours",
    ),
]
"""The setting `step`, alike for all."""


NormBatches = Annotated[
    int,
    setting(
        "Training batches, not augmented, over which batch norms learn their statistics anew before an epoch's score: "
        "running ones lag behind young weights, and the score then says nothing. Five take about as long as a step, "
        "once an epoch. 0 scores with the running statistics.",
        label="Norm statistics",
        low=0,
        high=100_000,
        unit="batches",
        zero="running",
        source='ours (Wu and Johnson 2021, Rethinking "Batch" in BatchNorm, section 3); the authors\' codes: 0',
    ),
]
"""The setting `norm_batches`, alike for all."""


class GradientSettings(MethodSettings, frozen=True, kw_only=True):
    """A search in one network that holds all cells, whose weights and architecture weights both move down a loss."""

    family: ClassVar[Family] = "Gradient-based"
    one_shot: ClassVar[bool] = True
    learns_from_validation: ClassVar[bool] = True
    """Whether the architecture moves down the loss of batches of the validation split."""

    if TYPE_CHECKING:  # every method has these as settings, in an order and with a source of its own
        channels: int
        layers: Any  # one depth, or more of them
        batch: int
        w_lr: float
        w_lr_min: float
        w_momentum: float
        w_weight_decay: float
        w_clip: float
        alpha_lr: float
        alpha_beta1: float
        alpha_beta2: float
        alpha_weight_decay: float
        alpha_init: float
        precision: Literal["float32", "bfloat16"]
        cuda_graphs: bool
        step: Literal["fast", "plain"]
        norm_batches: int

    @property
    def depths(self) -> tuple[int, ...]:
        """Of the networks that are trained one after the other, in cells."""
        return (self.layers,)

    def faults(self, plan: Plan) -> Iterable[Fault]:
        yield from self._space_faults(plan)
        yield from falling("w_lr", self.w_lr_min, self.w_lr)
        yield from self.own_faults(plan)
        if (least := min(self.depths, default=LEAST_LAYERS)) < LEAST_LAYERS:
            reason = f"must be at least {LEAST_LAYERS}, for two reduction cells and a normal one, got {least}"
            yield "method.layers", reason
        yield from self.split_faults(*plan.data.splits)

    def own_faults(self, plan: Plan) -> Iterable[Fault]:
        """Those that no other gradient-based method has."""
        return ()

    def _space_faults(self, plan: Plan) -> Iterable[Fault]:
        setting, wrong = plan.space.unmixable
        if wrong:
            whose = ", whose output has to be the same" if setting else ", and there is none"
            reason = f"{wrong}: {self.title} trains one network of all cells{whose}"
            yield (f"space.{setting}" if setting else "space"), reason
        if plan.space.limits and (setting or not wrong):
            yield "space.limits", f"must be none: {self.title} cannot keep to them, since its network holds all cells"

    def split_faults(self, training: int, validation: int) -> Iterable[Fault]:
        """A batch that a split cannot fill."""
        parts = [("training", training), *([("validation", validation)] if self.learns_from_validation else [])]
        name, count = min(parts, key=lambda part: part[1])
        if count and self.batch > count:
            yield "method.batch", f"must be at most {count}, the images of the {name} split, got {self.batch}"


def falling(name: str, least: float, most: float) -> Iterable[Fault]:
    """What is wrong where a setting falls from `most` to `least`."""
    if least > most:
        yield f"method.{name}_min", f"must be at most method.{name} ({most:g}), which falls to it, got {least:g}"


channels = shared(
    "Channels of the supernet's first cell; they double at each reduction.", label="Channels", low=1, high=512
)
layers = shared(
    "Cells stacked in the supernet; those at a third and at two thirds are reductions.", label="Layers", low=1, high=64
)
batch = shared("Images per step, of training and of validation each.", label="Batch", low=1, high=65536, unit="images")
w_lr = shared(
    "Learning rate of the network's weights at the start (SGD); a cosine brings it down.",
    label="Weights: learning rate",
    low=0.0,
    high=10.0,
)
w_lr_min = shared(
    "Learning rate of the network's weights at the end of the cosine.", label="Weights: final rate", low=0.0, high=10.0
)
w_momentum = shared("Momentum of the steps on the network's weights.", label="Weights: momentum", low=0.0, high=1.0)
w_weight_decay = shared("Weight decay of the network's weights.", label="Weights: decay", low=0.0, high=1.0)
w_clip = shared(
    "Largest norm of the gradient of the network's weights; 0 does not clip.", label="Weights: clip", low=0.0, high=1e6
)
alpha_lr = shared(
    "Learning rate of the architecture weights (Adam), constant.",
    label="Architecture: learning rate",
    low=0.0,
    high=10.0,
)
alpha_beta1 = shared(
    "How slowly Adam's running mean of the architecture's gradient forgets.",
    usual=f"{ADAM}: 0.5",
    label="Architecture: beta 1",
    low=0.0,
    high=0.999999,
)
alpha_beta2 = shared(
    "How slowly Adam's running mean of the squared gradient forgets.",
    usual=f"{ADAM}: 0.999",
    label="Architecture: beta 2",
    low=0.0,
    high=0.999999,
)
alpha_weight_decay = shared(
    "Weight decay of the architecture weights.", usual=f"{ADAM}: 0.001", label="Architecture: decay", low=0.0, high=1.0
)
alpha_clip = shared(
    "Largest norm of the gradient of the architecture weights; 0 does not clip.",
    label="Architecture: clip",
    low=0.0,
    high=1e6,
)
alpha_init = shared(
    "Standard deviation of the architecture weights at the start; 0 starts all alike.",
    label="Architecture: start",
    low=0.0,
    high=10.0,
)


def alpha_rest(epochs: str, source: str) -> Meta:
    """The setting `alpha_rest`; `epochs` says of which epochs it is a share."""
    text = f"Share of {epochs} in which the architecture weights rest, and the network's alone are trained."
    return setting(text, label="Architecture: rest", low=0.0, high=1.0, source=source)
