"""How a candidate gets its score: the settings of every evaluator, one file each."""

from typing import TypeAlias

from engine.plan.evaluators.proxy import ProxySettings
from engine.plan.evaluators.shared import SharedSettings
from engine.plan.evaluators.table import TableSettings
from engine.plan.evaluators.trained import TrainedSettings

__all__ = ["EVALUATORS", "Evaluator", "ProxySettings", "SharedSettings", "TableSettings", "TrainedSettings"]

Evaluator: TypeAlias = TrainedSettings | SharedSettings | TableSettings | ProxySettings

EVALUATORS: dict[str, type[Evaluator]] = {
    "trained": TrainedSettings,
    "shared": SharedSettings,
    "table": TableSettings,
    "proxy": ProxySettings,
}
"""The evaluators by the kind they have in a plan."""
