"""What every sampling method promises on every space, whatever it learns by."""

import json
import math
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from engine.plan import METHODS as SETTINGS
from engine.space.decisions import DecisionSpace
from engine.space.spaces import SPACES
from tests.engine.search import contract
from tests.engine.search.contract import CANDIDATES, SMALL, digest, landscape, made, run, space

ROOT = Path(__file__).parents[3]

everywhere = pytest.mark.parametrize("where", SPACES)
all_methods = pytest.mark.parametrize("kind", SMALL)


def test_no_sampling_method_is_left_out():
    assert set(SMALL) == {kind for kind, settings in SETTINGS.items() if not settings.one_shot}


@all_methods
@everywhere
def test_every_proposal_is_an_architecture_of_the_space(kind, where):
    for number, proposal in enumerate(run(made(kind, where))):
        home: DecisionSpace = proposal.space or space(where)
        architecture = home.decode(proposal.decisions)
        assert home.canonical(home.decode(home.encode(architecture))) == home.canonical(architecture)
        assert -1 <= proposal.parent < number


@pytest.fixture(scope="module")
def elsewhere() -> dict[str, dict[str, str]]:
    """What every method asks for on every space in another process, whose hashes are others."""
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, contract.__file__]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@all_methods
@everywhere
def test_the_same_seed_asks_for_the_same_in_another_process_with_other_hashes(kind, where, elsewhere):
    assert digest(list(run(made(kind, where)))) == elsewhere[kind][where]


@all_methods
def test_another_seed_asks_for_others(kind):
    assert digest(list(run(made(kind, "darts", seed=1)))) != digest(list(run(made(kind, "darts", seed=2))))


@all_methods
@everywhere
def test_results_may_come_late_and_in_any_order_which_then_decides(kind, where):
    """The same order of asking and telling gives the same run; a candidate in five fails."""
    runs = []
    for _ in range(2):
        search, order, under_way, log = made(kind, where), random.Random(3), {}, []
        for candidate in range(CANDIDATES):
            under_way[candidate] = search.ask(candidate)
            log.append(under_way[candidate])
            while len(under_way) > order.randrange(1, 5):
                back = order.choice(list(under_way))
                proposal = under_way.pop(back)
                failed = back % 5 == 4
                log.append((back, search.tell(back, None if failed else landscape(proposal))))
        runs.append(log)
    assert runs[0] == runs[1]


@all_methods
@everywhere
def test_a_state_taken_in_the_middle_goes_on_alike(kind, where):
    """Also with results still under way, and through JSON."""
    one, other = made(kind, where, seed=4), made(kind, where, seed=5)
    list(run(one, CANDIDATES // 2))
    open_number = CANDIDATES // 2
    late = one.ask(open_number)
    other.load(json.loads(json.dumps(one.state(), allow_nan=False)))
    futures = []
    for search in (one, other):
        future = list(run(search, 3, open_number + 1))
        search.tell(open_number, landscape(late))
        futures.append(future + list(run(search, CANDIDATES // 2, open_number + 4)))
    assert futures[0] == futures[1]


@all_methods
def test_a_search_whose_candidates_all_fail_goes_on(kind):
    search = made(kind, "nasbench201")
    for candidate in range(CANDIDATES):
        search.ask(candidate)
        search.tell(candidate, None if candidate % 2 else math.nan)


@all_methods
@everywhere
def test_what_is_handed_in_is_taken(kind, where):
    search = made(kind, where)
    list(run(search, 3))
    given = space(where).sample(random.Random(9))
    proposal = search.adopt(3, given)
    assert (proposal.decisions, proposal.origin, proposal.parent) == (given, "handed in", -1)
    search.tell(3, 100.0)
    assert len(list(run(search, 4, 4))) == 4


@pytest.mark.parametrize("kind", [kind for kind in SMALL if kind != "random"])
def test_it_beats_random_search_on_an_easy_landscape(kind):
    """By the best of 120, in the mean over three seeds: 32 decisions, each of which should be the second choice."""

    def best(which: str, seed: int) -> float:
        return max(landscape(proposal) for proposal in run(made(which, "darts", seed), 120))

    ours = statistics.mean(best(kind, seed) for seed in range(3))
    chance = statistics.mean(best("random", seed) for seed in range(3))
    assert ours > chance + 3
