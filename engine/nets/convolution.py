"""Convolutions as networks are made of them, none of which PyTorch's CPU library computes wrongly.

oneDNN's backward pass of a 1×1 convolution with a stride, on images that are channels last in memory and have fewer
channels than a vector register holds numbers, writes past its workspace (uxlfoundation/oneDNN#6035): the process dies
of it, or the gradients of the weights are wrong without a word. So the pixels that such a convolution meets are taken
first, and it goes over them with stride 1; the values are the same.
"""

from torch import Tensor, nn

from engine.nets.channels_last import thinned

Pair = tuple[int, int]


def convolution(
    channels_in: int,
    channels_out: int,
    kernel: int | Pair,
    stride: int | Pair = 1,
    *,
    dilation: int = 1,
    groups: int = 1,
) -> nn.Conv2d:
    """Without bias; a kernel of odd height and width is padded so that n pixels become ceil(n / stride)."""
    height, width = _pair(kernel)
    steps = _pair(stride)
    if height == width == 1 and max(steps) > 1:
        return ThinnedConvolution(channels_in, channels_out, steps, groups)
    around = dilation * (height // 2), dilation * (width // 2)
    return nn.Conv2d(channels_in, channels_out, (height, width), steps, around, dilation, groups, bias=False)


class ThinnedConvolution(nn.Conv2d):
    """A 1×1 convolution without bias that meets only some rows and columns, the first and then in these steps."""

    def __init__(self, channels_in: int, channels_out: int, steps: Pair, groups: int = 1) -> None:
        super().__init__(channels_in, channels_out, 1, groups=groups, bias=False)
        self.steps = steps

    def forward(self, image: Tensor) -> Tensor:
        return super().forward(thinned(image, self.steps))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, steps={self.steps}"  # type: ignore[no-untyped-call]


def _pair(size: int | Pair) -> Pair:
    return (size, size) if isinstance(size, int) else size
