"""What NAS-RL and NASNet share beyond policy gradients: they are rewarded for scores alone, and may remember them."""

import random
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.plan.methods.nas_rl import NasRlSettings
from engine.plan.methods.nasnet import NasnetSettings
from engine.search.base import Scalar
from engine.search.policy.independent_controller import Table
from engine.search.policy.lstm_controller import Controller, Shape
from engine.search.policy.parameters import Adam
from engine.search.policy.policy_gradient import Episode, PolicyGradient
from engine.space.decisions import Decisions
from engine.space.spaces import Space

REPEATS = 30
"""Architectures with a known score that are drawn and learnt from before one is scored again."""


class ScoreGradient(PolicyGradient):
    """Moves the controller towards sequences with more reward than the baseline had before their minibatch.

    The reward is the score / 100, cubed if so set. If so set, what is drawn again is learnt from with the score that
    it had, and another one drawn to be scored.
    """

    def __init__(self, settings: NasRlSettings | NasnetSettings, space: Space, rng: random.Random) -> None:
        shape = Shape(hidden=settings.units, layers=settings.layers, spread=settings.spread)
        controller = Controller(shape, rng) if settings.controller == "lstm" else Table(rng)
        super().__init__(settings, space, rng, controller, Adam(controller.weights, settings.lr), settings.samples)

        self._known: dict[Decisions, float] = {}

    @abstractmethod
    def _step(self, episodes: Sequence[Episode], advantages: Tensor) -> float:
        """Learn from sequences, given by how much more than the baseline each got; returns the entropy per decision."""

    def state(self) -> dict[str, Any]:
        return {**super().state(), "known": [[list(decisions), reward] for decisions, reward in self._known.items()]}

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._known = {tuple(decisions): reward for decisions, reward in state["known"]}

    def _episode(self) -> Episode:
        episode = super()._episode()
        for _ in range(REPEATS if self._settings.remember else 0):
            if (reward := self._known.get(episode.drawn.decisions)) is None:
                break
            self._learn(episode, reward)
            episode = super()._episode()
        return episode

    def _reward(self, score: float) -> float:
        share = super()._reward(score)
        return share**3 if self._settings.reward == "cubed" else share

    def _learn(self, episode: Episode, reward: float) -> None:
        if self._settings.remember:
            self._known[episode.drawn.decisions] = reward
        super()._learn(episode, reward)

    def _improve(self, episodes: Sequence[Episode], rewards: Sequence[float]) -> list[Scalar]:
        baseline = sum(rewards) / len(rewards) if self._baseline is None else self._baseline
        entropy = self._step(episodes, torch.tensor(rewards, dtype=torch.float64) - baseline)
        for reward in rewards:
            baseline += (1 - self._settings.baseline_decay) * (reward - baseline)
        self._baseline = baseline
        return [Scalar("entropy", entropy, self._told, "nats")]
