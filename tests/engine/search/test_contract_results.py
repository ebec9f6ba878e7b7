"""What every sampling method promises whenever results come, and if it is broken off: on every space, too."""

import json
import math
import random

from tests.engine.search.contract import CANDIDATES, all_methods, everywhere, landscape, made, run, space


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
