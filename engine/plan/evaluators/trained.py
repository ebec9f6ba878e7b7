"""The settings of training a candidate from scratch."""

from collections.abc import Iterable
from typing import Annotated, ClassVar

from engine.plan.evaluators import training
from engine.plan.plan import EVALUATORS, EvaluatorSettings, Fault, Plan, too_shallow
from engine.space.setting import setting


@EVALUATORS.register(10)
class TrainedSettings(EvaluatorSettings, frozen=True, kw_only=True, tag="trained"):
    """A candidate is trained from scratch for a few epochs; its validation accuracy is its score.

    The defaults are those of Real et al. 2019 for the networks they train while searching, which takes a GPU. The
    presets for small images take far smaller ones.
    """

    title: ClassVar[str] = "Trained from scratch"
    about: ClassVar[str] = (
        "Every candidate is built as a small network and trained for a few epochs with SGD and a cosine schedule; its "
        "score is the accuracy on the validation images after the last epoch, or the best after one of the last ones. "
        "Honest, and slow."
    )
    source: ClassVar[str] = "Real et al. 2019"

    epochs: Annotated[
        int,
        setting(
            "Epochs that each candidate is trained for.",
            label="Epochs",
            low=1,
            high=10_000,
            unit="epochs",
            source="Real et al. 2019: 25",
        ),
    ] = 25
    best_of_last: Annotated[
        int,
        setting(
            "The score is the best validation accuracy after so many of the last epochs, or after any where there are "
            "fewer; 1 takes the last.",
            label="Score: best of last",
            low=1,
            high=10_000,
            unit="epochs",
            source="ours: 1; NAS-RL, section 4.1: 5, and its reward is the cube of that",
        ),
    ] = 1
    channels: Annotated[int, training.channels("Real et al. 2019: F = 24")] = 24
    layers: Annotated[
        int, training.layers("Real et al. 2019: N = 3 normal cells per stage, hence 11 with the two reductions")
    ] = 11
    batch: Annotated[
        int,
        setting(
            "Images per step.",
            label="Batch",
            low=1,
            high=65536,
            unit="images",
            source="Real et al. 2019, final training: 128",
        ),
    ] = 128
    lr: Annotated[float, training.lr("Real et al. 2019, final training: 0.024")] = 0.024
    momentum: Annotated[float, training.momentum("Real et al. 2019, final training: 0.9")] = 0.9
    weight_decay: Annotated[float, training.weight_decay("Real et al. 2019, final training: 0.0005")] = 5e-4
    clip: Annotated[float, training.clip("the authors' code of DARTS: 5")] = 5.0
    norm_batches: Annotated[
        int,
        setting(
            "Training batches, not augmented, over which batch norms learn their statistics anew before each epoch's "
            "score: after a few steps running ones still lag behind the weights, which blurs who is better. Each takes "
            "about a third of a step. 0 scores with the running statistics.",
            label="Norm statistics",
            low=0,
            high=100_000,
            unit="batches",
            zero="running",
            source='ours (Wu and Johnson 2021, Rethinking "Batch" in BatchNorm, section 3); the papers: 0',
        ),
    ] = 5
    workers: Annotated[
        int,
        setting(
            "Candidates that are trained at once, each in a process of its own with its share of the threads; 1 trains "
            "them one after the other in this process.",
            label="Workers",
            low=1,
            high=1024,
            source="Real et al. 2019: 450; one suits one device",
        ),
    ] = 1

    def faults(self, plan: Plan) -> Iterable[Fault]:
        return too_shallow(plan, self.layers)
