"""A candidate's score by what its untrained network shows of itself."""

import math
import time

import torch

from engine.data import Dataset, in_order
from engine.evaluate.evaluator import SCORERS, BaseEvaluator, Kind, Outcome, Pulse, Report
from engine.evaluate.measures import MEASURES
from engine.evaluate.table import comparison, path_of
from engine.evaluate.trained import NotANumber, frame_around, network_of, why_not
from engine.nets import Unbuildable
from engine.plan.evaluators.proxy import ProxySettings
from engine.space.architecture import Architecture
from engine.space.counts import count
from engine.space.spaces import Space


@SCORERS.carries_out(ProxySettings)
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
        self._known = comparison(path_of(settings.reference), space) if self.compares else lambda architecture: math.nan
        split = dataset.train
        self._images, self._labels = next(in_order(split, settings.batch, dataset.mean, dataset.std))

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        pulse()
        started = time.perf_counter()
        score, parameters, macs, message = math.nan, 0, 0, ""
        kind: Kind = "ok"
        try:
            frame = frame_around(architecture, self._settings, self._dataset)
            network = network_of(architecture, frame, self._seed, self._device)
            parameters, macs = sum(weight.numel() for weight in network.parameters()), count(architecture, frame).macs
            found = self._measure(network, self._images, self._labels)
            if not math.isfinite(found):
                raise NotANumber(f"its {self._settings.measure} is not a number")
            score = found
        except (Unbuildable, NotANumber, MemoryError, RuntimeError) as fault:
            kind, message = why_not(fault)
        known = self._known(architecture)
        seconds = time.perf_counter() - started
        return Outcome(score, seconds, parameters, kind, message, macs, reported=known)
