"""What every evaluator can do, whatever its scores come from; and which one carries out which settings."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from engine.plan import EvaluatorSettings
from engine.space.architecture import Architecture
from engine.space.registry import Implementations
from engine.space.spaces import Space

if TYPE_CHECKING:
    import torch

    from engine.data import Dataset

Kind = Literal["ok", "failed", "out of memory", "not a number"]


class Outcome(NamedTuple):
    """A score, or why there is none.

    `score`: higher is better, NaN unless `outcome` is "ok"; `parameters` of the network, 0 if none was built; `message`
    says in one line what went wrong. `macs` of the network for one image, 0 where unknown; `cost` is the simulated
    duration in seconds, NaN where the measured `seconds` count; `reported` is what a benchmark reports for the
    architecture, NaN where there is none, and no method is told it.
    """

    score: float
    seconds: float
    parameters: int
    outcome: Kind = "ok"
    message: str = ""
    macs: int = 0
    cost: float = math.nan
    reported: float = math.nan

    @property
    def failed(self) -> bool:
        """Whether there is no score that a search could go by."""
        return self.outcome != "ok" or not math.isfinite(self.score)


def failure(message: str) -> Outcome:
    """The outcome of a candidate that could not be evaluated, for a reason in one line."""
    return Outcome(math.nan, math.nan, 0, "failed", message)


class Report(Protocol):
    """Told how a training goes: the series' name, the epochs done, and a value (accuracies in percent)."""

    def __call__(self, series: str, step: int, value: float) -> None: ...


Pulse = Callable[[], None]
"""To be called often, and at least once a batch: it may wait, or raise to end the evaluation."""


class BaseEvaluator(ABC):
    """Scores candidates one at a time, in this thread. A subclass registers in `SCORERS` for its settings."""

    unit: str = "%"
    """Of the scores: accuracies are in percent."""

    compares: bool = False
    """Whether the rank correlation of its scores with what is reported says how far they can be trusted."""

    travels: bool = True
    """Whether candidates may be scored in other processes: by the plan and a candidate's number alone, and not by what
    was done here before."""

    notes: tuple[str, ...] = ()
    """What a person should know before the search begins, in lines for the log."""

    @abstractmethod
    def __init__(
        self, settings: Any, space: Space, dataset: "Dataset | None", device: "torch.device | str", seed: int
    ) -> None:
        """`dataset` is there where `settings.needs_data`. Raises SessionError or OSError, in one line, for a file that
        cannot be used."""

    def prepare(self, candidate: int, draw: Callable[[], Architecture], report: Report, pulse: Pulse) -> None:
        """Called before candidate number `candidate` is evaluated. `draw` gives an architecture to train shared weights
        with; what shares none needs no preparation."""
        return

    @abstractmethod
    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        """The score of `architecture`, which is candidate number `candidate`.

        What cannot be scored is an outcome, not an error.
        """

    def searched(self, space: Space) -> Space:
        """The part of the plan's space that can be scored: all of it, unless scores are known of some members alone."""
        return space

    def entries(self) -> npt.NDArray[Any] | None:
        """All that the scores are looked up in, as the session's table `benchmark` has it (without the time)."""
        return None


ENTRIES = np.dtype([("searched", "<f8"), ("reported", "<f8"), ("cost", "<f8"), ("parameters", "<i8")])
"""An entry of a benchmark."""

SCORERS: Implementations[type[BaseEvaluator]] = Implementations("evaluator", "engine.evaluate")


def evaluator(
    settings: EvaluatorSettings, space: Space, dataset: "Dataset | None", device: "torch.device | str", seed: int
) -> BaseEvaluator:
    """The evaluator that `settings` are for. Raises SessionError, in one line, for a table that cannot be used."""
    return SCORERS.of(settings)(settings, space, dataset, device, seed)
