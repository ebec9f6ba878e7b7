"""The operations of cells as torch modules, from C channels to C channels, at stride 1 or 2.

Every convolution is without bias. A stride of 2 turns a side of n pixels into ceil(n / 2) in every operation, so that
their outputs can be added. Source: DARTS (Liu et al. 2019) and its published code; NASNet (Zoph et al. 2018) for 1×7
then 7×1; the published code of AmoebaNet for bottlenecks, of NAO for normed convolutions, and of each family for what
becomes of a skip that strides.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.autograd_modes import norms_by_batch, share_of_batch
from engine.nets.channels_last import thinned
from engine.nets.convolution import convolution
from engine.space.counts import Unbuildable
from engine.space.operations import BOTTLENECKS, KERNELS, NORMED, Bottleneck, Kernel


class BatchNorm(nn.BatchNorm2d):
    """Batch norm that does not count its batches: nothing reads the count, and it costs a kernel a layer."""

    def forward(self, x: Tensor) -> Tensor:
        by_batch = norms_by_batch(self.training)
        share = share_of_batch(self, self.momentum or 0.0, len(x)) if by_batch else 0.0
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, by_batch, share, self.eps)


class Zero(nn.Module):
    """The operation "none": zeros of the size that the stride asks for."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x[:, :, :: self.stride, :: self.stride])


class FactorizedReduce(nn.Module):
    """Halve the image, lose no pixel: ReLU, two 1×1 convolutions of stride 2 a pixel apart, concatenated, batch norm.

    The published code demands even sides and channels. Here an odd side is padded with one row or column of zeros at
    its end, so that 7 pixels become 4 as in every other operation of stride 2, and an odd channel goes to the second
    convolution.
    """

    def __init__(self, channels_in: int, channels_out: int, affine: bool) -> None:
        super().__init__()
        self.first = convolution(channels_in, channels_out // 2, 1)
        self.second = convolution(channels_in, channels_out - channels_out // 2, 1)
        self.norm = BatchNorm(channels_out, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        return self.rectified(F.relu(x))

    def rectified(self, x: Tensor) -> Tensor:
        """What becomes of an image that went through the ReLU already."""
        even, odd = halves(x)
        reduced: Tensor = self.norm(torch.cat([self.first(even), self.second(odd)], 1))
        return reduced


class BareReduce(nn.Module):
    """A factorized reduction without ReLU, as the code of ENAS (Pham et al. 2018) and of NAO halves an identity."""

    def __init__(self, channels: int, affine: bool) -> None:
        super().__init__()
        # Not a subclass: search networks put a ReLU before every `FactorizedReduce`, once for all that read a state.
        self.reduce = FactorizedReduce(channels, channels, affine)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduce.rectified(x)


def halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """What the two convolutions of a factorized reduction meet: the pixels (even, even), and those (odd, odd)."""
    height, width = x.shape[2:]
    if height % 2 or width % 2:
        x = F.pad(x, (0, width % 2, 0, height % 2))
    return thinned(x), thinned(x, start=1)


def relu_conv_norm(
    channels_in: int, channels_out: int, affine: bool, kernel: tuple[int, int] = (1, 1), stride: int = 1
) -> nn.Sequential:
    """ReLU, convolution, batch norm: at 1×1, what a cell does to its inputs first."""
    return nn.Sequential(
        nn.ReLU(),
        convolution(channels_in, channels_out, kernel, stride),
        BatchNorm(channels_out, affine=affine),
    )


def _depthwise(channels: int, kernel: int, stride: int, dilation: int, affine: bool) -> list[nn.Module]:
    """ReLU, depthwise kernel×kernel, pointwise 1×1, batch norm."""
    return [
        nn.ReLU(),
        convolution(channels, channels, kernel, stride, dilation=dilation, groups=channels),
        convolution(channels, channels, 1),
        BatchNorm(channels, affine=affine),
    ]


def _skip(channels: int, stride: int, affine: bool) -> nn.Module:
    return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, affine)


def _skip_enas(channels: int, stride: int, affine: bool) -> nn.Module:
    return nn.Identity() if stride == 1 else BareReduce(channels, affine)


def _skip_nasnet(channels: int, stride: int, affine: bool) -> nn.Module:
    return nn.Identity() if stride == 1 else relu_conv_norm(channels, channels, affine, stride=stride)


def _pool(pool: nn.Module, channels: int, affine: bool) -> nn.Module:
    """As published: with a batch norm after it in a supernet (affine False), bare in a network trained alone."""
    return pool if affine else nn.Sequential(pool, BatchNorm(channels, affine=False))


def _max_pool(kernel: int) -> "Builder":
    if kernel == 2:
        return lambda channels, stride, affine: _pool(PoolTwo(nn.MaxPool2d(2, stride), stride), channels, affine)
    return lambda channels, stride, affine: _pool(nn.MaxPool2d(kernel, stride, kernel // 2), channels, affine)


def _average_pool(kernel: int) -> "Builder":
    if kernel == 2:
        return lambda channels, stride, affine: _pool(PoolTwo(nn.AvgPool2d(2, stride), stride), channels, affine)

    def build(channels: int, stride: int, affine: bool) -> nn.Module:
        return _pool(nn.AvgPool2d(kernel, stride, kernel // 2, count_include_pad=False), channels, affine)

    return build


class PoolTwo(nn.Module):
    """A 2×2 pool whose windows begin at every pixel that the stride reaches; past the edge they see what is at hand.

    Repeating the last row and column leaves both the largest and the mean of those windows as they are.
    """

    def __init__(self, pool: nn.Module, stride: int) -> None:
        super().__init__()
        self.pool, self.stride = pool, stride

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        right, bottom = (1, 1) if self.stride == 1 else (width % 2, height % 2)
        if right or bottom:
            x = F.pad(x, (0, right, 0, bottom), mode="replicate")
        pooled: Tensor = self.pool(x)
        return pooled


def _separable(kernel: int, dilation: int = 1) -> "Builder":
    """A depthwise-separable convolution, applied twice as in NASNet; only the first has the stride."""

    def build(channels: int, stride: int, affine: bool) -> nn.Module:
        first = _depthwise(channels, kernel, stride, dilation, affine)
        return nn.Sequential(*first, *_depthwise(channels, kernel, 1, dilation, affine))

    return build


def _dilated(kernel: int) -> "Builder":
    """A depthwise-separable convolution of dilation 2, applied once."""
    return lambda channels, stride, affine: nn.Sequential(*_depthwise(channels, kernel, stride, 2, affine))


def _depth(channels: int, stride: int, affine: bool) -> nn.Module:
    """ReLU, depthwise 3×3, batch norm."""
    depthwise = convolution(channels, channels, 3, stride, groups=channels)
    return nn.Sequential(nn.ReLU(), depthwise, BatchNorm(channels, affine=affine))


def _plain(kernel: tuple[int, int]) -> "Builder":
    """ReLU, convolution, batch norm."""
    return lambda channels, stride, affine: relu_conv_norm(channels, channels, affine, kernel, stride)


def _crossed(kernel: int) -> "Builder":
    """ReLU, 1×k, k×1, batch norm, with nothing between the two convolutions."""

    def build(channels: int, stride: int, affine: bool) -> nn.Module:
        return nn.Sequential(
            nn.ReLU(),
            convolution(channels, channels, (1, kernel), (1, stride)),
            convolution(channels, channels, (kernel, 1), (stride, 1)),
            BatchNorm(channels, affine=affine),
        )

    return build


def _in_turn(
    channels: int, kernels: tuple[Kernel, ...], stride: int, affine: bool, dilation: int = 1
) -> list[nn.Module]:
    """ReLU, convolution, batch norm for each kernel, which strides the ways that it is wide."""
    parts: list[nn.Module] = []
    for height, width in kernels:
        strides = (stride if height > 1 else 1, stride if width > 1 else 1)
        inner = convolution(channels, channels, (height, width), strides, dilation=dilation)
        parts += [nn.ReLU(), inner, BatchNorm(channels, affine=affine)]
    return parts


def _normed(kernels: tuple[Kernel, ...]) -> "Builder":
    return lambda channels, stride, affine: nn.Sequential(*_in_turn(channels, kernels, stride, affine))


def _bottleneck(form: Bottleneck) -> "Builder":
    """ReLU, 1×1 to few channels, batch norm; the kernels there; ReLU, 1×1 back, batch norm."""

    def build(channels: int, stride: int, affine: bool) -> nn.Module:
        narrow = form.narrow(channels)
        inner = _in_turn(narrow or channels, form.kernels, stride, affine, form.dilation)
        if not narrow:
            return nn.Sequential(*inner)
        before, after = relu_conv_norm(channels, narrow, affine), relu_conv_norm(narrow, channels, affine)
        return nn.Sequential(*before, *inner, *after)

    return build


Builder = Callable[[int, int, bool], nn.Module]

BUILDERS: dict[str, Builder] = {
    "none": lambda channels, stride, affine: Zero(stride),
    "max_pool_2x2": _max_pool(2),
    "max_pool_3x3": _max_pool(3),
    "max_pool_5x5": _max_pool(5),
    "max_pool_7x7": _max_pool(7),
    "avg_pool_2x2": _average_pool(2),
    "avg_pool_3x3": _average_pool(3),
    "avg_pool_5x5": _average_pool(5),
    "skip_connect": _skip,
    "skip_enas": _skip_enas,
    "skip_nasnet": _skip_nasnet,
    "sep_conv_3x3": _separable(3),
    "sep_conv_5x5": _separable(5),
    "sep_conv_7x7": _separable(7),
    "dil_conv_3x3": _dilated(3),
    "dil_conv_5x5": _dilated(5),
    "dil_sep_conv_3x3": _separable(3, dilation=2),
    "dil_sep_conv_5x5": _separable(5, dilation=2),
    "depth_conv_3x3": _depth,
    **{name: _plain(kernel) for name, kernel in KERNELS.items()},
    "conv_3x1_1x3": _crossed(3),
    "conv_7x1_1x7": _crossed(7),
    **{name: _normed(kernels) for name, kernels in NORMED.items()},
    **{name: _bottleneck(form) for name, form in BOTTLENECKS.items()},
    "nor_conv_1x1": _plain((1, 1)),
    "nor_conv_3x3": _plain((3, 3)),
}


def build(name: str, channels: int, stride: int, affine: bool) -> nn.Module:
    """The operation `name`: images (N, channels, H, W) become (N, channels, ceil(H / stride), ceil(W / stride)).

    `affine` False builds the form used in supernets: batch norms without scale and shift, and one after each pool.
    Raises Unbuildable for a name that no builder knows.
    """
    if name not in BUILDERS:
        raise Unbuildable(f"no network can be built with the operation {name!r}; known are {', '.join(BUILDERS)}")
    return BUILDERS[name](channels, stride, affine)
