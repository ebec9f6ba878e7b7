"""Regularized evolution: tournaments for the right to a child, and death by age (Real et al. 2019, algorithm 1)."""

import math
import random
from collections import deque
from typing import Any, NamedTuple

from engine.plan import EvolutionSettings
from engine.search.proposal import Proposal, generator_state, set_generator
from engine.space.decisions import Decisions
from engine.space.spaces import Space


class Member(NamedTuple):
    """One of the living: its number, its decisions, and its score (minus infinity if its evaluation failed)."""

    candidate: int
    decisions: Decisions
    score: float


class Evolution:
    """Asks for `population` random architectures, then for mutated children of tournament winners.

    A tournament draws `sample` of the living, with replacement, and its best has a child. The child joins the living
    when its score is told, and with more than `population` of them the one that joined first dies, however good. Any
    number of candidates may be under way, told in any order; children asked for while nobody lives yet are random, too.
    """

    def __init__(self, settings: EvolutionSettings, space: Space, rng: random.Random) -> None:
        self._settings, self._space, self._rng = settings, space, rng
        self._asked = 0
        self._living: deque[Member] = deque()  # in the order in which they joined
        self._under_way: dict[int, Decisions] = {}

    @property
    def living(self) -> tuple[Member, ...]:
        """The population, the oldest first."""
        return tuple(self._living)

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`."""
        if self._asked < self._settings.population or not self._living:
            proposal = Proposal(self._space.sample(self._rng))
        else:
            proposal = self._child(self._winner())
        self._asked += 1
        self._under_way[candidate] = proposal.decisions
        return proposal

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        """Take an architecture from elsewhere as number `candidate`; scored, it joins the living as the newest.

        It stands for none of the random architectures that the population begins with, and nothing is drawn for it.
        """
        self._under_way[candidate] = decisions
        return Proposal(decisions, origin="handed in")

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        """Let a candidate join with its score (None or NaN: it failed). Returns the candidates that die by it."""
        decisions = self._under_way.pop(candidate)
        failed = score is None or math.isnan(score)
        self._living.append(Member(candidate, decisions, -math.inf if failed else float(score)))  # type: ignore[arg-type]
        if len(self._living) <= self._settings.population:
            return ()
        return (self._living.popleft().candidate,)

    def state(self) -> dict[str, Any]:
        """All that `load` needs to go on alike, as plain JSON."""
        return {
            "rng": generator_state(self._rng),
            "asked": self._asked,
            "living": [[who, list(what), None if score == -math.inf else score] for who, what, score in self._living],
            "under way": [[candidate, list(decisions)] for candidate, decisions in self._under_way.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        set_generator(self._rng, state["rng"])
        self._asked = state["asked"]
        self._living = deque(
            Member(who, tuple(what), -math.inf if score is None else score) for who, what, score in state["living"]
        )
        self._under_way = {candidate: tuple(decisions) for candidate, decisions in state["under way"]}

    def _winner(self) -> Member:
        drawn = self._rng.choices(self._living, k=self._settings.sample)
        return max(drawn, key=lambda member: member.score)

    def _child(self, parent: Member) -> Proposal:
        """A copy with probability `identity_probability`, else one mutation of a kind that the space has, each equally
        likely: hidden state or operation in the cells of the paper.
        """
        decisions = parent.decisions
        if self._rng.random() >= self._settings.identity_probability:
            decisions = self._space.mutate(decisions, self._rng)
        change = self._space.describe_change(parent.decisions, decisions)
        return Proposal(decisions, parent.candidate, "mutated", change)
