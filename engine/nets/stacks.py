"""The same operation of several edges, its weights in one tensor and computed at once.

A stack takes over the values of the modules that it is made of. `weights(...)` gives those of one module alone, as
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
"""Images, and the matrices and shifts that their blocks have yet to go through; see `FoldedNorm.maps`."""

Run = dict[int, slice]
"""Some of the modules of some kinds."""

STAGE = (nn.ReLU, nn.Conv2d, nn.Conv2d, nn.BatchNorm2d)
StageParts = tuple[nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]
"""What has weights or statistics in a stage: depthwise and pointwise convolution, and batch norm."""


class SeparableStack(nn.Module):
    """Several kinds of depthwise-separable operations, each as often as there are edges that carry it.

    Operations of two stages begin at the first, those of one stage (the dilated ones) at the last, so that all kinds
    share what comes after the depthwise convolutions of a stage.

    Args:
        kinds: for each kind, its modules as `engine.nets.operations.build` makes them.
    """

    def __init__(self, kinds: Sequence[Sequence[nn.Sequential]]) -> None:
        super().__init__()
        parts = [[_stages(module) for module in modules] for modules in kinds]
        depths = [len(alike[0]) for alike in parts]
        self.stages = nn.ModuleList()
        for left in range(max(depths), 0, -1):  # stages to go
            here = [kind for kind, depth in enumerate(depths) if depth >= left]
            self.stages.append(SeparableStage(here, [[stages[-left] for stages in parts[kind]] for kind in here]))

    def forward(self, inputs: dict[int, Tensor], run: Run | None) -> Maps:
        """The last maps are not carried out.

        Args:
            inputs: for each kind, its edges' states after their ReLU, side by side.
            run: which modules these are, where they are not all.
        """
        inputs = dict(inputs)
        for at, stage in enumerate(self.stages):
            assert isinstance(stage, SeparableStage)
            if inputs.keys().isdisjoint(stage.kinds):
                continue
            here, images, matrices, shifts = stage(inputs, run)
            if at + 1 < len(self.stages):
                sizes = [image.shape[1] // matrices.shape[2] for image in images]
                maps = zip(here, images, matrices.split(sizes), shifts.split(sizes), strict=True)
                inputs |= {kind: rectified(image, matrix, shift) for kind, image, matrix, shift in maps}
        return images, matrices, shifts

    def numbers(self, run: Run) -> Tensor:
        """The places of the run's modules among those of all kinds, kind after kind."""
        last = self.stages[-1]
        assert isinstance(last, SeparableStage)
        return last.numbers(run)

    def weights(self, kind: int, number: int) -> list[Tensor]:
        """Of module `number` of a kind."""
        found = []
        for stage in self.stages:
            assert isinstance(stage, SeparableStage)
            if kind in stage.kinds:
                place = stage.kinds.index(kind)
                mixing = stage.pointwise[stage.starts[place] + number]
                found += [stage.depthwise[place][number][:, None], mixing[..., None, None]]
        return found


class SeparableStage(nn.Module):
    """Depthwise convolution, pointwise convolution, batch norm: one stage of the modules of several kinds."""

    def __init__(self, kinds: Sequence[int], parts: Sequence[Sequence[StageParts]]) -> None:
        super().__init__()
        self.kinds = list(kinds)
        self.starts = [sum(map(len, parts[:place])) for place in range(len(parts))]
        self.depthwise = nn.ParameterList(
            nn.Parameter(torch.stack([spread.weight.detach()[:, 0] for spread, _, _ in alike])) for alike in parts
        )
        self.pointwise = nn.Parameter(  # (modules of all kinds, C, C)
            torch.stack([mixing.weight.detach()[:, :, 0, 0] for alike in parts for _, mixing, _ in alike])
        )
        self.norm = FoldedNorm([norm for alike in parts for _, _, norm in alike])
        self.forms = [(alike[0][0].stride[0], alike[0][0].dilation[0]) for alike in parts]
        self._known: dict[Any, Tensor] = {}

    def forward(self, inputs: dict[int, Tensor], run: Run | None) -> tuple[list[int], list[Tensor], Tensor, Tensor]:
        """The kinds that are there, their images, and the maps that these have yet to go through."""
        here, images = [], []
        for kind, weight, (stride, dilation) in zip(self.kinds, self.depthwise, self.forms, strict=True):
            if kind in inputs:
                ours = weight if run is None else weight[run[kind]]
                images.append(depthwise(inputs[kind], ours.flatten(0, 1)[:, None], stride, dilation))
                here.append(kind)
        which = None if run is None else self.numbers(run)
        mixing = self.pointwise if which is None else self.pointwise.index_select(0, which)
        return here, images, *self.norm.maps(mixing, images, which)

    def numbers(self, run: Run) -> Tensor:
        """The places of the run's modules among those of all kinds, kind after kind."""
        device = self.pointwise.device
        key = device, tuple((kind, ours.start, ours.stop) for kind, ours in run.items())
        if key not in self._known:
            places = [
                start + number
                for kind, start in zip(self.kinds, self.starts, strict=True)
                if kind in run
                for number in range(run[kind].start, run[kind].stop)
            ]
            self._known[key] = torch.tensor(places, device=device)
        return self._known[key]


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
        self.norm = FoldedNorm([module.norm for module in modules])

    def forward(self, x: Tensor, shares: Tensor) -> tuple[Tensor, ...]:
        """For each edge its output, times its share (E,). `x`: the state after its ReLU."""
        height, width = x.shape[2:]
        if height % 2 or width % 2:
            x = F.pad(x, (0, width % 2, 0, height % 2))
        pixels = torch.cat([every_other(x), every_other(x, 1)], 1)
        channels = x.shape[1]
        weight = torch.cat([F.pad(self.first, (0, channels)), F.pad(self.second, (channels, 0))], 1)
        matrices, shifts = self.norm.maps(weight, [pixels])
        matrices, shifts = shares[:, None, None] * matrices, shares[:, None] * shifts
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
