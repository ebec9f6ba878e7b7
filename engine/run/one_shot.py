"""Drives a one-shot method: step, record, derive, until its epochs are over."""

import math
from collections.abc import Mapping

import torch

from engine.data import Dataset
from engine.plan import Plan
from engine.run import health, words
from engine.run.controls import Controls, Stopped
from engine.run.instruments import Instruments
from engine.run.progress import Progress, Usage
from engine.search import method
from engine.session import Recorder
from engine.space.architecture import Architecture, to_bytes

LOOKS = 2000
"""At most about so many times in a search the architecture weights and the derived cell are recorded ..."""

EVERY = 4
"""... and, after the first step, no more often than once in so many. Steps are counted, not seconds: equal plans record
equal rows."""

EPOCH_SCORE = "validation accuracy (epoch)"


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
        self._method = method(plan.method, plan.space, dataset, plan.budget.epochs, plan.seed, device)
        self._every = max(EVERY, self._method.steps // LOOKS)
        self._progress = Progress(recorder, controls, self._method.steps, plan.budget.seconds, usage)
        self._leaders = words.Leaders(recorder.header.cells, recorder.header.edges, recorder.header.operations)
        self._instruments = Instruments(plan, recorder, self._method, dataset)
        self._best = -math.inf
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
            parts.append(f"validation {words.percent(score)}")
        if score > self._best:
            self._best = score
            parts.append("best so far")
        parts += self._about_derived(derived)
        self._recorder.log(" · ".join(parts))
        line = words.about_skips(*health.judged(derived))
        if line != self._about_skips:
            self._about_skips = line
            self._recorder.log(line)

    def _about_derived(self, derived: Architecture) -> list[str]:
        before, self._at_epoch = self._at_epoch, derived
        if before is None:
            return []
        if before != derived:
            self._unchanged = 0
            return [words.difference(before, derived)]
        self._unchanged += 1
        return [f"derived cell unchanged for {words.count(self._unchanged, 'epoch')}"]
