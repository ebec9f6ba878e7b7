"""Scores without training, against closed forms on networks small enough for them."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.evaluate.measures import LOG_OF_ZERO, MEASURES, grad_norm, jacobian, naswot, snip, synflow
from engine.nets.operations import BatchNorm


def linear(*rows: tuple[float, ...]) -> nn.Linear:
    layer = nn.Linear(len(rows[0]), len(rows), bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(rows))
    return layer


class Chain(nn.Module):
    """Layers one after the other on the flattened image."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), *layers)

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


def images(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows).reshape(len(rows), 1, 1, -1)


def test_synflow_of_a_chain_is_the_log_of_layers_times_flow():
    """R = 1ᵀ|W₂||W₁|1; by Euler's theorem each layer's θ·∂R/∂θ is R."""
    first, second = ((1.0, -2.0), (0.5, 3.0)), ((-1.0, 4.0),)
    flow = np.abs(second) @ np.abs(first) @ np.ones(2)
    found = synflow(Chain(linear(*first), nn.ReLU(), linear(*second)), images((9.0, -7.0)), torch.tensor([0]))
    assert found == pytest.approx(math.log(2 * flow.item()), abs=1e-12)


def test_synflow_does_not_see_batch_norms_images_or_signs():
    def build(sign: float) -> nn.Module:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(1, 3, 3, bias=False), BatchNorm(3), nn.ReLU(), nn.Conv2d(3, 2, 1, bias=False))
        net[1].weight.data.fill_(7.0)
        net[0].weight.data.mul_(sign)
        return net

    torch.manual_seed(1)
    found = {synflow(build(sign), torch.randn(4, 1, 5, 5), torch.zeros(4).long()) for sign in (1.0, -1.0)}
    assert len(found) == 1
    net = build(1.0)
    one, two = (net[place].weight.detach().double().abs() for place in (0, 3))
    flow = 9 * float((two[:, :, 0, 0] @ one.sum((1, 2, 3))).sum())  # nine pixels of the output
    assert found.pop() == pytest.approx(math.log(2 * flow), abs=1e-9)


def test_synflow_of_very_deep_networks_does_not_overflow():
    """180 layers of gain 1000 make 1e540, beyond float64, forwards and backwards."""
    layers = [linear((1000.0,)) for _ in range(180)]
    found = synflow(Chain(*layers), images((1.0,)), torch.tensor([0]))
    assert found == pytest.approx(math.log(180) + 180 * math.log(1000), rel=1e-12)


def test_where_nothing_flows_synflow_is_the_least():
    found = synflow(Chain(linear((0.0,)), linear((1.0,))), images((1.0,)), torch.tensor([0]))
    assert found == LOG_OF_ZERO < -700


def softmax_gradient(weights: np.ndarray, rows: np.ndarray, labels: list[int]) -> np.ndarray:
    """Of the mean cross-entropy of a linear classifier: (p − y) xᵀ, over the images."""
    logits = rows @ weights.T
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    chances[np.arange(len(labels)), labels] -= 1
    return chances.T @ rows / len(labels)


WEIGHTS = ((1.0, -2.0), (0.5, 3.0), (-1.0, 0.25))
ROWS, LABELS = ((0.5, -1.0), (2.0, 0.1)), [2, 0]


def test_snip_and_grad_norm_of_a_linear_classifier():
    gradient = softmax_gradient(np.array(WEIGHTS), np.array(ROWS), LABELS)
    batch = images(*ROWS), torch.tensor(LABELS)
    assert snip(Chain(linear(*WEIGHTS)), *batch) == pytest.approx(np.abs(gradient * WEIGHTS).sum(), rel=1e-5)
    assert grad_norm(Chain(linear(*WEIGHTS)), *batch) == pytest.approx(np.linalg.norm(gradient), rel=1e-5)


def test_norms_are_added_layer_by_layer():
    """Two branches with a layer each, added up: each has the whole gradient."""

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = linear(*WEIGHTS), linear(*WEIGHTS)

        def forward(self, batch: Tensor) -> Tensor:
            return (self.one(batch.flatten(1)) + self.other(batch.flatten(1))) / 2

    gradient = softmax_gradient(np.array(WEIGHTS), np.array(ROWS), LABELS) / 2
    found = grad_norm(Two(), images(*ROWS), torch.tensor(LABELS))
    assert found == pytest.approx(2 * np.linalg.norm(gradient), rel=1e-5)


def test_naswot_counts_the_relus_that_agree():
    """Codes 110, 100, 011 of three ReLUs: K = [[3, 2, 1], [2, 3, 0], [1, 0, 3]], of determinant 12."""
    net = Chain(linear((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), nn.ReLU())
    batch = images((1.0, 2.0, -1.0), (3.0, -1.0, -2.0), (-1.0, 1.0, 1.0))
    assert naswot(net, batch, torch.zeros(3).long()) == pytest.approx(math.log(12), abs=1e-12)


def test_naswot_sees_every_relu_however_it_is_called():
    class Both(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            x = torch.relu(batch.flatten(1))
            return nn.functional.relu(-batch.flatten(1)) + nn.ReLU(inplace=True)(x - 1)

    batch = images((2.0, -1.0), (0.5, 3.0))
    codes = np.array([[1, 0, 0, 1, 1, 0], [1, 1, 0, 0, 0, 1]])
    agree = np.array([[(one == other).sum() for other in codes] for one in codes])
    assert naswot(Both(), batch, torch.zeros(2).long()) == pytest.approx(math.log(abs(np.linalg.det(agree))))


def test_images_that_naswot_cannot_tell_apart_make_the_least():
    batch = images((1.0, 2.0), (3.0, 4.0))
    assert naswot(Chain(linear((1.0, 1.0)), nn.ReLU()), batch, torch.zeros(2).long()) == LOG_OF_ZERO


def test_jacobian_of_gradients_with_known_correlations():
    """ReLU units choose each image's gradient; numpy's own correlations give the eigenvalues."""
    weights = ((1.0, 0.5, -1.0, 2.0), (-0.5, 2.0, 1.0, 0.3), (0.7, -1.0, 0.2, 1.0))
    net = Chain(linear(*weights), nn.ReLU(), linear((1.0, 1.0, 1.0)))
    rows = ((1.0, 0.1, 0.2, 0.3), (-1.0, 1.0, 1.0, -0.5), (0.3, -2.0, 1.0, 1.0))
    active = np.array(rows) @ np.array(weights).T > 0
    gradients = active.astype(float) @ np.array(weights)
    values = np.linalg.eigvalsh(np.corrcoef(gradients)) + 1e-5
    found = jacobian(net, images(*rows), torch.zeros(3).long())
    assert found == pytest.approx(-(np.log(values) + 1 / values).sum(), rel=1e-4)


def test_jacobian_prefers_images_whose_gradients_differ():
    def of(*rows: tuple[float, ...]) -> float:
        net = Chain(linear((1.0, 0.5, -1.0), (-0.5, 2.0, 1.0)), nn.ReLU(), linear((1.0, 1.0)))
        return jacobian(net, images(*rows), torch.zeros(2).long())

    alike, different = of((1.0, 0.0, 0.0), (2.0, 0.0, 0.0)), of((1.0, 0.0, 0.0), (-1.0, 1.0, 1.0))
    assert different > alike


def test_an_image_without_a_gradient_makes_no_number():
    net = Chain(linear((1.0, 1.0)), nn.ReLU(), linear((1.0,)))
    assert math.isnan(jacobian(net, images((1.0, 1.0), (-1.0, -1.0)), torch.zeros(2).long()))


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_takes_the_program_s_networks(name: str):
    from engine.nets import build_network
    from engine.space.counts import Skeleton, frame_of
    from engine.space.spaces import SPACES

    torch.manual_seed(0)
    batch, labels = torch.randn(4, 1, 8, 8), torch.tensor([0, 1, 0, 1])
    for kind in ("darts", "nasbench201", "hierarchical", "enas-macro", "nas-rl"):
        architecture = SPACES[kind]().example()
        layers = 3
        frame = Skeleton(kind=frame_of(architecture), channels=2, layers=layers, classes=2, in_channels=1, image=8)
        assert not math.isinf(MEASURES[name](build_network(architecture, frame), batch, labels)), kind
