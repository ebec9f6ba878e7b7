"""The settings of tournament selection without removal, with the values of Hier-EA as defaults."""

from typing import Annotated, ClassVar

from engine.plan.budget import Budget
from engine.plan.plan import METHODS, Family, MethodSettings
from engine.space.setting import setting


@METHODS.register(60)
class TournamentSettings(MethodSettings, frozen=True, kw_only=True, tag="tournament"):
    """The best of a share of the population is mutated; nobody dies, so the population grows."""

    title: ClassVar[str] = "Tournament evolution"
    about: ClassVar[str] = (
        "The first population are simple architectures after very many random mutations. Then the best of a random "
        "share of all that were ever evaluated gets a mutated child. Nobody dies: watch the tournaments grow with the "
        "population, and the pressure towards the best with them."
    )
    source: ClassVar[str] = "Liu et al.: Hierarchical representations for efficient architecture search, ICLR 2018"
    family: ClassVar[Family] = "Evolution"
    budget: ClassVar[Budget] = Budget(evaluations=7_000)

    population: Annotated[
        int,
        setting(
            "Architectures that the search begins with.",
            label="First population",
            low=1,
            high=100_000,
            source="Hier-EA, section 4.1: 200",
        ),
    ] = 200
    share: Annotated[
        float,
        setting(
            "Share of the population that takes part in a tournament, at least one; the best of them has the child.",
            label="Tournament",
            low=0.0,
            high=1.0,
            source="Hier-EA, section 3.3: 0.05",
        ),
    ] = 0.05
    mutations: Annotated[
        int,
        setting(
            "Random mutations that turn the space's simplest architecture into a member of the first population.",
            label="First mutations",
            low=0,
            high=100_000,
            source="Hier-EA, section 3.3: 1,000",
        ),
    ] = 1_000
