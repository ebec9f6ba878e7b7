"""Networks, against plain equations and what drop path promises. Their sizes are tested in test_counts.py."""

import pytest
import torch
from torch import nn

from engine.nets import Network, Unbuildable
from engine.nets.cell_module import dropped
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton


def built(architecture, channels, layers, classes, in_channels=3, drop_path=0.0, **frame) -> Network:
    skeleton = Skeleton(channels=channels, layers=layers, classes=classes, in_channels=in_channels, **frame)
    return Network(architecture, skeleton, drop_path)


def cell(*operations: tuple[str, str], combine: str = "add", concat: tuple[int, ...] | None = None) -> Cell:
    """Nodes that take k-2 and k-1 through the two operations given for each."""
    nodes = tuple(Node((Edge(0, first), Edge(1, second)), combine) for first, second in operations)
    return Cell(nodes, concat or tuple(range(2, 2 + len(nodes))))


SMALL = CellArchitecture(
    normal=cell(("sep_conv_3x3", "skip_connect"), ("none", "avg_pool_3x3")),
    reduction=cell(("max_pool_3x3", "skip_connect"), ("dil_conv_3x3", "sep_conv_5x5")),
)


JOINING = cell(("sep_conv_3x3", "skip_connect"), ("none", "avg_pool_3x3"), combine="concat")


@pytest.mark.parametrize("side", [8, 7, 28])
@pytest.mark.parametrize("layers", [1, 2, 3, 5])
@pytest.mark.parametrize("in_channels", [1, 3])
def test_any_image_size_depth_and_colour_gives_one_logit_per_class(side, layers, in_channels):
    network = built(SMALL, 2, layers, 5, in_channels)
    assert network(torch.randn(3, in_channels, side, side)).shape == (3, 5)


def test_two_cells_reduce_and_double_the_channels():
    network = built(SMALL, 2, 6, 10)
    sizes = []
    for one in network.cells:
        one.register_forward_hook(lambda module, inputs, output: sizes.append(tuple(output.shape[1:])))
    network(torch.randn(2, 3, 16, 16))
    assert sizes == [(4, 16, 16)] * 2 + [(8, 8, 8)] * 2 + [(16, 4, 4)] * 2


def test_a_cell_computes_the_sum_of_its_edges_concatenated():
    network = built(SMALL, 2, 3, 4).eval()
    first = network.cells[0]
    before, last = torch.randn(2, 2, 6, 8, 8)
    s0, s1 = first.before(before), first.last(last)
    expected = torch.cat(
        [first.nodes[0].operations[0](s0) + s1, nn.functional.avg_pool2d(s1, 3, 1, 1, False, False)], 1
    )
    torch.testing.assert_close(first(before, last, 0.0), expected)


def test_the_output_may_name_an_input_which_a_reduction_cell_halves():
    with_input = cell(("skip_connect", "skip_connect"), concat=(0, 2))
    network = built(CellArchitecture(normal=with_input, reduction=with_input), 2, 4, 3)
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 3)
    reduction = network.cells[1].eval()
    states = [reduction.before(torch.randn(2, 6, 8, 8)), reduction.last(torch.randn(2, 4, 8, 8))]
    out = reduction.states(list(states), 0.0)
    torch.testing.assert_close(out[:, :4], reduction.halved["0"](states[0]))
    assert out.shape == (2, 8, 4, 4)


def test_concatenated_inputs_come_back_to_the_cells_channels():
    network = built(CellArchitecture(normal=JOINING, reduction=JOINING), 2, 4, 3).eval()
    node = network.cells[0].nodes[0]
    states = list(torch.randn(2, 2, 2, 8, 8))
    paths = [operation(state) for operation, state in zip(node.operations, states, strict=True)]
    rectify, convolve, norm = node.joined
    torch.testing.assert_close(node(states, 0.0), norm(convolve(rectify(torch.cat(paths, 1)))))
    assert convolve.weight.shape == (2, 4, 1, 1)
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 3)


def test_a_node_without_inputs_is_zero_of_the_right_size():
    hollow = Cell((Node(()), Node((Edge(2, "sep_conv_3x3"),))), (2, 3))
    network = built(CellArchitecture(normal=hollow, reduction=hollow), 2, 3, 3, drop_path=0.5)
    assert network(torch.randn(2, 3, 9, 9)).shape == (2, 3)
    states = list(torch.randn(2, 2, 2, 9, 9))
    for place, side in ((0, 9), (1, 5)):
        out = network.cells[place].nodes[0](states, 0.0)
        assert out.shape == (2, 2, side, side)
        assert not out.any()


@pytest.mark.parametrize(
    ("faulty", "says"),
    [
        (Cell((Node((Edge(3, "skip_connect"),)),), (2,)), "node 0.*state 3"),
        (cell(("skip_connect", "magic")), "magic"),
        (Cell((Node((Edge(0, "skip_connect"),)),), (3,), inputs=3), "3 inputs|3"),
    ],
)
def test_a_faulty_cell_is_refused_with_its_place(faulty, says):
    with pytest.raises(Unbuildable, match=f"normal cell.*({says})"):
        built(CellArchitecture(normal=faulty, reduction=SMALL.reduction), 2, 3, 4)


def test_the_auxiliary_classifier_speaks_in_training_only_and_needs_room():
    network = built(SMALL, 2, 3, 7, auxiliary=True)
    logits, side = network(torch.randn(2, 3, 32, 32))
    assert logits.shape == side.shape == (2, 7)
    assert network.eval()(torch.randn(2, 3, 32, 32)).shape == (2, 7)
    with pytest.raises(ValueError, match="29 pixels"):
        network.train()(torch.randn(2, 3, 16, 16))


def test_the_imagenet_skeleton_halves_three_times_before_the_first_cell():
    network = built(SMALL, 4, 3, 5, kind="imagenet", auxiliary=True)
    sizes = []
    for one in network.cells:
        one.register_forward_hook(lambda module, inputs, output: sizes.append([tuple(x.shape[1:]) for x in inputs[:2]]))
    logits, side = network(torch.randn(2, 3, 224, 224))
    assert logits.shape == side.shape == (2, 5)
    assert sizes == [
        [(4, 56, 56), (4, 28, 28)],
        [(4, 28, 28), (8, 28, 28)],
        [(8, 28, 28), (16, 14, 14)],
    ]
    with pytest.raises(ValueError, match="193 pixels"):
        network(torch.randn(2, 3, 192, 192))
    assert built(SMALL, 4, 3, 5, kind="imagenet", auxiliary=True)(torch.randn(2, 3, 193, 193))[1].shape == (2, 5)


def test_drop_path_drops_whole_images_and_keeps_the_mean():
    torch.manual_seed(0)
    paths = torch.ones(4000, 2, 3, 3)
    out = dropped(paths, 0.25)
    kept = out[:, 0, 0, 0] != 0
    torch.testing.assert_close(out, kept[:, None, None, None] * paths / 0.75)
    assert abs(kept.float().mean() - 0.75) < 0.03  # four standard deviations


def test_drop_path_spares_identities_and_evaluation():
    identities = cell(("skip_connect", "skip_connect"))
    plain = built(CellArchitecture(normal=identities, reduction=identities), 2, 4, 3, drop_path=0.9)
    plain.cells = plain.cells[:1]  # a normal cell of identities alone
    plain.classifier = nn.Linear(2, 3)
    images = torch.randn(4, 3, 8, 8)
    torch.testing.assert_close(plain(images), plain(images), rtol=0, atol=0)
    network = built(SMALL, 2, 3, 3, drop_path=0.9)
    assert not torch.equal(network(images), network(images))
    network.eval()
    torch.testing.assert_close(network(images), network(images), rtol=0, atol=0)
