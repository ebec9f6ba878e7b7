"""Strided 1×1 convolutions go another way to the same values; no network leaves one to the library."""

import random

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from engine.nets import Supernet, build_network
from engine.nets.convolution import convolution
from engine.nets.layer_network import AnchoredNetwork
from engine.nets.operations import BUILDERS, FactorizedReduce, build, halves
from engine.nets.stacked_operations import depthwise
from engine.nets.weight_sharing import shared_paths
from engine.nets.weight_sharing.parts import PartedReduce
from engine.space.cell_space import CellSpace
from engine.space.counts import Skeleton, frame_of
from engine.space.layers import Layer, LayerArchitecture
from engine.space.spaces import SPACES


def whole(*shape: int) -> torch.Tensor:
    """Small whole numbers, of which sums are exact in whatever order."""
    return torch.randint(-8, 9, shape).double().requires_grad_()


def exactly_alike(ours: torch.Tensor, expected: torch.Tensor, *inputs: torch.Tensor) -> None:
    """Values, and gradients of the inputs for a gradient of whole numbers."""
    gradient = torch.randint(-8, 9, expected.shape).double()
    both = [(y.detach(), *torch.autograd.grad(y, inputs, gradient)) for y in (ours, expected)]
    torch.testing.assert_close(*both, rtol=0, atol=0)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("side", [1, 2, 7, 8])
@pytest.mark.parametrize("stride", [2, 3, (1, 2), (3, 1)])
@pytest.mark.parametrize("groups", [1, 3])
def test_it_is_the_strided_convolution_to_the_last_bit(groups, stride, side, last):
    torch.manual_seed(0)
    ours = convolution(3, 6, 1, stride, groups=groups).double()
    x = whole(2, 3, side, side + 1)
    ours.weight = nn.Parameter(whole(6, 3 // groups, 1, 1).detach())
    images = x.contiguous(memory_format=torch.channels_last) if last else x
    exactly_alike(ours(images), F.conv2d(x, ours.weight, None, stride, groups=groups), x, ours.weight)


@pytest.mark.parametrize("side", [1, 6, 7])
def test_factorized_reductions_are_two_strided_convolutions_to_the_last_bit(side):
    torch.manual_seed(0)
    reduce, parted = FactorizedReduce(4, 5, affine=False).double(), PartedReduce(2, 2, 5).double()
    firsts, seconds = [whole(2, 2, 1, 1) for _ in range(2)], [whole(3, 2, 1, 1) for _ in range(2)]
    weights = torch.cat(firsts, 1), torch.cat(seconds, 1)
    reduce.first.weight, reduce.second.weight = (nn.Parameter(weight.detach()) for weight in weights)
    for part, own in zip((parted.first, parted.second), (firsts, seconds), strict=True):
        part.parts = nn.ParameterList(nn.Parameter(weight.detach()) for weight in own)
    reduce.norm = parted.norm = nn.Identity()
    x = whole(3, 4, side, side)
    padded = F.pad(x.relu(), (0, side % 2, 0, side % 2))
    both = [F.conv2d(padded, weights[0], stride=2), F.conv2d(padded[:, :, 1:, 1:], weights[1], stride=2)]
    expected = torch.cat(both, 1)
    gradient = torch.randint(-8, 9, expected.shape).double()
    of_x, *of_parts = torch.autograd.grad(expected, (x, *firsts, *seconds), gradient)
    for ours, own in ((reduce(x), reduce), (parted(x, (0, 1)), parted)):
        torch.testing.assert_close(ours, expected, rtol=0, atol=0)
        found, *rest = torch.autograd.grad(ours, (x, *own.parameters()), gradient)
        torch.testing.assert_close(found, of_x, rtol=0, atol=0)
        joined = rest if own is reduce else [torch.cat(rest[:2], 1), torch.cat(rest[2:], 1)]
        right = [torch.cat(of_parts[:2], 1), torch.cat(of_parts[2:], 1)]
        torch.testing.assert_close(joined, right, rtol=0, atol=0)


def test_the_second_pixels_of_a_reduction_are_one_further_on():
    image = torch.arange(9.0).view(1, 1, 3, 3)
    even, odd = halves(image)
    assert even.flatten().tolist() == [0, 2, 6, 8]
    assert odd.flatten().tolist() == [4, 0, 0, 0]


def test_gradients_and_second_derivatives_equal_finite_differences():
    torch.manual_seed(0)
    ours = convolution(2, 3, 1, 2).double()
    x = torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ours, (x,))
    assert torch.autograd.gradgradcheck(ours, (x,))


@pytest.mark.parametrize("kernel", [1, 3, (1, 7), (5, 1)])
@pytest.mark.parametrize("stride", [1, 2])
def test_weights_are_named_and_drawn_as_those_of_torchs_own(kernel, stride):
    """So that a seed means the networks that it meant, and their weights can still be read."""
    torch.manual_seed(0)
    ours = convolution(3, 4, kernel, stride).state_dict()
    torch.manual_seed(0)
    theirs = nn.Conv2d(3, 4, kernel, stride, bias=False).state_dict()
    assert list(ours) == ["weight"]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_gradients_of_images_stay_channels_last():
    x = torch.randn(2, 8, 12, 12).to(memory_format=torch.channels_last).requires_grad_()
    (gradient,) = torch.autograd.grad(convolution(8, 4, 1, 2)(x).square().sum(), x)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


class Watch(TorchDispatchMode):
    """Sees the convolutions that reach the library, forwards and backwards, and keeps those 1×1 with a stride."""

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.bad = 0, []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function in (torch.ops.aten.convolution.default, torch.ops.aten.convolution_backward.default):
            backward = function is torch.ops.aten.convolution_backward.default
            weight, stride = args[2 if backward else 1], args[4 if backward else 3]
            self.seen += 1
            if tuple(weight.shape[2:]) == (1, 1) and max(stride) > 1:
                self.bad.append((backward, tuple(weight.shape), stride))
        return function(*args, **(kwargs or {}))


def require_none(network: nn.Module, *inputs: object) -> None:
    """That no convolution of the network is 1×1 with a stride, neither as a module nor in a pass and its gradients."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            assert module.kernel_size != (1, 1) or module.stride == (1, 1), module
    with Watch() as watch:
        y = network(*inputs)
        if y.requires_grad:
            y.square().sum().backward()
    assert not watch.bad


def images(side: int = 32) -> torch.Tensor:
    return torch.randn(2, 3, side, side).to(memory_format=torch.channels_last)


def test_the_watch_sees_what_it_is_to_see():
    with Watch() as watch:
        F.conv2d(images(4).contiguous(), torch.randn(16, 3, 1, 1, requires_grad=True), stride=2).sum().backward()
    assert [backward for backward, *_ in watch.bad] == [False, True]


@pytest.mark.parametrize("kind", [kind for kind, space in SPACES.items() if not space.reads_text])
def test_no_network_of_any_space_makes_the_call(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    for _ in range(2):
        architecture = space.decode(space.sample(rng))
        skeleton = Skeleton(kind=frame_of(architecture), channels=2, layers=3, image=16, classes=2, in_channels=3)
        require_none(build_network(architecture, skeleton), images(16))
    if not space.unshareable:
        require_none(shared_paths(space, skeleton), images(16), architecture)


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("affine", [False, True])
def test_no_operation_makes_the_call(name, affine):
    for side in (1, 8):
        require_none(build(name, 4, 2, affine), images(side)[:, :1].expand(2, 4, side, side).requires_grad_())


@pytest.mark.parametrize("stride", [2, 3])
def test_layers_with_strides_do_not_make_the_call(stride):
    layers = (Layer("conv_1x1", (0,), 4, stride), Layer("conv_1x3", (0, 1), 4, stride))
    skeleton = Skeleton(channels=4, layers=2, image=32, classes=2, in_channels=3)
    require_none(AnchoredNetwork(LayerArchitecture(layers, "before"), skeleton), images())


@pytest.mark.parametrize("kind", ["darts", "nasbench201"])
@pytest.mark.parametrize("partial", [1, 2])
def test_no_supernet_makes_the_call(kind, partial):
    space = SPACES[kind]()
    assert isinstance(space, CellSpace)
    net = Supernet(space, 4, 3, classes=2, in_channels=3, partial=partial)
    require_none(net, images(8))


def test_a_depthwise_convolution_whose_kernel_is_cut_to_one_pixel_does_not_make_the_call():
    x = torch.randn(2, 1, 2, 2, requires_grad=True)
    with Watch() as watch:
        depthwise(x, torch.randn(1, 1, 3, 3, requires_grad=True), 2, 2).sum().backward()
    assert watch.seen
    assert not watch.bad
