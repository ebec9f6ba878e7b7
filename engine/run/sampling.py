"""Drives a sampling method: ask, evaluate, tell, until the budget is spent.

Several candidates may be under way at a time. Their results are told and recorded in the order in which they arrive, so
that the rows of a session say all that is needed to run it again. What one evaluation costs here does not grow with the
number of evaluations.
"""

import math
import random
import traceback
from concurrent.futures import Executor
from functools import lru_cache

import numpy as np
import torch

from engine.data import Dataset
from engine.evaluate import Outcome, evaluator
from engine.evaluate.evaluator import failure
from engine.evaluate.trained import NotANumber
from engine.plan import Plan
from engine.run.controls import Controls, Stopped
from engine.run.executors import Arrival, Elsewhere, Here, Slots
from engine.run.learning import Learning
from engine.run.log_messages import unit_of
from engine.run.preflight import Failed, threads_of
from engine.run.progress import Progress, Usage
from engine.search.base import Line, Note, Point, Policy, Predicted, Proposal, SamplingMethod, Scalar, sampling
from engine.session import Recorder, SessionError
from engine.session.queries.best import Leader
from engine.session.queries.rank_correlation import RankCorrelation
from engine.session.schema import BEST_SCORE
from engine.space.architecture import Architecture, to_bytes
from engine.space.decisions import Decisions, DecisionSpace
from engine.words import count, fault_line, plain
from engine.words import score as scored


class Notebook:
    """Takes a method's notes over into the session."""

    def __init__(self, recorder: Recorder, method: SamplingMethod[object]) -> None:
        self._recorder, self._method = recorder, method

    def take(self) -> None:
        """Record what the method has noted since the last call."""
        for note in self._method.notes():
            self._record(note)

    def _record(self, note: Note) -> None:
        recorder = self._recorder
        match note:
            case Scalar(name, value, step, unit):
                recorder.scalar(name, value, step=step, unit=unit)
            case Policy():
                recorder.policy(*note)
            case Predicted(candidate, value, spread):
                recorder.prediction(candidate, value, spread)
            case Point(candidate, start, step, x, y, predicted, architecture):
                written = to_bytes(architecture)
                recorder.point(written, x, y, candidate=candidate, start=start, step=step, predicted=predicted)
            case Line(text, level):
                recorder.log(text, level)


REMEMBERED = 1 << 14
"""Architectures, and descriptions of changes, that are kept for when they come again."""

DENSITY = 200
"""The best score is recorded whenever it changes, and else as often as makes so many numbers while the search grows
e-fold: at every evaluation in the beginning, and ever more seldom."""


class Sampling:
    """One run of a method that proposes candidates and learns from their scores.

    `executor` takes candidates as `engine.run.executors` says; without one, a plan with several workers starts its
    own processes. What must stay here, such as shared weights, stays here in any case.
    """

    def __init__(
        self,
        plan: Plan,
        recorder: Recorder,
        controls: Controls,
        dataset: Dataset | None,
        device: torch.device,
        usage: Usage,
        executor: Executor | None = None,
    ) -> None:
        assert plan.evaluator is not None  # a plan without one is refused before
        self._recorder, self._controls, self._space = recorder, controls, plan.space
        self._limit, self._seconds = plan.budget.evaluations, plan.budget.simulated_seconds
        self._epochs = plan.evaluator.epochs
        self._evaluator = evaluator(plan.evaluator, plan.space, dataset, device, plan.seed)
        searched = self._evaluator.searched(plan.space)
        self._method = sampling(plan.method, searched, random.Random(plan.seed))
        self._draws = random.Random(f"draws {plan.seed}")  # for shared weights, apart from the method's own
        self._progress = Progress(recorder, controls, self._limit or 0, plan.budget.seconds, usage)
        self._notebook = Notebook(recorder, self._method)
        self._learning: Learning | None = None
        if dataset is not None and self._evaluator.unit == "%":
            images = getattr(plan.evaluator, "images", 0) or len(dataset.validation)
            self._learning = Learning(dataset.classes, images, "candidates")
        self._correlation = RankCorrelation() if self._evaluator.compares else None
        self._slots = self._made_slots(plan, executor)
        self._under_way: dict[int, Proposal] = {}
        self._asked = self._told = 0
        self._leader, self._drawn = Leader(), 0  # the evaluations done when the best score was recorded last
        self._failures: set[str] = set()
        self._decoded = lru_cache(REMEMBERED)(self._decode)
        entries = self._evaluator.entries()
        if entries is not None:
            recorder.benchmark(entries)
            if self._limit is None and plan.budget.seconds is None and np.isnan(entries["cost"]).all():
                raise SessionError("the table has no costs, so that no simulated time passes; set budget.evaluations")
        for note in self._evaluator.notes:
            recorder.log(note)

    def run(self) -> str:
        """Until the evaluations or the time are used up; returns why it ended before its number of evaluations.

        The candidates under way when the time is up are finished first. In simulated time, a candidate that would end
        after the budget is not counted: it gets no score and the method is not told, and with it the search ends (the
        published protocol of NAS-Bench-201). What people hand in comes before what the method would propose, and is
        one of the evaluations.
        """
        try:
            reason = self._run()
        finally:
            self._slots.close()
        self._draw_best(self._told - 1, self._leader.score)
        self._progress.tell()
        if left := sum(1 for _ in iter(self._controls.take, None)):
            self._recorder.log(f"{plain(count(left, 'architecture'))} handed in too late to be scored", "warning")
        if self._leader.score == -math.inf:
            raise Failed(f"none of the {self._told} candidates could be evaluated; the log says why")
        return reason

    def _run(self) -> str:
        reason = ""
        while True:
            while not reason and len(self._under_way) < self._slots.size and self._asked != self._limit:
                self._progress.pulse()
                self._ask()
            if not self._under_way:
                return reason
            arrival = self._slots.next()
            if self._seconds is not None and arrival.end > self._seconds:
                self._recorder.log(
                    f"#{arrival.number} would have ended at {arrival.end:,.0f} s of simulated time and is not counted"
                )
                return "the simulated time is spent"
            if self._seconds is not None:
                self._progress.share = arrival.end / self._seconds
            self._tell(arrival)
            if not reason and self._progress.time_is_up:
                reason = "the time budget is spent"

    def _ask(self) -> None:
        """Candidates are numbered from 0, by the method as by the session."""
        number = self._asked
        given = self._controls.take()
        if self._limit is not None:
            self._method.remaining(self._limit - number)
        proposal = self._method.ask(number) if given is None else self._method.adopt(number, given)
        architecture, written = self._decoded(proposal.decisions, proposal.space)
        self._recorder.candidate(written, parent=proposal.parent, origin=proposal.origin, change=proposal.change)
        if given is not None:
            self._recorder.log(f"#{number} was handed in")
        self._notebook.take()
        self._asked += 1
        self._under_way[number] = proposal
        self._slots.start(number, architecture)

    def _tell(self, arrival: Arrival) -> None:
        number, outcome = arrival.number, arrival.outcome
        proposal = self._under_way.pop(number)
        failed = outcome.failed
        if failed and outcome.outcome == "ok":  # an evaluator that does not look at what it returns
            outcome = outcome._replace(score=math.nan, outcome="not a number")
        for series, step, value in arrival.curves:
            self._recorder.scalar(series, value, step=step, candidate=number, unit=unit_of(series))
        self._recorder.evaluated(
            number,
            outcome.score,
            seconds=outcome.seconds,
            parameters=outcome.parameters,
            outcome=outcome.outcome,
            message=outcome.message,
            unit=self._evaluator.unit,
            macs=outcome.macs,
            cost=outcome.cost,
            reported=outcome.reported,
        )
        for gone in self._method.tell(number, None if failed else outcome.score):
            self._recorder.death(gone)
        self._notebook.take()
        self._told += 1
        self._progress.done = self._progress.evaluations = self._told
        if self._learning is not None:
            for line in self._learning.score(math.nan if failed else outcome.score):
                self._recorder.log(*line)
        if failed:
            self._recorder.log(f"#{number} could not be scored: {outcome.message or outcome.outcome}", "warning")
        else:
            self._follow(number, outcome.score, proposal)
        if self._told - self._drawn > self._drawn // DENSITY:
            self._draw_best(self._told - 1, self._leader.score)
        if not failed and self._correlation is not None:
            self._correlate(outcome)

    def _follow(self, number: int, score: float, proposal: Proposal) -> None:
        """Say so where a candidate is the best so far."""
        before = self._leader.score
        if not self._leader.add(score, proposal.origin == "derived"):
            return
        self._draw_best(self._told - 2, before)  # so that it is a step and no slope
        self._drawn = self._told - 1
        words = plain(scored(score, self._evaluator.unit))
        self._recorder.log(" · ".join(filter(None, (f"#{number}", words, "best so far", proposal.change))), "good")
        self._draw_best(self._told - 1, score)

    def _draw_best(self, step: int, score: float) -> None:
        """Record the best score as it stood after evaluation number `step`, unless it has been."""
        if score > -math.inf and step >= self._drawn:
            self._recorder.scalar(BEST_SCORE, score, step=step, unit=self._evaluator.unit)
            self._drawn = step + 1

    def _correlate(self, outcome: Outcome) -> None:
        assert self._correlation is not None
        value = self._correlation.add(outcome.score, outcome.reported)
        if value is not None:
            self._recorder.scalar("rank correlation", value, step=self._told - 1)

    def _decode(self, decisions: Decisions, space: DecisionSpace | None) -> tuple[Architecture, bytes]:
        architecture = (space or self._space).decode(decisions)
        return architecture, to_bytes(architecture)

    def _prepare(self, number: int) -> None:
        """Train shared weights, if there are any and it is time. What goes wrong there ends the search."""

        def report(series: str, step: int, value: float) -> None:
            self._recorder.scalar(series, value, step=step, unit=unit_of(series))

        try:
            self._evaluator.prepare(number, self._draw, report, self._progress.pulse)
        except NotANumber as fault:
            raise Failed(str(fault)) from fault

    def _draw(self) -> Architecture:
        """An architecture to train shared weights with: the method's choice or, if it has none, any."""
        drawn = self._method.draw()
        return self._space.decode(self._space.sample(self._draws) if drawn is None else drawn)

    def _made_slots(self, plan: Plan, executor: Executor | None) -> Slots:
        assert plan.evaluator is not None
        size = plan.evaluator.workers
        if not self._evaluator.travels or (executor is None and size == 1):
            return Here(size, self._evaluate)
        return Elsewhere(size, plan, max(1, threads_of(plan) // size), executor, self._controls, self._progress.pulse)

    def _evaluate(self, architecture: Architecture, number: int) -> Outcome:
        def report(series: str, step: int, value: float) -> None:
            self._recorder.scalar(series, value, step=step, candidate=number, unit=unit_of(series))
            self._progress.done = self._told + min(step / self._epochs, 1.0)  # they count epochs

        self._prepare(number)
        try:
            return self._evaluator.evaluate(architecture, number, report, self._progress.pulse)
        except Stopped:
            raise
        except Exception as fault:
            # One bad candidate must not end a search of days. The same fault again is told in one line only.
            message = fault_line(fault)
            if message not in self._failures:
                self._failures.add(message)
                self._recorder.log("".join(traceback.format_exception(fault)), "error")
            return failure(message)
