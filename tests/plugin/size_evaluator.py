"""A plug-in with an evaluator: how near an architecture's network comes to a wanted number of parameters."""

import time
from typing import Annotated, Any, ClassVar

from engine.evaluate import SCORERS, BaseEvaluator, Outcome
from engine.evaluate.evaluator import Pulse, Report
from engine.plan import EVALUATORS, EvaluatorSettings
from engine.space.architecture import Architecture
from engine.space.counts import Skeleton, count
from engine.space.setting import setting


@EVALUATORS.register()
class SizeSettings(EvaluatorSettings, frozen=True, kw_only=True, tag="size"):
    """Counted, not trained."""

    title: ClassVar[str] = "Wanted size"
    about: ClassVar[str] = "Builds nothing and trains nothing: counts."
    source: ClassVar[str] = "a plug-in of the tests"
    needs_data: ClassVar[bool] = False

    wanted: Annotated[int, setting("Parameters that are best.", label="Wanted", low=0, high=10**9)] = 100_000
    workers: Annotated[int, setting("Counted at once.", label="Workers", low=1, high=64)] = 1


@SCORERS.carries_out(SizeSettings)
class Size(BaseEvaluator):
    """100 where an architecture has exactly the wanted number of parameters, and less the further away it is."""

    unit = ""

    def __init__(self, settings: SizeSettings, space: Any, dataset: Any, device: Any, seed: int) -> None:
        self._wanted = settings.wanted

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        pulse()
        began = time.perf_counter()
        found = count(architecture, Skeleton(channels=8, layers=5))
        score = 100 / (1 + abs(found.params - self._wanted) / (1 + self._wanted))
        return Outcome(score, time.perf_counter() - began, found.params, macs=found.macs)
