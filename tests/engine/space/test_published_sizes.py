"""The sizes of the families with their papers' parameters, against published numbers and other ways of counting."""

import itertools
from math import factorial, prod

import pytest

from engine.space.amoebanet import AmoebaNetSpace
from engine.space.architecture import StackedCell
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nao import NAO_LARGE, NAO_SMALL, NaoSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NASNET_OPERATIONS, NasnetSpace
from engine.space.pnas import PNAS_OPERATIONS, PnasSpace


def test_pnas_as_printed_in_the_paper():
    """Liu et al. 2018, section 3.1 and 3.3: |B_1| = 256 of which 136 are unique, and about 5.6e14 cells in all."""
    assert PnasSpace().sized(1).size() == 256
    assert PnasSpace().sized(1).distinct() == 136
    blocks = [PnasSpace().sized(b).size() // (PnasSpace().sized(b - 1).size() if b > 1 else 1) for b in range(1, 6)]
    assert blocks == [256, 576, 1024, 1600, 2304] == [(b + 1) ** 2 * 8**2 for b in range(1, 6)]
    assert f"{PnasSpace().size():.1e}" == "5.6e+14"
    assert len(PnasSpace().next(()).choices) == 2
    assert PnasSpace().distinct() is None


def test_pnas_of_two_blocks_has_as_many_graphs_as_another_count_gives():
    """Each cell is named by what it computes: nested sums, in no order. A cell of two blocks is a set of two sums."""
    space = PnasSpace(nodes=2, operations=PNAS_OPERATIONS[:3])

    def computed(cell: Cell) -> tuple:
        states: list = ["a", "b"]
        for node in cell.nodes:
            states.append(tuple(sorted((str(states[edge.source]), edge.operation) for edge in node.inputs)))
        return tuple(sorted(map(str, states[2:])))

    everything = [space.decode(space.at(rank)).normal for rank in range(space.size())]
    assert space.size() == 6**2 * 9**2
    assert space.distinct() == len({computed(cell) for cell in everything})


@pytest.mark.parametrize(
    ("space", "per_node", "cells", "decisions", "rounded"),
    [
        (NasnetSpace(), 13**2 * 2, 2, 2 * 5 * 5, "5.2e+36"),
        (AmoebaNetSpace(), 8**2, 2, 2 * 5 * 4, "3.1e+29"),
        (PnasSpace(), 8**2, 1, 5 * 4, "5.6e+14"),
        (EnasMicroSpace(), 5**2, 2, 40, "2.6e+25"),
        (NaoSpace(), 11**2, 2, 40, "1.8e+32"),
        (NaoSpace(operations=NAO_SMALL), 5**2, 2, 40, "2.6e+25"),
    ],
)
def test_ordered_pairs_of_two_to_six_states(space: CellSpace, per_node: int, cells: int, decisions: int, rounded: str):
    assert space.size() == prod((2 + node) ** 2 * per_node for node in range(5)) ** cells
    assert space.size() == (factorial(6) ** 2 * per_node**5) ** cells
    assert f"{space.size():.1e}" == rounded
    assert len(space.at(0)) == decisions


def test_operation_sets_have_as_many_members_as_the_papers_say():
    assert [len(names) for names in (NASNET_OPERATIONS, PNAS_OPERATIONS, NAO_SMALL, NAO_LARGE)] == [13, 8, 5, 11]


BENCH = NasBench201Space()


def bench_cells() -> list[Cell]:
    architectures = [BENCH.decode(BENCH.at(rank)) for rank in range(BENCH.size())]
    return [architecture.cell for architecture in architectures if isinstance(architecture, StackedCell)]


def test_nas_bench_201_has_15625_cells():
    assert BENCH.size() == 15_625 == 5**6
    assert len(bench_cells()) == BENCH.size()
    assert [len(node.inputs) for node in bench_cells()[0].nodes] == [1, 2, 3]
    assert len(BENCH.at(0)) == 6


def test_nas_bench_201_has_6466_different_strings_by_the_papers_rule():
    """Each node becomes a string: those of its inputs, sorted and joined by "+". An input is "(source)@operation", but
    a skip is what it skips from, and `none`, or anything from a node that is "#" alone, is "#".

    The rule is no test of being the same function: "#" stays among the inputs, and a node of two "#" is "#+#", which
    is not "#" any more. It is what the paper's number 6,466 counts (Dong and Yang 2020, section 2).
    """

    def string(cell: Cell) -> str:
        states = ["0"]
        for node in cell.nodes:
            parts = []
            for edge in node.inputs:
                source = states[edge.source]
                if edge.operation == "none" or source == "#":
                    parts.append("#")
                else:
                    parts.append(source if edge.operation == "skip_connect" else f"({source})@{edge.operation}")
            states.append("+".join(sorted(parts)))
        return states[-1]

    assert len({string(cell) for cell in bench_cells()}) == 6_466


def test_nas_bench_201_has_11155_different_graphs_by_ours():
    """Edges with `none` go, then nodes that lead nowhere; what is left is compared under both orders of two nodes."""

    def graph(cell: Cell) -> tuple:
        edges = {
            (edge.source, index + 1, edge.operation)
            for index, node in enumerate(cell.nodes)
            for edge in node.inputs
            if edge.operation != "none"
        }
        for node in (2, 1):
            if not any(source == node for source, _, _ in edges):
                edges = {edge for edge in edges if edge[1] != node}
        alive = {0, 3} | {source for source, _, _ in edges}
        forms = []
        for names in itertools.permutations(("x", "y")):
            called = {0: "in", 3: "out", **dict(zip((1, 2), names, strict=True))}
            if alive & {1, 2} in ({1}, {2}):
                called = {state: name if name in ("in", "out") else "x" for state, name in called.items()}
            forms.append(tuple(sorted((called[source], called[node], what) for source, node, what in edges)))
        return len(alive), min(forms)

    assert BENCH.distinct() == 11_155 == len({graph(cell) for cell in bench_cells()})
