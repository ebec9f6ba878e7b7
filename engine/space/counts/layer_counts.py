"""Networks that are decided layer by layer."""

from engine.space.counts.frames import Skeleton, Unbuildable
from engine.space.counts.operation_counts import Count, convolution, linear, norm, pointwise, strided
from engine.space.layers import BUILDABLE, LayerArchitecture, loose_ends
from engine.space.operations import KERNELS

SEPARABLE = {"sep_conv_3x3": 3, "sep_conv_5x5": 5, "sep_conv_7x7": 7}


def layer_network(architecture: LayerArchitecture, skeleton: Skeleton) -> Count:
    """The network of the layers in its own frame; of the skeleton count channels, image, colours and classes."""
    return _anchored(architecture, skeleton) if architecture.join == "before" else _macro(architecture, skeleton)


def require_layers(architecture: LayerArchitecture, skeleton: Skeleton) -> None:
    """Raises Unbuildable for layers that make no network in this skeleton."""
    if skeleton.kind != "cifar":
        raise Unbuildable(f"a network of layers does not fit into the skeleton of {skeleton.kind}")
    if skeleton.auxiliary:
        raise Unbuildable("a network of layers has no auxiliary head")
    for number, layer in enumerate(architecture.layers, 1):
        if layer.operation not in BUILDABLE[architecture.join]:
            raise Unbuildable(f"layer {number}: no layer can be built with '{layer.operation}'")


def reduced_after(layers: int) -> tuple[int, ...]:
    """The layers of an ENAS macro network after which the image is halved and the channels are doubled."""
    third = layers // 3
    return (third, 2 * third) if third else ()


def read_later(architecture: LayerArchitecture, number: int) -> tuple[int, ...]:
    """The states up to `number` that the layers after it read; if there is none, the last one, by the classifier."""
    later = {source for layer in architecture.layers[number:] for source in layer.inputs if source <= number}
    return tuple(sorted(later | {number}))


def _anchored(architecture: LayerArchitecture, skeleton: Skeleton) -> Count:
    """NAS-RL: inputs of different sizes are padded with zeros to the largest, and concatenated."""
    sides, channels = [skeleton.image], [skeleton.in_channels]
    total = Count()
    for layer in architecture.layers:
        side = strided(max(sides[source] for source in layer.inputs), layer.stride)
        height, width = KERNELS[layer.operation]
        read = sum(channels[source] for source in layer.inputs)
        total += convolution(read, layer.filters, height * width, side**2) + norm(layer.filters)
        sides.append(side)
        channels.append(layer.filters)
    return total + linear(sum(channels[end] for end in loose_ends(architecture)), skeleton.classes)


def _macro(architecture: LayerArchitecture, skeleton: Skeleton) -> Count:
    """ENAS: C channels, 2C after a third of the layers, 4C after two thirds."""
    channels, side = skeleton.channels, skeleton.image
    total = convolution(skeleton.in_channels, channels, 9, side**2) + norm(channels)
    for number, layer in enumerate(architecture.layers, 1):
        pixels = side**2
        total += pointwise(channels, channels, pixels)
        if layer.operation in KERNELS:
            height, width = KERNELS[layer.operation]
            total += convolution(channels, channels, height * width, pixels) + norm(channels)
        elif layer.operation in SEPARABLE:
            total += convolution(channels, channels, SEPARABLE[layer.operation] ** 2, pixels, channels)
            total += pointwise(channels, channels, pixels)
        if number > 1:
            total += pointwise(len(layer.inputs) * channels, channels, pixels)
        if number in reduced_after(len(architecture.layers)):
            side = strided(side)
            for _ in read_later(architecture, number):
                total += pointwise(channels, 2 * channels, side**2)
            channels *= 2
    return total + linear(channels, skeleton.classes)
