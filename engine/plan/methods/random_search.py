"""The settings of random search."""

from typing import ClassVar

from msgspec import Struct

from engine.plan.budget import Budget


class RandomSettings(Struct, frozen=True, kw_only=True, tag="random", tag_field="kind", forbid_unknown_fields=True):
    """Independent draws, all architectures equally likely."""

    title: ClassVar[str] = "Random search"
    about: ClassVar[str] = (
        "Every candidate is drawn anew, each architecture of the space with the same chance. The baseline that any "
        "other method has to beat: compare the best score after as many evaluations."
    )
    source: ClassVar[str] = "Li, Talwalkar: Random search and reproducibility for neural architecture search, UAI 2019"
    one_shot: ClassVar[bool] = False
    budget: ClassVar[Budget] = Budget(evaluations=20_000)
