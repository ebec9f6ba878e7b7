"""The settings of random search."""

from typing import ClassVar

from engine.plan.budget import Budget
from engine.plan.plan import METHODS, Family, MethodSettings


@METHODS.register(120)
class RandomSettings(MethodSettings, frozen=True, kw_only=True, tag="random"):
    """Independent draws, all architectures equally likely."""

    title: ClassVar[str] = "Random search"
    about: ClassVar[str] = (
        "Every candidate is drawn anew, each architecture of the space with the same chance. The baseline that any "
        "other method has to beat: compare the best score after as many evaluations."
    )
    source: ClassVar[str] = "Li, Talwalkar: Random search and reproducibility for neural architecture search, UAI 2019"
    family: ClassVar[Family] = "Random"
    budget: ClassVar[Budget] = Budget(evaluations=20_000)
