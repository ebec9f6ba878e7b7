"""`count`: what it prints, how it refuses, and that it needs no torch."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine import commands
from engine.space import files, library

ROOT = Path(__file__).parents[3]
V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))"
)
BENCH = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"
RNN_V2 = (
    "Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('relu', 1), ('identity', 1), ('tanh', 2), ('sigmoid', 5), "
    "('tanh', 3), ('relu', 5)], concat=range(1, 9))"
)
MICRO = "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1 1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"


@pytest.fixture
def call(capsys):
    """Runs `count`; gives exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = commands.main(["count", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("arguments", "params", "macs"),
    [
        ((V2,), 3_349_342, 528_359_040),
        (("DARTS V2",), 3_349_342, 528_359_040),
        (("darts", "v2", "--auxiliary"), 3_825_768, 528_359_040),
        (("AmoebaNet-A", "--channels", "36", "--layers", "20"), 3_207_106, 498_388_608),
        (("naonet-a",), 11_470_150, 1_673_814_240),
        (("DARTS RNN V2",), 22_960_000, 22_950_000),
        ((V2, "--auxiliary"), 3_825_768, 528_359_040),
        ((V2, "--skeleton", "imagenet"), 4_718_752, 529_911_552),
        ((V2, "--skeleton", "imagenet", "--auxiliary"), 5_979_528, 529_911_552),
        ((V2, "--skeleton", "imagenet", "--auxiliary", "--auxiliary-norm"), 5_981_064, 529_911_552),
        ((BENCH, "--as", "nb201"), 802_426, 113_951_360),
        ((RNN_V2, "--as", "rnn"), 22_960_000, 22_950_000),
        ((RNN_V2, "--channels", "300", "--classes", "10000"), 4_810_000, 4_800_000),
        (("0 0 0", "--as", "rnn"), 12_845_000, 12_835_000),
        (("0", "0", "0", "--as", "rnn"), 12_845_000, 12_835_000),
        (
            ("0", "--as", "enas-macro", "--channels", "4", "--image", "2"),
            27 * 4 + 8 + 24 + 152 + 50,
            4 * (108 + 160) + 40,
        ),
    ],
)
def test_published_networks(call, arguments, params, macs):
    code, out, err = call(*arguments, "--json")
    found = json.loads(out)
    assert (code, found["params"], found["macs"], err) == (0, params, macs, "")


def test_sizes_change_the_frame(call):
    sizes = {"channels": 4, "layers": 3, "image": 8, "classes": 2, "in_channels": 1}
    options = [word for name, size in sizes.items() for word in (f"--{name.replace('_', '-')}", str(size))]
    frame = json.loads(call(MICRO, *options, "--json")[1])["frame"]
    assert {name: frame[name] for name in sizes} == sizes


def test_a_person_reads_thousands_and_the_frame(call):
    code, out, _ = call(V2, "--auxiliary")
    assert code == 0
    assert out.splitlines() == [
        "parameters  3,825,768",
        "MACs        528,359,040",
        "in          cifar, 36 channels, 20 layers, 32 px, 3 colours, 10 classes, auxiliary head",
    ]
    assert "in          cifar, 96 channels, 2 layers, 32 px" in call("0 1 1", "--as", "enas-macro")[1]
    assert "in          a language model, 850 hidden units, 10,000 words" in call("0 0 0", "--as", "rnn")[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("hello",), "'hello' is neither a notation nor the name of a published architecture; there are NASNet-A, "),
        (("AmoebaNet",), "did you mean AmoebaNet-A, AmoebaNet-B or "),
        (("AmoebaNet-A", "--as", "darts"), "Genotype"),
        ((V2.replace("dil_conv_3x3", "dil_conv_9x9"),), "normal: node 3, input 2: unknown operation 'dil_conv_9x9'"),
        ((V2, "--as", "nb201"), "node 0: expected |operation~state|"),
        ((V2, "--as", "morse"), "--as: invalid choice: 'morse'"),
        ((V2, "--skeleton", "nasbench201"), "do not fit into the skeleton of NAS-Bench-201"),
        ((BENCH, "--skeleton", "cifar"), "does not fit into the skeleton of cifar"),
        ((V2, "--channels", "1"), "--channels must be a whole number from 2 to 4096, got 1"),
        ((V2, "--layers", "many"), "--layers: invalid int value: 'many'"),
        ((RNN_V2, "--layers", "3"), "--layers means nothing to a recurrent cell"),
        ((RNN_V2, "--auxiliary"), "--auxiliary means nothing to a recurrent cell"),
        ((RNN_V2, "--skeleton", "cifar"), "--skeleton means nothing to a recurrent cell"),
        (("0", "--as", "enas-macro", "--layers", "3"), "--layers means nothing to a network of layers"),
        ((), "required: NOTATION|NAME|FILE|-"),
    ],
)
def test_bad_input_is_one_line(call, arguments, reason):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1


LARGER = V2.replace("dil_conv_3x3", "dil_conv_5x5")  # 25 - 9 weights more for each of 6 · (36 + 72 + 144) channels
SOURCE = f"# ours\nA = {V2}\nB = {LARGER}\nR = {RNN_V2}\nC = {V2.replace('dil', 'dul')}\n"


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "genotypes.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_all_of_a_file_are_counted_with_their_names(call, source):
    code, out, err = call(str(source))
    assert (code, err) == (0, "")
    assert [line.split()[:3] for line in out.splitlines()] == [
        ["A", "3,349,342", "parameters"],
        ["B", "3,373,534", "parameters"],
        ["R", "22,960,000", "parameters"],
        ["C", "normal:", "node"],
    ]
    rows = json.loads(call(str(source), "--json")[1])
    assert [(row["name"], row["line"], row.get("params")) for row in rows] == [
        ("A", 2, 3_349_342),
        ("B", 3, 3_373_534),
        ("R", 4, 22_960_000),
        ("C", 5, None),
    ]
    assert "unknown operation 'dul_conv_3x3'" in rows[3]["fault"]
    assert "--layers means nothing to a recurrent cell" in call(str(source), "--layers", "5")[1]


@pytest.mark.parametrize("pick", ["B", "3"])
def test_one_of_a_file_is_picked_by_name_or_line(call, source, pick):
    code, out, _ = call(str(source), "--pick", pick)
    assert (code, out.splitlines()[0]) == (0, "parameters  3,373,534")
    assert out.splitlines()[-1] == "read as     a DARTS genotype, B"
    assert json.loads(call(str(source), "--pick", pick, "--json")[1])["params"] == 3_373_534


def test_what_is_picked_in_vain_says_what_there_is(call, source):
    assert "none is 'D'; --pick takes one of A, B, R, C, or its line" in call(str(source), "--pick", "D")[2]
    assert "unknown operation" in call(str(source), "--pick", "C")[2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_standard_input_is_read(call, monkeypatch, encoding):
    text = f"2024-01-05 10:11:12,123 genotype = {V2}\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode(encoding))))
    code, out, _ = call("-", "--json")
    assert (code, json.loads(out)["params"]) == (0, 3_349_342)


def test_a_file_of_one_architecture_is_counted_as_that(call, tmp_path):
    path = tmp_path / "one.toml"
    files.save(library.published("DARTS V2").architecture, path)
    assert json.loads(call(str(path), "--json")[1])["params"] == 3_349_342
    path.with_suffix(".json").write_text(f'{{"arch": "{BENCH}", "acc": 94.4}}', encoding="utf-8")
    assert json.loads(call(str(path.with_suffix(".json")), "--json")[1])["params"] == 802_426


def test_numbers_that_could_be_several_things_are_asked_about(call):
    code, out, err = call("(4, 0, 3, 1, 4, 3)")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--as naslib-nb201) or NAS-Bench-201's own codes (--as nb201-codes); say which" in err
    assert json.loads(call("(4, 0, 3, 1, 4, 3)", "--as", "naslib-nb201", "--json")[1])["params"] == 129_306
    assert call(" ".join(MICRO.split()[:20]))[0] == 2  # half an arc is no recurrent cell


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--classes", "--classes must be a whole number from 1 to 1000000, got 0"),
        ("--layers", "--layers must be"),
        ("--channels", "--channels must be"),
        ("--image", "--image must be"),
        ("--in-channels", "--in-channels must be"),
    ],
)
def test_a_size_of_0_is_given_and_refused(call, option, reason):
    for cell in (V2, BENCH):
        code, out, err = call(cell, option, "0")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert reason in err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            (V2, "--auxiliary", "--image", "28"),
            "the auxiliary head needs images of 29 pixels or more here, and these have 28",
        ),
        ((V2, "--skeleton", "imagenet", "--auxiliary", "--image", "32"), "needs images of 193 pixels or more"),
        ((BENCH, "--auxiliary"), "a network of NAS-Bench-201 has no auxiliary head"),
        ((V2, "--auxiliary-norm"), "--auxiliary-norm means nothing without --auxiliary"),
        (("nowhere.py",), "nowhere.py: there is no such file, and it is no notation or name"),
    ],
)
def test_what_cannot_be_built_or_found_is_not_counted(call, arguments, reason):
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert reason in err


def test_a_file_that_holds_nothing_is_named(call, tmp_path):
    path = tmp_path / "a.bin"
    for data, reason in ((bytes(range(256)), "holds no text"), (b"hello", "there is none of Genotype")):
        path.write_bytes(data)
        assert f"{path}: " in call(str(path))[2]
        assert reason in call(str(path))[2]


def test_torch_is_not_loaded():
    script = f"import sys, main; code = main.main(['count', {V2!r}]); sys.exit(code or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3,349,342" in done.stdout
