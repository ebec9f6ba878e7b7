"""How sharp the valley is in which a one-shot method's architecture weights lie."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

import torch
from torch import Tensor

from engine.data import Dataset, in_order
from engine.nets import Supernet
from engine.nets.passes import twice_differentiable
from engine.search.gradient import GradientSearch
from engine.search.hessian import Loss, central, dominant, exact

TOLERANCE = 0.1
"""How far, as a share of the eigenvalue, H v may be from λ v: the eigenvalue is then known to about 1 %."""

FRESH = 0.5
"""Length of the random vector that is added to the last eigenvector (of length 1) to start the next iteration: it saves
products where little has changed, and finds the new one where another direction has become the steepest."""


class Curvature:
    """Measures the dominant eigenvalue of the validation loss's Hessian in the architecture weights.

    Zela et al. (Understanding and Robustifying Differentiable Architecture Search, ICLR 2020, section 4) found that it
    grows where DARTS collapses, and that architectures from sharp valleys lose most when they are made discrete. From
    memory: they take the full Hessian on one validation batch in each epoch. Here it is power iteration, with
    Hessian-vector products by double backward or differences (see engine.search.hessian), on the same images at every
    measurement, not augmented, batch norms in training mode as in the architecture step.

    The search goes on as if nothing had been measured: images and vectors come from a generator of their own; weights
    and running statistics are put back, dropout draws from another generator, too.

    Args:
        method: a one-shot method; its `architecture_loss` and `net` are asked anew each time.
        batch: images of the validation split; all of them where there are not so many.
        most: products of a power iteration at the most.
    """

    def __init__(self, method: GradientSearch, dataset: Dataset, batch: int, most: int, seed: int) -> None:
        self._method, self._most = method, most
        self._generator = torch.Generator().manual_seed(seed)
        chosen = torch.randperm(len(dataset.validation), generator=self._generator)[:batch]
        part = dataset.validation[chosen.to(dataset.validation.labels.device)]
        self._images, self._labels = next(in_order(part, len(part), dataset.mean, dataset.std))
        self._vector: Tensor | None = None

    def measure(self) -> tuple[float, float]:
        """The eigenvalue of the largest magnitude (NaN where the loss is not finite), and the seconds it took."""
        began = perf_counter()
        net = self._method.net
        with undisturbed(net) as same_noise:

            def loss() -> Tensor:
                same_noise()
                return self._method.architecture_loss(self._images, self._labels)

            value, self._vector = self._dominant(loss, net.architecture)
        return value, perf_counter() - began

    def _dominant(self, loss: Loss, variables: Sequence[Tensor]) -> tuple[float, Tensor]:
        """By double backward, or by differences where the card has no room for the graph."""
        start = self._start(variables)
        try:
            with twice_differentiable():
                product = exact(loss, variables)
            return dominant(product, start, self._most, TOLERANCE)
        except torch.OutOfMemoryError:
            return dominant(central(loss, variables), start, self._most, TOLERANCE)

    def _start(self, variables: Sequence[Tensor]) -> Tensor:
        count = sum(variable.numel() for variable in variables)
        fresh = torch.randn(count, generator=self._generator, dtype=torch.float64).to(variables[0])
        fresh /= fresh.norm()
        return fresh if self._vector is None or len(self._vector) != count else self._vector + FRESH * fresh


@contextmanager
def undisturbed(net: Supernet) -> Iterator[Callable[[], None]]:
    """Whatever passes run in here leave no trace in the supernet, nor in the method's generator.

    Gives a function that starts all noise (dropout, drop path) anew, so that a loss is the same function each time.
    """
    mode, generator = net.training, net.generator
    kept = [(tensor, tensor.detach().clone()) for tensor in (*net.buffers(), *net.architecture)]
    own = net.generator = torch.Generator(net.architecture[0].device)

    def same_noise() -> None:
        own.manual_seed(0)

    try:
        net.train()
        yield same_noise
    finally:
        net.train(mode)
        net.generator = generator
        with torch.no_grad():
            for tensor, before in kept:
                tensor.copy_(before)
