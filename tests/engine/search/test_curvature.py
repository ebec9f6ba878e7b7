"""The curvature in the architecture weights of real search networks, and that measuring it leaves no trace."""

import copy

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data import Augment, Dataset, Split
from engine.nets import Supernet
from engine.plan import DartsSettings
from engine.search import method
from engine.search.curvature import Curvature, undisturbed
from engine.search.hessian import central, exact
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space

SPACE = DartsSpace(nodes=2, operations=("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_3x3"))
SETTINGS = DartsSettings(channels=4, layers=3, batch=8, alpha_lr=0.05)


def split(count: int, seed: int) -> Split:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 255, (count, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return Split(images, torch.randint(0, 2, (count,), generator=generator))


DATA = Dataset(split(24, 0), split(20, 1), split(8, 2), ("a", "b"), (0.4,), (0.3,), Augment(crop=1, flip=True))


def darts(**changes: object):
    return method(msgspec.structs.replace(SETTINGS, **changes), SPACE, DATA, 4, 0, "cpu")


NETWORKS = {
    "DARTS": lambda: Supernet(DartsSpace(nodes=2), 4, 3, 3, 1, 0.3),
    "PC-DARTS": lambda: Supernet(DartsSpace(nodes=2), 4, 3, 3, 1, 0.3, partial=2, edge_norm=True),
    "NAS-Bench-201": lambda: Supernet(NasBench201Space(), 4, 3, 3, 1, 0.3),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_search_networks_are_differentiable_twice(name):
    """Differences this near meet no kink of a ReLU, so that both kinds of products have to agree."""
    torch.manual_seed(0)
    net = NETWORKS[name]().double()
    images, labels = torch.randn(6, 1, 8, 8, dtype=torch.float64), torch.randint(0, 3, (6,))

    def loss():
        with net.fixed():
            return F.cross_entropy(net(images), labels)

    count = sum(part.numel() for part in net.architecture)
    by_twice, by_differences = exact(loss, net.architecture), central(loss, net.architecture, 1e-6)
    for _ in range(3):
        vector = torch.randn(count, dtype=torch.float64)
        torch.testing.assert_close(by_twice(vector), by_differences(vector), rtol=1e-4, atol=1e-7)


@pytest.mark.slow
def test_the_eigenvalue_is_that_of_the_whole_hessian():
    search = darts()
    for _ in range(3):
        search.step()
    value, seconds = Curvature(search, DATA, batch=20, most=50, seed=5).measure()
    net, pixels = search.net, (DATA.validation.images.float() / 255 - 0.4) / 0.3

    def loss():
        return search.architecture_loss(pixels, DATA.validation.labels)

    with undisturbed(net):
        product = exact(loss, net.architecture)
        whole = torch.stack([product(row) for row in torch.eye(sum(part.numel() for part in net.architecture))])
    values = torch.linalg.eigvalsh((whole + whole.T) / 2)
    assert value == pytest.approx(float(values[values.abs().argmax()]), rel=0.03)
    assert seconds > 0


@pytest.mark.slow
def test_measuring_leaves_no_trace_to_the_bit():
    watched, alone = darts(), darts()
    curvature = Curvature(watched, DATA, batch=8, most=3, seed=5)
    torch.manual_seed(3)
    noise = torch.get_rng_state()
    for step in range(4):
        watched.net.train(step % 2 == 0)
        before, mode = _flat(watched.state()), watched.net.training
        curvature.measure()
        assert _same(before, _flat(watched.state()))
        assert watched.net.training == mode
        assert watched.step() == alone.step()
    np.testing.assert_array_equal(watched.weights(), alone.weights())
    assert _same(_flat(watched.state()), _flat(alone.state()))
    assert torch.equal(torch.get_rng_state(), noise)


def test_noise_of_the_network_is_the_same_at_every_pass_and_not_the_methods():
    search = darts()
    search.net.skip_rate = 0.5
    state = search.net.generator.get_state()
    images, labels = torch.randn(8, 1, 8, 8), torch.randint(0, 2, (8,))
    with undisturbed(search.net) as same_noise:
        losses = []
        for _ in range(2):
            same_noise()
            losses.append(float(search.architecture_loss(images, labels).detach()))
        other = float(search.architecture_loss(images, labels).detach())
    assert losses[0] == losses[1] != other
    assert torch.equal(search.net.generator.get_state(), state)


def test_a_network_without_second_derivatives_is_measured_by_differences(monkeypatch):
    search = darts()
    plain = search.architecture_loss

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, gradient):
            return gradient

    expected = Curvature(search, DATA, batch=20, most=30, seed=5).measure()[0]
    monkeypatch.setattr(search, "architecture_loss", lambda *batch: Once.apply(plain(*batch)))
    value, _ = Curvature(search, DATA, batch=20, most=30, seed=5).measure()
    assert np.isfinite(value)
    assert value == pytest.approx(expected, rel=2)


def test_a_loss_that_is_no_number_has_no_curvature(monkeypatch):
    search = darts()
    torch.nn.init.constant_(next(iter(search.net.parameters())), float("nan"))
    assert np.isnan(Curvature(search, DATA, batch=8, most=3, seed=5).measure()[0])


def _flat(state: object) -> list[object]:
    if isinstance(state, dict):
        return [part for key in state for part in _flat(state[key])]
    if isinstance(state, list | tuple):
        return [part for each in state for part in _flat(each)]
    return [copy.deepcopy(state)]


def _same(one: list[object], other: list[object]) -> bool:
    return len(one) == len(other) and all(
        torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in zip(one, other, strict=True)
    )
