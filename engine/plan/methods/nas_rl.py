"""The settings of NAS-RL, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from engine.plan.budget import Budget
from engine.space.setting import setting


class NasRlSettings(Struct, frozen=True, kw_only=True, tag="nas-rl", tag_field="kind", forbid_unknown_fields=True):
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
    one_shot: ClassVar[bool] = False
    budget: ClassVar[Budget] = Budget(evaluations=12_800)

    controller: Annotated[
        Literal["lstm", "table"],
        setting(
            "What draws: an LSTM, each answer in view of those before, or a table, each answer by itself.",
            label="Controller",
            source="NAS-RL, section 3.1: an LSTM",
        ),
    ] = "lstm"
    units: Annotated[
        int,
        setting(
            "Units of each layer of the LSTM.",
            label="Units",
            low=1,
            high=1024,
            source="NAS-RL, section 4.1: 35",
        ),
    ] = 35
    layers: Annotated[
        int,
        setting(
            "Layers of the LSTM.",
            label="Layers of the controller",
            low=1,
            high=4,
            source="NAS-RL, section 4.1: 2",
        ),
    ] = 2
    spread: Annotated[
        float,
        setting(
            "The LSTM's weights begin uniformly between plus and minus this.",
            label="Start",
            low=0.0,
            high=1.0,
            source="NAS-RL, section 4.1: 0.08",
        ),
    ] = 0.08
    lr: Annotated[
        float,
        setting(
            "Learning rate of the controller (Adam).",
            label="Learning rate",
            low=0.0,
            high=10.0,
            source="NAS-RL, section 4.1: 0.0006",
        ),
    ] = 6e-4
    samples: Annotated[
        int,
        setting(
            "Candidates per step of the controller.",
            label="Samples",
            low=1,
            high=100000,
            source="NAS-RL, section 4.1: 8 children per replica",
        ),
    ] = 8
    reward: Annotated[
        Literal["score", "cubed"],
        setting(
            "What is rewarded: the score as a share of 1, or its cube, which tells good from very good.",
            label="Reward",
            source="NAS-RL, section 4.1: accuracy cubed",
        ),
    ] = "cubed"
    baseline_decay: Annotated[
        float,
        setting(
            "How slowly the baseline, a moving average of the rewards, forgets.",
            label="Baseline: decay",
            low=0.0,
            high=0.999999,
            source="NAS-RL says moving average only; NASNet, appendix A: 0.95",
        ),
    ] = 0.95
    entropy: Annotated[
        float,
        setting(
            "Weight of the entropy, which keeps the controller undecided.",
            label="Entropy",
            low=0.0,
            high=10.0,
            source="NAS-RL has none",
        ),
    ] = 0.0
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
    remember: Annotated[
        bool,
        setting(
            "Whether what is drawn again is learnt from with the score it had, and another drawn to be scored.",
            label="Remember scores",
            source="none: the paper scores every draw; ours, for few evaluations",
        ),
    ] = False
