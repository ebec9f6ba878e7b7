"""What operations cost, and what SNAS makes edges pay for it (Xie et al. 2019, section 2.3, and its published code)."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from engine.space.cell_space import CellSpace
from engine.space.counts import reductions, stages
from engine.space.counts.operations import operation
from engine.space.counts.tally import strided
from engine.space.operations import OPERATIONS

Form = Literal["logarithmic", "linear"]

SCALE: dict[str, float] = {"logarithmic": 1e-2, "linear": 1e-5}
"""What the published code multiplies the penalty by, unless told otherwise."""

LEVELS: dict[str, float] = {"none": 0.0, "mild": 0.15, "moderate": 0.5, "aggressive": 1.0}
"""Of that. The authors' commands use 0.0015 and 0.01 and name no level; to call them mild and aggressive is ours, and
what lies between."""


def costs(space: CellSpace, layers: int, channels: int, side: int) -> list[Tensor]:
    """For each kind of cell (cells, edges, operations, 3): weights, multiply-accumulates, and numbers moved in memory.

    `side` is that of the image. Cells have the sizes that they have in a supernet of `layers` cells.
    """
    sizes: list[list[tuple[int, int, bool]]] = [[] for _ in space.cells]
    if len(space.cells) == 1:
        for stage, length in enumerate(stages(layers)):
            sizes[0] += [(channels << stage, side, False)] * length
            side = strided(side)
    else:
        for layer in range(layers):
            reduces = layer in reductions(layers)
            channels *= 2 if reduces else 1
            sizes[reduces].append((channels, side, reduces))
            side = strided(side) if reduces else side
    return [
        torch.tensor(
            [
                [
                    [_cost(name, c, s, 2 if reduces and source < space.cell_inputs else 1, reduces) for name in names]
                    for _, source in space.edges()
                ]
                for c, s, reduces in kind
            ]
        )
        for kind, names in zip(sizes, [space.operations] * len(sizes), strict=True)
    ]


def penalty(weights: Sequence[Tensor], costs: Sequence[Tensor], form: Form) -> Tensor:
    """The mean over the cells of each kind, added up over kinds and edges.

    An edge pays for the mixture that `weights` (edges, operations), such as a sample, make of its operations: the mean
    of the three logarithms, each at least 0, or (2 weights + MACs / 4000 + moved / 100) · 0.43.
    """
    total = torch.zeros((), device=weights[0].device)
    for shares, cost in zip(weights, costs, strict=True):
        mixed = torch.einsum("eo,ceot->cet", shares, cost)
        if form == "logarithmic":
            paid = mixed.clamp_min(1).log().mean(2)
        else:
            # Filled where they are: numbers sent to a device would make it wait.
            paid = mixed @ torch.stack([mixed.new_full((), price) for price in (2 * 0.43, 0.43 / 4000, 0.43 / 100)])
        total = total + paid.sum(1).mean()
    return total


def _cost(name: str, channels: int, side: int, stride: int, reduces: bool) -> tuple[float, float, float]:
    """Of one operation in a cell whose inputs have `side`, and its nodes half of it where the cell reduces."""
    side = strided(side) if reduces and stride == 1 else side
    image = channels * strided(side, stride) ** 2
    counted = operation(name, channels, side, stride)
    macs, kind = counted.macs, OPERATIONS[name].kind
    if kind == "none":
        return 0.0, 0.0, 0.0
    if kind == "pool":
        macs = int(name[-1]) ** 2 * image
    # Every convolution or pool reads its input and writes its output; at stride 2 the first input is 4 times as large.
    passes = {"separable": 2 if name.startswith("depth") else 4, "dilated": 2}.get(kind, 1)
    passes = 4 if name.startswith("dil_sep") else 2 if "_1x" in name[6:] else passes
    moved = (2 * passes + 3 * (stride == 2)) * image
    if kind == "skip" and stride == 2:
        moved = 9 * image  # two convolutions that both read the whole input, and write half of the output each
    return float(counted.params), float(macs), float(moved + counted.params)
