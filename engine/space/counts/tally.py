"""What single layers count. All are bias-free but the linear ones; batch norms have a scale and a shift per channel."""

from msgspec import Struct


class Count(Struct, frozen=True):
    """Numbers of weights, and of multiply-accumulates of convolutions and linear layers for one input."""

    params: int = 0
    macs: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.params + other.params, self.macs + other.macs)


def convolution(channels_in: int, channels_out: int, area: int, pixels: int, groups: int = 1) -> Count:
    """A convolution whose kernel has `area` places and whose output has `pixels`."""
    weights = channels_in // groups * channels_out * area
    return Count(weights, weights * pixels)


def norm(channels: int) -> Count:
    """A batch norm. As usual its arithmetic is not counted."""
    return Count(2 * channels)


def linear(inputs: int, outputs: int) -> Count:
    """A linear layer with a bias."""
    return Count((inputs + 1) * outputs, inputs * outputs)


def pointwise(channels_in: int, channels_out: int, pixels: int) -> Count:
    """A 1×1 convolution and a batch norm; at stride 2, `pixels` of the output, a factorized reduction counts the same.

    A factorized reduction is two such convolutions to half the channels each.
    """
    return convolution(channels_in, channels_out, 1, pixels) + norm(channels_out)


def strided(side: int, stride: int = 2) -> int:
    """The side of an image after a stride."""
    return -(-side // stride)
