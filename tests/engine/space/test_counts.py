"""Counts against the numbers of published networks and of the NAS-Bench-201 table; engine.nets is tested to agree."""

import msgspec
import numpy as np
import pytest

from engine.evaluate.table import path_of
from engine.session import open_table
from engine.space.architecture import CellArchitecture, StackedCell
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import PUBLISHED, Count, Skeleton, Unbuildable, count, stages
from engine.space.genotype import parse
from tests.data.published import COUNTS, GENOTYPES

replace = msgspec.structs.replace


def published() -> list[tuple[str, str, Skeleton, dict[str, int]]]:
    """(name, genotype, skeleton, numbers) of each published network."""
    cases = []
    for name, networks in COUNTS.items():
        for key, numbers in networks.items():
            kind, channels, layers = key.split("_")
            frame = PUBLISHED["imagenet" if kind == "imagenet" else "cifar"]
            skeleton = replace(frame, channels=int(channels[1:]), layers=int(layers[1:]))
            cases.append((f"{name} {key}", GENOTYPES["cnn"][name], skeleton, numbers))
    return cases


@pytest.mark.parametrize("case", published(), ids=lambda case: case[0])
def test_published_networks_count_what_was_counted_on_the_authors_own(case):
    _, genotype, skeleton, numbers = case
    architecture = parse(genotype)
    plain = count(architecture, skeleton)
    helped = count(architecture, replace(skeleton, auxiliary=True))
    found = {"params": plain.params, "params_with_auxiliary": helped.params, "macs": plain.macs}
    assert {key: found[key] for key in numbers} == numbers
    assert helped.macs == plain.macs  # the auxiliary head is idle


def test_all_cells_of_nas_bench_201_count_what_its_table_says():
    """The table's `flops` are MACs, and in addition the 10 biases of the classifier."""
    operations = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    ends = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
    table = open_table(path_of("nb201-cifar10"))
    params, flops = table.columns["params"], table.columns["flops"]
    rows = np.stack(np.unravel_index(table.ranks, (5,) * 6), 1)
    assert len(rows) == 15_625
    for row, weights, work in zip(rows.tolist(), params.tolist(), flops.tolist(), strict=True):
        nodes = tuple(
            Node(tuple(Edge(a, operations[choice]) for (a, b), choice in zip(ends, row, strict=True) if b == end))
            for end in (1, 2, 3)
        )
        found = count(StackedCell(Cell(nodes, (3,), inputs=1)), PUBLISHED["nasbench201"])
        assert (found.params, found.macs + 10) == (weights, work)


def pair(*nodes: Node, concat: tuple[int, ...] | None = None) -> CellArchitecture:
    cell = Cell(nodes, concat or tuple(range(2, 2 + len(nodes))))
    return CellArchitecture(normal=cell, reduction=cell)


PLAIN = pair(Node((Edge(0, "skip_connect"), Edge(1, "max_pool_3x3"))))
FRAME = Skeleton(channels=4, layers=3, image=8, classes=2, in_channels=1)


def test_a_small_network_counted_by_hand():
    """Stem 1→12; cells 1 and 2 reduce, to 4×4 pixels and 8 channels, and to 2×2 and 16."""
    stem = Count(9 * 12 + 24, 9 * 12 * 64)
    cell_0 = Count(2 * (12 * 4 + 8), 2 * 12 * 4 * 64)
    # Inputs of 12 (stem) and 4 channels become 8, at 8×8; the skip of stride 2 is a factorized reduction, 8→8 at 4×4.
    cell_1 = Count(12 * 8 + 4 * 8 + 2 * 16 + 8 * 8 + 16, (12 * 8 + 4 * 8) * 64 + 8 * 8 * 16)
    # Inputs of 4 and 8 channels, the older halved, become 16 at 4×4; the skip 16→16 at 2×2.
    cell_2 = Count(4 * 16 + 8 * 16 + 2 * 32 + 16 * 16 + 32, (4 * 16 + 8 * 16) * 16 + 16 * 16 * 4)
    assert count(PLAIN, FRAME) == stem + cell_0 + cell_1 + cell_2 + Count(16 * 2 + 2, 16 * 2)


def test_the_last_norm_of_an_imagenet_auxiliary_head_is_a_variant():
    skeleton = replace(PUBLISHED["imagenet"], channels=4, auxiliary=True)
    with_norm = count(PLAIN, replace(skeleton, auxiliary_norm=True))
    assert with_norm.params - count(PLAIN, skeleton).params == 1536
    cifar = replace(FRAME, auxiliary=True, image=32)
    assert count(PLAIN, cifar) == count(PLAIN, replace(cifar, auxiliary_norm=True))


def test_the_auxiliary_head_reads_the_second_reduction_cell():
    wide = replace(PLAIN, reduction=pair(*PLAIN.normal.nodes, concat=(0, 2)).reduction)
    frame = replace(FRAME, layers=4, image=29)  # cells 1 and 2 reduce, cell 3 does not
    added = count(wide, replace(frame, auxiliary=True)).params - count(wide, frame).params
    assert added == 2 * 16 * 128 + 256 + 128 * 768 * 4 + 1536 + 769 * 2


@pytest.mark.parametrize(
    ("kind", "layers", "least"), [("cifar", 3, 29), ("cifar", 20, 29), ("cifar", 1, 15), ("imagenet", 14, 193)]
)
def test_an_auxiliary_head_needs_room(kind: str, layers: int, least: int):
    frame = Skeleton(kind=kind, channels=4, layers=layers, image=least, auxiliary=True)
    assert count(PLAIN, frame).params > count(PLAIN, replace(frame, auxiliary=False)).params
    with pytest.raises(Unbuildable, match=f"needs images of {least} pixels or more here, and these have {least - 1}"):
        count(PLAIN, replace(frame, image=least - 1))


def test_what_leads_nowhere_is_built_and_counted():
    dead = pair(*PLAIN.normal.nodes, Node((Edge(0, "sep_conv_3x3"),)), concat=(2,))
    assert count(dead, FRAME).params > count(PLAIN, FRAME).params


def test_three_stages_share_the_cells_evenly():
    assert [stages(layers) for layers in (15, 5, 1)] == [(5, 5, 5), (1, 2, 2), (0, 0, 1)]


@pytest.mark.parametrize(
    ("architecture", "frame", "reason"),
    [
        (PLAIN, "nasbench201", "pair|normal and a reduction cell"),
        (StackedCell(PLAIN.normal), "cifar", "single stacked cell"),
        (StackedCell(PLAIN.normal), "nasbench201", "1 input, and the cell has 2"),
        (StackedCell(Cell((Node(()), Node(())), (1, 2), inputs=1)), "nasbench201", "the output is one state"),
        (StackedCell(Cell((), (1,), inputs=1)), "nasbench201", "cell: the cell has no nodes"),
        (pair(Node((Edge(0, "magic"),))), "cifar", "normal cell: node 0, input 1: unknown operation 'magic'"),
        (pair(Node((Edge(2, "none"),))), "imagenet", "normal cell: node 0, input 1: there is no state 2"),
        (
            CellArchitecture(normal=PLAIN.normal, reduction=replace(PLAIN.normal, inputs=3)),
            "cifar",
            "reduction cell: .* 2 inputs, and the cell has 3|reduction cell",
        ),
    ],
)
def test_what_makes_no_network_is_refused_with_the_reason(architecture, frame, reason):
    with pytest.raises(Unbuildable, match=reason):
        count(architecture, PUBLISHED[frame])
