"""`count`: what it prints, how it refuses, and that it needs no torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine import commands

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
        ((), "required: NOTATION|NAME"),
    ],
)
def test_bad_input_is_one_line(call, arguments, reason):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1


def test_torch_is_not_loaded():
    script = f"import sys, main; code = main.main(['count', {V2!r}]); sys.exit(code or 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3,349,342" in done.stdout
