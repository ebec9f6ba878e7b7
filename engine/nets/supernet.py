"""The network that holds every cell of a space at once, with an architecture weight per edge and operation."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn

from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm, FactorizedReduce
from engine.nets.plain_cell import PlainCell
from engine.nets.search_cell import MixedCell, SearchCell, Wiring
from engine.nets.skeleton import pooled, preprocess, stem
from engine.nets.stacked_network import ResidualHalving
from engine.nets.stochastic_depth import Chance
from engine.space.cell_space import CellSpace
from engine.space.counts import STEM_FACTOR, Unbuildable, reductions, stages

Architecture = Sequence[tuple[Tensor, Tensor | None]]
"""For each kind of cell the weights (edges, operations), and those with which channels pass by (edges,), if any do."""

CellType = Callable[[Wiring, int, bool], MixedCell]
CELLS: dict[str, CellType] = {"fast": SearchCell, "plain": PlainCell}
"""How the cells of a search network may compute."""


class PairFrame(nn.Module):
    """The CIFAR network of DARTS (Liu et al. 2019): stem, normal and reduction cells, classifier."""

    def __init__(
        self, made: CellType, wirings: Sequence[Wiring], channels: int, layers: int, classes: int, in_channels: int
    ) -> None:
        super().__init__()
        self.stem = stem(in_channels, channels)
        self.cells, self.inputs = nn.ModuleList(), nn.ModuleList()
        before = last = STEM_FACTOR * channels
        after_reduction = False
        self.kinds = [int(index in reductions(layers)) for index in range(layers)]
        for kind in self.kinds:
            channels *= 2 if kind else 1
            self.inputs.append(nn.ModuleList(preprocess(before, last, channels, after_reduction, affine=False)))
            self.cells.append(made(wirings[kind], channels, bool(kind)))
            before, last, after_reduction = last, len(wirings[kind].output) * channels, bool(kind)
        self.classifier = nn.Linear(last, classes)

    def forward(self, images: Tensor, architecture: Architecture, chance: Chance | None) -> Tensor:
        shares = {}
        for kind in set(self.kinds):
            first = self.cells[self.kinds.index(kind)]
            assert isinstance(first, MixedCell)
            shares[kind] = first.shares(*architecture[kind])
        last = self.stem(images)
        before = rectified = last.relu()  # once for both cells that take it in
        for kind, inputs, cell in zip(self.kinds, self.inputs, self.cells, strict=True):
            assert isinstance(inputs, nn.ModuleList)
            earlier, later = inputs
            last = cell([_taken_in(before, earlier), _taken_in(rectified, later)], shares[kind], chance)
            before, rectified = rectified, last.relu()
        logits: Tensor = self.classifier(pooled(last))
        return logits


def _taken_in(rectified: Tensor, module: nn.Module) -> Tensor:
    """What a cell's `preprocess` module makes of an image that went through its ReLU already."""
    if isinstance(module, FactorizedReduce):
        return module.rectified(rectified)
    assert isinstance(module, nn.Sequential)
    _, mixing, norm = module
    taken_in: Tensor = norm(mixing(rectified))
    return taken_in


class SingleFrame(nn.Module):
    """The network of NAS-Bench-201 (Dong and Yang 2020), as `StackedNetwork`; its own norms have scale and shift."""

    def __init__(
        self, made: CellType, wirings: Sequence[Wiring], channels: int, layers: int, classes: int, in_channels: int
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(convolution(in_channels, channels, 3), BatchNorm(channels))
        self.cells, self.halvings = nn.ModuleList(), nn.ModuleDict()
        for stage, length in enumerate(stages(layers)):
            if stage:
                self.halvings[str(len(self.cells))] = ResidualHalving(channels)
                channels *= 2
            self.cells.extend(made(wirings[0], channels, False) for _ in range(length))
        self.last = nn.Sequential(BatchNorm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images: Tensor, architecture: Architecture, chance: Chance | None) -> Tensor:
        first = self.cells[0]
        assert isinstance(first, MixedCell)
        shares = first.shares(*architecture[0])
        x = self.stem(images)
        for index, cell in enumerate(self.cells):
            if str(index) in self.halvings:
                x = self.halvings[str(index)](x)
            x = cell([x], shares, chance)
        logits: Tensor = self.classifier(pooled(self.last(x)))
        return logits


Palettes = Sequence[Sequence[Sequence[str]]]
"""For each kind of cell and each of its edges, the operations that it carries."""


class Supernet(nn.Module):
    """The search network of DARTS (Liu et al. 2019, eq. 2): on each edge, all operations, weighted by a softmax.

    Spaces of normal and reduction cells give the network of DARTS, all nodes of a cell in its output (or the last, as
    the space says). The space of NAS-Bench-201 gives that of its benchmark, in which no batch norm follows a pool.

    As in the published code, the architecture weights are no parameters of the module (`parameters()` are the weights
    alone), but they move with it. They begin as `alpha_init` times a standard normal draw.

    Gradients of all of them can be asked for, together or apart. To differentiate them again, as for products with a
    Hessian, the pass forward must be made within `engine.nets.autograd_modes.twice_differentiable()`; else an error
    says so.

    Attributes:
        alphas: for each kind of cell (edges, operations of the space), edges in the order of `space.edges()`. What an
            edge does not carry has the weight 0 and gets no gradient.
        betas: for each kind of cell (edges,) with edge normalisation, else empty.
        carried: for each kind of cell, which edge carries what, (edges, operations) of bool.
        skip_rate: in training, the share of pixels dropped behind skip connections of stride 1 (P-DARTS).
        drop_path: in training, the share of images for which an edge is dropped, anew in each cell (SNAS).
        generator: where these draws come from, a generator of the network's device; None for torch's own.

    Args:
        partial: K of PC-DARTS (Xu et al. 2020): one of K channels goes through the operations, the rest passes by; the
            channels of a node are shuffled in K groups.
        edge_norm: whether each edge is weighted by a softmax over its node's edges, too (PC-DARTS).
        palettes: what each edge carries, where that is not what the space says.
        step: how cells compute, of which their results do not depend but for rounding and for the draws of `skip_rate`:
            operations and edges together, or one after the other (`engine.nets.plain_cell`).

    Raises:
        Unbuildable: no such network for the space, or channels that `partial` does not divide.
    """

    def __init__(
        self,
        space: CellSpace,
        channels: int,
        layers: int,
        classes: int,
        in_channels: int = 3,
        alpha_init: float = 1e-3,
        *,
        partial: int = 1,
        edge_norm: bool = False,
        palettes: Palettes | None = None,
        skip_rate: float = 0.0,
        drop_path: float = 0.0,
        step: Literal["fast", "plain"] = "fast",
    ) -> None:
        super().__init__()
        if (space.pairing, space.cell_inputs) not in (("distinct", 2), ("every", 1)):
            raise Unbuildable(f"no search network holds all {space.title} at once")
        if channels % partial:
            raise Unbuildable(f"channels: {channels} cannot be divided into {partial} parts, one of which is searched")
        edges = space.edges()
        if palettes is None:
            palettes = [[space.palette(cell, edge) for edge in edges] for cell in space.cells]
        self.alphas = [alpha_init * torch.randn(len(edges), len(space.operations)) for _ in space.cells]
        self.betas = [alpha_init * torch.randn(len(edges)) for _ in space.cells] if edge_norm else []
        for weights in self.architecture:
            weights.requires_grad_()
        self.carried = [
            torch.tensor([[name in palette for name in space.operations] for palette in row]) for row in palettes
        ]
        self.skip_rate, self.drop_path = skip_rate, drop_path
        self.generator: torch.Generator | None = None
        states = range(space.cell_inputs, space.cell_inputs + space.nodes)
        wirings = [
            Wiring(
                inputs=space.cell_inputs,
                edges=edges,
                operations=space.operations,
                palettes=tuple(tuple(row.nonzero()[:, 0].tolist()) for row in carried),
                output=(states[-1],) if space.output == "last node" else tuple(states),
                partial=partial,
                normed_pools=len(space.cells) > 1,
            )
            for carried in self.carried
        ]
        self._masks = [None if carried.all() else carried for carried in self.carried]
        self._spans = [[node for node, _ in edges].count(node) for node in range(space.nodes)]
        frame = SingleFrame if len(space.cells) == 1 else PairFrame
        self.frame = frame(CELLS[step], wirings, channels, layers, classes, in_channels)
        self._weights = tuple(self.parameters())  # to look for them at each step takes its time

    @property
    def architecture(self) -> list[Tensor]:
        """What a search moves besides the weights: `alphas`, then `betas`."""
        return self.alphas + self.betas

    def weights(self) -> list[Tensor]:
        """For each kind of cell (edges, operations): softmax over what each edge carries, "none" included."""
        return [_softmax(alpha, mask) for alpha, mask in zip(self.alphas, self._masks, strict=True)]

    def edge_weights(self) -> list[Tensor]:
        """For each kind of cell (edges,): softmax over the edges of each node; empty without edge normalisation."""
        found = []
        for beta, mask in zip(self.betas, self._masks, strict=bool(self.betas)):
            masks = [None] * len(self._spans) if mask is None else mask.any(1).split(self._spans)
            found.append(torch.cat([_softmax(*part) for part in zip(beta.split(self._spans), masks, strict=True)]))
        return found

    def forward(
        self, images: Tensor, weights: Sequence[Tensor] | None = None, edge_weights: Sequence[Tensor] | None = None
    ) -> Tensor:
        """Logits (N, classes).

        Args:
            images: (N, C, H, W).
            weights: as from `weights()`, e.g. detached where no gradient of them is wanted, or drawn from them.
            edge_weights: as from `edge_weights()`.
        """
        weights = self.weights() if weights is None else weights
        edge_weights = self.edge_weights() if edge_weights is None else edge_weights
        passing: Sequence[Tensor | None] = edge_weights or [None] * len(weights)
        architecture = [
            (row if mask is None else row * mask, by)
            for row, mask, by in zip(weights, self._masks, passing, strict=True)
        ]
        architecture = [(row if by is None else row * by[:, None], by) for row, by in architecture]
        chance = None
        if self.training and (self.skip_rate or self.drop_path):
            chance = Chance(self.skip_rate, self.drop_path, self.generator)
        logits: Tensor = self.frame(images, architecture, chance)
        return logits

    def operation_weights(self, cell: int, edge: int, operation: int) -> list[Tensor]:
        """The weights of one operation on one edge of one cell, as views of `parameters()`.

        They have the order and form that the operation's own module gives them (`engine.nets.operations.build`).
        """
        found = self.frame.cells[cell]
        assert isinstance(found, MixedCell)
        return found.weights(edge, operation)

    @contextmanager
    def fixed(self) -> Iterator[None]:
        """Forward passes in here lead to gradients of the architecture weights alone, and keep less for them."""
        for weight in self._weights:
            weight.requires_grad = False
        try:
            yield
        finally:
            for weight in self._weights:
                weight.requires_grad = True

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Supernet":
        """What `to`, `double` and their like do to a module, done to the architecture weights, too."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.alphas = [fn(alpha.detach()).requires_grad_() for alpha in self.alphas]
        self.betas = [fn(beta.detach()).requires_grad_() for beta in self.betas]
        self.carried = [fn(carried) for carried in self.carried]
        self._masks = [None if mask is None else fn(mask) for mask in self._masks]
        return self


def _softmax(numbers: Tensor, mask: Tensor | None) -> Tensor:
    """Over the last dimension, where `mask` is true; zero elsewhere."""
    if mask is None:
        return numbers.softmax(-1)
    possible = mask.any(-1, keepdim=True)
    return numbers.masked_fill(~mask & possible, -torch.inf).softmax(-1) * mask
