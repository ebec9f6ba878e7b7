"""Every decision says which state it helps to make, so that a choice that points at a state can be traced back."""

import random

import pytest

from engine.space.spaces import SPACES

TREES = ("nas-rl-rnn",)  # their memory may read and be written by any node
MOTIFS = ("hierarchical", "hierarchical-flat")  # nothing points at a motif's nodes


@pytest.mark.parametrize("kind", [kind for kind in SPACES if kind not in (*TREES, *MOTIFS)])
def test_choices_point_at_states_made_before(kind):
    space = SPACES[kind]()
    asked = space.questions(space.sample(random.Random(0)))
    made: set[int] = set()
    for before, decision in zip((None, *asked), asked, strict=False):
        assert decision.state is not None
        if before is not None and before.state != decision.state:
            made.add(before.state)
        earliest = min(other.state for other in asked)
        for ref in decision.refs:
            assert ref is None or ref < earliest or (ref in made and ref < decision.state), decision


@pytest.mark.parametrize("kind", [*TREES, *MOTIFS])
def test_what_is_not_about_one_state_says_none(kind):
    space = SPACES[kind]()
    asked = space.questions(space.sample(random.Random(0)))
    assert asked[-1].state is None
