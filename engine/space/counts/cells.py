"""Networks of cells: those around a normal and a reduction cell, and those of NAS-Bench-201."""

from collections.abc import Iterable
from functools import lru_cache

from engine.space.architecture import CellArchitecture, StackedCell
from engine.space.cells import Cell, Node
from engine.space.counts.operations import operation
from engine.space.counts.skeleton import STEM_FACTOR, Skeleton, Unbuildable, reductions, stages
from engine.space.counts.tally import Count, convolution, linear, norm, pointwise, strided


def cell_network(architecture: CellArchitecture, skeleton: Skeleton) -> Count:
    """The network around a pair of cells, in a CIFAR or an ImageNet skeleton."""
    channels = skeleton.channels
    total, before, last, side = _stem(skeleton)
    for index in range(skeleton.layers):
        reduces = index in reductions(skeleton.layers)
        cell = architecture.reduction if reduces else architecture.normal
        channels *= 2 if reduces else 1
        # Whether the older input is halved or not, its 1×1 convolution has as many places as the newer one's.
        total += pointwise(before, channels, side**2) + pointwise(last, channels, side**2)
        total += _inside(cell, channels, side, reduces)
        side = strided(side) if reduces else side
        before, last = last, len(cell.concat) * channels
        if skeleton.auxiliary and index == 2 * skeleton.layers // 3:
            total += auxiliary(last, skeleton)
    return total + linear(last, skeleton.classes)


def stacked_network(architecture: StackedCell, skeleton: Skeleton) -> Count:
    """The network of NAS-Bench-201: three stages of one cell, a residual block of stride 2 before the later two."""
    channels, side = skeleton.channels, skeleton.image
    total = convolution(skeleton.in_channels, channels, 9, side**2) + norm(channels)
    for stage in range(3):
        if stage:
            total += residual(channels, side)
            channels, side = 2 * channels, strided(side)
        for _ in range(stages(skeleton.layers)[stage]):
            total += _inside(architecture.cell, channels, side, reduces=False)
    return total + norm(channels) + linear(channels, skeleton.classes)


def residual(channels: int, side: int) -> Count:
    """Two 3×3 convolutions with batch norms, the first of stride 2, beside an average pool and a 1×1 convolution."""
    wide, pixels = 2 * channels, strided(side) ** 2
    convolutions = convolution(channels, wide, 9, pixels) + convolution(wide, wide, 9, pixels)
    return convolutions + norm(wide) + norm(wide) + convolution(channels, wide, 1, pixels)


def auxiliary(channels: int, skeleton: Skeleton) -> Count:
    """The auxiliary head. It is idle when an image is looked at, so it has weights alone."""
    last_norm = skeleton.kind == "cifar" or skeleton.auxiliary_norm
    layers = [pointwise(channels, 128, 0), convolution(128, 768, 4, 0), Count((768 + 1) * skeleton.classes)]
    return _sum(layers) + (norm(768) if last_norm else Count())


def require_pair(architecture: CellArchitecture) -> None:
    """Raises Unbuildable unless both cells read the two cells before them."""
    for name, cell in (("normal", architecture.normal), ("reduction", architecture.reduction)):
        if cell.inputs != 2:
            raise Unbuildable(f"{name} cell: this skeleton joins cells by 2 inputs, and the cell has {cell.inputs}")


def require_single(architecture: StackedCell) -> None:
    """Raises Unbuildable unless the cell reads the cell before it and keeps the channels."""
    if architecture.cell.inputs != 1:
        reason = f"this skeleton joins cells by 1 input, and the cell has {architecture.cell.inputs}"
        raise Unbuildable(f"cell: {reason}")
    if len(architecture.cell.concat) != 1:
        raise Unbuildable("cell: in this skeleton cells keep the channels, so the output is one state")


def _stem(skeleton: Skeleton) -> tuple[Count, int, int, int]:
    """The stem; the channels of the two outputs that the first cell reads, and the side of the newer."""
    channels, side = skeleton.channels, skeleton.image
    if skeleton.kind == "cifar":
        wide = STEM_FACTOR * channels
        return convolution(skeleton.in_channels, wide, 9, side**2) + norm(wide), wide, wide, side
    total, inputs = Count(), skeleton.in_channels
    for outputs in (channels // 2, channels, channels):
        side = strided(side)
        total += convolution(inputs, outputs, 9, side**2) + norm(outputs)
        inputs = outputs
    return total, channels, channels, side


@lru_cache(maxsize=1024)
def _inside(cell: Cell, channels: int, side: int, reduces: bool) -> Count:
    """A cell without what brings its inputs to its own channels. `side` is that of its inputs."""
    out = strided(side) if reduces else side
    total = _sum(_node(node, cell.inputs, channels, side, out, reduces) for node in cell.nodes)
    if reduces:  # an input of the cell is halved before it joins the output
        for state in cell.concat:
            total += pointwise(channels, channels, out**2) if state < cell.inputs else Count()
    return total


def _node(node: Node, inputs: int, channels: int, side: int, out: int, reduces: bool) -> Count:
    total = Count()
    for edge in node.inputs:
        strides = reduces and edge.source < inputs
        total += operation(edge.operation, channels, side if strides else out, 2 if strides else 1)
    if node.combine == "concat" and len(node.inputs) > 1:
        total += pointwise(len(node.inputs) * channels, channels, out**2)
    return total


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())
