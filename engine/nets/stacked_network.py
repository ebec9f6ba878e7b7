"""The network of NAS-Bench-201 (Dong and Yang 2020) around a single cell, to be trained alone."""

from torch import Tensor, nn

from engine.nets.cell_module import SingleCell
from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm, relu_conv_norm
from engine.nets.skeleton import pooled
from engine.space.architecture import StackedCell
from engine.space.counts import Skeleton, require_buildable, stages


class StackedNetwork(nn.Module):
    """Three stages of one cell; the image is halved and the channels doubled before the second and the third.

    `drop_path` is as in `Network`. Raises Unbuildable for a cell that makes no such network.
    """

    def __init__(self, architecture: StackedCell, skeleton: Skeleton, drop_path: float = 0.0) -> None:
        super().__init__()
        require_buildable(architecture, skeleton)
        self.drop_path = drop_path
        channels = skeleton.channels
        self.stem = nn.Sequential(convolution(skeleton.in_channels, channels, 3), BatchNorm(channels))
        self.layers = nn.ModuleList()
        for stage, length in enumerate(stages(skeleton.layers)):
            if stage:
                self.layers.append(ResidualHalving(channels))
                channels *= 2
            self.layers.extend(SingleCell(architecture.cell, channels) for _ in range(length))
        self.last = nn.Sequential(BatchNorm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, skeleton.classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        drop_path = self.drop_path if self.training else 0.0
        for layer in self.layers:
            x = layer(x, drop_path) if isinstance(layer, SingleCell) else layer(x)
        logits: Tensor = self.classifier(pooled(self.last(x)))
        return logits


class ResidualHalving(nn.Module):
    """A residual block of stride 2 that doubles the channels; its shortcut is an average pool and a 1×1 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.body = nn.Sequential(
            relu_conv_norm(channels, wide, affine=True, kernel=(3, 3), stride=2),
            relu_conv_norm(wide, wide, affine=True, kernel=(3, 3)),
        )
        # An odd side is halved rounding up, as by the convolutions.
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), convolution(channels, wide, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.shortcut(x) + self.body(x)
        return total
