"""The settings of scores from one network of shared weights."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.evaluators import training
from engine.plan.plan import EVALUATORS, EvaluatorSettings, Fault, Plan, too_shallow
from engine.space.setting import setting
from engine.space.spaces import Space

LEAST_IMAGE = 17
"""Pixels that are 5 after two reductions, as many as the pool of the authors' auxiliary head sees."""


@EVALUATORS.register(20)
class SharedSettings(EvaluatorSettings, frozen=True, kw_only=True, tag="shared"):
    """One network holds the weights of all candidates; each is a path in it, and never trained on its own.

    The defaults are those of ENAS's micro search, with numbers for CIFAR-10 on a GPU. The presets take far smaller
    ones.
    """

    title: ClassVar[str] = "Shared weights"
    about: ClassVar[str] = (
        "All candidates are paths of one network. It is trained for a pass, with another architecture on each batch; "
        "then candidates are scored with its weights as they are, which takes a batch each; and so on in turns. Cheap "
        "and biased: a path's score is not what it would reach alone, and later scores come from better weights."
    )
    source: ClassVar[str] = "Pham, Guan, Zoph, Le, Dean: Efficient neural architecture search, ICML 2018, section 2.2"

    network: Annotated[
        Literal["final", "authors' search"],
        setting(
            "final: the network of the final training, small, around all cells at once. There a reduction cell reads "
            "k-2 past the cell before it, which makes k-2 attractive while weights are young. authors' search: that in "
            "which ENAS's authors search, for spaces of two cells. A reduction comes before its cell, which reads k-1 "
            "twice and k-2 not at all; every cell ends in a convolution back to its channels; a ReLU comes before the "
            "last pool; and there are what the next two settings say.",
            label="Network",
            source="the paper does not tell them apart; the authors' code does",
        ),
    ] = "final"
    auxiliary: Annotated[
        float,
        setting(
            "Weight of the auxiliary head's loss in the authors' search network, for images of 17 pixels or more; "
            "0 builds none. The head's own weights are not trained, as in the authors' code.",
            label="Auxiliary head",
            low=0.0,
            high=10.0,
            source="the authors' code of ENAS: 0.4",
        ),
    ] = 0.4
    dropout: Annotated[
        float,
        setting(
            "Share of the features that is dropped before the classifier of the authors' search network, also while a "
            "candidate is scored by the norms of its batch.",
            label="Dropout",
            low=0.0,
            high=0.95,
            source="the authors' code of ENAS: 0.1",
        ),
    ] = 0.1
    evaluations: Annotated[
        int,
        setting(
            "Candidates that are scored before the shared weights are trained again.",
            label="Candidates per phase",
            low=1,
            high=1_000_000,
            source="the authors' code of ENAS: 300 (micro, 30 steps of 10), 1,000 (macro, 50 of 20)",
        ),
    ] = 300
    passes: Annotated[
        int,
        setting(
            "Passes over the training images in each training of the shared weights.",
            label="Passes per phase",
            low=1,
            high=10_000,
            unit="epochs",
            source="ENAS, section 2.2: 1; the authors' code of NAO: 30",
        ),
    ] = 1
    rest: Annotated[
        int,
        setting(
            "Phases of training before the first candidate is scored, beside the one that always is. Meanwhile the "
            "method rests, and the shared weights learn what it draws before it has learnt anything: pools and skips, "
            "which need no training, lead less when it begins.",
            label="Method: rest",
            low=0,
            high=10_000,
            unit="phases",
            source="ENAS, section 2.2: none, the first pass is followed by the controller's first steps",
        ),
    ] = 0
    channels: Annotated[
        int,
        training.channels(
            "the authors' code of ENAS: 20 (micro), 36 (macro)",
            "Channels of the network's first cell or layer; they double at each reduction.",
        ),
    ] = 20
    layers: Annotated[
        int,
        training.layers(
            "the authors' code of ENAS: 6 and two reductions",
            "Cells stacked in the network; those at a third and at two thirds are reductions. A macro space says "
            "itself how many layers it has.",
        ),
    ] = 8
    batch: Annotated[
        int,
        setting(
            "Images per step.",
            label="Batch",
            low=2,
            high=65536,
            unit="images",
            source="the authors' code of ENAS: 160 (micro), 128 (macro)",
        ),
    ] = 160
    lr: Annotated[
        float,
        training.lr(
            "ENAS, section 3.2: 0.05",
            "Learning rate after each restart (SGD with Nesterov momentum); a cosine brings it down.",
        ),
    ] = 0.05
    lr_min: Annotated[
        float,
        setting(
            "Learning rate at the end of each cosine.",
            label="Final rate",
            low=0.0,
            high=10.0,
            source="the authors' code of ENAS: 0.0005 (the paper says 0.001)",
        ),
    ] = 5e-4
    period: Annotated[
        int,
        setting(
            "Passes until the learning rate starts anew for the first time.",
            label="First restart",
            low=1,
            high=100_000,
            unit="epochs",
            source="ENAS, section 3.2: 10",
        ),
    ] = 10
    period_factor: Annotated[
        int,
        setting(
            "How many times longer each cosine is than the one before.",
            label="Restart factor",
            low=1,
            high=100,
            source="ENAS, section 3.2: 2",
        ),
    ] = 2
    momentum: Annotated[
        float, training.momentum("ENAS, section 3.2: 0.9, of Nesterov's kind", "Momentum of the steps; 0 has none.")
    ] = 0.9
    weight_decay: Annotated[
        float, training.weight_decay("ENAS, section 3.2: 0.0001", "Weight decay, on the weights that a batch uses.")
    ] = 1e-4
    clip: Annotated[float, training.clip("the authors' code of ENAS: 5")] = 5.0
    drop_path: Annotated[
        float,
        setting(
            "Share of the operations' outputs that is dropped in training, per image; a macro space drops none.",
            label="Drop path",
            low=0.0,
            high=0.95,
            source="the authors' code of ENAS: none while searching; that of NAO: 0.1",
        ),
    ] = 0.0
    images: Annotated[
        int,
        setting(
            "Validation images that score a candidate, drawn anew for each; 0 takes all of them.",
            label="Images per score",
            low=0,
            high=10_000_000,
            unit="images",
            zero="all",
            source="ENAS, section 2.2: one batch, of 160 in the authors' code; that of NAO: 500",
        ),
    ] = 160
    norm: Annotated[
        Literal["batch", "running"],
        setting(
            "What a score's batch norms go by. batch: the images that are looked at, as in the authors' code of ENAS "
            "for the micro space and in that of NAO, since running means mix all the paths that were trained. running: "
            "these means.",
            label="Batch norm",
            source="the authors' code: batch in ENAS's micro space and NAO, running in ENAS's macro space",
        ),
    ] = "batch"
    norm_batches: Annotated[
        int,
        setting(
            "Where scores go by running means: training batches, not augmented, over which the norms of a candidate's "
            "path learn them anew, since means over all paths fit none. Each costs a pass forward a candidate. 0 takes "
            "the means of the training.",
            label="Norm statistics",
            low=0,
            high=100_000,
            unit="batches",
            zero="running",
            source="ours; the authors' code: 0",
        ),
    ] = 2

    def faults(self, plan: Plan) -> Iterable[Fault]:
        yield from too_shallow(plan, self.layers)
        if plan.method.one_shot:
            return
        if reason := plan.space.unshareable:
            yield "space", f"must be another for evaluator=shared: {reason}"
        if self.lr_min > self.lr:
            allowed = f"must be at most evaluator.lr ({self.lr:g}), which falls to it"
            yield "evaluator.lr_min", f"{allowed}, got {self.lr_min:g}"
        if self.network != "final":
            if reason := plan.space.unpaired:
                yield "evaluator.network", f"must be final: {reason}"
            if self.auxiliary and plan.data.image < LEAST_IMAGE:
                reason = f"must be 0 for images of fewer than {LEAST_IMAGE} pixels, too small for an auxiliary head"
                yield "evaluator.auxiliary", f"{reason}, got {self.auxiliary:g}"

    def whole_only(self, space: Space) -> str:
        return " for evaluator=shared, which cannot hold networks of fewer layers" if space.macro else ""
