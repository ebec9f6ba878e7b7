"""What a search is to do: the settings of every method, evaluator, data set and budget, as validated values and TOML.

No torch, no Qt. The form in the window, the messages and the --set flags all follow from the annotations in here.
"""

from engine.plan.budget import Budget
from engine.plan.check import check, faults
from engine.plan.datasets import DATASETS, Cifar10, Cifar100, Data, Digits, FashionMnist, ImageFolder
from engine.plan.errors import PlanError
from engine.plan.evaluators import EVALUATORS, Evaluator, ProxySettings, SharedSettings, TableSettings, TrainedSettings
from engine.plan.fields import FieldInfo, fields, kind_of
from engine.plan.instruments import Instruments
from engine.plan.methods import (
    METHODS,
    DartsSettings,
    EnasSettings,
    EvolutionSettings,
    Method,
    NaoSettings,
    NasnetSettings,
    NasRlSettings,
    PcDartsSettings,
    PdartsSettings,
    PnasSettings,
    RandomSettings,
    SnasSettings,
    TournamentSettings,
)
from engine.plan.override import override
from engine.plan.plan import Plan
from engine.plan.presets import preset, presets
from engine.plan.text import dumps, load, loads

__all__ = [
    "DATASETS",
    "EVALUATORS",
    "METHODS",
    "Budget",
    "Cifar10",
    "Cifar100",
    "DartsSettings",
    "Data",
    "Digits",
    "EnasSettings",
    "Evaluator",
    "EvolutionSettings",
    "FashionMnist",
    "FieldInfo",
    "ImageFolder",
    "Instruments",
    "Method",
    "NaoSettings",
    "NasRlSettings",
    "NasnetSettings",
    "PcDartsSettings",
    "PdartsSettings",
    "Plan",
    "PlanError",
    "PnasSettings",
    "ProxySettings",
    "RandomSettings",
    "SharedSettings",
    "SnasSettings",
    "TableSettings",
    "TournamentSettings",
    "TrainedSettings",
    "check",
    "dumps",
    "faults",
    "fields",
    "kind_of",
    "load",
    "loads",
    "override",
    "preset",
    "presets",
]
