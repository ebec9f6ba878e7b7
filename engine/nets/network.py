"""A network around a normal and a reduction cell, to be trained alone."""

from torch import Tensor, nn

from engine.nets.auxiliary import AuxiliaryHead
from engine.nets.cell import BuiltCell
from engine.nets.skeleton import ImagenetStem, pooled, stem
from engine.space.architecture import CellArchitecture
from engine.space.counts import STEM_FACTOR, Skeleton, reductions, require_buildable


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
