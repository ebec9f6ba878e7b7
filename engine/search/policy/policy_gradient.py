"""What methods share whose controller learns by policy gradients: asking, results in any order, minibatches, state."""

import random
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, cast

from engine.search.base import Policy, Proposal, SamplingMethod, Scalar, failed
from engine.search.policy.independent_controller import Table
from engine.search.policy.lstm_controller import Controller
from engine.search.policy.parameters import Adam
from engine.search.policy.rollout import Drawn, Script, read
from engine.space.decisions import Decisions, DecisionSpace
from engine.space.limits import NothingFits
from engine.space.spaces import Space

TRIES = 2_000
"""Architectures that a controller draws before it is given up to find one within the limits of the space."""
SHOWN = 60
"""Decisions of which it is noted how the controller stands to them."""


class Episode(NamedTuple):
    """A sequence as the controller drew it, with the probabilities of that time, and its space."""

    drawn: Drawn
    size: int | None = None
    """The layers of the smaller space that it is of; None where it is of the searched one."""

    @property
    def script(self) -> Script:
        return self.drawn.script


class Growing(Protocol):
    """A space of networks that may have fewer layers."""

    def sized(self, layers: int, /) -> DecisionSpace:
        """The same space with another number of layers."""


class PolicyGradient(SamplingMethod[Episode | None]):
    """Draws candidates from a controller, and learns from so many results at a time.

    What is rewarded is the score / 100, unless a method says otherwise; a candidate that failed counts as the worst so
    far, and as nothing before there is one. Results may be told in any order; a minibatch is full when enough of them
    are there. What people hand in is not learnt from: the controller did not draw it, and the baseline is what its own
    draws deserve.
    """

    def __init__(
        self, settings: Any, space: Space, rng: random.Random, controller: Controller | Table, adam: Adam, full: int
    ) -> None:
        """`full` is the size of a minibatch."""
        super().__init__(settings, space, rng)
        self._controller, self._adam, self._full = controller, adam, full
        self._told = 0
        self._baseline: float | None = None
        self._worst: float | None = None
        self._minibatch: list[tuple[Episode, float]] = []

    @abstractmethod
    def _improve(self, episodes: Sequence[Episode], rewards: Sequence[float]) -> list[Scalar]:
        """Learn from a minibatch, and move the baseline; returns numbers to note: the entropy per decision, and more"""

    def _reward(self, score: float) -> float:
        """What a score (percent) is worth."""
        return score / 100

    def _size(self) -> int | None:
        """The layers of the networks to draw now; None for those of the searched space."""
        return None

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`.

        Raises:
            NothingFits: the controller draws practically nothing within the limits of the space.
        """
        episode = self._under_way[candidate] = self._episode()
        return Proposal(episode.drawn.decisions, space=None if episode.size is None else self._sized(episode.size))

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        episode = self._under_way.pop(candidate)
        self._told += 1
        reward = self._worst if score is None or failed(score) else self._reward(score)
        if episode is not None and reward is not None:
            self._worst = reward if self._worst is None else min(reward, self._worst)
            self._learn(episode, reward)
        return ()

    def draw(self) -> Decisions:
        """An architecture of the searched space from the controller as it is, to train shared weights with."""
        return self._draw(self._space).decisions

    def state(self) -> dict[str, Any]:
        return super().state() | {
            "controller": self._controller.state(),
            "adam steps": self._adam.steps,
            "told": self._told,
            "baseline": self._baseline,
            "worst": self._worst,
            "minibatch": [[_plain(episode), reward] for episode, reward in self._minibatch],
        }

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._controller.load(state["controller"])
        self._adam.steps = state["adam steps"]
        self._told, self._baseline, self._worst = state["told"], state["baseline"], state["worst"]
        self._minibatch = [(self._episode_of(plain), reward) for plain, reward in state["minibatch"]]

    def _handed_in(self, decisions: Decisions) -> None:
        """Nothing is learnt from it."""

    def _plain(self, kept: Episode | None) -> list[Any]:
        return [kept and _plain(kept)]

    def _read(self, *plain: Any) -> Episode | None:
        (episode,) = plain
        return None if episode is None else self._episode_of(episode)

    def _episode(self) -> Episode:
        """The sequence to score next."""
        size = self._size()
        return Episode(self._draw(self._sized(size)), size)

    def _sized(self, size: int | None) -> DecisionSpace:
        return self._space if size is None else cast(Growing, self._space).sized(size)

    def _draw(self, space: DecisionSpace) -> Drawn:
        for _ in range(TRIES):
            drawn = self._controller.sample(space)
            if space.admits(drawn.decisions):
                return drawn
        wanted = " and ".join(map(str, space.limits))
        raise NothingFits(f"none of {TRIES:,} architectures that the controller drew has {wanted}; widen the limits")

    def _learn(self, episode: Episode, reward: float) -> None:
        """Put a sequence into the minibatch; if that is full, learn from it and note how things stand."""
        self._minibatch.append((episode, reward))
        if len(self._minibatch) < self._full:
            return
        episodes, rewards = zip(*self._minibatch, strict=True)
        self._minibatch = []
        found, step = self._improve(episodes, rewards), self._told
        self.note(
            Scalar("reward", sum(rewards) / len(rewards), step),
            Scalar("baseline", self._baseline or 0.0, step),
            *found,
            *standing(self._controller.greedy(self._sized(self._size())), step),
        )

    def _episode_of(self, plain: list[Any]) -> Episode:
        decisions, probabilities, size = plain
        script = read(self._sized(size), tuple(decisions))
        return Episode(Drawn(script, tuple(map(tuple, probabilities))), size)


def standing(drawn: Drawn, step: int) -> list[Policy]:
    """How a controller stands to the decisions of a sequence, to `SHOWN` of them at most, spread over all."""
    count = len(drawn.decisions)
    shown = range(count) if count <= SHOWN else [place * count // SHOWN for place in range(SHOWN)]
    entropies = drawn.entropies()
    found = []
    for place in shown:
        decision, answer = drawn.script.asked[place], drawn.decisions[place]
        probability = drawn.probabilities[place][answer]
        found.append(Policy(step, place, decision.label, entropies[place], decision.choices[answer], probability))
    return found


def _plain(episode: Episode) -> list[Any]:
    drawn, size = episode
    return [list(drawn.decisions), [list(given) for given in drawn.probabilities], size]
