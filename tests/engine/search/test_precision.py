"""Searches in bfloat16: what is computed in it, what is not, and that they still learn."""

import math

import msgspec
import pytest
import torch

from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.plan.methods.pdarts import PdartsSettings
from engine.plan.methods.snas import SnasSettings
from engine.search import one_shot
from engine.search.curvature import Curvature
from engine.search.gradient import Diverged, GradientSearch
from tests.engine.search.test_gradient import BENCH, DATA, EDITED, METHODS, PLAIN

FIRST_ORDER = [name for name in METHODS if name != "darts2"]


def search(name: str, precision: str = "bfloat16", space: object = PLAIN, **changes: object) -> GradientSearch:
    settings = msgspec.structs.replace(METHODS[name], precision=precision, **changes)
    found: GradientSearch = one_shot(settings, space, DATA, 3, 0, "cpu")
    return found


class Seen:
    """The types of the logits that a network gives."""

    def __init__(self, one: GradientSearch) -> None:
        self.types: list[torch.dtype] = []
        one.net.register_forward_hook(lambda _, __, logits: self.types.append(logits.dtype))


@pytest.mark.parametrize("settings", [DartsSettings, SnasSettings, PdartsSettings, PcDartsSettings])
def test_nobody_gets_bfloat16_unasked(settings):
    assert settings().precision == "float32"


@pytest.mark.parametrize("name", METHODS)
def test_float32_is_what_it_was(name):
    one = search(name, "float32")
    seen = Seen(one)
    one.step(), one.end_of_epoch()
    assert set(seen.types) == {torch.float32}


@pytest.mark.parametrize("name", FIRST_ORDER)
@pytest.mark.parametrize("space", [PLAIN, EDITED, BENCH], ids=["plain", "edited", "nasbench201"])
def test_passes_are_in_bfloat16_and_what_is_learnt_stays_float32(name, space):
    one = search(name, space=space)
    seen = Seen(one)
    for _ in range(2):
        values = one.step()
    values |= one.end_of_epoch()
    assert set(seen.types) == {torch.bfloat16}
    assert all(map(math.isfinite, values.values()))
    kept = [*one.net.parameters(), *one.net.architecture, *one.net.buffers()]
    kept += [part.grad for part in kept if part.grad is not None]
    for optimizer in (one._weight_optimizer, one._architecture_optimizer):
        kept += [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
    assert {tensor.dtype for tensor in kept if tensor.is_floating_point()} == {torch.float32}
    space.encode(one.derive())


@pytest.mark.parametrize("name", FIRST_ORDER)
@pytest.mark.parametrize("space", [PLAIN, BENCH], ids=["plain", "nasbench201"])
def test_an_epoch_is_measured_alike_in_both(name, space):
    """By running statistics; the same network gives the same losses to about a thousandth."""
    one, other = (search(name, precision, space=space) for precision in ("float32", "bfloat16"))
    for _ in range(3):
        one.step()
    other.load(one.state())
    name = "validation loss (epoch)"
    assert one.end_of_epoch()[name] == pytest.approx(other.end_of_epoch()[name], abs=2e-3)


def test_the_second_order_compares_passes_in_float32():
    """To the bit: only the step of the weights differs."""
    one, other = search("darts2"), search("darts2", "float32")
    seen = Seen(one)
    found = [each._architecture_step(each._validation.fresh(), each._train.next(), 0.1) for each in (one, other)]
    assert found[0] == found[1]
    assert set(seen.types) == {torch.float32}
    assert all(map(torch.equal, one.net.architecture, other.net.architecture))
    one.step()
    assert seen.types[-1] == torch.bfloat16


@pytest.mark.parametrize("name", ["darts", "pcdarts"])
def test_curvature_is_measured_in_float32(name):
    values = [Curvature(search(name, precision), DATA, 10, 8, 0).measure()[0] for precision in ("bfloat16", "float32")]
    assert values[0] == values[1]


@pytest.mark.parametrize("name", ["darts", "snas"])
def test_the_loss_falls_as_it_does_in_float32(name):
    """Ten times over the same few images; both are noisy, so their last losses are compared at large."""
    last = []
    for precision in ("bfloat16", "float32"):
        changes = {"alpha_lr": 3e-3, **({"drop_path": 0.0} if name == "snas" else {})}
        one: GradientSearch = one_shot(
            msgspec.structs.replace(METHODS[name], precision=precision, **changes), PLAIN, DATA, 10, 0, "cpu"
        )
        losses = [one.step()["train loss"] for _ in range(one.steps)]
        assert sum(losses[-4:]) < 0.8 * sum(losses[:4])
        last.append(sum(losses[-4:]) / 4)
    assert abs(last[0] - last[1]) < 0.15


@pytest.mark.parametrize("name", METHODS)
def test_a_loss_that_is_no_number_ends_the_search_as_before(name):
    one = search(name)
    with torch.no_grad():
        one.net.frame.classifier.weight.fill_(math.inf)
    with pytest.raises(Diverged, match="not a number since step 1"):
        one.step()


@pytest.mark.parametrize("name", ["darts", "pdarts"])  # one network, and one that is replaced
def test_a_continued_search_equals_an_unbroken_one_to_the_bit(name):
    one = search(name)
    one.step()
    state = one.state()
    expected = [one.step() for _ in range(2)]
    other = search(name)
    other.load(state)
    assert [other.step() for _ in range(2)] == expected
