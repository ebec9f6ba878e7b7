"""DARTS: the order and rules of its steps, the derived cell, learning, and continuation to the bit."""

import copy
import math

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.data import Augment, Dataset, Split
from engine.plan import DartsSettings
from engine.search import Darts, Diverged, method
from engine.search.derivation import strongest
from engine.space.darts import DartsSpace

SPACE = DartsSpace(nodes=2, operations=("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "dil_conv_3x3"))
SETTINGS = DartsSettings(channels=2, layers=3, batch=8)


def stripes(count: int, seed: int) -> Split:
    """Two classes: bright left half or bright upper half, with noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (count,), generator=generator)
    images = torch.randint(0, 100, (count, 1, 8, 8), dtype=torch.uint8, generator=generator)
    images[labels == 0, :, :, :4] += 120
    images[labels == 1, :, :4, :] += 120
    return Split(images, labels)


DATA = Dataset(
    train=stripes(20, 0),
    validation=stripes(18, 1),
    test=stripes(10, 2),
    classes=("left", "upper"),
    mean=(0.4,),
    std=(0.3,),
    augment=Augment(crop=1, flip=True),
)


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


@pytest.mark.parametrize("cut", [3, 5])
def test_a_continued_search_equals_an_unbroken_one_to_the_bit(cut):
    """Cut at the end of an epoch and within one; another seed shows that all comes from the state."""
    unbroken = darts()
    before = [unbroken.step() for _ in range(cut)]
    expected = [unbroken.step() for _ in range(8 - cut)]
    first = darts()
    assert [first.step() for _ in range(cut)] == before
    state = first.state()
    kept = copy.deepcopy(state)
    first.step()  # the state is a snapshot: what comes after does not reach it
    second = darts(seed=99)
    second.load(state)
    assert [second.step() for _ in range(8 - cut)] == expected
    second.load(kept)
    assert [second.step() for _ in range(8 - cut)] == expected
    np.testing.assert_array_equal(second.weights(), unbroken.weights())
    for name, tensor in unbroken.net.state_dict().items():
        assert torch.equal(tensor, second.net.state_dict()[name]), name
    assert second.end_of_epoch() == unbroken.end_of_epoch()
    assert second.derive() == unbroken.derive()


def test_a_search_follows_from_its_seed_and_leaves_torchs_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    runs = []
    for seed in (7, 7, 8):
        search = darts(seed=seed)
        runs.append([search.step() for _ in range(2)])
    assert runs[0] == runs[1] != runs[2]
    assert torch.equal(torch.get_rng_state(), before)


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
    assert isinstance(method(SETTINGS, SPACE, DATA, 1, 0, "cpu"), Darts)
