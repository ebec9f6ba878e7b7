"""A cell of a search network: its nodes take every earlier state through a mixed edge."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nets.operations import build
from engine.nets.shared_edges import SharedEdges, by_image, passing, shuffled, weighted
from engine.nets.stochastic_depth import Chance


@dataclass(frozen=True)
class Wiring:
    """What all cells of one kind have in common.

    Attributes:
        inputs: how many states come from outside; the nodes' numbers follow theirs.
        edges: every node with every earlier state, as (index of the node, number of the state), node by node.
        operations: the names of all operations.
        palettes: for each edge, the places of the operations that it carries.
        output: the states that the cell's output concatenates.
        partial: one of so many channels goes through the operations (K of PC-DARTS), the rest passes by.
        normed_pools: whether a batch norm follows each pool.
    """

    inputs: int
    edges: tuple[tuple[int, int], ...]
    operations: tuple[str, ...]
    palettes: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    partial: int
    normed_pools: bool = True


Shares = tuple[Sequence[Sequence[Tensor]], Sequence[Tensor] | None]
"""For each group of edges its operations' weights, and the weights with which channels pass by."""

Kept = Tensor | None
"""Factors (N, edges) for each image on each edge, 0 where it is dropped; None where nothing is."""


class MixedCell(nn.Module, ABC):
    """What a network asks of its search cells, however they compute; from one seed all have the same weights."""

    def __init__(self, wiring: Wiring, channels: int, reduces: bool) -> None:
        super().__init__()
        if channels % wiring.partial:
            reason = f"a cell of {channels} channels cannot send one of {wiring.partial} through its operations"
            raise ValueError(reason)
        self.wiring, self.reduces = wiring, reduces
        self.through = channels // wiring.partial

    @abstractmethod
    def shares(self, weights: Tensor, passing: Tensor | None) -> Shares:
        """What `forward` needs to know of the architecture; alike for all cells of a kind.

        Args:
            weights: of edges and operations (edges, operations).
            passing: with which the channels that no operation touches are added up (edges,); None for plain sums.
        """

    @abstractmethod
    def forward(self, inputs: Sequence[Tensor], shares: Shares, chance: Chance | None) -> Tensor:
        """The output, from inputs of C channels each."""

    @abstractmethod
    def weights(self, edge: int, place: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""

    def _modules_of_edges(self) -> list[dict[int, nn.Module]]:
        """For each edge the modules of what it carries, by the operations' places; drawn in the same order by all."""
        wiring = self.wiring
        return [
            {
                place: build(
                    wiring.operations[place],
                    self.through,
                    2 if self.reduces and source < wiring.inputs else 1,
                    affine=not wiring.normed_pools and "pool" in wiring.operations[place],
                )
                for place in palette
            }
            for (_, source), palette in zip(wiring.edges, wiring.palettes, strict=True)
        ]

    def _divided(self, state: Tensor, halved: bool) -> tuple[Tensor, Tensor]:
        """What goes through the operations, and what passes them by."""
        if self.wiring.partial == 1:
            return state, state[:, :0]
        first, others = state.split([self.through, state.shape[1] - self.through], 1)
        return first, passing(others, halved)


class SearchCell(MixedCell):
    """The edges are computed by the states that they leave: those from the inputs together, then node after node.

    Sums over edges and the shuffle of partial channels are linear, so that each node is shuffled once; what passes by
    is the same on all edges that leave a state. `engine.nets.plain_cell` computes the same without any of this.
    """

    _index: Tensor
    _edges: Tensor

    def __init__(self, wiring: Wiring, channels: int, reduces: bool) -> None:
        super().__init__(wiring, channels, reduces)
        modules = self._modules_of_edges()
        nodes = range(wiring.inputs, wiring.inputs + 1 + max(node for node, _ in wiring.edges))
        self.sources = [list(range(wiring.inputs)), *([state] for state in nodes[:-1])]
        self.groups = nn.ModuleList()
        self._leaving, self._shapes, index = [], [], []
        for sources in self.sources:
            leaving = [edge for edge, (_, source) in enumerate(wiring.edges) if source in sources]
            ends = [(wiring.edges[edge][0], sources.index(wiring.edges[edge][1])) for edge in leaving]
            group = SharedEdges(ends, [modules[edge] for edge in leaving], self.through)
            self.groups.append(group)
            self._leaving.append(leaving)
            self._shapes.append([shape for shape, _ in group.wanted])
            for _, pairs in group.wanted:
                index += [leaving[edge] * len(wiring.operations) + place for edge, place in pairs]
        self.register_buffer("_index", torch.tensor(index, dtype=torch.int64), persistent=False)
        self.register_buffer("_edges", self._index // len(wiring.operations), persistent=False)

    def shares(self, weights: Tensor, passing: Tensor | None) -> Shares:
        operations = self._grouped(weights.flatten().index_select(0, self._index))
        return operations, None if passing is None else passing.unbind()

    def forward(self, inputs: Sequence[Tensor], shares: Shares, chance: Chance | None) -> Tensor:
        operations, passing_by = shares
        kept: Kept = None
        factors: Sequence[Sequence[Tensor] | None] = [None] * len(self.sources)
        if chance is not None and chance.drop_path:
            kept = chance.kept(len(inputs[0]), len(self.wiring.edges), operations[0][0])
            factors = self._grouped(kept.index_select(1, self._edges))
        states = list(inputs)
        rest: list[Tensor] = []
        parts: list[list[Tensor]] = [[] for _ in range(len(self.sources))]
        for sources, group, ours, factor in zip(self.sources, self.groups, operations, factors, strict=True):
            if sources[0] == len(states):
                states.append(self._node(states, rest, parts[len(states) - self.wiring.inputs], passing_by, kept))
            divided = [
                self._divided(states[source], self.reduces and source < self.wiring.inputs) for source in sources
            ]
            through, beside = zip(*divided, strict=True)
            rest += beside
            x = through[0] if len(through) == 1 else torch.cat(through, 1)
            outputs = group(x.contiguous(memory_format=torch.channels_last), ours, factor, chance)
            for node, output in zip(group.nodes, outputs, strict=True):  # type: ignore[arg-type]
                parts[node] += output
        states.append(self._node(states, rest, parts[-1], passing_by, kept))
        return torch.cat([states[state] for state in self.wiring.output], 1)

    def weights(self, edge: int, place: int) -> list[Tensor]:
        for leaving, group in zip(self._leaving, self.groups, strict=True):
            if edge in leaving:
                assert isinstance(group, SharedEdges)
                return group.weights(leaving.index(edge), place)
        raise IndexError(f"there is no edge {edge}")

    def _grouped(self, numbers: Tensor) -> list[list[Tensor]]:
        """For each group of edges what it wants of (..., shares): the last dimension in the forms of its shares."""
        parts = iter(numbers.split([math.prod(shape) for shapes in self._shapes for shape in shapes], -1))
        return [[next(parts).view(numbers.shape[:-1] + shape) for shape in shapes] for shapes in self._shapes]

    def _node(
        self,
        states: Sequence[Tensor],
        rest: Sequence[Tensor],
        parts: Sequence[Tensor],
        passing_by: Sequence[Tensor] | None,
        kept: Kept,
    ) -> Tensor:
        """The next node, from what the operations add to it and what passes them by."""
        node, stride = len(states) - self.wiring.inputs, 2 if self.reduces else 1
        mixed = weighted(parts) if parts else torch.zeros_like(states[0][:, : self.through, ::stride, ::stride])
        if self.wiring.partial == 1:
            return mixed
        edges = [edge for edge, (at, _) in enumerate(self.wiring.edges) if at == node and self.wiring.palettes[edge]]
        images = [rest[self.wiring.edges[edge][1]] for edge in edges]
        if kept is not None:
            images = [by_image(kept[:, edge], image) for edge, image in zip(edges, images, strict=True)]
        return shuffled(mixed, weighted(images, None if passing_by is None else [passing_by[edge] for edge in edges]))
