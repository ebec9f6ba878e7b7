"""The depthwise-separable operations on all edges that leave the same states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

import torch
from torch import Tensor, nn

from engine.nets.channels_last import gathered, thinned
from engine.nets.pointwise_fused import summed
from engine.nets.pointwise_summed import Segments
from engine.nets.stacked_operations import SeparableStack

AT_ONCE = 4 << 20
"""Bytes of image that a depthwise convolution reads on a CPU: nodes that need more are computed one after another."""


@dataclass(frozen=True)
class Piece:
    """The modules of one kind that lead to some nodes.

    Attributes:
        kind: which.
        run: their numbers.
        pattern: the places of the states that they read.
        segments: the nodes that they lead to.
    """

    kind: int
    run: slice
    pattern: tuple[int, ...]
    segments: Segments


@dataclass(frozen=True)
class Parting:
    """All nodes, as many successive ones at a time as are computed at once.

    Attributes:
        parts: their numbers and what leads to them.
        sizes: for each kind, the numbers of its modules in those parts that have any.
        order: the shares of all modules, part after part; None where they are in order.
    """

    parts: list[tuple[range, list[Piece]]]
    sizes: list[list[int]]
    order: Tensor | None


class SeparableEdges(nn.Module):
    """Stacked kind by kind over the edges that carry them, and added up node by node.

    Args:
        operations: by the operations' places among all, those modules on the edges that carry them.
        slots: for each edge, the number of its node.
        states: for each edge, the place of its state among the states.
        channels: of each state.
    """

    def __init__(
        self,
        operations: Mapping[int, Mapping[int, nn.Sequential]],
        slots: Sequence[int],
        states: Sequence[int],
        channels: int,
    ) -> None:
        super().__init__()
        self.places, self.channels = list(operations), channels
        self._slots, self._states = list(slots), list(states)
        self._carriers = [sorted(those, key=lambda edge: (slots[edge], states[edge])) for those in operations.values()]
        self.pairs = [(edge, place) for place, those in zip(self.places, self._carriers, strict=True) for edge in those]
        self.stacks = nn.ModuleList(
            SeparableStack([modules[edge] for edge in those])
            for modules, those in zip(operations.values(), self._carriers, strict=True)
        )
        self._partings: dict[tuple[torch.device, int], Parting] = {}

    def forward(self, rectified: Tensor, shares: Tensor, kept: Tensor | None, parts: list[list[Tensor]]) -> None:
        """Appends to each node's `parts` what these operations add to it.

        Args:
            rectified: the states after their ReLU, side by side.
            shares: of `pairs`.
            kept: factors (N, pairs) for each image, where some are dropped.
        """
        parting = self._parted(rectified, len(parts))
        sparser = thinned(rectified) if any(stack.sparse for stack in self.stacks) else rectified
        cuts = [iter(stack.cut(sizes)) for stack, sizes in zip(self.stacks, parting.sizes, strict=True)]  # type: ignore[operator]
        counts = [sum(len(piece.pattern) for piece in pieces) for _, pieces in parting.parts]
        if parting.order is not None:
            shares = shares.index_select(0, parting.order)
            kept = None if kept is None else kept.index_select(1, parting.order)
        factors: Sequence[Tensor | None] = [None] * len(counts) if kept is None else kept.split(counts, 1)
        for (slots, pieces), ours, factor in zip(parting.parts, shares.split(counts), factors, strict=True):
            blocks: dict[tuple[tuple[int, ...], bool], Tensor] = {}
            entries = []
            for piece in pieces:
                stack = self.stacks[piece.kind]
                key = piece.pattern, bool(stack.sparse)
                if key not in blocks:
                    blocks[key] = gathered(sparser if stack.sparse else rectified, piece.pattern, self.channels)
                entries.append(stack(blocks[key], next(cuts[piece.kind]), piece.run))
            images, mixing, norms = zip(*entries, strict=True)
            runs, layout = [piece.run for piece in pieces], [piece.segments for piece in pieces]
            outputs = summed(images, mixing, norms, runs, ours, layout, len(slots), factor)
            for slot, output in zip(slots, outputs, strict=True):
                parts[slot].append(output)

    def weights(self, edge: int, place: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        kind = self.places.index(place)
        if edge not in self._carriers[kind]:
            return []
        stack = self.stacks[kind]
        assert isinstance(stack, SeparableStack)
        return stack.weights(self._carriers[kind].index(edge))

    def _parted(self, rectified: Tensor, nodes: int) -> Parting:
        """As many nodes at a time as suits the processor's caches."""
        length = nodes
        if rectified.device.type == "cpu":
            length = min(nodes, max(1, AT_ONCE // (rectified.numel() * rectified.element_size())))
        key = rectified.device, length
        if key not in self._partings:
            ranges = [range(first, min(first + length, nodes)) for first in range(0, nodes, length)]
            self._partings[key] = self._parting(ranges, rectified.device)
        return self._partings[key]

    def _parting(self, ranges: Sequence[range], device: torch.device) -> Parting:
        firsts = list(accumulate((len(those) for those in self._carriers), initial=0))
        done = [0] * len(self._carriers)
        parts: list[tuple[range, list[Piece]]] = []
        order: list[int] = []
        for slots in ranges:
            pieces = []
            for kind, those in enumerate(self._carriers):
                chosen = [edge for edge in those[done[kind] :] if self._slots[edge] in slots]
                if not chosen:
                    continue
                run = slice(done[kind], done[kind] + len(chosen))
                done[kind] = run.stop
                order += range(firsts[kind] + run.start, firsts[kind] + run.stop)
                segments = _segments([self._slots[edge] - slots.start for edge in chosen])
                pieces.append(Piece(kind, run, tuple(self._states[edge] for edge in chosen), segments))
            if pieces:
                parts.append((slots, pieces))
        sizes = [
            [piece.run.stop - piece.run.start for _, pieces in parts for piece in pieces if piece.kind == kind]
            for kind in range(len(self._carriers))
        ]
        return Parting(parts, sizes, None if len(parts) == 1 else torch.tensor(order, device=device))


def _segments(targets: Sequence[int]) -> Segments:
    """The longest runs of blocks that lead to successive nodes, as many to each."""
    runs = [(node, len(list(same))) for node, same in groupby(targets)]
    found: list[tuple[slice, slice]] = []
    stop = 0
    for place, (node, many) in enumerate(runs):
        start, stop = stop, stop + many
        if place and runs[place - 1] == (node - 1, many):
            source, target = found.pop()
            found.append((slice(source.start, stop), slice(target.start, node + 1)))
        else:
            found.append((slice(start, stop), slice(node, node + 1)))
    return tuple(found)
