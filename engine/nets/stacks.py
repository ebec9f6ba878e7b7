"""The same operation of several edges, its weights in one tensor and computed at once.

A stack takes over the values of the modules that it is made of. `weights(number)` gives those of one module alone, as
views in the order and form of that module's own parameters.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.depthwise import depthwise
from engine.nets.layout import every_other
from engine.nets.norms import Norms
from engine.nets.operations import BatchNorm, FactorizedReduce
from engine.nets.pointwise import rectified

STAGE = (nn.ReLU, nn.Conv2d, nn.Conv2d, nn.BatchNorm2d)
StageParts = tuple[nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]
"""What has weights or statistics in a stage: depthwise and pointwise convolution, and batch norm."""

StageWeights = tuple[Tensor, Tensor]
"""Of B modules: depthwise (B, C, k, k) and pointwise (B, C, C)."""


class SeparableStack(nn.Module):
    """A depthwise-separable operation of one or more stages, as often as there are edges that carry it.

    Attributes:
        sparse: whether the first kernel, of stride 2 and dilation 2, meets only every other pixel, wherever it stands.

    Args:
        modules: as `engine.nets.operations.build` makes them.
    """

    def __init__(self, modules: Sequence[nn.Sequential]) -> None:
        super().__init__()
        parts = [_stages(module) for module in modules]
        self.stages = nn.ModuleList(SeparableStage(alike) for alike in zip(*parts, strict=True))
        self.sparse = self.stages[0].sparse

    def forward(self, x: Tensor, weights: Sequence[StageWeights], run: slice) -> tuple[Tensor, Tensor, Norms]:
        """What goes into the last pointwise convolutions, these (B, C, C), and the norms after them.

        Args:
            x: the edges' states after their ReLU, side by side; every other pixel of them where `sparse`.
            weights: of each stage, those of the modules on these edges.
            run: the numbers of these modules.
        """
        *earlier, last = zip(self.stages, weights, strict=True)
        for stage, (spread, mixing) in earlier:
            assert isinstance(stage, SeparableStage)
            x = rectified(stage(x, spread), mixing, stage.norms, run)
        stage, (spread, mixing) = last
        assert isinstance(stage, SeparableStage)
        return stage(x, spread), mixing, stage.norms

    def cut(self, sizes: Sequence[int]) -> list[tuple[StageWeights, ...]]:
        """The weights of successive runs of so many modules, stage by stage."""
        return list(zip(*(stage.cut(sizes) for stage in self.stages), strict=True))  # type: ignore[operator]

    def weights(self, number: int) -> list[Tensor]:
        found = []
        for stage in self.stages:
            assert isinstance(stage, SeparableStage)
            found += [stage.depthwise[number][:, None], stage.pointwise[number][..., None, None]]
        return found


class SeparableStage(nn.Module):
    """Depthwise convolution, pointwise convolution and batch norm of all modules."""

    def __init__(self, parts: Sequence[StageParts]) -> None:
        super().__init__()
        self.depthwise = nn.Parameter(torch.stack([spread.weight.detach()[:, 0] for spread, _, _ in parts]))
        self.pointwise = nn.Parameter(torch.stack([mixing.weight.detach()[:, :, 0, 0] for _, mixing, _ in parts]))
        self.norms = Norms([norm for _, _, norm in parts])
        self.stride, self.dilation = parts[0][0].stride[0], parts[0][0].dilation[0]
        self.sparse = self.stride == self.dilation == 2

    def forward(self, x: Tensor, spread: Tensor) -> Tensor:
        """Through depthwise convolutions; the pointwise ones and the norms are left to the caller."""
        form = (1, 1) if self.sparse else (self.stride, self.dilation)
        return depthwise(x, spread.flatten(0, 1)[:, None], *form)

    def cut(self, sizes: Sequence[int]) -> list[StageWeights]:
        """The weights of successive runs of so many modules."""
        if len(sizes) == 1:
            return [(self.depthwise, self.pointwise)]
        return list(zip(self.depthwise.split(sizes), self.pointwise.split(sizes), strict=True))


class ReductionStack(nn.Module):
    """Factorized reductions of E edges, as pointwise convolutions of the two pixels that they see, one above the other.

    Each convolution sees one of the two, hence the zeros in the matrices.
    """

    def __init__(self, modules: Sequence[FactorizedReduce]) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Parameter(torch.stack([weight.detach()[:, :, 0, 0] for weight in weights]))
            for weights in zip(*((module.first.weight, module.second.weight) for module in modules), strict=True)
        )
        self.norm = BatchNorm(sum(module.norm.num_features for module in modules), affine=False)

    def forward(self, x: Tensor, shares: Tensor) -> tuple[Tensor, ...]:
        """For each edge its output, times its share (E,). `x`: the state after its ReLU."""
        height, width = x.shape[2:]
        if height % 2 or width % 2:
            x = F.pad(x, (0, width % 2, 0, height % 2))
        pixels = torch.cat([every_other(x), every_other(x, 1)], 1)
        channels = x.shape[1]
        weight = torch.cat([F.pad(self.first, (0, channels)), F.pad(self.second, (channels, 0))], 1)
        outputs = self.norm(F.conv2d(pixels, weight.flatten(0, 1)[..., None, None]))
        shares = shares.to(outputs.dtype)
        return (outputs * shares.repeat_interleave(weight.shape[1]).view(-1, 1, 1)).chunk(len(shares), 1)

    def weights(self, number: int) -> list[Tensor]:
        return [self.first[number][..., None, None], self.second[number][..., None, None]]


def is_separable(module: nn.Module) -> bool:
    """Whether the module is made of stages of ReLU, depthwise convolution, pointwise convolution and batch norm."""
    if not isinstance(module, nn.Sequential) or len(module) % len(STAGE):
        return False
    alike = all(isinstance(part, STAGE[at % len(STAGE)]) for at, part in enumerate(module))
    return alike and all(conv.groups == conv.in_channels for conv in list(module)[1 :: len(STAGE)])


def _stages(module: nn.Sequential) -> list[StageParts]:
    parts: list[Any] = list(module)
    return [(parts[at + 1], parts[at + 2], parts[at + 3]) for at in range(0, len(parts), len(STAGE))]
