"""How long a search may run."""

from typing import Annotated, ClassVar

from msgspec import Struct

from engine.space.setting import setting


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
