"""Architectures in any text: what stands around them, forms of other programs, numbers that could be two things."""

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space import finder, genotype, library, notations
from engine.space.architecture import CellArchitecture, StackedCell, to_bytes
from engine.space.bounded_parsing import NotationError, decoded
from engine.space.cells import Edge, Node
from engine.space.counts import count, published_frame
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.notations import find, read, write

WILD = json.loads((Path(__file__).parents[2] / "data" / "wild_notations.json").read_text(encoding="utf-8"))
"""Texts from public threads and repositories, with what is right and why."""

SMALL = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1)], normal_concat=range(2, 3), "
    "reduce=[('max_pool_3x3', 1), ('sep_conv_5x5', 0)], reduce_concat=range(2, 3))"
)
OTHER = SMALL.replace("skip_connect", "dil_conv_3x3")
BENCH = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|skip_connect~2|"
ARC = "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"
NORMAL, REDUCTION = (" ".join(part) for part in (ARC.split()[:20], ARC.split()[20:]))


@pytest.mark.parametrize("case", WILD, ids=[case["id"] for case in WILD])
def test_what_people_brought_along_is_right(case):
    right = case["right"]
    readings = [one for one in find(case["text"]) if one.readings]
    assert len(readings) == 1
    found = next(iter(readings[0].readings.values()))
    if readings[0].asks:
        assert case["also_right"] == "a refusal that asks which notation it is"
        found = read(case["text"], "naslib-nb201")
    if "same_as" in right:
        assert found == read(right["same_as"])
    counted = count(found, published_frame(found))
    assert (counted.params, counted.macs) == (right["params"], pytest.approx(right["macs"], rel=2e-4))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"03/05 10:58:00 PM genotype = {SMALL}", "genotype"),
        (f"[2021-07-01-12:00:00] <<<--->>> The 003-th epoch : {SMALL}", "epoch"),
        (f"INFO:root:genotypes.{SMALL};", "line 1"),
        (f"# ours\n#  97.1 %\n\nBEST = genotypes.{SMALL}  # 3.3M\n", "BEST"),
        (f"CELLS = {{\n    'mine': {SMALL},\n}}", "mine"),
        (f'{{"epoch": 3, "genotype": "{SMALL}", "acc": 97.1}}', "genotype"),
        (json.dumps({"arch": SMALL.replace("'", '"')}), "arch"),
        (f'"{SMALL}"', "line 1"),
        (f"{{'cell': '{SMALL.replace(chr(39), chr(92) + chr(39))}'}}", "cell"),
        (SMALL.replace("range(2, 3)", "list(range(2, 3))"), "line 1"),
        (SMALL.replace("range(2, 3)", "array([2], dtype=int64)"), "line 1"),
        (SMALL.replace(", 0)", ", np.int64(0))").replace("'skip_connect'", "np.str_('skip_connect')"), "line 1"),
        (SMALL.replace("(2, 3)", "(np.int64(2), numpy.int32(3))"), "line 1"),
        (SMALL.replace("Genotype(", "Genotype(\n  ").replace(", n", ",\n  n").replace(", r", ",\n\t r"), "line 1"),
        (f"it's a cell :( of ours\r\n{SMALL}\r\n)", "line 2"),
        (SMALL.replace("Genotype(", "Genotype(  # mixed (old\n"), "line 1"),
        (f"# before: {SMALL}", "before"),
        (f"arch[3 (best = {SMALL}]", "best"),
        ("\ufeff" + SMALL, "line 1"),
    ],
)
def test_whatever_stands_around_a_genotype(text: str, title: str):
    (found,) = find(text)
    assert found.architecture == genotype.parse(SMALL)
    assert (found.title, found.how) == (title, "a DARTS genotype")


def parts(concat) -> dict:
    return {
        "normal": [["sep_conv_3x3", 0], ["skip_connect", 1]],
        "normal_concat": concat,
        "reduce": [["max_pool_3x3", 1], ["sep_conv_5x5", 0]],
        "reduce_concat": concat,
    }


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(parts([2]), indent=2),
        json.dumps({"note": "best (so far", **parts([2])}, indent=2) + "\n]",
        json.dumps({"name": "ours", "cell": {**parts([2]), "connectN": None, "params": 3.3}}),
        str(parts(range(2, 3))),
        f"best: {parts((2,))}, found in epoch 3",
        to_bytes(genotype.parse(SMALL)).decode(),
    ],
)
def test_dictionaries_and_json(text: str):
    assert read(text) == genotype.parse(SMALL)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Structure(4 nodes with {BENCH})", "line 1"),
        (f"best = Structure(4 nodes with {BENCH}) 93.2", "best"),
        (f"'{BENCH}',", "line 1"),
        (f'{{"arch": "{BENCH}", "acc": 91.2}}', "arch"),
        (f"[epoch=012] arch: {BENCH}, valid 80.1 %", "arch"),
        (
            "[[('nor_conv_3x3', 0)], [('none', 0), ('avg_pool_3x3', 1)], "
            "[('skip_connect', 0), ('nor_conv_1x1', 1), ('skip_connect', 2)]]",
            "line 1",
        ),
        (
            "arch = CellStructure([(('nor_conv_3x3', 0),), (('none', 0), ('avg_pool_3x3', np.int64(1))), "
            "(('skip_connect', 0), ('nor_conv_1x1', 1), ('skip_connect', 2))])",
            "arch",
        ),
    ],
)
def test_nas_bench_201_cells(text: str, title: str):
    (found,) = find(text)
    assert (found.architecture, found.title) == (read(BENCH), title)


@pytest.mark.parametrize(
    "text",
    [
        f'fixed_arc="{ARC}"',
        f'fixed_arc="{NORMAL}"\nfixed_arc="$fixed_arc {REDUCTION}"\n',
        f'#!/bin/bash\nexport PYTHONPATH="$(pwd)"\nfixed_arc="{NORMAL}"\nfixed_arc="${{fixed_arc}} {REDUCTION}"\n'
        'python src/cifar10/main.py \\\n  --data_format="NCHW" \\\n  --child_fixed_arc "${fixed_arc}"\n',
        f'fixed_arc="{NORMAL} \\\n  {REDUCTION}"',
        f"python main.py --child_fixed_arc '{ARC}'",
        f"[{NORMAL}]\n[{REDUCTION}]\nval_acc=0.8125\n{'-' * 80}",
        f"[{NORMAL[:21]}\n {NORMAL[22:]}]\n[{REDUCTION}]",
        f"arc = [{ARC.replace(' ', ', ')}]  # the best",
        f"({NORMAL.replace(' ', ', ')}), ({REDUCTION.replace(' ', ', ')})",
        f'{{"arc": [{ARC.replace(" ", ", ")}], "val_acc": 0.81}}',
    ],
)
def test_enas_arcs(text: str):
    assert read(text) == read(ARC)


def test_an_enas_macro_script_line_by_line():
    rows = ["1", "5 0", "0 0 1", "3 1 0 1"]
    script = "".join(f'fixed_arc="{"$fixed_arc " * bool(place)}{row}"\n' for place, row in enumerate(rows))
    assert read(script, "enas-macro") == read(" ".join(rows), "enas-macro")
    assert read("\n".join(f"[{row}]" for row in rows) + "\nval_acc=0.5") == read(" ".join(rows), "enas-macro")


def test_several_are_told_apart_by_name_or_line():
    source = (
        f"from x import y\nA = {SMALL}\n# another\nB_2 = {OTHER}\nBROKEN = {SMALL.replace('5x5', '9x9')}\nlatest = A\n"
    )
    found = find(source)
    assert [(one.title, one.line, bool(one.fault)) for one in found] == [
        ("A", 2, False),
        ("B_2", 4, False),
        ("BROKEN", 5, True),
    ]
    assert found[1].architecture == read(OTHER)
    with pytest.raises(NotationError, match="there are 2 architectures: A, B_2; choose one"):
        read(source)
    log = f"genotype = {SMALL}\ngenotype = {OTHER}\n"
    assert [one.title for one in find(log)] == ["genotype, line 1", "genotype, line 2"]
    assert read(f"{SMALL}\n{SMALL}") == read(SMALL)  # the same one twice is one
    both = f"[{NORMAL}]\n[{REDUCTION}]\nval_acc=0.5\n[{REDUCTION}]\n[{NORMAL}]\nval_acc=0.6\n"
    assert [one.line for one in find(both)] == [1, 4]


def test_a_genotype_that_is_cut_does_not_hide_the_next():
    found = find(f"genotype = {SMALL[:60]}\ngenotype = {OTHER}")
    assert [bool(one.fault) for one in found] == [True, False]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("(4, 0, 3, 1, 4, 3)", ["naslib-nb201", "nb201-codes"]),
        ("(1, 0, 0, 1, 0, 1)", ["enas-macro", "naslib-nb201", "nb201-codes"]),
        ("0 0 0", ["enas-macro", "enas-rnn"]),
        (NORMAL, ["enas-cell"]),
        ("0 1 " * 10, ["enas-rnn", "enas-cell"]),
        ("0 0 1 1 0 2 0 3 1 2", ["enas-rnn"]),
    ],
)
def test_numbers_that_a_person_has_to_tell_are_never_guessed(text: str, readings: list[str]):
    (found,) = find(text)
    assert found.asks
    assert list(found.readings) == readings
    with pytest.raises(NotationError, match="say which") as caught:
        read(text)
    for name in readings:
        assert f"--as {name}" in str(caught.value)
        assert read(text, name) == found.readings[name]


def test_brackets_mean_something():
    pairs = "(((0, 6), (1, 4)), ((0, 1), (1, 4)))"
    found = read(f"arch = {pairs},")
    assert found.normal.nodes == (Node((Edge(0, "dil_conv_5x5"), Edge(1, "sep_conv_5x5"))),)
    assert found.reduction.nodes == (Node((Edge(0, "avg_pool_3x3"), Edge(1, "sep_conv_5x5"))),)
    assert read(pairs.replace("(", "[").replace(")", "]")) == found
    with pytest.raises(NotationError, match="7 is no operation; codes go from 0 to 6"):
        read(pairs.replace("6", "7"))
    with pytest.raises(NotationError, match="4 rows of numbers"):
        read(f"[{NORMAL}]\n[{REDUCTION}]\n[{NORMAL}]\n[{REDUCTION}]")


def test_naslib_and_the_benchmark_number_operations_differently():
    assert write(read("(4, 0, 3, 1, 4, 3)", "nb201-codes")) == (
        "|avg_pool_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|avg_pool_3x3~1|nor_conv_3x3~2|"
    )
    space = NasBench201Space()
    for codes in ((0, 1, 2, 3, 4, 0), (3, 3, 1, 0, 2, 4)):
        assert space.encode(read(str(codes), "nb201-codes")) == codes


def test_a_configuration_of_nas_bench_301():
    """Edge 4 is the third of node 1, edge 12 the fourth of node 3: they read states 2 and 3."""
    name = "NetworkSelectorDatasetInfo:darts:edge_{}_{}"
    edges = {"normal": {0: "sep_conv_3x3", 1: "skip_connect", 2: "avg_pool_3x3", 4: "dil_conv_5x5"}}
    edges["reduce"] = {0: "max_pool_3x3", 1: "max_pool_3x3", 12: "sep_conv_5x5"}
    config = {name.format(cell, edge): operation for cell, row in edges.items() for edge, operation in row.items()}
    config["NetworkSelectorDatasetInfo:darts:inputs_node_normal_3"] = "0_2"
    for text in (str(config), json.dumps({"optimizer": "DARTS", "config": config}, indent=1)):
        found = read(text)
        assert found.normal.nodes == (
            Node((Edge(0, "sep_conv_3x3"), Edge(1, "skip_connect"))),
            Node((Edge(0, "avg_pool_3x3"), Edge(2, "dil_conv_5x5"))),
        )
        assert found.reduction.nodes[3] == Node((Edge(3, "sep_conv_5x5"),))
        assert (found.normal.concat, found.reduction.concat) == ((2, 3), (2, 3, 4, 5))
    with pytest.raises(NotationError, match="normal: node 0, input 1: unknown operation 'sep_conv_9x9'"):
        read(str(config).replace("sep_conv_3x3", "sep_conv_9x9"))


FAIR = (
    "FairDARTS_z = Genotype(normal=[('sep_conv_3x3', 2, 0), ('dil_conv_5x5', 4, 1), ('skip_connect', 4, 0), "
    "('max_pool_3x3', 4, 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 2, 0)], reduce_concat=range(2, 6))"
)


def test_triples_say_which_node_an_edge_enters():
    found = read(FAIR)
    assert [len(node.inputs) for node in found.normal.nodes] == [1, 0, 3, 0]
    assert found.normal.nodes[2].inputs == (Edge(1, "dil_conv_5x5"), Edge(0, "skip_connect"), Edge(2, "max_pool_3x3"))
    assert (found.normal.concat, found.reduction.concat) == ((2, 4), (2,))
    for bad, reason in (("2, 0)", "1 is no node"), ("4, 1)", "900 is no node")):
        wrong = FAIR.replace(bad, bad.replace("2,", "1,").replace("4,", "900,"), 1)
        with pytest.raises(NotationError, match=reason):
            read(wrong)


def test_what_two_entries_per_node_cannot_say_is_written_as_triples():
    text = write(read(FAIR.replace("range(2, 6)", "[2, 4]", 1).replace("range(2, 6)", "[2]")))
    assert "('dil_conv_5x5', 4, 1)" in text
    assert read(text).normal.nodes == read(FAIR).normal.nodes[:3]


INCEPTION = """spec = api.ModelSpec(
    matrix=[[0, 1, 1, 0, 1, 0],  # input (of the module)
            [0, 0, 0, 0, 0, 1],  # 1x1
            [0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 0],  # leads nowhere
            [0, 0, 0, 0, 0, 0]],
    ops=[INPUT, CONV1X1, CONV3X3, MAXPOOL3X3, CONV3X3, OUTPUT])"""


def test_a_nas_bench_101_module_keeps_its_graph():
    (found,) = find(INCEPTION)
    assert (found.how, found.title) == ("the graph of a NAS-Bench-101 module, all of one width", "spec")
    assert isinstance(found.architecture, StackedCell)
    nodes = found.architecture.cell.nodes
    project = Node((Edge(0, "nor_conv_1x1"),))
    assert nodes == (
        project,
        Node((Edge(1, "nor_conv_1x1"),)),
        project,
        Node((Edge(3, "nor_conv_3x3"),)),
        Node((Edge(4, "max_pool_3x3"),)),
        Node((Edge(2, "skip_connect"), Edge(5, "skip_connect")), "concat"),
    )
    assert count(found.architecture, published_frame(found.architecture)).params > 0


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        (
            "{'module_adjacency': array([[0, 1, 1],\n       [0, 0, 1],\n       [0, 0, 0]], dtype=int8), "
            "'module_operations': ['input', 'conv3x3-bn-relu', 'output'], 'trainable_parameters': 8555530}",
            [("nor_conv_1x1",), ("nor_conv_3x3",), ("nor_conv_1x1", "skip_connect")],
        ),
        ('{"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"]}', [("nor_conv_1x1",)]),
        (
            "adjacency = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]])\nops = ['input', 'maxpool3x3', 'output']\n",
            [("nor_conv_1x1",), ("max_pool_3x3",)],
        ),
    ],
)
def test_nas_bench_101_as_data_and_as_code(text: str, nodes: list[tuple[str, ...]]):
    cell = read(text).cell
    assert [tuple(edge.operation for edge in node.inputs) for node in cell.nodes] == nodes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("CONV1X1", "CONV7X7", "operation 1: 'CONV7X7' is none of conv3x3-bn-relu"),
        ("[0, 0, 0, 1, 0, 0]", "[0, 1, 0, 1, 0, 0]", "ones above its diagonal"),
        ("[0, 0, 0, 1, 0, 0]", "[0, 0, 0, 2, 0, 0]", "ones above its diagonal"),
        ("[0, 1, 1, 0, 1, 0]", "[0, 0, 0, 0, 1, 0]", "nothing leads from the module's input"),
        ("CONV3X3, OUTPUT", "OUTPUT", "square matrix of 2 to 16 rows and as many operations"),
    ],
)
def test_a_faulty_module_is_refused_with_the_reason(old: str, new: str, reason: str):
    with pytest.raises(NotationError, match=reason):
        read(INCEPTION.replace(old, new))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_any_usual_encoding(encoding: str):
    assert read(decoded(f"μ = {SMALL}".encode(encoding))) == read(SMALL)


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x00\x00", b"\xff\xfe", b"\xff\xfeA", b"\xc3\x28", bytes(100)])
def test_bytes_that_are_no_text_are_refused(data: bytes):
    with pytest.raises(NotationError, match="holds no text"):
        decoded(data)


@pytest.mark.parametrize("text", ["", "hello", "[2, 3, 4, 5]", "train 050 2.1 33.0 80.0", "epoch 3 lr 2.5e-02"])
def test_what_holds_nothing_says_what_was_looked_for(text: str):
    with pytest.raises(NotationError) as caught:
        find(text)
    assert "\n" not in str(caught.value)


WORDS = [
    "epoch 3 acc 97.1 ",
    "\n",
    "2024-01-05 10:11:12,123 ",
    "# note\n",
    "x = ",
    "genotypes.",
    "'",
    '"',
    ",",
    "(",
    "]",
    "{",
]


@given(
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
)
@settings(deadline=None, derandomize=True, max_examples=150)
def test_a_genotype_is_found_in_any_surroundings(before: str, after: str):
    space = DartsSpace(nodes=2)
    architecture = space.decode(space.sample(random.Random(len(before) + 31 * len(after))))
    assert read(before + write(architecture) + after) == architecture


@given(
    st.lists(
        st.sampled_from([SMALL, OTHER, BENCH, ARC, INCEPTION, FAIR, *"()[]{}|'\",:=\n 019", "val_acc=", "Genotype("]),
        max_size=14,
    )
)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_any_text_gives_what_it_holds_or_the_one_error(pieces: list[str]):
    refusal, found = "", []
    try:
        found = find("".join(pieces))
    except NotationError as error:
        refusal = str(error)
    assert "\n" not in refusal
    for one in found:
        assert bool(one.fault) != bool(one.readings)
        assert one.line <= 1 + "".join(pieces).count("\n")


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "( ",
        "|",
        "|a~0",
        "1 ",
        "Genotype(",
        "{",
        "matrix=[[0]] ",
        "ops=[1] ",
        "\\\n",
        "[1 2 3 4 5 6 7] ",
        '="$',
        "[[['a',1]",
    ],
)
def test_a_hostile_text_takes_time_in_proportion(piece: str):
    """Eight times the text may take 40 times the time, where a square would take 64, and a power of two for ever."""
    spent = []
    for size in (20_000, 160_000):
        began = time.process_time()
        with pytest.raises(NotationError):
            find(piece * (size // len(piece)) + "!")
        spent.append(time.process_time() - began)
    assert spent[1] < 40 * spent[0] + 0.5


def test_a_text_beyond_all_measure_is_refused_at_once():
    with pytest.raises(NotationError, match="are looked through"):
        find("a" * (finder.MOST + 1))


def test_published_names_hold_no_notation():
    assert not any(notations.holds_one(one.name) for one in library.cells())


def test_all_forms_give_cells_that_count():
    for text in (FAIR, INCEPTION, BENCH, ARC, SMALL):
        architecture = read(text)
        assert isinstance(architecture, CellArchitecture | StackedCell)
        assert count(architecture, published_frame(architecture)).macs > 0
