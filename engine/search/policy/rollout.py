"""Sequences of decisions as a controller draws and measures them."""

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from engine.space.decisions import Decision, Decisions, DecisionSpace

CLOSED = -1e9
"""The logit of what is not among the choices. It is finite, so that it may be multiplied by its probability, zero."""

LEAST = 1e-12
"""The probability that a choice keeps which the controller has given up, and which alone leads on."""

Choose: TypeAlias = Callable[[list[float]], int]
"""Takes one of the choices, given the probability of each."""


class Script(NamedTuple):
    """A whole sequence: the questions and their answers."""

    asked: tuple[Decision, ...]
    answers: Decisions


class Drawn(NamedTuple):
    """A sequence that a controller drew, and for each decision the probabilities that it drew from."""

    script: Script
    probabilities: tuple[tuple[float, ...], ...]

    @property
    def decisions(self) -> Decisions:
        return self.script.answers

    def log_probs(self) -> list[float]:
        """Of each answer, in nats."""
        return [math.log(given[answer]) for given, answer in zip(self.probabilities, self.decisions, strict=True)]

    def entropies(self) -> list[float]:
        """Of each decision, in nats."""
        return [-sum(p * math.log(p) for p in given if p > 0) for given in self.probabilities]


class Measured(NamedTuple):
    """What a controller says of B sequences of up to D decisions with up to K choices, with gradients.

    Attributes:
        scripts: the sequences.
        policy: (B, D, K) log-probability of every choice, given the answers before it; about -1e9 where there is none.
        log_probs: (B, D) of the answers; 0 after the end of a sequence.
        entropies: (B, D) in nats; 0 after the end of a sequence.
    """

    scripts: Sequence[Script]
    policy: Tensor
    log_probs: Tensor
    entropies: Tensor

    def of_kind(self, kind: str) -> Tensor:
        """(B, D) bool: the decisions of one kind."""
        width = self.log_probs.shape[1]
        rows = [[decision.kind == kind for decision in script.asked] for script in self.scripts]
        return torch.tensor([row + [False] * (width - len(row)) for row in rows])


def read(space: DecisionSpace, decisions: Decisions) -> Script:
    """The sequence with its questions. Raises OutsideSpace unless it is one of the space's."""
    return Script(tuple(space.questions(decisions)), decisions)


def measured(scripts: Sequence[Script], logits: Tensor, choices: np.ndarray) -> Measured:
    """From logits (B, D, K) and the number of choices (B, D) of each decision, 1 after the end of a sequence."""
    answers = np.zeros(choices.shape, np.int64)
    for row, script in enumerate(scripts):
        answers[row, : len(script.answers)] = script.answers
    there = torch.from_numpy(np.arange(logits.shape[2]) < choices[..., None])
    policy = logits.masked_fill(~there, CLOSED).log_softmax(2)
    log_probs = policy.gather(2, torch.from_numpy(answers)[..., None]).squeeze(2)
    return Measured(scripts, policy, log_probs, -(policy.exp() * policy).sum(2))


def softmax(logits: Sequence[float]) -> list[float]:
    """The probabilities of a few choices."""
    most = max(logits)
    powers = [math.exp(logit - most) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def at_random(rng: random.Random, space: DecisionSpace) -> Choose:
    """Each choice with its probability; of a space that is known in part, among those that lead to what is known.
    Nothing is drawn where there is only one."""
    known, made = space.known, list[int]()

    def within(probabilities: list[float]) -> int:
        assert known is not None
        ways = [known.reaches((*made, choice)) for choice in range(len(probabilities))]
        likely = [max(given, LEAST) if way else 0.0 for given, way in zip(probabilities, ways, strict=True)]
        total = sum(likely)
        made.append(choose([given / total for given in likely]))
        return made[-1]

    def choose(probabilities: list[float]) -> int:
        last = len(probabilities) - 1
        if not last:
            return 0
        point = rng.random()
        for choice, probability in enumerate(probabilities):
            point -= probability
            if point < 0 and probability:
                return choice
        return max(range(last + 1), key=probabilities.__getitem__)

    return within if known else choose


def most_probable(probabilities: list[float]) -> int:
    """The choice with the highest probability, the first of equals."""
    return max(range(len(probabilities)), key=probabilities.__getitem__)
