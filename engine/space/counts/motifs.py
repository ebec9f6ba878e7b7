"""Networks around a hierarchical cell."""

from engine.space.counts.skeleton import Skeleton, Unbuildable
from engine.space.counts.tally import Count, convolution, linear, norm, pointwise, strided
from engine.space.motifs import PRIMITIVES, MotifArchitecture, live_edges
from engine.space.operations import KERNELS

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
