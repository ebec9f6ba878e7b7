"""The network around a hierarchical cell (Liu et al. 2018), to be trained alone."""

import torch
from torch import Tensor, nn

from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm
from engine.nets.skeleton import pooled
from engine.space.counts import Skeleton, require_buildable
from engine.space.motifs import MotifArchitecture, MotifEdge, live_edges
from engine.space.operations import KERNELS

SEPARABLE = {"sep_conv_3x3": 3, "sep_conv_5x5": 5, "sep_conv_7x7": 7}


class MotifNetwork(nn.Module):
    """3×3 convolution to C channels; cell, separable 3×3 convolution of stride 2 to 2C; cell, the same to 4C; cell, the
    same of stride 1; global average pool, linear. Batch norm and ReLU follow every convolution.
    """

    def __init__(self, architecture: MotifArchitecture, skeleton: Skeleton) -> None:
        super().__init__()
        require_buildable(architecture, skeleton)
        channels = skeleton.channels
        self.stem = normalised(convolution(skeleton.in_channels, channels, 3))
        self.stages = nn.ModuleList()
        for wider, stride in ((2, 2), (2, 2), (1, 1)):
            cell = BuiltMotif(architecture, len(architecture.levels) - 1, 0, channels, channels)
            self.stages.append(nn.Sequential(cell, separable(cell.outputs, channels * wider, 3, stride)))
            channels *= wider
        self.classifier = nn.Linear(channels, skeleton.classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        logits: Tensor = self.classifier(pooled(x))
        return logits


class BuiltMotif(nn.Module):
    """A motif with `inputs` channels, whose convolutions have `channels`; each of its uses has weights of its own.

    A node is the concatenation of what comes into it. A motif inside another ends in a 1×1 convolution back to `inputs`
    channels. What lies on no way from the first to the last node is left out; a cell without such a way is zero.
    """

    def __init__(self, architecture: MotifArchitecture, level: int, motif: int, inputs: int, channels: int) -> None:
        super().__init__()
        self.edges: tuple[MotifEdge, ...] = live_edges(architecture)[level][motif]
        self.operations = nn.ModuleList()
        sizes = {0: inputs}
        for source, target, operation in self.edges:
            if level:
                built: nn.Module = BuiltMotif(architecture, level - 1, operation - 1, sizes[source], channels)
                outputs = sizes[source]
            else:
                built, outputs = primitive(architecture.primitives[operation - 1], sizes[source], channels)
            self.operations.append(built)
            sizes[target] = sizes.get(target, 0) + outputs
        self.outputs: int = sizes[max(sizes)]
        self.back: nn.Module | None = None
        if level < len(architecture.levels) - 1:
            self.back = normalised(convolution(self.outputs, inputs, 1))
            self.outputs = inputs

    def forward(self, x: Tensor) -> Tensor:
        if not self.edges:
            return torch.zeros_like(x)
        arriving: dict[int, list[Tensor]] = {}
        nodes = {0: x}
        for (source, target, _), operation in zip(self.edges, self.operations, strict=True):
            if source not in nodes:
                nodes[source] = torch.cat(arriving[source], 1)
            arriving.setdefault(target, []).append(operation(nodes[source]))
        joined = torch.cat(arriving[max(arriving)], 1)
        return joined if self.back is None else self.back(joined)


def primitive(name: str, inputs: int, channels: int) -> tuple[nn.Module, int]:
    """The operation from `inputs` channels, and how many it puts out: `channels`, or as many as come in."""
    if name in KERNELS:
        return normalised(convolution(inputs, channels, KERNELS[name])), channels
    if name in SEPARABLE:
        return separable(inputs, channels, SEPARABLE[name], 1), channels
    if name == "depth_conv_3x3":
        return normalised(convolution(inputs, inputs, 3, groups=inputs)), inputs
    pools = {
        "max_pool_3x3": nn.MaxPool2d(3, 1, padding=1),
        "avg_pool_3x3": nn.AvgPool2d(3, 1, padding=1, count_include_pad=False),
    }
    return pools.get(name, nn.Identity()), inputs


def separable(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    """Depthwise and pointwise convolution, batch norm, ReLU."""
    depthwise = convolution(inputs, inputs, kernel, stride, groups=inputs)
    return nn.Sequential(depthwise, *normalised(convolution(inputs, outputs, 1)))


def normalised(filters: nn.Conv2d) -> nn.Sequential:
    """The convolution, batch norm, ReLU."""
    return nn.Sequential(filters, BatchNorm(filters.out_channels), nn.ReLU())
