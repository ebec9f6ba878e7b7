import numpy as np

from engine.run import log_messages as words
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


def test_where_operations_are_dropped_the_leaders_are_taken_anew():
    leaders = words.Leaders(CELLS, EDGES, OPERATIONS)
    leaders.look(weights((0.2, 0.5, 0.3), EVEN, EVEN, EVEN))
    assert leaders.look(weights((0.4, np.nan, 0.6), EVEN, (np.nan,) * 3, EVEN)) == []
    assert leaders.look(weights((0.4, np.nan, 0.6), EVEN, (np.nan,) * 3, EVEN)) == []
    assert leaders.look(weights((0.4, np.nan, 0.6), (0.2, 0.3, 0.5), (np.nan,) * 3, EVEN)) == [
        "normal cell, edge k−1→0: sep 3×3 overtakes skip"
    ]


def test_a_single_cell_is_called_the_cell():
    leaders = words.Leaders(("cell",), EDGES, OPERATIONS)
    leaders.look(weights((0.2, 0.5, 0.3), EVEN, EVEN, EVEN)[:1])
    assert leaders.look(weights((0.2, 0.3, 0.5), EVEN, EVEN, EVEN)[:1]) == ["cell, edge k−2→0: sep 3×3 overtakes skip"]


def test_an_alarm_says_when_all_was_well():
    assert words.alarm("it collapses", 839, 70) == "it collapses; last healthy at step 840 (epoch 12)"
    assert words.alarm("it collapses", 840, 70) == "it collapses; last healthy at step 841 (epoch 13)"
    assert words.alarm("it collapses", None, 70) == "it collapses; it has been so since the first look"


def test_the_difference_counts_edges_not_places_in_the_list():
    text = "Genotype(normal=[('{}', 0), ('sep_conv_3x3', 1)], normal_concat=[2], reduce=[{}], reduce_concat=[2])"
    edges = "('max_pool_3x3', 0), ('skip_connect', 1)"
    other_order = "('skip_connect', 1), ('max_pool_3x3', 0)"
    before, after = parse(text.format("skip_connect", edges)), parse(text.format("sep_conv_3x3", other_order))
    assert words.difference(before, after) == "derived cell changed in 1 of 4 edges"


def test_units_follow_from_the_names_of_series():
    units = {
        "train loss": "",
        "validation accuracy (epoch)": "%",
        "best score": "%",
        "share of skips (normal)": "%",
        "share of most entropy (normal)": "%",
        "entropy (normal)": "nat",
        "Hessian seconds": "s",
        "Hessian eigenvalue": "",
    }
    assert {name: words.unit_of(name) for name in units} == units
