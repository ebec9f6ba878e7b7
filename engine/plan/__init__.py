"""What a search is to do: the settings of every method, evaluator, data set and budget, as validated values and TOML.

No torch, no Qt. The form in the window, the messages and the --set flags all follow from the annotations in here.
"""

from engine.plan.budget import Budget, Instruments
from engine.plan.build import check, faults, override
from engine.plan.fields import FieldInfo, PlanError, fields, kind_of
from engine.plan.plan import (
    DATASETS,
    EVALUATORS,
    FAMILIES,
    METHODS,
    READERS,
    DataSettings,
    EvaluatorSettings,
    Family,
    Fault,
    MethodSettings,
    Plan,
)
from engine.plan.presets import add_presets, by_family, dumps, load, loads, loads_recorded, missing, preset, presets

__all__ = [
    "DATASETS",
    "EVALUATORS",
    "FAMILIES",
    "METHODS",
    "READERS",
    "Budget",
    "DataSettings",
    "EvaluatorSettings",
    "Family",
    "Fault",
    "FieldInfo",
    "Instruments",
    "MethodSettings",
    "Plan",
    "PlanError",
    "add_presets",
    "by_family",
    "check",
    "dumps",
    "faults",
    "fields",
    "kind_of",
    "load",
    "loads",
    "loads_recorded",
    "missing",
    "override",
    "preset",
    "presets",
]
