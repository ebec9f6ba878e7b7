"""The number of an architecture, for tables that know it by that."""

import random

import pytest

from engine.space.decisions import OutsideSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import SPACES


@pytest.mark.parametrize("kind", SPACES)
def test_rank_is_the_inverse_of_at(kind: str):
    space, rng = SPACES[kind](), random.Random(kind)
    for rank in (0, space.size() - 1, *(rng.randrange(space.size()) for _ in range(5))):
        assert space.rank(space.at(rank)) == rank


def test_the_first_decision_counts_most():
    assert NasBench201Space().rank((1, 0, 0, 0, 0, 2)) == 5**5 + 2


def test_decisions_of_another_space_have_no_rank():
    with pytest.raises(OutsideSpace):
        NasBench201Space().rank((0, 0, 0, 0, 0, 5))
