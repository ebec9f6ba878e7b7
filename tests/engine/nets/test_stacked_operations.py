"""Depthwise convolutions whose gradients take other ways, against those of the library, in double precision."""

import pytest
import torch
from torch.nn import functional as F

from engine.nets.stacked_operations import depthwise


def gradients(y: torch.Tensor, *inputs: torch.Tensor) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return [y.detach(), *torch.autograd.grad(y, inputs, torch.randn(y.shape, dtype=y.dtype))]


@pytest.mark.parametrize("side", [1, 2, 3, 4, 7, 8, 14])
@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 2), (2, 1), (2, 2), (1, 3)])
def test_values_and_gradients_are_those_of_a_convolution(side, kernel, stride, dilation):
    torch.manual_seed(0)
    x = torch.randn(3, 4, side, side + 1, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    expected = F.conv2d(x, weight, None, stride, dilation * (kernel // 2), dilation, groups=4)
    ours = depthwise(x, weight, stride, dilation)
    torch.testing.assert_close(gradients(ours, x, weight), gradients(expected, x, weight), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_gradients_and_second_derivatives_equal_finite_differences(stride, dilation):
    torch.manual_seed(0)
    x = torch.randn(2, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 1, 5, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *both: depthwise(*both, stride, dilation), (x, weight))
    assert torch.autograd.gradgradcheck(lambda *both: depthwise(*both, stride, dilation), (x, weight))


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_of_images_stay_channels_last(stride, dilation):
    x = torch.randn(2, 8, 12, 12).to(memory_format=torch.channels_last).requires_grad_()
    y = depthwise(x, torch.randn(8, 1, 5, 5), stride, dilation)
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert gradient.is_contiguous(memory_format=torch.channels_last)
