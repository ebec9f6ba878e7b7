"""The plainest controller: a softmax of its own for every question, independent of the answers before it."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from engine.search.policy.parameters import Weights
from engine.search.policy.rollout import (
    Choose,
    Drawn,
    Measured,
    Script,
    at_random,
    measured,
    most_probable,
    softmax,
)
from engine.space.decisions import Decision, Decisions, DecisionSpace


class Table:
    """Speaks like `controller.Controller`. A question is known by its place in the sequence and its kind.

    Choices that have not been met yet have logit 0, so that all are equally likely at first.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.weights = Weights({"logits": torch.zeros(0)})
        self._rows: dict[tuple[int, str, str], int] = {}

    def sample(self, space: DecisionSpace) -> Drawn:
        """A sequence, each answer drawn with the probability that it has. Limits of the space are not looked at."""
        return self._walk(space, at_random(self._rng, space))

    def greedy(self, space: DecisionSpace) -> Drawn:
        """The sequence of the most probable answers."""
        return self._walk(space, most_probable)

    def measure(self, scripts: Sequence[Script]) -> Measured:
        """Probabilities of given sequences, which may be of different spaces."""
        rows = [[self._found(place, asked) for place, asked in enumerate(script.asked)] for script in scripts]
        width = max(map(len, rows))
        choices = np.ones((len(rows), width), np.int64)
        places = np.zeros((len(rows), width, max(len(found) for row in rows for found in row)), np.int64)
        for number, row in enumerate(rows):
            for place, found in enumerate(row):
                choices[number, place] = len(found)
                places[number, place, : len(found)] = found
        return measured(scripts, self.weights["logits"][torch.from_numpy(places)], choices)

    def state(self) -> dict[str, Any]:
        """Weights, and what stands beside them, as plain JSON."""
        return {"weights": self.weights.state(), "rows": [list(row) for row in self._rows]}

    def load(self, state: dict[str, Any]) -> None:
        """Be as `state` was taken."""
        self.weights.load(state["weights"])
        self._rows = {(place, kind, name): row for row, (place, kind, name) in enumerate(state["rows"])}

    def _found(self, place: int, decision: Decision) -> list[int]:
        """The rows of a decision's choices; new ones for those that are new."""
        keys = [(place, decision.kind, name) for name in decision.choices]
        fresh = [key for key in keys if key not in self._rows]
        if fresh:
            self._rows |= {key: len(self._rows) + more for more, key in enumerate(fresh)}
            self.weights.lengthen("logits", torch.zeros(len(fresh)))
        return [self._rows[key] for key in keys]

    def _walk(self, space: DecisionSpace, choose: Choose) -> Drawn:
        asked: list[Decision] = []
        answers: Decisions = ()
        probabilities = []
        logits = self.weights.vector.tolist()
        while decision := space.next(answers):
            rows = self._found(len(asked), decision)
            given = softmax([logits[row] if row < len(logits) else 0.0 for row in rows])
            asked.append(decision)
            answers = (*answers, choose(given))
            probabilities.append(tuple(given))
        return Drawn(Script(tuple(asked), answers), tuple(probabilities))
