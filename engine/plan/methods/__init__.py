"""The settings of every search method, one file each, with the values of its paper as defaults."""

from typing import TypeAlias

from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.enas import EnasSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.nao import NaoSettings
from engine.plan.methods.nas_rl import NasRlSettings
from engine.plan.methods.nasnet import NasnetSettings
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.plan.methods.pdarts import PdartsSettings
from engine.plan.methods.pnas import PnasSettings
from engine.plan.methods.random_search import RandomSettings
from engine.plan.methods.snas import SnasSettings
from engine.plan.methods.tournament import TournamentSettings

__all__ = [
    "METHODS",
    "DartsSettings",
    "EnasSettings",
    "EvolutionSettings",
    "Method",
    "NaoSettings",
    "NasRlSettings",
    "NasnetSettings",
    "PcDartsSettings",
    "PdartsSettings",
    "PnasSettings",
    "RandomSettings",
    "SnasSettings",
    "TournamentSettings",
]

Method: TypeAlias = (
    DartsSettings
    | SnasSettings
    | PdartsSettings
    | PcDartsSettings
    | EvolutionSettings
    | TournamentSettings
    | NasRlSettings
    | NasnetSettings
    | EnasSettings
    | PnasSettings
    | NaoSettings
    | RandomSettings
)

METHODS: dict[str, type[Method]] = {
    "darts": DartsSettings,
    "snas": SnasSettings,
    "pdarts": PdartsSettings,
    "pcdarts": PcDartsSettings,
    "evolution": EvolutionSettings,
    "tournament": TournamentSettings,
    "nas-rl": NasRlSettings,
    "nasnet": NasnetSettings,
    "enas": EnasSettings,
    "pnas": PnasSettings,
    "nao": NaoSettings,
    "random": RandomSettings,
}
"""The methods by the kind they have in a plan."""
