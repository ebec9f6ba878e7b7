"""A candidate's score as a path of one network, whose weights all candidates share (Pham et al. 2018)."""

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.data import Batches, Dataset, in_order, received, sent, unaugmented
from engine.evaluate.evaluator import SCORERS, BaseEvaluator, Kind, Outcome, Pulse, Report
from engine.evaluate.trained import NotANumber, why_not
from engine.nets import Unbuildable, placed
from engine.nets.autograd_modes import statistics_refitted
from engine.nets.learning_rate import warm_restarts
from engine.nets.weight_sharing import SharedPaths, searched_paths, shared_paths
from engine.plan.evaluators.shared import SharedSettings
from engine.space.architecture import Architecture
from engine.space.counts import Skeleton, count, frame_of
from engine.space.spaces import Space

REPORTED = 20
"""Batches between two reports of the training, each of which waits for the device."""


@SCORERS.carries_out(SharedSettings)
class SharedEvaluator(BaseEvaluator):
    """Trains the shared weights when that is due, and scores candidates with them as they are.

    A phase of training comes before candidates 0, n, 2n, ... for n `evaluations` per phase, and `rest` more before the
    first. Scores depend on what was trained before, so candidates go one after the other; the images that score one
    depend on its number alone.

    A candidate is scored on images that are not augmented, as in the authors' code of ENAS. In each step, momentum and
    weight decay move what the batch's architecture uses, and nothing else.
    """

    travels = False

    def __init__(
        self, settings: SharedSettings, space: Space, dataset: Dataset, device: torch.device | str, seed: int
    ) -> None:
        self._settings, self._dataset, self._seed = settings, dataset, seed
        self._device = torch.device(device)
        self._phases = self._passes = self._steps = 0
        self._frame = Skeleton(
            kind=frame_of(space.example()),
            channels=settings.channels,
            layers=settings.layers,
            image=dataset.train.images.shape[-1],
            classes=len(dataset.classes),
            in_channels=dataset.channels,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)  # all weights are drawn on the CPU, alike for every device
            self._net = self._drawn(space)
        placed(self._net, device)
        if settings.norm == "batch":
            for norm in self._net.modules():
                if isinstance(norm, nn.BatchNorm2d):
                    norm.momentum = 0.0  # the net stays in training mode; running means would move when it is scored
        self._weights = list(self._net.parameters())  # thousands, and slow to look up
        self._optimizer = torch.optim.SGD(
            self._weights,
            settings.lr,
            settings.momentum,
            weight_decay=settings.weight_decay,
            nesterov=settings.momentum > 0,
        )
        self._batches = Batches(
            dataset.train,
            settings.batch,
            dataset.augment,
            dataset.mean,
            dataset.std,
            torch.Generator().manual_seed(self._word("batches")),
        )

    def prepare(self, candidate: int, draw: Callable[[], Architecture], report: Report, pulse: Pulse) -> None:
        """Train the shared weights if that is due before this candidate, each batch along an architecture of `draw`.

        `report` is told the mean loss (nats) and accuracy (percent) of every few batches, by the number of batches
        that the weights were trained with. Raises NotANumber where the loss is not finite any more.
        """
        if self._phases > candidate // self._settings.evaluations:
            return
        with self._chance("drop path", self._phases):
            for _ in range(self._settings.passes * (1 if self._phases else 1 + self._settings.rest)):
                self._pass(draw, report, pulse)
        self._phases += 1

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        """The accuracy (percent) of a path on validation images. A network is looked at, not trained.

        Parameters and MACs are those of the network that the architecture would have for itself, whatever it is scored
        in. What is no path of the shared network, too little memory and logits that are not finite are outcomes.
        """
        started = time.perf_counter()
        score, parameters, macs, message = math.nan, 0, 0, ""
        kind: Kind = "ok"
        try:
            self._net.require(architecture)
            size = count(architecture, self._frame)
            parameters, macs = size.params, size.macs
            score = self._accuracy(architecture, candidate, pulse)
            if math.isnan(score):
                raise NotANumber("the network's outputs are not finite; a lower learning rate may help")
        except (Unbuildable, NotANumber, MemoryError, RuntimeError) as fault:
            kind, message = why_not(fault)
        seconds = time.perf_counter() - started
        return Outcome(score, seconds, parameters, kind, message, macs)

    def state(self) -> dict[str, Any]:
        """A snapshot of all that `load` needs to go on, to the bit on a CPU: numbers and tensors in dicts and lists."""
        return copy.deepcopy(
            {
                "phases": self._phases,
                "passes": self._passes,
                "steps": self._steps,
                "net": dict(self._net.state_dict()),
                "optimizer": self._optimizer.state_dict(),
                "batches": self._batches.state(),
            }
        )

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, by an evaluator with the same settings, space, data and seed."""
        state = copy.deepcopy(state)
        self._phases, self._passes, self._steps = state["phases"], state["passes"], state["steps"]
        self._net.load_state_dict(state["net"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._batches.load(state["batches"])

    def _drawn(self, space: Space) -> SharedPaths:
        """The network, with weights as torch draws them."""
        settings = self._settings
        if settings.network == "final":
            return shared_paths(space, self._frame)
        return searched_paths(space, self._frame, settings.dropout, auxiliary=settings.auxiliary > 0)

    def _pass(self, draw: Callable[[], Architecture], report: Report, pulse: Pulse) -> None:
        """One pass over the training images, at the learning rate of this pass."""
        settings = self._settings
        rate = warm_restarts(self._passes, settings.lr, settings.lr_min, settings.period, settings.period_factor)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._net.train()
        sums: list[Tensor] = []
        for number, (images, labels) in enumerate(self._batches.epoch(), 1):
            sums.append(self._step(draw(), images, labels))
            self._steps += 1
            if len(sums) == REPORTED or number == len(self._batches):
                loss, right, total = received(torch.stack(sums).sum(0))
                sums.clear()
                if not math.isfinite(loss):
                    raise NotANumber("the loss of the shared weights is not a number; lower evaluator.lr")
                report("shared train loss", self._steps, loss / total)
                report("shared train accuracy", self._steps, 100 * right / total)
                report("shared learning rate", self._steps, rate)
            pulse()
        self._passes += 1

    def _step(self, architecture: Architecture, images: Tensor, labels: Tensor) -> Tensor:
        """Returns the sum of the losses, without the auxiliary head's, the number of right answers and that of the
        images, still on the device."""
        logits, side = self._net.with_auxiliary(images, architecture, self._settings.drop_path)
        loss = F.cross_entropy(logits, labels)
        whole = loss if side is None else loss + self._settings.auxiliary * F.cross_entropy(side, labels)
        self._optimizer.zero_grad()
        torch.autograd.backward(whole)
        if self._settings.clip:
            used = [weight for weight in self._weights if weight.grad is not None]
            torch.nn.utils.clip_grad_norm_(used, self._settings.clip)
        self._optimizer.step()
        right = (logits.detach().argmax(1) == labels).sum()
        return torch.stack([loss.detach() * len(labels), right, torch.full_like(right, len(labels))])

    def _accuracy(self, architecture: Architecture, candidate: int, pulse: Pulse) -> float:
        """In percent; NaN where the network's outputs are not finite."""
        data, split = self._dataset, self._dataset.validation
        if 0 < self._settings.images < len(split):
            order = torch.randperm(len(split), generator=torch.Generator().manual_seed(self._word("score", candidate)))
            split = split[sent(order[: self._settings.images], split.images.device)]
        self._net.train(self._settings.norm == "batch")
        # Batches of about the same size, so that batch norm has no small one to go by.
        size = math.ceil(len(split) / math.ceil(len(split) / max(self._settings.batch, self._settings.images)))
        right, finite = [], []
        with torch.no_grad(), self._chance("dropout", candidate):
            if self._settings.norm == "running":
                self._refit_norms(architecture, pulse)
            for images, labels in in_order(split, size, data.mean, data.std):
                logits = self._net(images, architecture)
                right.append((logits.argmax(1) == labels).sum())
                finite.append(logits.isfinite().all())
                pulse()
        correct, sound = received(torch.stack([torch.stack(right).sum(), torch.stack(finite).all()]))
        return 100 * correct / len(split) if sound else math.nan

    def _refit_norms(self, architecture: Architecture, pulse: Pulse) -> None:
        """Have the batch norms of a path learn their statistics for it, on the same images for all."""
        data = self._dataset
        batches = unaugmented(data.train, self._settings.batch, data.mean, data.std, self._word("norms"))
        with statistics_refitted():
            for _ in range(min(self._settings.norm_batches, len(batches))):
                self._net(batches.next()[0], architecture)
                pulse()

    @contextmanager
    def _chance(self, purpose: str, number: int) -> Iterator[None]:
        """What torch draws meanwhile follows from this purpose and number alone, and what it draws later does not."""
        with torch.random.fork_rng(devices=[self._device] if self._device.type == "cuda" else []):
            torch.manual_seed(self._word(purpose, number))
            yield

    def _word(self, purpose: str, number: int = 0) -> int:
        """The start of a random sequence, one for each purpose and number."""
        words = np.random.SeedSequence((self._seed, *purpose.encode(), number)).generate_state(1, np.uint64)
        return int(words[0]) >> 1
