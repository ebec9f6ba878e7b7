"""Given sequences laid out for an autoregressive controller, so that all of them are measured at once."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engine.search.policy.controller_config import Fed, Shape
from engine.search.policy.rollout import Script
from engine.space.decisions import Decision


class Vocabulary(Protocol):
    """Where a controller keeps its rows: those of choices, of resting states, and what a step reads of them."""

    shape: Shape

    def token(self, decision: Decision, choice: int) -> int: ...

    def resting(self, state: int) -> int: ...

    def fed(self, step: Sequence[tuple[Decision, int]]) -> list[Fed]: ...


class Batch:
    """Where everything about some sequences is found: which rows their steps read, which scores their choices have.

    Steps are numbered through, B · T of them, sequence by sequence; anchors are steps, then resting states.
    """

    def __init__(self, controller: Vocabulary, scripts: Sequence[Script]) -> None:
        self._controller, self._scripts = controller, scripts
        self._step_of = [self._steps(script) for script in scripts]
        self.steps = max(steps[-1] + 1 for steps in self._step_of)
        self.width = max(len(script.asked) for script in scripts)
        self.most = max(len(decision.choices) for script in scripts for decision in script.asked)
        self.choices = np.ones((len(scripts), self.width), np.int64)
        self.pairs: list[tuple[int, int]] = []
        self._fed: list[tuple[int, int, Fed, int]] = []  # sequence, step, what, anchor or -1
        self._scored: list[tuple[int, int, int, int, int]] = []  # sequence, decision, choice, step or pair, token
        for number, script in enumerate(scripts):
            self._lay_out(number, script)
        self.anchored = any(fed.token < 0 for _, _, fed, _ in self._fed)

    def _steps(self, script: Script) -> list[int]:
        steps = [0]
        for before, decision in zip(script.asked, script.asked[1:], strict=False):
            steps.append(steps[-1] + (not self._controller.shape.joins(decision, before)))
        return steps

    def _lay_out(self, number: int, script: Script) -> None:
        controller, first = self._controller, number * self.steps
        anchors: dict[int, int] = {}
        step_of = self._step_of[number]
        members: list[tuple[Decision, int]] = []
        self._fed.append((number, 0, Fed(0, -1, 1.0), -1))
        for place, (decision, answer) in enumerate(zip(*script, strict=True)):
            step = step_of[place]
            if place and step != step_of[place - 1]:
                before = script.asked[place - 1].state
                if before is not None:
                    anchors[before] = first + step - 1
                for fed in controller.fed(members):
                    self._fed.append((number, step, fed, self._anchor(fed.anchor, anchors) if fed.token < 0 else -1))
                members = []
            members.append((decision, answer))
            self.choices[number, place] = len(decision.choices)
            self._score(number, place, first + step, decision, anchors)

    def _anchor(self, state: int, anchors: dict[int, int]) -> int:
        if state in anchors:
            return anchors[state]
        return len(self._scripts) * self.steps + self._controller.resting(state)

    def _score(self, number: int, place: int, row: int, decision: Decision, anchors: dict[int, int]) -> None:
        if not self._controller.shape.attends(decision):
            for choice in range(len(decision.choices)):
                self._scored.append((number, place, choice, row, self._controller.token(decision, choice)))
            return
        pair = len(self.pairs)
        for choice, ref in enumerate(decision.refs):
            if ref is not None:
                self._scored.append((number, place, choice, len(self.pairs), -1))
                self.pairs.append((row, self._anchor(ref, anchors)))
            elif self._controller.shape.two_sided:
                self._scored.append((number, place, choice, pair, -2))

    def tokens(self, rows: int, dtype: torch.dtype) -> Tensor:
        """(B, T, rows): how much of each embedding a step reads."""
        found = np.zeros((len(self._scripts), self.steps, rows))
        for number, step, fed, _ in self._fed:
            if fed.token >= 0:
                found[number, step, fed.token] += fed.weight
        return torch.from_numpy(found).to(dtype)

    def reading(self, resting: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """(B, T, T) and (B, T, resting): how much of each earlier step and of each resting state a step reads."""
        batch, steps = len(self._scripts), self.steps
        earlier, rest = np.zeros((batch, steps, steps)), np.zeros((batch, steps, resting))
        for number, step, fed, anchor in self._fed:
            if anchor >= batch * steps:
                rest[number, step, anchor - batch * steps] += fed.weight
            elif anchor >= 0:
                earlier[number, step, anchor - number * steps] += fed.weight
        return torch.from_numpy(earlier).to(dtype), torch.from_numpy(rest).to(dtype)

    def places(self, rows: int) -> Tensor:
        """(B, D, K): where the logit of a choice stands among the scores of all rows at all steps, of all pairs, of all
        pairs negated, and a zero.
        """
        # All scores lie in one vector, so that one gather takes them out, whatever kinds of question are mixed: choices
        # with a token from the head, skips from the attention of a pair of steps (and refusals from its negative), and
        # what is no choice at all from the zero at the end.
        plain, pairs = len(self._scripts) * self.steps * rows, len(self.pairs)
        found = np.full((len(self._scripts), self.width, self.most), plain + 2 * pairs)
        for number, place, choice, where, token in self._scored:
            found[number, place, choice] = (
                where * rows + token if token >= 0 else plain + where + (pairs if token == -2 else 0)
            )
        return torch.from_numpy(found)

    def bent(self, logits: Tensor) -> Tensor:
        """Temperature, tanh and priors, as the shape has them."""
        shape = self._controller.shape
        if shape.temperature != 1:
            logits = logits / shape.temperature
        constants, priors = np.zeros(self.choices.shape), np.zeros(logits.shape)
        for number, script in enumerate(self._scripts):
            for place, decision in enumerate(script.asked):
                constants[number, place] = shape.tanh_of.get(decision.kind, shape.tanh)
                if prior := shape.prior(decision):
                    priors[number, place, : len(prior)] = prior
        if constants.any():
            constant = torch.from_numpy(constants).to(logits)[..., None]
            logits = torch.where(constant > 0, constant * torch.tanh(logits), logits)
        return logits + torch.from_numpy(priors).to(logits) if priors.any() else logits
