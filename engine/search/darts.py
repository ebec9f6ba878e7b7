"""DARTS, first order: architecture weights on all operations, learnt by gradient (Liu et al. 2019)."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data import Batches, Dataset, in_order
from engine.nets import Supernet, placed
from engine.plan import DartsSettings
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace

KEPT_EDGES = 2


class Diverged(ValueError):  # noqa: N818 - it says what happened
    """The loss is no longer a number; one line saying since when and what to do."""


class Darts:
    """Bilevel search in one supernet (algorithm 1 with ξ = 0).

    Each step first moves the architecture weights down the loss of a validation batch (Adam), then the network's
    weights down that of a training batch (SGD with momentum, a cosine over the epochs, gradients clipped). The
    validation batch is drawn anew from the whole validation split, augmented like the training batch, as in the
    published code. `steps` is the number of steps in all epochs.
    """

    def __init__(
        self,
        settings: DartsSettings,
        space: DartsSpace,
        dataset: Dataset,
        epochs: int,
        seed: int,
        device: torch.device | str,
    ) -> None:
        self._settings, self._space, self._dataset, self._epochs = settings, space, dataset, epochs
        self._step = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)  # all weights are drawn on the CPU, alike for every device
            self._net = Supernet(
                space, settings.channels, settings.layers, len(dataset.classes), dataset.channels, settings.alpha_init
            )
        placed(self._net, device)
        self._weight_optimizer = torch.optim.SGD(
            self._net.parameters(), settings.w_lr, settings.w_momentum, weight_decay=settings.w_weight_decay
        )
        self._alpha_optimizer = torch.optim.Adam(
            self._net.alphas,
            settings.alpha_lr,
            (settings.alpha_beta1, settings.alpha_beta2),
            weight_decay=settings.alpha_weight_decay,
        )
        self._train, self._validation = (
            Batches(
                split, settings.batch, dataset.augment, dataset.mean, dataset.std, torch.Generator().manual_seed(key)
            )
            for split, key in ((dataset.train, 2 * seed), (dataset.validation, 2 * seed + 1))
        )
        self.steps_per_epoch = len(self._train)
        self.steps = epochs * self.steps_per_epoch

    def step(self) -> dict[str, float]:
        """One architecture step and one weight step; losses (nats) and accuracies (percent) of their batches.

        The device is waited for once.

        Raises:
            Diverged: a loss is not finite.
        """
        rate = self._learning_rate()
        for group in self._weight_optimizer.param_groups:
            group["lr"] = rate
        self._net.train()
        validation = self._architecture_step(*self._validation.fresh())
        train = self._weight_step(*self._train.next())
        self._step += 1
        values = torch.stack([*train, *validation]).tolist()
        names = ("train loss", "train accuracy", "validation loss", "validation accuracy")
        if not all(map(math.isfinite, values)):
            raise Diverged(f"the loss is not a number since step {self._step}; lower the learning rates")
        return {**dict(zip(names, values, strict=True)), "w learning rate": rate}

    def end_of_epoch(self, pulse: Callable[[], None] = lambda: None) -> dict[str, float]:
        """Loss and accuracy (percent) of the supernet as it stands on the whole validation split, not augmented.

        `pulse` is called before each batch and may raise to end it.
        """
        self._net.eval()
        data, loss, correct = self._dataset, [], []
        with torch.no_grad():
            weights = self._net.weights()
            for images, labels in in_order(data.validation, self._settings.batch, data.mean, data.std):
                pulse()
                logits = self._net(images, weights)
                loss.append(F.cross_entropy(logits, labels, reduction="sum"))
                correct.append((logits.argmax(1) == labels).sum())
        sums = torch.stack([torch.stack(loss).sum(), torch.stack(correct).sum()]) / len(data.validation)
        mean, share = sums.tolist()
        return {"validation loss (epoch)": mean, "validation accuracy (epoch)": 100 * share}

    def weights(self) -> np.ndarray:
        """The softmaxed architecture weights, float32 (cells, edges, operations)."""
        with torch.no_grad():
            return torch.stack(self._net.weights()).float().cpu().numpy()

    def derive(self) -> CellArchitecture:
        """The architecture that the weights stand for now; see `derived`."""
        normal, reduction = self.weights()
        return CellArchitecture(normal=derived(normal, self._space), reduction=derived(reduction, self._space))

    def state(self) -> dict[str, Any]:
        """A snapshot of all that `load` needs to go on, to the bit on a CPU: numbers and tensors in dicts and lists."""
        return copy.deepcopy(
            {
                "step": self._step,
                "net": dict(self._net.state_dict()),
                "alphas": [alpha.detach() for alpha in self._net.alphas],
                "weight optimizer": self._weight_optimizer.state_dict(),
                "alpha optimizer": self._alpha_optimizer.state_dict(),
                "train batches": self._train.state(),
                "validation batches": self._validation.state(),
            }
        )

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, by a method with the same settings, space, data and epochs."""
        state = copy.deepcopy(state)
        self._step = state["step"]
        self._net.load_state_dict(state["net"])
        with torch.no_grad():
            for alpha, kept in zip(self._net.alphas, state["alphas"], strict=True):
                alpha.copy_(kept)
        self._weight_optimizer.load_state_dict(state["weight optimizer"])
        self._alpha_optimizer.load_state_dict(state["alpha optimizer"])
        self._train.load(state["train batches"])
        self._validation.load(state["validation batches"])

    def _learning_rate(self) -> float:
        """Of the weights: half a cosine from `w_lr` to `w_lr_min`, constant within an epoch."""
        epoch = self._step // self.steps_per_epoch
        high, low = self._settings.w_lr, self._settings.w_lr_min
        return low + (high - low) * (1 + math.cos(math.pi * epoch / self._epochs)) / 2

    def _architecture_step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with self._net.fixed():
            logits = self._net(images)
        loss = F.cross_entropy(logits, labels)
        gradients = torch.autograd.grad(loss, self._net.alphas)
        for alpha, gradient in zip(self._net.alphas, gradients, strict=True):
            alpha.grad = gradient
        self._alpha_optimizer.step()
        return loss.detach(), accuracy(logits, labels)

    def _weight_step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._net(images, [weights.detach() for weights in self._net.weights()])
        loss = F.cross_entropy(logits, labels)
        self._weight_optimizer.zero_grad()
        torch.autograd.backward(loss)
        if self._settings.w_clip:
            torch.nn.utils.clip_grad_norm_(self._net.parameters(), self._settings.w_clip)
        self._weight_optimizer.step()
        return loss.detach(), accuracy(logits, labels)


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of right answers in percent, still on the device."""
    return 100 * (logits.detach().argmax(1) == labels).float().mean()


def derived(weights: np.ndarray, space: DartsSpace) -> Cell:
    """The cell that architecture weights (edges, operations) stand for (Liu et al. 2019, section 2.4).

    An edge is as strong as the largest weight of an operation other than "none", and carries that operation; each node
    keeps its two strongest edges, the stronger first. Among equals the first in order wins, as in the published code.
    """
    real = [place for place, name in enumerate(space.operations) if name != "none"]
    best = weights[:, real].argmax(1)
    strength = weights[:, real].max(1)
    nodes = []
    for node in range(space.nodes):
        rows = [row for row, (at, _) in enumerate(space.edges()) if at == node]
        kept = sorted(rows, key=lambda row: -strength[row])[:KEPT_EDGES]
        nodes.append(Node(tuple(Edge(space.edges()[row][1], space.operations[real[best[row]]]) for row in kept)))
    return Cell(tuple(nodes), tuple(range(2, 2 + space.nodes)))
