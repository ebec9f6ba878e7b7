"""NAS-RL: a controller that learns by REINFORCE what to build (Zoph and Le 2017, sections 3.2 and 4.1)."""

import random
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from engine.plan.methods.nas_rl import NasRlSettings
from engine.search.base import SEARCHES, Line, Proposal
from engine.search.policy.policy_gradient import Episode
from engine.search.policy.reward_search import ScoreGradient
from engine.space.spaces import Space


@SEARCHES.carries_out(NasRlSettings)
class NasRl(ScoreGradient):
    """REINFORCE with a moving-average baseline, one step of Adam per minibatch.

    Where the space is one of networks of layers, they may grow: to so many layers more every so many samples, up to
    those of the space. Candidates of before are then proposed in a smaller space (`Proposal.space`).
    """

    def __init__(self, settings: NasRlSettings, space: Space, rng: random.Random) -> None:
        super().__init__(settings, space, rng)
        self._asked = 0

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`. Raises NothingFits as the base does."""
        depth = self._depth(self._asked)
        if self._asked and depth != self._depth(self._asked - 1):
            layers = depth or getattr(self._space, "layers", 0)
            self.note(Line(f"the networks grow to {layers} layers after {self._asked:,} samples"))
        proposal = super().ask(candidate)
        self._asked += 1
        return proposal

    def state(self) -> dict[str, Any]:
        return {**super().state(), "asked": self._asked}

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._asked = state["asked"]

    def _depth(self, asked: int) -> int | None:
        """Layers of the networks after so many samples; None where they are as in the searched space."""
        layers: int | None = getattr(self._space, "layers", None)
        every = self._settings.grow_every
        if layers is None or not every:
            return None
        depth = self._settings.grow_from + self._settings.grow_by * (asked // every)
        return depth if depth < layers else None

    def _size(self) -> int | None:
        return self._depth(self._asked)

    def _step(self, episodes: Sequence[Episode], advantages: Tensor) -> float:
        found = self._controller.measure([episode.script for episode in episodes])
        gain = advantages.to(found.log_probs) @ found.log_probs.sum(1)
        entropy = found.entropies.sum()
        loss = -(gain + self._settings.entropy * entropy) / len(episodes)
        self._adam.step(self._controller.weights.gradient(loss))
        return entropy.item() / sum(len(episode.script.answers) for episode in episodes)
