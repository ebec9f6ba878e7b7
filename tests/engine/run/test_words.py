import numpy as np
import pytest

from engine.run import words
from engine.space.cells import Cell, Edge, Node
from engine.space.genotype import parse

CELLS, EDGES, OPERATIONS = ("normal", "reduction"), ("k−2→0", "k−1→0"), ("none", "skip_connect", "sep_conv_3x3")


def weights(*rows: tuple[float, float, float]) -> np.ndarray:
    """Rows for normal k−2→0, normal k−1→0, and the same for the reduction cell."""
    return np.array(rows, np.float32).reshape(2, 2, 3)


EVEN = (0.4, 0.3, 0.3)


def test_an_overtaking_is_told_with_its_cell_edge_and_operations():
    leaders = words.Leaders(CELLS, EDGES, OPERATIONS)
    assert leaders.look(weights((0.2, 0.5, 0.3), EVEN, EVEN, EVEN)) == []
    assert leaders.look(weights((0.2, 0.3, 0.5), EVEN, EVEN, EVEN)) == [
        "normal cell, edge k−2→0: sep 3×3 overtakes skip"
    ]
    assert leaders.look(weights((0.2, 0.3, 0.5), EVEN, EVEN, EVEN)) == []


def test_none_never_leads_and_a_hair_is_not_enough():
    leaders = words.Leaders(CELLS, EDGES, OPERATIONS)
    leaders.look(weights((0.2, 0.5, 0.3), EVEN, EVEN, EVEN))
    assert leaders.look(weights((0.8, 0.1, 0.1), EVEN, EVEN, EVEN)) == []
    assert leaders.look(weights((0.2, 0.3990, 0.4010), EVEN, EVEN, EVEN)) == []


def test_operations_that_are_absent_from_an_edge_do_not_count():
    leaders = words.Leaders(CELLS, EDGES, OPERATIONS)
    leaders.look(weights((0.2, 0.5, 0.3), EVEN, EVEN, EVEN))
    assert leaders.look(weights((np.nan, 0.3, np.nan), EVEN, EVEN, EVEN)) == []


def test_many_at_once_are_told_in_one_line():
    names = tuple(f"k−2→{node}" for node in range(5))
    leaders = words.Leaders(("normal",), names, OPERATIONS)
    leaders.look(np.tile(np.float32([0.1, 0.6, 0.3]), (1, 5, 1)))
    assert leaders.look(np.tile(np.float32([0.1, 0.3, 0.6]), (1, 5, 1))) == [
        "normal cell: another operation leads on 5 of 5 edges"
    ]


def cell(*operations: str) -> Cell:
    nodes = tuple(
        Node((Edge(0, one), Edge(1, two))) for one, two in zip(operations[::2], operations[1::2], strict=True)
    )
    return Cell(nodes, tuple(range(2, 2 + len(nodes))))


@pytest.mark.parametrize(
    ("operations", "line", "level"),
    [
        (("skip_connect", "sep_conv_3x3") + ("sep_conv_3x3",) * 2, "1 of 4 operations is a skip", "info"),
        (("sep_conv_3x3",) * 4, "0 of 4 operations are skips", "info"),
        (("skip_connect",) * 2 + ("sep_conv_3x3",) * 2, "2 of 4 operations are skips", "warning"),
    ],
)
def test_a_cell_full_of_skips_is_warned_of(operations, line, level):
    told, told_level = words.about_skips(cell(*operations))
    assert told.startswith(f"normal cell: {line}")
    assert told_level == level


def test_the_difference_counts_edges_not_places_in_the_list():
    text = "Genotype(normal=[('{}', 0), ('sep_conv_3x3', 1)], normal_concat=[2], reduce=[{}], reduce_concat=[2])"
    edges = "('max_pool_3x3', 0), ('skip_connect', 1)"
    other_order = "('skip_connect', 1), ('max_pool_3x3', 0)"
    before, after = parse(text.format("skip_connect", edges)), parse(text.format("sep_conv_3x3", other_order))
    assert words.difference(before, after) == "derived cell changed in 1 of 4 edges"


def test_units_follow_from_the_names_of_series():
    assert [words.unit_of(name) for name in ("train loss", "validation accuracy (epoch)", "best score")] == [
        "",
        "%",
        "%",
    ]


def test_counts_agree_with_their_noun():
    assert (words.count(1, "epoch"), words.count(2, "epoch")) == ("1 epoch", "2 epochs")
