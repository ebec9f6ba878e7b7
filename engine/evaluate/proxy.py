"""A candidate's score by what its untrained network shows of itself."""

import math
import time
from pathlib import Path

import torch

from engine.data import Dataset, in_order
from engine.evaluate.base import BaseEvaluator, Pulse, Report
from engine.evaluate.measures import MEASURES
from engine.evaluate.outcome import Outcome
from engine.evaluate.table import comparison
from engine.evaluate.trained import frame_around, network_of, out_of_memory
from engine.nets import Unbuildable
from engine.plan import ProxySettings
from engine.space.architecture import Architecture
from engine.space.counts import count
from engine.space.spaces import Space


class ProxyEvaluator(BaseEvaluator):
    """Builds candidates and takes the measure of them, with the same weights and images for equal architectures.

    With a reference, its value for a candidate is what is reported, and the rank correlation with it is recorded.
    """

    unit = ""

    def __init__(
        self, settings: ProxySettings, space: Space, dataset: Dataset, device: torch.device | str, seed: int
    ) -> None:
        """Raises SessionError or OSError, in one line, for a reference that cannot be used."""
        self._settings, self._dataset = settings, dataset
        self._device, self._seed = torch.device(device), seed
        self._measure = MEASURES[settings.measure]
        self.compares = bool(settings.reference)
        reference = Path(settings.reference).expanduser()
        self._known = comparison(reference, space) if self.compares else lambda architecture: math.nan
        split = dataset.train
        self._images, self._labels = next(in_order(split, settings.batch, dataset.mean, dataset.std))

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        pulse()
        started = time.perf_counter()
        score, parameters, macs, kind, message = math.nan, 0, 0, "ok", ""
        try:
            frame = frame_around(architecture, self._settings, self._dataset)
            network = network_of(architecture, frame, self._seed, self._device)
            parameters, macs = sum(weight.numel() for weight in network.parameters()), count(architecture, frame).macs
            score = self._measure(network, self._images, self._labels)
            if not math.isfinite(score):
                score, kind, message = math.nan, "not a number", f"its {self._settings.measure} is not a number"
        except Unbuildable as fault:
            kind, message = "failed", str(fault)
        except (MemoryError, RuntimeError) as fault:
            if not out_of_memory(fault):
                raise
            kind, message = "out of memory", "out of memory; a smaller batch or fewer channels take less"
        known = self._known(architecture)
        seconds = time.perf_counter() - started
        return Outcome(score, seconds, parameters, kind, message, macs, reported=known)  # type: ignore[arg-type]
