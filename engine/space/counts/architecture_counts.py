"""The front door: what an architecture counts in its frame; and the networks around cells and hierarchical cells."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, TypeAlias

from engine.space.architecture import Architecture, CellArchitecture, StackedCell, all_faults
from engine.space.cells import Cell, Node
from engine.space.counts.frames import PUBLISHED, STEM_FACTOR, Skeleton, Unbuildable, reductions, stages
from engine.space.counts.layer_counts import layer_network, require_layers
from engine.space.counts.operation_counts import Count, convolution, linear, norm, operation, pointwise, strided
from engine.space.counts.recurrent_counts import LanguageModel, language_model
from engine.space.layers import LayerArchitecture
from engine.space.motifs import PRIMITIVES, MotifArchitecture, live_edges
from engine.space.operations import KERNELS
from engine.space.recurrent import RecurrentCell, TreeCell


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


HEAD_SIDES = {"cifar": 8, "imagenet": 7}
"""Pixels that the auxiliary head needs where it stands."""


def require_head(skeleton: Skeleton) -> None:
    """Raises Unbuildable where the image is too small for the auxiliary head after two thirds of the cells, or there is
    none."""
    if skeleton.kind not in HEAD_SIDES:
        raise Unbuildable("a network of NAS-Bench-201 has no auxiliary head")
    halved = len(reductions(skeleton.layers)) + (3 if skeleton.kind == "imagenet" else 0)
    side, least = skeleton.image, HEAD_SIDES[skeleton.kind]
    for _ in range(halved):
        side = strided(side)
    if side < least:
        needs = (least - 1) * 2**halved + 1
        raise Unbuildable(
            f"the auxiliary head needs images of {needs} pixels or more here, and these have {skeleton.image}"
        )


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


MOST_CHANNELS, MOST_OPERATIONS = 1 << 20, 10_000
"""Of a network that is still built: channels of one node, and operations of the cell."""

SEPARABLE = {"sep_conv_3x3": 3, "sep_conv_5x5": 5, "sep_conv_7x7": 7}


def motif_network(architecture: MotifArchitecture, skeleton: Skeleton) -> Count:
    """Stem, and three cells with a separable 3×3 convolution after each, of stride 2 after the first two."""
    channels, side = skeleton.channels, skeleton.image
    total = convolution(skeleton.in_channels, channels, 9, side**2) + norm(channels)
    for wider, stride in ((2, 2), (2, 2), (1, 1)):
        cell, outputs = _Counting(architecture, channels, side**2).of_cell()
        side = strided(side, stride)
        total += cell + separable(outputs, channels * wider, 3, side**2)
        channels *= wider
    return total + linear(channels, skeleton.classes)


def separable(channels_in: int, channels_out: int, kernel: int, pixels: int) -> Count:
    """Depthwise and pointwise convolution, one batch norm."""
    depthwise = convolution(channels_in, channels_in, kernel**2, pixels, channels_in)
    return depthwise + pointwise(channels_in, channels_out, pixels)


def require_motifs(architecture: MotifArchitecture, skeleton: Skeleton) -> None:
    """Raises Unbuildable for motifs that make no network in this skeleton."""
    if skeleton.kind != "cifar":
        raise Unbuildable(f"a hierarchical cell does not fit into the skeleton of {skeleton.kind}")
    if skeleton.auxiliary:
        raise Unbuildable("a network of hierarchical cells has no auxiliary head")
    for name in architecture.primitives:
        if name not in PRIMITIVES:
            raise Unbuildable(f"no motif can be built with '{name}'")
    uses = [1] * len(architecture.primitives)
    for level in live_edges(architecture):
        uses = [sum(uses[operation - 1] for _, _, operation in motif) for motif in level]
    if uses[0] > MOST_OPERATIONS:
        raise Unbuildable(f"the cell has {uses[0]:,} operations; up to {MOST_OPERATIONS:,} are built")
    _Counting(architecture, 4 * skeleton.channels, 1).of_cell()


class _Counting:
    """Counts what motifs hold, each once for every number of channels that comes into it."""

    def __init__(self, architecture: MotifArchitecture, channels: int, pixels: int) -> None:
        self._primitives, self._edges = architecture.primitives, live_edges(architecture)
        self._channels, self._pixels = channels, pixels
        self._known: dict[tuple[int, int, int], tuple[Count, int]] = {}

    def of_cell(self) -> tuple[Count, int]:
        """What the cell counts, and how many channels it puts out."""
        return self._of_motif(len(self._edges) - 1, 0, self._channels)

    def _of_motif(self, level: int, motif: int, inputs: int) -> tuple[Count, int]:
        """Channels of a node are those of all that comes into it. A motif inside another ends in a 1×1 convolution."""
        key = level, motif, inputs
        if key not in self._known:
            total, channels = Count(), {0: inputs}
            for source, target, operation in self._edges[level][motif]:
                counted, outputs = self._of_operation(level, operation - 1, channels[source])
                total += counted
                channels[target] = channels.get(target, 0) + outputs
            # The last of the live edges ends in the last node; without any, the motif is zero.
            outputs = channels[max(channels)]
            if max(channels.values()) > MOST_CHANNELS:
                raise Unbuildable(f"a node of {max(channels.values()):,} channels; up to {MOST_CHANNELS:,} are built")
            if level < len(self._edges) - 1:
                total, outputs = total + pointwise(outputs, inputs, self._pixels), inputs
            self._known[key] = total, outputs
        return self._known[key]

    def _of_operation(self, level: int, operation: int, inputs: int) -> tuple[Count, int]:
        if level:
            return self._of_motif(level - 1, operation, inputs)
        name = self._primitives[operation]
        if name in KERNELS:
            height, width = KERNELS[name]
            counted = convolution(inputs, self._channels, height * width, self._pixels) + norm(self._channels)
            return counted, self._channels
        if name in SEPARABLE:
            return separable(inputs, self._channels, SEPARABLE[name], self._pixels), self._channels
        if name == "depth_conv_3x3":
            return convolution(inputs, inputs, 9, self._pixels, inputs) + norm(inputs), inputs
        return Count(), inputs


Frame: TypeAlias = Skeleton | LanguageModel
"""What stands around an architecture: around a recurrent cell a language model, around all others a skeleton."""


def count(architecture: Architecture, frame: Frame) -> Count:
    """The weights of the network that `engine.nets` builds, and its MACs for one image or one word.

    Weights of running means are not counted, being none. Nodes and edges that lead nowhere are built, and counted.
    MACs are those of convolutions and linear layers, without biases, with the auxiliary head idle.

    Raises:
        Unbuildable: no network can be built; one line with place and reason.
    """
    require_buildable(architecture, frame)
    if isinstance(frame, Skeleton) and frame.auxiliary:
        require_head(frame)
    match architecture, frame:
        case CellArchitecture(), Skeleton():
            return cell_network(architecture, frame)
        case StackedCell(), Skeleton():
            return stacked_network(architecture, frame)
        case LayerArchitecture(), Skeleton():
            return layer_network(architecture, frame)
        case MotifArchitecture(), Skeleton():
            return motif_network(architecture, frame)
        case RecurrentCell() | TreeCell(), LanguageModel():
            return language_model(architecture, frame)
    raise AssertionError("require_buildable lets nothing else pass")


def frame_of(architecture: Architecture) -> Literal["cifar", "nasbench201"]:
    """The skeleton in which small images are classified with architectures of this kind."""
    return "nasbench201" if isinstance(architecture, StackedCell) else "cifar"


def published_frame(architecture: Architecture) -> Frame:
    """The frame in which architectures of this kind were published, with its sizes there.

    ENAS's final macro network has 96 channels (the authors' script), Hier-EA's final network 64; other sizes are those
    of PUBLISHED.
    """
    if isinstance(architecture, RecurrentCell | TreeCell):
        return LanguageModel()
    if isinstance(architecture, LayerArchitecture):
        return Skeleton(channels=96, layers=len(architecture.layers))
    if isinstance(architecture, MotifArchitecture):
        return Skeleton(channels=64, layers=3)
    return PUBLISHED[frame_of(architecture)]


def require_buildable(architecture: Architecture, frame: Frame) -> None:
    """Raises Unbuildable where the architecture has a fault, or does not fit into the frame."""
    for fault in all_faults(architecture):
        raise Unbuildable(fault)
    recurrent = isinstance(architecture, RecurrentCell | TreeCell)
    if recurrent != isinstance(frame, LanguageModel):
        raise Unbuildable("a recurrent cell stands in a language model, and no other architecture does")
    if isinstance(frame, LanguageModel):
        return
    match architecture:
        case CellArchitecture():
            if frame.kind == "nasbench201":
                raise Unbuildable("a normal and a reduction cell do not fit into the skeleton of NAS-Bench-201")
            require_pair(architecture)
        case StackedCell():
            if frame.kind != "nasbench201":
                raise Unbuildable(f"a single stacked cell does not fit into the skeleton of {frame.kind}")
            require_single(architecture)
        case LayerArchitecture():
            require_layers(architecture, frame)
        case MotifArchitecture():
            require_motifs(architecture, frame)
