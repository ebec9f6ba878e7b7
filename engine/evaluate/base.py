"""What every evaluator can do, whatever its scores come from."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.evaluate.outcome import Outcome
from engine.space.architecture import Architecture


class Report(Protocol):
    """Told how a training goes: the series' name, the epochs done, and a value (accuracies in percent)."""

    def __call__(self, series: str, step: int, value: float) -> None: ...


Pulse = Callable[[], None]
"""To be called often, and at least once a batch: it may wait, or raise to end the evaluation."""


class BaseEvaluator(ABC):
    """Scores candidates one at a time, in this thread."""

    unit: str = "%"
    """Of the scores: accuracies are in percent."""

    compares: bool = False
    """Whether the rank correlation of its scores with what is reported says how far they can be trusted."""

    travels: bool = True
    """Whether candidates may be scored in other processes: by the plan and a candidate's number alone, and not by what
    was done here before."""

    def prepare(self, candidate: int, draw: Callable[[], Architecture], report: Report, pulse: Pulse) -> None:
        """Called before candidate number `candidate` is evaluated. `draw` gives an architecture to train shared weights
        with; what shares none needs no preparation."""
        return

    @abstractmethod
    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        """The score of `architecture`, which is candidate number `candidate`.

        What cannot be scored is an outcome, not an error.
        """

    def entries(self) -> npt.NDArray[Any] | None:
        """All that the scores are looked up in, as the session's table `benchmark` has it (without the time)."""
        return None


ENTRIES = np.dtype([("searched", "<f8"), ("reported", "<f8"), ("cost", "<f8"), ("parameters", "<i8")])
"""An entry of a benchmark."""
