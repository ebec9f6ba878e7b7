"""What methods share that ask for what a surrogate expects to be good, and hold its word against the scores."""

import math
import random
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.search.base import Predicted, SamplingMethod, Scalar
from engine.search.surrogates.encoding import generator, generator_words, set_generator_words
from engine.session.queries.rank_correlation import spearman
from engine.space.decisions import Decisions
from engine.space.spaces import Space

TRIES = 1000
"""Members that are drawn before it is given up to find one that was not tried."""
JUDGED = 3
"""Fewest scores from which a rank correlation is worth noting."""


class Pick(NamedTuple):
    """What is to be tried: its decisions, the score expected and the spread of that (NaN: none), the level of the space
    that it belongs to, and the candidate that it was made from (-1: none)."""

    decisions: Decisions
    value: float = math.nan
    spread: float = math.nan
    level: int = 0
    parent: int = -1


class SurrogateSearch(SamplingMethod[Pick]):
    """Asks for what a subclass puts into `_queue`. `_generator` is torch's, for the surrogate."""

    def __init__(self, settings: Any, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._generator = generator(rng)
        self._queue: deque[Pick] = deque()

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "generator": generator_words(self._generator),
            "queue": [self._plain(pick) for pick in self._queue],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        set_generator_words(self._generator, state["generator"])
        self._queue = deque(self._read(*plain) for plain in state["queue"])

    def _plain(self, kept: Pick) -> list[Any]:
        decisions, *numbers = kept
        return [list(decisions), *(None if math.isnan(number) else number for number in numbers)]

    def _read(self, *plain: Any) -> Pick:
        decisions, *rest = plain
        numbers: list[Any] = [math.nan if number is None else number for number in rest]
        return Pick(tuple(decisions), *numbers)

    def _next(self, candidate: int) -> Pick:
        """What has waited longest; it is under way from now on as number `candidate`."""
        pick = self._under_way[candidate] = self._queue.popleft()
        if not math.isnan(pick.value):
            self.note(Predicted(candidate, pick.value, pick.spread))
        return pick

    def _judge(self, pairs: Sequence[tuple[float, float]], step: int) -> None:
        """Note how well the surrogate ranked those that were scored since it learnt last, as (expected, score)."""
        if len(pairs) >= JUDGED and not math.isnan(agreement := spearman(*zip(*pairs, strict=True))):
            self.note(Scalar("rank correlation", agreement, step))
