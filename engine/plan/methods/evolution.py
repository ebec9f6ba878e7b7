"""The settings of evolution, with the values of their papers as defaults."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from engine.plan.budget import Budget
from engine.plan.plan import METHODS, Family, Fault, MethodSettings, Plan
from engine.space.setting import setting


@METHODS.register(50)
class EvolutionSettings(MethodSettings, frozen=True, kw_only=True, tag="evolution"):
    """Evolution by tournaments, aging or not: the best of a sample is mutated, the oldest or the worst dies."""

    title: ClassVar[str] = "Regularized evolution"
    about: ClassVar[str] = (
        "A population of trained architectures. The best of a random sample gets a mutated child, and the oldest of "
        "all dies, good or not, so that only what scores well again and again stays. Watch the cloud of scores rise "
        "while its members are replaced."
    )
    source: ClassVar[str] = "Real et al.: Regularized evolution for image classifier architecture search, AAAI 2019"
    family: ClassVar[Family] = "Evolution"
    budget: ClassVar[Budget] = Budget(evaluations=20_000)

    population: Annotated[
        int,
        setting(
            "Architectures alive at a time; the first ones are drawn at random.",
            label="Population",
            low=1,
            high=100_000,
            source="Real et al. 2019: 100",
        ),
    ] = 100
    sample: Annotated[
        int,
        setting(
            "Architectures drawn from the population; the best of them becomes the parent.",
            label="Sample",
            low=1,
            high=100_000,
            source="Real et al. 2019: 25",
        ),
    ] = 25
    removal: Annotated[
        Literal["oldest", "worst"],
        setting(
            "Who makes room for a new member: the one that joined first (aging evolution), or the worst of the sample "
            "that the child comes from (non-aging evolution).",
            label="Dies",
            source="Real et al. 2019: oldest; worst is the variant they compare with",
        ),
    ] = "oldest"
    identity_probability: Annotated[
        float,
        setting(
            "Chance that a child is a copy of its parent. Otherwise an input or an operation changes, equally likely.",
            label="Identity probability",
            low=0.0,
            high=1.0,
            source="Real et al. 2019: 0.05",
        ),
    ] = 0.05

    def faults(self, plan: Plan) -> Iterable[Fault]:
        if self.sample > self.population:
            yield "method.sample", f"must be at most method.population ({self.population}), got {self.sample}"
