"""The search network written plainly: a module for each operation and edge, and a weighted sum of their outputs.

Built in the same order as the program's own, it gets the same weights from the same seed.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets import Supernet
from engine.nets.operations import BatchNorm, build
from engine.nets.skeleton import pooled, preprocess, stem
from engine.nets.stacked_network import ResidualHalving
from engine.space.cell_space import CellSpace


class PlainEdge(nn.Module):
    """One edge of PC-DARTS; with K of 1, one of DARTS. As published, odd sides apart (`engine.nets.shared_edges`)."""

    def __init__(self, operations: dict[int, str], channels: int, stride: int, partial: int, bare_pools: bool) -> None:
        super().__init__()
        self.stride, self.partial = stride, partial
        self.operations = nn.ModuleDict(
            {
                str(place): build(name, channels // partial, stride, bare_pools and "pool" in name)
                for place, name in operations.items()
            }
        )

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        through, rest = x.split([x.shape[1] // self.partial, x.shape[1] - x.shape[1] // self.partial], 1)
        mixed = sum(weights[int(place)] * operation(through) for place, operation in self.operations.items())
        if self.partial == 1:
            return mixed
        if self.stride == 2:
            rest = F.max_pool2d(rest, 2, 2, ceil_mode=True)
        y = torch.cat([mixed, rest], 1)
        count, channels, height, width = y.shape
        grouped = y.view(count, self.partial, channels // self.partial, height, width)
        return grouped.transpose(1, 2).reshape(count, channels, height, width)


class PlainCell(nn.Module):
    def __init__(
        self,
        space: CellSpace,
        palettes: Sequence[Sequence[str]],
        channels: int,
        reduces: bool,
        partial: int,
        inputs: Sequence[nn.Module],
    ) -> None:
        super().__init__()
        self.space = space
        self.inputs = nn.ModuleList(inputs)
        self.edges = nn.ModuleDict()
        for edge, ((_, source), palette) in enumerate(zip(space.edges(), palettes, strict=True)):
            operations = {place: name for place, name in enumerate(space.operations) if name in palette}
            stride = 2 if reduces and source < space.cell_inputs else 1
            if palette:
                self.edges[str(edge)] = PlainEdge(operations, channels, stride, partial, len(space.cells) == 1)

    def forward(
        self, states: Sequence[Tensor], weights: Tensor, edge_weights: Tensor | None, kept: Tensor | None
    ) -> Tensor:
        states = [module(state) for module, state in zip(self.inputs, states, strict=True)]
        for node in range(self.space.nodes):
            terms = []
            for edge, (at, source) in enumerate(self.space.edges()):
                if at == node and str(edge) in self.edges:
                    term = self.edges[str(edge)](states[source], weights[edge])
                    if kept is not None:
                        term = torch.stack([factor * image for factor, image in zip(kept[:, edge], term, strict=True)])
                    terms.append(term if edge_weights is None else edge_weights[edge] * term)
            states.append(sum(terms))
        return states[-1] if self.space.output == "last node" else torch.cat(states[self.space.cell_inputs :], 1)


class PlainSupernet(nn.Module):
    """Takes the architecture weights from a supernet of the program, and draws its own weights as that one did."""

    def __init__(
        self,
        space: CellSpace,
        channels: int,
        layers: int,
        classes: int,
        in_channels: int,
        *,
        partial: int = 1,
        edge_norm: bool = False,
        palettes: Sequence[Sequence[Sequence[str]]] | None = None,
    ) -> None:
        super().__init__()
        self.space = space
        if palettes is None:
            palettes = [[space.palette(cell, edge) for edge in space.edges()] for cell in space.cells]
        self.palettes = palettes
        self.alphas = [torch.randn(len(space.edges()), len(space.operations)) for _ in space.cells]
        self.betas = [torch.randn(len(space.edges())) for _ in space.cells] if edge_norm else []
        self.cells, self.between = nn.ModuleList(), nn.ModuleDict()
        if len(space.cells) == 1:
            self.stem = nn.Sequential(nn.Conv2d(in_channels, channels, 3, padding=1, bias=False), BatchNorm(channels))
            for index in range(layers):
                if index in (layers // 3, 2 * layers // 3):
                    self.between[str(index)] = ResidualHalving(channels)
                    channels *= 2
                self.cells.append(PlainCell(space, palettes[0], channels, False, partial, [nn.Identity()]))
            self.last, out = nn.Sequential(BatchNorm(channels), nn.ReLU()), channels
        else:
            self.stem = stem(in_channels, channels)
            before, out, after = 3 * channels, 3 * channels, False
            for index in range(layers):
                reduces = index in (layers // 3, 2 * layers // 3)
                channels *= 1 + reduces
                inputs = preprocess(before, out, channels, after, affine=False)
                self.cells.append(PlainCell(space, palettes[reduces], channels, reduces, partial, inputs))
                before, out, after = out, (1 if space.output == "last node" else space.nodes) * channels, reduces
            self.last = nn.Identity()
        self.reduces = [len(space.cells) > 1 and index in (layers // 3, 2 * layers // 3) for index in range(layers)]
        self.classifier = nn.Linear(out, classes)
        self.skip_rate = self.drop_path = 0.0  # nothing is dropped here
        self.generator: torch.Generator | None = None

    @property
    def architecture(self) -> list[Tensor]:
        return self.alphas + self.betas

    def fixed(self) -> AbstractContextManager[None]:
        """As published, passes for the architecture's gradients prepare for those of the weights, too."""
        return nullcontext()

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "PlainSupernet":
        super()._apply(fn, recurse)
        self.alphas, self.betas = (
            [fn(part.detach()).requires_grad_() for part in parts] for parts in (self.alphas, self.betas)
        )
        return self

    def weights(self) -> list[Tensor]:
        weights = []
        for alpha, row in zip(self.alphas, self.palettes, strict=True):
            if all(len(palette) == len(self.space.operations) for palette in row):
                weights.append(alpha.softmax(1))
                continue
            full = torch.zeros_like(alpha)
            for edge, palette in enumerate(row):
                places = [place for place, name in enumerate(self.space.operations) if name in palette]
                full[edge, places] = alpha[edge, places].softmax(0)
            weights.append(full)
        return weights

    def edge_weights(self) -> list[Tensor]:
        found = []
        for beta, row in zip(self.betas, self.palettes, strict=False):
            full = torch.zeros_like(beta)
            for node in range(self.space.nodes):
                there = [edge for edge, (at, _) in enumerate(self.space.edges()) if at == node and row[edge]]
                if there and len(there) == there[-1] - there[0] + 1:
                    there = slice(there[0], there[-1] + 1)  # a list of places makes a device wait
                full[there] = beta[there].softmax(0)
            found.append(full)
        return found

    def forward(
        self,
        images: Tensor,
        weights: Sequence[Tensor] | None = None,
        edge_weights: Sequence[Tensor] | None = None,
        kept: Sequence[Tensor] | None = None,
    ) -> Tensor:
        """`kept`: for each cell the factors (N, edges) with which an image gets through an edge."""
        weights = self.weights() if weights is None else weights
        edge_weights = self.edge_weights() if edge_weights is None else edge_weights
        before = last = self.stem(images)
        for index, (cell, reduces) in enumerate(zip(self.cells, self.reduces, strict=True)):
            if str(index) in self.between:
                last = self.between[str(index)](last)
            states = [before, last] if len(self.space.cells) > 1 else [last]
            beta, factors = edge_weights[reduces] if edge_weights else None, None if kept is None else kept[index]
            before, last = last, cell(states, weights[reduces], beta, factors)
        return self.classifier(pooled(self.last(last)))


def twins(*settings: object, **more: object) -> tuple[Supernet, PlainSupernet]:
    """The program's search network and the plain one, with the same weights and random architecture weights."""
    torch.manual_seed(0)
    ours = Supernet(*settings, **more).double().to(memory_format=torch.channels_last)
    torch.manual_seed(0)
    plain = PlainSupernet(*settings, **more).double()
    with torch.no_grad():
        for numbers in ours.architecture:
            numbers.normal_()
    plain.alphas = [alpha.detach().clone().requires_grad_() for alpha in ours.alphas]
    plain.betas = [beta.detach().clone().requires_grad_() for beta in ours.betas]
    return ours, plain


def searched_plainly(method: Any) -> Any:
    """The gradient-based method with the plain network in place of the program's, and all else as it is."""

    class Plainly(method):
        def _supernet(self) -> PlainSupernet:
            settings, data = self._settings, self._dataset
            partial = getattr(settings, "partial", 0)
            net = PlainSupernet(
                self._space,
                settings.channels,
                settings.layers,
                len(data.classes),
                data.channels,
                partial=partial or 1,
                edge_norm=bool(partial),
            )
            for part in net.architecture:
                part *= settings.alpha_init
            return net

    return Plainly
