"""The settings of NASNet's search, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.methods import policy
from engine.plan.plan import METHODS, Family, MethodSettings
from engine.space.setting import setting


@METHODS.register(80)
class NasnetSettings(MethodSettings, frozen=True, kw_only=True, tag="nasnet"):
    """An LSTM controller that learns by proximal policy optimization (PPO).

    With the paper's values it learns from 20,000 candidates. About a hundred need a far larger learning rate, small
    minibatches, and the plain table in place of the LSTM: see the preset nasnet-nb201.
    """

    title: ClassVar[str] = "NASNet search"
    about: ClassVar[str] = (
        "The controller of NAS-RL, taught by proximal policy optimization: several small steps on every minibatch of "
        "candidates, none of which may change a probability too far at once, and a small bonus for staying undecided. "
        "Watch entropy and reward. What is handed in is scored, and not learnt from."
    )
    source: ClassVar[str] = "Zoph et al.: Learning transferable architectures for scalable image recognition, CVPR 2018"
    family: ClassVar[Family] = "Reinforcement learning"
    panels: ClassVar[tuple[str, ...]] = ("controller",)
    budget: ClassVar[Budget] = Budget(evaluations=20_000)

    controller: Annotated[Literal["lstm", "table"], policy.controller("NASNet, appendix A: an LSTM")] = "lstm"
    units: Annotated[int, policy.units("NASNet, appendix A: 100")] = 100
    layers: Annotated[int, policy.layers("NASNet, appendix A: 1")] = 1
    spread: Annotated[float, policy.spread("NASNet, appendix A: 0.1")] = 0.1
    lr: Annotated[float, policy.lr("NASNet, appendix A: 0.00035")] = 3.5e-4
    samples: Annotated[int, policy.minibatch("Candidates per minibatch.", "Minibatch", "NASNet, appendix A: 20")] = 20
    epochs: Annotated[
        int,
        setting(
            "Steps on each minibatch.",
            label="Steps per minibatch",
            low=1,
            high=1000,
            source="ours: the paper does not say",
        ),
    ] = 4
    clip: Annotated[
        float,
        setting(
            "How far the ratio of new to old probability counts, above and below 1.",
            label="Clip",
            low=0.0,
            high=10.0,
            source="PPO (Schulman et al. 2017), section 6.1: 0.2",
        ),
    ] = 0.2
    reward: Annotated[Literal["score", "cubed"], policy.reward("NASNet: validation accuracy")] = "score"
    baseline_decay: Annotated[float, policy.baseline_decay("NASNet, appendix A: 0.95")] = 0.95
    entropy: Annotated[float, policy.entropy("NASNet, appendix A: 0.00001")] = 1e-5
    remember: Annotated[bool, policy.REMEMBER] = False
