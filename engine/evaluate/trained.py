"""A candidate's score by training it: a small network, from scratch, a few epochs; the accuracy on held-back images."""

import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from engine.data import Batches, Dataset, Split, in_order, received, unaugmented
from engine.evaluate.evaluator import SCORERS, BaseEvaluator, Kind, Outcome, Pulse, Report
from engine.nets import Unbuildable, build_network, placed
from engine.nets.autograd_modes import statistics_refitted
from engine.plan.evaluators.trained import TrainedSettings
from engine.space.architecture import Architecture
from engine.space.counts import Skeleton, count, frame_of
from engine.space.spaces import Space


class NotANumber(ArithmeticError):  # noqa: N818 - it says what it is
    """Training whose loss is no longer finite."""


@SCORERS.carries_out(TrainedSettings)
class Evaluator(BaseEvaluator):
    """Trains candidates on the training split and scores them on the validation split.

    All that is random follows from the plan's seed and the candidate's number, so on a CPU a score does not depend on
    what was evaluated before.
    """

    def __init__(
        self, settings: TrainedSettings, space: Space, dataset: Dataset, device: torch.device | str, seed: int
    ) -> None:
        self._settings, self._dataset, self._device, self._seed = settings, dataset, torch.device(device), seed

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        """Train and score `architecture`. `report` is called each epoch, `pulse` each batch; it may raise to end it.

        A cell that makes no network, too little memory and a loss that is not finite are outcomes, not errors.
        """
        started = time.perf_counter()
        score, parameters, macs, message = math.nan, 0, 0, ""
        kind: Kind = "ok"
        network: nn.Module | None = None
        try:
            seeds = _seeds(self._seed, candidate)
            frame = frame_around(architecture, self._settings, self._dataset)
            network = network_of(architecture, frame, seeds.network, self._device)
            parameters, macs = sum(weight.numel() for weight in network.parameters()), count(architecture, frame).macs
            score = self._score(network, seeds.batches, report, pulse)
        except (Unbuildable, NotANumber, MemoryError, RuntimeError) as fault:
            kind, message = why_not(fault)
        if kind == "out of memory":
            network = None  # freed before the device's cache is, so that the next candidate finds the room
            torch.cuda.empty_cache()
        seconds = time.perf_counter() - started
        return Outcome(score, seconds, parameters, kind, message, macs)

    def _score(self, network: nn.Module, seed: int, report: Report, pulse: Pulse) -> float:
        """Train, and the best accuracy after one of the last epochs, the first of equals."""
        scores = []
        data, settings = self._dataset, self._settings
        epochs = train(network, data.train, data, settings, settings.epochs, seed, pulse)
        for epoch, (loss, share) in enumerate(epochs, 1):
            batches = unaugmented(data.train, settings.batch, data.mean, data.std, seed)
            network.eval()
            with statistics_refitted():
                for _ in range(min(settings.norm_batches, len(batches))):
                    network(batches.next()[0])
                    pulse()
            scores.append(accuracy(network, data.validation, data, settings.batch, pulse))
            report("train loss", epoch, loss)
            report("train accuracy", epoch, share)
            report("validation accuracy", epoch, scores[-1])
        first = max(0, len(scores) - settings.best_of_last)
        best = max(range(first, len(scores)), key=scores.__getitem__)
        if settings.best_of_last > 1:  # else it is the last, as everybody expects
            report("scored accuracy", best + 1, scores[best])
        return scores[best]


def final_accuracy(
    architecture: Architecture,
    settings: TrainedSettings,
    dataset: Dataset,
    device: torch.device | str,
    seed: int,
    pulse: Pulse = lambda: None,
) -> float:
    """Train `architecture` from scratch on training and validation split; the accuracy (percent) on the test split.

    For reporting what a search has found, never for searching. Raises Unbuildable, NotANumber, and whatever torch
    raises.
    """
    seeds = _seeds(seed, 0)
    frame = frame_around(architecture, settings, dataset)
    network = network_of(architecture, frame, seeds.network, torch.device(device))
    for _ in train(
        network, dataset.train + dataset.validation, dataset, settings, settings.epochs, seeds.batches, pulse
    ):
        pass
    return accuracy(network, dataset.test, dataset, settings.batch, pulse)


def train(
    network: nn.Module,
    split: Split,
    dataset: Dataset,
    settings: TrainedSettings,
    epochs: int,
    seed: int,
    pulse: Pulse,
) -> Iterator[tuple[float, float]]:
    """Train `network` on `split`, yielding after each epoch the mean loss (nats) and accuracy (percent) of its batches.

    SGD with momentum. The learning rate falls to zero by half a cosine over the whole training, step by step (Real et
    al. 2019).
    """
    generator = torch.Generator().manual_seed(seed)
    batches = Batches(split, settings.batch, dataset.augment, dataset.mean, dataset.std, generator)
    optimizer = torch.optim.SGD(
        network.parameters(), settings.lr, settings.momentum, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(batches))
    for _ in range(epochs):
        network.train()
        sums = torch.zeros(3, device=split.images.device)  # of losses, of right answers, of images
        for images, labels in batches.epoch():
            logits = network(images)
            loss = F.cross_entropy(logits, labels)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            if settings.clip:
                torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
            optimizer.step()
            schedule.step()
            right = (logits.detach().argmax(1) == labels).sum()
            sums += torch.stack([loss.detach() * len(labels), right, torch.full_like(right, len(labels))])
            pulse()
        loss_sum, right_sum, count = received(sums)
        if not math.isfinite(loss_sum):
            raise NotANumber("the loss is not a number; a lower learning rate may help")
        yield loss_sum / count, 100 * right_sum / count


def accuracy(network: nn.Module, split: Split, dataset: Dataset, batch: int, pulse: Pulse) -> float:
    """Share of the images of `split` that `network` puts in their class, in percent. `pulse` is called per batch."""
    network.eval()
    right = []
    with torch.no_grad():
        for images, labels in in_order(split, batch, dataset.mean, dataset.std):
            right.append((network(images).argmax(1) == labels).sum())
            pulse()
        return 100 * sum(received(torch.stack(right))) / len(split)


def out_of_memory(fault: BaseException) -> bool:
    """Whether an error of torch says that the device or the machine has no more memory."""
    return isinstance(fault, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(fault)


def why_not(fault: Exception) -> tuple[Kind, str]:
    """What kind of failure an error is that keeps a candidate from a score, and the reason in one line. An error that
    does not come of the candidate is raised again."""
    if isinstance(fault, Unbuildable | NotANumber):
        return "failed" if isinstance(fault, Unbuildable) else "not a number", str(fault)
    if out_of_memory(fault):
        return "out of memory", "out of memory; a smaller batch or fewer channels take less"
    raise fault


class Seeds(NamedTuple):
    """Where the two random parts of a training start."""

    network: int
    batches: int


def _seeds(seed: int, candidate: int) -> Seeds:
    words = np.random.SeedSequence((seed, candidate)).generate_state(2, np.uint64)
    return Seeds(*(int(word) >> 1 for word in words))


def frame_around(architecture: Architecture, settings: Any, dataset: Dataset) -> Skeleton:
    """The frame that such an architecture is built in, with the `channels` and `layers` of `settings`."""
    return Skeleton(
        kind=frame_of(architecture),
        channels=settings.channels,
        layers=settings.layers,
        image=dataset.train.images.shape[-1],
        classes=len(dataset.classes),
        in_channels=dataset.channels,
    )


def network_of(architecture: Architecture, frame: Skeleton, seed: int, device: torch.device) -> nn.Module:
    """The network, its weights drawn with the seed. Raises Unbuildable."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # weights are drawn on the CPU, alike for every device
        network = build_network(architecture, frame)
    return placed(network, device)
