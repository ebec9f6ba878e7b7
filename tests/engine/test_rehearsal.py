"""Steps on a device that is acted out: nothing of the CPU is mixed in, one read ends a step, results are a CPU's.

`tests.engine.rehearsal` says what this can show without a GPU and what it cannot.
"""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor, nn

from engine.data import Augment, Batches, Dataset, in_order, sent
from engine.evaluate import Outcome
from engine.evaluate.measures import MEASURES
from engine.evaluate.shared import SharedEvaluator
from engine.evaluate.trained import accuracy, frame_around, network_of, train
from engine.plan.evaluators.shared import SharedSettings
from engine.plan.evaluators.trained import TrainedSettings
from engine.search import one_shot
from engine.search.curvature import Curvature
from engine.search.gradient import GradientSearch
from engine.space.cell_space import CellSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.images import striped
from tests.engine.rehearsal import FAR, RECEIVES, Mixed, Waits, acted_out
from tests.engine.search.test_gradient import METHODS, PLAIN

DATA = striped(16, 10, 10, Augment(crop=1, flip=True, cutout=2))
CLOSE = {"rel": 1e-3, "abs": 1e-4}
"""Sums go in another order than on a CPU, where its caches decide how much is computed at once."""


def searches(name: str, space: CellSpace = PLAIN, **changes: Any) -> Callable[[str | torch.device], GradientSearch]:
    settings = msgspec.structs.replace(METHODS[name], **changes)
    return lambda device: one_shot(settings, space, DATA.to(device), 3, 0, device)


@pytest.mark.parametrize(
    ("name", "steps", "changes"),
    [
        pytest.param("darts", 1, {}, id="DARTS"),
        pytest.param("darts2", 2, {}, id="DARTS, second order", marks=pytest.mark.slow),
        pytest.param("snas", 1, {"drop_path": 0.2}, id="SNAS"),
        pytest.param("pdarts", 4, {"alpha_rest": 0.0}, id="P-DARTS", marks=pytest.mark.slow),
        pytest.param("pcdarts", 1, {"alpha_rest": 0.0}, id="PC-DARTS"),
        pytest.param("darts", 1, {"precision": "bfloat16"}, id="DARTS, bfloat16"),
        pytest.param("pcdarts", 1, {"precision": "bfloat16", "alpha_rest": 0.0}, id="PC-DARTS, bfloat16"),
    ],
)
def test_a_step_of_a_search_reads_the_device_once(monkeypatch, name, steps, changes):
    """Of P-DARTS, the third begins a stage: what its new network is made of is read, too."""
    make = searches(name, **changes)
    near = make("cpu")
    expected = [near.step() for _ in range(steps)]
    tolerance = {"rel": 0.1} if "precision" in changes else CLOSE
    with acted_out(monkeypatch) as device:
        far = make(FAR)
        for step in range(steps):
            if (name, step) == ("pdarts", 2):
                found = far.step()
                assert far.stage == 1
            else:
                with device.watched() as received:
                    found = far.step()
                assert received == [RECEIVES]
            assert found == pytest.approx(expected[step], **tolerance), step
        assert all(part.device == FAR for part in (*far.net.parameters(), *far.net.buffers(), *far.net.architecture))


@pytest.mark.parametrize(
    "space", [PLAIN.restrict(("skip_connect",), edge=(1, 0)).restrict((), edge=(1, 2)), NasBench201Space().fix((2, 2))]
)
def test_edges_that_carry_less_need_nothing_of_the_cpu(monkeypatch, space):
    make = searches("darts", space)
    with acted_out(monkeypatch) as device:
        far = make(FAR)
        with device.watched() as received:
            found = far.step()
    assert received == [RECEIVES]
    assert found == pytest.approx(make("cpu").step(), **CLOSE)


def test_what_is_done_between_steps(monkeypatch):
    """The end of an epoch reads once; the weights, the derived cells and the curvature are the CPU's."""
    make = searches("pcdarts")

    def curvature(one: GradientSearch, data: Dataset) -> float:
        return Curvature(one, data, 8, 3, 0).measure()[0]

    near = make("cpu")
    epoch, sharp = near.end_of_epoch(), curvature(near, DATA)
    with acted_out(monkeypatch) as device:
        far = make(FAR)
        with device.watched() as received:
            assert far.end_of_epoch() == pytest.approx(epoch, **CLOSE)
        assert received == [RECEIVES]
        assert far.weights() == pytest.approx(near.weights(), nan_ok=True, **CLOSE)
        assert far.derive() == near.derive()
        assert curvature(far, DATA.to(FAR)) == pytest.approx(sharp, rel=1e-2)
        far.load(far.state())


@pytest.mark.parametrize(
    "space",
    [
        pytest.param(EnasMicroSpace(nodes=2), id="ENAS, cells"),
        pytest.param(EnasMacroSpace(layers=4), id="ENAS, layers"),
        pytest.param(NasBench201Space(), id="NAS-Bench-201"),
    ],
)
def test_shared_weights_are_read_once_a_report_and_once_a_score(monkeypatch, space):
    """Two steps make a report here; a candidate's score is one number, of as many batches as it takes."""
    settings = SharedSettings(channels=2, layers=3, batch=8, images=6, drop_path=0.2)
    drawn = [space.decode(space.sample(random.Random(seed))) for seed in range(4)]
    values: list[float] = []

    def scorer(data: Dataset, device: str | torch.device) -> SharedEvaluator:
        return SharedEvaluator(settings, space, data, device, 0)

    def train(one: SharedEvaluator) -> None:
        paths = iter(drawn)
        values.clear()
        one.prepare(0, lambda: next(paths), lambda _, __, value: values.append(value), lambda: None)

    def score(one: SharedEvaluator) -> Outcome:
        return one.evaluate(drawn[-1], 0, lambda *_: None, lambda: None)

    near = scorer(DATA, "cpu")
    train(near)
    reported, scored = list(values), score(near)
    assert scored.outcome == "ok"
    with acted_out(monkeypatch) as device:
        far = scorer(DATA.to(FAR), FAR)
        with device.watched() as received:
            train(far)
        assert received == [RECEIVES]
        assert values == pytest.approx(reported, **CLOSE)
        with device.watched() as received:
            assert score(far).score == pytest.approx(scored.score)
        assert received == [RECEIVES]


def test_a_training_is_read_twice_an_epoch(monkeypatch):
    """Its losses, and its score."""
    cell = PLAIN.decode(PLAIN.sample(random.Random(0)))
    settings = TrainedSettings(channels=4, layers=3, batch=6)

    def network(device: torch.device) -> nn.Module:
        return network_of(cell, frame_around(cell, settings, DATA), 0, device)

    def trained(one: nn.Module, data: Dataset) -> list[float]:
        found: list[float] = []
        for values in train(one, data.train, data, settings, 2, 0, lambda: None):
            found += *values, accuracy(one, data.validation, data, 6, lambda: None)
        return found

    expected = trained(network(torch.device("cpu")), DATA)
    with acted_out(monkeypatch) as device:
        far, data = network(FAR), DATA.to(FAR)
        with device.watched() as received:
            assert trained(far, data) == pytest.approx(expected, **CLOSE)
    assert received == [RECEIVES] * 4


@pytest.mark.parametrize("name", MEASURES)
def test_an_untrained_network_is_measured_where_it_is(monkeypatch, name):
    cell = PLAIN.decode(PLAIN.sample(random.Random(1)))

    def measured(data: Dataset, device: torch.device) -> float:
        network = network_of(cell, frame_around(cell, TrainedSettings(channels=4, layers=3), data), 0, device)
        images, labels = next(in_order(data.train, 8, data.mean, data.std))
        return MEASURES[name](network, images, labels)

    expected = measured(DATA, torch.device("cpu"))
    with acted_out(monkeypatch):
        assert measured(DATA.to(FAR), FAR) == pytest.approx(expected, **CLOSE)


def test_batches_are_made_on_the_device_of_what_is_sent_there(monkeypatch):
    def batches(data: Dataset) -> Batches:
        generator = torch.Generator().manual_seed(0)
        return Batches(data.train, 6, data.augment, data.mean, data.std, generator)

    near = batches(DATA)
    expected = [near.next() for _ in range(4)] + [near.fresh()]  # into a second epoch
    with acted_out(monkeypatch) as device:
        far = batches(DATA.to(FAR))
        with device.watched() as received:
            found = [far.next() for _ in range(4)] + [far.fresh()]
        assert not received
        assert all(part.device == FAR for batch in found for part in batch)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close([part.cpu() for part in one], list(other), rtol=0, atol=0)


def test_what_is_sent_to_a_cuda_device_is_page_locked_first_and_not_waited_for():
    calls = []

    class Locked:
        def to(self, device: torch.device, non_blocking: bool = False) -> str:
            calls.append((device, non_blocking))
            return "on its way"

    class Here:
        def pin_memory(self) -> Locked:
            return Locked()

    assert sent(Here(), torch.device("cuda", 1)) == "on its way"
    assert calls == [(torch.device("cuda", 1), True)]


WAITING: dict[str, Callable[[Tensor], object]] = {
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x[0]),
    "if": lambda x: bool(x[0] > 0),
    "tolist": lambda x: x.tolist(),
    "cpu": lambda x: x.cpu(),
    "to": lambda x: x.to("cpu"),
    "numpy": lambda x: x.detach().cpu().numpy(),
    "nonzero": lambda x: x.nonzero(),
    "unique": lambda x: x.unique(),
    "equal": lambda x: torch.equal(x, x),
    "a mask": lambda x: x[x > 0],
    "masked_select": lambda x: x.masked_select(x > 0),
    "copied from it": lambda x: torch.empty(3).copy_(x),
    "numbers of Python": lambda x: x + torch.tensor([1.0, 2.0, 3.0], device=x.device),
    "copied to it": lambda x: x.copy_(torch.zeros(3)),
    "sent as it is": lambda x: torch.zeros(3).to(x.device),
}

MIXING: dict[str, Callable[[Tensor], object]] = {
    "sum": lambda x: x + torch.zeros(3),
    "in place": lambda x: x.mul_(torch.zeros(3)),
    "product": lambda x: torch.zeros(3, 3) @ x,
    "side by side": lambda x: torch.cat([x, torch.zeros(3)]),
    "numbers side by side": lambda x: torch.stack([x[0], torch.zeros(())]),
    "index": lambda x: x[torch.tensor([0, 2])],
    "indexed": lambda x: torch.zeros(3)[x.long()],
    "where": lambda x: torch.where(x > 0, torch.zeros(3), x),
    "backward": lambda x: (x.requires_grad_() * x).backward(torch.ones(3)),
}


@pytest.mark.parametrize("what", [*WAITING, *MIXING])
def test_the_device_finds_out(monkeypatch, what):
    """Else every other test here would pass whatever a step does."""
    numbers = torch.tensor([1.0, -1.0, 2.0])
    fault, function = (Waits, WAITING[what]) if what in WAITING else (Mixed, MIXING[what])
    with acted_out(monkeypatch) as device:
        x = numbers.to(FAR)
        with device.watched(), pytest.raises(fault):
            function(x)


def test_the_device_lets_pass_what_a_device_does_by_itself(monkeypatch):
    numbers = torch.tensor([1.0, -1.0, 2.0])
    with acted_out(monkeypatch) as device:
        x = numbers.to(FAR)
        with device.watched() as received:
            x = x * torch.tensor(2.0) + 1  # a single number of the CPU goes along with the call
            x[0] = 5.0
            x = torch.where(x > 0, x, torch.zeros_like(x))[torch.arange(3, device=FAR)]
        assert not received
        assert x.cpu().tolist() == [5.0, 0.0, 5.0]
