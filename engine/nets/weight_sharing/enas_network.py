"""The network in which the authors of ENAS search their micro space, which is not the one they train in the end.

Source: the published code of ENAS (Pham et al. 2018), src/cifar10/micro_child.py, where no architecture is given.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.operations import BatchNorm, FactorizedReduce, relu_conv_norm
from engine.nets.skeleton import pooled, stem
from engine.nets.weight_sharing.parts import PartedReluConvNorm
from engine.nets.weight_sharing.shared_cells import PairPaths, SharedCell
from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell
from engine.space.counts import STEM_FACTOR, Skeleton, reductions

POOL, STRIDE = 5, 3
"""The pool of the auxiliary head, which takes no pixel beyond the edge."""


class EnasSearchNetwork(PairPaths):
    """All pairs of cells of a space as paths of the authors' search network.

    It differs from `SharedPairs`, and from the network that is trained in the end, in the authors' code as here:

    - A reduction comes before its cell. The cell reads cell k-1 twice, halved with a ReLU before in place of k-2, and
      without one in place of k-1, through operations that keep the size. The latter is k-2 to the next cell. So no
      output goes past a reduction cell unreduced, while in `SharedPairs` k-2 goes past the cell before it.
    - What a cell concatenates is brought back to C channels by ReLU, 1×1 convolution (with rows for each state) and
      batch norm. So inputs are brought to C only where they have other channels: behind the stem.
    - Before the last pool there is a ReLU, after it dropout, and the classifier has no bias.
    - An auxiliary head reads the cell that follows the second reduction (the last one where none follows).

    Dropout goes by the mode of the module, as batch norms do; so it goes on while a path is scored by its batch, in the
    authors' code, too. Reductions are where `reductions` has them: as the authors' for 5, 8, 11, ... cells.
    """

    def __init__(self, space: CellSpace, skeleton: Skeleton, dropout: float, auxiliary: bool) -> None:
        super().__init__(skeleton)
        self.dropout, channels, side = dropout, skeleton.channels, skeleton.image
        self.stem = stem(skeleton.in_channels, channels)
        before = last = STEM_FACTOR * channels
        self._auxiliary_after = min(2 * skeleton.layers // 3 + 1, skeleton.layers - 1)
        self.auxiliary: FrozenHead | None = None
        for index in range(skeleton.layers):
            if reduces := index in reductions(skeleton.layers):
                channels, side = 2 * channels, (side + 1) // 2
            self.cells.append(EnasSearchCell(space, before, last, channels, reduces))
            before, last = channels if reduces else last, channels
            if auxiliary and index == self._auxiliary_after:
                self.auxiliary = FrozenHead(channels, side, skeleton.classes)
        self.classifier = nn.Linear(channels, skeleton.classes, bias=False)

    def forward(self, images: Tensor, architecture: Architecture, drop_path: float = 0.0) -> Tensor:
        return self.with_auxiliary(images, architecture, drop_path)[0]

    def with_auxiliary(
        self, images: Tensor, architecture: Architecture, drop_path: float = 0.0
    ) -> tuple[Tensor, Tensor | None]:
        assert isinstance(architecture, CellArchitecture)
        before = last = self.stem(images)
        side = None
        for index, shared in enumerate(self.cells):
            cell = architecture.reduction if index in reductions(self.skeleton.layers) else architecture.normal
            before, last = shared.joined(cell, before, last, drop_path)  # type: ignore[operator]
            if self.auxiliary is not None and index == self._auxiliary_after:
                side = self.auxiliary(last)
        logits: Tensor = self.classifier(F.dropout(pooled(F.relu(last)), self.dropout, self.training))
        return logits, side


class EnasSearchCell(SharedCell):
    """A cell whose inputs have `before` and `last` channels, and whose output has C, whatever it concatenates."""

    def __init__(self, space: CellSpace, before: int, last: int, channels: int, reduces: bool) -> None:
        super().__init__(space, min(int(reduces), len(space.cells) - 1), channels, reduces=False)
        self.halving: FactorizedReduce | None = None
        if reduces:
            self.halving = FactorizedReduce(last, channels, affine=True)
            self.before: nn.Module = FactorizedReduce(last, channels, affine=True)
            self.last: nn.Module = nn.Identity()
        else:
            self.before, self.last = fitted(before, channels), fitted(last, channels)
        self.output = PartedReluConvNorm(self.inputs + space.nodes, channels, channels)

    def joined(self, cell: Cell, before: Tensor, last: Tensor, drop_path: float) -> tuple[Tensor, Tensor]:
        """What the next cell takes for the outputs of the cells k-2 and k-1, from what this one takes for them."""
        if self.halving is not None:
            before, last = last, self.halving.rectified(last)  # no ReLU comes before this one
        output: Tensor = self.output(*self(cell, [self.before(before), self.last(last)], drop_path))
        return last, output


def fitted(channels_in: int, channels: int) -> nn.Module:
    """What brings an input to C channels: nothing where it has them."""
    return nn.Identity() if channels_in == channels else relu_conv_norm(channels_in, channels, affine=True)


class FrozenHead(nn.Module):
    """The second classifier: ReLU, pool 5×5 of stride 3, 1×1 to 128, as large as the image to 768, pool, no bias.

    Its own weights stay as they were drawn: the authors' optimizer leaves them out. What it asks of the cells before it
    goes through them all the same.
    """

    def __init__(self, channels: int, side: int, classes: int) -> None:
        super().__init__()
        left = (side - POOL) // STRIDE + 1
        self.around = ((left - 1) // 2, left // 2) * 2  # zeros, so that the size stays; one more at the end
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(POOL, STRIDE),
            nn.Conv2d(channels, 128, 1, bias=False),
            BatchNorm(128),
            nn.ReLU(),
        )
        self.whole = nn.Conv2d(128, 768, left, bias=False)
        self.norm = BatchNorm(768)
        self.classifier = nn.Linear(768, classes, bias=False)
        self.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.norm(self.whole(F.pad(self.features(x), self.around)))
        logits: Tensor = self.classifier(pooled(torch.relu(seen)))
        return logits
