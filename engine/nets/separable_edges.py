"""The depthwise-separable operations on all edges that leave the same states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nets.chance import Chance
from engine.nets.layout import gathered
from engine.nets.pointwise import Counts, shared_out, summed
from engine.nets.stacks import Run, SeparableStack

AT_ONCE = 2 << 20
"""Bytes of image that a depthwise convolution reads on a CPU: nodes that need more are computed one after another."""


@dataclass(frozen=True)
class Part:
    """Some successive nodes that are computed at once.

    Attributes:
        slots: their numbers.
        run: the modules on the edges to them, by kind.
        patterns: for each kind, the places of the states that its modules read.
        layout: for each kind, how many of its modules lead to each node.
        targets: for each module, kind after kind, which of the nodes it leads to.
        numbers: the modules' numbers among those of all nodes; None where these are all nodes.
    """

    slots: range
    run: Run
    patterns: dict[int, tuple[int, ...]]
    layout: tuple[Counts, ...]
    targets: Tensor
    numbers: Tensor | None


class SeparableEdges(nn.Module):
    """Stacked kind by kind over the edges that carry them, and added up node by node.

    The last pointwise convolutions, their batch norms and the weighted sum over operations and edges are one matrix
    product for each kind.

    Args:
        operations: by the operations' places among all, those modules on the edges that carry them.
        slots: for each edge, the number of its node.
        states: for each edge, the place of its state among the states.
    """

    def __init__(
        self, operations: Mapping[int, Mapping[int, nn.Sequential]], slots: Sequence[int], states: Sequence[int]
    ) -> None:
        super().__init__()
        self.places = list(operations)
        self._carriers = [list(those) for those in operations.values()]
        self.pairs = [(edge, place) for place, those in operations.items() for edge in those]
        self._slots, self._states = list(slots), list(states)
        self.stack = SeparableStack([list(those.values()) for those in operations.values()])
        self._parts: dict[tuple[torch.device, int], list[Part]] = {}

    def forward(
        self,
        rectified: Tensor,
        shares: Tensor,
        table: Sequence[Tensor],
        table_shares: Tensor,
        chance: Chance | None,
        parts: list[list[Tensor]],
    ) -> None:
        """Appends to each node's `parts` what these operations add to it, and what it takes from `table`.

        Args:
            rectified: the states after their ReLU, side by side.
            shares: of `pairs`.
            table: other images, of which each node takes its `table_shares` (nodes, images).
        """
        for part in self._parted(rectified, len(parts)):
            some = table_shares[part.slots.start : part.slots.stop] if table else None
            if not part.run:
                for slot, output in zip(part.slots, [] if some is None else shared_out(some, table), strict=False):
                    parts[slot].append(output)
                continue
            patterns = set(part.patterns.values())
            channels = rectified.shape[1] // (1 + max(self._states))
            blocks = {pattern: gathered(rectified, pattern, channels) for pattern in patterns}
            inputs = {kind: blocks[pattern] for kind, pattern in part.patterns.items()}
            images, matrices, shifts = self.stack(inputs, None if part.numbers is None else part.run)
            ours = (shares if part.numbers is None else shares.index_select(0, part.numbers))[:, None]
            matrices, shifts = ours[..., None] * matrices, ours * shifts
            extra = None
            if chance is not None and chance.drop_path:
                images, extra = _dropped(images, shifts, part, chance)
                shifts = torch.zeros_like(shifts)
            shifts = shifts.new_zeros(len(part.slots), shifts.shape[1]).index_add(0, part.targets, shifts)
            outputs = summed(part.layout, images, matrices, shifts, some, table)
            for place, (slot, output) in enumerate(zip(part.slots, outputs, strict=True)):
                parts[slot].append(output if extra is None else output + extra[:, place, :, None, None])

    def weights(self, edge: int, place: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        kind = self.places.index(place)
        return self.stack.weights(kind, self._carriers[kind].index(edge)) if edge in self._carriers[kind] else []

    def _parted(self, rectified: Tensor, nodes: int) -> list[Part]:
        """All nodes, as many at a time as suits the processor's caches."""
        length = nodes
        if rectified.device.type == "cpu":
            length = min(nodes, max(1, AT_ONCE // (rectified.numel() * rectified.element_size())))
        key = rectified.device, length
        if key not in self._parts:
            firsts = range(0, nodes, length)
            ranges = [range(first, min(first + length, nodes)) for first in firsts]
            self._parts[key] = [self._part(slots, nodes, rectified.device) for slots in ranges]
        return self._parts[key]

    def _part(self, slots: range, nodes: int, device: torch.device) -> Part:
        run, patterns, layout, targets = {}, {}, [], []
        for kind, those in enumerate(self._carriers):
            chosen = [number for number, edge in enumerate(those) if self._slots[edge] in slots]
            if not chosen:
                continue
            run[kind] = slice(chosen[0], chosen[-1] + 1)
            to = [self._slots[those[number]] - slots.start for number in chosen]
            patterns[kind] = tuple(self._states[those[number]] for number in chosen)
            layout.append(tuple(to.count(node) for node in range(len(slots))))
            targets += to
        numbers = self.stack.numbers(run) if run and len(slots) < nodes else None
        return Part(slots, run, patterns, tuple(layout), torch.tensor(targets, device=device), numbers)


def _dropped(images: Sequence[Tensor], shifts: Tensor, part: Part, chance: Chance) -> tuple[list[Tensor], Tensor]:
    """The images with some paths dropped, block by block; and the shifts of what is left (N, nodes, C)."""
    kept = chance.kept(images[0], len(shifts))
    channels = images[0].shape[1] // sum(part.layout[0])
    sizes = [sum(counts) for counts in part.layout]
    dropped = [
        image * ours.repeat_interleave(channels, 1)[..., None, None]
        for image, ours in zip(images, kept.split(sizes, 1), strict=True)
    ]
    nodes = kept.new_zeros(len(kept), len(part.slots), shifts.shape[1])
    return dropped, nodes.index_add(1, part.targets, kept[..., None] * shifts)
