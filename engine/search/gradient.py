"""What the gradient-based methods share: a supernet, its two optimizers, batches of both splits, and what is told."""

import copy
import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data import Batches, DataError, Dataset, in_order, received, unaugmented
from engine.nets import Supernet, placed
from engine.nets.autograd_modes import statistics_kept, statistics_refitted
from engine.nets.learning_rate import half_cosine
from engine.plan.methods.gradient import GradientSettings
from engine.search.base import Diverged, OneShotMethod
from engine.search.curvature import Curvature
from engine.search.graphed import Graphs, Outputs
from engine.session.schema import EPOCH_SCORE
from engine.space.architecture import Architecture
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell

Batch = tuple[Tensor, Tensor]
Values = dict[str, Tensor]


class GradientSearch(OneShotMethod):
    """Search in one supernet, whose weights and architecture weights both move down a loss.

    As in algorithm 1 of DARTS (Liu et al. 2019), each step first moves the architecture weights down the loss of a
    validation batch (Adam), then the network's weights down that of a training batch (SGD with momentum, a cosine over
    the epochs, gradients clipped). The validation batch is drawn anew from the whole validation split, augmented like
    the training batch, as in the published code. Running statistics of batch norms, which nothing but `end_of_epoch`
    reads, follow the weight steps alone: the other passes are made with other images or with weights moved for a trial.
    They lag behind the weights, so that `end_of_epoch` first learns them anew.

    The supernet's passes are in float32 or, as the settings say, under bfloat16 autocast: then its images are bfloat16,
    while weights, statistics, optimizers and losses stay float32. What compares passes (second order, Hessian) is
    always in float32. On a CUDA device both halves of a step can be recorded and repeated (`engine.search.graphed`).

    A method says how its supernet is built (`_supernet`), how it derives (`_derived`) and what else differs.

    Attributes:
        net: the supernet; `net.architecture` is what the architecture optimizer moves.
    """

    net: Supernet

    def __init__(
        self,
        settings: GradientSettings,
        space: CellSpace,
        dataset: Dataset,
        epochs: int,
        seed: int,
        device: torch.device | str,
    ) -> None:
        self._settings, self._space, self._dataset, self._epochs, self._seed = settings, space, dataset, epochs, seed
        self._device = torch.device(device)
        self._step = 0
        self._require_images()
        self._train, self._validation = (
            Batches(
                split, settings.batch, dataset.augment, dataset.mean, dataset.std, torch.Generator().manual_seed(key)
            )
            for split, key in ((dataset.train, 2 * seed), (dataset.validation, 2 * seed + 1))
        )
        self._generator = torch.Generator(self._device).manual_seed(seed)
        self._predicted: list[int] | None = None
        self._news: list[str] = []
        self.steps_per_epoch = len(self._train)
        self.steps = epochs * self.steps_per_epoch
        self._begin(seed)
        if count := min(settings.norm_batches, self.steps_per_epoch):
            batches = "1 training batch" if count == 1 else f"{count} training batches"
            share = max(1, round(100 * count / (5 * self.steps_per_epoch)))
            line = f"an epoch's score goes by batch norm statistics learnt anew over {batches}, forward alone"
            self._news.append(f"{line}: about {share} % of an epoch's time")

    @property
    def _rest(self) -> float:
        """The share of the epochs in which the architecture rests."""
        return 0.0

    @property
    def _alpha_clip(self) -> float:
        """The largest norm of the architecture's gradient; 0 does not clip."""
        return 0.0

    @abstractmethod
    def _supernet(self) -> Supernet:
        """A new supernet, on the CPU; torch's generator is seeded for it."""

    def _made(self, layers: int, **particular: Any) -> Supernet:
        """The supernet of so many cells that settings and data ask for, with what a method has in particular."""
        settings, data = self._settings, self._dataset
        return Supernet(
            self._space,
            settings.channels,
            layers,
            len(data.classes),
            data.channels,
            settings.alpha_init,
            step=settings.step,
            **particular,
        )

    @abstractmethod
    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        """The cell that `weights` (edges, operations), of the space's cell number `place`, stand for."""

    def step(self) -> dict[str, float]:
        """One architecture step, unless the architecture rests, and one weight step; losses (nats) and accuracies
        (percent) of their batches.

        The device is waited for once, at the end.

        Raises:
            Diverged: a loss is not finite.
        """
        self._prepare()
        epoch, _ = self._phase()
        if self._step % self.steps_per_epoch == 0 and 0 < epoch == self._rest_epochs():
            self._news.append(f"architecture weights begin to move, in epoch {self._step // self.steps_per_epoch + 1}")
        rate = self._learning_rate()
        for group in self._weight_optimizer.param_groups:
            group["lr"] = rate
        if not self.net.training:
            self.net.train()
        found = self._move(rate)
        self._step += 1
        values = dict(zip(found, received(torch.stack(list(found.values()))), strict=True))
        if not all(map(math.isfinite, values.values())):
            raise Diverged(f"the loss is not a number since step {self._step}; lower the learning rates")
        return {**values, "w learning rate": rate, **self._told()}

    def curvature(self, dataset: Dataset, batch: int, iterations: int, seed: int) -> Curvature:
        return Curvature(self, dataset, batch, iterations, seed)

    def end_of_epoch(self, pulse: Callable[[], None] = lambda: None) -> dict[str, float]:
        """Loss and accuracy (percent) of the supernet as it stands on the whole validation split, not augmented.

        Its batch norms first learn the statistics of the weights as they are, on the same training images each time
        (setting `norm_batches`). `pulse` is called before each batch and may raise to end it.
        """
        self.net.eval()
        settings, data, loss, correct, predicted = self._settings, self._dataset, [], [], []
        batch, classes = settings.batch, torch.arange(len(data.classes), device=self._device)
        training = unaugmented(data.train, batch, data.mean, data.std, self._seed)
        with torch.no_grad():
            count, norm_batches = math.ceil(len(data.validation) / batch), min(settings.norm_batches, len(training))
            mixtures = self._mixtures(min(count, norm_batches or count))
            mixture: Sequence[Tensor] | None = None
            for number, (images, labels) in enumerate(in_order(data.validation, batch, data.mean, data.std)):
                pulse()
                before, mixture = mixture, mixtures[number * len(mixtures) // count]
                if mixture is not before:
                    self._refit_norms(mixture, training, norm_batches // len(mixtures), pulse)
                logits = self._logits(images, mixture)
                answers = logits.argmax(1)
                loss.append(F.cross_entropy(logits, labels, reduction="sum"))
                correct.append((answers == labels).sum())
                predicted.append((answers[:, None] == classes).sum(0))
        sums = torch.stack([torch.stack(loss).sum(), torch.stack(correct).sum()]) / len(data.validation)
        mean, share, *given = received(torch.cat([sums, torch.stack(predicted).sum(0)]))
        self._predicted = [round(number) for number in given]
        return {"validation loss (epoch)": mean, EPOCH_SCORE: 100 * share}

    def predicted(self) -> list[int] | None:
        return self._predicted

    def events(self) -> list[str]:
        news, self._news = self._news, []
        return news

    def _refit_norms(self, mixture: Sequence[Tensor], batches: Batches, count: int, pulse: Callable[[], None]) -> None:
        """Have batch norms learn their statistics anew, over the next so many batches."""
        with statistics_refitted():
            for _ in range(count):
                pulse()
                self._logits(batches.next()[0], mixture)

    def weights(self) -> np.ndarray:
        """The softmaxed architecture weights, float32 (cells, edges, operations); NaN for what an edge has not."""
        with torch.no_grad():
            weights = torch.stack(self.net.weights()).masked_fill(~torch.stack(self.net.carried), math.nan)
            return weights.float().cpu().numpy()

    def derive(self) -> Architecture:
        """The architecture that the weights stand for now, by the method's rule (see engine.search.derivation)."""
        return self._space.joined([self._derived(rows, place) for place, rows in enumerate(self.weights())])

    def architecture_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """The loss of a batch as a function of `net.architecture` alone, with the weights as they are.

        The network stays in the mode it is in; nothing of it changes, running statistics neither. In float32, so that
        it can be differentiated twice.
        """
        with statistics_kept(), self.net.fixed():
            return F.cross_entropy(self.net(images), labels)

    def state(self) -> dict[str, Any]:
        return copy.deepcopy(
            {
                "step": self._step,
                "seed": self._seed,
                "net": dict(self.net.state_dict()),
                "architecture": [part.detach() for part in self.net.architecture],
                "weight optimizer": self._weight_optimizer.state_dict(),
                "architecture optimizer": self._architecture_optimizer.state_dict(),
                "train batches": self._train.state(),
                "validation batches": self._validation.state(),
                "generator": self._generator.get_state(),
            }
        )

    def load(self, state: dict[str, Any]) -> None:
        state = copy.deepcopy(state)
        self._step, self._seed = state["step"], state["seed"]
        self.net.load_state_dict(state["net"])
        with torch.no_grad():
            for part, kept in zip(self.net.architecture, state["architecture"], strict=True):
                part.copy_(kept)
        self._weight_optimizer.load_state_dict(state["weight optimizer"])
        self._architecture_optimizer.load_state_dict(state["architecture optimizer"])
        self._train.load(state["train batches"])
        self._validation.load(state["validation batches"])
        self._generator.set_state(state["generator"])
        self._news = []

    def _begin(self, seed: int) -> None:
        """Start with a new supernet and new optimizers."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)  # all weights are drawn on the CPU, alike for every device
            self.net = placed(self._supernet(), self._device)
        self.net.generator = self._generator
        settings = self._settings
        self._weights = list(self.net.parameters())
        self._graphs = Graphs(self._device, settings.cuda_graphs, self._generator)
        self._weight_optimizer = torch.optim.SGD(
            self._weights, settings.w_lr, settings.w_momentum, weight_decay=settings.w_weight_decay
        )
        self._architecture_optimizer = torch.optim.Adam(
            self.net.architecture,
            settings.alpha_lr,
            (settings.alpha_beta1, settings.alpha_beta2),
            weight_decay=settings.alpha_weight_decay,
        )
        self._news += self._headlines()

    def _require_images(self) -> None:
        """Raises DataError for a batch that a split cannot fill."""
        for key, words in self._settings.split_faults(len(self._dataset.train), len(self._dataset.validation)):
            raise DataError(f"{key} {words}")

    def _prepare(self) -> None:
        """What is to be done before a step."""

    def _told(self) -> dict[str, float]:
        """What a step tells beside losses, accuracies and the learning rate."""
        return {}

    def _mixtures(self, most: int) -> Sequence[Sequence[Tensor]]:
        """The weights of the operations that an epoch is measured with, one after the other, each on as many images."""
        return [self.net.weights()]

    def _phase(self) -> tuple[int, int]:
        """How many epochs of the present schedule are over, and how many it has."""
        return self._step // self.steps_per_epoch, self._epochs

    def _learning_rate(self) -> float:
        """Of the weights: half a cosine from `w_lr` to `w_lr_min`, constant within an epoch."""
        epoch, epochs = self._phase()
        return half_cosine(epoch, epochs, self._settings.w_lr, self._settings.w_lr_min)

    def _rests(self) -> bool:
        """Whether the architecture rests in this epoch; in the last one of a schedule it always moves."""
        return self._phase()[0] < self._rest_epochs()

    def _rest_epochs(self) -> int:
        """So many of the first epochs of a schedule the architecture rests in."""
        epochs = self._phase()[1]
        return min(resting(self._rest, epochs), epochs - 1)

    def _headlines(self) -> list[str]:
        """What is to be said of a new supernet and its schedule."""
        rest, first = self._rest_epochs(), self._step // self.steps_per_epoch
        moves = f"architecture weights rest until epoch {first + rest + 1}; they decide nothing before"
        return [moves] if rest > 0 else []

    def _move(self, rate: float) -> Values:
        training = self._train.next()
        validation: Values = {} if self._rests() else self._architecture_step(self._validation.fresh(), training, rate)
        return {**self._weight_step(training), **validation}

    def _architecture_step(self, validation: Batch, training: Batch, rate: float) -> Values:
        """Move the architecture down the loss of a validation batch."""
        loss, right, *gradients = self._recorded(self._architecture_half, *validation)
        self._move_architecture(gradients)
        return {"validation loss": loss, "validation accuracy": right}

    def _architecture_half(self, images: Tensor, labels: Tensor) -> Outputs:
        """Loss and accuracy of a batch, and the gradients of the architecture."""
        with statistics_kept(), self.net.fixed():
            logits = self._logits(images)
            loss = F.cross_entropy(logits, labels)
        gradients = torch.autograd.grad(loss, self.net.architecture)
        return loss.detach(), accuracy(logits, labels), *gradients

    def _move_architecture(self, gradients: Sequence[Tensor]) -> None:
        parts = self.net.architecture
        for part, gradient in zip(parts, gradients, strict=True):
            part.grad = gradient
        if self._alpha_clip:
            torch.nn.utils.clip_grad_norm_(parts, self._alpha_clip)
        self._architecture_optimizer.step()

    def _weight_step(self, training: Batch) -> Values:
        """Move the weights down the loss of a training batch."""
        loss, right, *gradients = self._recorded(self._weight_half, *training)
        self._move_weights(gradients)
        return {"train loss": loss, "train accuracy": right}

    def _weight_half(self, images: Tensor, labels: Tensor) -> Outputs:
        """Loss and accuracy of a batch, and the gradients of the weights."""
        logits = self._logits(images, *self._held())
        loss = F.cross_entropy(logits, labels)
        self._weight_optimizer.zero_grad()
        torch.autograd.backward(loss)
        return loss.detach(), accuracy(logits, labels), *(weight.grad for weight in self._weights)

    def _move_weights(self, gradients: Sequence[Tensor | None]) -> None:
        for weight, gradient in zip(self._weights, gradients, strict=True):
            weight.grad = gradient
        if self._settings.w_clip:
            torch.nn.utils.clip_grad_norm_(self._weights, self._settings.w_clip)
        self._weight_optimizer.step()

    def _held(self) -> list[list[Tensor]]:
        """What the network takes for the architecture where the gradients of the weights alone are wanted."""
        return [[part.detach() for part in parts] for parts in (self.net.weights(), self.net.edge_weights())]

    def _logits(self, images: Tensor, *architecture: Sequence[Tensor]) -> Tensor:
        """What the network makes of images, computed in the precision of the settings; not in less than float32."""
        if self._settings.precision == "float32":
            found: Tensor = self.net(images, *architecture)
            return found
        # No weight is cast twice in a pass, and a kept copy must not outlive a recording.
        with torch.autocast(self._device.type, torch.bfloat16, cache_enabled=False):
            found = self.net(images, *architecture)
        return found.float()

    def _recorded(self, half: Callable[..., Outputs], *batch: Tensor) -> Any:
        """Half a step; where the settings ask for it, recorded once and repeated, until a rate changes."""
        return self._graphs(half.__name__, half, self._rates(), *batch)

    def _rates(self) -> tuple[float, ...]:
        """Numbers that a pass depends on beside tensors."""
        return self.net.skip_rate, self.net.drop_path


def resting(share: float, epochs: int) -> int:
    """How many of the first `epochs` are a share of them: 15 of 50 for 0.3."""
    return round(share * epochs)


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Share of right answers in percent, still on the device."""
    return 100 * (logits.detach().argmax(1) == labels).float().mean()
