"""Drives a one-shot method: step, record, derive, until its epochs are over."""

import math
from collections.abc import Mapping

import torch

from engine.data import Dataset
from engine.plan import Plan
from engine.run import words
from engine.run.controls import Controls, Stopped
from engine.run.progress import Progress, Usage
from engine.search import method
from engine.session import Recorder
from engine.space.architecture import CellArchitecture, to_bytes

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
        self._best = -math.inf
        self._at_epoch: CellArchitecture | None = None  # what was derived at the end of the last epoch
        self._unchanged = 0  # epochs since then in which the derived cell stayed the same
        self._skips = (-1, -1)
        self._done = self._looked = 0  # steps taken, and how many had been when the weights were recorded last

    def run(self) -> str:
        """Until the epochs or the time are used up; returns why it ended before the last epoch."""
        reason = ""
        try:
            while not reason and self._done < self._method.steps:
                self._progress.pulse()
                self._step()
                reason = "the time budget is spent" if self._progress.time_is_up else ""
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
        if self._done == 1 or self._done % self._every == 0:
            self._look()
        if self._done % self._method.steps_per_epoch == 0:
            self._end_of_epoch(self._done // self._method.steps_per_epoch)

    def _record(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._recorder.scalar(name, value, step=self._done - 1, unit=words.unit_of(name))

    def _look(self) -> CellArchitecture:
        """Record the state after the last step, once; returns the cells derived from it."""
        derived: CellArchitecture = self._method.derive()
        if self._looked != self._done:
            self._looked = self._done
            weights = self._method.weights()
            self._recorder.weights(weights, step=self._done - 1)
            self._recorder.derived(to_bytes(derived), step=self._done - 1)
            for line in self._leaders.look(weights):
                self._recorder.log(line)
        return derived

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
        skips = words.skips(derived.normal)
        if skips != self._skips:
            self._skips = skips
            self._recorder.log(*words.about_skips(derived.normal))

    def _about_derived(self, derived: CellArchitecture) -> list[str]:
        before, self._at_epoch = self._at_epoch, derived
        if before is None:
            return []
        if before != derived:
            self._unchanged = 0
            return [words.difference(before, derived)]
        self._unchanged += 1
        return [f"derived cell unchanged for {words.count(self._unchanged, 'epoch')}"]
