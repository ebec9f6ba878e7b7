"""ENAS: its terms in closed form, what it learns from, and the last draws, from which it does not."""

import json
import math
import random

import msgspec
import pytest
import torch

from engine.plan import PlanError, check, fields, loads, override, preset
from engine.plan.methods.enas import EnasSettings, ceiling
from engine.search.base import Line, Policy, Scalar
from engine.search.enas import CONVOLUTIONS, Enas, compared, favouring, shape, skip_divergence
from engine.search.policy import policy_gradient as policy_gradient
from engine.search.policy.rollout import Measured, read
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
FAST = EnasSettings(lr=0.02, temperature=1.0, aggregates=5, units=32)


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


def test_the_constants_are_the_paper_s_unless_they_are_set():
    built = shape(EnasSettings(), MICRO)
    assert (built.hidden, built.temperature, built.two_sided, built.feed) == (64, 5.0, True, "anchors")
    assert (built.tanh_of["input"], built.tanh_of["skip"], built.tanh) == (2.5, 2.5, 2.5)
    assert built.bias == {}
    built = shape(EnasSettings(tanh=1.5, tanh_reduction=2.5, units=100), MICRO)
    assert (built.hidden, built.tanh_of["input"], built.tanh) == (100, 1.5, pytest.approx(0.6))


def test_the_authors_script_is_one_option_that_switches_all_of_them():
    """cifar10_micro_search.sh and cifar10_macro_search.sh; only the micro controller reduces, and has a bias."""
    script = EnasSettings(constants="authors' script")
    micro, macro = shape(script, MICRO), shape(script, MACRO)
    assert (micro.tanh_of["input"], micro.tanh, micro.temperature) == (1.1, pytest.approx(0.44), 1.0)
    assert micro.bias["operation", "sep 3×3"] == 10
    assert micro.prior(NORMAL) == [0.25, -0.25]
    assert (macro.tanh_of["skip"], macro.tanh, macro.temperature) == (1.5, 1.5, 1.0)
    assert (macro.bias, macro.prior(NORMAL)) == ({}, None)


def test_operations_are_not_reduced_in_the_macro_space():
    assert shape(EnasSettings(tanh_reduction=2.5), MACRO).tanh == 2.5


def test_a_plan_written_before_the_paper_s_constants_means_the_same_numbers():
    """As sessions and plans of old have it: every setting is written out, and there was no `constants`."""
    text = """
        [space]
        kind = "enas-micro"
        [method]
        kind = "enas"
        units = 64
        tanh = 1.1
        tanh_reduction = 2.5
        temperature = 1.0
        favour_convolutions = false
        [evaluator]
        kind = "shared"
        [budget]
        evaluations = 1500
    """
    plan = loads(text)
    check(plan)
    built = shape(plan.method, plan.space)
    assert (built.tanh_of["input"], built.tanh, built.temperature, built.bias) == (1.1, pytest.approx(0.44), 1.0, {})
    with pytest.raises(PlanError, match=r"^method.tanh_reduction must be 1 for space=enas-macro, [^\n]*, got 2.5$"):
        check(override(plan, ["space=enas-macro"]))


def test_constants_that_would_be_passed_over_are_refused():
    plan = override(preset("enas-micro-digits"), ["method.constants=authors' script"])
    check(plan)
    for name, value in (("tanh", 1.1), ("tanh_reduction", 2.5), ("temperature", 1.0), ("favour_convolutions", True)):
        with pytest.raises(PlanError, match=rf"^method.{name} must be left at [^\n]* is authors' script, [^\n]*$"):
            check(override(plan, [f"method.{name}={str(value).lower()}"]))


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({}, 148.413159 / (148.413159 + 4)),  # e⁵ against four times 1
        ({"tanh": 1.1, "tanh_reduction": 2.5, "temperature": 1.0}, 0.376),  # e^0.88 = 2.411 against four
        ({"tanh": 1.0, "temperature": 7.0}, 7.389056 / (7.389056 + 4)),
    ],
)
def test_no_operation_can_have_more_than_the_ceiling_that_the_settings_name(changes, most):
    """Whatever the weights are, an operation has that at most, and comes as near to it as one likes."""
    settings = EnasSettings(**changes)
    search = Enas(settings, MICRO, random.Random(0))
    bound = settings.bending(macro=False).operations
    assert ceiling(bound, 5) == pytest.approx(most, abs=2e-4)
    weights = search._controller.weights
    head = weights["head"]
    found = []
    for size in (0.0, 1.0, 10.0, 1000.0):
        with torch.no_grad():
            head.copy_(size * torch.randn(head.shape, generator=torch.Generator().manual_seed(1)))
        for _ in range(20):
            drawn = search._controller.sample(MICRO)
            for decision, given in zip(drawn.script.asked, drawn.probabilities, strict=True):
                found += given if decision.kind == "operation" else ()
    assert max(found) <= ceiling(bound, 5) + 1e-6
    with torch.no_grad():
        head.zero_()
        weights["bias"].copy_(torch.full_like(weights["bias"], -1e4))
        weights["bias"][search._controller._tokens["operation", label("skip_enas")]] = 1e4
    drawn = search._controller.greedy(MICRO)
    pairs = zip(drawn.script.asked, drawn.probabilities, strict=True)
    reached = [max(given) for decision, given in pairs if decision.kind == "operation"]
    assert reached == pytest.approx([ceiling(bound, 5)] * len(reached))


def test_the_tooltips_say_the_ceiling():
    docs = {info.path: info.doc for info in fields(EnasSettings)}
    assert "1 / (1 + (n - 1) · e^(-2 · this))" in docs["tanh"]
    assert "at most 0.974" in docs["tanh"]
    assert "at most 0.376" in docs["constants"]
    assert "at most 0.376" in docs["tanh_reduction"]


NORMAL = Decision("operation", ("sep 3×3", "skip"), (None, None), "normal node 0")


def test_convolutions_are_favoured_only_where_that_is_asked_for():
    reduction = Decision("operation", ("sep 3×3", "skip"), (None, None), "reduction node 0")
    assert favouring(NORMAL) == [0.25, -0.25]
    assert favouring(reduction) is None
    assert shape(EnasSettings(), MICRO).prior(NORMAL) is None
    assert shape(EnasSettings(favour_convolutions=True), MICRO).bias["operation", "sep 3×3"] == 10
    assert label("skip_connect") not in CONVOLUTIONS
    assert label("max_pool_3x3") not in CONVOLUTIONS

    def share(constants: str) -> float:
        search = Enas(EnasSettings(constants=constants), MICRO, random.Random(1))
        architectures = [MICRO.decode(search.draw()) for _ in range(200)]
        return sum(map(convolutions, (one.normal for one in architectures))) / 200 / 4

    # Logits of tanh(10) · 0.44 + 0.25 for two of five operations against about -0.25.
    odds = 2 * math.exp(0.69) / (2 * math.exp(0.69) + 3 * math.exp(-0.25))
    assert share("authors' script") == pytest.approx(odds, abs=0.06)
    assert share("as set") == pytest.approx(0.4, abs=0.06)


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
    skip = MICRO.operations.index("skip_enas")

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
