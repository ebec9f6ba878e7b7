"""How a candidate gets its score: the settings of every evaluator, one file each."""

from typing import TypeAlias

from engine.plan.evaluators.trained import TrainedSettings

__all__ = ["EVALUATORS", "Evaluator", "TrainedSettings"]

Evaluator: TypeAlias = TrainedSettings

EVALUATORS: dict[str, type[Evaluator]] = {"trained": TrainedSettings}
"""The evaluators by the kind they have in a plan."""
