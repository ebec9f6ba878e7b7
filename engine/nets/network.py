"""Networks to be trained alone: that around a normal and a reduction cell, and the way to that of any architecture."""

from torch import Tensor, nn

from engine.nets.cell_module import BuiltCell
from engine.nets.convolution import convolution
from engine.nets.layer_network import AnchoredNetwork, MacroNetwork
from engine.nets.motif_network import MotifNetwork
from engine.nets.operations import BatchNorm
from engine.nets.recurrent_network import LanguageNetwork
from engine.nets.skeleton import ImagenetStem, pooled, stem
from engine.nets.stacked_network import StackedNetwork
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.counts import STEM_FACTOR, Frame, LanguageModel, Skeleton, reductions, require_buildable
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture
from engine.space.recurrent import RecurrentCell, TreeCell


class AuxiliaryHead(nn.Module):
    """ReLU, pool 5×5, 1×1 to 128, 2×2 to 768, linear. Made for 8×8 pixels (CIFAR) or 7×7 (ImageNet).

    The batch norm after the 2×2 convolution is missing in ImageNet networks, as in the published code of DARTS, unless
    the skeleton asks for it.
    """

    def __init__(self, channels: int, skeleton: Skeleton) -> None:
        super().__init__()
        large = skeleton.kind == "imagenet"
        self.smallest = 7 if large else 8
        norm = BatchNorm(768) if skeleton.auxiliary_norm or not large else nn.Identity()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, stride=2 if large else 3, count_include_pad=False),
            convolution(channels, 128, 1),
            BatchNorm(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),
            norm,
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, skeleton.classes)

    def forward(self, x: Tensor) -> Tensor:
        if min(x.shape[2:]) < self.smallest:
            pixels = 193 if self.smallest == 7 else 29
            raise ValueError(f"the auxiliary classifier needs images of {pixels} pixels or more")
        logits: Tensor = self.classifier(pooled(self.features(x)))
        return logits


class Network(nn.Module):
    """The CIFAR or ImageNet network of DARTS (Liu et al. 2019) around a pair of cells.

    With an auxiliary head, a second classifier looks at the cell after two thirds of the depth, and in training
    `forward` returns (logits, auxiliary logits) instead of logits (N, classes). `drop_path` is the share of paths
    dropped, per image; it may be changed while training. Raises Unbuildable for cells that make no such network.
    """

    def __init__(self, architecture: CellArchitecture, skeleton: Skeleton, drop_path: float = 0.0) -> None:
        super().__init__()
        require_buildable(architecture, skeleton)
        self.drop_path = drop_path
        channels, layers = skeleton.channels, skeleton.layers
        after_reduction = skeleton.kind == "imagenet"
        if after_reduction:
            self.stem: nn.Module = ImagenetStem(skeleton.in_channels, channels)
            before = last = channels
        else:
            self.stem = stem(skeleton.in_channels, channels)
            before = last = STEM_FACTOR * channels
        self.cells = nn.ModuleList()
        self.auxiliary: AuxiliaryHead | None = None
        self._auxiliary_after = 2 * layers // 3
        for index in range(layers):
            reduces = index in reductions(layers)
            channels *= 2 if reduces else 1
            cell = architecture.reduction if reduces else architecture.normal
            self.cells.append(BuiltCell(cell, before, last, channels, reduces, after_reduction))
            before, last, after_reduction = last, len(cell.concat) * channels, reduces
            if skeleton.auxiliary and index == self._auxiliary_after:
                self.auxiliary = AuxiliaryHead(last, skeleton)
        self.classifier = nn.Linear(last, skeleton.classes)

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        entered = self.stem(images)
        before, last = entered if isinstance(entered, tuple) else (entered, entered)
        side = None
        drop_path = self.drop_path if self.training else 0.0
        for index, cell in enumerate(self.cells):
            before, last = last, cell(before, last, drop_path)
            if self.training and self.auxiliary is not None and index == self._auxiliary_after:
                side = self.auxiliary(last)
        logits: Tensor = self.classifier(pooled(last))
        return logits if side is None else (logits, side)


def build_network(architecture: Architecture, frame: Frame, drop_path: float = 0.0) -> nn.Module:
    """The network around the architecture; `engine.space.counts.architecture_counts` says its weights and MACs.

    In a skeleton it gives logits (N, classes) for images (N, in_channels, image, image); in a language model see
    `LanguageNetwork`. `drop_path` is the share of paths that cells drop in training. Raises Unbuildable for an
    architecture that has a fault, or does not fit into the frame.
    """
    require_buildable(architecture, frame)
    match architecture, frame:
        case CellArchitecture(), Skeleton():
            return Network(architecture, frame, drop_path)
        case StackedCell(), Skeleton():
            return StackedNetwork(architecture, frame, drop_path)
        case LayerArchitecture(join="before"), Skeleton():
            return AnchoredNetwork(architecture, frame)
        case LayerArchitecture(), Skeleton():
            return MacroNetwork(architecture, frame)
        case MotifArchitecture(), Skeleton():
            return MotifNetwork(architecture, frame)
        case RecurrentCell() | TreeCell(), LanguageModel():
            return LanguageNetwork(architecture, frame)
    raise AssertionError("require_buildable lets nothing else pass")
