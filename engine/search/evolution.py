"""Evolution by tournaments: the best of a sample has a child; the oldest dies, or the worst (Real et al. 2019)."""

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.plan.methods.evolution import EvolutionSettings
from engine.search.base import SEARCHES, Proposal, SamplingMethod, worth
from engine.space.decisions import Decisions
from engine.space.spaces import Space


class Member(NamedTuple):
    """One of the living: its number, its decisions, and its score (minus infinity if its evaluation failed)."""

    candidate: int
    decisions: Decisions
    score: float


class Birth(NamedTuple):
    """A candidate under way: its decisions, and the candidates in the sample whose best is its parent."""

    decisions: Decisions
    sample: tuple[int, ...] = ()


@SEARCHES.carries_out(EvolutionSettings)
class Evolution(SamplingMethod[Birth]):
    """Asks for `population` random architectures, then for mutated children of tournament winners.

    A tournament draws `sample` of the living, with replacement, and its best has a child. The child joins the living
    when its score is told. With more than `population` of them one dies: by "oldest" the one that joined first, however
    good (algorithm 1, aging evolution); by "worst" the worst of the sample that the child comes from (non-aging). Any
    number of candidates may be under way, told in any order; children asked for while nobody lives yet are random, too.
    """

    def __init__(self, settings: EvolutionSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._asked = 0
        self._living: list[Member] = []  # in the order in which they joined

    @property
    def living(self) -> tuple[Member, ...]:
        """The population, the oldest first."""
        return tuple(self._living)

    def ask(self, candidate: int) -> Proposal:
        if self._asked < self._settings.population or not self._living:
            proposal, birth = self._first()
        else:
            proposal, birth = self._child(self._sample())
        self._asked += 1
        self._under_way[candidate] = birth
        return proposal

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        birth = self._under_way.pop(candidate)
        crowded = len(self._living) >= self._settings.population
        dead = self._dying(birth) if crowded else -1
        self._living.append(Member(candidate, birth.decisions, worth(score)))
        return (self._living.pop(dead).candidate,) if crowded else ()

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "asked": self._asked,
            "living": [[who, list(what), None if score == -math.inf else score] for who, what, score in self._living],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._asked = state["asked"]
        self._living = [
            Member(who, tuple(what), -math.inf if score is None else score) for who, what, score in state["living"]
        ]

    def _handed_in(self, decisions: Decisions) -> Birth:
        """Scored, it joins the living as the newest; it stands for none of the random ones that all begins with."""
        return Birth(decisions)

    def _plain(self, kept: Birth) -> list[Any]:
        return [list(kept.decisions), list(kept.sample)]

    def _read(self, *plain: Any) -> Birth:
        return Birth(*map(tuple, plain))

    def _sample(self) -> list[Member]:
        return self._rng.choices(self._living, k=self._settings.sample)

    def _first(self) -> tuple[Proposal, Birth]:
        proposal = Proposal(self._space.sample(self._rng))
        return proposal, Birth(proposal.decisions)

    def _child(self, sample: Sequence[Member]) -> tuple[Proposal, Birth]:
        """Of the sample's best: a copy with probability `identity_probability`, else one mutation of a kind that the
        space has, each equally likely: hidden state or operation in the cells of the paper.
        """
        parent = max(sample, key=_score)
        decisions = parent.decisions
        if self._rng.random() >= self._settings.identity_probability:
            decisions = self._space.mutate(decisions, self._rng)
        change = self._space.describe_change(parent.decisions, decisions)
        kept = () if self._settings.removal == "oldest" else tuple(member.candidate for member in sample)
        return Proposal(decisions, parent.candidate, "mutated", change), Birth(decisions, kept)

    def _dying(self, birth: Birth) -> int:
        """The place among the living of the one that makes room. Where nobody of the sample lives any more, as may be
        with many under way, and where there was none, the worst of a new sample goes.
        """
        if self._settings.removal == "oldest":
            return 0
        places = [place for place, member in enumerate(self._living) if member.candidate in birth.sample]
        if not places:
            places = self._rng.choices(range(len(self._living)), k=self._settings.sample)
        return min(places, key=lambda place: self._living[place].score)


def _score(member: Member) -> float:
    return member.score
