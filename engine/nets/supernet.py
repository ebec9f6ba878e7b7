"""The network that holds every cell of a space at once, with an architecture weight per edge and operation."""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

import torch
from torch import Tensor, nn

from engine.nets.operations import build
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

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Supernet":
        """What `to`, `double` and their like do to a module, done to the architecture weights, too."""
        super()._apply(fn, recurse)
        self.alphas = [fn(alpha.detach()).requires_grad_() for alpha in self.alphas]
        return self


class SearchCell(nn.Module):
    """A cell in which each node takes every earlier state through a mixed edge; its output concatenates all nodes."""

    def __init__(
        self, space: DartsSpace, before: int, last: int, channels: int, reduces: bool, after_reduction: bool
    ) -> None:
        super().__init__()
        self.before, self.last = preprocess(before, last, channels, after_reduction, affine=False)
        self.sources = [[source for _, source in edges] for _, edges in groupby(space.edges(), key=itemgetter(0))]
        self.edges = nn.ModuleList(
            MixedEdge(space.operations, channels, 2 if reduces and source < 2 else 1) for _, source in space.edges()
        )

    def forward(self, before: Tensor, last: Tensor, rows: Sequence[Tensor]) -> Tensor:
        """`rows`: for each edge, the weights of its operations."""
        states = [self.before(before), self.last(last)]
        edges = zip(self.edges, rows, strict=True)
        for sources in self.sources:
            total: Tensor | None = None
            for source, (edge, row) in zip(sources, edges, strict=False):  # takes from `edges` what this node has
                total = edge(states[source], row, total)
            assert total is not None
            states.append(total)
        return torch.cat(states[2:], 1)


class MixedEdge(nn.Module):
    """The weighted sum of all operations between two states.

    "none" adds nothing and has no module; it acts through the share of the softmax that it takes from the others.
    """

    def __init__(self, operations: Sequence[str], channels: int, stride: int) -> None:
        super().__init__()
        self.places = [place for place, name in enumerate(operations) if name != "none"]
        self.operations = nn.ModuleList(build(operations[at], channels, stride, affine=False) for at in self.places)

    def forward(self, x: Tensor, row: Tensor, total: Tensor | None) -> Tensor:
        """The edge's output for the state `x`, added to `total`."""
        shares = row.unbind()
        for place, operation in zip(self.places, self.operations, strict=True):
            y = operation(x)
            total = shares[place] * y if total is None else torch.addcmul(total, shares[place], y)
        assert total is not None
        return total
