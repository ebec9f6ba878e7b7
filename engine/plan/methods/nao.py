"""The settings of NAO, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.plan import METHODS, Family, MethodSettings
from engine.space.setting import setting

CODE = "the authors' code"


@METHODS.register(110)
class NaoSettings(MethodSettings, frozen=True, kw_only=True, tag="nao"):
    """Architectures as points of a learnt space, moved uphill and read back."""

    title: ClassVar[str] = "NAO"
    about: ClassVar[str] = (
        "An encoder turns architectures into points, a predictor says what a point would score, and a decoder turns "
        "points into architectures again. From the best ones known, steps along the predictor's gradient lead to new "
        "ones. Watch the points: good ones gather, and the steps lead there."
    )
    source: ClassVar[str] = "Luo, Tian, Qin, Chen, Liu: Neural architecture optimization, NeurIPS 2018"
    family: ClassVar[Family] = "Surrogates"
    panels: ClassVar[tuple[str, ...]] = ("embedding", "surrogate")
    budget: ClassVar[Budget] = Budget(evaluations=1000)

    initial: Annotated[
        int,
        setting(
            "Random architectures that are tried before anything is learnt.",
            label="At first",
            low=2,
            high=1_000_000,
            source="NAO, section 4.1: 600",
        ),
    ] = 600
    pool: Annotated[
        int,
        setting(
            "Architectures that are learnt from, the best of those tried; a new one takes the place of the worst.",
            label="Pool",
            low=2,
            high=100_000,
            source=f"{CODE}: 600",
        ),
    ] = 600
    seeds: Annotated[
        int,
        setting(
            "Best architectures of the pool from which the steps begin.",
            label="Seeds",
            low=1,
            high=100_000,
            source=f"{CODE}: 100",
        ),
    ] = 100
    new: Annotated[
        int,
        setting(
            "New architectures that are tried between two times that the net learns.",
            label="New per round",
            low=1,
            high=100_000,
            source="NAO, section 4.1: 200, in two rounds after the first; the authors' code with shared weights: 300",
        ),
    ] = 200
    eta: Annotated[
        float,
        setting(
            "Length of a step, as a multiple of the gradient.",
            label="Step (η)",
            low=0.0,
            high=1e6,
            source="NAO, section 4.1: 10; the authors' code begins with 1",
        ),
    ] = 10.0
    reach: Annotated[
        int,
        setting(
            "How far the steps may grow, to η, 2 η, 3 η and so on, until they have led to enough new architectures.",
            label="Reach",
            low=1,
            high=10_000,
            source="NAO: 1; the authors' code: 50",
        ),
    ] = 1
    surplus: Annotated[
        int,
        setting(
            "How many times as many new architectures are decoded as are tried; those that promise most are.",
            label="Surplus",
            low=1,
            high=1000,
            source="NAO: 1, all are tried",
        ),
    ] = 1
    trade: Annotated[
        float,
        setting(
            "Weight of the predictor's loss against the decoder's, which has the rest.",
            label="Trade-off (λ)",
            low=0.0,
            high=1.0,
            source="NAO, section 4.1: 0.9; the authors' code: 0.8",
        ),
    ] = 0.9
    augment: Annotated[
        bool,
        setting(
            "Whether the net learns every architecture in other words too: with a node's inputs swapped, or two nodes.",
            label="Augmentation",
            source="NAO, section 4.1: the inputs of a random node swapped, which doubles the data",
        ),
    ] = True
    unscored: Annotated[
        int,
        setting(
            "Random architectures that the decoder learns too, though nobody knows their scores.",
            label="Unscored",
            low=0,
            high=100_000,
            source="NAO: none; Luo et al.: Semi-supervised neural architecture search, NeurIPS 2020",
        ),
    ] = 0
    tokens: Annotated[
        Literal["shared", "placed"],
        setting(
            "Whether a choice is the same to the net wherever it is made, or another one in every place.",
            label="Surrogate net: tokens",
            source=f"{CODE}: one vocabulary for all places",
        ),
    ] = "shared"
    embed: Annotated[
        int,
        setting(
            "Width of a token's embedding where the encoder reads it.",
            label="Surrogate net: embedding",
            low=1,
            high=1024,
            source="NAO, appendix: 32; the authors' code: 48, and reads two tokens at a time",
        ),
    ] = 32
    decoder_embed: Annotated[
        int,
        setting(
            "Width of a token's embedding where the decoder reads it, as its last answer.",
            label="Surrogate net: decoder's embedding",
            low=1,
            high=1024,
            source=f"{CODE}: 96, as wide as the hidden state (the paper gives one width, the encoder's)",
        ),
    ] = 96
    hidden: Annotated[
        int,
        setting(
            "Width of encoder, decoder and of an architecture's embedding.",
            label="Surrogate net: hidden",
            low=2,
            high=1024,
            source=f"{CODE}: 96",
        ),
    ] = 96
    predictor: Annotated[
        int,
        setting(
            "Width of the predictor's layers.",
            label="Surrogate net: predictor",
            low=1,
            high=4096,
            source=f"{CODE}: 200",
        ),
    ] = 200
    predictor_layers: Annotated[
        int,
        setting(
            "Hidden layers of the predictor.",
            label="Surrogate net: predictor layers",
            low=0,
            high=20,
            source=f"{CODE}: 3",
        ),
    ] = 3
    dropout: Annotated[
        float,
        setting(
            "Share of the predictor's hidden units that are left out in training.",
            label="Surrogate net: dropout",
            low=0.0,
            high=0.9,
            source=f"{CODE}: 0.1",
        ),
    ] = 0.1
    epochs_first: Annotated[
        int,
        setting(
            "Passes over the pool when the net learns for the first time.",
            label="First epochs",
            low=1,
            high=100_000,
            source=f"{CODE}: 1,000",
        ),
    ] = 1000
    epochs: Annotated[
        int,
        setting(
            "Passes over the pool each time that the net goes on learning.",
            label="Epochs",
            low=1,
            high=100_000,
            source=f"{CODE}: 1,000",
        ),
    ] = 1000
    batch: Annotated[
        int,
        setting("Architectures per step of the net.", label="Batch", low=1, high=65536, source=f"{CODE}: 100"),
    ] = 100
    lr: Annotated[
        float,
        setting("Learning rate of the net (Adam).", label="Learning rate", low=0.0, high=1.0, source=f"{CODE}: 0.001"),
    ] = 1e-3
    weight_decay: Annotated[
        float,
        setting("Weight decay of the net.", label="Weight decay", low=0.0, high=1.0, source=f"{CODE}: 0.0001"),
    ] = 1e-4
    floor: Annotated[
        float,
        setting(
            "Share of the scores, the worst, that the predictor takes for equally bad.",
            label="Floor",
            low=0.0,
            high=0.9,
            source="NAO: none",
        ),
    ] = 0.0
