"""What an untrained network shows of itself. Of every measure here, more is said to be better.

Sums go over the weights of convolutions and linear layers, as in the code of Abdelfattah et al. (ICLR 2021), whose
definitions these are.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from engine.data import received

LOG_OF_ZERO = math.log(5e-324)
"""Stands for the logarithm of zero, which is no score: that of the smallest number that is not."""

SHRUNK = 1e-280
"""What both ends are made of where too much flows for a float64: the flow shrinks in proportion, the gradients too."""

CORRELATION_FLOOR = 1e-5
"""Added to the eigenvalues (the authors' code)."""


def synflow(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Natural logarithm of Σ θ ∂R/∂θ: how much flows through the weights (Tanaka et al. 2020, equation 2).

    R is the sum of the outputs for one image of ones, all weights being taken by their absolute value, without batch
    norms, in float64. Only the shape of `images` matters.
    """
    network = network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    ones = torch.ones_like(images[:1], dtype=torch.float64)
    flow, shift = _flow(network, ones, 1.0), 0.0
    if not math.isfinite(flow):
        flow, shift = _flow(network, ones, SHRUNK), -2 * math.log(SHRUNK)
    return math.log(flow) + shift if flow > 0 else LOG_OF_ZERO


def _flow(network: nn.Module, ones: Tensor, ends: float) -> float:
    with _WithoutNorms():
        gradients = _gradients(network, ends * network(ends * ones).sum())
    return _total([(weight * gradient).sum() for weight, gradient in gradients])


def snip(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Σ |θ ∂L/∂θ|: how much the loss depends on the weights (Lee et al. 2019, equation 4, not normalised)."""
    loss = F.cross_entropy(network(images), labels)
    return _total([(weight * gradient).abs().sum() for weight, gradient in _gradients(network, loss)])


def grad_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The Euclidean norms of the gradients of the layers' weights, added up (Abdelfattah et al. 2021, section 3.1)."""
    loss = F.cross_entropy(network(images), labels)
    return _total([gradient.norm() for _, gradient in _gradients(network, loss)])


def naswot(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """log |det K|, K_ij being the number of ReLUs that are on, or off, for both images i and j (Mellor et al. 2021).

    So K is the number of ReLUs minus the Hamming distance of the images' binary codes (equation 2).
    """
    with torch.no_grad(), _Codes() as codes:
        network(images)
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64, device=images.device)
    for code in codes.seen:
        on = code.flatten(1).double()
        kernel += on @ on.T + (1 - on) @ (1 - on).T
    value = float(torch.linalg.slogdet(kernel.cpu()).logabsdet)
    return value if math.isfinite(value) else LOG_OF_ZERO


def jacobian(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """−Σ (log(v + k) + 1 / (v + k)) over the eigenvalues v of the correlations between the images' gradients, k = 1e−5.

    An image's gradient is that of the sum of all outputs (Mellor et al. 2021, first version, section 3). NaN where an
    image has none.
    """
    images = images.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(network(images).sum(), images, allow_unused=True, materialize_grads=True)
    correlations = torch.corrcoef(gradient.flatten(1).double()).cpu()
    if not bool(torch.isfinite(correlations).all()):
        return math.nan
    values = torch.linalg.eigvalsh(correlations).clamp_min(0) + CORRELATION_FLOOR
    return -float((values.log() + 1 / values).sum())


Measure = Callable[[nn.Module, Tensor, Tensor], float]

MEASURES: dict[str, Measure] = {
    "synflow": synflow,
    "snip": snip,
    "grad-norm": grad_norm,
    "naswot": naswot,
    "jacobian": jacobian,
}
"""By their names in a plan. Each is given a network that may be changed, normalised images (N, C, H, W), and labels."""


def _gradients(network: nn.Module, value: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The weights of convolutions and linear layers, each with the gradient of `value`; without those unused."""
    weights = list(_weights(network))
    gradients = torch.autograd.grad(value, weights, allow_unused=True)
    return [(weight.detach(), one) for weight, one in zip(weights, gradients, strict=True) if one is not None]


def _total(numbers: list[Tensor]) -> float:
    """Added up by the processor, in float64; the device is waited for once."""
    return sum(received(torch.stack(numbers)))


def _weights(network: nn.Module) -> Iterator[Tensor]:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            yield module.weight


class _WithoutNorms(TorchFunctionMode):
    """Batch norms pass on what they are given."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return args[0] if function is F.batch_norm else function(*args, **(kwargs or {}))


class _Codes(TorchFunctionMode):
    """Sees every ReLU, and of its output which numbers are positive."""

    _RELUS = (F.relu, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_)

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        if function in self._RELUS:
            self.seen.append(result > 0)
        return result
