"""The operations, against their published weight counts, the size rule, and pixels computed by hand."""

import pytest
import torch
from torch import nn

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
}


@pytest.mark.parametrize("name", BUILDERS)
def test_weights_are_those_of_the_published_operations(name):
    norms = 0 if name not in WEIGHTS else 2 if "sep_conv" in name else 1
    assert count(build(name, C, 1, affine=False)) == WEIGHTS.get(name, 0)
    assert count(build(name, C, 1, affine=True)) == WEIGHTS.get(name, 0) + norms * 2 * C


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


def test_none_is_zero_and_skip_is_the_image_itself():
    images = torch.randn(2, C, 4, 4)
    assert not build("none", C, 2, affine=False)(images).any()
    torch.testing.assert_close(build("skip_connect", C, 1, affine=True)(images), images, rtol=0, atol=0)


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
