"""All mixed edges that leave one state, computed together."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from engine.nets.layout import repeated
from engine.nets.operations import FactorizedReduce, Zero
from engine.nets.pointwise import summed
from engine.nets.stacks import ReductionStack, SeparableStack, is_separable

AT_ONCE = 2 << 20
"""Bytes of image that a depthwise convolution reads on a CPU: edges that need more are computed one after another."""


class SharedEdges(nn.Module):
    """E edges from one state, each the weighted sum of the same operations.

    - What has no weights (skip, pools with their batch norms) is computed once for all edges and shared out by a
      matrix product.
    - Depthwise-separable operations are stacked. Their last pointwise convolution, its batch norm and the weighted sum
      over operations are one matrix product for each operation, into one total.
    - Factorized reductions are stacked, too; other operations are computed edge by edge.
    - "none" adds nothing and has no module; it acts through the share of the softmax that it takes from the others.

    Args:
        edges: for each edge its operations, as `engine.nets.operations.build` makes them; the same on all edges.
    """

    def __init__(self, edges: Sequence[Sequence[nn.Module]]) -> None:
        super().__init__()
        self.count = len(edges)
        self.common, self.reductions, self.others = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        separable: dict[int, Sequence[nn.Sequential]] = {}
        for place, modules in enumerate(zip(*edges, strict=True)):
            if is_separable(modules[0]):
                separable[place] = [module for module in modules if isinstance(module, nn.Sequential)]
            elif isinstance(modules[0], FactorizedReduce):
                self.reductions[str(place)] = ReductionStack(modules)
            elif any(True for _ in modules[0].parameters()):
                self.others[str(place)] = nn.ModuleList(modules)
            elif not isinstance(modules[0], Zero):
                self.common[str(place)] = modules[0]
        self.separable = SeparableStack(list(separable.values())) if separable else None
        self.places = list(separable)

    def forward(self, x: Tensor, shares: Tensor) -> list[Tensor]:
        """What each edge adds to its node, for the state `x` and the weights of the operations (E, operations)."""
        x = x.contiguous(memory_format=torch.channels_last)
        columns = shares.unbind(1)
        common = [operation(x) for operation in self.common.values()]
        rectified = x.relu()
        parts: list[Sequence[Tensor]] = []
        if self.separable is not None or common:
            parts.append([image for edges in self._runs(x) for image in self._mixed(rectified, common, columns, edges)])
        parts += [stack(rectified, columns[int(place)]) for place, stack in self.reductions.items()]
        for place, operations in self.others.items():
            alone = zip(columns[int(place)], operations, strict=True)  # type: ignore[call-overload]
            parts.append([share * operation(x) for share, operation in alone])
        return [sum(images[1:], images[0]) for images in zip(*parts, strict=True)]

    def weights(self, edge: int, operation: int) -> list[Tensor]:
        """The weights of one operation on one edge, in the order and form of its own module, as views."""
        place = str(operation)
        if self.separable is not None and operation in self.places:
            return self.separable.weights(edge, self.places.index(operation))
        if place in self.reductions:
            stack = self.reductions[place]
            assert isinstance(stack, ReductionStack)
            return stack.weights(edge)
        return list(self.others[place].get_submodule(str(edge)).parameters()) if place in self.others else []

    def _runs(self, x: Tensor) -> Iterator[slice]:
        """The edges, as many at a time as suits the processor's caches."""
        size = x.numel() * x.element_size()
        run = max(1, AT_ONCE // size) if x.device.type == "cpu" and self.separable is not None else self.count
        for start in range(0, self.count, run):
            yield slice(start, min(start + run, self.count))

    def _mixed(
        self, rectified: Tensor, common: Sequence[Tensor], columns: Sequence[Tensor], edges: slice
    ) -> list[Tensor]:
        """The separable operations and those in `common`, weighted and added up on each of `edges`."""
        count = edges.stop - edges.start
        if self.separable is not None:
            images, matrices, shifts = self.separable(repeated(rectified, count), edges)
            shares = torch.stack([columns[place][edges] for place in self.places])[..., None]
            total = summed(images, shares[..., None] * matrices, (shares * shifts).sum(0)).view(count, -1)
            shape = images[0].shape
        if common:
            shares = torch.stack([columns[int(place)][edges] for place in self.common], 1)
            table = torch.stack([image.permute(0, 2, 3, 1).flatten() for image in common])
            total = total.addmm_(shares, table) if self.separable is not None else shares @ table
            shape = common[0].shape
        pixels = total.view(count, shape[0], shape[2], shape[3], -1)
        return [image.permute(0, 3, 1, 2) for image in pixels.unbind()]
