"""ENAS: a controller that learns from scores with shared weights, which learn what it draws (Pham et al. 2018)."""

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.plan.methods.enas import EnasSettings
from engine.search.base import SEARCHES, Line, Proposal, Scalar
from engine.search.policy.lstm_controller import Controller, Shape
from engine.search.policy.parameters import Adam
from engine.search.policy.policy_gradient import Episode, PolicyGradient
from engine.search.policy.rollout import Measured
from engine.space.decisions import Decision
from engine.space.operations import OPERATIONS, label
from engine.space.spaces import Space

BIAS, PRIOR = 10.0, 0.25
CONVOLUTIONS = {label(name) for name, one in OPERATIONS.items() if one.kind in ("separable", "dilated", "convolution")}
"""What pictures call the operations that are favoured, if any are."""


@SEARCHES.carries_out(EnasSettings)
class Enas(PolicyGradient):
    """Draws candidates, and after every so many results takes a step of REINFORCE.

    The reward is the score / 100 and, by its weight, the entropy of the sequence. The baseline moves with each reward
    before that is compared to it, as in the authors' code; there it begins with 0, here with the first reward, since a
    short search does not outlive a wrong beginning. Skips are held to their target by the Kullback-Leibler divergence
    of the probability with which they are drawn (in the authors' code, that of half its logit), averaged over layers.

    Inputs are answered by attention, and what the next step reads is their anchor. Decisions are made in the order in
    which the space asks. The authors' controller for the micro space differs in the order of things:

    - Both inputs of a node come before its operations.
    - A node's anchor is the hidden vector of a step more, which reads the last operation; here of its last decision.
    - A node's first step reads the learnt vector with which all begins; here what the decision before it gave.
    - The anchors of k-2 and k-1 are learnt vectors here. There, attention sees the hidden vectors of two steps before
      the first node, and a step that follows the choice of k-2 or k-1 is fed zeros.

    The last `derive` candidates of a search that knows its number of evaluations are drawn for the result, with the
    weights as they are by then; nothing is learnt from them.
    """

    def __init__(self, settings: EnasSettings, space: Space, rng: random.Random) -> None:
        controller = Controller(shape(settings, space), rng)
        adam = Adam(controller.weights, settings.lr, betas=(0.0, 0.999), eps=1e-3)
        super().__init__(settings, space, rng, controller, adam, settings.aggregates)
        self._deriving = False

    def remaining(self, evaluations: int) -> None:
        if not self._deriving and evaluations <= self._settings.derive:
            self.note(Line(f"from here on nothing is learnt: the best of {evaluations} draws is the result"))
        self._deriving = evaluations <= self._settings.derive

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`. Raises NothingFits as the base does."""
        if not self._deriving:
            return super().ask(candidate)
        self._under_way[candidate] = None
        return Proposal(self.draw(), origin="derived")

    def state(self) -> dict[str, Any]:
        return {**super().state(), "deriving": self._deriving}

    def load(self, state: dict[str, Any]) -> None:
        super().load(state)
        self._deriving = state["deriving"]

    def _improve(self, episodes: Sequence[Episode], rewards: Sequence[float]) -> list[Scalar]:
        entropies = [sum(episode.drawn.entropies()) for episode in episodes]
        rewards = [
            reward + self._settings.entropy * entropy for reward, entropy in zip(rewards, entropies, strict=True)
        ]
        advantages, self._baseline = compared(rewards, self._baseline, self._settings.baseline_decay)
        found = self._controller.measure([episode.script for episode in episodes])
        gains = found.log_probs.sum(1) * torch.tensor(advantages).to(found.log_probs)
        divergence = skip_divergence(found, self._settings.skip_target)
        loss = (self._settings.skip_weight * divergence - gains).mean()
        self._adam.step(self._controller.weights.gradient(loss))
        count = sum(len(episode.script.answers) for episode in episodes)
        entropy = Scalar("entropy", sum(entropies) / count, self._told, "nats")
        return [entropy, *self._skips(episodes, divergence.mean().item())]

    def _skips(self, episodes: Sequence[Episode], divergence: float) -> list[Scalar]:
        """How many of the possible skips were drawn, and how far that is from the target; nothing without skips."""
        skips = [
            answer
            for episode in episodes
            for decision, answer in zip(*episode.script, strict=True)
            if decision.kind == "skip"
        ]
        if not skips:
            return []
        rate = Scalar("skip rate", 100 * sum(skips) / len(skips), self._told, "%")
        return [rate, Scalar("skip divergence", divergence, self._told, "nats")]


def shape(settings: EnasSettings, space: Space) -> Shape:
    """The controller of these settings for a space."""
    constants = settings.bending(space.macro)
    return Shape(
        hidden=settings.units,
        layers=settings.layers,
        spread=settings.spread,
        attention=("input", "skip"),
        feed="anchors",
        temperature=constants.temperature,
        tanh=constants.operations,
        tanh_of={"input": constants.tanh, "skip": constants.tanh},
        two_sided=True,
        bias={("operation", name): BIAS for name in CONVOLUTIONS} if constants.favour_convolutions else {},
        prior=favouring if constants.favour_convolutions else lambda decision: None,
    )


def favouring(decision: Decision) -> list[float] | None:
    """What the authors' code adds to the logits of the normal cell's operations."""
    if decision.kind != "operation" or not decision.label.startswith("normal"):
        return None
    return [PRIOR if name in CONVOLUTIONS else -PRIOR for name in decision.choices]


def compared(rewards: Sequence[float], baseline: float | None, decay: float) -> tuple[list[float], float]:
    """How much more than the baseline each reward is, the baseline having moved by each before; and where it ends."""
    level = rewards[0] if baseline is None else baseline
    advantages = []
    for reward in rewards:
        level -= (1 - decay) * (level - reward)
        advantages.append(reward - level)
    return advantages, level


def skip_divergence(found: Measured, target: float) -> Tensor:
    """(B,): for each sequence KL(p ‖ target), p being the probability of a skip; summed over the skips of a layer,
    averaged over the layers that have any. 0 without skips."""
    skips = found.of_kind("skip")
    if not skips.any():
        return torch.zeros(len(found.scripts), dtype=found.policy.dtype)
    wanted = torch.tensor([1 - target, target], dtype=found.policy.dtype).log()
    each = (found.policy[..., :2].exp() * (found.policy[..., :2] - wanted)).sum(2)
    layers = [
        max(1, len({decision.state for decision in script.asked if decision.kind == "skip"}))
        for script in found.scripts
    ]
    return each.masked_fill(~skips, 0).sum(1) / torch.tensor(layers)
