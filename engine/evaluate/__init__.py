"""How a candidate gets its score. So far by training it; an evaluator knows no method and proposes nothing."""

from typing import Any

import torch

from engine.data import Dataset
from engine.evaluate.outcome import Outcome
from engine.evaluate.trained import Evaluator, final_accuracy

__all__ = ["Evaluator", "Outcome", "evaluator", "final_accuracy"]


def evaluator(settings: Any, dataset: Dataset, device: torch.device | str, seed: int) -> Evaluator:
    """The evaluator that `settings` are for."""
    return Evaluator(settings, dataset, device, seed)
