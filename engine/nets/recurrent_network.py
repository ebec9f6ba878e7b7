"""Recurrent cells as torch modules, and the language model around them."""

from abc import abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.space.counts import LanguageModel, require_buildable
from engine.space.recurrent import RecurrentCell, TreeCell, TreeNode, branches

State = tuple[Tensor, ...]
"""What a cell hands on from word to word: vectors (N, hidden)."""

ACTIVATE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}
WORD_RANGE, CELL_RANGE = 0.1, 0.04
"""Weights begin uniform in ± this: words' vectors and cells, as in the published code of DARTS."""


class BuiltRecurrent(nn.Module):
    """A cell as a module: `forward(x, state)` takes vectors (N, hidden) to (output, next state)."""

    def __init__(self, hidden: int, states: int) -> None:
        super().__init__()
        self.hidden, self._states = hidden, states

    def start(self, batch: int) -> State:
        """The state before the first word: zeros."""
        parameter = next(self.parameters())
        return tuple(parameter.new_zeros(batch, self.hidden) for _ in range(self._states))

    @abstractmethod
    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]: ...


class StateChain(BuiltRecurrent):
    """The cell of DARTS and ENAS: gated steps from state to state (Liu et al. 2019, appendix A.1.2)."""

    def __init__(self, cell: RecurrentCell, hidden: int) -> None:
        super().__init__(hidden, states=1)
        self.cell = cell
        self.first = nn.Linear(2 * hidden, 2 * hidden, bias=False)
        self.steps = nn.ModuleList(nn.Linear(hidden, 2 * hidden, bias=False) for _ in cell.nodes)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        (before,) = state
        states = [_gated(before, self.first(torch.cat([x, before], 1)), self.cell.first)]
        for node, step in zip(self.cell.nodes, self.steps, strict=True):
            source = states[node.source]
            states.append(_gated(source, step(source), node.activation))
        output = torch.stack([states[place] for place in self.cell.concat]).mean(0)
        return output, (output,)


def _gated(source: Tensor, both: Tensor, activation: str) -> Tensor:
    """source + σ(c) ⊙ (f(h) − source), where `both` is c and h side by side."""
    gate, change = both.chunk(2, 1)
    return source + torch.sigmoid(gate) * (ACTIVATE[activation](change) - source)


class Tree(BuiltRecurrent):
    """The cell of NAS-RL (Zoph and Le 2017, section 3.4), whose state is (h, c)."""

    def __init__(self, cell: TreeCell, hidden: int) -> None:
        super().__init__(hidden, states=2)
        self.cell = cell
        # The leaves' matrices, one below the other.
        self.words = nn.Linear(hidden, cell.base * hidden, bias=False)
        self.outputs = nn.Linear(hidden, cell.base * hidden, bias=False)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        before, memory = state
        words, outputs = (part.chunk(self.cell.base, 1) for part in (self.words(x), self.outputs(before)))
        pairs = list(zip(words, outputs, strict=True))
        values: list[Tensor] = []
        written = memory
        for place, node in enumerate(self.cell.nodes):
            if place >= self.cell.base:
                left, right = branches(self.cell.base)[place - self.cell.base]
                pairs.append((values[left], values[right]))
            joined = _joined(node, *pairs[place])
            if place == self.cell.writes:
                written = joined
            value = ACTIVATE[node.activation](joined)
            if place == self.cell.reads:
                value = ACTIVATE[self.cell.inject.activation](_joined(self.cell.inject, value, memory))
            values.append(value)
        return values[-1], (values[-1], written)


def _joined(node: TreeNode, one: Tensor, other: Tensor) -> Tensor:
    return one + other if node.join == "add" else one * other


class LanguageNetwork(nn.Module):
    """Words to vectors, a recurrent cell, vectors to a number for each word that may come next.

    `forward` takes words (T, N), as numbers, and the state to begin with; it gives logits (T, N, words) and the state
    after the last word. Raises Unbuildable for a cell that is not sound.
    """

    def __init__(self, architecture: RecurrentCell | TreeCell, frame: LanguageModel) -> None:
        super().__init__()
        require_buildable(architecture, frame)
        self.vectors = nn.Embedding(frame.words, frame.hidden)
        self.cell: BuiltRecurrent = (
            Tree(architecture, frame.hidden)
            if isinstance(architecture, TreeCell)
            else StateChain(architecture, frame.hidden)
        )
        self.decoder = nn.Linear(frame.hidden, frame.words)
        for weight in self.cell.parameters():
            nn.init.uniform_(weight, -CELL_RANGE, CELL_RANGE)
        nn.init.uniform_(self.vectors.weight, -WORD_RANGE, WORD_RANGE)
        nn.init.uniform_(self.decoder.weight, -WORD_RANGE, WORD_RANGE)
        nn.init.zeros_(self.decoder.bias)
        if frame.tied:
            self.decoder.weight = self.vectors.weight

    def forward(self, words: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        state = self.cell.start(words.shape[1]) if state is None else state
        outputs = []
        for x in self.vectors(words):
            output, state = self.cell(x, state)
            outputs.append(output)
        return self.decoder(torch.stack(outputs)), state
