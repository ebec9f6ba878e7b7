"""The settings of NASNet's search, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from engine.plan.budget import Budget
from engine.space.setting import setting


class NasnetSettings(Struct, frozen=True, kw_only=True, tag="nasnet", tag_field="kind", forbid_unknown_fields=True):
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
    one_shot: ClassVar[bool] = False
    budget: ClassVar[Budget] = Budget(evaluations=20_000)

    controller: Annotated[
        Literal["lstm", "table"],
        setting(
            "What draws: an LSTM, each answer in view of those before, or a table, each answer by itself.",
            label="Controller",
            source="NASNet, appendix A: an LSTM",
        ),
    ] = "lstm"
    units: Annotated[
        int,
        setting(
            "Units of each layer of the LSTM.",
            label="Units",
            low=1,
            high=1024,
            source="NASNet, appendix A: 100",
        ),
    ] = 100
    layers: Annotated[
        int,
        setting(
            "Layers of the LSTM.",
            label="Layers of the controller",
            low=1,
            high=4,
            source="NASNet, appendix A: 1",
        ),
    ] = 1
    spread: Annotated[
        float,
        setting(
            "The LSTM's weights begin uniformly between plus and minus this.",
            label="Start",
            low=0.0,
            high=1.0,
            source="NASNet, appendix A: 0.1",
        ),
    ] = 0.1
    lr: Annotated[
        float,
        setting(
            "Learning rate of the controller (Adam).",
            label="Learning rate",
            low=0.0,
            high=10.0,
            source="NASNet, appendix A: 0.00035",
        ),
    ] = 3.5e-4
    samples: Annotated[
        int,
        setting(
            "Candidates per minibatch.",
            label="Minibatch",
            low=1,
            high=100000,
            source="NASNet, appendix A: 20",
        ),
    ] = 20
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
    reward: Annotated[
        Literal["score", "cubed"],
        setting(
            "What is rewarded: the score as a share of 1, or its cube, which tells good from very good.",
            label="Reward",
            source="NASNet: validation accuracy",
        ),
    ] = "score"
    baseline_decay: Annotated[
        float,
        setting(
            "How slowly the baseline, a moving average of the rewards, forgets.",
            label="Baseline: decay",
            low=0.0,
            high=0.999999,
            source="NASNet, appendix A: 0.95",
        ),
    ] = 0.95
    entropy: Annotated[
        float,
        setting(
            "Weight of the entropy, which keeps the controller undecided.",
            label="Entropy",
            low=0.0,
            high=10.0,
            source="NASNet, appendix A: 0.00001",
        ),
    ] = 1e-5
    remember: Annotated[
        bool,
        setting(
            "Whether what is drawn again is learnt from with the score it had, and another drawn to be scored.",
            label="Remember scores",
            source="none: the paper scores every draw; ours, for few evaluations",
        ),
    ] = False
