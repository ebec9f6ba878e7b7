"""`import-table`: what it writes, says and refuses."""

from pathlib import Path

import numpy as np
import pytest

from engine import commands
from engine.session import open_table
from engine.space.nasbench201 import NasBench201Space

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
    np.savez(tmp_path / "bare.npz", ops=np.zeros((1, 6), int), loss=[1.0])
    for arguments, words in (
        (
            (tmp_path / "bare.npz", "--out", tmp_path / "x.h5"),
            "no column is known to be the score; name one with --score",
        ),
        ((source, "--out", tmp_path / "x.h5", "--score", "nothing"), "'nothing' is its score, and there is none"),
        ((source, "--out", tmp_path / "x.h5", "--space", "darts"), "none of the space"),
        ((tmp_path / "absent.npz", "--out", tmp_path / "x.h5"), "No such file"),
        ((source, "--out", tmp_path), "is a folder"),
        ((source, "--out", tmp_path / "no" / "x.h5"), "cannot be written"),
    ):
        code, out, err = call(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert words in err
    assert not (tmp_path / "x.h5").exists()
