"""The network that holds every cell of a space at once, with an architecture weight per edge and operation."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from engine.nets.operations import build
from engine.nets.shared_edges import SharedEdges
from engine.nets.skeleton import pooled, preprocess, stem
from engine.space.counts import STEM_FACTOR, reductions
from engine.space.darts import DartsSpace


class Supernet(nn.Module):
    """The search network of DARTS (Liu et al. 2019, eq. 2): on each edge, all operations, weighted by a softmax.

    `alphas` are two tensors (edges, operations), for the normal and for the reduction cells, with edges in the order of
    `space.edges()`. As in the published code they are no parameters of the module (`parameters()` are the weights
    alone), but they move with it. They begin as `alpha_init` times a standard normal draw.
    """

    def __init__(
        self,
        space: DartsSpace,
        channels: int,
        layers: int,
        classes: int,
        in_channels: int = 3,
        alpha_init: float = 1e-3,
    ) -> None:
        super().__init__()
        self.alphas = [
            (alpha_init * torch.randn(len(space.edges()), len(space.operations))).requires_grad_() for _ in space.cells
        ]
        self.stem = stem(in_channels, channels)
        self.cells = nn.ModuleList()
        before = last = STEM_FACTOR * channels
        after_reduction = False
        self.reductions = reductions(layers)
        for index in range(layers):
            reduces = index in self.reductions
            channels *= 2 if reduces else 1
            self.cells.append(SearchCell(space, before, last, channels, reduces, after_reduction))
            before, last, after_reduction = last, space.nodes * channels, reduces
        self.classifier = nn.Linear(last, classes)

    def weights(self) -> list[Tensor]:
        """The architecture weights of both cells: softmax over the operations of each edge, "none" included."""
        return [alpha.softmax(-1) for alpha in self.alphas]

    def forward(self, images: Tensor, weights: Sequence[Tensor] | None = None) -> Tensor:
        """Logits (N, classes). `weights` as from `weights()`, e.g. detached where no gradient of them is wanted."""
        normal, reduction = self.weights() if weights is None else weights
        rows = normal.unbind(), reduction.unbind()
        before = last = self.stem(images)
        for index, cell in enumerate(self.cells):
            before, last = last, cell(before, last, rows[index in self.reductions])
        logits: Tensor = self.classifier(pooled(last))
        return logits

    def operation_weights(self, cell: int, edge: int, operation: int) -> list[Tensor]:
        """The weights of one operation on one edge of one cell, as views of `parameters()`.

        They have the order and form that the operation's own module gives them (`engine.nets.operations.build`).
        """
        found = self.cells[cell]
        assert isinstance(found, SearchCell)
        return found.weights(edge, operation)

    @contextmanager
    def fixed(self) -> Iterator[None]:
        """Forward passes in here lead to gradients of the architecture weights alone, and keep less for them."""
        self.requires_grad_(False)
        try:
            yield
        finally:
            self.requires_grad_(True)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Supernet":
        """What `to`, `double` and their like do to a module, done to the architecture weights, too."""
        super()._apply(fn, recurse)
        self.alphas = [fn(alpha.detach()).requires_grad_() for alpha in self.alphas]
        return self


class SearchCell(nn.Module):
    """A cell in which each node takes every earlier state through a mixed edge; its output concatenates all nodes.

    The edges are computed by the state that they leave; see `SharedEdges`.
    """

    def __init__(
        self, space: DartsSpace, before: int, last: int, channels: int, reduces: bool, after_reduction: bool
    ) -> None:
        super().__init__()
        self.before, self.last = preprocess(before, last, channels, after_reduction, affine=False)
        edges = [
            [build(name, channels, 2 if reduces and source < 2 else 1, affine=False) for name in space.operations]
            for _, source in space.edges()
        ]
        self.nodes = [node for node, _ in space.edges()]
        sources = [source for _, source in space.edges()]
        self.leaving = [
            [edge for edge, source in enumerate(sources) if source == state] for state in range(max(sources) + 1)
        ]
        self.shared = nn.ModuleList(SharedEdges([edges[edge] for edge in leaving]) for leaving in self.leaving)

    def forward(self, before: Tensor, last: Tensor, rows: Sequence[Tensor]) -> Tensor:
        """`rows`: for each edge, the weights of its operations."""
        states = [self.before(before), self.last(last)]
        for state, (leaving, shared) in enumerate(zip(self.leaving, self.shared, strict=True)):
            outputs = shared(states[state], torch.stack([rows[edge] for edge in leaving]))
            for edge, output in zip(leaving, outputs, strict=True):
                place = 2 + self.nodes[edge]
                if place == len(states):
                    states.append(output)
                else:
                    states[place] = states[place] + output
        return torch.cat(states[2:], 1)

    def weights(self, edge: int, operation: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        for leaving, shared in zip(self.leaving, self.shared, strict=True):
            if edge in leaving:
                assert isinstance(shared, SharedEdges)
                return shared.weights(leaving.index(edge), operation)
        raise IndexError(f"there is no edge {edge}")
