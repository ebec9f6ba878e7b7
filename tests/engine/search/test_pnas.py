"""PNAS: which architectures are tried when, that none is tried twice, and what it says about them."""

import random
from typing import Any

from engine.plan.methods.pnas import PnasSettings
from engine.search.base import Predicted, Scalar
from engine.search.pnas import Pnas
from engine.space.nasbench201 import NasBench201Space
from engine.space.pnas import PnasSpace

QUICK = {"members": 2, "embed": 4, "hidden": 6, "steps_first": 10, "steps": 5}
CELLS = NasBench201Space()


def search(space: Any, seed: int = 0, **settings: Any) -> Pnas:
    return Pnas(PnasSettings(**{**QUICK, **settings}), space, random.Random(seed))


def run(method: Pnas, count: int, space: Any) -> list[Any]:
    proposals = []
    for candidate in range(count):
        proposals.append(method.ask(candidate))
        decisions = proposals[-1].decisions
        method.tell(candidate, 100.0 * sum(choice == 3 for choice in decisions) / len(decisions))
    return proposals


def test_all_different_cells_of_one_block_come_first_then_k_of_every_size():
    space = PnasSpace(nodes=3)
    method = search(space, keep=7, grow=5, every=4, ranked=3000)
    proposals = run(method, 136 + 7 + 7, space)
    sizes = [(one.space or space).nodes for one in proposals]
    assert sizes == [1] * 136 + [2] * 7 + [3] * 7
    graphs = [(one.space or space).canonical((one.space or space).decode(one.decisions)) for one in proposals]
    assert len(set(graphs)) == len(graphs)
    first = sorted(range(136), key=lambda number: -sum(choice == 3 for choice in proposals[number].decisions))
    worst_parent = sum(choice == 3 for choice in proposals[first[4]].decisions)
    for one in proposals[136:143]:
        parent = proposals[one.parent]
        assert one.decisions[:4] == parent.decisions
        assert sum(choice == 3 for choice in parent.decisions) >= worst_parent
        assert one.change.startswith("grown by node 1: ")


def test_embedded_cells_grow_and_can_all_be_looked_up_as_whole_ones():
    method = search(CELLS, growth="embedded", first=5, keep=4, grow=125, random=3, every=5)
    proposals = run(method, 30, CELLS)
    assert all(one.space is None for one in proposals)
    assert all(one.decisions[3:] == (0, 0, 1) for one in proposals[:9])
    assert {one.decisions[0] for one in proposals[:5]} == set(range(5))
    assert sum(one.decisions[3:] == (0, 0, 1) for one in proposals[9:]) < 10


def test_a_whole_small_space_is_tried_once_and_then_again():
    space = NasBench201Space(nodes=1)
    proposals = run(search(space, growth="whole", first=2, every=2), 8, space)
    assert sorted(one.decisions for one in proposals[:5]) == [(choice,) for choice in range(5)]


def test_it_notes_predictions_before_and_how_well_they_ranked_after():
    method = search(CELLS, growth="whole", first=6, every=6)
    notes = []
    for candidate in range(18):
        method.ask(candidate)
        asked = method.notes()
        assert [one.candidate for one in asked if isinstance(one, Predicted)] == ([candidate] if candidate > 5 else [])
        notes += asked
        method.tell(candidate, float(candidate % 7))
    assert {one.name for one in notes if isinstance(one, Scalar)} == {"surrogate loss", "rank correlation"}
    assert method.notes() == []


def test_what_is_handed_in_is_learnt_from_and_not_asked_for_again():
    space = NasBench201Space(nodes=1)
    method = search(space, growth="whole", first=4, every=2)
    method.adopt(0, (2,))
    method.tell(0, 50.0)
    assert sorted(method.ask(candidate).decisions for candidate in range(1, 5)) == [(0,), (1,), (3,), (4,)]
