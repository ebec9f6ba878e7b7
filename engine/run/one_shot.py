"""Drives a one-shot method: step, record, derive, until its epochs are over."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch

from engine.data import Dataset
from engine.plan import Plan
from engine.run import collapse as health
from engine.run import log_messages as words
from engine.run.collapse import Alarm, Health, Moment
from engine.run.controls import Controls, Stopped
from engine.run.learning import Learning, Said
from engine.run.preflight import RunError
from engine.run.progress import Progress, Usage
from engine.search.base import Curvature, OneShotMethod, one_shot
from engine.session import Recorder
from engine.session.queries.best import Leader
from engine.session.schema import EPOCH_SCORE, STAGE
from engine.space.architecture import Architecture, to_bytes
from engine.space.operations import OPERATIONS
from engine.words import count, percent, plain

KEY = 0x4E55
"""Mixed into the plan's seed, so that the measurements have random numbers of their own."""


class Instruments:
    """What a search is watched with, as the plan says; it notices nothing of it."""

    def __init__(self, plan: Plan, recorder: Recorder, method: OneShotMethod, dataset: Dataset) -> None:
        self.ended = ""
        """Why the search is to end before its plan is carried out; "" while it is not."""
        self._settings, self._recorder, self._method = plan.instruments, recorder, method
        self._health = Health(method.steps_per_epoch)
        self._learns = any(OPERATIONS[name].kind not in ("none", "skip", "pool") for name in recorder.header.operations)
        self._moment: Moment | None = None  # the last look
        self._carried: np.ndarray | None = None
        self._curvature: Curvature | None = None
        if plan.instruments.hessian_every:
            batch, most = plan.instruments.hessian_batch, plan.instruments.hessian_iterations
            self._curvature = method.curvature(dataset, batch, most, plan.seed ^ KEY)
            if self._curvature is None:
                raise RunError(
                    f"instruments.hessian_every: must be 0, {plan.method.title} has no loss to measure it of"
                )

    def due(self, done: int) -> bool:
        """Whether the curvature is to be measured after so many steps, right after a look."""
        return bool(self._settings.hessian_every) and done % self._settings.hessian_every == 0

    def look(self, step: int, weights: np.ndarray, derived: Architecture) -> None:
        """Judge what was recorded after `step`."""
        cells = self._recorder.header.cells
        for series, value in {**health.told_of_weights(cells, weights), **health.told_of_cells(derived)}.items():
            self._say(series, value, step)
        if self._moment is not None:
            changed = words.choices(derived) - words.choices(self._moment.derived)
            self._say("changed edges", len(changed), step)
        carried = np.isfinite(weights)
        if self._carried is not None and (carried != self._carried).any():
            self._health = Health(self._method.steps_per_epoch)
        self._carried = carried
        self._moment = Moment(step, self._recorder.end, derived)
        if self._learns:
            self._heed(self._health.look(self._moment, float(health.entropies(weights)[1][0])))

    def measure(self) -> None:
        """Measure the curvature where the last look was."""
        assert self._curvature is not None
        assert self._moment is not None
        value, seconds = self._curvature.measure()
        self._say("Hessian eigenvalue", value, self._moment.step)
        self._say("Hessian seconds", seconds, self._moment.step)
        self._heed(self._health.measured(self._moment, value))

    def _say(self, series: str, value: float, step: int) -> None:
        self._recorder.scalar(series, float(value), step=step, unit=words.unit_of(series))

    def _heed(self, alarm: Alarm | None) -> None:
        if alarm is None or self._moment is None:
            return
        healthy, step = alarm.healthy, self._moment.step
        line = words.alarm(alarm.text, healthy.step if healthy else None, self._method.steps_per_epoch)
        self._recorder.alarm(step, healthy.step if healthy else -1, healthy.at if healthy else math.nan, line)
        self._recorder.log(line, "warning")
        if self._settings.stop and not self.ended:
            self.ended = f"the alarm: {line}"
            if healthy:
                self._recorder.derived(to_bytes(healthy.derived), step=healthy.step)


LOOKS = 2000
"""At most about so many times in a search the architecture weights and the derived cell are recorded ..."""

EVERY = 4
"""... and, after the first step, no more often than once in so many. Steps are counted, not seconds: equal plans record
equal rows."""


class OneShot:
    """One run of a method that trains a supernet and derives its architecture from it."""

    def __init__(
        self,
        plan: Plan,
        recorder: Recorder,
        controls: Controls,
        dataset: Dataset,
        device: torch.device,
        usage: Usage,
    ) -> None:
        self._recorder = recorder
        assert plan.budget.epochs is not None  # a plan without them is refused before
        self._method = one_shot(plan.method, plan.space, dataset, plan.budget.epochs, plan.seed, device)
        self._every = max(EVERY, self._method.steps // LOOKS)
        self._progress = Progress(recorder, controls, self._method.steps, plan.budget.seconds, usage)
        self._leaders = words.Leaders(recorder.header.cells, recorder.header.edges, recorder.header.operations)
        self._instruments = Instruments(plan, recorder, self._method, dataset)
        self._leader, self._stage = Leader(), 0.0
        self._learning, self._losses = Learning(dataset.classes, len(dataset.validation)), 0.0
        self._at_epoch: Architecture | None = None  # what was derived at the end of the last epoch
        self._derived: Architecture | None = None  # at the last look
        self._unchanged = 0  # epochs since then in which the derived cell stayed the same
        self._about_skips = ""
        self._done = self._looked = 0  # steps taken, and how many had been when the weights were recorded last

    def run(self) -> str:
        """Until the epochs or the time are used up; returns why it ended before the last epoch."""
        reason = ""
        try:
            while not reason and self._done < self._method.steps:
                self._progress.pulse()
                self._step()
                reason = "the time budget is spent" if self._progress.time_is_up else self._instruments.ended
        except Stopped:
            if self._done:
                self._look()
            raise
        self._look()
        self._progress.tell()
        return reason if self._done < self._method.steps else ""

    def _step(self) -> None:
        values = self._method.step()
        self._done += 1
        self._progress.done = self._done
        self._record(values)
        self._losses += values.get("train loss", 0.0)
        if (stage := values.get(STAGE, 0.0)) != self._stage:  # another network, not to be compared with the one before
            self._leader, self._stage = Leader(), stage
        news = self._method.events()
        for line in news:
            self._recorder.log(line)
        measuring = self._instruments.due(self._done)
        if news or measuring or self._done == 1 or self._done % self._every == 0:
            self._look()
        if measuring:
            self._instruments.measure()
        if self._done % self._method.steps_per_epoch == 0:
            self._end_of_epoch(self._done // self._method.steps_per_epoch)

    def _record(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._recorder.scalar(name, value, step=self._done - 1, unit=words.unit_of(name))

    def _look(self) -> Architecture:
        """Record the state after the last step, once; returns the cells derived from it."""
        if self._derived is None or self._looked != self._done:
            step, weights = self._done - 1, self._method.weights()
            self._looked, self._derived = self._done, self._method.derive()
            self._recorder.derived(to_bytes(self._derived), step=step)
            self._recorder.weights(weights, step=step)
            for line in self._leaders.look(weights):
                self._recorder.log(line)
            self._instruments.look(step, weights, self._derived)
        return self._derived

    def _end_of_epoch(self, epoch: int) -> None:
        values = self._method.end_of_epoch(self._progress.pulse)
        self._record(values)
        derived = self._look()
        parts = [f"epoch {epoch}"]
        score = values.get(EPOCH_SCORE, math.nan)
        if not math.isnan(score):
            parts.append(f"shared network {plain(percent(score))} on validation images")
        if self._leader.add(score):
            parts.append("its best so far")
        parts += self._about_derived(derived)
        self._recorder.log(" · ".join(parts))
        loss, self._losses = self._losses / self._method.steps_per_epoch, 0.0
        self._warn(self._learning.loss(epoch, loss))
        self._warn(self._learning.score(score))
        if (predicted := self._method.predicted()) is not None:
            self._warn(self._learning.predicted(predicted))
        line = words.about_skips(*health.judged(derived))
        if line != self._about_skips:
            self._about_skips = line
            self._recorder.log(line)

    def _warn(self, lines: Iterable[Said]) -> None:
        for line in lines:
            self._recorder.log(*line)

    def _about_derived(self, derived: Architecture) -> list[str]:
        before, self._at_epoch = self._at_epoch, derived
        if before is None:
            return []
        if before != derived:
            self._unchanged = 0
            return [words.difference(before, derived)]
        self._unchanged += 1
        return [f"derived cell unchanged for {plain(count(self._unchanged, 'epoch'))}"]
