"""Networks of hierarchical cells against plain equations; their sizes are tested in test_counts.py."""

import torch
from torch import nn
from torch.nn import functional as F

from engine.nets import build_network
from engine.nets.motif_network import BuiltMotif, MotifNetwork, primitive
from engine.space.counts import Skeleton
from engine.space.motifs import Motif, MotifArchitecture

PRIMITIVES = ("conv_1x1", "depth_conv_3x3", "sep_conv_3x3", "max_pool_3x3", "avg_pool_3x3", "skip_connect")
CONV, DEPTH, SEP, MAX, MEAN, SKIP = range(1, 7)
FRAME = Skeleton(channels=4, image=12, classes=3, in_channels=1)


def test_primitives_keep_the_size_and_say_their_channels():
    images = torch.randn(2, 3, 5, 7)
    for name, channels in zip(PRIMITIVES, (4, 3, 4, 3, 3, 3), strict=True):
        built, outputs = primitive(name, 3, 4)
        assert outputs == channels
        assert built(images).shape == (2, channels, 5, 7)
    assert primitive("skip_connect", 3, 4)[0](images) is images
    torch.testing.assert_close(primitive("max_pool_3x3", 3, 4)[0](images), F.max_pool2d(images, 3, 1, 1))


def test_convolutions_are_normalised_and_rectified():
    for name in PRIMITIVES[:3]:
        built, _ = primitive(name, 3, 4)
        assert [type(part) for part in built][-2:] == [type(built[-2]), nn.ReLU]
        assert isinstance(built[-2], nn.BatchNorm2d)
        assert sum(isinstance(part, nn.BatchNorm2d) for part in built) == 1


def test_nodes_concatenate_what_comes_into_them():
    cell = Motif(4, (CONV, SKIP, 0, DEPTH, 0, MAX))  # 1 leads to 2 and nowhere else
    built = BuiltMotif(MotifArchitecture(((cell,),), PRIMITIVES), 0, 0, 3, 4).eval()
    assert built.edges == ((0, 1, CONV), (0, 2, SKIP), (1, 2, DEPTH), (2, 3, MAX))
    x = torch.randn(2, 3, 6, 6)
    convolved, skipped, deep, pooled = built.operations
    second = torch.cat([skipped(x), deep(convolved(x))], 1)
    torch.testing.assert_close(built(x), pooled(second))
    assert built.outputs == 3 + 4
    assert built.back is None


def test_an_inner_motif_comes_back_to_the_channels_it_was_given():
    motif, cell = Motif(3, (SKIP, CONV, SKIP)), Motif(3, (1, 1, 1))
    architecture = MotifArchitecture(((motif,), (cell,)), PRIMITIVES)
    built = BuiltMotif(architecture, 1, 0, 5, 4).eval()
    x = torch.randn(2, 5, 6, 6)
    first, across, second = built.operations
    inner_conv, inner_first, inner_second = first.operations[1], first.operations[0], first.operations[2]
    expected = first.back(torch.cat([inner_conv(x), inner_second(inner_first(x))], 1))
    torch.testing.assert_close(first(x), expected)
    torch.testing.assert_close(built(x), torch.cat([across(x), second(first(x))], 1))
    assert built.outputs == 10
    weights = [{id(weight) for weight in part.parameters()} for part in (first, across, second)]
    assert not weights[0] & weights[1]
    assert not weights[1] & weights[2]  # each use has its own


def test_a_cell_without_a_way_is_zero():
    network = build_network(MotifArchitecture(((Motif(3, (CONV, 0, 0)),),), PRIMITIVES), FRAME)
    cell = network.stages[0][0]
    assert not cell(torch.randn(2, 4, 6, 6)).any()
    assert network(torch.randn(2, 1, 12, 12)).shape == (2, 3)


def test_three_cells_at_falling_sizes():
    network = build_network(MotifArchitecture(((Motif(2, (SEP,)),),), PRIMITIVES), FRAME)
    assert isinstance(network, MotifNetwork)
    sizes = []
    for stage in network.stages:
        for part in stage:
            part.register_forward_hook(lambda module, inputs, output: sizes.append(tuple(output.shape[1:])))
    network(torch.randn(2, 1, 12, 12)).sum().backward()
    assert sizes == [(4, 12, 12), (8, 6, 6), (8, 6, 6), (16, 3, 3), (16, 3, 3), (16, 3, 3)]
    assert all(weight.grad is not None for weight in network.parameters())
