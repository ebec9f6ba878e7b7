"""Networks, against the weights counted on the authors' own, and against what drop path promises."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from engine.nets import Network, Unbuildable
from engine.nets.network import dropped
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.genotype import parse

COUNTS = Path(__file__).parents[4] / "shared" / "reference" / "counts.json"


def counted() -> list[tuple[str, str, int, int, int, bool]]:
    """(name, genotype, channels, layers, published parameters, with the auxiliary head) for each published network."""
    if not COUNTS.is_file():
        return []
    cases = []
    for name, entry in json.loads(COUNTS.read_text(encoding="utf-8"))["genotypes"].items():
        for key, numbers in entry.items():
            if not key.startswith("cifar10_"):
                continue
            channels, layers = (int(part[1:]) for part in key.split("_")[1:])
            for field, auxiliary in (("params", False), ("params_with_auxiliary", True)):
                if field in numbers:
                    cases.append((name, entry["genotype"], channels, layers, numbers[field], auxiliary))
    return cases


@pytest.mark.skipif(not COUNTS.is_file(), reason="the published counts are not beside the project")
@pytest.mark.parametrize("case", counted(), ids=lambda case: f"{case[0]}{' with auxiliary' if case[5] else ''}")
def test_published_networks_have_their_published_number_of_weights(case):
    _, genotype, channels, layers, parameters, auxiliary = case
    with torch.device("meta"):
        network = Network(parse(genotype), channels, layers, 10, auxiliary=auxiliary)
    assert sum(weight.numel() for weight in network.parameters()) == parameters


def cell(*operations: tuple[str, str], combine: str = "add", concat: tuple[int, ...] | None = None) -> Cell:
    """Nodes that take k-2 and k-1 through the two operations given for each."""
    nodes = tuple(Node((Edge(0, first), Edge(1, second)), combine) for first, second in operations)
    return Cell(nodes, concat or tuple(range(2, 2 + len(nodes))))


SMALL = CellArchitecture(
    normal=cell(("sep_conv_3x3", "skip_connect"), ("none", "avg_pool_3x3")),
    reduction=cell(("max_pool_3x3", "skip_connect"), ("dil_conv_3x3", "sep_conv_5x5")),
)


@pytest.mark.parametrize("side", [8, 7, 28])
@pytest.mark.parametrize("layers", [1, 2, 3, 5])
@pytest.mark.parametrize("in_channels", [1, 3])
def test_any_image_size_depth_and_colour_gives_one_logit_per_class(side, layers, in_channels):
    network = Network(SMALL, 2, layers, 5, in_channels)
    assert network(torch.randn(3, in_channels, side, side)).shape == (3, 5)


def test_two_cells_reduce_and_double_the_channels():
    network = Network(SMALL, 2, 6, 10)
    sizes = []
    for built in network.cells:
        built.register_forward_hook(lambda module, inputs, output: sizes.append(tuple(output.shape[1:])))
    network(torch.randn(2, 3, 16, 16))
    assert sizes == [(4, 16, 16)] * 2 + [(8, 8, 8)] * 2 + [(16, 4, 4)] * 2


def test_a_cell_computes_the_sum_of_its_edges_concatenated():
    network = Network(SMALL, 2, 3, 4).eval()
    built = network.cells[0]
    before, last = torch.randn(2, 2, 6, 8, 8)
    s0, s1 = built.before(before), built.last(last)
    expected = torch.cat(
        [built.nodes[0].operations[0](s0) + s1, nn.functional.avg_pool2d(s1, 3, 1, 1, False, False)], 1
    )
    torch.testing.assert_close(built(before, last, 0.0), expected)


def test_the_output_may_name_an_input_of_a_normal_cell_but_not_of_a_reduction():
    with_input = cell(("skip_connect", "skip_connect"), concat=(0, 2))
    network = Network(CellArchitecture(normal=with_input, reduction=SMALL.reduction), 2, 4, 3)
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 3)
    with pytest.raises(Unbuildable, match="reduction cell"):
        Network(CellArchitecture(normal=SMALL.normal, reduction=with_input), 2, 4, 3)


@pytest.mark.parametrize(
    ("faulty", "says"),
    [
        (cell(("skip_connect", "skip_connect"), combine="concat"), "node 0.*concat"),
        (Cell((Node((Edge(3, "skip_connect"),)),), (2,)), "node 0.*state 3"),
        (cell(("skip_connect", "magic")), "magic"),
        (Cell((Node((Edge(0, "skip_connect"),)),), (3,), inputs=3), "3 inputs|3"),
    ],
)
def test_a_faulty_cell_is_refused_with_its_place(faulty, says):
    with pytest.raises(Unbuildable, match=f"normal cell.*({says})"):
        Network(CellArchitecture(normal=faulty, reduction=SMALL.reduction), 2, 3, 4)


def test_what_is_no_pair_of_cells_is_refused():
    with pytest.raises(Unbuildable, match="normal and a reduction cell"):
        Network(SMALL.normal, 2, 3, 4)


def test_the_auxiliary_classifier_speaks_in_training_only_and_needs_room():
    network = Network(SMALL, 2, 3, 7, auxiliary=True)
    logits, side = network(torch.randn(2, 3, 32, 32))
    assert logits.shape == side.shape == (2, 7)
    assert network.eval()(torch.randn(2, 3, 32, 32)).shape == (2, 7)
    with pytest.raises(ValueError, match="29 pixels"):
        network.train()(torch.randn(2, 3, 16, 16))


def test_drop_path_drops_whole_images_and_keeps_the_mean():
    torch.manual_seed(0)
    paths = torch.ones(4000, 2, 3, 3)
    out = dropped(paths, 0.25)
    kept = out[:, 0, 0, 0] != 0
    torch.testing.assert_close(out, kept[:, None, None, None] * paths / 0.75)
    assert abs(kept.float().mean() - 0.75) < 0.03  # four standard deviations


def test_drop_path_spares_identities_and_evaluation():
    identities = cell(("skip_connect", "skip_connect"))
    plain = Network(CellArchitecture(normal=identities, reduction=identities), 2, 4, 3, drop_path=0.9)
    plain.cells = plain.cells[:1]  # a normal cell of identities alone
    plain.classifier = nn.Linear(2, 3)
    images = torch.randn(4, 3, 8, 8)
    torch.testing.assert_close(plain(images), plain(images), rtol=0, atol=0)
    network = Network(SMALL, 2, 3, 3, drop_path=0.9)
    assert not torch.equal(network(images), network(images))
    network.eval()
    torch.testing.assert_close(network(images), network(images), rtol=0, atol=0)
