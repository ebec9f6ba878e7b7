"""The dominant eigenvalue of a loss's Hessian in a few of its variables, by products of the Hessian with vectors."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

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
