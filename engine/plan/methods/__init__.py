"""The settings of every search method, one file each, with the values of its paper as defaults."""

from typing import TypeAlias

from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.nas_rl import NasRlSettings
from engine.plan.methods.nasnet import NasnetSettings
from engine.plan.methods.random_search import RandomSettings
from engine.plan.methods.tournament import TournamentSettings

__all__ = [
    "METHODS",
    "DartsSettings",
    "EvolutionSettings",
    "Method",
    "NasRlSettings",
    "NasnetSettings",
    "RandomSettings",
    "TournamentSettings",
]

Method: TypeAlias = (
    DartsSettings | EvolutionSettings | TournamentSettings | NasRlSettings | NasnetSettings | RandomSettings
)

METHODS: dict[str, type[Method]] = {
    "darts": DartsSettings,
    "evolution": EvolutionSettings,
    "tournament": TournamentSettings,
    "nas-rl": NasRlSettings,
    "nasnet": NasnetSettings,
    "random": RandomSettings,
}
"""The methods by the kind they have in a plan."""
