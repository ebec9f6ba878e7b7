"""The search network written plainly: a module for each operation and edge, and a weighted sum of their outputs.

Built in the same order as the program's own, it gets the same weights from the same seed.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.nets.operations import build
from engine.nets.skeleton import pooled, preprocess, stem
from engine.space.darts import DartsSpace


class PlainCell(nn.Module):
    def __init__(self, space: DartsSpace, before: int, last: int, channels: int, reduces: bool, after: bool) -> None:
        super().__init__()
        self.space = space
        self.before, self.last = preprocess(before, last, channels, after, affine=False)
        self.edges = nn.ModuleList(
            nn.ModuleList(build(name, channels, 2 if reduces and source < 2 else 1, False) for name in space.operations)
            for _, source in space.edges()
        )

    def forward(self, before: Tensor, last: Tensor, weights: Tensor) -> Tensor:
        states = [self.before(before), self.last(last)]
        for node in range(self.space.nodes):
            states.append(
                sum(
                    weights[edge, place] * operation(states[source])
                    for edge, (at, source) in enumerate(self.space.edges())
                    if at == node
                    for place, operation in enumerate(self.edges[edge])
                )
            )
        return torch.cat(states[2:], 1)


class PlainSupernet(nn.Module):
    def __init__(self, space: DartsSpace, channels: int, layers: int, classes: int, in_channels: int) -> None:
        super().__init__()
        self.alphas = [(1e-3 * torch.randn(len(space.edges()), len(space.operations))).double() for _ in range(2)]
        self.stem, self.cells = stem(in_channels, channels), nn.ModuleList()
        before, last, after = 3 * channels, 3 * channels, False
        self.reduces = [index in (layers // 3, 2 * layers // 3) for index in range(layers)]
        for reduces in self.reduces:
            channels *= 1 + reduces
            self.cells.append(PlainCell(space, before, last, channels, reduces, after))
            before, last, after = last, space.nodes * channels, reduces
        self.classifier = nn.Linear(last, classes)
        self.double()

    def forward(self, images: Tensor, weights: Sequence[Tensor]) -> Tensor:
        before = last = self.stem(images)
        for cell, reduces in zip(self.cells, self.reduces, strict=True):
            before, last = last, cell(before, last, weights[reduces])
        return self.classifier(pooled(last))
