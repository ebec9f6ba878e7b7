"""DARTS: architecture weights on all operations, learnt by gradient, of first or second order (Liu et al. 2019)."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.nets import Supernet
from engine.nets.passes import statistics_kept
from engine.plan import DartsSettings
from engine.search.derivation import strongest
from engine.search.gradient import Batch, GradientSearch, Values, accuracy
from engine.search.unrolled import Wanted, unrolled_gradient
from engine.space.cells import Cell


class Darts(GradientSearch):
    """Bilevel search in one supernet (algorithm 1), with ξ = 0 or, of second order, ξ the weights' learning rate.

    Of second order, the validation loss and accuracy that a step tells are those of the weights one step ahead. These
    passes are in float32 and never recorded: the difference between two of them would drown in bfloat16, and weights
    that are moved and put back between passes leave little to gain.
    """

    _settings: DartsSettings

    def _supernet(self) -> Supernet:
        settings, data = self._settings, self._dataset
        return Supernet(
            self._space, settings.channels, settings.layers, len(data.classes), data.channels, settings.alpha_init
        )

    def _derived(self, weights: np.ndarray, place: int) -> Cell:
        return strongest(weights, self._space, self._space.cells[place])

    def _architecture_step(self, validation: Batch, training: Batch, rate: float) -> Values:
        if self._settings.order == "first":
            return super()._architecture_step(validation, training, rate)
        told: Values = {}

        def training_loss(wanted: Wanted) -> Tensor:
            images, labels = training
            if wanted == "weights":
                return F.cross_entropy(self.net(images, *self._held()), labels)
            with self.net.fixed():
                return F.cross_entropy(self.net(images), labels)

        def validation_loss() -> Tensor:
            images, labels = validation
            logits = self.net(images)
            loss = F.cross_entropy(logits, labels)
            told.update({"validation loss": loss.detach(), "validation accuracy": accuracy(logits, labels)})
            return loss

        weights = self._weights
        with statistics_kept():
            gradients = unrolled_gradient(
                training_loss,
                validation_loss,
                weights,
                self.net.architecture,
                rate=rate,
                decay=self._settings.w_weight_decay,
                momentum=self._settings.w_momentum if self._settings.look_ahead == "momentum" else 0.0,
                buffers=[self._momentum_of(weight) for weight in weights],
                epsilon=self._settings.epsilon,
            )
        self._move_architecture(gradients)
        return told

    def _momentum_of(self, weight: torch.nn.Parameter) -> Tensor | None:
        """What the optimizer remembers of earlier steps; nothing before the first."""
        remembered: Tensor | None = self._weight_optimizer.state[weight].get("momentum_buffer")
        return remembered
