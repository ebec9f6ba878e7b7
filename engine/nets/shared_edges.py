"""All mixed edges that leave the same states, computed together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.nets.chance import Chance
from engine.nets.operations import FactorizedReduce, Zero
from engine.nets.separable_edges import SeparableEdges
from engine.nets.stacks import ReductionStack, is_separable
from engine.nets.weightless import Weightless, shared_out

Pairs = list[tuple[int, int]]
"""Edges and the places of operations on them."""


class SharedEdges(nn.Module):
    """The edges from some states of one size to later nodes, each the weighted sum of the operations that it carries.

    - What has no weights (skip, pools with their batch norms) is computed once for all edges and shared out by a
      matrix product.
    - Depthwise-separable operations are stacked, see `SeparableEdges`; factorized reductions, too.
    - Other operations are computed edge by edge.
    - "none" adds nothing and has no module; it acts through the share of the softmax that it takes from the others.

    Attributes:
        nodes: those that anything leads to, in order.
        wanted: what `forward` asks for as `shares`: for each tensor its shape, and which weights it holds.

    Args:
        edges: for each edge its node and the place of its state among the states, by node and then by state. All states
            lead to all nodes.
        operations: for each edge, the modules of the operations that it carries, by the operations' places among all.
        channels: of each state.
    """

    def __init__(
        self, edges: Sequence[tuple[int, int]], operations: Sequence[Mapping[int, nn.Module]], channels: int
    ) -> None:
        super().__init__()
        self.channels = channels
        carried = {
            (place, edge): module
            for edge, those in enumerate(operations)
            for place, module in those.items()
            if not isinstance(module, Zero)
        }
        self.nodes = sorted({edges[edge][0] for _, edge in carried})
        self._slots = [self.nodes.index(node) if node in self.nodes else -1 for node, _ in edges]
        self._states = [state for _, state in edges]
        self.weightless, self.reductions, self.others = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        self._columns: Pairs = []  # (state, place) for each image without weights
        self._reducing: list[Pairs] = []
        self._others: Pairs = []
        separable: dict[int, Any] = {}
        for place in sorted({place for place, _ in carried}):
            those: dict[int, Any] = {
                edge: carried[place, edge] for edge in range(len(edges)) if (place, edge) in carried
            }
            states = sorted({self._states[edge] for edge in those})
            first = next(iter(those.values()))
            if is_separable(first):
                separable[place] = those
            elif isinstance(first, FactorizedReduce):
                for state in states:
                    self._reducing.append([(edge, place) for edge in those if self._states[edge] == state])
                    self.reductions.append(ReductionStack([those[edge] for edge, _ in self._reducing[-1]]))
            elif any(True for _ in first.parameters()):
                self.others.extend(those.values())
                self._others += [(edge, place) for edge in those]
            else:
                self.weightless.append(Weightless(first, states, channels))
                self._columns += [(state, place) for state in states]
        self.separable: SeparableEdges | None = None
        if separable:
            self.separable = SeparableEdges(separable, self._slots, self._states, channels)
        self.wanted = list(self._wanted())

    def forward(self, x: Tensor, shares: Sequence[Tensor], chance: Chance | None) -> list[list[Tensor]]:
        """For each of `nodes`, what the edges add to it, in parts that are to be added up.

        Args:
            x: the states side by side, channels last.
            shares: how much each edge takes of each operation, as `wanted` says.
            chance: what is dropped, if anything.
        """
        parts: list[list[Tensor]] = [[] for _ in self.nodes]
        wide, *narrow = shares
        table = [image for operation in self.weightless for image in operation(x)]
        if chance is not None:
            table, wide = self._by_chance(table, wide, chance, parts)
        rectified = x.relu() if self.separable is not None or self.reductions else x
        if self.separable is not None:
            self.separable(rectified, narrow.pop(), chance, parts)
        if table:
            for part, image in zip(parts, shared_out(wide, table), strict=True):
                part.append(image)
        for pairs, stack in zip(self._reducing, self.reductions, strict=True):
            state = self._states[pairs[0][0]]
            outputs = stack(rectified.split(self.channels, 1)[state], narrow.pop(0))
            self._add(pairs, outputs, chance, parts)
        states = x.split(self.channels, 1) if self._others else ()
        for (edge, place), operation, share in zip(self._others, self.others, narrow, strict=True):
            self._add([(edge, place)], [share * operation(states[self._states[edge]])], chance, parts)
        return parts

    def weights(self, edge: int, place: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        if self.separable is not None and place in self.separable.places:
            return self.separable.weights(edge, place)
        for pairs, stack in zip(self._reducing, self.reductions, strict=True):
            if (edge, place) in pairs:
                assert isinstance(stack, ReductionStack)
                return stack.weights(pairs.index((edge, place)))
        if (edge, place) in self._others:
            return list(self.others[self._others.index((edge, place))].parameters())
        return []

    def _wanted(self) -> Iterator[tuple[tuple[int, ...], Pairs]]:
        edge_of = {
            (slot, state): edge for edge, (slot, state) in enumerate(zip(self._slots, self._states, strict=True))
        }
        pairs = [(edge_of[slot, state], place) for slot in range(len(self.nodes)) for state, place in self._columns]
        yield (len(self.nodes), len(self._columns)), pairs
        for pairs in self._reducing:
            yield (len(pairs),), pairs
        for pair in self._others:
            yield (), [pair]
        if self.separable is not None:
            yield (len(self.separable.pairs),), self.separable.pairs

    def _by_chance(
        self, table: list[Tensor], shares: Tensor, chance: Chance, parts: list[list[Tensor]]
    ) -> tuple[list[Tensor], Tensor]:
        """Adds the part of `table` from which each edge drops something of its own; the rest of it, and its shares."""
        skips = [operation.is_skip for operation in self.weightless for _ in operation.states]  # type: ignore[union-attr]
        rest = []
        for column, (image, is_skip) in enumerate(zip(table, skips, strict=True)):
            if not (chance.skip_rate if is_skip else chance.drop_path):
                rest.append(column)
                continue
            for slot, part in enumerate(parts):
                kept = chance.skipped(image) if is_skip else chance.path(image)
                part.append(shares[slot, column] * kept)
        if rest:
            columns = shares.unbind(1)  # to index with a list would make a device wait
            shares = torch.stack([columns[column] for column in rest], 1)
        return [table[column] for column in rest], shares

    def _add(self, pairs: Pairs, outputs: Sequence[Tensor], chance: Chance | None, parts: list[list[Tensor]]) -> None:
        for (edge, _), output in zip(pairs, outputs, strict=True):
            parts[self._slots[edge]].append(output if chance is None else chance.path(output))
