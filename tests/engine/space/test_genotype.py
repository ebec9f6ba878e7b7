import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.genotype import NotationError, format, parse
from tests.data.published import GENOTYPES

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
    "normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
    "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
    "reduce_concat=[2, 3, 4, 5])"
)


def test_a_published_cell_is_read_as_it_is_drawn():
    architecture = parse(DARTS_V2)
    assert architecture.normal.concat == (2, 3, 4, 5)
    # The text's order is kept: node 2 names state 1 before state 0.
    assert architecture.normal.nodes[2] == Node((Edge(1, "sep_conv_3x3"), Edge(0, "skip_connect")))
    assert architecture.reduction.nodes[3] == Node((Edge(2, "skip_connect"), Edge(1, "max_pool_3x3")))
    assert format(architecture) == DARTS_V2


def test_ranges_tuples_line_breaks_and_any_order_are_read_too():
    other = DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 6)")
    assert parse(other) == parse(DARTS_V2)
    assert parse(other.replace("range(2, 6)", "range(2, 6, 1)")) == parse(DARTS_V2)
    assert parse(DARTS_V2.replace("[", "(").replace("]", ")").replace(", ", ",\n   ")) == parse(DARTS_V2)
    assert parse(f"\n  {DARTS_V2}  \n") == parse(DARTS_V2)
    normal, reduction = DARTS_V2.removeprefix("Genotype(").removesuffix(")").split(", reduce=")
    assert parse(f"Genotype(reduce={reduction}, {normal})") == parse(DARTS_V2)


def test_every_published_genotype_reads_and_writes_back():
    published = GENOTYPES["cnn"]
    assert len(published) >= 19
    for name, text in published.items():
        assert format(parse(text)) == text, name


def test_the_odd_ones_are_read_as_their_authors_meant_them():
    published = GENOTYPES["cnn"]
    assert parse(published["NASNet_A_as_in_TF_slim"]).normal.concat == (0, 2, 3, 4, 5, 6)
    every_edge = parse(published["SNAS_mild_edge_all"])
    assert [len(node.inputs) for node in every_edge.normal.nodes] == [2, 3, 4, 5]
    assert every_edge.normal.nodes[1].inputs[2] == Edge(2, "none")


def test_a_recurrent_genotype_is_refused_by_name():
    with pytest.raises(NotationError, match="recurrent"):
        parse("Genotype(recurrent=[('relu', 0), ('relu', 1)], concat=range(1, 9))")


def test_two_layouts_of_fourteen_entries_are_told_apart_by_the_output():
    entries = "('skip_connect', 0), ('skip_connect', 1), ('none', 0), ('none', 1), ('none', 2), ('none', 0), "
    entries += "('none', 1), ('none', 2), ('none', 3), ('none', 0), ('none', 1), ('none', 2), ('none', 3), ('none', 4)"
    text = "Genotype(normal=[{0}], normal_concat=range(2, {1}), reduce=[{0}], reduce_concat=range(2, {1}))"
    assert len(parse(text.format(entries, 6)).normal.nodes) == 4
    assert len(parse(text.format(entries, 9)).normal.nodes) == 7


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a genotype"),
        ("Genotype(", r"not a genotype: '\(' was never closed \(line 1, column 9\)"),
        ("__import__('os').system('true')", "it must read Genotype"),
        ("Genotype()", "lacks its part 'normal'"),
        ("Genotype([], [], [], [])", "by name"),
        ("Genotype(**x)", r"no part '\*\*'"),
        (DARTS_V2.replace("normal_concat", "normal_output"), "no part 'normal_output'"),
        (DARTS_V2.replace("reduce=", "normal="), "one of its parts twice"),
        (DARTS_V2.replace("('sep_conv_3x3', 0)", "3", 1), "normal, entry 1: expected an operation and a state"),
        (DARTS_V2.replace("3x3', 0)", "3x3', True)", 1), "normal, entry 1: expected the number of a state"),
        (DARTS_V2.replace("3x3', 0)", "3x3', 0, 0)", 1), "normal, entry 1: expected an operation and a state"),
        (DARTS_V2.replace("3x3', 0)", "3x3', -1)", 1), "normal, entry 1: expected the number of a state"),
        (DARTS_V2.replace("3x3', 0)", "3x3', 2)", 1), "normal: node 0, input 1: there is no state 2 before it"),
        (
            DARTS_V2.replace("sep_conv_3x3", "sep_conf_3x3", 1),
            "unknown operation 'sep_conf_3x3'; did you mean sep_conv",
        ),
        (DARTS_V2.replace("sep_conv_3x3", "a\\nb", 1), r"unknown operation 'a\\nb'; known are such as skip_connect"),
        (DARTS_V2.replace("('sep_conv_3x3', 0), ", "", 1), "normal: 7 entries; two per node"),
        (DARTS_V2.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=[]"), "reduce: the output concatenates no"),
        (DARTS_V2.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=[2, 6]"), "reduce: the output names state 6"),
        (DARTS_V2.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=[2, 2]"), "state 2 more than once"),
        (DARTS_V2.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=7"), "reduce_concat: expected a list"),
        (DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 999999)"), "normal_concat: 999,997 states; cells of up to 64"),
        (DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 10**9)"), "normal_concat: expected the number of a state"),
        (DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 6, 0)"), "steps of 0"),
        (DARTS_V2.replace("[2, 3, 4, 5]", "range()"), r"expected range\(first, end\)"),
        (DARTS_V2.replace("[2, 3, 4, 5]", "[x for x in y]"), "normal_concat: expected a list"),
        ("(" * 16_000, "not a genotype"),
        ("-" * 16_000 + "1", "not a genotype"),
        ("not " * 4_000 + "1", "not a genotype"),
        ("a" + ".a" * 8_000, "not a genotype"),
        ("Genotype(normal=" + "9" * 5_000 + ")", "not a genotype"),
        ("\x00", "not a genotype"),
        ("\ud800", "not a genotype"),
    ],
)
def test_bad_text_is_refused_with_place_and_reason(text: str, reason: str):
    with pytest.raises(NotationError, match=reason) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_ten_thousand_nodes_are_refused():
    entries = ", ".join("('none', 0)" for _ in range(20_000))
    text = f"Genotype(normal=[{entries}], normal_concat=[2], reduce=[{entries}], reduce_concat=[2])"
    with pytest.raises(NotationError, match=r"the text has 520,\d\d\d characters; a genotype of up to 16,384 is read"):
        parse(text)
    few = ", ".join("('none', 0)" for _ in range(130))
    with pytest.raises(NotationError, match="normal: 65 nodes; cells of up to 64 are understood"):
        parse(f"Genotype(normal=[{few}], normal_concat=[2], reduce=[{few}], reduce_concat=[2])")


@pytest.mark.parametrize(
    "cell",
    [
        Cell((Node((Edge(0, "none"), Edge(1, "none")), combine="concat"),), (2,)),
        Cell((Node(()), Node((Edge(0, "none"),))), (2, 3)),
        Cell((Node((Edge(0, "none"), Edge(0, "none"))),), (1,), inputs=1),
    ],
)
def test_what_the_notation_cannot_say_is_not_written(cell: Cell):
    with pytest.raises(NotationError, match="cannot express"):
        format(CellArchitecture(normal=cell, reduction=cell))


def test_random_architectures_write_and_read_back():
    rng = random.Random(1)
    for space in (DartsSpace(), DartsSpace(nodes=1), DartsSpace(nodes=7)):
        for _ in range(50):
            architecture = space.decode(space.sample(rng))
            assert parse(format(architecture)) == architecture


@given(st.text())
@example("0x1for x in y")
@example("'\\d'")
@settings(deadline=None, derandomize=True)
def test_any_text_gives_the_one_error(text: str):
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


PIECES = ["Genotype(", "normal=", "reduce=", "normal_concat=", "reduce_concat=", "[", "]", "(", ")", ",", "'none'"]
PIECES += ["0", "1", "2", "-", "range(2, 3)", "('none', 0)", "None", "True", "*", "**", "f''", "b''", "lambda: 0", "\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_text_in_the_right_style_gives_an_architecture_or_the_one_error(text: str):
    _reads_or_refuses(text)


@given(st.data())
@settings(deadline=None, derandomize=True, max_examples=300)
def test_damaged_text_gives_an_architecture_or_the_one_error(data: st.DataObject):
    text = DARTS_V2
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 5))
        text = text[:at] + data.draw(st.text(string.printable, max_size=3)) + text[at + cut :]
    _reads_or_refuses(text)


def _reads_or_refuses(text: str) -> None:
    refusal = ""
    try:
        architecture = parse(text)
    except NotationError as error:
        refusal = str(error)
    else:
        assert parse(format(architecture)) == architecture
    assert "\n" not in refusal
