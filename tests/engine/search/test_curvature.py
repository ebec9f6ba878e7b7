"""The curvature in the architecture weights of real search networks, and that measuring it leaves no trace."""

import copy

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data import Augment
from engine.nets import Supernet
from engine.nets.autograd_modes import twice_differentiable
from engine.plan.methods.darts import DartsSettings
from engine.search import curvature, one_shot
from engine.search.curvature import Curvature, OnceOnly, exact, undisturbed
from engine.space.darts import DartsSpace
from tests.engine.images import noisy

SPACE = DartsSpace(nodes=2, operations=("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_3x3"))
SETTINGS = DartsSettings(channels=4, layers=3, batch=8, alpha_lr=0.05)


DATA = noisy(24, 20, 8, Augment(crop=1, flip=True))


def darts(**changes: object):
    return one_shot(msgspec.structs.replace(SETTINGS, **changes), SPACE, DATA, 4, 0, "cpu")


class Smooth:
    """A method whose network is small, smooth and differentiable twice."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.net = Supernet(SPACE, 2, 3, 2, 1, 0.3)
        self._mixing = [torch.randn(part.numel(), 64) / 8 for part in self.net.architecture]

    def architecture_loss(self, images, labels):
        codes = [part.softmax(-1).flatten() for part in self.net.architecture]
        features = sum(code @ mixing for code, mixing in zip(codes, self._mixing, strict=True))
        seen = torch.tanh(3 * features) * images.flatten(1)
        return F.cross_entropy(torch.stack([seen.sum(1), seen.sin().sum(1)], 1), labels)


PIXELS = (DATA.validation.images.float() / 255 - 0.5) / 0.25


def whole_hessian(search) -> torch.Tensor:
    def loss():
        return search.architecture_loss(PIXELS, DATA.validation.labels)

    with undisturbed(search.net):
        product = exact(loss, search.net.architecture)
        rows = torch.eye(sum(part.numel() for part in search.net.architecture))
        whole = torch.stack([product(row) for row in rows])
    return (whole + whole.T) / 2


def test_the_eigenvalue_is_that_of_the_whole_hessian():
    search = Smooth()
    value, seconds = Curvature(search, DATA, batch=20, most=40, seed=5).measure()
    values = torch.linalg.eigvalsh(whole_hessian(search))
    assert value == pytest.approx(float(values[values.abs().argmax()]), rel=0.03)
    assert seconds > 0


def test_double_backward_and_differences_agree_where_both_are_possible(monkeypatch):
    monkeypatch.setattr(curvature, "exact", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("no room")))
    by_differences = Curvature(Smooth(), DATA, batch=20, most=40, seed=5).measure()[0]
    monkeypatch.undo()
    assert by_differences == pytest.approx(Curvature(Smooth(), DATA, batch=20, most=40, seed=5).measure()[0], rel=0.1)


def test_the_fast_passes_of_the_search_network_are_refused():
    """They are made for one pass back: double backward would leave a part out without a word."""
    search = darts()
    with pytest.raises(OnceOnly):
        exact(lambda: search.architecture_loss(PIXELS, DATA.validation.labels), search.net.architecture)


def test_the_eigenvalue_of_the_search_network_is_that_of_its_whole_hessian():
    search = darts(alpha_init=0.5)
    value, _ = Curvature(search, DATA, batch=20, most=30, seed=5).measure()
    with twice_differentiable():
        values = torch.linalg.eigvalsh(whole_hessian(search))
    assert value == pytest.approx(float(values[values.abs().argmax()]), rel=0.03)


@pytest.mark.slow
def test_measuring_leaves_no_trace_to_the_bit():
    watched, alone = darts(), darts()
    instrument = Curvature(watched, DATA, batch=8, most=3, seed=5)
    torch.manual_seed(3)
    noise = torch.get_rng_state()
    for step in range(4):
        watched.net.train(step % 2 == 0)
        before, mode = _flat(watched.state()), watched.net.training
        instrument.measure()
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
