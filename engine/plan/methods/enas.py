"""The settings of ENAS's controller, with the values of its authors' script for the micro space as defaults."""

from typing import Annotated, ClassVar

from msgspec import Struct

from engine.plan.budget import Budget
from engine.plan.methods import policy
from engine.space.setting import setting


class EnasSettings(Struct, frozen=True, kw_only=True, tag="enas", tag_field="kind", forbid_unknown_fields=True):
    """An LSTM controller that learns by REINFORCE while the shared weights learn what it draws.

    The paper leaves out most of these numbers, so they are those of the authors' script for the micro space; each
    setting says where macro space and paper differ.
    """

    title: ClassVar[str] = "ENAS"
    about: ClassVar[str] = (
        "A controller draws architectures and learns from their scores, in turns with one network whose weights they "
        "all share: use it with evaluator=shared. At the end, some are drawn without learning, and the best of these "
        "is the result. Watch entropy and reward, and how the shared weights lift all scores."
    )
    source: ClassVar[str] = "Pham, Guan, Zoph, Le, Dean: Efficient neural architecture search, ICML 2018"
    one_shot: ClassVar[bool] = False
    budget: ClassVar[Budget] = Budget(evaluations=45_010)

    units: Annotated[int, policy.units("the authors' code: 64 for both spaces, 100 for recurrent cells")] = 64
    layers: Annotated[int, policy.layers("the authors' code: 1")] = 1
    spread: Annotated[float, policy.spread("the authors' code: 0.1")] = 0.1
    lr: Annotated[
        float,
        policy.lr(
            "the authors' script: 0.0035 (micro), 0.001 (macro); the paper: 0.00035",
            adam="Adam with beta 1 of 0 and epsilon of 0.001",
        ),
    ] = 3.5e-3
    aggregates: Annotated[
        int,
        policy.minibatch(
            "Candidates whose gradients are averaged for one step.",
            "Candidates per step",
            "the authors' script: 10 (micro), 20 (macro)",
        ),
    ] = 10
    tanh: Annotated[
        float,
        setting(
            "Largest logit: they become this times their tanh; 0 leaves them as they are.",
            label="Tanh constant",
            low=0.0,
            high=100.0,
            source="the authors' script: 1.1 (micro), 1.5 (macro); the paper: 2.5",
        ),
    ] = 1.1
    tanh_reduction: Annotated[
        float,
        setting(
            "How many times smaller the tanh constant is for everything but inputs and skips.",
            label="Reduction for operations",
            low=0.01,
            high=100.0,
            source="the authors' code: 2.5",
        ),
    ] = 2.5
    temperature: Annotated[
        float,
        setting(
            "Divides the logits before that; 1 leaves them as they are.",
            label="Temperature",
            low=0.01,
            high=1000.0,
            source="the authors' script: none; the paper: 5",
        ),
    ] = 1.0
    entropy: Annotated[
        float,
        policy.entropy(
            "the authors' script: 0.0001; the paper: 0.1",
            "Weight of a sequence's entropy, which is added to its reward.",
        ),
    ] = 1e-4
    baseline_decay: Annotated[float, policy.baseline_decay("the authors' code: 0.99")] = 0.99
    skip_target: Annotated[
        float,
        setting(
            "Probability of a skip connection that the controller is held to.",
            label="Skips: target",
            low=0.001,
            high=0.999,
            source="ENAS, section 3.2: 0.4",
        ),
    ] = 0.4
    skip_weight: Annotated[
        float,
        setting(
            "Weight of the divergence from that probability; 0 leaves it free.",
            label="Skips: weight",
            low=0.0,
            high=100.0,
            source="ENAS, section 3.2: 0.8",
        ),
    ] = 0.8
    favour_convolutions: Annotated[
        bool,
        setting(
            "Whether convolutions are preferred from the start, by a learnt bias of 10, and in the normal cell by a "
            "fixed 0.25, taken from the other operations.",
            label="Favour convolutions",
            source="the authors' code for the micro space: yes; the paper does not mention it",
        ),
    ] = False
    derive: Annotated[
        int,
        setting(
            "The last evaluations, for which nothing is learnt: the best of these architectures is the result.",
            label="Drawn for the result",
            low=0,
            high=1_000_000,
            source="ENAS, section 2.2: several; the authors' code prints 10",
        ),
    ] = 10
