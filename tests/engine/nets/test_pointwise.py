"""Pointwise convolutions, norms and what follows in one step, against the library's layers, in double precision."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets import pointwise_summed as pointwise_separate
from engine.nets.pointwise_fused import rectified, summed
from engine.nets.pointwise_summed import Norms
from engine.nets.separable_edges import _segments
from engine.nets.shared_edges import shared_out

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
BLOCKS = 4


def image(channels: int) -> Tensor:
    numbers = 1 + torch.randn(2, BLOCKS * channels, 3, 4, dtype=torch.float64)
    return numbers.to(memory_format=torch.channels_last).requires_grad_()


def layers(training: bool, channels: int) -> list[nn.BatchNorm2d]:
    made = [nn.BatchNorm2d(channels, affine=False).double().train(training) for _ in range(BLOCKS + 1)]
    for norm in made:
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return made


def expected(x: Tensor, weight: Tensor, norms: list[nn.BatchNorm2d]) -> list[Tensor]:
    """Block after block."""
    parts = x.chunk(len(weight), 1)
    return [norm(F.conv2d(part, own[..., None, None])) for part, own, norm in zip(parts, weight, norms, strict=True)]


def same(ours: list[Tensor], theirs: list[Tensor], inputs: list[Tensor]) -> None:
    torch.testing.assert_close(ours, theirs, **CLOSE)
    towards = [torch.randn_like(part) for part in theirs]
    wanted = [part for part in inputs if part.requires_grad]
    torch.testing.assert_close(
        torch.autograd.grad(ours, wanted, towards), torch.autograd.grad(theirs, wanted, towards), **CLOSE
    )


def follows(norms: Norms, theirs: list[nn.BatchNorm2d]) -> None:
    torch.testing.assert_close(norms.running_mean, torch.stack([norm.running_mean for norm in theirs]), **CLOSE)
    torch.testing.assert_close(norms.running_var, torch.stack([norm.running_var for norm in theirs]), **CLOSE)


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("channels", [2, 5])
def test_convolution_norm_and_relu_are_those_of_the_library(training, fixed, channels):
    torch.manual_seed(0)
    x, weight = image(channels), torch.randn(BLOCKS, channels, channels, dtype=torch.float64)
    weight.requires_grad_(not fixed)
    theirs = layers(training, channels)
    norms = Norms(theirs).double().train(training)
    which = slice(1, 1 + BLOCKS)  # the statistics of the first stay as they are
    plain = torch.cat(expected(x, weight, theirs[which]), 1).relu()
    same([rectified(x, weight, norms, which)], [plain], [x, weight])
    follows(norms, theirs)


LAYOUTS = [
    pytest.param(4, [[0, 1, 2, 3], [0, 1, 2, 3]], id="a block for each node"),
    pytest.param(2, [[0, 0, 1, 1], [0, 0, 1, 1]], id="two blocks for each node"),
    pytest.param(2, [[0, 0, 1, 1], [0, 1, 1, 1]], id="more blocks for one node"),
    pytest.param(4, [[1, 3, 3, 3], [3, 3, 3, 3]], id="nothing for a node"),
]


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("drops", [True, False])
@pytest.mark.parametrize(("nodes", "targets"), LAYOUTS)
def test_weighted_sums_are_those_of_the_library(nodes, targets, training, fixed, drops):
    torch.manual_seed(0)
    channels = 2
    images = [image(channels) for _ in targets]
    weights = [torch.randn(BLOCKS, 2, 2, dtype=torch.float64).requires_grad_(not fixed) for _ in targets]
    shares = torch.randn(2 * BLOCKS, dtype=torch.float64, requires_grad=True)
    kept = torch.rand(2, 2 * BLOCKS, dtype=torch.float64) if drops else None
    theirs = [layers(training, channels)[:BLOCKS] for _ in targets]
    norms = [Norms(row).double().train(training) for row in theirs]
    layout = [_segments(row) for row in targets]
    total = [torch.zeros(2, channels, 3, 4, dtype=torch.float64, requires_grad=True) for _ in range(nodes)]
    for at, (x, weight, row) in enumerate(zip(images, weights, targets, strict=True)):
        for block, y in enumerate(expected(x, weight, theirs[at])):
            number = at * BLOCKS + block
            factor = shares[number] if kept is None else shares[number] * kept[:, number, None, None, None]
            total[row[block]] = total[row[block]] + factor * y
    ours = summed(images, weights, norms, [slice(0, BLOCKS)] * len(images), shares, layout, nodes, kept)
    same(list(ours), total, [*images, *weights, shares])
    for norm, row in zip(norms, theirs, strict=True):
        follows(norm, row)


def test_blocks_are_told_apart_by_the_nodes_that_they_lead_to():
    assert _segments([0, 1, 2]) == ((slice(0, 3), slice(0, 3)),)
    assert _segments([0, 0, 1, 1, 3, 3]) == ((slice(0, 4), slice(0, 2)), (slice(4, 6), slice(3, 4)))
    assert _segments([1, 2, 2, 3]) == (
        (slice(0, 1), slice(1, 2)),
        (slice(1, 3), slice(2, 3)),
        (slice(3, 4), slice(3, 4)),
    )


def test_products_of_few_channels_are_those_of_many(monkeypatch):
    torch.manual_seed(0)
    one, other, weight = image(4), image(4), torch.empty(BLOCKS, 4, 4)
    few = pointwise_separate._products(one, other, weight)
    monkeypatch.setattr(pointwise_separate, "FEW", 0)
    torch.testing.assert_close(few, pointwise_separate._products(one, other, weight), **CLOSE)


def test_images_are_shared_out_by_a_matrix():
    torch.manual_seed(0)
    table, shares = [image(1) for _ in range(2)], torch.randn(3, 2, dtype=torch.float64)
    for row, ours in zip(shares, shared_out(shares, table), strict=True):
        torch.testing.assert_close(ours, row[0] * table[0] + row[1] * table[1])
