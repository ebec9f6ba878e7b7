"""What all gradient-based methods keep to: continuation, seeds, edited spaces, and one line about bad input."""

import copy
import dataclasses
import math

import numpy as np
import pytest
import torch

from engine.data import Augment, DataError
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.pc_darts import PcDartsSettings
from engine.plan.methods.pdarts import PdartsSettings
from engine.plan.methods.snas import SnasSettings
from engine.search import one_shot
from engine.search.gradient import Diverged, GradientSearch, resting
from engine.space.cell_space import CellSpace
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.images import striped

SMALL = {"channels": 4, "batch": 8, "alpha_lr": 0.1}
METHODS = {
    "darts": DartsSettings(**SMALL, layers=3),
    "darts2": DartsSettings(**SMALL, layers=3, order="second", look_ahead="momentum"),
    "snas": SnasSettings(**SMALL, layers=3, resource="mild", derivation="strongest"),
    "pdarts": PdartsSettings(**SMALL, layers=(3, 3, 4), kept=(3, 2), skip_dropout=(0.3, 0.4, 0.7)),
    "pcdarts": PcDartsSettings(**SMALL, layers=3, partial=2),
}
PLAIN = DartsSpace(nodes=2, operations=("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3"))
EDITED = (
    DartsSpace(nodes=3, inputs=3, operations=("skip_connect", "sep_conv_3x3", "conv_1x1", "conv_7x1_1x7", "none"))
    .restrict(("skip_connect",), cell="normal", edge=(1, 0))
    .restrict((), edge=(2, 1))
    .fix((2, 0))
)
BENCH = NasBench201Space().restrict(("none", "skip_connect"), edge=(1, 0)).fix((2, 2))


DATA = striped(16, 10, 10, Augment(crop=1, flip=True))


def search(name: str, space: CellSpace = PLAIN, seed: int = 0, epochs: int = 3, device: str = "cpu") -> GradientSearch:
    found: GradientSearch = one_shot(METHODS[name], space, DATA.to(device), epochs, seed, device)
    return found


# Within an epoch, and once at its end; stages of P-DARTS begin after 2 and 4 steps.
@pytest.mark.parametrize(("name", "cut"), [*((name, 3) for name in METHODS), ("pdarts", 4)])
def test_a_continued_search_equals_an_unbroken_one_to_the_bit(name, cut):
    unbroken = search(name)
    assert unbroken.steps == 6
    for _ in range(cut):
        unbroken.step()
    state = unbroken.state()
    kept = copy.deepcopy(state)
    expected = [unbroken.step() for _ in range(6 - cut)]
    second = search(name, seed=99)
    second.step()
    second.load(state)
    assert [second.step() for _ in range(6 - cut)] == expected
    np.testing.assert_array_equal(second.weights(), unbroken.weights())
    for key, tensor in unbroken.net.state_dict().items():
        assert torch.equal(tensor, second.net.state_dict()[key]), key
    assert second.end_of_epoch() == unbroken.end_of_epoch()
    assert second.derive() == unbroken.derive()
    second.load(kept)
    assert second.step() == expected[0]


@pytest.mark.parametrize("name", METHODS)
def test_a_search_follows_from_its_seed_and_leaves_torchs_generator_alone(name):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    runs = []
    for seed in (7, 7, 8):
        one = search(name, seed=seed)
        runs.append([one.step() for _ in range(3)])
    assert runs[0] == runs[1] != runs[2]
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", METHODS)
def test_measuring_an_epoch_changes_nothing(name):
    one, other = search(name), search(name)
    one.step(), other.step()
    assert one.end_of_epoch() == one.end_of_epoch()
    assert one.step() == other.step()


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("space", [PLAIN, EDITED, BENCH], ids=["plain", "edited", "nasbench201"])
def test_it_searches_edited_spaces_and_stays_in_them(name, space):
    one = search(name, space)
    for _ in range(one.steps):
        values = one.step()
        space.encode(one.derive())
    assert all(math.isfinite(value) for value in values.values())
    weights = one.weights()
    assert weights.shape == (len(space.cells), len(space.edges()), len(space.operations))
    assert weights.dtype == np.float32
    for cell, rows in zip(space.cells, weights, strict=True):
        for edge, row in zip(space.edges(), rows, strict=True):
            palette = space.palette(cell, edge)
            carried = [operation for operation, weight in zip(space.operations, row, strict=True) if weight >= 0]
            assert set(carried) <= set(palette)
            if name != "pdarts":
                assert len(carried) == len(palette)
            if palette:
                assert np.nansum(row) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_the_cells_inside_the_space_come_in_its_kind_of_architecture(name):
    assert type(search(name, BENCH).derive()) is type(BENCH.example())
    assert type(search(name, EDITED).derive()) is type(EDITED.example())


def test_without_a_rule_of_its_own_snas_keeps_every_edge():
    one = one_shot(SnasSettings(**SMALL, layers=3), PLAIN, DATA, 3, 0, "cpu")
    assert [len(node.inputs) for node in one.derive().normal.nodes] == [2, 3]


@pytest.mark.parametrize("name", METHODS)
def test_a_loss_that_is_no_number_ends_the_search_in_one_line(name):
    one = search(name)
    with torch.no_grad():
        one.net.frame.classifier.weight.fill_(math.inf)
    with pytest.raises(Diverged, match="not a number since step 1; lower") as caught:
        one.step()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "part"), [(name, part) for name in METHODS for part in ("train", "validation") if name != "snas"]
)
def test_a_batch_that_a_split_cannot_fill_is_named(name, part):
    data = dataclasses.replace(DATA, **{part: getattr(DATA, part)[:7]})
    with pytest.raises(DataError, match=rf"method\.batch must be at most 7, the images of the {part}") as caught:
        one_shot(METHODS[name], PLAIN, data, 3, 0, "cpu")
    assert "\n" not in str(caught.value)


def test_snas_needs_a_batch_of_training_images_alone():
    few = dataclasses.replace(DATA, validation=DATA.validation[:7])
    one_shot(METHODS["snas"], PLAIN, few, 3, 0, "cpu").step()
    few = dataclasses.replace(DATA, train=DATA.train[:7])
    with pytest.raises(DataError, match=r"method\.batch must be at most 7"):
        one_shot(METHODS["snas"], PLAIN, few, 3, 0, "cpu")


@pytest.mark.parametrize("name", ["darts", "snas", "pdarts"])
def test_odd_channels_can_be_halved(name):
    settings = type(METHODS[name])(**{**SMALL, "channels": 3})
    one = one_shot(settings, DartsSpace(nodes=1), DATA, 3, 0, "cpu")
    assert math.isfinite(one.step()["train loss"])


@pytest.mark.parametrize("name", METHODS)
def test_the_architectures_loss_depends_on_it_alone_and_changes_nothing(name):
    one = search(name)
    one.step()
    one.net.train()
    images, labels = DATA.validation.images.float() / 255, DATA.validation.labels
    before = {key: value.clone() for key, value in one.net.state_dict().items()}
    loss = one.architecture_loss(images, labels)
    slopes = torch.autograd.grad(loss, one.net.architecture)
    assert any(slope.abs().max() > 0 for slope in slopes)
    for key, value in one.net.state_dict().items():
        assert torch.equal(value, before[key]), key
    assert all(weight.requires_grad for weight in one.net.parameters())


def test_running_statistics_follow_the_weight_steps_alone():
    """An architecture step leaves them where they were, of either order."""
    for name in ("darts", "darts2"):
        one = search(name)
        one.step()
        before = [buffer.clone() for buffer in one.net.buffers()]
        one._architecture_step(one._validation.fresh(), one._train.next(), 0.1)
        assert all(map(torch.equal, one.net.buffers(), before))
        one._weight_step(one._train.next())
        assert not all(map(torch.equal, one.net.buffers(), before))


def test_shares_of_epochs_are_the_papers_numbers():
    assert (resting(0.3, 50), resting(0.4, 25)) == (15, 10)


@pytest.mark.gpu
@pytest.mark.parametrize("name", METHODS)
def test_a_step_waits_for_the_device_once(name):
    one = search(name, device="cuda")
    one.step()  # the next one is still of the first epoch, and of the first stage of P-DARTS
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with pytest.warns(UserWarning, match="synchronizing") as caught:
            one.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(caught) == 1
