"""The settings of PNAS, with the values of its paper as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.plan import METHODS, Family, Fault, MethodSettings, Plan
from engine.space.progressive_levels import Way, levels, obstacle
from engine.space.setting import setting

PAPER = "PNAS, section 5.1"


@METHODS.register(100)
class PnasSettings(MethodSettings, frozen=True, kw_only=True, tag="pnas"):
    """Cells that grow block by block, chosen by a net that has learnt from those scored."""

    title: ClassVar[str] = "PNAS"
    about: ClassVar[str] = (
        "All cells of one block are scored first. The good ones get another block in every possible way, a surrogate "
        "predicts what each would score, and only the most promising are tried; and so on, block by block. Watch how "
        "well the surrogate ranks what it has not seen."
    )
    source: ClassVar[str] = "Liu et al.: Progressive neural architecture search, ECCV 2018"
    family: ClassVar[Family] = "Surrogates"
    panels: ClassVar[tuple[str, ...]] = ("surrogate",)
    budget: ClassVar[Budget] = Budget(evaluations=1160)

    growth: Annotated[
        Way,
        setting(
            "How architectures grow. blocks: smaller ones are scored as they are. embedded: as whole ones whose later "
            "nodes only pass on what they get, for scores that exist of whole ones alone, such as a benchmark's. "
            "whole: not at all, the surrogate chooses among whole ones from the start. auto: embedded if the space "
            "can, else blocks if it can, else whole.",
            label="Growth",
            source="PNAS, section 4.2: blocks; the others are ours",
        ),
    ] = "auto"
    first: Annotated[
        int,
        setting(
            "Architectures of the first level that are tried, drawn at random where there are more.",
            label="First level",
            low=1,
            high=1_000_000,
            source=f"{PAPER}: all 256, of which 136 differ",
        ),
    ] = 256
    keep: Annotated[
        int,
        setting(
            "Architectures of each further level that are tried. At the last level it goes on until the budget ends.",
            label="Kept per level",
            low=1,
            high=1_000_000,
            source=f"{PAPER}: K = 256",
        ),
    ] = 256
    grow: Annotated[
        int,
        setting(
            "Architectures of a level that grow: the best tried ones and, if these are fewer, the most promising ones "
            "that were not.",
            label="Growing per level",
            low=1,
            high=1_000_000,
            source=f"{PAPER}: the K = 256 that were kept",
        ),
    ] = 256
    random: Annotated[
        int,
        setting(
            "Architectures of the last level that are tried first, drawn at random and not by the surrogate.",
            label="Random at the last level",
            low=0,
            high=1_000_000,
            source="PNAS: none",
        ),
    ] = 0
    every: Annotated[
        int,
        setting(
            "Architectures that are tried between two times that the surrogate learns and ranks.",
            label="Learn every",
            low=1,
            high=1_000_000,
            source=f"{PAPER}: once per level, K = 256",
        ),
    ] = 256
    ranked: Annotated[
        int,
        setting(
            "Most expansions of a level that are ranked; where there are more, so many are drawn at random.",
            label="Ranked at most",
            low=1,
            high=10_000_000,
            source="ours; the paper ranks all, up to 589,824",
        ),
    ] = 100_000
    surrogate: Annotated[
        Literal["mlp", "lstm"],
        setting(
            "What reads the tokens of an architecture: an MLP (the mean over the blocks) or an LSTM (one by one).",
            label="Surrogate",
            source="PNAS, section 5.2: the LSTM ranks better at the same level, the MLP (chosen) at the next",
        ),
    ] = "mlp"
    members: Annotated[
        int,
        setting(
            "Surrogates whose predictions are averaged; each learns from all scores but its own share of them.",
            label="Ensemble",
            low=1,
            high=100,
            source="PNAS, section 4.3: 5, each on 4/5 of the data",
        ),
    ] = 5
    tokens: Annotated[
        Literal["shared", "placed"],
        setting(
            "Whether an operation is the same to the surrogate wherever it is, or another one in every place.",
            label="Surrogate net: tokens",
            source="PNAS, section 4.3: one embedding for all inputs, one for all operations",
        ),
    ] = "shared"
    embed: Annotated[
        int,
        setting("Width of an embedding.", label="Surrogate net: embedding", low=1, high=1024, source=f"{PAPER}: 100"),
    ] = 100
    hidden: Annotated[
        int,
        setting("Width of the hidden layers.", label="Surrogate net: hidden", low=1, high=1024, source=f"{PAPER}: 100"),
    ] = 100
    lr_first: Annotated[
        float,
        setting(
            "Learning rate (Adam) of the surrogate when it learns for the first time.",
            label="First learning rate",
            low=0.0,
            high=1.0,
            source=f"{PAPER}: 0.01",
        ),
    ] = 0.01
    lr: Annotated[
        float,
        setting(
            "Learning rate (Adam) of the surrogate when it goes on learning.",
            label="Learning rate",
            low=0.0,
            high=1.0,
            source=f"{PAPER}: 0.002",
        ),
    ] = 0.002
    steps_first: Annotated[
        int,
        setting(
            "Steps of the surrogate when it learns for the first time.",
            label="First steps",
            low=1,
            high=1_000_000,
            source="ours; the paper does not say",
        ),
    ] = 400
    steps: Annotated[
        int,
        setting(
            "Steps of the surrogate when it goes on learning.",
            label="Steps",
            low=1,
            high=1_000_000,
            source="ours; the paper does not say",
        ),
    ] = 400
    batch: Annotated[
        int,
        setting(
            "Architectures per step of the surrogate.",
            label="Batch",
            low=1,
            high=65536,
            source="ours; the paper does not say",
        ),
    ] = 128
    floor: Annotated[
        float,
        setting(
            "Share of the scores, the worst, that the surrogate takes for equally bad.",
            label="Floor",
            low=0.0,
            high=0.9,
            source="PNAS: none",
        ),
    ] = 0.0

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if reason := obstacle(plan.space, self.growth):
            yield "method.growth", f"must be auto or whole for this space: {reason}"
            return
        reason = plan.evaluator.whole_only(plan.space) if plan.evaluator is not None else ""
        if reason and levels(plan.space, self.growth)[0].space != plan.space:
            ways = "whole" if plan.space.macro else "embedded or whole"
            yield "method.growth", f"must be {ways}{reason}, got {self.growth}"
