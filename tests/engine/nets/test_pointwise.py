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
    inputs = [image.detach() + 3 for image in images(2)]  # two kinds, three edges of two channels
    weight = torch.randn(2, 3, 2, 2, dtype=torch.float64)
    norms = [[nn.BatchNorm2d(2, affine=False).double().train(training) for _ in range(3)] for _ in range(2)]
    for row in norms:
        for norm in row:
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
    folded = FoldedNorm(norms).double().train(training)
    matrices, shifts = folded.maps(weight[:, 1:], [image[:, 2:] for image in inputs], slice(1, 3))
    for kind in range(2):
        for edge in (1, 2):
            x = inputs[kind][:, 2 * edge : 2 * edge + 2]
            expected = norms[kind][edge](torch.einsum("oc,nchw->nohw", weight[kind, edge], x))
            ours = torch.einsum("oc,nchw->nohw", matrices[kind, edge - 1], x)
            ours += shifts[kind, edge - 1][:, None, None]
            torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-11)
            torch.testing.assert_close(folded.running_mean[kind, edge], norms[kind][edge].running_mean)
            torch.testing.assert_close(folded.running_var[kind, edge], norms[kind][edge].running_var)
        torch.testing.assert_close(folded.running_mean[kind, 0], norms[kind][0].running_mean)  # not asked for


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
    matrices = torch.randn(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    shifts = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    works = [
        (lambda *two: moments(two, 2), (one, two)),
        (rectified, (one, matrices[0].detach().requires_grad_(), shifts)),
        (lambda one, two, *maps: summed([one, two], *maps), (one, two, matrices, shifts)),
    ]
    for work, inputs in works:
        assert torch.autograd.gradcheck(work, inputs)
        assert torch.autograd.gradgradcheck(work, inputs)


def test_sums_on_a_single_pixel_leave_the_shifts_alone():
    one = torch.ones(1, 2, 1, 1)
    shifts = torch.ones(1, 2)
    summed([one, one], torch.ones(2, 1, 2, 2), shifts)
    torch.testing.assert_close(shifts, torch.ones(1, 2))
