"""The settings of ENAS's controller, and the two published sets of constants that bend its logits."""

import math
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, NamedTuple

from engine.plan.budget import Budget
from engine.plan.build import shown
from engine.plan.methods import policy
from engine.plan.plan import METHODS, Family, Fault, MethodSettings, Plan
from engine.space.setting import setting


class Constants(NamedTuple):
    """What becomes of a logit x: tanh · tanh(x / temperature), and for operations so many times less."""

    tanh: float
    """0 leaves logits as they are."""
    temperature: float
    tanh_reduction: float
    favour_convolutions: bool

    @property
    def operations(self) -> float:
        """The largest logit of an operation; 0 where nothing bounds it."""
        return self.tanh / self.tanh_reduction


PAPER = Constants(tanh=2.5, temperature=5.0, tanh_reduction=1.0, favour_convolutions=False)
MICRO_SCRIPT = Constants(tanh=1.1, temperature=1.0, tanh_reduction=2.5, favour_convolutions=True)
MACRO_SCRIPT = Constants(tanh=1.5, temperature=1.0, tanh_reduction=1.0, favour_convolutions=False)


def ceiling(bound: float, choices: int) -> float:
    """The largest probability that a softmax over logits within ±`bound` can give to one of so many choices.

    It is reached where one logit is `bound` and all others are -`bound`: 1 / (1 + (n - 1) e^(-2 bound)).
    """
    return 1 / (1 + (choices - 1) * math.exp(-2 * bound))


@METHODS.register(90)
class EnasSettings(MethodSettings, frozen=True, kw_only=True, tag="enas"):
    """An LSTM controller that learns by REINFORCE while the shared weights learn what it draws.

    What bends the logits has the paper's values, since those of the authors' script belong together with what the
    paper does not mention: `constants` takes them as a whole. The paper leaves out most of the other numbers, so they
    are the script's for the micro space; each setting says where macro space and paper differ.
    """

    title: ClassVar[str] = "ENAS"
    about: ClassVar[str] = (
        "A controller draws architectures and learns from their scores, in turns with one network whose weights they "
        "all share: use it with evaluator=shared. At the end, some are drawn without learning, and the best of these "
        "is the result. Watch entropy and reward, and how the shared weights lift all scores."
    )
    source: ClassVar[str] = "Pham, Guan, Zoph, Le, Dean: Efficient neural architecture search, ICML 2018"
    family: ClassVar[Family] = "Reinforcement learning"
    panels: ClassVar[tuple[str, ...]] = ("controller",)
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
    constants: Annotated[
        Literal["as set", "authors' script"],
        setting(
            "What bends the logits. as set: the four settings that follow, which begin with the paper's values. "
            f"authors' script: tanh constant {MICRO_SCRIPT.tanh:g}, reduction {MICRO_SCRIPT.tanh_reduction:g}, no "
            "temperature, and convolutions favoured. One of five operations then has a probability of at most "
            f"{ceiling(MICRO_SCRIPT.operations, 5):.3f}, whatever is learnt, and more only as a convolution in the "
            f"normal cell. In the macro space: tanh constant {MACRO_SCRIPT.tanh:g} and nothing else.",
            label="Constants",
            source="ENAS's paper and its authors' scripts, which differ",
        ),
    ] = "as set"
    tanh: Annotated[
        float,
        setting(
            "Largest logit: they become this times their tanh. So one of n choices has a probability of at most "
            "1 / (1 + (n - 1) · e^(-2 · this)), whatever is learnt: "
            f"with {PAPER.tanh:g}, one of five operations at most {ceiling(PAPER.tanh, 5):.3f}. "
            "0 leaves the logits as they are.",
            label="Tanh constant",
            low=0.0,
            high=100.0,
            source="the paper: 2.5; the authors' scripts: 1.1 (micro), 1.5 (macro)",
        ),
    ] = PAPER.tanh
    temperature: Annotated[
        float,
        setting(
            "Divides the logits before that: with more, the controller decides later. 1 leaves them as they are.",
            label="Temperature",
            low=0.01,
            high=1000.0,
            source="the paper: 5; the authors' scripts: none",
        ),
    ] = PAPER.temperature
    tanh_reduction: Annotated[
        float,
        setting(
            "How many times smaller the tanh constant is for operations, which bounds what the controller can decide: "
            f"{MICRO_SCRIPT.tanh:g} / {MICRO_SCRIPT.tanh_reduction:g} leaves one of five a probability of at most "
            f"{ceiling(MICRO_SCRIPT.operations, 5):.3f}. The macro space has none.",
            label="Reduction for operations",
            low=0.01,
            high=100.0,
            source="the paper: none; the authors' script for the micro space: 2.5",
        ),
    ] = PAPER.tanh_reduction
    favour_convolutions: Annotated[
        bool,
        setting(
            "Whether convolutions are preferred from the start, by a learnt bias of 10, and in the normal cell by a "
            "fixed 0.25, taken from the other operations.",
            label="Favour convolutions",
            source="the paper: no; the authors' code for the micro space: yes",
        ),
    ] = PAPER.favour_convolutions
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

    def bending(self, macro: bool) -> Constants:
        """The constants in force, in the macro space or in any other."""
        if self.constants == "authors' script":
            return MACRO_SCRIPT if macro else MICRO_SCRIPT
        reduction = 1.0 if macro else self.tanh_reduction
        return Constants(self.tanh, self.temperature, reduction, self.favour_convolutions)

    def faults(self, plan: Plan) -> Iterable[Fault]:
        yield from self._constant_faults(plan.space.macro)
        if (limit := plan.budget.evaluations) is not None and self.derive >= limit:
            allowed = f"must be less than budget.evaluations ({limit:,}), or nothing is learnt"
            yield "method.derive", f"{allowed}, got {self.derive:,}"

    def _constant_faults(self, macro: bool) -> Iterable[Fault]:
        """What `constants` and the macro space would pass over in silence."""
        if self.constants == "as set":
            if macro and self.tanh_reduction != 1:
                reason = "must be 1 for space=enas-macro, whose operations have the whole tanh constant"
                yield "method.tanh_reduction", f"{reason}, got {self.tanh_reduction:g}"
            return
        reason = "must be left at {} while method.constants is {}, which brings its own, got {}"
        for name, default in PAPER._asdict().items():
            if getattr(self, name) != default:
                found = reason.format(shown(default), self.constants, shown(getattr(self, name)))
                yield f"method.{name}", found
