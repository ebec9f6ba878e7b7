"""Drives a sampling method: ask, evaluate, tell, until the budget is spent."""

import math
import random
import traceback

import torch

from engine.data import Dataset
from engine.evaluate import Outcome, evaluator
from engine.plan import Plan
from engine.run.controls import Controls, Stopped
from engine.run.endings import Failed
from engine.run.progress import Progress, Usage
from engine.run.words import count, percent, unit_of
from engine.search import method
from engine.session import Recorder
from engine.space.architecture import Architecture, to_bytes


class Sampling:
    """One run of a method that proposes candidates and learns from their scores."""

    def __init__(
        self,
        plan: Plan,
        recorder: Recorder,
        controls: Controls,
        dataset: Dataset,
        device: torch.device,
        usage: Usage,
    ) -> None:
        self._recorder, self._controls, self._space = recorder, controls, plan.space
        self._limit = plan.budget.evaluations
        assert plan.evaluator is not None  # a plan without one is refused before
        self._epochs = plan.evaluator.epochs
        self._method = method(plan.method, plan.space, random.Random(plan.seed))
        self._evaluator = evaluator(plan.evaluator, dataset, device, plan.seed)
        self._progress = Progress(recorder, controls, self._limit or 0, plan.budget.seconds, usage)
        self._best = -math.inf
        self._failures: set[str] = set()

    def run(self) -> str:
        """Until the evaluations or the time are used up; returns why it ended before its number of evaluations.

        The candidate under way when the time is up is finished first. What people hand in comes before what the method
        would propose, and is one of the evaluations.
        """
        number, reason = 0, ""
        while not reason and (self._limit is None or number < self._limit):
            self._progress.pulse()
            self._candidate(number)
            number += 1
            self._progress.done = self._progress.evaluations = number
            reason = "the time budget is spent" if self._progress.time_is_up else ""
        self._progress.tell()
        if left := sum(1 for _ in iter(self._controls.take, None)):
            self._recorder.log(f"{count(left, 'architecture')} handed in too late to be scored", "warning")
        if self._best == -math.inf:
            raise Failed(f"none of the {number} candidates could be evaluated; the log says why")
        return reason

    def _candidate(self, number: int) -> None:
        """Candidates are numbered from 0, by the method as by the session."""
        given = self._controls.take()
        proposal = self._method.ask(number) if given is None else self._method.adopt(number, given)
        architecture = self._space.decode(proposal.decisions)
        self._recorder.candidate(
            to_bytes(architecture), parent=proposal.parent, origin=proposal.origin, change=proposal.change
        )
        if given is not None:
            self._recorder.log(f"#{number} was handed in")
        outcome = self._evaluate(architecture, number)
        self._recorder.score(
            number,
            outcome.score,
            seconds=outcome.seconds,
            parameters=outcome.parameters,
            outcome=outcome.outcome,
            message=outcome.message,
        )
        for gone in self._method.tell(number, outcome.score if outcome.outcome == "ok" else None):
            self._recorder.death(gone)
        if outcome.outcome != "ok":
            self._recorder.log(f"#{number} could not be scored: {outcome.message or outcome.outcome}", "warning")
        elif outcome.score > self._best:
            self._best = outcome.score
            self._recorder.log(self._new_best(number, outcome.score, proposal.change), "good")
        if self._best > -math.inf:
            self._recorder.scalar("best score", self._best, step=number, unit="%")

    def _evaluate(self, architecture: Architecture, number: int) -> Outcome:
        def report(series: str, step: int, value: float) -> None:
            self._recorder.scalar(series, value, step=step, candidate=number, unit=unit_of(series))
            self._progress.done = number + min(step / self._epochs, 1.0)  # they count epochs

        try:
            return self._evaluator.evaluate(architecture, number, report, self._progress.pulse)
        except Stopped:
            raise
        except Exception as fault:
            # One bad candidate must not end a search of days. The same fault again is told in one line only.
            message = f"{type(fault).__name__}: {fault}".strip().splitlines()[0]
            if message not in self._failures:
                self._failures.add(message)
                self._recorder.log("".join(traceback.format_exception(fault)), "error")
            return Outcome(score=math.nan, seconds=math.nan, parameters=0, outcome="failed", message=message)

    @staticmethod
    def _new_best(number: int, score: float, change: str) -> str:
        return " · ".join(filter(None, (f"#{number}", percent(score), "best so far", change)))
