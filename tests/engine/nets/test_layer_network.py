"""Networks of layers against plain equations; their sizes are tested in test_counts.py."""

import pytest
import torch
from torch.nn import functional as F

from engine.nets import build_network
from engine.nets.layer_network import AnchoredNetwork, MacroNetwork, side_by_side
from engine.space.counts import Skeleton
from engine.space.layers import Layer, LayerArchitecture

FRAME = Skeleton(channels=4, image=12, classes=3, in_channels=1)


def test_smaller_images_get_zeros_around_them():
    small, large = torch.ones(1, 1, 2, 3), torch.full((1, 2, 5, 5), 2.0)
    joined = side_by_side([small, large])
    assert joined.shape == (1, 3, 5, 5)
    assert torch.equal(joined[:, 1:], large)
    assert joined[0, 0].sum() == 6
    assert torch.equal(joined[0, 0, 1:3, 1:4], torch.ones(2, 3))
    assert side_by_side([small]) is small


def test_anchored_layers_read_what_they_say():
    architecture = LayerArchitecture(
        (
            Layer("conv_3x5", (0,), 2, 2),
            Layer("conv_1x1", (0,), 3),
            Layer("conv_7x1", (1, 2), 4),
            Layer("conv_1x3", (1,), 5),
        )
    )
    network = build_network(architecture, FRAME).eval()
    assert isinstance(network, AnchoredNetwork)
    images = torch.randn(2, 1, 12, 12)
    one, two, three, four = network.layers
    first, second = one(images), two(images)
    assert (first.shape[2:], second.shape[2:]) == ((6, 6), (12, 12))
    third = three(torch.cat([F.pad(first, (3, 3, 3, 3)), second], 1))
    ends = torch.cat([third, F.pad(four(first), (3, 3, 3, 3))], 1)
    torch.testing.assert_close(network(images), network.classifier(ends.mean((2, 3))))


def test_every_anchored_layer_is_convolved_normalised_and_rectified():
    network = build_network(LayerArchitecture((Layer("conv_3x1", (0,), 2),)), FRAME)
    convolution, norm, rectify = network.layers[0]
    images = torch.randn(4, 1, 12, 12)
    plain = F.conv2d(images, convolution.weight, padding=(1, 0))
    scaled = (plain - plain.mean((0, 2, 3), keepdim=True)) / plain.var((0, 2, 3), False, keepdim=True).add(
        norm.eps
    ).sqrt()
    torch.testing.assert_close(network.layers[0](images), rectify(scaled))


def test_a_macro_layer_puts_the_skips_beside_its_operation():
    layers = (
        Layer("sep_conv_5x5", (0,)),
        Layer("max_pool_3x3", (1,)),
        Layer("conv_3x3", (0, 1, 2)),
        Layer("conv_1x1", (1, 3)),
    )
    network = build_network(LayerArchitecture(layers, "after"), FRAME).eval()
    assert isinstance(network, MacroNetwork)
    images = torch.randn(2, 1, 12, 12)
    one, two, three, four = network.layers
    stem = network.stem(images)
    first = one.operation(stem)
    assert one.joined is None
    # Four layers: halved after the first and the second.
    halve = network.reductions["1"]
    stem, first = halve["0"](stem), halve["1"](first)
    assert first.shape == (2, 8, 6, 6)
    second = two.joined(two.operation(first))
    halve = network.reductions["2"]
    stem, first, second = (halve[str(state)](x) for state, x in enumerate((stem, first, second)))
    third = three.joined(torch.cat([stem, first, three.operation(second)], 1))
    fourth = four.joined(torch.cat([first, four.operation(third)], 1))
    torch.testing.assert_close(network(images), network.classifier(fourth.mean((2, 3))))


@pytest.mark.parametrize("name", ["sep_conv_3x3", "conv_5x5", "avg_pool_3x3"])
def test_the_operation_of_a_macro_layer_is_applied_once(name):
    network = build_network(LayerArchitecture((Layer(name, (0,)),), "after"), FRAME)
    convolutions = [part for part in network.layers[0].modules() if isinstance(part, torch.nn.Conv2d)]
    assert len(convolutions) == {"sep_conv_3x3": 3, "conv_5x5": 2, "avg_pool_3x3": 1}[name]


def test_both_learn():
    for layers, join in (((Layer("conv_3x3", (0,), 4),), "before"), ((Layer("conv_3x3", (0,)),), "after")):
        network = build_network(LayerArchitecture(layers, join), FRAME)
        network(torch.randn(4, 1, 12, 12)).sum().backward()
        assert all(weight.grad is not None for weight in network.parameters())
