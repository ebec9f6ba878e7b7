"""The second order of DARTS against the exact derivative of the unrolled step, by double backward in float64."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.search.darts import unrolled_gradient

RATE, DECAY, MOMENTUM = 0.3, 0.05, 0.9


class Small:
    """Two mixed layers of smooth operations, twice differentiable: weights, architecture, and the losses of two
    batches."""

    def __init__(self, seed: int = 0) -> None:
        draw = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=draw, dtype=torch.float64)

        self.weights = [(0.5 * normal(6, 6)).requires_grad_() for _ in range(4)] + [normal(6, 3).requires_grad_()]
        self.architecture = [normal(2, 3).requires_grad_()]
        self.buffers = [0.1 * normal(*weight.shape) for weight in self.weights]
        self.batches = [(normal(9, 6), torch.randint(0, 3, (9,), generator=draw)) for _ in range(2)]

    def loss(self, batch: int, weights: list[Tensor], architecture: list[Tensor]) -> Tensor:
        x, labels = self.batches[batch]
        for layer, shares in enumerate(architecture[0].softmax(1)):
            first, second = weights[2 * layer : 2 * layer + 2]
            x = shares[0] * (x @ first).tanh() + shares[1] * (x @ second).sigmoid() + shares[2] * x
        return F.cross_entropy(x @ weights[4], labels)

    def exact(self, momentum: float) -> list[Tensor]:
        """The derivative of the whole unrolled computation, by the architecture in both of its places."""
        training = self.loss(0, self.weights, self.architecture)
        slopes = torch.autograd.grad(training, self.weights, create_graph=True)
        ahead = [
            weight - RATE * (slope + DECAY * weight + momentum * buffer)
            for weight, slope, buffer in zip(self.weights, slopes, self.buffers, strict=True)
        ]
        return list(torch.autograd.grad(self.loss(1, ahead, self.architecture), self.architecture))

    def approximate(self, momentum: float = 0.0, epsilon: float = 0.01) -> list[Tensor]:
        return unrolled_gradient(
            lambda wanted: self.loss(0, self.weights, self.architecture),
            lambda: self.loss(1, self.weights, self.architecture),
            self.weights,
            self.architecture,
            rate=RATE,
            decay=DECAY,
            momentum=momentum,
            buffers=self.buffers,
            epsilon=epsilon,
        )


def distance(found: list[Tensor], expected: list[Tensor]) -> float:
    return max((one - other).abs().max().item() for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("momentum", [0.0, MOMENTUM])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_the_derivative_of_the_unrolled_step(momentum, seed):
    small = Small(seed)
    exact = small.exact(momentum)
    assert distance(small.approximate(momentum, epsilon=1e-4), exact) < 1e-8 * exact[0].abs().max()
    # The second-order part is no trifle here: without it the gradient is another one.
    first = torch.autograd.grad(small.loss(1, small.weights, small.architecture), small.architecture)
    assert distance(list(first), exact) > 0.05 * exact[0].abs().max()


def test_momentum_makes_a_difference():
    small = Small()
    assert distance(small.approximate(0.0), small.approximate(MOMENTUM)) > 1e-3


def test_the_error_falls_with_the_square_of_epsilon():
    small = Small()
    exact = small.exact(0.0)
    errors = [distance(small.approximate(epsilon=epsilon), exact) for epsilon in (0.4, 0.2, 0.1, 0.05)]
    slopes = [math.log2(wide / narrow) for wide, narrow in pairwise(errors)]
    assert slopes == pytest.approx([2, 2, 2], abs=0.1)


def test_weights_come_back_to_the_bit():
    small = Small()
    before = [weight.detach().clone() for weight in small.weights]
    small.approximate(MOMENTUM)
    assert all(torch.equal(weight, kept) for weight, kept in zip(small.weights, before, strict=True))
    assert all(weight.requires_grad and weight.grad is None for weight in small.weights)


def test_weights_come_back_when_a_loss_raises():
    small = Small()
    before = [weight.detach().clone() for weight in small.weights]

    def fails() -> Tensor:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unrolled_gradient(
            lambda wanted: small.loss(0, small.weights, small.architecture),
            fails,
            small.weights,
            small.architecture,
            rate=RATE,
        )
    assert all(torch.equal(weight, kept) for weight, kept in zip(small.weights, before, strict=True))


def test_a_validation_loss_at_its_minimum_leaves_the_first_order():
    """Its gradient by the weights is zero, so that there is nothing to move the weights along."""
    small = Small()
    found = unrolled_gradient(
        lambda wanted: small.loss(0, small.weights, small.architecture),
        lambda: (small.architecture[0] ** 2).sum() + 0 * small.weights[0].sum(),
        small.weights,
        small.architecture,
        rate=RATE,
    )
    assert torch.equal(found[0], 2 * small.architecture[0].detach())
