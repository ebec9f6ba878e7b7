"""Folded pointwise convolutions and batch norms against the two one after the other, in double precision."""

import pytest
import torch
from torch import nn

from engine.nets.pointwise import FoldedNorm, moments, rectified, summed


def images(count: int, channels: int = 6) -> list[torch.Tensor]:
    return [
        torch.randn(2, channels, 3, 4, dtype=torch.float64).to(memory_format=torch.channels_last).requires_grad_()
        for _ in range(count)
    ]


@pytest.mark.parametrize("training", [True, False])
def test_maps_do_what_convolution_and_norm_do_running_statistics_included(training):
    torch.manual_seed(0)
    inputs = [image.detach() + 3 for image in images(2)]  # two images with three blocks of two channels
    weight = torch.randn(6, 2, 2, dtype=torch.float64)
    norms = [nn.BatchNorm2d(2, affine=False).double().train(training) for _ in range(6)]
    for norm in norms:
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    folded = FoldedNorm(norms).double().train(training)
    which = torch.tensor([1, 2, 5])  # of the first image two blocks, of the second one
    chosen = [inputs[0][:, 2:], inputs[1][:, 4:]]
    matrices, shifts = folded.maps(weight[which], chosen, which)
    x = torch.cat(inputs, 1).unflatten(1, (6, 2))
    for place, block in enumerate(which.tolist()):
        expected = norms[block](torch.einsum("oc,nchw->nohw", weight[block], x[:, block]))
        ours = torch.einsum("oc,nchw->nohw", matrices[place], x[:, block]) + shifts[place][:, None, None]
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-11)
    for block, norm in enumerate(norms):  # those that were not asked for stay as they were
        torch.testing.assert_close(folded.running_mean[block], norm.running_mean)
        torch.testing.assert_close(folded.running_var[block], norm.running_var)


def test_moments_are_means_over_all_pixels():
    torch.manual_seed(0)
    inputs = images(2)
    means, squares = moments(inputs, 2)
    whole = torch.cat(inputs, 1).unflatten(1, (6, 2))
    torch.testing.assert_close(means, whole.mean((0, 3, 4)))
    torch.testing.assert_close(squares, torch.einsum("nkchw,nkdhw->kcd", whole, whole) / 24)


def test_gradients_and_second_derivatives_equal_finite_differences():
    torch.manual_seed(0)
    one, two = images(2)
    matrices = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
    shifts = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    works = [(lambda *two: moments(two, 2), (one, two)), (rectified, (one, matrices, shifts))]
    for work, inputs in works:
        assert torch.autograd.gradcheck(work, inputs)
        assert torch.autograd.gradgradcheck(work, inputs)


@pytest.mark.parametrize("layout", [[(3,), (3,)], [(1, 1, 1), (1, 1, 1)], [(1, 2), (3, 0)], [(0, 3), (2, 1)]])
@pytest.mark.parametrize("tabled", [True, False])
def test_sums_take_every_block_to_its_node(layout, tabled):
    torch.manual_seed(0)
    given = images(2)
    nodes = len(layout[0])
    matrices = torch.randn(6, 2, 2, dtype=torch.float64, requires_grad=True)
    shifts = torch.randn(nodes, 2, dtype=torch.float64, requires_grad=True)
    shares = torch.randn(nodes, 2, dtype=torch.float64, requires_grad=True)
    table = images(2, 2)

    def ours(matrices, shifts, shares, *given):
        return summed(layout, given[:2], matrices, shifts, *((shares, given[2:]) if tabled else ()))

    expected = [shift[:, None, None].expand(2, 2, 3, 4) for shift in shifts]
    targets = [node for counts in layout for node, count in enumerate(counts) for _ in range(count)]
    blocks = torch.cat(given, 1).unflatten(1, (6, 2))
    for block, target in enumerate(targets):
        expected[target] = expected[target] + torch.einsum("oc,nchw->nohw", matrices[block], blocks[:, block])
    if tabled:
        expected = [image + row[0] * table[0] + row[1] * table[1] for image, row in zip(expected, shares, strict=True)]
    inputs = matrices, shifts, shares, *given, *table
    torch.testing.assert_close(ours(*inputs), tuple(expected))
    assert torch.autograd.gradcheck(ours, inputs)
    assert torch.autograd.gradgradcheck(ours, inputs)


def test_sums_on_a_single_pixel_leave_the_shifts_alone():
    one = torch.ones(1, 2, 1, 1)
    shifts = torch.ones(1, 2)
    summed([(1,), (1,)], [one, one], torch.ones(2, 2, 2), shifts)
    torch.testing.assert_close(shifts, torch.ones(1, 2))
