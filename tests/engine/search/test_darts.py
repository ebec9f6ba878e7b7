"""DARTS: the order and rules of its steps, the derived cell, and learning."""

import math

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data import Augment, Dataset
from engine.plan.methods.darts import DartsSettings
from engine.search import one_shot
from engine.search.darts import Darts
from engine.search.derivation import strongest
from engine.search.gradient import Diverged
from engine.space.darts import DartsSpace
from tests.engine.images import striped

SPACE = DartsSpace(nodes=2, operations=("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_3x3"))
SETTINGS = DartsSettings(channels=2, layers=3, batch=8)


DATA = striped(20, 18, 10, Augment(crop=1, flip=True))


def darts(seed: int = 0, epochs: int = 4, data: Dataset = DATA, **changes: object) -> Darts:
    return Darts(msgspec.structs.replace(SETTINGS, **changes), SPACE, data, epochs, seed, "cpu")


def test_steps_are_counted_and_reported_in_full():
    search = darts(epochs=3)
    assert (search.steps_per_epoch, search.steps) == (3, 9)  # 20 images in batches of 8, 8 and 4
    values = search.step()
    assert set(values) == {"train loss", "train accuracy", "validation loss", "validation accuracy", "w learning rate"}
    assert all(type(value) is float for value in values.values())
    assert 0 <= values["train accuracy"] <= 100


def test_one_step_is_the_architectures_then_the_weights():
    """The whole step again, written plainly: Adam on a fresh validation batch, clipped SGD on a training batch."""
    search = darts(w_clip=0.05, alpha_lr=0.1)
    twin = darts(w_clip=0.05, alpha_lr=0.1)
    net = twin.net.train()
    alphas, weights = net.alphas, list(net.parameters())
    adam = torch.optim.Adam(alphas, 0.1, (0.5, 0.999), weight_decay=1e-3)
    buffers = [torch.zeros_like(weight) for weight in weights]
    for _ in range(2):
        values = search.step()
        images, labels = twin._validation.fresh()
        loss = F.cross_entropy(net(images), labels)
        assert math.isclose(values["validation loss"], loss.item(), rel_tol=1e-5)
        adam.zero_grad()
        loss.backward()
        adam.step()
        images, labels = twin._train.next()
        loss = F.cross_entropy(net(images), labels)
        assert math.isclose(values["train loss"], loss.item(), rel_tol=1e-5)
        gradients = torch.autograd.grad(loss, weights)
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        assert norm > 0.05
        with torch.no_grad():
            for weight, gradient, buffer in zip(weights, gradients, buffers, strict=True):
                buffer.mul_(0.9).add_(gradient * (0.05 / norm) + 3e-4 * weight)
                weight.sub_(0.025 * buffer)
    torch.testing.assert_close(search.net.alphas, alphas)
    torch.testing.assert_close(list(search.net.parameters()), weights)


def test_the_learning_rate_falls_by_half_a_cosine_epoch_by_epoch():
    search = darts(epochs=4)
    rates = [search.step()["w learning rate"] for _ in range(search.steps)]
    expected = [0.001 + 0.024 * (1 + math.cos(math.pi * epoch / 4)) / 2 for epoch in range(4)]
    assert rates == pytest.approx(np.repeat(expected, 3))


def test_measuring_an_epoch_changes_nothing_and_covers_the_whole_split():
    one, other = darts(), darts()
    one.step(), other.step()
    values = one.end_of_epoch()
    assert one.step() == other.step()
    assert values["validation accuracy (epoch)"] * 18 / 100 == pytest.approx(
        round(values["validation accuracy (epoch)"] * 18 / 100)
    )
    other.end_of_epoch()
    net = other.net.eval()
    images = (DATA.validation.images / 255 - 0.4) / 0.3
    logits = net(images)
    again = other.end_of_epoch()
    assert again["validation loss (epoch)"] == pytest.approx(
        F.cross_entropy(logits, DATA.validation.labels).item(), rel=1e-4
    )
    right = (logits.argmax(1) == DATA.validation.labels).float().mean().item()
    assert again["validation accuracy (epoch)"] == pytest.approx(100 * right, rel=1e-4)


def test_weights_are_a_softmax_per_edge():
    weights = darts(alpha_init=1.0).weights()
    assert weights.shape == (2, 5, 5)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)


def test_zero_spread_starts_all_alike():
    np.testing.assert_array_equal(darts(alpha_init=0.0).weights(), np.float32(1 / 5))


def test_the_derived_architecture_is_in_the_space_and_read_off_both_kinds_of_cell():
    search = darts(alpha_init=1.0)
    architecture = search.derive()
    SPACE.encode(architecture)
    normal, reduction = search.weights()
    assert architecture.normal == strongest(normal, SPACE, "normal")
    assert architecture.reduction == strongest(reduction, SPACE, "reduction")
    assert architecture.normal != architecture.reduction


def test_it_learns():
    search = darts(epochs=12, batch=10)
    first = [search.step() for _ in range(4)]
    for _ in range(16):
        last = search.step()
    assert last["train loss"] < first[0]["train loss"] / 2
    assert not np.allclose(search.weights(), 1 / 5, atol=3e-4)


def test_a_loss_that_is_no_number_ends_the_search_in_one_line():
    search = darts(w_lr=1e30, w_clip=0.0)
    with pytest.raises(Diverged, match="not a number since step") as caught:
        [search.step() for _ in range(5)]
    assert "\n" not in str(caught.value)


def test_the_method_is_found_by_its_settings():
    assert isinstance(one_shot(SETTINGS, SPACE, DATA, 1, 0, "cpu"), Darts)


@pytest.mark.parametrize("look_ahead", ["plain", "momentum"])
def test_the_second_order_is_the_slope_of_the_loss_one_step_ahead(look_ahead, monkeypatch):
    """In double precision, against differences of the whole unrolled computation in single architecture weights."""
    search = darts(order="second", look_ahead=look_ahead, epsilon=1e-6, alpha_init=0.5)  # no ReLU turns
    search.step()  # so that there is some momentum
    search.net.double().train()
    for buffer in search._weight_optimizer.state.values():
        buffer["momentum_buffer"] = buffer["momentum_buffer"].double()
    weights, alphas, rate = list(search.net.parameters()), search.net.alphas, 0.05
    batches = [(images.double(), labels) for images, labels in (search._validation.fresh(), search._train.next())]
    found: list[torch.Tensor] = []
    monkeypatch.setattr(search, "_move_architecture", found.extend)
    search._architecture_step(*batches, rate)

    def loss_ahead() -> float:
        (images, labels), (training, answers) = batches
        slopes = torch.autograd.grad(F.cross_entropy(search.net(training), answers), weights)
        kept = [weight.detach().clone() for weight in weights]
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                step = slope + 3e-4 * weight
                if look_ahead == "momentum":
                    step = step + 0.9 * search._weight_optimizer.state[weight]["momentum_buffer"]
                weight.sub_(rate * step)
            loss = F.cross_entropy(search.net(images), labels).item()
            for weight, old in zip(weights, kept, strict=True):
                weight.copy_(old)
        return loss

    first = torch.autograd.grad(F.cross_entropy(search.net(batches[0][0]), batches[0][1]), alphas)
    for kind, edge, operation in ((0, 0, 2), (0, 3, 3), (1, 1, 4), (1, 4, 0)):
        sides = []
        for move in (1e-6, -2e-6):
            with torch.no_grad():
                alphas[kind][edge, operation] += move
            sides.append(loss_ahead())
        with torch.no_grad():
            alphas[kind][edge, operation] += 1e-6
        slope = (sides[0] - sides[1]) / 2e-6
        assert found[kind][edge, operation].item() == pytest.approx(slope, rel=2e-3, abs=1e-6)
    assert max((one - two).abs().max() for one, two in zip(found, first, strict=True)) > 1e-3


def test_both_orders_tell_the_same_things_and_learn():
    search = darts(order="second", epochs=12, batch=10)
    first = search.step()
    assert set(first) == set(darts().step())
    for _ in range(19):
        last = search.step()
    assert last["train loss"] < first["train loss"] / 2
