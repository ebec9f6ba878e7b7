"""The same operation of E edges that leave one state, its weights in one tensor and computed at once.

A stack takes over the values of the modules that it is made of. `weights(edge, ...)` gives those of one edge alone, as
views in the order and form of that module's own parameters.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.depthwise import depthwise
from engine.nets.layout import every_other
from engine.nets.operations import FactorizedReduce
from engine.nets.pointwise import FoldedNorm, rectified

Maps = tuple[list[Tensor], Tensor, Tensor]
"""Images, and the matrices and shifts that they have yet to go through; see `FoldedNorm.maps`."""

STAGE = (nn.ReLU, nn.Conv2d, nn.Conv2d, nn.BatchNorm2d)
StageParts = tuple[nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]
"""What has weights or statistics in a stage: depthwise and pointwise convolution, and batch norm."""


class SeparableStack(nn.Module):
    """Several kinds of depthwise-separable operations, each on E edges.

    Operations of two stages begin at the first, those of one stage (the dilated ones) at the last, so that all kinds
    share what comes after the depthwise convolutions of a stage.

    Args:
        kinds: for each kind, E modules as `engine.nets.operations.build` makes them.
    """

    def __init__(self, kinds: Sequence[Sequence[nn.Sequential]]) -> None:
        super().__init__()
        parts = [[_stages(module) for module in modules] for modules in kinds]
        self.depths = [len(alike[0]) for alike in parts]
        self.stages = nn.ModuleList(
            SeparableStage([[stages[-left] for stages in alike] for alike in parts if len(alike[0]) >= left])
            for left in range(max(self.depths), 0, -1)  # stages to go
        )

    def forward(self, x: Tensor, edges: slice) -> Maps:
        """`x`: for each of `edges`, a block with the state after its ReLU. The last maps are not carried out."""
        inputs = [x for _ in self.depths]
        for at, stage in enumerate(self.stages):
            left = len(self.stages) - at
            here = [kind for kind, depth in enumerate(self.depths) if depth >= left]
            images, matrices, shifts = stage([inputs[kind] for kind in here], edges)
            if left > 1:
                for kind, image, matrix, shift in zip(here, images, matrices, shifts, strict=True):
                    inputs[kind] = rectified(image, matrix, shift)
        maps: Maps = images, matrices, shifts
        return maps

    def weights(self, edge: int, kind: int) -> list[Tensor]:
        found = []
        for at, stage in enumerate(self.stages):
            here = [each for each, depth in enumerate(self.depths) if depth >= len(self.stages) - at]
            if kind in here:
                assert isinstance(stage, SeparableStage)
                place = here.index(kind)
                mixing = stage.pointwise[place * stage.edges + edge]
                found += [stage.depthwise[place][edge, :, None], mixing[..., None, None]]
        return found


class SeparableStage(nn.Module):
    """Depthwise convolution, pointwise convolution, batch norm: one stage of several kinds on E edges."""

    def __init__(self, kinds: Sequence[Sequence[StageParts]]) -> None:
        super().__init__()
        self.depthwise = nn.ParameterList(
            nn.Parameter(torch.stack([spread.weight.detach()[:, 0] for spread, _, _ in parts])) for parts in kinds
        )
        self.edges = len(kinds[0])
        self.pointwise = nn.Parameter(  # (kinds × edges, C, C)
            torch.stack([mixing.weight.detach()[:, :, 0, 0] for parts in kinds for _, mixing, _ in parts])
        )
        self.norm = FoldedNorm([[norm for _, _, norm in parts] for parts in kinds])
        self.forms = [(parts[0][0].stride[0], parts[0][0].dilation[0]) for parts in kinds]

    def forward(self, inputs: Sequence[Tensor], edges: slice) -> Maps:
        spreading: list[Tensor] = list(self.depthwise)
        mixing = self.pointwise.unflatten(0, (-1, self.edges))
        if edges != slice(0, self.edges):  # a slice of all would still cost its backward pass
            spreading, mixing = [weight[edges] for weight in spreading], mixing[:, edges]
        images = [
            depthwise(x, weight.flatten(0, 1)[:, None], stride, dilation)
            for x, weight, (stride, dilation) in zip(inputs, spreading, self.forms, strict=True)
        ]
        return images, *self.norm.maps(mixing, images, edges)


class ReductionStack(nn.Module):
    """Factorized reductions of E edges, as pointwise convolutions of the two pixels that they see, one above the other.

    Each convolution sees one of the two, hence the zeros in the matrices; the input's covariance serves all edges.
    """

    def __init__(self, modules: Sequence[FactorizedReduce]) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Parameter(torch.stack([weight.detach()[:, :, 0, 0] for weight in weights]))
            for weights in zip(*((module.first.weight, module.second.weight) for module in modules), strict=True)
        )
        self.norm = FoldedNorm([[module.norm for module in modules]])

    def forward(self, x: Tensor, shares: Tensor) -> tuple[Tensor, ...]:
        """For each edge its output, times its share (E,). `x`: the state after its ReLU."""
        height, width = x.shape[2:]
        if height % 2 or width % 2:
            x = F.pad(x, (0, width % 2, 0, height % 2))
        pixels = torch.cat([every_other(x), every_other(x, 1)], 1)
        channels = x.shape[1]
        weight = torch.cat([F.pad(self.first, (0, channels)), F.pad(self.second, (channels, 0))], 1)
        matrices, shifts = self.norm.maps(weight[None], [pixels], slice(None))
        matrices, shifts = shares[:, None, None] * matrices[0], shares[:, None] * shifts[0]
        return F.conv2d(pixels, matrices.flatten(0, 1)[..., None, None], shifts.flatten()).chunk(len(shares), 1)

    def weights(self, edge: int) -> list[Tensor]:
        return [self.first[edge][..., None, None], self.second[edge][..., None, None]]


def is_separable(module: nn.Module) -> bool:
    """Whether the module is made of stages of ReLU, depthwise convolution, pointwise convolution and batch norm."""
    if not isinstance(module, nn.Sequential) or len(module) % len(STAGE):
        return False
    alike = all(isinstance(part, STAGE[at % len(STAGE)]) for at, part in enumerate(module))
    return alike and all(conv.groups == conv.in_channels for conv in list(module)[1 :: len(STAGE)])


def _stages(module: nn.Sequential) -> list[StageParts]:
    parts: list[Any] = list(module)
    return [(parts[at + 1], parts[at + 2], parts[at + 3]) for at in range(0, len(parts), len(STAGE))]
