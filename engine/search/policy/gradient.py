"""What methods share whose controller learns by policy gradients: asking, rewards, minibatches, the moving baseline."""

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.plan import NasnetSettings, NasRlSettings
from engine.search.controller import Controller, Shape
from engine.search.notes import Note, Policy, Scalar
from engine.search.policy.sequences import Drawn, Script, read
from engine.search.policy.table import Table
from engine.search.policy.weights import Adam
from engine.search.proposal import Proposal, generator_state, set_generator
from engine.space.decisions import Decisions, DecisionSpace
from engine.space.limits import NothingFits
from engine.space.spaces import Space

TRIES = 2_000
"""Architectures that a controller draws before it is given up to find one within the limits of the space."""
REPEATS = 30
"""Architectures with a known score that are drawn and learnt from before one is scored again."""
SHOWN = 60
"""Decisions of which it is noted how the controller stands to them."""


class Episode(NamedTuple):
    """A sequence that the controller drew, the log-probabilities of its answers at that time, and its space."""

    script: Script
    log_probs: list[float]
    size: int | None = None
    """The layers of the smaller space that it is of; None where it is of the searched one."""


class PolicyGradient(ABC):
    """Draws candidates from a controller, and moves it towards those with more reward than the baseline.

    The reward is the score / 100, cubed if so set; a candidate that failed counts as the worst so far, and as nothing
    before there is one. Results may be told in any order; a minibatch is full when enough of them are there. What
    people hand in is not learnt from: the controller did not draw it, and the baseline is what its own draws deserve.
    """

    def __init__(self, settings: NasRlSettings | NasnetSettings, space: Space, rng: random.Random) -> None:
        self._space, self._rng = space, rng
        self._common = settings
        shape = Shape(hidden=settings.units, layers=settings.layers, spread=settings.spread)
        self._controller = Controller(shape, rng) if settings.controller == "lstm" else Table(rng)
        self._adam = Adam(self._controller.weights, settings.lr)
        self._asked = self._told = 0
        self._baseline: float | None = None
        self._worst: float | None = None
        self._under_way: dict[int, Episode | None] = {}
        self._minibatch: list[tuple[Episode, float]] = []
        self._known: dict[Decisions, float] = {}
        self._notes: list[Note] = []

    @abstractmethod
    def _improve(self, episodes: Sequence[Episode], advantages: Tensor) -> float:
        """Learn from sequences, given by how much more than the baseline each got; returns the entropy per decision."""

    def _size(self) -> int | None:
        """The layers of the networks to draw now; None for those of the searched space."""
        return None

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`.

        Raises:
            NothingFits: the controller draws practically nothing within the limits of the space.
        """
        size = self._size()
        space = self._sized(size)
        drawn = self._draw(space)
        for _ in range(REPEATS if self._common.remember else 0):
            if (reward := self._known.get(drawn.decisions)) is None:
                break
            self._learn(Episode(drawn.script, drawn.log_probs(), size), reward)
            drawn = self._draw(space)
        self._asked += 1
        self._under_way[candidate] = Episode(drawn.script, drawn.log_probs(), size)
        return Proposal(drawn.decisions, space=None if size is None else space)

    def adopt(self, candidate: int, decisions: Decisions) -> Proposal:
        """Take an architecture from elsewhere as number `candidate`; nothing is drawn for it, nor learnt from it."""
        self._under_way[candidate] = None
        return Proposal(decisions, origin="handed in")

    def tell(self, candidate: int, score: float | None) -> tuple[int, ...]:
        """Learn from a score (None or NaN: it failed). Returns the candidates that die by it: none."""
        episode = self._under_way.pop(candidate)
        self._told += 1
        if episode is None:
            return ()
        failed = score is None or math.isnan(score)
        reward = self._worst if failed else self._reward(score)  # type: ignore[arg-type]
        if reward is not None:
            self._worst = reward if self._worst is None else min(reward, self._worst)
            if self._common.remember:
                self._known[episode.script.answers] = reward
            self._learn(episode, reward)
        return ()

    def draw(self) -> Decisions:
        """An architecture of the searched space from the controller as it is, to train shared weights with."""
        return self._draw(self._space).decisions

    def notes(self) -> list[Note]:
        """What is to be recorded since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def state(self) -> dict[str, Any]:
        """All that `load` needs to go on alike, to the bit, as plain JSON."""
        return {
            "rng": generator_state(self._rng),
            "controller": self._controller.state(),
            "adam steps": self._adam.steps,
            "asked": self._asked,
            "told": self._told,
            "baseline": self._baseline,
            "worst": self._worst,
            "under way": [[number, episode and _kept(episode)] for number, episode in self._under_way.items()],
            "minibatch": [[_kept(episode), reward] for episode, reward in self._minibatch],
            "known": [[list(decisions), reward] for decisions, reward in self._known.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, with the same settings and space."""
        set_generator(self._rng, state["rng"])
        self._controller.load(state["controller"])
        self._adam.steps = state["adam steps"]
        self._asked, self._told = state["asked"], state["told"]
        self._baseline, self._worst = state["baseline"], state["worst"]
        self._under_way = {number: kept and self._episode(kept) for number, kept in state["under way"]}
        self._minibatch = [(self._episode(kept), reward) for kept, reward in state["minibatch"]]
        self._known = {tuple(decisions): reward for decisions, reward in state["known"]}

    def _sized(self, size: int | None) -> DecisionSpace:
        return self._space if size is None else self._space.sized(size)  # type: ignore[union-attr]

    def _draw(self, space: DecisionSpace) -> Drawn:
        for _ in range(TRIES):
            drawn = self._controller.sample(space)
            if space.admits(drawn.decisions):
                return drawn
        wanted = " and ".join(map(str, space.limits))
        raise NothingFits(f"none of {TRIES:,} architectures that the controller drew has {wanted}; widen the limits")

    def _reward(self, score: float) -> float:
        share = score / 100
        return share**3 if self._common.reward == "cubed" else share

    def _learn(self, episode: Episode, reward: float) -> None:
        """Put a sequence into the minibatch, and learn from that if it is full."""
        self._minibatch.append((episode, reward))
        if len(self._minibatch) < self._common.samples:
            return
        episodes, rewards = zip(*self._minibatch, strict=True)
        self._minibatch = []
        mean = sum(rewards) / len(rewards)
        baseline = mean if self._baseline is None else self._baseline
        entropy = self._improve(episodes, torch.tensor(rewards, dtype=torch.float64) - baseline)
        for one in rewards:
            baseline += (1 - self._common.baseline_decay) * (one - baseline)
        self._baseline = baseline
        self._report(mean, entropy)

    def _report(self, reward: float, entropy: float) -> None:
        """Notes after an update: its numbers, and how the controller stands to what it would build now."""
        step = self._told
        self._notes += [
            Scalar("reward", reward, step),
            Scalar("baseline", self._baseline or 0.0, step),
            Scalar("entropy", entropy, step, "nats"),
        ]
        self._notes += standing(self._controller.greedy(self._sized(self._size())), step)

    def _episode(self, kept: list[Any]) -> Episode:
        decisions, log_probs, size = kept
        return Episode(read(self._sized(size), tuple(decisions)), log_probs, size)


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


def _kept(episode: Episode) -> list[Any]:
    return [list(episode.script.answers), episode.log_probs, episode.size]
