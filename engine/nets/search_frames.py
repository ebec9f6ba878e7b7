"""Search cells stacked into networks: the frame of DARTS for pairs of cells, that of NAS-Bench-201 for single cells."""

from collections.abc import Sequence

from torch import Tensor, nn

from engine.nets.chance import Chance
from engine.nets.operations import BatchNorm, FactorizedReduce
from engine.nets.search_cell import SearchCell, Wiring
from engine.nets.skeleton import pooled, preprocess, stem
from engine.nets.stacked import ResidualHalving
from engine.space.counts import STEM_FACTOR, reductions, stages

Architecture = Sequence[tuple[Tensor, Tensor | None]]
"""For each kind of cell the weights (edges, operations), and those with which channels pass by (edges,), if any do."""


class PairFrame(nn.Module):
    """The CIFAR network of DARTS (Liu et al. 2019): stem, normal and reduction cells, classifier."""

    def __init__(self, wirings: Sequence[Wiring], channels: int, layers: int, classes: int, in_channels: int) -> None:
        super().__init__()
        self.stem = stem(in_channels, channels)
        self.cells, self.inputs = nn.ModuleList(), nn.ModuleList()
        before = last = STEM_FACTOR * channels
        after_reduction = False
        self.kinds = [int(index in reductions(layers)) for index in range(layers)]
        for kind in self.kinds:
            channels *= 2 if kind else 1
            self.inputs.append(nn.ModuleList(preprocess(before, last, channels, after_reduction, affine=False)))
            self.cells.append(SearchCell(wirings[kind], channels, bool(kind)))
            before, last, after_reduction = last, len(wirings[kind].output) * channels, bool(kind)
        self.classifier = nn.Linear(last, classes)

    def forward(self, images: Tensor, architecture: Architecture, chance: Chance | None) -> Tensor:
        shares = {}
        for kind in set(self.kinds):
            first = self.cells[self.kinds.index(kind)]
            assert isinstance(first, SearchCell)
            shares[kind] = first.shares(*architecture[kind])
        last = self.stem(images)
        before = rectified = last.relu()  # once for both cells that take it in
        for kind, inputs, cell in zip(self.kinds, self.inputs, self.cells, strict=True):
            assert isinstance(inputs, nn.ModuleList)
            earlier, later = inputs
            last = cell([_taken_in(before, earlier), _taken_in(rectified, later)], shares[kind], chance)
            before, rectified = rectified, last.relu()
        logits: Tensor = self.classifier(pooled(last))
        return logits


def _taken_in(rectified: Tensor, module: nn.Module) -> Tensor:
    """What a cell's `preprocess` module makes of an image that went through its ReLU already."""
    if isinstance(module, FactorizedReduce):
        return module.rectified(rectified)
    assert isinstance(module, nn.Sequential)
    _, convolution, norm = module
    taken_in: Tensor = norm(convolution(rectified))
    return taken_in


class SingleFrame(nn.Module):
    """The network of NAS-Bench-201 (Dong and Yang 2020), as `StackedNetwork`; its own norms have scale and shift."""

    def __init__(self, wirings: Sequence[Wiring], channels: int, layers: int, classes: int, in_channels: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(in_channels, channels, 3, padding=1, bias=False), BatchNorm(channels))
        self.cells, self.halvings = nn.ModuleList(), nn.ModuleDict()
        for stage, length in enumerate(stages(layers)):
            if stage:
                self.halvings[str(len(self.cells))] = ResidualHalving(channels)
                channels *= 2
            self.cells.extend(SearchCell(wirings[0], channels, reduces=False) for _ in range(length))
        self.last = nn.Sequential(BatchNorm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images: Tensor, architecture: Architecture, chance: Chance | None) -> Tensor:
        first = self.cells[0]
        assert isinstance(first, SearchCell)
        shares = first.shares(*architecture[0])
        x = self.stem(images)
        for index, cell in enumerate(self.cells):
            if str(index) in self.halvings:
                x = self.halvings[str(index)](x)
            x = cell([x], shares, chance)
        logits: Tensor = self.classifier(pooled(self.last(x)))
        return logits
