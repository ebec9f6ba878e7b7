"""Random search draws uniformly, and learns nothing."""

import random
from collections import Counter

from engine.plan.methods.random_search import RandomSettings
from engine.search import Proposal, sampling
from engine.search.random_search import RandomSearch
from engine.space.darts import DartsSpace

TINY = DartsSpace(nodes=1, operations=("skip_connect", "max_pool_3x3"))  # 2² operations in each of two cells: 16


def search(seed: int = 0) -> RandomSearch:
    return RandomSearch(RandomSettings(), TINY, random.Random(seed))


def test_every_architecture_comes_equally_often_whatever_is_told():
    asked = search()
    seen = Counter()
    for number in range(3200):
        proposal = asked.ask(number)
        assert proposal == Proposal(proposal.decisions, parent=-1, origin="sampled", change="")
        seen[proposal.decisions] += 1
        assert asked.tell(number, float(number % 7) if number % 5 else None) == ()
    assert len(seen) == 16
    assert max(abs(count - 200) for count in seen.values()) < 60  # binomial, over four standard deviations


def test_the_method_is_found_by_its_settings():
    assert isinstance(sampling(RandomSettings(), TINY, random.Random(0)), RandomSearch)


def test_what_is_handed_in_changes_nothing_that_is_drawn():
    one, other = search(3), search(3)
    given = TINY.sample(random.Random(9))
    assert one.adopt(0, given) == Proposal(given, -1, "handed in", "")
    assert one.tell(0, 50.0) == ()
    assert [one.ask(number) for number in range(1, 20)] == [other.ask(number) for number in range(1, 20)]
