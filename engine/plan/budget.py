"""How long a search may run, and what a one-shot search is watched with on the way."""

from typing import Annotated, ClassVar

from msgspec import Struct

from engine.space.setting import setting


class Instruments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Measurements of a search by gradient, which none of them disturbs. Sampling methods have no use for them."""

    title: ClassVar[str] = "Instruments"

    stop: Annotated[
        bool,
        setting(
            "End the search where the alarm says that the normal cell collapses, and keep the cell of the last healthy "
            "step.",
            label="Stop at the alarm",
            source="Zela et al. 2020, section 4.3 (DARTS-ES), for the eigenvalue; ours for the shares of operations",
        ),
    ] = False
    hessian_every: Annotated[
        int,
        setting(
            "Measure the sharpness of the validation loss in the architecture weights, the largest eigenvalue of its "
            "Hessian, every so many steps; 0 never does. A measurement costs as much as seven to eighteen "
            "steps on as many images.",
            label="Hessian: every",
            low=0,
            high=1_000_000,
            unit="steps",
            zero="never",
            source="off is ours; Zela et al. 2020 measure once an epoch",
        ),
    ] = 0
    hessian_iterations: Annotated[
        int,
        setting(
            "Products of the Hessian with a vector in one power iteration at the most; it ends before, where the "
            "eigenvalue is known to about 1 %.",
            label="Hessian: iterations",
            low=1,
            high=1000,
            source="ours",
        ),
    ] = 20
    hessian_batch: Annotated[
        int,
        setting(
            "Validation images of the measurements, the same ones each time.",
            label="Hessian: batch",
            low=2,
            high=65536,
            unit="images",
            source="ours, as a step of DARTS",
        ),
    ] = 64


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The search ends when the first of these limits is reached; what is not set does not limit it."""

    title: ClassVar[str] = "Budget"

    epochs: (
        Annotated[
            int,
            setting(
                "Passes of a one-shot search over its training images. It sets the pace of the learning rate too.",
                label="Epochs",
                low=1,
                high=100_000,
                unit="epochs",
            ),
        ]
        | None
    ) = None
    evaluations: (
        Annotated[
            int,
            setting(
                "Candidates that a sampling search has scored, the first random ones included.",
                label="Evaluations",
                low=1,
                high=10_000_000,
            ),
        ]
        | None
    ) = None
    seconds: (
        Annotated[
            float,
            setting("Time that the search runs, pauses left out.", label="Time", low=1.0, high=1e9, unit="s"),
        ]
        | None
    ) = None
    simulated_seconds: (
        Annotated[
            float,
            setting(
                "Time that the evaluations would have taken, by the costs of the benchmark table; without one, the "
                "time that they took. The candidate that would end later is not counted.",
                label="Simulated time",
                low=1.0,
                high=1e12,
                unit="s",
                source="Dong and Yang 2020: 12,000 s on CIFAR-10",
            ),
        ]
        | None
    ) = None
