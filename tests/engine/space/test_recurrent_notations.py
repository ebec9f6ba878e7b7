"""Genotypes and lists of recurrent cells: read, written, and refused with place and reason."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space.bounded_parsing import NotationError
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.notations import read, write
from engine.space.recurrent import RecurrentCell, RecurrentNode, TreeCell, TreeNode
from engine.space.recurrent_notations import format_genotype, format_list, parse, parse_genotype, parse_list

V1 = "Genotype(recurrent=[('relu', 0), ('relu', 1), ('tanh', 2), ('relu', 3), ('relu', 4), ('identity', 1), ('relu', 5), ('relu', 1)], concat=range(1, 9))"  # noqa: E501
ENAS = "0 0 0 1 1 2 1 2 0 2 0 5 1 1 0 6 1 8 1 8 1 8 1"


def test_the_genotype_of_a_recurrent_cell():
    cell = parse_genotype(V1)
    assert cell.nodes[2] == RecurrentNode("tanh", 2)
    assert (cell.concat, cell.first) == (tuple(range(1, 9)), "tanh")
    assert read(V1) == read(f"DARTS_V1 = {V1}") == read(V1, "rnn") == parse(V1) == cell
    assert read(write(cell)) == cell


def test_lists_with_and_without_the_first_activation():
    cell = parse_list(ENAS)
    assert cell.first == "tanh"
    assert [node.source for node in cell.nodes] == [0, 1, 2, 2, 2, 5, 1, 6, 8, 8, 8]
    assert cell.nodes[1].activation == "relu"
    assert parse_list(ENAS.removeprefix("0 ")) == cell
    assert parse_list("3" + ENAS.removeprefix("0")).first == "identity"
    assert (
        read(ENAS) == read(ENAS, "rnn") == read(ENAS, "enas-rnn") == parse("  [0, 0, 0, 1, 1" + ENAS[9:] + "]") == cell
    )
    assert format_list(cell) == ENAS


def test_all_that_is_written_is_read_back():
    rng = random.Random(0)
    for space in (DartsRecurrentSpace(), EnasRecurrentSpace(), EnasRecurrentSpace(output="nodes")):
        for _ in range(30):
            cell = space.decode(space.sample(rng))
            for form, back in ((format_genotype, parse_genotype), (format_list, parse_list), (write, read)):
                try:
                    text = form(cell)
                except NotationError:
                    assert form is not write or (cell.first != "tanh" and space.output == "nodes")
                    continue
                assert back(text) == cell


TREE = TreeCell((TreeNode("add", "tanh"),) * 3, TreeNode("add", "tanh"), 0, 0)


@pytest.mark.parametrize(
    ("form", "cell", "reason"),
    [
        (format_genotype, RecurrentCell((), (0,), "relu"), "the first state's activation is tanh, and here it is relu"),
        (format_genotype, TREE, "of a recurrent cell"),
        (format_list, TREE, "of a recurrent cell"),
        (format_list, RecurrentCell((), (0,)), "of a recurrent cell"),
        (format_list, parse_genotype(V1), r"the mean of \[1, 2, 3, 4, 5, 6, 7, 8\], .* the loose ends, \[6, 7, 8\]"),
        (write, TREE, "genotype"),
    ],
)
def test_what_a_notation_cannot_express_is_refused(form, cell, reason):
    with pytest.raises(NotationError, match=reason):
        form(cell)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Genotype(recurrent=[('relu', 0)])", "lacks its part 'concat'"),
        ("Genotype(recurrent=[('relu', 0)], concat=[1], normal=[])", "has no part 'normal'"),
        ("Genotype(recurrent=[('relu', 1)], concat=[1])", "node 1: there is no state 1 before it, only 0 to 0"),
        ("Genotype(recurrent=[('sine', 0)], concat=[1])", "recurrent, entry 1: there is no activation 'sine'"),
        ("Genotype(recurrent=[('none', 0)], concat=[1])", "no activation 'none'"),
        ("Genotype(recurrent=[(0, 'relu')], concat=[1])", "entry 1: expected an activation and a state"),
        ("Genotype(recurrent=[('relu', 0)], concat=[2])", "the output names state 2"),
        ("Genotype(recurrent=[('relu', 0)], concat=range(9**9))", "concat"),
        (f"Genotype(recurrent={[('relu', 0)] * 200}, concat=[1])", "200 nodes"),
        ("Genotype(recurrent=", "not a genotype"),
        ("0", "1 numbers"),
        ("0 1 0", "node 1: there is no state 1"),
        ("4 0 0", "node 0: 4 is no activation; codes go from 0 to 3"),
        ("0 0 9", "node 1: 9 is no activation"),
        ("0 0 -1", "entry 3: '-1' is not a whole number"),
        ("0 " * 500, "250 nodes"),
        (
            "Genotype(normal=[('none', 0), ('none', 1)], normal_concat=[2], reduce=[], reduce_concat=[2])",
            "part 'normal'",
        ),
        ("hello", "not a genotype"),
    ],
)
def test_faulty_text_is_refused_with_place_and_reason(text, reason):
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="Genotype(recurrent=[('relu', 0), ], concat=range(1, 9))0123456789 ", max_size=80) | st.text())
@settings(deadline=None, derandomize=True)
def test_any_text_gives_a_cell_or_the_one_error(text):
    said = ""
    try:
        parse(text)
    except NotationError as error:
        said = str(error)
    assert "\n" not in said
