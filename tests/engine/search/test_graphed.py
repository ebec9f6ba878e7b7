"""Recorded steps equal those that are not: on a GPU where there is one; elsewhere by acting recordings out."""

import dataclasses
import math
import weakref
from collections.abc import Iterator

import msgspec
import pytest
import torch
from torch import Tensor

from engine.search import one_shot
from engine.search.gradient import GradientSearch
from engine.search.graphed import WARM_UP, Graphs
from engine.space.darts import DartsSpace
from tests.engine.images import stripes
from tests.engine.search.tape import acted
from tests.engine.search.test_gradient import DATA, METHODS, PLAIN

CELLS = DartsSpace(nodes=1, operations=PLAIN.operations)
LONG = dataclasses.replace(DATA, train=stripes(44, 0))
"""Five batches of 8 and one of 4 in an epoch: enough to warm up, to record, to repeat, and to meet a smaller one."""

CHANGING = {
    "darts": {},
    "darts2": {},
    "pcdarts": {"alpha_rest": 0.4},  # the weights are recorded before the architecture begins to move
    "pdarts": {"skip_dropout": (0.0, 0.4, 0.7), "alpha_rest": 0.0},
    "snas": {"resource_form": "linear"},
}


EPOCHS = dict.fromkeys(CHANGING, 2) | {"pdarts": 3}
"""Enough to change what changes from one to the next; a stage of P-DARTS takes one."""


def search(name: str, graphs: bool, device: str = "cpu", epochs: int = 0, **changes: object) -> GradientSearch:
    settings = msgspec.structs.replace(METHODS[name], cuda_graphs=graphs, **{**CHANGING[name], **changes})
    found: GradientSearch = one_shot(settings, CELLS, LONG.to(device), epochs or EPOCHS[name], 0, device)
    return found


def everything(one: GradientSearch) -> list[Tensor]:
    return [*one.net.state_dict().values(), *one.net.architecture]


def recordings(name: str) -> int:
    """One for each kind of pass, and one more for each new network, rate or temperature."""
    return {"darts": 2, "darts2": 1, "pcdarts": 2, "pdarts": 2 * 3, "snas": 2}[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGING)
def test_recorded_steps_equal_those_that_are_not_to_the_bit(monkeypatch, name):
    """Over epochs with smaller batches, learning rates and dropout that change, and the stages of P-DARTS."""
    plain = search(name, graphs=False)
    with acted(monkeypatch) as graphs:
        one = search(name, graphs=True)
        for step in range(one.steps):
            assert one.step() == plain.step(), step
            if not (step + 1) % one.steps_per_epoch:
                assert one.end_of_epoch() == plain.end_of_epoch()
                assert all(map(torch.equal, everything(one), everything(plain))), step
    assert len(graphs) == recordings(name)
    assert all(graph.repeats for graph in graphs)
    assert torch.equal(one._generator.get_state(), plain._generator.get_state())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["darts", "pdarts"])  # one network, and one that is replaced
def test_recordings_go_on_from_a_state_that_is_loaded(monkeypatch, name):
    with acted(monkeypatch) as graphs:
        one = search(name, graphs=True)
        for _ in range(6):
            one.step()
        state = one.state()
        expected = [one.step() for _ in range(6)]
        made = len(graphs)
        one.load(state)
        assert [one.step() for _ in range(6)] == expected
        assert len(graphs) == made + (name == "pdarts") * 2  # a new network, which has to warm up anew
        fresh = search(name, graphs=True)
        fresh.load(state)
        assert [fresh.step() for _ in range(6)] == expected


@pytest.mark.slow
def test_dropout_that_changes_within_a_stage_is_recorded_anew(monkeypatch):
    plain, dropped = search("pdarts", False, epochs=6, skip_dropout=(0.5, 0.0, 0.0)), []
    with acted(monkeypatch) as graphs:
        one = search("pdarts", True, epochs=6, skip_dropout=(0.5, 0.0, 0.0))
        for step in range(2 * one.steps_per_epoch - 1):
            values = one.step()
            assert values == plain.step(), step
            dropped.append(values["skip dropout"])
    assert len(set(dropped)) == 2
    assert len(graphs) == 2 * 2


@pytest.mark.parametrize("change", ["a stage", "a state"])
def test_recordings_go_with_their_network(monkeypatch, change):
    with acted(monkeypatch):
        one = search("pdarts", graphs=True)
        for _ in range(one.steps_per_epoch):
            one.step()
        kept = [weakref.ref(known.recording) for known in one._graphs._known.values()]
        assert len(kept) == 2
        if change == "a stage":
            one.step()
            assert one.stage == 1
        else:
            one.load(one.state())
        assert [reference() for reference in kept] == [None, None]


def test_without_the_setting_nothing_is_recorded(monkeypatch):
    with acted(monkeypatch) as graphs:
        one = search("darts", graphs=False)
        for _ in range(6):
            one.step()
    assert not graphs


def test_on_a_cpu_calls_go_straight_through():
    given, seen = torch.ones(2), []

    def function(x: Tensor) -> tuple[Tensor, ...]:
        seen.append(x)
        return (x,)

    graphs = Graphs(torch.device("cpu"), wanted=True)
    for _ in range(WARM_UP + 2):
        assert graphs("it", function, None, given)[0] is given
    assert len(seen) == WARM_UP + 2
    assert all(x is given for x in seen)


def test_steps_in_bfloat16_are_recorded_too(monkeypatch):
    plain = search("darts", graphs=False, precision="bfloat16")
    with acted(monkeypatch) as graphs:
        one = search("darts", graphs=True, precision="bfloat16")
        assert [one.step() for _ in range(5)] == [plain.step() for _ in range(5)]
    assert [graph.repeats for graph in graphs] == [2, 2]


def test_what_is_recorded_when(monkeypatch):
    """After so many calls with one key and size; other sizes in between leave a recording, another key drops it."""
    calls = []

    def function(x: Tensor) -> tuple[Tensor, ...]:
        calls.append(len(x))
        return x * 2, x.sum()

    with acted(monkeypatch) as graphs:
        recorder = Graphs(torch.device("cuda"), wanted=True)

        def call(length: int, key: object = 0) -> tuple[int, int]:
            before = len(calls)
            x = torch.arange(1.0, length + 1)
            doubled, total = recorder("it", function, key, x)
            assert torch.equal(doubled, x * 2)
            assert float(total) == x.sum()
            return len(calls) - before, len(graphs)

        assert call(2) == (1, 0)
        for _ in range(WARM_UP):
            assert call(3) == (1, 0)
        assert call(3) == (1, 1)  # recorded, and repeated at once
        assert call(3) == (0, 1)
        assert call(2) == (1, 1)
        assert call(3) == (0, 1)
        for _ in range(WARM_UP):
            assert call(3, key=1) == (1, 1)
        assert call(3, key=1) == (1, 2)
        assert call(3, key=1) == (0, 2)


def test_single_numbers_are_copies_and_inputs_are_not_held(monkeypatch):
    with acted(monkeypatch):
        graphs = Graphs(torch.device("cuda"), wanted=True)
        given = [torch.full((2,), float(number)) for number in range(WARM_UP + 3)]
        found = [graphs("it", lambda x: (x + 1, x.sum(), None), None, x) for x in given]
    assert [float(total) for _, total, _ in found] == [2.0 * number for number in range(WARM_UP + 3)]
    *_, last_but_one, last = found
    assert last_but_one[0] is last[0]
    assert last[2] is None
    assert torch.equal(given[-1], torch.full((2,), WARM_UP + 2.0))


def test_a_device_without_room_for_a_recording_is_out_of_memory(monkeypatch):
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with acted(monkeypatch):
        one = search("darts", graphs=True)
        for _ in range(WARM_UP):
            one.step()
        monkeypatch.setattr("engine.search.graphed.Recording", full)
        with pytest.raises(torch.OutOfMemoryError):
            one.step()


@pytest.fixture
def _alike() -> Iterator[None]:
    """Convolutions are computed alike each time, and to all the digits of float32."""
    backend = torch.backends.cudnn
    before = backend.deterministic, backend.allow_tf32
    backend.deterministic, backend.allow_tf32 = True, False
    yield
    backend.deterministic, backend.allow_tf32 = before


@pytest.mark.gpu
@pytest.mark.usefixtures("_alike")
@pytest.mark.parametrize(("name", "precision"), [*((name, "float32") for name in CHANGING), ("darts", "bfloat16")])
def test_on_a_gpu_recorded_steps_equal_those_that_are_not(name, precision):
    """The same kernels in the same order. A device may still add up some sums in another order each time, so both
    searches begin every step at the same state, and what is compared are the gradients of that step."""
    one, plain = (search(name, graphs, "cuda", precision=precision) for graphs in (True, False))
    for step in range(one.steps):
        values, expected = one.step(), plain.step()
        assert values == pytest.approx(expected, rel=1e-3, abs=1e-3), step
        mine, theirs = gradients(one), gradients(plain)
        assert (mine - theirs).norm() <= 1e-3 * theirs.norm(), step
        torch.testing.assert_close(list(one.net.buffers()), list(plain.net.buffers()), rtol=1e-3, atol=1e-4)
        assert torch.equal(one._generator.get_state(), plain._generator.get_state()), step
        plain.load(one.state())
    last = one._graphs._known.values()
    assert last
    assert all(known.recording is not None for known in last)


def gradients(one: GradientSearch) -> Tensor:
    """Those of the last step, after they were clipped."""
    parts = [part.grad for part in (*one._weights, *one.net.architecture)]
    return torch.cat([part.flatten() for part in parts if part is not None])


@pytest.mark.gpu
@pytest.mark.parametrize("name", CHANGING)
def test_on_a_gpu_a_recorded_step_waits_for_the_device_once(name):
    one = search(name, True, "cuda")
    for _ in range(WARM_UP + 1):
        one.step()
    assert any(known.recording is not None for known in one._graphs._known.values())
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with pytest.warns(UserWarning, match="synchronizing") as caught:
            values = one.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(caught) == 1
    assert all(map(math.isfinite, values.values()))
