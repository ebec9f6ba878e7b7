import random
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.space.amoebanet import AmoebaNetSpace
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.bounded_parsing import NotationError
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nao import NAO_SMALL, NaoSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.notations import NOTATIONS, read, write
from engine.space.pnas import PnasSpace

GENOTYPE = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1)], normal_concat=[2], "
    "reduce=[('max_pool_3x3', 1), ('sep_conv_5x5', 0)], reduce_concat=[2])"
)
NESTED = (
    "GDAS = Genotype(\n  normal=[(('sep_conv_3x3', 0), ('skip_connect', 1))], # step 1\n  normal_concat=[2],\n"
    "  reduce=[(('max_pool_3x3', 1), ('sep_conv_5x5', 0))], reduce_concat=[2], connectN=None, connects=None,\n)"
)
BENCH = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|skip_connect~2|"
ENAS = "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"
NAO_A = "0 7 1 15 2 8 1 7 0 6 1 7 0 8 4 7 1 5 0 7 0 7 1 13 0 6 0 14 0 9 1 10 0 14 2 6 1 11 0 7"


def test_each_notation_is_recognised():
    assert read(GENOTYPE) == read(GENOTYPE, "darts") == read(NESTED)
    assert isinstance(read(BENCH), StackedCell)
    assert read(BENCH) == read(BENCH, "nb201")
    assert read(ENAS) == read(ENAS, "enas-micro") == read(ENAS, "nao")
    assert read(NAO_A) == read(NAO_A, "nao")


def test_an_enas_arc_is_read_as_the_authors_draw_it():
    """Pham et al. 2018, figure 7; the code for state 0 is h_{k-2}. Loose ends are concatenated."""
    architecture = read(ENAS)
    assert architecture.normal.nodes[0] == Node((Edge(0, "avg_pool_3x3"), Edge(0, "sep_conv_3x3")))
    assert architecture.normal.concat == (2, 3, 4, 5, 6)
    assert architecture.reduction.nodes[2] == Node((Edge(1, "sep_conv_5x5"), Edge(3, "sep_conv_5x5")))
    assert architecture.reduction.concat == (2, 4, 5, 6)


def test_an_unread_cell_input_is_a_loose_end():
    architecture = read("0 0 0 1 0 2 0 4 " * 2)
    assert architecture.normal.concat == (1, 2, 3)


def test_a_nas_bench_201_string_is_read_as_the_benchmark_numbers_it():
    cell = read(BENCH).cell
    assert (cell.inputs, cell.concat) == (1, (3,))
    assert cell.nodes[1] == Node((Edge(0, "none"), Edge(1, "avg_pool_3x3")))
    assert NasBench201Space().encode(read(BENCH)) == (3, 0, 4, 1, 2, 1)


def test_nao_is_written_in_one_set_of_codes_if_it_can_be():
    assert write(read(NAO_A), "nao") == NAO_A  # identity, max and average pool in the codes of the large set
    assert write(read(ENAS), "nao") == ENAS
    mixed = read("0 0 1 7 0 5 1 11 " * 2)
    assert write(mixed, "nao") == ("0 0 1 7 0 4 1 3 " * 2).strip()
    assert read(write(mixed, "nao"), "nao") == mixed


@pytest.mark.parametrize(
    ("space", "notation", "usual"),
    [
        (DartsSpace(), "darts", "darts"),
        (PnasSpace(), "darts", "darts"),
        (AmoebaNetSpace(), "darts", "darts"),
        (EnasMicroSpace(), "enas-micro", "darts"),
        (EnasMicroSpace(), "nao", "darts"),
        (EnasMicroSpace(nodes=7), "enas-micro", "darts"),
        (NaoSpace(), "nao", "darts"),
        (NaoSpace(operations=NAO_SMALL), "nao", "darts"),
        (NaoSpace(nodes=2), "nao", "darts"),
        (NasBench201Space(), "nb201", "nb201"),
        (NasBench201Space(nodes=5), "nb201", "nb201"),
    ],
)
def test_random_architectures_are_written_and_read_back(space, notation: str, usual: str):
    rng = random.Random(0)
    for _ in range(60):
        architecture = space.decode(space.sample(rng))
        text = write(architecture, notation)
        assert read(text, notation) == architecture
        assert read(text) == architecture
        assert write(architecture) == write(architecture, usual)


def test_lists_are_read_with_commas_brackets_and_bars():
    assert read(f"[{ENAS.replace(' ', ', ')}]") == read(ENAS)
    numbers = ENAS.split()
    assert read(f"{' '.join(numbers[:20])} | {' '.join(numbers[20:])}") == read(ENAS)


@pytest.mark.parametrize(
    ("text", "as_", "reason"),
    [
        ("", None, "not a notation"),
        ("hello", None, "in 'hello'"),
        (GENOTYPE, "tensorflow", "there is no notation 'tensorflow'; there are darts, nb201, enas-micro, nao"),
        (GENOTYPE, "nb201", "node 0: expected |operation~state|...|, not \"Genotype("),
        (BENCH.replace("nor_conv_1x1", "nor_conv_2x2"), None, "node 2, input 2: unknown operation 'nor_conv_2x2'"),
        (BENCH.replace("none~0", "none~2"), None, "node 1, input 1: there is no state 2 before it, only 0 to 1"),
        (BENCH.replace("none~0", "none"), None, "node 1, input 1: expected operation~state, not 'none'"),
        (BENCH.replace("|none~0|", "||"), None, "node 1, input 1: expected operation~state, not ''"),
        (BENCH[:-1], None, "node 2: expected |operation~state|...|"),
        (BENCH + "+", None, "node 3: expected |operation~state|...|, not ''"),
        ("+".join(["|none~0|"] * 65), None, "more than 64 nodes; cells of up to 64 are understood"),
        ("+".join(["|none~0|"] * 10_000), None, "the text has 89,999 characters"),
        (ENAS[:-2], None, "39 numbers; two cells, four numbers per node, make a multiple of 8"),
        (ENAS.replace("3", "5"), "enas-micro", "reduction node 1, input 1: 5 is no operation; codes go from 0 to 4"),
        (ENAS.replace("3 1 1 0", "7 1 1 0"), None, "reduction node 2, input 2: there is no state 7 before it, only"),
        (ENAS.replace("3", "16"), None, "16 is no operation; codes go from 0 to 4; as a NAO sequence, reduction node"),
        (ENAS.replace("3", "x"), None, "entry 26: 'x' is not a whole number"),
        (ENAS.replace("3", "-1"), None, "entry 26: '-1' is not a whole number"),
        (ENAS.replace("3", "9" * 5000), None, "is not a whole number"),
        ("0 " * 8 * 65, None, "65 nodes in a cell; cells of up to 64 are understood"),
        ("0 " * 8 * 10_000, None, "the text has 159,999 characters"),
        ("[]", "enas-micro", "0 numbers"),
        (NESTED.replace("connects=None", "connects=3"), None, "connects: only None is understood"),
        (NESTED.replace("('skip_connect', 1)", "5"), None, "normal, node 0, entry 2: expected an operation"),
    ],
)  # fmt: skip
def test_bad_text_is_refused_with_place_and_reason(text: str, as_: str | None, reason: str):
    with pytest.raises(NotationError) as caught:
        read(text, as_)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_could_be_two_things_is_refused(monkeypatch: pytest.MonkeyPatch):
    other = NOTATIONS["nao"]._replace(name="other", title="another list", read=lambda text: read(BENCH))
    monkeypatch.setitem(NOTATIONS, "other", other)
    with pytest.raises(
        NotationError, match=r"these numbers could be an ENAS micro arc .* or another list .*; say which"
    ):
        read(ENAS)


def one(*edges: Edge, concat: tuple[int, ...] = (2,), **node) -> CellArchitecture:
    cell = Cell((Node(edges, **node),), concat)
    return CellArchitecture(normal=cell, reduction=cell)


SKIP, POOL, DILATED = Edge(0, "skip_enas"), Edge(1, "max_pool_3x3"), Edge(1, "dil_conv_3x3")


@pytest.mark.parametrize(
    ("architecture", "as_", "reason"),
    [
        (one(SKIP, POOL), "nb201", "one cell used throughout"),
        (one(SKIP, DILATED), "enas-micro", "normal node 0: ENAS has no code for 'dil_conv_3x3'"),
        (one(SKIP, DILATED), "nao", "normal node 0: NAO has no code for 'dil_conv_3x3'"),
        (one(Edge(0, "skip_connect"), POOL), "enas-micro", "normal node 0: ENAS has no code for 'skip_connect'"),
        (one(Edge(0, "conv_7x1_1x7"), POOL), "nao", "normal node 0: NAO has no code for 'conv_7x1_1x7'"),
        (one(SKIP, SKIP), "enas-micro", "normal cell: its output is [2], and ENAS's lists mean the loose ends, [1, 2]"),
        (one(SKIP, POOL, SKIP), "nao", "normal node 0: nodes of NAO add up two inputs"),
        (one(SKIP, POOL, combine="concat"), "darts", "cannot express this: normal node 0 concatenates its inputs"),
        (StackedCell(Cell((Node((SKIP,)),), (1,), 1)), "darts", "a genotype is of a normal and a reduction cell"),
        (StackedCell(Cell((Node((SKIP,)),), (1,), 1)), "nao", "NAO's lists are of a normal and a reduction cell"),
        (StackedCell(Cell((Node((SKIP,)),), (0, 1), 1)), "nb201", "whose output is its last node"),
        (
            StackedCell(Cell((Node(()),), (1,), 1)),
            "nb201",
            "node 0: an architecture string is of nodes that add up one",
        ),
    ],
)
def test_what_a_notation_cannot_say_is_not_written(architecture: Architecture, as_: str, reason: str):
    with pytest.raises(NotationError) as caught:
        write(architecture, as_)
    assert reason in str(caught.value)


def test_an_architecture_that_no_notation_has_is_refused_in_the_words_of_the_usual_one():
    space = NasnetSpace()
    architecture = space.decode(space.mutate(space.at(0), random.Random(0), "combine"))
    with pytest.raises(NotationError, match="a genotype cannot express this"):
        write(architecture)


@given(st.text())
@example("|")
@example("|a~²|")
@example("1")
@example("²")
@example("0 " * 8)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_text_gives_an_architecture_or_the_one_error(text: str):
    for as_ in (None, *NOTATIONS):
        reads_or_refuses(text, as_)


PIECES = ["|", "~", "+", "0", "1", "2", "none", "skip_connect", " ", "[", ","]
PIECES += ["x = Genotype(", "normal=", "(", ")", "'none'"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_text_in_the_right_style_gives_an_architecture_or_the_one_error(text: str):
    for as_ in (None, *NOTATIONS):
        reads_or_refuses(text, as_)


@given(st.sampled_from([GENOTYPE, NESTED, BENCH, ENAS, NAO_A]), st.data())
@settings(deadline=None, derandomize=True, max_examples=400)
def test_damaged_text_gives_an_architecture_or_the_one_error(text: str, data: st.DataObject):
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 5))
        text = text[:at] + data.draw(st.text(string.printable, max_size=3)) + text[at + cut :]
    reads_or_refuses(text, None)


def reads_or_refuses(text: str, as_: str | None) -> None:
    refusal = ""
    try:
        architecture = read(text, as_)
    except NotationError as error:
        refusal = str(error)
    else:
        assert any(writes_back(architecture, name) for name in NOTATIONS)
    assert "\n" not in refusal


def writes_back(architecture: Architecture, name: str) -> bool:
    try:
        return read(write(architecture, name), name) == architecture
    except NotationError:
        return False
