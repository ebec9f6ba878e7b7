"""How sharp the valley is in which a one-shot method's architecture weights lie: the Hessian's dominant eigenvalue."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

import torch
from torch import Tensor

from engine.data import Dataset, in_order
from engine.nets import Supernet
from engine.nets.autograd_modes import twice_differentiable

LEAST = 8
"""Products before an iteration may end: any eigenvector has a small residual, the dominant one is not met at once."""

Product = Callable[[Tensor], Tensor]
"""A symmetric matrix as what it does to a vector, both flat."""

Loss = Callable[[], Tensor]
"""A scalar, computed anew from the variables at every call."""

APART = 0.2
"""Distance between the two gradients of a central difference. The kinks of ReLUs and max pools, each with a jump of the
gradient, average out over a large one only: in the supernet of darts-digits 0.001 gave six times the eigenvalue that
`exact` gave, 0.05 two to three times, 0.2 3 to 9 % more (after 36 steps, 64 images): a trend, not a digit."""


class OnceOnly(RuntimeError):  # noqa: N818 - it says what is wrong
    """The gradient of a loss cannot be differentiated again."""


def exact(loss: Loss, variables: Sequence[Tensor]) -> Product:
    """The Hessian of `loss` in `variables` where they stand, by differentiating the gradient once more.

    One pass forward and one back, kept; each product is a second one back. Asks for the memory of the graph.

    Raises:
        OnceOnly: some operation of the loss can be differentiated once only.
    """
    gradients = torch.autograd.grad(loss(), variables, create_graph=True, materialize_grads=True)
    gradient = _flat(gradients)
    if _refuses(gradient):
        raise OnceOnly("an operation of the loss cannot be differentiated twice")

    def product(vector: Tensor) -> Tensor:
        seconds = torch.autograd.grad(gradient, variables, vector, retain_graph=True, materialize_grads=True)
        return _flat(seconds)

    return product


def _refuses(gradient: Tensor) -> bool:
    """Whether the graph of a gradient has a node that a `once_differentiable` function left there.

    It raises only when it is reached. `torch.autograd.grad` takes no way to it, since it leads to no variable, and
    would leave its part out without a word.
    """
    seen, waiting = set(), [gradient.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            if node.name() == "torch::autograd::Error":
                return True
            waiting += [following for following, _ in node.next_functions]
    return False


def central(loss: Loss, variables: Sequence[Tensor], apart: float = APART) -> Product:
    """The same from first derivatives alone: H v = [g(x + ε v) − g(x − ε v)] / 2ε with 2ε |v| = `apart`.

    Two passes forward and two back for each product, and no more memory than one pair of them. The error is ε²/6 times
    a third derivative of the gradient. Kinks of the loss between the two points count in, which `exact` does not see.
    The variables are put back to the bit after each product.
    """

    def product(vector: Tensor) -> Tensor:
        before = [variable.detach().clone() for variable in variables]
        step = apart / 2 / float(vector.norm())
        moves = [
            part.view_as(x) for x, part in zip(variables, vector.split([x.numel() for x in variables]), strict=True)
        ]
        sides = []
        try:
            for sign in (1, -1):
                with torch.no_grad():
                    for variable, start, move in zip(variables, before, moves, strict=True):
                        variable.copy_(start + sign * step * move)
                sides.append(_flat(torch.autograd.grad(loss(), variables, materialize_grads=True)))
        finally:
            with torch.no_grad():
                for variable, start in zip(variables, before, strict=True):
                    variable.copy_(start)
        return (sides[0] - sides[1]) / (2 * step)

    return product


def dominant(product: Product, start: Tensor, most: int, tolerance: float = 0.0) -> tuple[float, Tensor]:
    """The eigenvalue of largest magnitude, and its unit eigenvector, by power iteration from `start`.

    The estimate is the best that the space of all vectors so far has (Rayleigh-Ritz, as in Lanczos 1950), not that of
    the last vector alone: as many products, and two eigenvalues of like magnitude and unlike sign, on which plain power
    iteration stalls, are told apart. `most` products are taken, fewer where |H v − λ v| is below `tolerance` times |λ|;
    the error of λ is about the square of that. NaN and `start` where a product is not finite.
    """
    basis, images = [start / start.norm()], []
    while True:
        images.append(product(basis[-1]))
        space, mapped = torch.stack(basis), torch.stack(images)
        if not bool(mapped[-1].isfinite().all()):
            return float("nan"), start
        small = (space @ mapped.T).double().cpu()
        values, mixtures = torch.linalg.eigh((small + small.T) / 2)
        place = int(values.abs().argmax())
        value, mixture = float(values[place]), mixtures[:, place].to(space)
        vector = mixture @ space
        residual = float((mixture @ mapped - value * vector).norm())
        next_one = images[-1]
        for _ in range(2):  # once more, against rounding
            next_one = next_one - (space @ next_one) @ space
        length = float(next_one.norm())
        if (
            len(images) == most
            or (residual <= tolerance * abs(value) and len(images) >= LEAST)
            or length <= 1e-6 * float(images[-1].norm())
        ):
            return value, vector
        basis.append(next_one / length)


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


TOLERANCE = 0.1
"""How far, as a share of the eigenvalue, H v may be from λ v: the eigenvalue is then known to about 1 %."""

FRESH = 0.5
"""Length of the random vector that is added to the last eigenvector (of length 1) to start the next iteration: it saves
products where little has changed, and finds the new one where another direction has become the steepest."""


class Curved(Protocol):
    """What has a validation loss that can be differentiated twice in the architecture weights of its supernet."""

    net: Supernet

    def architecture_loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """The loss of a batch as a function of `net.architecture` alone."""


class Curvature:
    """Measures the dominant eigenvalue of the validation loss's Hessian in the architecture weights.

    Zela et al. (Understanding and Robustifying Differentiable Architecture Search, ICLR 2020, section 4) found that it
    grows where DARTS collapses, and that architectures from sharp valleys lose most when they are made discrete. From
    memory: they take the full Hessian on one validation batch in each epoch. Here it is power iteration, with
    Hessian-vector products by double backward or differences (see engine.search.curvature), on the same images at every
    measurement, not augmented, batch norms in training mode as in the architecture step.

    The search goes on as if nothing had been measured: images and vectors come from a generator of their own; weights
    and running statistics are put back, dropout draws from another generator, too.

    Args:
        method: a one-shot method; its `architecture_loss` and `net` are asked anew each time.
        batch: images of the validation split; all of them where there are not so many.
        most: products of a power iteration at the most.
    """

    def __init__(self, method: Curved, dataset: Dataset, batch: int, most: int, seed: int) -> None:
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
