"""An autoregressive controller: an LSTM that answers the questions of any space one after the other.

It knows a space by its questions alone. Every choice it meets has, by its kind and its name, a row in a table of
embeddings and a row in a table of softmax weights, made when it first occurs; so it goes from a space to a larger one
without forgetting. A choice that points at a state may be answered by attention to the *anchor* of that state, the
hidden vector of the last step that was about it.
"""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.search.policy.batch import Batch
from engine.search.policy.controller_config import SET, Fed, Shape
from engine.search.policy.parameters import Weights
from engine.search.policy.rollout import Choose, Drawn, Measured, Script, at_random, measured, most_probable, softmax
from engine.space.decisions import Decision, Decisions, DecisionSpace

__all__ = ["Controller", "Shape"]

START = ("", "")


class Controller:
    """See the module. All that is random comes from `rng`; its state is not part of the controller's.

    `weights` are for an optimizer (`policy.weights.Adam`): `weights.gradient(loss)` of any loss made of `measure`.
    """

    def __init__(self, shape: Shape, rng: random.Random, dtype: torch.dtype = torch.float32) -> None:
        self.shape, self._rng, self._dtype = shape, rng, dtype
        size = shape.hidden
        lstm = {
            f"{name} {layer}": self._uniform(4 * size, *wide)
            for layer in range(shape.layers)
            for name, wide in (("input", (size,)), ("recurrent", (size,)), ("input bias", ()), ("recurrent bias", ()))
        }
        self._names = tuple(lstm)
        self.weights = Weights(
            {
                **lstm,
                "previous": self._uniform(size, size),
                "current": self._uniform(size, size),
                "attention": self._uniform(size),
                "embedding": self._uniform(1, size),  # its first row is what the first step reads
                "head": self._uniform(1, size),
                "bias": self._uniform(1),
                "states": self._uniform(0, size),
            }
        )
        self._tokens: dict[tuple[str, str], int] = {START: 0}
        self._states: dict[int, int] = {}

    def sample(self, space: DecisionSpace) -> Drawn:
        """A sequence, each answer drawn with the probability that it has. Limits of the space are not looked at."""
        return self._walk(space, at_random(self._rng, space))

    def greedy(self, space: DecisionSpace) -> Drawn:
        """The sequence of the most probable answers."""
        return self._walk(space, most_probable)

    def measure(self, scripts: Sequence[Script]) -> Measured:
        """Probabilities of given sequences (see `policy.sequences.read`), which may be of different spaces."""
        plan = Batch(self, scripts)
        weights = self.weights
        inputs = plan.tokens(len(self._tokens), self._dtype) @ weights["embedding"]
        hidden = self._stepwise(inputs, plan) if plan.anchored else self._lstm(inputs)
        rows = hidden.reshape(-1, self.shape.hidden)
        found = [(rows @ weights["head"].T + weights["bias"]).flatten()]
        if plan.pairs:
            row, anchor = torch.tensor(plan.pairs).T
            anchors = torch.cat([rows, weights["states"]]) @ weights["previous"].T
            scores = torch.tanh(anchors[anchor] + (rows @ weights["current"].T)[row]) @ weights["attention"]
            found += [scores, -scores]
        logits = torch.cat([*found, torch.zeros(1, dtype=self._dtype)])[plan.places(len(self._tokens))]
        return measured(scripts, plan.bent(logits), plan.choices)

    def state(self) -> dict[str, Any]:
        """Weights, and what stands beside them, as plain JSON."""
        return {
            "weights": self.weights.state(),
            "tokens": [list(token) for token in self._tokens],
            "states": list(self._states),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Be as `state` was taken, by a controller of the same shape."""
        self.weights.load(state["weights"])
        self._tokens = {(kind, name): row for row, (kind, name) in enumerate(state["tokens"])}
        self._states = {number: row for row, number in enumerate(state["states"])}

    # What batches and walks share

    def token(self, decision: Decision, choice: int) -> int:
        """The row of a choice in the tables; a new one for one that is new. Skips are called by what they point at."""
        ref = decision.refs[choice]
        key = decision.kind, decision.choices[choice] if decision.kind != SET or ref is None else f"from {ref}"
        if key not in self._tokens:
            self._tokens[key] = len(self._tokens)
            self.weights.lengthen("embedding", self._uniform(1, self.shape.hidden))
            self.weights.lengthen("head", self._uniform(1, self.shape.hidden))
            bias = torch.tensor([self.shape.bias[key]]) if key in self.shape.bias else self._uniform(1)
            self.weights.lengthen("bias", bias)
        return self._tokens[key]

    def resting(self, state: int) -> int:
        """The row of the learnt anchor of a state that no decision is about, such as an input of a cell."""
        if state not in self._states:
            self._states[state] = len(self._states)
            self.weights.lengthen("states", self._uniform(1, self.shape.hidden))
        return self._states[state]

    def fed(self, step: Sequence[tuple[Decision, int]]) -> list[Fed]:
        """What the answers of a step give to the next one."""
        several = step[0][0].kind == SET and SET in self.shape.attention
        chosen = [pair for pair in step if not several or pair[0].refs[pair[1]] is not None]
        weight = 1 / (1 + len(chosen)) if several else 1.0
        found = []
        for decision, answer in chosen:
            ref = decision.refs[answer]
            if ref is not None and self.shape.feed == "anchors" and self.shape.attends(decision):
                found.append(Fed(-1, ref, weight))
            else:
                found.append(Fed(self.token(decision, answer), -1, weight))
        return found

    # One after the other

    @torch.no_grad()
    def _walk(self, space: DecisionSpace, choose: Choose) -> Drawn:
        asked: list[Decision] = []
        answers: Decisions = ()
        probabilities = []
        zero = torch.zeros(1, self.shape.hidden, dtype=self._dtype)
        memory = [(zero, zero)] * self.shape.layers
        anchors: dict[int, Tensor] = {}
        incoming = [Fed(0, -1, 1.0)]
        decision = space.next(())
        while decision is not None:
            # One step of the LSTM answers one question or, where the published controller decides several things from
            # one hidden state (`joins`), a few of them; only then is what was decided fed back.
            hidden = self._advance(self._input(incoming, anchors), memory)
            heads: list[float] = []
            begin = len(asked)
            while decision is not None and (len(asked) == begin or self.shape.joins(decision, asked[-1])):
                if self.shape.attends(decision):
                    logits = self._by_attention(decision, hidden, anchors)
                else:
                    tokens = [self.token(decision, choice) for choice in range(len(decision.choices))]
                    heads = heads or torch.addmv(self.weights["bias"], self.weights["head"], hidden[0]).tolist()
                    logits = [heads[token] for token in tokens]
                given = softmax(self._bent(decision, logits))
                asked.append(decision)
                answers = (*answers, choose(given))
                probabilities.append(tuple(given))
                decision = space.next(answers)
            if (state := asked[-1].state) is not None:
                anchors[state] = hidden
            incoming = self.fed(list(zip(asked[begin:], answers[begin:], strict=True)))
        return Drawn(Script(tuple(asked), answers), tuple(probabilities))

    def _input(self, incoming: list[Fed], anchors: Mapping[int, Tensor]) -> Tensor:
        """(1, hidden): what a step reads."""
        total = torch.zeros(1, self.shape.hidden, dtype=self._dtype)
        for token, anchor, weight in incoming:
            row = self._anchor(anchor, anchors) if token < 0 else self.weights["embedding"][token : token + 1]
            total = row if weight == 1 else total.add(row, alpha=weight)
        return total

    def _anchor(self, state: int, anchors: Mapping[int, Tensor]) -> Tensor:
        if state in anchors:
            return anchors[state]
        row = self.resting(state)
        return self.weights["states"][row : row + 1]

    def _advance(self, inputs: Tensor, memory: list[tuple[Tensor, Tensor]]) -> Tensor:
        """One step of all layers for (B, hidden), whose memory is replaced. Returns the last layer's hidden vectors."""
        for layer in range(self.shape.layers):
            weights = [self.weights[name] for name in self._names[4 * layer : 4 * layer + 4]]
            memory[layer] = torch.lstm_cell(inputs, memory[layer], *weights)
            inputs = memory[layer][0]
        return inputs

    def _by_attention(self, decision: Decision, hidden: Tensor, anchors: Mapping[int, Tensor]) -> list[float]:
        refs = [ref for ref in decision.refs if ref is not None]
        rows = torch.cat([self._anchor(ref, anchors) for ref in refs])
        weights = self.weights
        sums = rows @ weights["previous"].T + hidden @ weights["current"].T
        scores = dict(zip(refs, (torch.tanh(sums) @ weights["attention"]).tolist(), strict=True))
        other = -scores[refs[0]] if self.shape.two_sided else 0.0
        return [other if ref is None else scores[ref] for ref in decision.refs]

    def _bent(self, decision: Decision, logits: list[float]) -> list[float]:
        constant, heat = self.shape.tanh_of.get(decision.kind, self.shape.tanh), self.shape.temperature
        if constant:
            logits = [constant * math.tanh(logit / heat) for logit in logits]
        elif heat != 1:
            logits = [logit / heat for logit in logits]
        if prior := self.shape.prior(decision):
            logits = [logit + more for logit, more in zip(logits, prior, strict=True)]
        return logits

    # Many at once

    def _lstm(self, inputs: Tensor) -> Tensor:
        """Hidden vectors (B, T, hidden) of the last layer for all inputs at once."""
        zeros = torch.zeros(self.shape.layers, len(inputs), self.shape.hidden, dtype=self._dtype)
        weights = [self.weights[name] for name in self._names]
        outputs, _, _ = torch.lstm(
            inputs, (zeros, zeros), weights, True, self.shape.layers, 0.0, False, False, batch_first=True
        )
        return outputs

    def _stepwise(self, inputs: Tensor, plan: Batch) -> Tensor:
        """The same, where steps read the hidden vectors of earlier ones, too."""
        batch, steps, size = inputs.shape
        earlier, resting = plan.reading(len(self._states), self._dtype)
        inputs = inputs + resting @ self.weights["states"]
        zero = torch.zeros(batch, size, dtype=self._dtype)
        memory = [(zero, zero)] * self.shape.layers
        hidden: list[Tensor] = []
        for step in range(steps):
            now = inputs[:, step]
            if hidden:
                now = now + (earlier[:, step, :step, None] * torch.stack(hidden, 1)).sum(1)
            hidden.append(self._advance(now, memory))
        return torch.stack(hidden, 1)

    def _uniform(self, *shape: int) -> Tensor:
        generator = torch.Generator().manual_seed(self._rng.getrandbits(63))
        spread = self.shape.spread
        return torch.empty(shape, dtype=self._dtype).uniform_(-spread, spread, generator=generator)
