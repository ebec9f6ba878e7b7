"""What a sampling method answers to `ask`, and how its random generator is kept in a state."""

import random
from typing import Any, NamedTuple

from engine.space.decisions import Decisions, DecisionSpace


class Proposal(NamedTuple):
    """An architecture to be scored, as the space's decisions, and where it came from.

    `parent` is the number of the candidate it was made from, or -1; `origin` is "sampled", "mutated", "handed in" or,
    for what is drawn to be the result, "derived"; `change` says in words what was changed in the parent. `space` is the
    one that the decisions belong to where it is not the searched one, but a smaller one on the way to it.
    """

    decisions: Decisions
    parent: int = -1
    origin: str = "sampled"
    change: str = ""
    space: DecisionSpace | None = None


def generator_state(rng: random.Random) -> list[Any]:
    """The state of `rng` as plain JSON."""
    version, words, spare = rng.getstate()
    return [version, list(words), spare]


def set_generator(rng: random.Random, state: list[Any]) -> None:
    """Put `rng` where `generator_state` was taken."""
    version, words, spare = state
    rng.setstate((version, tuple(words), spare))
