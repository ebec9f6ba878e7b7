"""The depthwise-separable operations on all edges that leave the same states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.nets.chance import Chance
from engine.nets.layout import every_other, gathered
from engine.nets.pointwise import Segments, summed
from engine.nets.stacks import SeparableStack

AT_ONCE = 2 << 20
"""Bytes of image that a depthwise convolution reads on a CPU: nodes that need more are computed one after another."""


@dataclass(frozen=True)
class Part:
    """Some successive nodes that are computed at once.

    Attributes:
        slots: their numbers.
        kinds: those of which any module leads to them.
        runs: for each kind, the numbers of these modules; None for all of them.
        patterns: for each kind, the places of the states that these modules read.
        layout: for each kind, which nodes they lead to.
        numbers: theirs among the modules of all kinds; None for all of them.
    """

    slots: range
    kinds: list[int]
    runs: list[Tensor | None]
    patterns: list[tuple[int, ...]]
    layout: list[Segments]
    numbers: Tensor | None


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
        self._carriers = [sorted(those, key=lambda edge: (states[edge], slots[edge])) for those in operations.values()]
        self.pairs = [(edge, place) for place, those in zip(self.places, self._carriers, strict=True) for edge in those]
        self.stacks = nn.ModuleList(
            SeparableStack([modules[edge] for edge in those])
            for modules, those in zip(operations.values(), self._carriers, strict=True)
        )
        self._parts: dict[tuple[torch.device, int], list[Part]] = {}

    def forward(self, rectified: Tensor, shares: Tensor, chance: Chance | None, parts: list[list[Tensor]]) -> None:
        """Appends to each node's `parts` what these operations add to it.

        Args:
            rectified: the states after their ReLU, side by side.
            shares: of `pairs`.
            chance: what is dropped, if anything.
        """
        sparser = every_other(rectified) if any(stack.sparse for stack in self.stacks) else rectified
        for part in self._parted(rectified, len(parts)):
            stacks = [self.stacks[kind] for kind in part.kinds]
            wanted = [(pattern, stack.sparse) for pattern, stack in zip(part.patterns, stacks, strict=True)]
            blocks = {
                (pattern, sparse): gathered(sparser if sparse else rectified, pattern, self.channels)
                for pattern, sparse in set(wanted)
            }
            entries = [stack(blocks[key], run) for key, stack, run in zip(wanted, stacks, part.runs, strict=True)]
            images, weights, norms = zip(*entries, strict=True)
            ours = shares if part.numbers is None else shares.index_select(0, part.numbers)
            kept = chance.kept(images[0], len(ours)) if chance is not None and chance.drop_path else None
            outputs = summed(images, weights, norms, part.runs, ours, part.layout, len(part.slots), kept)
            for slot, output in zip(part.slots, outputs, strict=True):
                parts[slot].append(output)

    def weights(self, edge: int, place: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        kind = self.places.index(place)
        if edge not in self._carriers[kind]:
            return []
        stack = self.stacks[kind]
        assert isinstance(stack, SeparableStack)
        return stack.weights(self._carriers[kind].index(edge))

    def _parted(self, rectified: Tensor, nodes: int) -> list[Part]:
        """All nodes, as many at a time as suits the processor's caches."""
        length = nodes
        if rectified.device.type == "cpu":
            length = min(nodes, max(1, AT_ONCE // (rectified.numel() * rectified.element_size())))
        key = rectified.device, length
        if key not in self._parts:
            ranges = [range(first, min(first + length, nodes)) for first in range(0, nodes, length)]
            found = [self._part(slots, nodes, rectified.device) for slots in ranges]
            self._parts[key] = [part for part in found if part.kinds]
        return self._parts[key]

    def _part(self, slots: range, nodes: int, device: torch.device) -> Part:
        part = Part(slots, [], [], [], [], None)
        numbers, before = [], 0
        for kind, those in enumerate(self._carriers):
            chosen = [number for number, edge in enumerate(those) if self._slots[edge] in slots]
            numbers += [before + number for number in chosen]
            before += len(those)
            if chosen:
                part.kinds.append(kind)
                part.runs.append(None if len(chosen) == len(those) else torch.tensor(chosen, device=device))
                part.patterns.append(tuple(self._states[those[number]] for number in chosen))
                part.layout.append(_segments([self._slots[those[number]] - slots.start for number in chosen]))
        return part if len(slots) == nodes else replace(part, numbers=torch.tensor(numbers, device=device))


def _segments(targets: Sequence[int]) -> Segments:
    """The longest runs of blocks that lead to successive nodes."""
    breaks = [place for place in range(1, len(targets)) if targets[place] != targets[place - 1] + 1]
    bounds = pairwise([0, *breaks, len(targets)])
    return tuple((slice(start, stop), slice(targets[start], targets[start] + stop - start)) for start, stop in bounds)
