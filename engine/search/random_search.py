"""Random search: candidates drawn uniformly from the whole space, nothing learnt. The baseline of all methods."""

import random
from typing import Any

from engine.plan import RandomSettings
from engine.search.notes import Note
from engine.search.proposal import Proposal, generator_state, set_generator
from engine.space.decisions import Decisions
from engine.space.spaces import Space


class RandomSearch:
    """Asks for architectures, each equally likely; repeats are possible. No candidate ever dies."""

    def __init__(self, settings: RandomSettings, space: Space, rng: random.Random) -> None:
        self._space, self._rng = space, rng

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`."""
        return Proposal(self._space.sample(self._rng))

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        """Take an architecture from elsewhere as number `candidate`; nothing is drawn for it."""
        return Proposal(decisions, origin="handed in")

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        """Take note of a score. Returns the candidates that die by it: none."""
        return ()

    def notes(self) -> list[Note]:
        """What is to be recorded beside the candidates: nothing."""
        return []

    def state(self) -> dict[str, Any]:
        """All that `load` needs to go on alike, as plain JSON."""
        return {"rng": generator_state(self._rng)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken."""
        set_generator(self._rng, state["rng"])
