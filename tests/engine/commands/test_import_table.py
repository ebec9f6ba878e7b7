"""`import-table`: what it writes, says and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine import commands
from engine.evaluate.table import path_of
from engine.session import open_table
from engine.space import notations
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.text import write_space

SPACE = NasBench201Space()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    ops = np.array([SPACE.at(rank) for rank in (3, 1, 2)], np.int8)
    columns = {
        name: np.arange(3.0) for name in ("val_acc_12ep", "val_acc_200ep", "train_seconds_per_epoch", "val_seconds")
    }
    np.savez(tmp_path / "nb.npz", ops=ops, **columns)
    return tmp_path / "nb.npz"


@pytest.fixture
def call(capsys):
    def run(*arguments) -> tuple[int, str, str]:
        code = commands.main(["import-table", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_benchmark_s_columns_are_known(call, source, tmp_path):
    code, out, err = call(source, "--out", tmp_path / "nb.h5")
    assert (code, err) == (0, "")
    assert (
        out == "3 of 15,625 architectures of nasbench201: score val_acc_12ep, reported val_acc_200ep, cost cost_12ep\n"
        "indices are read in the space's own order: 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3, "
        "4 avg_pool_3x3\n"
    )
    table = open_table(tmp_path / "nb.h5")
    assert table.ranks.tolist() == [1, 2, 3]
    assert table.column("cost").tolist() == [13.0, 26.0, 0.0]


def test_columns_are_named_by_hand(call, source, tmp_path):
    assert call(source, "--out", tmp_path / "nb.h5", "--score", "val_acc_200ep", "--cost", "val_seconds")[0] == 0
    table = open_table(tmp_path / "nb.h5")
    assert table.roles == {"score": "val_acc_200ep", "reported": "val_acc_200ep", "cost": "val_seconds"}


def test_an_existing_table_is_kept_unless_told_otherwise(call, source, tmp_path):
    out = tmp_path / "nb.h5"
    out.write_text("precious")
    code, _, err = call(source, "--out", out)
    assert (code, err.count("\n")) == (2, 1)
    assert "exists already" in err
    assert out.read_text() == "precious"
    assert call(source, "--out", out, "--overwrite")[0] == 0
    assert len(open_table(out).ranks) == 3
    assert list(tmp_path.glob("*.part")) == []


def test_what_is_wrong_is_one_line(call, source, tmp_path):
    np.savez(tmp_path / "bare.npz", ops=np.zeros((1, 6), int), one=[1.0], other=[1.0])
    np.savez(tmp_path / "loss.npz", ops=np.zeros((1, 6), int), loss=[1.0])
    for arguments, words in (
        (
            (tmp_path / "bare.npz", "--out", tmp_path / "x.h5"),
            "no column is known to be the score; name one with --score",
        ),
        ((tmp_path / "loss.npz", "--out", tmp_path / "x.h5"), "of loss, less seems to be better; say --minimise or"),
        ((source, "--out", tmp_path / "x.h5", "--score", "nothing"), "there is no column 'nothing'; there are val_acc"),
        ((source, "--out", tmp_path / "x.h5", "--space", "moon"), "--space moon: there are darts"),
        ((source, "--out", tmp_path / "x.h5", "--space", "moon.toml"), "--space moon.toml: "),
        ((source, "--out", tmp_path / "x.h5", "--minimise", "--maximise"), "not allowed with"),
        ((source, "--out", tmp_path / "x.h5", "--space", "darts"), "none of the space"),
        ((tmp_path / "absent.npz", "--out", tmp_path / "x.h5"), "No such file"),
        ((source, "--out", tmp_path), "is a folder"),
        ((source, "--out", tmp_path / "no" / "x.h5"), "cannot be written"),
    ):
        code, out, err = call(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert words in err
    assert not (tmp_path / "x.h5").exists()


def test_a_space_may_be_a_preset_s_or_in_a_file(call, tmp_path):
    space = DartsSpace(nodes=2)
    (tmp_path / "small.toml").write_text(write_space(space))
    (tmp_path / "t.csv").write_text(f'arch,acc\n"{notations.write(space.example())}",1\n')
    arguments = (tmp_path / "t.csv", "--out", tmp_path / "t.h5", "--space")
    assert call(*arguments, tmp_path / "small.toml")[0] == 0
    assert open_table(tmp_path / "t.h5").space == space
    code, _, err = call(*arguments, "darts", "--overwrite")
    assert (code, "it has 2 nodes" in err) == (2, True)


@pytest.mark.parametrize("option", ["--minimise", "--minimize"])
def test_what_is_minimised_is_found_and_shown_as_it_is(call, tmp_path, capsys, option):
    """From a file of losses to the lowest of them, by command line alone."""
    losses = np.random.default_rng(0).uniform(0.1, 2.0, 25).round(6)
    rows = [f"{notations.write(SPACE.decode(SPACE.at(600 * row)))},{loss}\n" for row, loss in enumerate(losses)]
    (tmp_path / "t.csv").write_text("arch,val_loss\n" + "".join(rows))
    out = call(tmp_path / "t.csv", "--out", tmp_path / "t.h5", option)[1]
    assert out == "25 of 15,625 architectures of nasbench201: score val_loss, lower is better\n"
    run = ["run", "random-nb201", "--out", str(tmp_path / "s.h5"), "--json", "--set", f"evaluator.file={tmp_path}/t.h5"]
    assert commands.main([*run, "budget.simulated_seconds=none", "budget.evaluations=200"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out, parse_constant=pytest.fail)
    assert (found["best_score"], found["unit"], found["objective"]) == (losses.min(), "val_loss", "minimise")
    assert found["architecture"] == rows[losses.argmin()].split(",")[0]
    assert "val_loss is minimised: a candidate's score is its negative" in said.err
    assert f"{losses.min():.4f} val_loss · best so far" in said.err
    assert commands.main(["show", str(tmp_path / "s.h5")]) == 0
    assert f"best score      {losses.min():.4f} val_loss" in capsys.readouterr().out


def test_the_table_that_ships_can_be_made_again(call, tmp_path):
    """From the arrays that resources/tables/README.md describes."""
    shipped = open_table(path_of("nb201-cifar10"))
    columns = {name: values for name, values in shipped.columns.items() if name != "cost_12ep"}
    ops = np.array([SPACE.at(int(rank)) for rank in shipped.ranks], np.int8)
    order = np.random.default_rng(0).permutation(len(ops))
    np.savez(tmp_path / "nb.npz", ops=ops[order], **{name: values[order] for name, values in columns.items()})
    assert call(tmp_path / "nb.npz", "--out", tmp_path / "nb.h5")[0] == 0
    again = open_table(tmp_path / "nb.h5")
    assert (again.space, again.roles, again.units) == (shipped.space, shipped.roles, shipped.units)
    assert again.ranks.tolist() == shipped.ranks.tolist()
    for name, values in shipped.columns.items():
        np.testing.assert_allclose(again.columns[name], values, rtol=1e-6)
