"""Benchmark tables: what is written is read, what others publish is understood, and what is wrong is one line."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.session import BenchmarkTable, SessionError, import_table, is_table, open_table, write_table
from engine.session.benchmark_table import read_table
from engine.space.amoebanet import AmoebaNetSpace
from engine.space.counts import count, published_frame
from engine.space.former import FORMER
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()
ENTRIES = 40


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Some cells of NAS-Bench-201, in any order, with columns as the benchmark's."""
    draw = np.random.default_rng(seed)
    ranks = draw.choice(SPACE.size(), ENTRIES, replace=False)
    cells = [SPACE.decode(SPACE.at(int(rank))) for rank in ranks]
    counts = [count(cell, published_frame(cell)) for cell in cells]
    return {
        "ops": np.array([SPACE.at(int(rank)) for rank in ranks], np.int8),
        "val_acc_12ep": draw.uniform(10, 90, ENTRIES).astype(np.float32),
        "val_acc_200ep": draw.uniform(10, 92, ENTRIES).astype(np.float32),
        "train_seconds_per_epoch": draw.uniform(5, 20, ENTRIES).astype(np.float32),
        "val_seconds": draw.uniform(1, 4, ENTRIES).astype(np.float32),
        "params": np.array([one.params for one in counts], np.int32),
        "flops": np.array([one.macs for one in counts]),
    }


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    path = tmp_path / "source.npz"
    np.savez(path, **arrays())
    return path


@pytest.fixture
def table(npz: Path) -> BenchmarkTable:
    return import_table(npz, SPACE)


@pytest.fixture
def written(tmp_path: Path, table: BenchmarkTable) -> Path:
    path = tmp_path / "table.h5"
    write_table(path, table)
    return path


def test_a_space_that_names_no_operations_means_those_it_had_when_none_were_recorded(tmp_path: Path):
    """Tables of this program name them; one that does not is from before spaces had their authors' operations."""
    path, old = tmp_path / "table.h5", AmoebaNetSpace(operations=FORMER["amoebanet"])
    write_table(path, BenchmarkTable(old, np.array([3], np.uint64), {"score": np.array([1.0])}, {"score": "score"}, {}))
    with h5py.File(path, "r+") as file:
        settings = json.loads(file.attrs["space"])
        del settings["operations"]
        file.attrs["space"] = np.bytes_(json.dumps(settings).encode())
    assert read_table(path).space == old


def test_every_row_is_found_under_the_rank_of_its_decisions(table: BenchmarkTable):
    source = arrays()
    assert len(table.ranks) == ENTRIES
    for place in range(ENTRIES):
        architecture = SPACE.decode(tuple(int(choice) for choice in source["ops"][place]))
        row = table.row(SPACE.rank(SPACE.encode(architecture)))
        assert row is not None
        for name in ("val_acc_12ep", "val_acc_200ep", "params", "flops"):
            assert table.columns[name][row] == source[name][place]
        cost = 12 * float(source["train_seconds_per_epoch"][place]) + float(source["val_seconds"][place])
        assert table.column("cost")[row] == pytest.approx(cost)
    absent = next(rank for rank in range(SPACE.size()) if rank not in set(table.ranks.tolist()))
    assert table.row(absent) is None
    assert table.row(SPACE.size()) is None


def test_columns_play_their_roles_or_are_named(table: BenchmarkTable):
    assert table.column("score") is table.columns["val_acc_12ep"]
    assert table.column("reported") is table.columns["val_acc_200ep"]
    assert table.column("score", "val_acc_200ep") is table.columns["val_acc_200ep"]
    assert table.units["val_acc_12ep"] == "%"
    with pytest.raises(SessionError, match="no column 'nothing'; there are"):
        table.column("score", "nothing")


def test_what_is_written_is_read(table: BenchmarkTable, written: Path):
    again = open_table(written)
    assert (again.space, again.roles, again.units) == (table.space, table.roles, table.units)
    assert again.ranks.tolist() == table.ranks.tolist()
    assert again.columns.keys() == table.columns.keys()
    assert all((again.columns[name] == table.columns[name]).all() for name in table.columns)
    assert is_table(written)


def test_a_file_that_changes_is_read_again(tmp_path: Path, written: Path, npz: Path):
    before = open_table(written)
    assert open_table(written) is before
    np.savez(npz, **arrays(seed=1))
    write_table(written, import_table(npz, SPACE))
    assert open_table(written).ranks.tolist() != before.ranks.tolist()


def test_infinity_is_no_value(table: BenchmarkTable):
    wild = np.where(np.arange(ENTRIES) % 2, np.inf, 1.0)
    found = BenchmarkTable(SPACE, table.ranks, {"s": wild, "t": -wild}, {"score": "s"}, {})
    for name, sign in (("s", 1), ("t", -1)):
        np.testing.assert_equal(found.columns[name], np.where(np.arange(ENTRIES) % 2, np.nan, sign))
    assert np.isinf(wild).any(), "what was given is not changed"


@pytest.mark.parametrize(("minimise", "version"), [(None, 1), (False, 1), (True, 2)])
def test_the_direction_is_kept_and_a_program_that_knows_none_refuses_it(tmp_path, table, minimise, version):
    path = tmp_path / "t.h5"
    write_table(path, BenchmarkTable(SPACE, table.ranks, table.columns, table.roles, {}, minimise=minimise))
    assert open_table(path).minimise is minimise
    with h5py.File(path) as file:
        assert file.attrs["version"] == version


def broken(written: Path, how) -> str:
    with h5py.File(written, "r+") as file:
        how(file)
    with pytest.raises(SessionError) as caught:
        open_table(written)
    assert "\n" not in str(caught.value)
    assert str(written) in str(caught.value)
    return str(caught.value)


def replace(group: h5py.Group, name: str, **how) -> None:
    del group[name]
    group.create_dataset(name, **how)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (lambda file: file.attrs.__setitem__("format", np.bytes_("cellwright session")), "but not a table"),
        (lambda file: file.attrs.__delitem__("format"), "has no attribute 'format'"),
        (lambda file: file.attrs.__setitem__("format", "variable length"), "no short text"),
        (lambda file: file.attrs.__setitem__("version", np.uint32(9)), "another version"),
        (lambda file: file.attrs.__setitem__("objective", "variable length"), "no short text"),
        (lambda file: file.attrs.__setitem__("space", np.bytes_('{"kind": "moon"}')), "space cannot be understood"),
        (lambda file: file.attrs.__setitem__("score", np.bytes_("nothing")), "there is none"),
        (lambda file: replace(file["columns"], "params", data=np.zeros(ENTRIES, np.int32)), "no dataset params"),
        (lambda file: replace(file["columns"], "params", data=np.zeros(3)), "3 values for 40 ranks"),
        (lambda file: replace(file["columns"], "params", shape=(10**7,), dtype="f8", chunks=(1000,)), "cannot hold"),
        (lambda file: replace(file, "rank", data=np.zeros(ENTRIES, "u8")), "do not ascend"),
        (lambda file: replace(file, "rank", data=np.arange(ENTRIES, dtype="u8") + 15_600), "do not ascend within"),
        (
            lambda file: file.__setitem__("rank2", h5py.ExternalLink("elsewhere.h5", "x")) or file.__delitem__("rank"),
            "rank",
        ),
        (lambda file: file.__delitem__("columns"), "no group"),
    ],
)
def test_a_faulty_table_is_told_in_one_line(written: Path, how, message: str):
    assert message in broken(written, how)


def test_what_is_no_file_of_hdf5_is_told(tmp_path: Path):
    (tmp_path / "t.h5").write_bytes(b"not HDF5" * 100)
    with pytest.raises(SessionError, match="is no table, or it is damaged"):
        open_table(tmp_path / "t.h5")
    with pytest.raises(SessionError, match="cannot be read"):
        open_table(tmp_path / "absent.h5")
    assert not is_table(tmp_path / "t.h5")


def test_every_truncation_is_a_session_error_or_nothing(written: Path):
    whole = written.read_bytes()
    for length in range(0, len(whole), 501):
        written.write_bytes(whole[:length])
        with pytest.raises(SessionError):
            open_table(written)
