"""Tournament selection without removal, from a diversified first population: Hier-EA (Liu et al. 2018, section 3.3)."""

import math
import random
from typing import Any

from engine.plan.methods.tournament import TournamentSettings
from engine.search.base import SEARCHES, Proposal, SamplingMethod, worth
from engine.space.decisions import Decisions
from engine.space.spaces import Space


@SEARCHES.carries_out(TournamentSettings)
class Tournament(SamplingMethod[Decisions]):
    """Asks for `population` diversified architectures, then for mutated children of tournament winners.

    A tournament draws `share` of all that have a score, without replacement, and its best has a child by one mutation.
    Nobody ever dies. Any number of candidates may be under way; children asked for while nobody has a score yet are
    diversified architectures, too.
    """

    def __init__(self, settings: TournamentSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._asked = 0
        self._numbers: list[int] = []  # of the population, in the order in which they were told
        self._scores: list[float] = []
        self._members: list[Decisions] = []

    def ask(self, candidate: int) -> Proposal:
        if self._asked < self._settings.population or not self._members:
            proposal = Proposal(self._space.diversified(self._rng, self._settings.mutations))
        else:
            proposal = self._child(self._winner())
        self._asked += 1
        self._under_way[candidate] = proposal.decisions
        return proposal

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        self._members.append(self._under_way.pop(candidate))
        self._numbers.append(candidate)
        self._scores.append(worth(score))
        return ()

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "asked": self._asked,
            "numbers": list(self._numbers),
            "scores": [None if score == -math.inf else score for score in self._scores],
            "members": [list(member) for member in self._members],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._asked = state["asked"]
        self._numbers = list(state["numbers"])
        self._scores = [-math.inf if score is None else score for score in state["scores"]]
        self._members = [tuple(member) for member in state["members"]]

    def _handed_in(self, decisions: Decisions) -> Decisions:
        return decisions

    def _winner(self) -> int:
        """The place of the tournament's best, the one told first among equals."""
        size = max(1, round(self._settings.share * len(self._members)))
        drawn = self._rng.sample(range(len(self._members)), size)
        return max(drawn, key=lambda place: (self._scores[place], -place))

    def _child(self, parent: int) -> Proposal:
        before = self._members[parent]
        decisions = self._space.mutate(before, self._rng)
        change = self._space.describe_change(before, decisions)
        return Proposal(decisions, self._numbers[parent], "mutated", change)
