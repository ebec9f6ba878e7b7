"""Random search: candidates drawn uniformly from the whole space, nothing learnt. The baseline of all methods."""

from typing import Any

from engine.plan.methods.random_search import RandomSettings
from engine.search.base import SEARCHES, Proposal, SamplingMethod, generator_state
from engine.space.decisions import Decisions


@SEARCHES.carries_out(RandomSettings)
class RandomSearch(SamplingMethod[None]):
    """Asks for architectures, each equally likely; repeats are possible. No candidate ever dies."""

    def ask(self, candidate: int) -> Proposal:
        return Proposal(self._space.sample(self._rng))

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        return Proposal(decisions, origin="handed in")

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        return ()

    def state(self) -> dict[str, Any]:
        return {"rng": generator_state(self._rng)}

    def load(self, state: dict[str, Any]) -> None:
        super().load({**state, "under way": []})

    def _handed_in(self, decisions: Decisions) -> None:
        return
