"""The settings of DARTS, with the values of its paper as defaults."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from engine.plan.budget import Budget
from engine.space.setting import setting


class DartsSettings(Struct, frozen=True, kw_only=True, tag="darts", tag_field="kind", forbid_unknown_fields=True):
    """Differentiable search in one weight-sharing network."""

    title: ClassVar[str] = "DARTS"
    about: ClassVar[str] = (
        "One network holds every candidate: each edge is a mixture of all operations, weighted by a softmax. Steps on "
        "the network's weights (training images) alternate with steps on the architecture weights (validation images). "
        "Watch the heat map: edges make up their mind one by one, and skip connections win if it runs too long."
    )
    source: ClassVar[str] = "Liu, Simonyan, Yang: DARTS, ICLR 2019"
    one_shot: ClassVar[bool] = True
    budget: ClassVar[Budget] = Budget(epochs=50)

    order: Annotated[
        Literal["first"],
        setting(
            "Whether the architecture's gradient looks one weight step ahead (second) or not (first).",
            label="Order",
            source="DARTS, section 2.3: both; the first order is several times cheaper",
        ),
    ] = "first"
    channels: Annotated[
        int,
        setting(
            "Channels of the supernet's first cell; they double at each reduction.",
            label="Channels",
            low=1,
            high=512,
            source="DARTS, appendix A.1: 16",
        ),
    ] = 16
    layers: Annotated[
        int,
        setting(
            "Cells stacked in the supernet; those at a third and at two thirds are reductions.",
            label="Layers",
            low=1,
            high=64,
            source="DARTS, appendix A.1: 8",
        ),
    ] = 8
    batch: Annotated[
        int,
        setting(
            "Images per step, of training and of validation each.",
            label="Batch",
            low=1,
            high=65536,
            unit="images",
            source="DARTS, appendix A.1: 64",
        ),
    ] = 64
    w_lr: Annotated[
        float,
        setting(
            "Learning rate of the network's weights at the start (SGD); a cosine brings it down.",
            label="Weights: learning rate",
            low=0.0,
            high=10.0,
            source="DARTS, appendix A.1: 0.025",
        ),
    ] = 0.025
    w_lr_min: Annotated[
        float,
        setting(
            "Learning rate of the network's weights at the end of the cosine.",
            label="Weights: final rate",
            low=0.0,
            high=10.0,
            source="the authors' code: 0.001 (the paper anneals to 0)",
        ),
    ] = 0.001
    w_momentum: Annotated[
        float,
        setting(
            "Momentum of the steps on the network's weights.",
            label="Weights: momentum",
            low=0.0,
            high=1.0,
            source="DARTS, appendix A.1: 0.9",
        ),
    ] = 0.9
    w_weight_decay: Annotated[
        float,
        setting(
            "Weight decay of the network's weights.",
            label="Weights: decay",
            low=0.0,
            high=1.0,
            source="DARTS, appendix A.1: 0.0003",
        ),
    ] = 3e-4
    w_clip: Annotated[
        float,
        setting(
            "Largest norm of the gradient of the network's weights; 0 does not clip.",
            label="Weights: clip",
            low=0.0,
            high=1e6,
            source="the authors' code: 5",
        ),
    ] = 5.0
    alpha_lr: Annotated[
        float,
        setting(
            "Learning rate of the architecture weights (Adam), constant.",
            label="Architecture: learning rate",
            low=0.0,
            high=10.0,
            source="DARTS, appendix A.1: 0.0003",
        ),
    ] = 3e-4
    alpha_beta1: Annotated[
        float,
        setting(
            "How slowly Adam's running mean of the architecture's gradient forgets.",
            label="Architecture: beta 1",
            low=0.0,
            high=0.999999,
            source="DARTS, appendix A.1: 0.5",
        ),
    ] = 0.5
    alpha_beta2: Annotated[
        float,
        setting(
            "How slowly Adam's running mean of the squared gradient forgets.",
            label="Architecture: beta 2",
            low=0.0,
            high=0.999999,
            source="DARTS, appendix A.1: 0.999",
        ),
    ] = 0.999
    alpha_weight_decay: Annotated[
        float,
        setting(
            "Weight decay of the architecture weights.",
            label="Architecture: decay",
            low=0.0,
            high=1.0,
            source="DARTS, appendix A.1: 0.001",
        ),
    ] = 1e-3
    alpha_init: Annotated[
        float,
        setting(
            "Standard deviation of the architecture weights at the start, around zero; 0 starts all alike.",
            label="Architecture: start",
            low=0.0,
            high=10.0,
            source="the authors' code: 0.001 (the paper starts from zeros)",
        ),
    ] = 1e-3
