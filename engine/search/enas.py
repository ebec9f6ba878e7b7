"""ENAS: a controller that learns from scores with shared weights, which learn what it draws (Pham et al. 2018)."""

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.plan.methods.enas import EnasSettings
from engine.search.controller import Controller, Shape
from engine.search.notes import Line, Note, Scalar
from engine.search.policy.gradient import TRIES, standing
from engine.search.policy.sequences import Drawn, Measured, Script, read
from engine.search.policy.weights import Adam
from engine.search.proposal import Proposal, generator_state, set_generator
from engine.space.decisions import Decision, Decisions
from engine.space.limits import NothingFits
from engine.space.operations import OPERATIONS, label
from engine.space.spaces import Space

ADAM = {"betas": (0.0, 0.999), "eps": 1e-3}
BIAS, PRIOR = 10.0, 0.25
CONVOLUTIONS = {label(name) for name, one in OPERATIONS.items() if one.kind in ("separable", "dilated", "convolution")}
"""What pictures call the operations that `favour_convolutions` favours."""


class Episode(NamedTuple):
    """A sequence that was drawn, and its entropy (nats) at that time."""

    script: Script
    entropy: float


class Enas:
    """Draws candidates, and after every so many results takes a step of REINFORCE.

    The reward is the score / 100 and, by its weight, the entropy of the sequence. The baseline moves with each reward
    before that is compared to it, as in the authors' code; there it begins with 0, here with the first reward, since a
    short search does not outlive a wrong beginning. Skips are held to their target by the Kullback-Leibler divergence
    of the probability with which they are drawn (in the authors' code, that of half its logit), averaged over layers.

    Inputs are answered by attention, and what the next step reads is their anchor. Decisions are made in the order in
    which the space asks; in the authors' code, both inputs of a node come before its operations.

    Results may be told in any order. A candidate that failed counts as the worst so far, and as nothing before there is
    one. What people hand in is not learnt from. The last `derive` candidates of a search that knows its number of
    evaluations are drawn for the result, with the weights as they are by then; nothing is learnt from them.
    """

    def __init__(self, settings: EnasSettings, space: Space, rng: random.Random) -> None:
        self._settings, self._space, self._rng = settings, space, rng
        self._controller = Controller(shape(settings), rng)
        self._adam = Adam(self._controller.weights, settings.lr, **ADAM)  # type: ignore[arg-type]
        self._told = 0
        self._deriving = False
        self._baseline: float | None = None
        self._worst: float | None = None
        self._under_way: dict[int, Episode | None] = {}
        self._minibatch: list[tuple[Episode, float]] = []
        self._notes: list[Note] = []

    def remaining(self, evaluations: int) -> None:
        """Hear, before a candidate is asked for, how many there will be with it."""
        if not self._deriving and evaluations <= self._settings.derive:
            self._notes.append(Line(f"from here on nothing is learnt: the best of {evaluations} draws is the result"))
        self._deriving = evaluations <= self._settings.derive

    def ask(self, candidate: int) -> Proposal:
        """The architecture to score as number `candidate`.

        Raises:
            NothingFits: the controller draws practically nothing within the limits of the space.
        """
        drawn = self._drawn()
        self._under_way[candidate] = None if self._deriving else Episode(drawn.script, sum(drawn.entropies()))
        return Proposal(drawn.decisions, origin="derived" if self._deriving else "sampled")

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
        share = self._worst if score is None or math.isnan(score) else score / 100
        if share is not None:
            self._worst = share if self._worst is None else min(share, self._worst)
            self._minibatch.append((episode, share))
        if len(self._minibatch) == self._settings.aggregates:
            self._learn()
        return ()

    def draw(self) -> Decisions:
        """An architecture from the controller as it is, to train shared weights with."""
        return self._drawn().decisions

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
            "told": self._told,
            "deriving": self._deriving,
            "baseline": self._baseline,
            "worst": self._worst,
            "under way": [[number, episode and _kept(episode)] for number, episode in self._under_way.items()],
            "minibatch": [[_kept(episode), share] for episode, share in self._minibatch],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, with the same settings and space."""
        set_generator(self._rng, state["rng"])
        self._controller.load(state["controller"])
        self._adam.steps = state["adam steps"]
        self._told, self._deriving = state["told"], state["deriving"]
        self._baseline, self._worst = state["baseline"], state["worst"]
        self._under_way = {number: kept and self._episode(kept) for number, kept in state["under way"]}
        self._minibatch = [(self._episode(kept), share) for kept, share in state["minibatch"]]

    def _drawn(self) -> Drawn:
        for _ in range(TRIES):
            drawn = self._controller.sample(self._space)
            if self._space.admits(drawn.decisions):
                return drawn
        wanted = " and ".join(map(str, self._space.limits))
        raise NothingFits(f"none of {TRIES:,} architectures that the controller drew has {wanted}; widen the limits")

    def _learn(self) -> None:
        """One step on a full minibatch."""
        episodes, shares = zip(*self._minibatch, strict=True)
        self._minibatch = []
        rewards = [
            share + self._settings.entropy * episode.entropy for episode, share in zip(episodes, shares, strict=True)
        ]
        advantages, self._baseline = compared(rewards, self._baseline, self._settings.baseline_decay)
        found = self._controller.measure([episode.script for episode in episodes])
        gains = found.log_probs.sum(1) * torch.tensor(advantages).to(found.log_probs)
        divergence = skip_divergence(found, self._settings.skip_target)
        loss = (self._settings.skip_weight * divergence - gains).mean()
        self._adam.step(self._controller.weights.gradient(loss))
        self._report(episodes, shares, divergence.mean().item())

    def _report(self, episodes: Sequence[Episode], shares: Sequence[float], divergence: float) -> None:
        """Notes after a step: its numbers, and how the controller stands to what it would build now."""
        step, count = self._told, sum(len(episode.script.answers) for episode in episodes)
        self._notes += [
            Scalar("reward", sum(shares) / len(shares), step),
            Scalar("baseline", self._baseline or 0.0, step),
            Scalar("entropy", sum(episode.entropy for episode in episodes) / count, step, "nats"),
        ]
        skips = [
            answer
            for episode in episodes
            for decision, answer in zip(*episode.script, strict=True)
            if decision.kind == "skip"
        ]
        if skips:
            rate = 100 * sum(skips) / len(skips)
            self._notes += [Scalar("skip rate", rate, step, "%"), Scalar("skip divergence", divergence, step, "nats")]
        self._notes += standing(self._controller.greedy(self._space), step)

    def _episode(self, kept: list[Any]) -> Episode:
        decisions, entropy = kept
        return Episode(read(self._space, tuple(decisions)), entropy)


def shape(settings: EnasSettings) -> Shape:
    """The controller of these settings."""
    return Shape(
        hidden=settings.units,
        layers=settings.layers,
        spread=settings.spread,
        attention=("input", "skip"),
        feed="anchors",
        temperature=settings.temperature,
        tanh=settings.tanh / settings.tanh_reduction,
        tanh_of={"input": settings.tanh, "skip": settings.tanh},
        two_sided=True,
        bias={("operation", name): BIAS for name in CONVOLUTIONS} if settings.favour_convolutions else {},
        prior=favouring if settings.favour_convolutions else lambda decision: None,
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


def _kept(episode: Episode) -> list[Any]:
    return [list(episode.script.answers), episode.entropy]
