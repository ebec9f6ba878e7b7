"""DARTS: architecture weights on all operations, learnt by gradient, of first or second order (Liu et al. 2019)."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.nets import Supernet
from engine.nets.autograd_modes import statistics_kept
from engine.plan.methods.darts import DartsSettings
from engine.search.base import SEARCHES
from engine.search.derivation import strongest
from engine.search.gradient import Batch, GradientSearch, Values, accuracy
from engine.space.cells import Cell

Wanted = Literal["weights", "architecture"]
"""What a training loss is about to be differentiated by, so that the network need not prepare for the other."""

SMALLEST = 1e-30
"""A gradient norm below this is taken for it: the finite difference is then zero, and no division by zero."""


def unrolled_gradient(
    training_loss: Callable[[Wanted], Tensor],
    validation_loss: Callable[[], Tensor],
    weights: Sequence[Tensor],
    architecture: Sequence[Tensor],
    *,
    rate: float,
    decay: float = 0.0,
    momentum: float = 0.0,
    buffers: Sequence[Tensor | None] | None = None,
    epsilon: float = 0.01,
) -> list[Tensor]:
    """The gradient of the validation loss at w′ = w - ξ (∇w L_train + decay w + momentum buffer) by the architecture.

    By the chain rule that is ∇α L_val(w′, α) - ξ ∇²αw L_train(w, α) ∇w′ L_val(w′, α) (Liu et al. 2019, eq. 7), whose
    last product is taken for [∇α L_train(w + ε v) - ∇α L_train(w - ε v)] / 2ε with v = ∇w′ L_val and ε = epsilon / ‖v‖
    (eq. 8); its error falls with the square of `epsilon`, until rounding rules. Neither decay nor momentum depends on
    the architecture, so they move w′ alone.

    Four passes forward and back, and one copy of the weights. They are put back exactly as they were: copied, not
    added to, unlike in the published code, where they drift. The device is not waited for.

    Args:
        training_loss, validation_loss: the losses of two batches, at whatever `weights` hold when they are called.
        rate: ξ, the learning rate of the weights.
        buffers: for each weight the optimizer's momentum buffer; None where there is none yet, as in the first step.
    """
    held = [weight.detach() for weight in weights]  # the same memory, to be written to
    kept = [weight.clone() for weight in held]
    try:
        step = list(slopes_of(training_loss("weights"), weights))
        if decay:
            step = list(torch._foreach_add(step, kept, alpha=decay))
        for place, buffer in enumerate(buffers or ()):
            if buffer is not None and momentum:
                step[place] = step[place] + momentum * buffer
        torch._foreach_add_(held, step, alpha=-rate)
        slopes = slopes_of(validation_loss(), [*architecture, *weights])
        ahead, direction = slopes[: len(architecture)], slopes[len(architecture) :]
        norm = torch.stack(torch._foreach_norm(direction)).norm().clamp_min(SMALLEST)
        moves = torch._foreach_mul(direction, epsilon / norm)
        sides = []
        for sign in (1.0, -1.0):
            torch._foreach_copy_(held, kept)
            torch._foreach_add_(held, moves, alpha=sign)
            sides.append(slopes_of(training_loss("architecture"), architecture))
    finally:
        torch._foreach_copy_(held, kept)
    scale = rate * norm / (2 * epsilon)
    return [slope - scale * (plus - minus) for slope, plus, minus in zip(ahead, *sides, strict=True)]


def slopes_of(loss: Tensor, by: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The gradient of `loss` by each of `by`; zero for what it does not depend on, as weights behind a mask."""
    return torch.autograd.grad(loss, by, allow_unused=True, materialize_grads=True)


@SEARCHES.carries_out(DartsSettings)
class Darts(GradientSearch):
    """Bilevel search in one supernet (algorithm 1), with ξ = 0 or, of second order, ξ the weights' learning rate.

    Of second order, the validation loss and accuracy that a step tells are those of the weights one step ahead. These
    passes are in float32 and never recorded: the difference between two of them would drown in bfloat16, and weights
    that are moved and put back between passes leave little to gain.
    """

    _settings: DartsSettings

    def _supernet(self) -> Supernet:
        return self._made(self._settings.layers)

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
