"""A network with one architecture, to be trained alone."""

import torch
from torch import Tensor, nn

from engine.nets.operations import BatchNorm, Unbuildable, build
from engine.nets.skeleton import STEM_FACTOR, pooled, preprocess, reductions, stem
from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cells import Cell, Node, faults


class Network(nn.Module):
    """The CIFAR network of DARTS (Liu et al. 2019) around a pair of cells.

    `channels` is C of the first cell, `layers` the number of cells. With `auxiliary`, a second classifier looks at the
    cell after two thirds of the depth, and in training `forward` returns (logits, auxiliary logits) instead of logits
    (N, classes). `drop_path` is the share of paths dropped, per image; it may be changed while training. Raises
    Unbuildable for a cell that is not sound.
    """

    def __init__(
        self,
        architecture: Architecture,
        channels: int,
        layers: int,
        classes: int,
        in_channels: int = 3,
        auxiliary: bool = False,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        if not isinstance(architecture, CellArchitecture):
            raise Unbuildable("only pairs of a normal and a reduction cell can be trained")
        for name, cell in (("normal", architecture.normal), ("reduction", architecture.reduction)):
            _require_buildable(name, cell)
        self.drop_path = drop_path
        self.stem = stem(in_channels, channels)
        self.cells = nn.ModuleList()
        self.auxiliary: AuxiliaryHead | None = None
        self._auxiliary_after = 2 * layers // 3
        before = last = STEM_FACTOR * channels
        after_reduction = False
        for index in range(layers):
            reduces = index in reductions(layers)
            channels *= 2 if reduces else 1
            cell = architecture.reduction if reduces else architecture.normal
            self.cells.append(BuiltCell(cell, before, last, channels, reduces, after_reduction))
            before, last, after_reduction = last, len(cell.concat) * channels, reduces
            if auxiliary and index == self._auxiliary_after:
                self.auxiliary = AuxiliaryHead(last, classes)
        self.classifier = nn.Linear(last, classes)

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        before = last = self.stem(images)
        side = None
        drop_path = self.drop_path if self.training else 0.0
        for index, cell in enumerate(self.cells):
            before, last = last, cell(before, last, drop_path)
            if self.training and self.auxiliary is not None and index == self._auxiliary_after:
                side = self.auxiliary(last)
        logits: Tensor = self.classifier(pooled(last))
        return logits if side is None else (logits, side)


class BuiltCell(nn.Module):
    """One cell: both inputs brought to C channels, then node after node; the output concatenates states."""

    def __init__(self, cell: Cell, before: int, last: int, channels: int, reduces: bool, after_reduction: bool) -> None:
        super().__init__()
        self.before, self.last = preprocess(before, last, channels, after_reduction, affine=True)
        self.nodes = nn.ModuleList(BuiltNode(node, cell.inputs, channels, reduces) for node in cell.nodes)
        self.concat = cell.concat
        if reduces and min(cell.concat) < cell.inputs:
            raise Unbuildable(
                "reduction cell: its inputs are twice as large as its nodes, so they cannot be in its output"
            )

    def forward(self, before: Tensor, last: Tensor, drop_path: float) -> Tensor:
        states = [self.before(before), self.last(last)]
        for node in self.nodes:
            states.append(node(states, drop_path))
        return torch.cat([states[state] for state in self.concat], 1)


class BuiltNode(nn.Module):
    """The sum of its edges' outputs. In a reduction cell, edges from the cell's inputs have stride 2."""

    def __init__(self, node: Node, inputs: int, channels: int, reduces: bool) -> None:
        super().__init__()
        self.sources = [edge.source for edge in node.inputs]
        self.operations = nn.ModuleList(
            build(edge.operation, channels, 2 if reduces and edge.source < inputs else 1, affine=True)
            for edge in node.inputs
        )

    def forward(self, states: list[Tensor], drop_path: float) -> Tensor:
        paths = [operation(states[source]) for source, operation in zip(self.sources, self.operations, strict=True)]
        if drop_path:
            paths = [
                path if isinstance(operation, nn.Identity) else dropped(path, drop_path)
                for path, operation in zip(paths, self.operations, strict=True)
            ]
        total: Tensor = sum(paths[1:], paths[0])
        return total


class AuxiliaryHead(nn.Module):
    """The second classifier: ReLU, pool 5×5 of stride 3, 1×1 to 128, 2×2 to 768, linear. Made for 8×8 pixels."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, stride=3, count_include_pad=False),
            nn.Conv2d(channels, 128, 1, bias=False),
            BatchNorm(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),
            BatchNorm(768),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        if min(x.shape[2:]) < 8:
            raise ValueError("the auxiliary classifier needs images of 29 pixels or more")
        logits: Tensor = self.classifier(pooled(self.features(x)))
        return logits


def dropped(path: Tensor, probability: float) -> Tensor:
    """Drop path (Larsson et al. 2017): zero `path` (N, C, H, W) for a random share of images, scale up the others."""
    keep = torch.empty(len(path), 1, 1, 1, device=path.device, dtype=path.dtype).bernoulli_(1 - probability)
    return path * keep / (1 - probability)


def _require_buildable(name: str, cell: Cell) -> None:
    for fault in faults(cell):
        raise Unbuildable(f"{name} cell: {fault}")
    if cell.inputs != 2:
        raise Unbuildable(f"{name} cell: a network joins cells by 2 inputs, this one has {cell.inputs}")
    for index, node in enumerate(cell.nodes):
        if node.combine != "add":
            raise Unbuildable(
                f"{name} cell, node {index}: networks are built from nodes that add, this one is {node.combine!r}"
            )
