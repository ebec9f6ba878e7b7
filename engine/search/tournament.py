"""Tournament selection without removal, from a diversified first population: Hier-EA (Liu et al. 2018, section 3.3)."""

import math
import random
from typing import Any

from engine.plan import TournamentSettings
from engine.search.notes import Note
from engine.search.proposal import Proposal, generator_state, set_generator
from engine.space.decisions import Decisions
from engine.space.spaces import Space


class Tournament:
    """Asks for `population` diversified architectures, then for mutated children of tournament winners.

    A tournament draws `share` of all that have a score, without replacement, and its best has a child by one mutation.
    Nobody ever dies. Any number of candidates may be under way; children asked for while nobody has a score yet are
    diversified architectures, too.
    """

    def __init__(self, settings: TournamentSettings, space: Space, rng: random.Random) -> None:
        self._settings, self._space, self._rng = settings, space, rng
        self._asked = 0
        self._numbers: list[int] = []  # of the population, in the order in which they were told
        self._scores: list[float] = []
        self._members: list[Decisions] = []
        self._under_way: dict[int, Decisions] = {}

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`."""
        if self._asked < self._settings.population or not self._members:
            proposal = Proposal(self._space.diversified(self._rng, self._settings.mutations))
        else:
            proposal = self._child(self._winner())
        self._asked += 1
        self._under_way[candidate] = proposal.decisions
        return proposal

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        """Take an architecture from elsewhere as number `candidate`; scored, it takes part like any other."""
        self._under_way[candidate] = decisions
        return Proposal(decisions, origin="handed in")

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        """Let a candidate join with its score (None or NaN: it failed). Returns the candidates that die: none."""
        self._members.append(self._under_way.pop(candidate))
        self._numbers.append(candidate)
        self._scores.append(-math.inf if score is None or math.isnan(score) else float(score))
        return ()

    def notes(self) -> list[Note]:
        """What is to be recorded beside the candidates: nothing."""
        return []

    def state(self) -> dict[str, Any]:
        """All that `load` needs to go on alike, as plain JSON."""
        return {
            "rng": generator_state(self._rng),
            "asked": self._asked,
            "numbers": list(self._numbers),
            "scores": [None if score == -math.inf else score for score in self._scores],
            "members": [list(member) for member in self._members],
            "under way": [[candidate, list(decisions)] for candidate, decisions in self._under_way.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        set_generator(self._rng, state["rng"])
        self._asked = state["asked"]
        self._numbers = list(state["numbers"])
        self._scores = [-math.inf if score is None else score for score in state["scores"]]
        self._members = [tuple(member) for member in state["members"]]
        self._under_way = {candidate: tuple(decisions) for candidate, decisions in state["under way"]}

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
