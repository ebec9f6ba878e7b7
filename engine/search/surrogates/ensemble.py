"""PNAS's surrogates (Liu et al. 2018, section 4.3): an ensemble of LSTMs or MLPs that predicts scores, on the CPU.

The members are trained side by side in one batch of matrix products, each on its own share of the data.
"""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.nets.learning_rate import half_cosine
from engine.search.surrogates.encoding import NOTHING, Tokens, as_lists, from_lists, uniform

INIT = 0.1
"""Weights begin between ± this (section 4.3: uniform in ±0.1); biases at 0, that of the readout at `READOUT`."""
READOUT = 1.8
"""Bias of the readout at the start (section 4.3): the first predictions are of good accuracy, sigmoid(1.8) = 0.86."""
ROWS = 16384
"""Architectures predicted at a time."""


class Ensemble:
    """`members` nets of one kind; predictions lie in 0 .. 1.

    Args:
        kind: "mlp" (a block's embeddings side by side, the mean over blocks, two layers) or "lstm" (token by token).
        vocabulary: number of tokens, 0 (nothing) included.
        block: for the MLP, into which block and which place in it each token of a row falls: pairs of (block, place).
        embed, hidden: widths.
        generator: source of the weights and of every share and order of the data.
    """

    def __init__(
        self,
        kind: Literal["lstm", "mlp"],
        vocabulary: int,
        block: tuple[tuple[int, int], ...],
        embed: int,
        hidden: int,
        members: int,
        generator: torch.Generator,
    ) -> None:
        self._kind, self._members, self._generator = kind, members, generator
        self._blocks = 1 + max(one for one, _ in block)
        self._width = 1 + max(place for _, place in block)
        self._block, self._number = (torch.tensor(part) for part in zip(*block, strict=True))
        entering = embed if kind == "lstm" else embed * self._width
        shapes = {"embedding": (vocabulary, embed), "read": (hidden, 1)}
        if kind == "lstm":
            shapes |= {"in": (entering, 4 * hidden), "on": (hidden, 4 * hidden), "bias": (1, 4 * hidden)}
        else:
            shapes |= {"in": (entering, hidden), "bias": (1, hidden)}
            shapes |= {"on": (hidden, hidden), "on bias": (1, hidden)}
        self._weights = {
            name: uniform((members, *shape), INIT if "bias" not in name else 0.0, generator)
            for name, shape in shapes.items()
        }
        self._weights["read bias"] = torch.full((members, 1, 1), READOUT)

    def forward(self, tokens: Tokens) -> Tensor:
        """Predictions (members, rows) for tokens (rows, places)."""
        net = self._weights
        hidden = self._lstm(tokens) if self._kind == "lstm" else self._mlp(tokens)
        return torch.sigmoid(torch.baddbmm(net["read bias"], hidden, net["read"]))[..., 0]

    def fit(self, tokens: Tokens, scores: NDArray[np.float64], rate: float, steps: int, batch: int) -> float:
        """Train on scores in 0 .. 1, each member on all rows but its share of them; returns the last L1 loss.

        Goes on from the weights that there are, with a learning rate that falls to 0 in a cosine.
        """
        targets, count = torch.tensor(scores, dtype=torch.float32), len(tokens)
        share = torch.ones(self._members, count)
        if self._members > 1 and count >= self._members:
            left_out = torch.randperm(count, generator=self._generator) % self._members
            share[left_out, torch.arange(count)] = 0.0
        weights = list(self._weights.values())
        for weight in weights:
            weight.requires_grad_(True)
        optimizer = torch.optim.Adam(weights, lr=rate, foreach=True)
        parts = self._batches(count, batch)
        loss = 0.0
        for step in range(steps):
            part = next(parts)
            optimizer.param_groups[0]["lr"] = half_cosine(step, steps, rate)
            optimizer.zero_grad(set_to_none=True)
            wrong = (self.forward(tokens[part.numpy()]) - targets[part]).abs() * share[:, part]
            # Each member has a loss, a mean, of its own; their sum has the gradients of all.
            losses = wrong.sum(1) / share[:, part].sum(1).clamp_min(1.0)
            losses.sum().backward()
            optimizer.step()
            if step == steps - 1:
                loss = float(losses.detach().mean())
        for weight in weights:
            weight.requires_grad_(False)
        return loss

    @torch.no_grad()
    def predict(self, tokens: Tokens) -> NDArray[np.float64]:
        """What each member expects of each row: (members, rows)."""
        starts = range(0, len(tokens), ROWS)
        parts = [self.forward(tokens[at : at + ROWS]) for at in starts]
        return torch.cat(parts, 1).double().numpy() if parts else np.empty((self._members, 0))

    def state(self) -> dict[str, Any]:
        """All weights as plain numbers."""
        return as_lists(self._weights)

    def load(self, state: dict[str, Any]) -> None:
        """Take over the weights of `state`."""
        self._weights = from_lists(state, self._weights)

    def _batches(self, count: int, batch: int) -> Iterator[Tensor]:
        """Parts of the data without end: all of it, or in random order as often as it takes."""
        while True:
            if count <= batch:
                yield torch.arange(count)
            else:
                yield from torch.randperm(count, generator=self._generator).split(batch)

    def _lstm(self, tokens: Tokens) -> Tensor:
        """The hidden state after the last token of each row; rows that begin alike are computed together."""
        net = self._weights
        entering = torch.baddbmm(net["bias"], net["embedding"], net["in"])  # one row for every token there is
        hidden = cell = entering.new_zeros(self._members, 1, net["on"].shape[1])
        whose = np.zeros(len(tokens), np.int64)  # for each row, which of the beginnings so far is its own
        for column in tokens.T:
            beginnings, whose = np.unique(whose * len(entering[0]) + column, return_inverse=True)
            before, token = (torch.from_numpy(part) for part in np.divmod(beginnings, len(entering[0])))
            hidden, cell = hidden[:, before], cell[:, before]
            gates = torch.baddbmm(entering[:, token], hidden, net["on"])
            enter, forget, leave = torch.sigmoid(gates[..., : 3 * hidden.shape[2]]).chunk(3, 2)
            new = forget * cell + enter * torch.tanh(gates[..., 3 * hidden.shape[2] :])
            there = (token != NOTHING)[None, :, None]
            hidden = torch.where(there, leave * torch.tanh(new), hidden)
            cell = torch.where(there, new, cell)
        return hidden[:, torch.from_numpy(whose)]

    def _mlp(self, tokens: Tokens) -> Tensor:
        """Two layers on the mean of the blocks that a row has."""
        net = self._weights
        rows = torch.from_numpy(tokens.astype(np.int64))
        known = (rows != NOTHING).float()
        blocks = known.new_zeros(len(rows), self._blocks).index_add(1, self._block, known).count_nonzero(1)
        # What the first layer makes of every token in every place of a block, so that the mean is a sum of table rows.
        width, hidden = self._width, net["on"].shape[2]
        places = net["in"].view(self._members, width, -1, hidden)
        table = torch.einsum("mve,mweh->mwvh", net["embedding"], places).flatten(1, 2)
        at = self._number * net["embedding"].shape[1] + rows
        total = (table[:, at] * known[:, :, None]).sum(2) / blocks.clamp_min(1)[:, None]
        first = torch.relu(total + net["bias"])
        return torch.relu(torch.baddbmm(net["on bias"], first, net["on"]))
