import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.plan import METHODS, Budget, Plan, PlanError, dumps, load, loads, presets
from engine.plan.datasets import Cifar10, ImageFolder
from engine.plan.evaluators.trained import TrainedSettings
from engine.plan.methods.darts import DartsSettings
from engine.plan.methods.evolution import EvolutionSettings
from engine.plan.methods.random_search import RandomSettings
from engine.space.darts import DartsSpace

KINDS = ", ".join(METHODS)
METHOD = '[method]\nkind = "darts"\n'


@pytest.mark.parametrize(
    "plan",
    [
        *presets().values(),
        Plan(method=DartsSettings()),
        Plan(
            name="an odd “name” = [x] # é",
            space=DartsSpace(nodes=7, operations=("skip_connect", "none")),
            method=EvolutionSettings(population=7, sample=3, identity_probability=1 / 3),
            evaluator=TrainedSettings(lr=1e-9),
            data=ImageFolder(folder='C:\\pictures\\"mine"', image=64, mean=(0.1, 0.2, 1 / 3)),
            budget=Budget(evaluations=5, seconds=12.5),
            seed=2**32 - 1,
            device="cuda:1",
            threads=3,
        ),
        Plan(
            method=RandomSettings(), evaluator=TrainedSettings(), data=Cifar10(flip=False), budget=Budget(seconds=60.0)
        ),
    ],
    ids=lambda plan: plan.name,
)
def test_a_plan_writes_and_reads_back(plan: Plan):
    assert loads(dumps(plan)) == plan
    assert dumps(loads(dumps(plan))) == dumps(plan)


def test_every_setting_is_written_out_defaults_too():
    written = tomllib.loads(dumps(Plan(method=DartsSettings(), budget=Budget(epochs=3))))
    assert set(written["method"]) == {"kind", *(field.name for field in msgspec.structs.fields(DartsSettings))}
    assert written["method"]["w_lr"] == 0.025
    assert written["space"]["operations"][0] == "none"
    assert written["budget"] == {"epochs": 3}  # no limit is written by leaving it out
    assert "evaluator" not in written


def test_what_a_plan_leaves_out_has_its_default():
    assert loads(METHOD) == Plan(method=DartsSettings())
    assert loads(METHOD + "w_lr = 1").method.w_lr == 1.0


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("", "method", f"method is missing; write a table [method] with a kind, one of {KINDS}"),
        ("[method]", "method.kind", "method.kind is missing; write a table [method] with a kind, one of darts, snas"),
        ("method = 3", "method", "method must be a table with its own settings, got 3"),
        (
            '[method]\nkind = "dart"',
            "method.kind",
            f"method.kind must be one of {KINDS}, got 'dart'; did",
        ),
        ("[method]\nkind = 3", "method.kind", f"method.kind must be one of {KINDS}, got 3"),
        (METHOD + "channels = 0", "method.channels", "method.channels must be at least 1, got 0"),
        (METHOD + "channels = 513", "method.channels", "method.channels must be at most 512, got 513"),
        (METHOD + "channels = 2.5", "method.channels", "method.channels must be a whole number from 1 to 512, got 2.5"),
        (
            METHOD + "channels = true",
            "method.channels",
            "method.channels must be a whole number from 1 to 512, got true",
        ),
        (METHOD + 'w_lr = "x"', "method.w_lr", "method.w_lr must be a number from 0 to 10, got 'x'"),
        (METHOD + "w_lr = -0.1", "method.w_lr", "method.w_lr must be at least 0, got -0.1"),
        (METHOD + "w_lr = nan", "method.w_lr", "method.w_lr must be a number from 0 to 10, got nan"),
        (METHOD + "w_lr = inf", "method.w_lr", "method.w_lr must be a number from 0 to 10, got inf"),
        (METHOD + 'order = "third"', "method.order", "method.order must be one of first, second, got 'third'"),
        (METHOD + "w_l = 1", "method.w_l", "unknown key method.w_l; did you mean method.w_lr"),
        (METHOD + "epochs = 1", "method.epochs", "unknown key method.epochs; did you mean budget.epochs?"),
        (
            METHOD + "sample = 1",
            "method.sample",
            "method.sample is a setting of evolution, and this plan's method is darts",
        ),
        ("methods = 1\n" + METHOD, "methods", "unknown key methods; did you mean method?"),
        (
            "x = 1\n" + METHOD,
            "x",
            "unknown key x; there are name, space, method, evaluator, data, budget, instruments, seed, device",
        ),
        ('"a\\nb" = 1\n' + METHOD, "a\nb", "unknown key a\\nb; there are name"),
        ("seed = -1\n" + METHOD, "seed", "seed must be at least 0, got -1"),
        ("seed = 4294967296\n" + METHOD, "seed", "seed must be at most 4294967295, got 4294967296"),
        ("seed = 1979-05-27\n" + METHOD, "seed", "seed must be a whole number from 0 to 4294967295, got datetime.date"),
        ("seed = {x = 1}\n" + METHOD, "seed", "seed must be a whole number from 0 to 4294967295, got {'x': 1}"),
        ('device = "gpu"\n' + METHOD, "device", "device must be cpu, cuda, cuda:N or mps, got 'gpu'"),
        ('name = "a\\nb"\n' + METHOD, "name", "name must be a name of 1 to 80 characters on one line, got 'a\\nb'"),
        (METHOD + '[space]\nkind = "darts"\nnodes = 13', "space.nodes", "space.nodes must be at most 12, got 13"),
        (
            METHOD + '[space]\nkind = "darts"\noperations = ["sep_conv_3x4"]',
            "space.operations",
            "space.operations: unknown operation 'sep_conv_3x4'; did you mean sep_conv_3x3, ",
        ),
        (
            METHOD + '[space]\nkind = "darts"\noperations = [1]',
            "space.operations",
            "space.operations must be a list of names out of none",
        ),
        (METHOD + '[evaluator]\nkind = "x"', "evaluator.kind", "evaluator.kind must be one of trained, "),
        (METHOD + "[budget]\nepochs = 0", "budget.epochs", "budget.epochs must be at least 1, got 0"),
        (
            METHOD + '[budget]\nepochs = "1"',
            "budget.epochs",
            "budget.epochs must be a whole number from 1 to 100000, or",
        ),
        (
            METHOD + '[budget]\nkind = "x"',
            "budget.kind",
            "unknown key budget.kind; there are budget.epochs, budget.eval",
        ),
        (METHOD + '[data]\nkind = "cifar"', "data.kind", "got 'cifar'; did you mean cifar10 or cifar100?"),
        (
            METHOD + '[data]\nkind = "digits"\nmean = [0.1, 0.2]',
            "data.mean",
            "data.mean must be a list of one number from 0",
        ),
        (
            METHOD + '[data]\nkind = "cifar10"\nstd = [0, 1, 1]',
            "data.std",
            "data.std must be 3 numbers, each from 1e-06",
        ),
        (
            METHOD + '[data]\nkind = "cifar10"\nstd = [nan, 1, 1]',
            "data.std",
            "data.std must be 3 numbers, each from 1e-0",
        ),
        (METHOD + "[method]", "", "the plan is not TOML: "),
        ("x", "", "the plan is not TOML: Expected '=' after a key"),
        ("x = " + "[" * 5000, "", "the plan is not TOML that can be read"),
        ("x = " + "9" * 5000, "", "the plan is not TOML that can be read"),
        ("#" * 300_000, "", "the plan has 300,000 characters; up to 262,144 are read"),
    ],
)
def test_a_fault_is_one_line_with_the_key_and_what_is_allowed(text: str, key: str, message: str):
    with pytest.raises(PlanError) as caught:
        loads(text)
    assert message in str(caught.value)
    assert caught.value.key == key
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_plan_is_loaded_from_a_file(tmp_path: Path):
    path = tmp_path / "plan.toml"
    path.write_text(METHOD, encoding="utf-8")
    assert load(path) == load(str(path)) == Plan(method=DartsSettings())


def test_a_file_that_cannot_be_read_is_said_in_one_line(tmp_path: Path):
    with pytest.raises(PlanError, match=r"cannot read the plan .*no\.toml: No such file"):
        load(tmp_path / "no.toml")
    with pytest.raises(PlanError, match="cannot read the plan"):
        load(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\x00\xfe")
    with pytest.raises(PlanError, match="it is not text in UTF-8"):
        load(binary)


LINES = ["[method]", '[method]\nkind = "darts"', '[method]\nkind = "evolution"', "[evaluator]", "[data]", "[budget]"]
LINES += [
    'kind = "trained"',
    'kind = "folder"',
    'kind = "darts"',
    "epochs = 3",
    "epochs = []",
    "w_lr = {}",
    "mean = [0.5]",
]
LINES += ["seed = 0", "seed = nan", "seed = 99999999999999999999", "[space]", 'operations = ["none"]', "nodes = 1e400"]
LINES += [
    "[[method]]",
    "method.kind = 0",
    "method = []",
    "budget = 1",
    "kind = []",
    "kind = 2020-01-01",
    'name = "\\u0000"',
]


@given(st.lists(st.sampled_from(LINES), max_size=8).map("\n".join) | st.text(max_size=60))
@example("method = [[]]")
@settings(deadline=None, derandomize=True, max_examples=500)
def test_any_text_gives_a_plan_or_the_one_error(text: str):
    refusal = ""
    try:
        plan = loads(text)
    except PlanError as error:
        refusal = str(error)
    else:
        assert loads(dumps(plan)) == plan
    assert "\n" not in refusal
