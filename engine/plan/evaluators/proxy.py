"""The settings of scores without training."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.evaluators import training
from engine.plan.plan import EVALUATORS, EvaluatorSettings, Fault, Plan, too_shallow
from engine.space.setting import setting


@EVALUATORS.register(40)
class ProxySettings(EvaluatorSettings, frozen=True, kw_only=True, tag="proxy"):
    """A candidate is built and looked at once, untrained; a number from its first gradients or outputs is its score."""

    title: ClassVar[str] = "Proxy without training"
    about: ClassVar[str] = (
        "The network is built with random weights and sees one batch of images. What its gradients or outputs look "
        "like is the score, higher being better for each of the measures. It takes less than a second a candidate; "
        "how far it can be trusted is what the rank correlation with a table or another session says."
    )
    source: ClassVar[str] = "Abdelfattah et al.: Zero-cost proxies for lightweight NAS, ICLR 2021"
    trains: ClassVar[bool] = False

    measure: Annotated[
        Literal["synflow", "snip", "grad-norm", "naswot", "jacobian"],
        setting(
            "synflow: logarithm of how much flows through all weights (Tanaka et al. 2020). snip: how much the loss "
            "depends on each weight (Lee et al. 2019). grad-norm: size of the gradients. naswot: how differently the "
            "ReLUs answer to different images. jacobian: how little the gradients of different images are correlated "
            "(both Mellor et al. 2021). Of all of them, more is better.",
            label="Measure",
            source="Abdelfattah et al. 2021 find synflow the best on NAS-Bench-201",
        ),
    ] = "synflow"
    channels: Annotated[int, training.channels("NAS-Bench-201, section 2: 16")] = 16
    layers: Annotated[
        int, training.layers("NAS-Bench-201, section 2: three stages of 5", "Cells stacked in the network.")
    ] = 15
    batch: Annotated[
        int,
        setting(
            "Images that the network sees; synflow looks at none.",
            label="Batch",
            low=2,
            high=4096,
            unit="images",
            source="Abdelfattah et al. 2021: 64",
        ),
    ] = 64
    reference: Annotated[
        str,
        setting(
            "A table (nb201-cifar10, or a file) or a session to compare with: the rank correlation with its scores is "
            "recorded, and the search does not see it. Empty compares with nothing.",
            label="Reference",
            source="none",
        ),
    ] = ""

    def faults(self, plan: Plan) -> Iterable[Fault]:
        return too_shallow(plan, self.layers)
