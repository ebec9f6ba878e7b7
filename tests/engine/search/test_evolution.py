"""Regularized evolution: its rules one by one, a small simulation of the published algorithm, and random search."""

import json
import math
import random
from collections import Counter

import pytest

from engine.plan.methods.evolution import EvolutionSettings
from engine.search import Proposal
from engine.search.evolution import Evolution
from engine.space.darts import DartsSpace
from engine.space.decisions import Decisions

SPACE = DartsSpace()


def evolution(population: int = 6, sample: int = 3, seed: int = 0, identity: float = 0.05, space=SPACE) -> Evolution:
    settings = EvolutionSettings(population=population, sample=sample, identity_probability=identity)
    return Evolution(settings, space, random.Random(seed))


def skips(decisions: Decisions) -> float:
    """An easy landscape: the number of edges that carry a skip, out of 16."""
    architecture = SPACE.decode(decisions)
    return float(
        sum(
            edge.operation == "skip_connect"
            for cell in (architecture.normal, architecture.reduction)
            for node in cell.nodes
            for edge in node.inputs
        )
    )


def published(population: int, sample: int, cycles: int, seed: int, identity: float) -> list[tuple[Decisions, float]]:
    """Algorithm 1 of Real et al. 2019, written down from the paper: everyone who ever lived, in order."""
    rng = random.Random(seed)
    living: list[tuple[Decisions, float]] = []
    history = []
    while len(living) < population:
        decisions = SPACE.sample(rng)
        living.append((decisions, skips(decisions)))
        history.append(living[-1])
    while len(history) < cycles:
        tournament = []
        while len(tournament) < sample:
            tournament.append(living[int(rng.random() * len(living))])
        parent = max(tournament, key=lambda member: member[1])
        child = parent[0]
        if rng.random() >= identity:
            child = SPACE.mutate(child, rng)
        living.append((child, skips(child)))
        history.append(living[-1])
        del living[0]
    return history


@pytest.mark.parametrize(("population", "sample"), [(6, 3), (10, 10), (5, 1), (4, 8)])
def test_it_is_the_published_algorithm_candidate_by_candidate(population, sample):
    ours = evolution(population, sample, seed=3, identity=0.2)
    history = []
    for number in range(60):
        proposal = ours.ask(number)
        history.append((proposal.decisions, skips(proposal.decisions)))
        ours.tell(number, history[-1][1])
    assert history == published(population, sample, 60, seed=3, identity=0.2)


def test_the_first_are_random_and_the_rest_are_mutated_living():
    search = evolution(population=4, sample=2)
    alive: list[int] = []
    for number in range(30):
        proposal = search.ask(number)
        if number < 4:
            assert (proposal.parent, proposal.origin, proposal.change) == (-1, "sampled", "")
        else:
            assert proposal.origin == "mutated"
            assert proposal.parent in alive
        dead = search.tell(number, float(number))
        alive = [one for one in [*alive, number] if one not in dead]
        assert [member.candidate for member in search.living] == alive


def test_the_oldest_dies_however_good():
    search = evolution(population=5, sample=2)
    for number in range(5):
        search.ask(number)
        assert search.tell(number, 100.0 - number) == ()
    for number in range(5, 20):
        search.ask(number)
        assert search.tell(number, 0.0) == (number - 5,)


def test_the_parent_is_the_best_of_a_sample_drawn_with_replacement():
    """With S = P = 2 and replacement, the better one wins with probability 3/4; without replacement it always would."""
    wins = 0
    rounds = 2000
    search = evolution(population=2, sample=2, seed=1)
    for number in range(2):
        search.ask(number)
        search.tell(number, float(number))
    for number in range(2, 2 + rounds):
        wins += search.ask(number).parent == 1
    assert abs(wins - 0.75 * rounds) < 4 * math.sqrt(rounds * 0.75 * 0.25)


def test_mutations_come_as_often_as_they_should():
    """Identity in 5 of 100, else input or operation in equal shares, told apart by what changed."""
    search = evolution(population=1, sample=1, seed=2)
    rounds = 4000
    kinds = Counter()
    parent = search.ask(0).decisions
    search.tell(0, 1.0)
    before = SPACE.decode(parent)
    for number in range(1, 1 + rounds):
        proposal = search.ask(number)
        after = SPACE.decode(proposal.decisions)
        differing = [
            (set(old.inputs) - set(new.inputs), set(new.inputs) - set(old.inputs))
            for old_cell, new_cell in ((before.normal, after.normal), (before.reduction, after.reduction))
            for old, new in zip(old_cell.nodes, new_cell.nodes, strict=True)
            if set(old.inputs) != set(new.inputs)
        ]
        if not differing:
            kinds["identity"] += 1
            assert proposal.change == "no change"
            continue
        ((gone, come),) = differing  # one node
        (old,), (new,) = gone, come  # one of its edges
        kinds["input" if old.operation == new.operation else "operation"] += 1
        assert (old.operation == new.operation) != (old.source == new.source)
    for kind, share in (("identity", 0.05), ("input", 0.475), ("operation", 0.475)):
        assert abs(kinds[kind] - share * rounds) < 4 * math.sqrt(rounds * share * (1 - share)), kinds


def test_a_child_says_what_changed_in_which_parent():
    search = evolution(population=1, sample=1, identity=0.0)
    parent = search.ask(0).decisions
    search.tell(0, 1.0)
    child = search.ask(1)
    assert child.parent == 0
    assert child.change == SPACE.describe_change(parent, child.decisions) != "no change"


@pytest.mark.parametrize("failure", [None, math.nan])
def test_a_failed_candidate_joins_as_the_worst_and_dies_of_age(failure):
    search = evolution(population=2, sample=2)
    search.ask(0)
    search.tell(0, failure)
    search.ask(1)
    search.tell(1, -1e9)
    assert [member.score for member in search.living] == [-math.inf, -1e9]
    parents = Counter(search.ask(number).parent for number in range(2, 402))
    assert parents[1] > parents[0] > 0  # a sample of failures alone has to have a parent, too
    assert search.tell(2, 1.0) == (0,)


def test_many_may_be_under_way_and_come_back_in_any_order():
    rng = random.Random(5)
    search = evolution(population=5, sample=3)
    under_way: dict[int, Decisions] = {}
    joined: list[int] = []
    dead: list[int] = []
    for number in range(200):
        proposal = search.ask(number)
        assert proposal.parent == -1 or proposal.parent in joined[len(dead) :]
        under_way[number] = proposal.decisions
        while len(under_way) > rng.randrange(8):
            back = rng.choice(list(under_way))
            joined.append(back)
            died = search.tell(back, skips(under_way.pop(back)))
            dead += died
            assert len(search.living) <= 5
            assert [member.candidate for member in search.living] == joined[-len(search.living) :]
    assert dead == joined[: len(dead)]
    assert len(dead) == len(joined) - 5


def test_with_nobody_back_yet_more_random_ones_are_asked_for():
    search = evolution(population=3, sample=2)
    assert all(search.ask(number).origin == "sampled" for number in range(10))


def test_a_score_for_a_stranger_is_an_error():
    search = evolution()
    with pytest.raises(KeyError):
        search.tell(7, 1.0)


@pytest.mark.parametrize("taken", [0, 3, 6, 25])
def test_it_goes_on_from_a_state_written_as_json(taken):
    one, other = evolution(seed=1), evolution(seed=2)
    for number in range(taken):
        one.ask(number)
        if number != 2:  # one stays under way, one fails
            one.tell(number, None if number == 5 else float(number % 4))
    other.load(json.loads(json.dumps(one.state(), allow_nan=False)))
    futures = []
    for search in (one, other):
        future = [search.tell(2, 9.0)] if taken > 2 else []
        for number in range(taken, taken + 30):
            future.append(search.ask(number))
            future.append(search.tell(number, skips(future[-1].decisions)))
        futures.append(future)
    assert futures[0] == futures[1]
    assert one.state() == other.state()


def test_what_is_handed_in_joins_as_the_newest_and_has_children():
    method = evolution(population=3, sample=40)
    for candidate in range(3):
        method.ask(candidate)
        method.tell(candidate, 1.0)
    given = SPACE.sample(random.Random(99))
    proposal = method.adopt(3, given)
    assert proposal == Proposal(given, origin="handed in")
    assert method.tell(3, 50.0) == (0,)
    assert method.living[-1] == (3, given, 50.0)
    assert {method.ask(candidate).parent for candidate in range(4, 30)} == {3}


def test_what_is_handed_in_changes_no_draw_and_no_first_generation():
    plain, given = evolution(population=4), evolution(population=4)
    first = [plain.ask(candidate).decisions for candidate in range(4)]
    asked = [given.ask(0).decisions]
    given.adopt(1, SPACE.sample(random.Random(1)))
    asked += [given.ask(candidate).decisions for candidate in range(2, 5)]
    assert asked == first


def test_what_is_handed_in_survives_a_state():
    method = evolution(population=2)
    given = SPACE.sample(random.Random(5))
    method.adopt(0, given)
    again = evolution(population=2, seed=7)
    again.load(json.loads(json.dumps(method.state())))
    assert again.tell(0, math.nan) == ()
    assert again.living == ((0, given, -math.inf),)


def non_aging(population: int, sample: int, seed: int = 0) -> Evolution:
    settings = EvolutionSettings(population=population, sample=sample, removal="worst")
    return Evolution(settings, SPACE, random.Random(seed))


def test_without_aging_the_worst_of_the_drawn_sample_dies_however_young():
    """A sample as large as everything that a run can draw holds all: then the worst of the living dies each time."""
    search = non_aging(population=4, sample=200)
    scores = {}
    for number, score in enumerate([5.0, 1.0, 4.0, 3.0, 2.0, 6.0, 0.5, 7.0]):
        search.ask(number)
        before = {member.candidate: member.score for member in search.living}
        dead = search.tell(number, score)
        scores[number] = score
        assert dead == ((min(before, key=before.get),) if number >= 4 else ())
    assert {member.candidate for member in search.living} == {0, 2, 5, 7}


def test_without_aging_a_small_sample_spares_those_not_drawn():
    """With S = 1 the parent is its own sample, and makes room for its child."""
    search = non_aging(population=5, sample=1)
    for number in range(5):
        search.ask(number)
        search.tell(number, float(number))
    for number in range(5, 40):
        parent = search.ask(number).parent
        assert search.tell(number, 0.0) == (parent,)


def test_without_aging_the_population_keeps_its_size_in_any_order_and_survives_a_state():
    rng = random.Random(3)
    search, under_way, living = non_aging(population=4, sample=2), {}, set()
    for number in range(120):
        under_way[number] = search.ask(number).decisions
        while len(under_way) > rng.randrange(6):
            back = rng.choice(list(under_way))
            dead = search.tell(back, skips(under_way.pop(back)))
            living = (living | {back}) - set(dead)
            assert {member.candidate for member in search.living} == living
            assert len(living) <= 4
        again = non_aging(population=4, sample=2, seed=9)
        again.load(json.loads(json.dumps(search.state())))
        search = again
