"""NAS-RL: its rewards, baseline, steps and growth, one by one. What all methods promise is in test_contract.py."""

import json
import math
import random
import statistics

import pytest
import torch

from engine.plan.methods.nas_rl import NasRlSettings
from engine.plan.methods.random_search import RandomSettings
from engine.search.base import Line, Policy, Scalar
from engine.search.nas_rl import NasRl
from engine.search.policy import policy_gradient as gradient
from engine.search.random_search import RandomSearch
from engine.space.counts import Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.limits import Limit, NothingFits
from engine.space.nas_rl import NasRlSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import SPACES

SMALL = NasBench201Space()


def search(space=SMALL, seed: int = 0, **settings) -> NasRl:
    return NasRl(NasRlSettings(**settings), space, random.Random(seed))


def scalars(notes, name: str) -> list[float]:
    return [note.value for note in notes if isinstance(note, Scalar) and note.name == name]


def test_the_step_is_reinforces():
    """A table, whose gradient is known in closed form: each logit gets (R - b) · (1[chosen] - p), averaged."""
    ours = search(controller="table", samples=3, lr=0.1, reward="score", baseline_decay=0.9)
    for number, score in enumerate((50.0, 60.0, 70.0)):  # the baseline of the first minibatch is its mean
        ours.ask(number)
        ours.tell(number, score)
    before = ours._controller.weights.vector.clone()
    probabilities = before.view(6, 5).softmax(1)
    drawn = [ours.ask(number).decisions for number in (3, 4, 5)]
    steps = ours._adam.steps
    mean, square = (beside.clone() for beside in ours._controller.weights.beside)
    for number, score in ((3, 20.0), (4, 90.0), (5, 65.0)):
        ours.tell(number, score)
    baseline = 0.6
    for reward in (0.5, 0.6, 0.7):
        baseline = 0.9 * baseline + 0.1 * reward
    expected = torch.zeros(6, 5)
    for decisions, reward in zip(drawn, (0.2, 0.9, 0.65), strict=True):
        for place, choice in enumerate(decisions):
            chosen = torch.nn.functional.one_hot(torch.tensor(choice), 5)
            expected[place] -= (reward - baseline) * (chosen - probabilities[place]) / 3
    mean = 0.9 * mean + 0.1 * expected.flatten()
    square = 0.999 * square + 0.001 * expected.flatten() ** 2
    steps += 1
    move = 0.1 * (mean / (1 - 0.9**steps)) / ((square / (1 - 0.999**steps)).sqrt() + 1e-8)
    assert torch.allclose(ours._controller.weights.vector, before - move, rtol=1e-4, atol=1e-6)


def test_the_baseline_is_a_moving_average_of_the_rewards():
    ours = search(samples=2, baseline_decay=0.75, reward="score")
    seen = []
    for number, score in enumerate((40.0, 60.0, 100.0, 80.0)):
        ours.ask(number)
        ours.tell(number, score)
        seen += scalars(ours.notes(), "baseline")
    first = 0.75 * (0.75 * 0.5 + 0.25 * 0.4) + 0.25 * 0.6
    assert seen == pytest.approx([first, 0.75 * (0.75 * first + 0.25 * 1.0) + 0.25 * 0.8])


@pytest.mark.parametrize(("reward", "expected"), [("score", 0.8), ("cubed", 0.512)])
def test_the_reward_is_the_score_or_its_cube(reward, expected):
    ours = search(samples=1, reward=reward)
    ours.ask(0)
    ours.tell(0, 80.0)
    assert scalars(ours.notes(), "reward") == pytest.approx([expected])


@pytest.mark.parametrize("failure", [None, math.nan])
def test_a_failure_counts_as_the_worst_so_far_and_before_that_as_nothing(failure):
    ours = search(samples=1, reward="score")
    rewards = []
    for number, score in enumerate((failure, 70.0, 50.0, 60.0, failure)):
        ours.ask(number)
        assert ours.tell(number, score) == ()
        rewards += scalars(ours.notes(), "reward")
    assert rewards == pytest.approx([0.7, 0.5, 0.6, 0.5])


def test_what_is_handed_in_is_not_learnt_from():
    one, other = search(samples=1), search(samples=1)
    for ours in (one, other):
        ours.ask(0)
        ours.tell(0, 50.0)
    one.adopt(1, (0,) * 6)
    one.tell(1, 99.0)
    assert one.state()["controller"] == other.state()["controller"]
    assert one.state()["baseline"] == other.state()["baseline"]


def test_it_tells_how_the_controller_stands_to_each_decision():
    ours = search(samples=1, controller="table", lr=5.0)
    for number in range(3):
        ours.ask(number)
        ours.tell(number, 50.0 + 10 * number)
    policy = [note for note in ours.notes() if isinstance(note, Policy)][-6:]
    assert [note.decision for note in policy] == list(range(6))
    assert {note.step for note in policy} == {3}
    labels = SMALL.next(()).choices
    for note, probabilities in zip(policy, ours._controller.weights.vector.view(6, 5).softmax(1), strict=True):
        assert note.choice == labels[int(probabilities.argmax())]
        assert note.probability == pytest.approx(probabilities.max().item(), rel=1e-5)
        assert note.entropy == pytest.approx(torch.distributions.Categorical(probabilities).entropy().item(), abs=1e-5)
    assert ours.notes() == []


def test_of_very_many_decisions_only_some_are_noted():
    space = EnasMacroSpace()
    ours = search(space, samples=1, grow_every=0)
    ours.ask(0)
    ours.tell(0, 50.0)
    noted = [note.decision for note in ours.notes() if isinstance(note, Policy)]
    assert len(noted) == 60
    assert noted[0] == 0
    assert noted[-1] >= 76
    assert sorted(set(noted)) == noted


@pytest.mark.parametrize("last", [9, 10])
def test_networks_grow_up_to_those_of_the_space(last):
    space = NasRlSpace(layers=last)
    ours = search(space, grow_from=6, grow_by=2, grow_every=3, samples=2, units=5, layers=1)
    depths, lines = [], []
    for number in range(9):
        proposal = ours.ask(number)
        architecture = (proposal.space or space).decode(proposal.decisions)
        depths.append(len(architecture.layers))
        assert (proposal.space is None) == (depths[-1] == last)
        ours.tell(number, float(number))
        lines += [note.text for note in ours.notes() if isinstance(note, Line)]
    assert depths == [6, 6, 6, 8, 8, 8, last, last, last]
    assert lines == [
        "the networks grow to 8 layers after 3 samples",
        f"the networks grow to {last} layers after 6 samples",
    ]
    assert len(ours.draw()) == len(space.sample(random.Random(0)))


@pytest.mark.parametrize("space", [NasRlSpace(layers=9), DartsSpace()], ids=["layers", "cells"])
def test_growth_can_be_off_and_is_only_of_layers(space):
    ours = search(space, grow_every=0 if isinstance(space, NasRlSpace) else 1, grow_from=1, units=5)
    assert ours.ask(0).space is None


def test_a_state_in_the_middle_of_growth_goes_on_alike():
    space = NasRlSpace(layers=9)
    settings = {"grow_every": 3, "samples": 2, "units": 5, "layers": 1, "remember": True}
    one, other = search(space, **settings), search(space, seed=1, **settings)
    for number in range(4):
        one.ask(number)
    one.tell(2, 3.0)
    other.load(json.loads(json.dumps(one.state(), allow_nan=False)))
    for ours in (one, other):
        for number in (3, 0, 1):
            ours.tell(number, 10.0 * number)
        for number in range(4, 12):
            ours.ask(number)
            ours.tell(number, 50.0)
    assert one.state() == other.state()


def test_what_is_known_is_learnt_from_and_not_asked_for_again():
    space = SPACES["darts"](nodes=1, operations=("skip_connect", "max_pool_3x3", "none"))  # 16 architectures
    ours = search(space, remember=True, samples=1, lr=0.0, controller="table", reward="score")
    asked, rewards = [], []
    for number in range(16):
        asked.append(ours.ask(number).decisions)
        ours.tell(number, float(sum(asked[-1])))
        rewards += scalars(ours.notes(), "reward")
    assert len(set(asked)) == 16
    assert len(rewards) > 16  # more draws than candidates
    assert {round(100 * reward) for reward in rewards} == {sum(decisions) for decisions in asked}
    assert ours.ask(16).decisions in asked  # all are known, and one must be asked for


def parameters(space, decisions, skeleton: Skeleton) -> int:
    return count(space.decode(decisions), skeleton).params


def test_limits_are_kept_and_impossible_ones_are_said(monkeypatch):
    skeleton = Skeleton()
    space = DartsSpace()
    costs = sorted(parameters(space, space.sample(random.Random(seed)), skeleton) for seed in range(20))
    limited = DartsSpace(limits=(Limit(counts="params", skeleton=skeleton, most=costs[5]),))
    ours = search(limited, units=5, layers=1)
    for number in range(5):
        assert parameters(space, ours.ask(number).decisions, skeleton) <= costs[5]
    monkeypatch.setattr(gradient, "TRIES", 5)
    impossible = search(DartsSpace(limits=(Limit(counts="params", skeleton=skeleton, most=1),)), units=5, layers=1)
    with pytest.raises(NothingFits, match="none of 5 architectures that the controller drew has up to 1 parameters"):
        impossible.ask(0)


def test_the_entropy_bonus_keeps_it_undecided():
    def entropy(weight: float) -> float:
        ours = search(controller="table", samples=1, lr=0.2, entropy=weight)
        for number in range(80):
            proposal = ours.ask(number)
            ours.tell(number, 10.0 * sum(choice == 1 for choice in proposal.decisions))
        return scalars(ours.notes(), "entropy")[-1]

    assert entropy(0.5) > entropy(0.0) + 0.3


@pytest.mark.parametrize("controller", ["lstm", "table"])
def test_it_beats_random_search_with_few_evaluations(controller):
    """Mean score of the last 20 of 100 candidates: six decisions, each of which should be the second choice."""

    def mean(ours) -> float:
        scores = []
        for number in range(100):
            scores.append(100 / 6 * sum(choice == 1 for choice in ours.ask(number).decisions))
            ours.tell(number, scores[-1])
        return statistics.mean(scores[80:])

    rate = 0.02 if controller == "lstm" else 0.2
    settings = {"controller": controller, "samples": 1, "lr": rate, "reward": "score"}
    assert mean(search(**settings)) > 80
    assert mean(RandomSearch(RandomSettings(), SMALL, random.Random(0))) < 30
