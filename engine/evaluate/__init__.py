"""How a candidate gets its score, one evaluator per file. An evaluator knows no method and proposes nothing."""

from collections.abc import Callable
from typing import Any

import torch

from engine.data import Dataset
from engine.evaluate.base import BaseEvaluator
from engine.evaluate.outcome import Outcome
from engine.evaluate.proxy import ProxyEvaluator
from engine.evaluate.shared import SharedEvaluator
from engine.evaluate.table import TableEvaluator
from engine.evaluate.trained import Evaluator, final_accuracy
from engine.space.spaces import Space

__all__ = [
    "EVALUATORS",
    "BaseEvaluator",
    "Evaluator",
    "Outcome",
    "ProxyEvaluator",
    "SharedEvaluator",
    "TableEvaluator",
    "evaluator",
    "final_accuracy",
]

Maker = Callable[[Any, Space, Dataset | None, torch.device | str, int], BaseEvaluator]
"""Makes an evaluator of (settings, space, data set, device, seed); no data set where `settings.needs_data` is false."""

EVALUATORS: dict[str, Maker] = {
    "trained": lambda settings, space, dataset, device, seed: Evaluator(settings, dataset, device, seed),  # type: ignore[arg-type]
    "shared": lambda settings, space, dataset, device, seed: SharedEvaluator(settings, space, dataset, device, seed),  # type: ignore[arg-type]
    "proxy": lambda settings, space, dataset, device, seed: ProxyEvaluator(settings, space, dataset, device, seed),  # type: ignore[arg-type]
    "table": lambda settings, space, dataset, device, seed: TableEvaluator(settings, space),
}
"""The evaluators by the kind that their settings have in a plan."""


def evaluator(
    settings: Any, space: Space, dataset: Dataset | None, device: torch.device | str, seed: int
) -> BaseEvaluator:
    """The evaluator that `settings` are for. Raises SessionError, in one line, for a table that cannot be used."""
    return EVALUATORS[settings.__struct_config__.tag](settings, space, dataset, device, seed)
