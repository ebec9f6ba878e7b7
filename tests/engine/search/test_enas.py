"""ENAS: its terms in closed form, what it learns from, and the last draws, from which it does not."""

import json
import math
import random

import msgspec
import pytest
import torch

from engine.plan import EnasSettings
from engine.search import Enas
from engine.search.enas import CONVOLUTIONS, compared, favouring, shape, skip_divergence
from engine.search.notes import Line, Policy, Scalar
from engine.search.policy import gradient as policy_gradient
from engine.search.policy.sequences import Measured, read
from engine.space.cells import Cell
from engine.space.counts import Skeleton, count
from engine.space.decisions import Decision
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.limits import Limit, NothingFits
from engine.space.operations import OPERATIONS, label
from engine.space.spaces import Space

MICRO = EnasMicroSpace(nodes=2)
MACRO = EnasMacroSpace(layers=4)
FAST = EnasSettings(lr=0.02, tanh=2.5, tanh_reduction=1.0, aggregates=5, units=32)


def made(space: Space = MICRO, seed: int = 0, settings: EnasSettings = FAST, **changes: object) -> Enas:
    return Enas(msgspec.structs.replace(settings, **changes), space, random.Random(seed))


def test_the_baseline_moves_by_each_reward_before_it_is_compared():
    advantages, level = compared([0.5, 0.7, 0.1], 0.4, 0.9)
    first = 0.9 * 0.4 + 0.1 * 0.5
    second = 0.9 * first + 0.1 * 0.7
    third = 0.9 * second + 0.1 * 0.1
    assert advantages == pytest.approx([0.5 - first, 0.7 - second, 0.1 - third])
    assert level == pytest.approx(third)
    assert compared([0.5], None, 0.9) == ([0.0], 0.5)


def test_skips_are_held_to_their_target_layer_by_layer():
    """Layer 2 may skip from 0; layer 3 from 0 and 1: the sum over the skips of a layer, the mean over the layers."""
    script = read(EnasMacroSpace(layers=3), (0, 0, 1, 0, 0, 1))
    skips = [place for place, decision in enumerate(script.asked) if decision.kind == "skip"]
    assert len(skips) == 3
    chances = [0.2, 0.4, 0.9]
    policy = torch.full((1, 6, 6), 1 / 6).log()
    for place, chance in zip(skips, chances, strict=True):
        policy[0, place] = torch.tensor([1 - chance, chance, 0, 0, 0, 0]).log()
    found = Measured([script], policy, torch.zeros(1, 6), torch.zeros(1, 6))

    def apart(p: float) -> float:
        return p * math.log(p / 0.4) + (1 - p) * math.log((1 - p) / 0.6)

    expected = (apart(0.2) + apart(0.4) + apart(0.9)) / 2
    assert skip_divergence(found, 0.4).item() == pytest.approx(expected, rel=1e-5)
    micro = read(MICRO, (0,) * len(MICRO.simplest()))
    assert not skip_divergence(Measured([micro] * 2, policy, torch.zeros(2, 6), torch.zeros(2, 6)), 0.4).any()


def test_a_step_follows_the_gradient_of_the_published_loss():
    """Adam's first step with beta 1 of 0: the gradient over its own size plus epsilon, times the rate."""
    search = made(MACRO, aggregates=3, skip_weight=0.8, entropy=0.01, lr=0.1)
    drawn = [search.ask(number).decisions for number in range(3)]
    entropies = [sum(episode.drawn.entropies()) for episode in search._under_way.values() if episode]
    weights, scripts = search._controller.weights, [read(MACRO, decisions) for decisions in drawn]
    before = weights.vector.clone()
    found = search._controller.measure(scripts)
    rewards = [score / 100 + 0.01 * entropy for score, entropy in zip((50, 80, 20), entropies, strict=True)]
    level, loss = rewards[0], torch.zeros(())
    for row, reward in enumerate(rewards):
        level = 0.99 * level + 0.01 * reward
        loss = loss - found.log_probs[row].sum() * (reward - level) / 3
    loss = loss + 0.8 * skip_divergence(found, 0.4).mean()
    gradient = weights.gradient(loss)
    for number, score in enumerate((50.0, 80.0, 20.0)):
        search.tell(number, score)
    expected = before - 0.1 * gradient / (gradient.abs() + 1e-3)
    torch.testing.assert_close(search._controller.weights.vector, expected, rtol=1e-4, atol=1e-5)


def test_the_entropy_is_rewarded_as_it_was_when_the_sequence_was_drawn():
    search = made(entropy=1.0, aggregates=1)
    proposal = search.ask(0)
    assert proposal.origin == "sampled"
    entropy = sum(search._controller.measure([read(MICRO, proposal.decisions)]).entropies[0].tolist())
    search.tell(0, 50.0)
    (baseline,) = (note.value for note in search.notes() if isinstance(note, Scalar) and note.name == "baseline")
    assert baseline == pytest.approx(0.5 + entropy, rel=1e-4)


@pytest.mark.parametrize(("space", "skips"), [(MICRO, False), (MACRO, True)])
def test_each_step_says_how_it_stands(space, skips):
    search = made(space)
    for number in range(9):
        search.ask(number)
        assert search.tell(number, 50.0 + number) == ()
    notes = search.notes()
    assert search.notes() == []
    scalars = {note.name: note for note in notes if isinstance(note, Scalar)}
    assert set(scalars) == {"reward", "baseline", "entropy"} | ({"skip rate", "skip divergence"} if skips else set())
    assert {note.step for note in scalars.values()} == {5}
    assert scalars["reward"].value == pytest.approx(0.52)
    policy = [note for note in notes if isinstance(note, Policy)]
    assert [note.decision for note in policy] == list(range(len(policy)))
    assert all(0 < note.probability <= 1 and note.entropy >= 0 for note in policy)


def test_skips_come_near_their_target():
    """Whatever the scores say: their divergence outweighs them."""
    search, rates = made(MACRO, lr=0.03, skip_weight=5.0, skip_target=0.1, tanh=4.0), []
    for number in range(400):
        search.ask(number)
        search.tell(number, 50.0)
        rates += [note.value for note in search.notes() if isinstance(note, Scalar) and note.name == "skip rate"]
    assert rates[0] > 25
    assert sum(rates[-20:]) / 20 < 18


def test_the_tanh_bounds_the_logits_of_operations_more_tightly():
    built = shape(EnasSettings(tanh=1.5, tanh_reduction=2.5, temperature=5.0, units=100))
    assert (built.hidden, built.temperature, built.two_sided, built.feed) == (100, 5.0, True, "anchors")
    assert (built.tanh_of["input"], built.tanh_of["skip"], built.tanh) == pytest.approx((1.5, 1.5, 0.6))


def test_convolutions_are_favoured_only_where_that_is_asked_for():
    assert shape(EnasSettings()).bias == {}
    normal = Decision("operation", ("sep 3×3", "skip"), (None, None), "normal node 0")
    reduction = Decision("operation", ("sep 3×3", "skip"), (None, None), "reduction node 0")
    assert favouring(normal) == [0.25, -0.25]
    assert favouring(reduction) is None
    assert shape(EnasSettings()).prior(normal) is None
    assert shape(EnasSettings(favour_convolutions=True)).bias["operation", "sep 3×3"] == 10
    assert label("skip_connect") not in CONVOLUTIONS
    assert label("max_pool_3x3") not in CONVOLUTIONS

    def share(favour: bool) -> float:
        search = Enas(EnasSettings(favour_convolutions=favour), MICRO, random.Random(1))
        architectures = [MICRO.decode(search.draw()) for _ in range(200)]
        return sum(map(convolutions, (one.normal for one in architectures))) / 200 / 4

    # Logits of tanh(10) · 0.44 + 0.25 for two of five operations against about -0.25: 0.64.
    odds = 2 * math.exp(0.94) / (2 * math.exp(0.94) + 3 * math.exp(-0.25))
    assert share(True) == pytest.approx(odds, abs=0.06)
    assert share(False) == pytest.approx(0.4, abs=0.06)


def convolutions(cell: Cell) -> int:
    names = [edge.operation for node in cell.nodes for edge in node.inputs]
    return sum(OPERATIONS[name].kind == "separable" for name in names)


def test_the_last_draws_teach_nothing_and_come_from_what_was_learnt():
    search, origins = made(derive=10), []
    for number in range(30):
        search.remaining(30 - number)
        if number == 20:
            learnt = search._controller.weights.vector.clone()
        origins.append(search.ask(number).origin)
        search.tell(number, 90.0)
    assert origins == ["sampled"] * 20 + ["derived"] * 10
    assert torch.equal(search._controller.weights.vector, learnt)
    lines = [note.text for note in search.notes() if isinstance(note, Line)]
    assert lines == ["from here on nothing is learnt: the best of 10 draws is the result"]


def test_without_a_known_end_it_learns_on():
    search = made(derive=10)
    assert {search.ask(number).origin for number in range(20)} == {"sampled"}


def test_what_is_handed_in_is_not_learnt_from():
    search = made(aggregates=1)
    before = search._controller.weights.vector.clone()
    search.adopt(0, MICRO.simplest())
    search.tell(0, 100.0)
    assert torch.equal(search._controller.weights.vector, before)


def test_a_failure_counts_as_the_worst_so_far():
    def baseline(scores: list[float | None]) -> float:
        search = made(aggregates=len([score for score in scores if score is not None]) or 1, entropy=0.0)
        for number, score in enumerate(scores):
            search.ask(number)
            search.tell(number, score)
        return next(note.value for note in search.notes() if isinstance(note, Scalar) and note.name == "baseline")

    # The failure before any score is nothing, so three results fill the minibatch; the one after it is 0.2.
    assert baseline([None, 60.0, 20.0, 40.0]) == baseline([60.0, 20.0, 40.0])
    search = made(aggregates=3, entropy=0.0)
    for number, score in enumerate([60.0, 20.0, math.nan]):
        search.ask(number)
        search.tell(number, score)
    (reward,) = (note.value for note in search.notes() if isinstance(note, Scalar) and note.name == "reward")
    assert reward == pytest.approx((0.6 + 0.2 + 0.2) / 3)


def test_draws_for_the_shared_weights_follow_the_policy():
    """Taught that all should be skips, it draws more of them."""
    search = made(lr=0.05)
    skip = MICRO.operations.index("skip_connect")

    def share(decisions: tuple[int, ...]) -> float:
        return sum(choice == skip for choice in decisions[1::2]) / (len(decisions) // 2)

    before = sum(share(search.draw()) for _ in range(100)) / 100
    for number in range(300):
        search.tell(number, 100 * share(search.ask(number).decisions))
    after = sum(share(search.draw()) for _ in range(100)) / 100
    assert (before < 0.3, after > 0.7) == (True, True)


def test_limits_hold_for_candidates_and_for_draws(monkeypatch):
    """A limit that about half of the space exceeds."""
    skeleton, rng = Skeleton(channels=4, layers=3), random.Random(0)
    sizes = sorted(count(MICRO.decode(MICRO.sample(rng)), skeleton).params for _ in range(99))
    space = msgspec.structs.replace(MICRO, limits=(Limit(counts="params", skeleton=skeleton, most=sizes[49]),))
    search = made(space)
    for number in range(20):
        assert space.admits(search.ask(number).decisions)
        assert space.admits(search.draw())
    nothing = msgspec.structs.replace(MICRO, limits=(Limit(counts="params", skeleton=skeleton, most=1),))
    monkeypatch.setattr(policy_gradient, "TRIES", 20)
    with pytest.raises(NothingFits, match=r"^none of 20 architectures that the controller drew has up to 1 param"):
        made(nothing).ask(0)


def test_a_state_goes_on_through_json_with_the_last_draws_ahead():
    def run(search: Enas, numbers: range) -> list[tuple]:
        rows = []
        for number in numbers:
            search.remaining(24 - number)
            proposal = search.ask(number)
            rows.append((proposal, search.draw()))
            search.tell(number, float(sum(proposal.decisions)))
        return rows

    first = made(MACRO, derive=6)
    begun = run(first, range(13))
    state = json.loads(json.dumps(first.state()))
    second = made(MACRO, seed=5, derive=6)
    second.load(state)
    assert run(first, range(13, 24)) == run(second, range(13, 24))
    assert len(begun) == 13
