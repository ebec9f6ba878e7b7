"""The settings of NAS-RL, with the values of its paper as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.methods import policy
from engine.plan.plan import METHODS, Family, Fault, MethodSettings, Plan
from engine.space.setting import setting

CUBED = "NAS-RL, section 4.1: the cube of the best validation accuracy of the last 5 epochs (best_of_last of `trained`)"


@METHODS.register(70)
class NasRlSettings(MethodSettings, frozen=True, kw_only=True, tag="nas-rl"):
    """An LSTM controller that learns by REINFORCE.

    With the paper's values it learns from thousands of candidates. About a hundred need a far larger learning rate, a
    step for each of them, and the plain table in place of the LSTM: see the preset nas-rl-nb201.
    """

    title: ClassVar[str] = "NAS-RL"
    about: ClassVar[str] = (
        "A controller answers the questions of the space one after the other, each in view of its earlier answers, and "
        "learns from the scores: answers of candidates that beat the moving baseline become more probable. Watch its "
        "entropy fall while the reward rises. What is handed in is scored, and not learnt from."
    )
    source: ClassVar[str] = "Zoph, Le: Neural architecture search with reinforcement learning, ICLR 2017"
    family: ClassVar[Family] = "Reinforcement learning"
    panels: ClassVar[tuple[str, ...]] = ("controller",)
    budget: ClassVar[Budget] = Budget(evaluations=12_800)

    controller: Annotated[Literal["lstm", "table"], policy.controller("NAS-RL, section 3.1: an LSTM")] = "lstm"
    units: Annotated[int, policy.units("NAS-RL, section 4.1: 35")] = 35
    layers: Annotated[int, policy.layers("NAS-RL, section 4.1: 2")] = 2
    spread: Annotated[float, policy.spread("NAS-RL, section 4.1: 0.08")] = 0.08
    lr: Annotated[float, policy.lr("NAS-RL, section 4.1: 0.0006")] = 6e-4
    samples: Annotated[
        int,
        policy.minibatch(
            "Candidates per step of the controller.", "Samples", "NAS-RL, section 4.1: 8 children per replica"
        ),
    ] = 8
    reward: Annotated[Literal["score", "cubed"], policy.reward(CUBED)] = "cubed"
    baseline_decay: Annotated[
        float, policy.baseline_decay("NAS-RL says moving average only; NASNet, appendix A: 0.95")
    ] = 0.95
    entropy: Annotated[float, policy.entropy("NAS-RL has none")] = 0.0
    grow_from: Annotated[
        int,
        setting(
            "Layers of the first networks, in a space of networks of more layers.",
            label="Growth: from",
            low=1,
            high=64,
            unit="layers",
            source="NAS-RL, section 4.1: 6",
        ),
    ] = 6
    grow_by: Annotated[
        int,
        setting(
            "Layers that they grow by.",
            label="Growth: by",
            low=1,
            high=64,
            unit="layers",
            source="NAS-RL, section 4.1: 2",
        ),
    ] = 2
    grow_every: Annotated[
        int,
        setting(
            "Samples after which they grow; 0 begins with all layers of the space.",
            label="Growth: every",
            low=0,
            high=1000000,
            unit="samples",
            source="NAS-RL, section 4.1: 1,600",
        ),
    ] = 1600
    remember: Annotated[bool, policy.REMEMBER] = False

    def faults(self, plan: Plan) -> Iterable[Fault]:
        layers: int = getattr(plan.space, "layers", 0)
        reason = plan.evaluator.whole_only(plan.space) if plan.evaluator is not None else ""
        if reason and self.grow_every and self.grow_from < layers:
            yield "method.grow_every", f"must be 0{reason}, got {self.grow_every:,}"
