"""The operations, against their published weight counts, the size rule, and pixels computed by hand."""

import pytest
import torch
from torch import Tensor, nn

from engine.nets.operations import BUILDERS, BatchNorm, FactorizedReduce, Unbuildable, build

C = 4


def count(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize(("side", "halved"), [(8, 4), (7, 4), (5, 3), (2, 1), (1, 1)])
def test_every_operation_keeps_the_size_at_stride_1_and_halves_it_rounding_up_at_stride_2(name, affine, side, halved):
    images = torch.randn(3, C, side, side)
    assert build(name, C, 1, affine)(images).shape == (3, C, side, side)
    assert build(name, C, 2, affine)(images).shape == (3, C, halved, halved)


# Counted by hand: depthwise C·k², pointwise C², scale and shift 2·C where affine; separable ones twice. Others: none.
WEIGHTS = {
    "sep_conv_3x3": 2 * (C * 9 + C * C),
    "sep_conv_5x5": 2 * (C * 25 + C * C),
    "sep_conv_7x7": 2 * (C * 49 + C * C),
    "dil_conv_3x3": C * 9 + C * C,
    "dil_conv_5x5": C * 25 + C * C,
    "dil_sep_conv_3x3": 2 * (C * 9 + C * C),
    "dil_sep_conv_5x5": 2 * (C * 25 + C * C),
    "depth_conv_3x3": C * 9,
    **{f"conv_{height}x{width}": height * width * C * C for height in (1, 3, 5, 7) for width in (1, 3, 5, 7)},
    "conv_3x1_1x3": 2 * 3 * C * C,
    "conv_7x1_1x7": 2 * 7 * C * C,
    "nor_conv_1x1": C * C,
    "nor_conv_3x3": 9 * C * C,
    "normed_conv_3x1_1x3": 2 * 3 * C * C,
    "normed_conv_7x1_1x7": 2 * 7 * C * C,
    # A quarter of 4 channels, and three eighths rounded down, are 1: 1×1 to it, the kernels in it, 1×1 back.
    "bottleneck_conv_3x3": C + 9 + C,
    "bottleneck_dil_conv_3x3": C + 9 + C,
    "bottleneck_conv_3x1_1x3": C + 3 + 3 + C,
    "bottleneck_conv_7x1_1x7": C + 7 + 7 + C,
}
NORMED = {
    **{name: 2 * C for name in WEIGHTS if "sep_conv" in name or name.startswith("normed")},
    "bottleneck_conv_3x3": 1 + 1 + C,
    "bottleneck_dil_conv_3x3": 1 + 1 + C,
    "bottleneck_conv_3x1_1x3": 1 + 1 + 1 + C,
    "bottleneck_conv_7x1_1x7": 1 + 1 + 1 + C,
}
"""Channels that a batch norm scales and shifts, where they are not C."""


@pytest.mark.parametrize("name", BUILDERS)
def test_weights_are_those_of_the_published_operations(name):
    norms = NORMED.get(name, C) if name in WEIGHTS else 0
    assert count(build(name, C, 1, affine=False)) == WEIGHTS.get(name, 0)
    assert count(build(name, C, 1, affine=True)) == WEIGHTS.get(name, 0) + 2 * norms


@pytest.mark.parametrize("name", ["max_pool_2x2", "max_pool_3x3", "avg_pool_3x3", "avg_pool_5x5"])
def test_pools_are_normalised_in_supernets_only(name):
    def norms(affine: bool) -> int:
        return sum(isinstance(part, nn.BatchNorm2d) for part in build(name, C, 1, affine).modules())

    assert (norms(affine=False), norms(affine=True)) == (1, 0)


def test_pools_do_not_rectify_and_the_average_leaves_the_padding_out():
    images = torch.full((1, C, 4, 4), -3.0)
    for name in ("max_pool_2x2", "max_pool_3x3", "max_pool_7x7", "avg_pool_2x2", "avg_pool_3x3", "avg_pool_5x5"):
        torch.testing.assert_close(build(name, C, 1, affine=True)(images), images)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [3, 4])
def test_two_by_two_pools_see_what_is_left_at_the_edge(side, stride):
    """Their windows begin at each pixel, and the last ones hold fewer: as TensorFlow pads, which NAO was written in."""
    image = torch.randn(1, C, side, side)
    for name, reduced in (("max_pool_2x2", torch.amax), ("avg_pool_2x2", torch.mean)):
        out = build(name, C, stride, affine=True)(image)
        places = range(0, side, stride)
        rows = [[reduced(image[..., y : y + 2, x : x + 2], (2, 3)) for x in places] for y in places]
        torch.testing.assert_close(out, torch.stack([torch.stack(row, -1) for row in rows], -2))


@pytest.mark.parametrize("name", ["skip_connect", "skip_enas", "skip_nasnet"])
def test_every_skip_is_the_image_itself_where_it_does_not_stride(name):
    images = torch.randn(2, C, 4, 4)
    torch.testing.assert_close(build(name, C, 1, affine=True)(images), images, rtol=0, atol=0)


def test_none_is_zero():
    assert not build("none", C, 2, affine=False)(torch.randn(2, C, 4, 4)).any()


def filled(module: nn.Module) -> nn.Module:
    """Its weights numbers of its own, its norms with statistics of their own, and no longer learning."""
    torch.manual_seed(7)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d):
                part.weight.normal_()
            elif isinstance(part, nn.BatchNorm2d):
                part.weight.uniform_(0.5, 2)
                part.bias.normal_()
                part.running_mean.normal_()
                part.running_var.uniform_(0.5, 2)
    return module.eval()


def parts_of(module: nn.Module) -> tuple[list[Tensor], list[nn.BatchNorm2d]]:
    weights = [part.weight for part in module.modules() if isinstance(part, nn.Conv2d)]
    return weights, [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]


def scaled(x: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """A batch norm written out."""
    mean, spread = norm.running_mean[:, None, None], (norm.running_var[:, None, None] + norm.eps).sqrt()
    return (x - mean) / spread * norm.weight[:, None, None] + norm.bias[:, None, None]


def slid(x: Tensor, weight: Tensor, strides: tuple[int, int] = (1, 1), dilation: int = 1) -> Tensor:
    """A convolution written out: for each place of the kernel, the pixels that it meets times its weights."""
    kernel, sides = weight.shape[2:], x.shape[2:]
    around = [dilation * (wide // 2) for wide in kernel]
    padded = torch.zeros(len(x), x.shape[1], *(side + 2 * pad for side, pad in zip(sides, around, strict=True)))
    padded[:, :, around[0] : around[0] + sides[0], around[1] : around[1] + sides[1]] = x
    out = torch.zeros(len(x), len(weight), *(-(-side // step) for side, step in zip(sides, strides, strict=True)))
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            met = padded[:, :, row * dilation :, column * dilation :]
            met = met[:, :, : sides[0] : strides[0], : sides[1] : strides[1]]
            out += torch.einsum("oc,nchw->nohw", weight[:, :, row, column], met)
    return out


# The authors' operations in order: kernel, whether it strides down and sideways, dilation, and output channels of 16.
NARROW = {
    "bottleneck_conv_3x3": [((1, 1), 0, 0, 1, 4), ((3, 3), 1, 1, 1, 4), ((1, 1), 0, 0, 1, 16)],
    "bottleneck_dil_conv_3x3": [((1, 1), 0, 0, 1, 4), ((3, 3), 1, 1, 2, 4), ((1, 1), 0, 0, 1, 16)],
    "bottleneck_conv_3x1_1x3": [
        *(((1, 1), 0, 0, 1, 6), ((1, 3), 0, 1, 1, 6), ((3, 1), 1, 0, 1, 6), ((1, 1), 0, 0, 1, 16)),
    ],
    "bottleneck_conv_7x1_1x7": [
        *(((1, 1), 0, 0, 1, 4), ((1, 7), 0, 1, 1, 4), ((7, 1), 1, 0, 1, 4), ((1, 1), 0, 0, 1, 16)),
    ],
    "normed_conv_3x1_1x3": [((1, 3), 0, 1, 1, 16), ((3, 1), 1, 0, 1, 16)],
    "normed_conv_7x1_1x7": [((1, 7), 0, 1, 1, 16), ((7, 1), 1, 0, 1, 16)],
    "skip_nasnet": [((1, 1), 1, 1, 1, 16)],
}


@pytest.mark.parametrize("side", [8, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("name", NARROW)
def test_full_convolutions_are_the_authors_step_by_step(name, stride, side):
    """ReLU, convolution and batch norm, each written out, in the order of the authors' code."""
    if name == "skip_nasnet" and stride == 1:
        return
    operation = filled(build(name, 16, stride, affine=True))
    image = torch.randn(2, 16, side, side)
    expected = image
    weights, norms = parts_of(operation)
    assert [(tuple(weight.shape[2:]), len(weight)) for weight in weights] == [(one[0], one[4]) for one in NARROW[name]]
    for weight, norm, (_, down, sideways, dilation, _) in zip(weights, norms, NARROW[name], strict=True):
        steps = (stride if down else 1, stride if sideways else 1)
        expected = scaled(slid(expected.clamp_min(0), weight, steps, dilation), norm)
    torch.testing.assert_close(operation(image), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("channels", "quarter", "eighths"), [(2, 0, 0), (3, 0, 1), (7, 1, 2), (50, 12, 18), (62, 15, 23)]
)
def test_the_few_channels_of_a_bottleneck_are_rounded_down_and_left_out_where_there_are_none(
    channels, quarter, eighths
):
    """int(F / 4) and int(3 F / 8) in the authors' code, which convolves at full width where that is less than 1."""
    for name, narrow in (
        ("bottleneck_conv_3x3", quarter),
        ("bottleneck_dil_conv_3x3", quarter),
        ("bottleneck_conv_7x1_1x7", quarter),
        ("bottleneck_conv_3x1_1x3", eighths),
    ):
        weights, _ = parts_of(build(name, channels, 1, affine=True))
        widths = [len(weight) for weight in weights]
        inner = 1 if "3x3" in name else 2
        assert widths == ([narrow] * (inner + 1) + [channels] if narrow else [channels] * inner)


@pytest.mark.parametrize("side", [6, 7])
def test_the_skip_of_enas_reads_every_pixel_once_and_does_not_rectify(side):
    skip = build("skip_enas", 2, 2, affine=False).eval()
    weights, (norm,) = parts_of(skip)
    with torch.no_grad():
        for weight in weights:
            weight.fill_(1.0)
    image = -torch.rand(1, 2, side, side)
    seen = image.sum(1)[0]
    even, odd = seen[::2, ::2], seen[1::2, 1::2]
    out = skip(image)[0] * (1 + norm.eps) ** 0.5
    torch.testing.assert_close(out[0], even)
    torch.testing.assert_close(out[1, : len(odd), : len(odd)], odd)
    assert not build("skip_connect", 2, 2, affine=False).eval()(image).any()  # that of DARTS rectifies first


def test_a_dilated_convolution_sees_every_other_pixel():
    operation = build("dil_conv_3x3", C, 1, affine=True).eval()
    images = torch.rand(1, C, 9, 9).requires_grad_()
    operation(images)[0, :, 4, 4].sum().backward()
    seen = images.grad.abs().sum((0, 1)) > 0
    assert {tuple(place) for place in seen.nonzero().tolist()} == {(y, x) for y in (2, 4, 6) for x in (2, 4, 6)}


@pytest.mark.parametrize("side", [6, 7])
def test_factorized_reduce_reads_every_pixel_once(side):
    """Its two halves look at the pixels (even, even) and (odd, odd); an odd side meets zeros at the end."""
    reduce = FactorizedReduce(1, 2, affine=False).eval()
    with torch.no_grad():
        reduce.first.weight.fill_(1.0)
        reduce.second.weight.fill_(1.0)
    image = torch.rand(1, 1, side, side)
    even, odd = image[0, 0, ::2, ::2], image[0, 0, 1::2, 1::2]
    out = reduce(image)[0] * (1 + reduce.norm.eps) ** 0.5  # running mean 0 and variance 1 so far
    torch.testing.assert_close(out[0], even)
    torch.testing.assert_close(out[1, : len(odd), : len(odd)], odd)
    assert not out[1, len(odd) :].any()


def test_batch_norm_is_torchs_own():
    ours, theirs = BatchNorm(C), nn.BatchNorm2d(C)
    for _ in range(3):
        images = torch.randn(5, C, 3, 3)
        torch.testing.assert_close(ours(images), theirs(images), rtol=0, atol=0)
    images = torch.randn(5, C, 3, 3)
    torch.testing.assert_close(ours.eval()(images), theirs.eval()(images), rtol=0, atol=0)


def test_an_unknown_operation_is_refused_by_name():
    with pytest.raises(Unbuildable, match="'sep_conv_9x9'"):
        build("sep_conv_9x9", C, 1, affine=True)
