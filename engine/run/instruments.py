"""Measures a one-shot search as it goes, records what comes out, and raises the alarm."""

import math

import numpy as np

from engine.data import Dataset
from engine.plan import Plan
from engine.run import health, words
from engine.run.health import Alarm, Health, Moment
from engine.search.curvature import Curvature
from engine.search.gradient import GradientSearch
from engine.session import Recorder
from engine.space.architecture import Architecture, named_cells, to_bytes
from engine.space.operations import OPERATIONS

KEY = 0x4E55
"""Mixed into the plan's seed, so that the measurements have random numbers of their own."""


class Instruments:
    """What a search is watched with, as the plan says; it notices nothing of it."""

    def __init__(self, plan: Plan, recorder: Recorder, method: GradientSearch, dataset: Dataset) -> None:
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
            self._curvature = Curvature(method, dataset, batch, most, plan.seed ^ KEY)

    def due(self, done: int) -> bool:
        """Whether the curvature is to be measured after so many steps, right after a look."""
        return bool(self._settings.hessian_every) and done % self._settings.hessian_every == 0

    def look(self, step: int, weights: np.ndarray, derived: Architecture) -> None:
        """Judge what was recorded after `step`."""
        nats, shares = health.entropies(weights)
        for cell, entropy, share in zip(self._recorder.header.cells, nats, shares, strict=True):
            if not math.isnan(entropy):
                self._say(f"entropy ({cell})", entropy, step)
                self._say(f"share of most entropy ({cell})", 100 * share, step)
        for cell, made_of in ((name, health.composition(cell)) for name, cell in named_cells(derived)):
            if made_of.edges:
                self._say(f"share of skips ({cell})", 100 * made_of.skip_share, step)
                self._say(f"share of parameter-free ({cell})", 100 * made_of.free_share, step)
        if self._moment is not None:
            changed = words.choices(derived) - words.choices(self._moment.derived)
            self._say("changed edges", len(changed), step)
        carried = np.isfinite(weights)
        if self._carried is not None and (carried != self._carried).any():
            self._health = Health(self._method.steps_per_epoch)
        self._carried = carried
        self._moment = Moment(step, self._recorder.end, derived)
        if self._learns:
            self._heed(self._health.look(self._moment, float(shares[0])))

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
