"""All mixed edges that leave the same states, computed together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.operations import BatchNorm, FactorizedReduce, Zero
from engine.nets.separable_edges import SeparableEdges
from engine.nets.stacked_operations import ReductionStack, is_separable
from engine.nets.stochastic_depth import Chance


class Weightless(nn.Module):
    """The operation on several states that lie side by side.

    Args:
        module: as `engine.nets.operations.build` makes it.
        states: the places of those that it is applied to.
        channels: of each state.
    """

    def __init__(self, module: nn.Module, states: Sequence[int], channels: int) -> None:
        super().__init__()
        self.states, self.channels = list(states), channels
        self.norm: BatchNorm | None = None
        if isinstance(module, nn.Sequential):
            module, _ = module
            self.norm = BatchNorm(len(states) * channels, affine=False)
        self.module = module

    @property
    def is_skip(self) -> bool:
        return isinstance(self.module, nn.Identity)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """What becomes of each of `states`, for all states side by side."""
        if len(self.states) * self.channels < x.shape[1]:
            parts = x.split(self.channels, 1)
            x = torch.cat([parts[state] for state in self.states], 1)
        x = self.module(x)
        if self.norm is not None:
            x = self.norm(x)
        images: tuple[Tensor, ...] = x.split(self.channels, 1)
        return images


def shared_out(shares: Tensor, table: Sequence[Tensor]) -> list[Tensor]:
    """T images, each the sum of its `shares` (T, K), or (N, T, K), of the K images (N, C, H, W) in `table`."""
    count, channels, height, width = table[0].shape
    if shares.dim() == 3:
        columns = torch.stack([image.permute(0, 2, 3, 1) for image in table], 1).flatten(2)
        sums = (shares @ columns).view(count, -1, height, width, channels)
        return [image.permute(0, 3, 1, 2) for image in sums.unbind(1)]
    rows = torch.stack([image.permute(0, 2, 3, 1) for image in table]).flatten(1)
    return [image.permute(0, 3, 1, 2) for image in (shares @ rows).view(-1, count, height, width, channels).unbind()]


def passing(rest: Tensor, halved: bool) -> Tensor:
    """The channels that no operation touches; on an edge of stride 2 their 2×2 maxima.

    The published pool rounds odd sides down where the operations round up, so that the two do not fit together. Here
    the last window of an odd side sees what is at hand.
    """
    return F.max_pool2d(rest, 2, 2, ceil_mode=True) if halved else rest


def shuffled(mixed: Tensor, rest: Tensor) -> Tensor:
    """(N, C / K, H, W) and (N, C - C / K, H, W) side by side, their channels shuffled in K groups.

    Channel j of group k becomes channel j K + k. Shuffling is linear, so that a node does it once, after its sum.
    """
    groups = torch.cat([mixed, rest], 1).permute(0, 2, 3, 1).unflatten(3, (-1, mixed.shape[1]))
    mixed_up: Tensor = groups.transpose(3, 4).flatten(3).permute(0, 3, 1, 2)
    return mixed_up


def by_image(share: Tensor, image: Tensor) -> Tensor:
    """An image (N, C, H, W) times a share, or each of its N times one of its own (N,)."""
    return share * image if share.dim() == 0 else share[:, None, None, None].to(image.dtype) * image


def weighted(images: Sequence[Tensor], weights: Sequence[Tensor] | None = None) -> Tensor:
    """The sum of the images, each times its weight where there are weights."""
    if weights is not None:
        images = [weight * image for weight, image in zip(weights, images, strict=True)]
    return sum(images[1:], images[0])


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

    def forward(
        self, x: Tensor, shares: Sequence[Tensor], kept: Sequence[Tensor] | None, chance: Chance | None
    ) -> list[list[Tensor]]:
        """For each of `nodes`, what the edges add to it, in parts that are to be added up.

        Args:
            x: the states side by side, channels last.
            shares: how much each edge takes of each operation, as `wanted` says.
            kept: for each of `shares` factors for each image (N, ...), where some are dropped.
            chance: what is dropped of pixels, if anything.
        """
        parts: list[list[Tensor]] = [[] for _ in self.nodes]
        wide, *narrow = shares if kept is None else [share * factor for share, factor in zip(shares, kept, strict=True)]
        table = [image for operation in self.weightless for image in operation(x)]
        if chance is not None and chance.skip_rate:
            table, wide = self._by_chance(table, wide, chance, parts)
        rectified = x.relu() if self.separable is not None or self.reductions else x
        if self.separable is not None:
            narrow.pop()  # theirs, which are taken apart from what is dropped
            self.separable(rectified, shares[-1], None if kept is None else kept[-1], parts)
        if table:
            for part, image in zip(parts, shared_out(wide, table), strict=True):
                part.append(image)
        for pairs, stack in zip(self._reducing, self.reductions, strict=True):
            state = self._states[pairs[0][0]]
            outputs = stack(rectified.split(self.channels, 1)[state], narrow.pop(0))
            for (edge, _), output in zip(pairs, outputs, strict=True):
                parts[self._slots[edge]].append(output)
        states = x.split(self.channels, 1) if self._others else ()
        for (edge, _), operation, share in zip(self._others, self.others, narrow, strict=True):
            parts[self._slots[edge]].append(by_image(share, operation(states[self._states[edge]])))
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
        """Adds the skips of `table`, from which each edge drops pixels of its own; the rest of it, and its shares."""
        skips = [operation.is_skip for operation in self.weightless for _ in operation.states]  # type: ignore[union-attr]
        rest = []
        for column, (image, is_skip) in enumerate(zip(table, skips, strict=True)):
            if not is_skip:
                rest.append(column)
                continue
            for slot, part in enumerate(parts):
                part.append(by_image(shares[..., slot, column], chance.skipped(image)))
        if rest:
            columns = shares.unbind(-1)  # to index with a list would make a device wait
            shares = torch.stack([columns[column] for column in rest], -1)
        return [table[column] for column in rest], shares
