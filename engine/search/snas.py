"""SNAS: one soft sample of a cell a step, hardening as the temperature falls, in one level (Xie et al. 2019)."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data import DataError
from engine.nets import Supernet
from engine.plan import SnasSettings
from engine.search.derivation import every_edge, strongest
from engine.search.gradient import GradientSearch, Values, accuracy
from engine.search.graphed import Outputs
from engine.search.resources import LEVELS, SCALE, costs, penalty
from engine.space.cells import Cell

MEAN = 1.0
"""Of the architecture weights at the start. No softmax sees it, but their weight decay does."""


class Snas(GradientSearch):
    """Weights and architecture move down the loss of the same training batch, in which all cells of a kind are the
    same sample of a concrete distribution (section 2.2): Z = softmax((log α + Gumbel noise) / temperature).

    The temperature falls in equal steps from epoch to epoch. The validation split is looked at, never learnt from.
    """

    _settings: SnasSettings

    def _supernet(self) -> Supernet:
        settings, data = self._settings, self._dataset
        net = Supernet(
            self._space,
            settings.channels,
            settings.layers,
            len(data.classes),
            data.channels,
            settings.alpha_init,
            drop_path=settings.drop_path,
        )
        with torch.no_grad():
            for alpha in net.alphas:
                alpha += MEAN
        side = data.train.images.shape[-1]
        self._costs = [cost.to(self._device) for cost in costs(self._space, settings.layers, settings.channels, side)]
        self._price = LEVELS[settings.resource] * SCALE[settings.resource_form]
        return net

    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        rule = every_edge if self._settings.derivation == "every edge" else strongest
        return rule(weights, self._space, self._space.cells[place])

    def _require_images(self) -> None:
        if self._settings.batch > len(self._dataset.train):
            given = f"the images of the training split, got {self._settings.batch}"
            raise DataError(f"method.batch must be at most {len(self._dataset.train)}, {given}")

    @property
    def temperature(self) -> float:
        """That of the samples of this epoch."""
        epoch, epochs = self._phase()
        high, low = self._settings.temperature, self._settings.temperature_min
        return low + (high - low) * (1 - min(epoch / epochs, 1.0))

    def _told(self) -> dict[str, float]:
        return {"temperature": self._cooled}

    def _move(self, rate: float) -> Values:
        self._cooled = self.temperature
        loss, right, paid, *gradients = self._recorded(self._whole, *self._train.next())
        self._move_weights(gradients[: len(self._weights)])
        self._move_architecture(gradients[len(self._weights) :])
        told = {"train loss": loss, "train accuracy": right}
        return told if paid is None else {**told, "resource penalty": paid}

    def _whole(self, images: Tensor, labels: Tensor) -> Outputs:
        """Loss and accuracy of a batch, the penalty if any, and the gradients of weights and architecture."""
        sample = self._sample(self._generator)
        logits = self._logits(images, sample)
        total = loss = F.cross_entropy(logits, labels)
        paid = None
        if self._price:
            paid = self._price * penalty(sample, self._costs, self._settings.resource_form)
            total = loss + paid
        self._weight_optimizer.zero_grad()
        self._architecture_optimizer.zero_grad()
        torch.autograd.backward(total)
        gradients = (part.grad for part in (*self._weights, *self.net.alphas))
        return loss.detach(), accuracy(logits, labels), None if paid is None else paid.detach(), *gradients

    def _rates(self) -> tuple[float, ...]:
        return *super()._rates(), self.temperature

    def _mixtures(self) -> Iterator[list[Tensor]]:
        """A new sample for each batch, as in the published code. They do not depend on how often was measured."""
        generator = torch.Generator(self._device).manual_seed(self._seed + self._step)
        while True:
            yield self._sample(generator)

    def _sample(self, generator: torch.Generator) -> list[Tensor]:
        """For each kind of cell (edges, operations), rows adding up to 1 over what an edge carries."""
        found = []
        for alpha, carried in zip(self.net.alphas, self.net.carried, strict=True):
            draws = torch.empty_like(alpha).exponential_(generator=generator)
            noise = -draws.clamp_min_(torch.finfo(draws.dtype).tiny).log_()
            logits = ((alpha + noise) / self.temperature).masked_fill(~carried, torch.finfo(alpha.dtype).min)
            found.append(logits.softmax(1))
        return found
