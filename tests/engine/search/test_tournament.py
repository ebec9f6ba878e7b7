"""Tournament selection without removal: its rules, its first population, and the space it comes from."""

import math
import random
from collections import Counter

import pytest

from engine.plan.methods.tournament import TournamentSettings
from engine.search.tournament import Tournament
from engine.space.hierarchical import HierarchicalSpace
from engine.space.nasbench201 import NasBench201Space

SPACE = HierarchicalSpace()


def tournament(population: int = 6, share: float = 0.5, mutations: int = 20, seed: int = 0, space=SPACE) -> Tournament:
    settings = TournamentSettings(population=population, share=share, mutations=mutations)
    return Tournament(settings, space, random.Random(seed))


def test_the_first_population_are_mutants_of_the_chain_of_identities():
    same = tournament(mutations=0)
    assert {same.ask(number).decisions for number in range(6)} == {SPACE.simplest()}
    one = tournament(mutations=1)
    for number in range(6):
        changed = sum(a != b for a, b in zip(one.ask(number).decisions, SPACE.simplest(), strict=True))
        assert changed <= 1
    many = tournament(population=40, mutations=1000)
    drawn = [many.ask(number).decisions for number in range(40)]
    kept = sum(a == b for member in drawn for a, b in zip(member, SPACE.simplest(), strict=True))
    expected = 40 * 46 / 7  # after so many mutations every edge has any of its 7 values
    assert abs(kept - expected) < 4 * math.sqrt(expected * 6 / 7)


def test_nobody_dies_and_all_may_become_parents():
    search = tournament(population=3, share=0.01)
    for number in range(60):
        proposal = search.ask(number)
        assert (proposal.parent == -1) == (number < 3)
        assert search.tell(number, 1.0) == ()
    parents = Counter(search.ask(number).parent for number in range(60, 660))
    assert set(parents) == set(range(60))  # a tournament of one: each is drawn alike


def test_a_tournament_of_all_picks_the_best_ever():
    search = tournament(population=4, share=1.0)
    for number in range(30):
        search.ask(number)
        search.tell(number, 9.0 if number == 2 else float(number % 5))
    assert {search.ask(number).parent for number in range(30, 60)} == {2}


def test_tournaments_grow_with_the_population():
    """With share s of n members drawn without replacement, the best of them is drawn with probability s."""
    search = tournament(population=40, share=0.25)
    for number in range(40):
        search.ask(number)
        search.tell(number, float(number == 7))
    wins = sum(search.ask(number).parent == 7 for number in range(40, 1240))
    assert abs(wins - 300) < 4 * math.sqrt(1200 * 0.25 * 0.75)


@pytest.mark.parametrize("failure", [None, math.nan])
def test_a_failed_candidate_is_a_parent_only_among_failures(failure):
    search = tournament(population=2, share=1.0)
    search.ask(0), search.ask(1)
    search.tell(1, failure)
    assert search.ask(2).parent == 1
    search.tell(0, -5.0)
    assert search.ask(3).parent == 0


def test_a_child_differs_by_one_mutation_and_says_so():
    search = tournament(population=1, space=NasBench201Space())
    parent = search.ask(0).decisions
    search.tell(0, 1.0)
    for number in range(1, 20):
        child = search.ask(number)
        assert child.change == NasBench201Space().describe_change(parent, child.decisions)
        assert sum(a != b for a, b in zip(parent, child.decisions, strict=True)) == 1


def test_what_is_handed_in_takes_part_and_draws_nothing():
    plain, given = tournament(population=2, share=1.0), tournament(population=2, share=1.0)
    handed = given.adopt(0, SPACE.simplest())
    assert (handed.origin, handed.parent) == ("handed in", -1)
    assert [plain.ask(0).decisions, plain.ask(1).decisions] == [given.ask(1).decisions, given.ask(2).decisions]
    for number, score in ((0, 50.0), (1, 1.0), (2, 2.0)):
        given.tell(number, score)
    assert given.ask(3).parent == 0
