"""Scores out of a table, and what tables and sessions are good for as a reference."""

import math
import random
from pathlib import Path

import numpy as np
import pytest

from engine.evaluate import evaluator
from engine.evaluate.table import TableEvaluator, comparison
from engine.plan.evaluators.table import TableSettings
from engine.session import BenchmarkTable, Header, Recorder, SessionError, write_table
from engine.space.architecture import to_bytes
from engine.space.counts import PUBLISHED, count
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()
RANKS = np.array([7, 8, 9, 4000], np.uint64)


def write(path: Path, **roles: str) -> Path:
    columns = {
        "early": np.array([50.0, 60.0, math.nan, 70.0]),
        "late": np.array([90.0, 91.0, 10.0, 92.0]),
        "seconds": np.array([100.0, 200.0, 300.0, 400.0]),
        "size": np.array([1000.0, 2000.0, 3000.0, 4000.0]),
        "work": np.array([5.0, 6.0, 7.0, 8.0]),
    }
    known = {"score": "early", "reported": "late", "cost": "seconds", "parameters": "size", "macs": "work"}
    write_table(path, BenchmarkTable(SPACE, RANKS, columns, roles or known, {"early": "%"}))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "table.h5")


def look_up(rank: int, file: Path, **settings: str):
    found = TableEvaluator(TableSettings(file=str(file), **settings), SPACE)
    return found.evaluate(SPACE.decode(SPACE.at(rank)), 0, None, None)


def test_what_the_table_says_is_the_outcome(file: Path):
    assert look_up(8, file)[:5] == (60.0, 0.0, 2000, "ok", "")
    assert look_up(8, file)[5:] == (6, 200.0, 91.0)
    assert look_up(4000, file).score == 70.0


def test_columns_may_be_named(file: Path):
    found = look_up(8, file, score="late", reported="early", cost="work")
    assert (found.score, found.reported, found.cost) == (91.0, 60.0, 6.0)
    with pytest.raises(SessionError, match="no column 'nothing'"):
        look_up(8, file, score="nothing")


def test_an_entry_without_a_score_has_failed_at_its_cost(file: Path):
    found = look_up(9, file)
    assert math.isnan(found.score)
    assert (found.outcome, found.message, found.cost) == ("failed", "the table has no score for it", 300.0)


def test_an_architecture_that_is_not_in_it_has_failed(file: Path):
    found = look_up(10, file)
    assert (found.outcome, found.message, found.cost) == ("failed", "the table has no such architecture", 0.0)


def test_columns_that_no_role_needs_may_be_missing(tmp_path: Path):
    found = look_up(8, write(tmp_path / "bare.h5", score="early"))
    assert found[:3] == (60.0, 0.0, 0)
    assert found.macs == 0
    assert math.isnan(found.cost)
    assert math.isnan(found.reported)
    with pytest.raises(SessionError, match="does not say which column is the score"):
        look_up(8, write(tmp_path / "none.h5", cost="seconds"))


def test_what_is_minimised_is_searched_as_its_negative_and_its_unit_says_so(tmp_path: Path):
    columns = {"val_loss": np.array([0.5, 0.4, np.inf, 0.7]), "test_error": np.arange(4.0), "acc": np.arange(4.0)}
    roles = {"score": "val_loss", "reported": "test_error"}
    write_table(tmp_path / "t.h5", BenchmarkTable(SPACE, RANKS, columns, roles, {}, minimise=True))
    found = TableEvaluator(TableSettings(file=str(tmp_path / "t.h5")), SPACE)
    outcome = found.evaluate(SPACE.decode(SPACE.at(8)), 0, None, None)
    assert (outcome.score, outcome.reported, found.unit) == (-0.4, -1.0, "−val_loss")
    assert found.notes == ("val_loss is minimised: a candidate's score is its negative",)
    assert found.evaluate(SPACE.decode(SPACE.at(9)), 0, None, None).outcome == "failed"
    np.testing.assert_equal(found.entries()["searched"], [-0.5, -0.4, np.nan, -0.7])
    other = TableEvaluator(TableSettings(file=str(tmp_path / "t.h5"), reported="acc"), SPACE)
    assert np.isnan(other.entries()["reported"]).all()
    assert "acc is not reported: val_loss is better in the other direction" in other.notes
    turned = look_up(8, tmp_path / "t.h5", objective="maximise")
    assert turned.score == 0.4
    known = comparison(tmp_path / "t.h5", SPACE)
    assert known(SPACE.decode(SPACE.at(8))) == -1.0


def test_a_loss_is_not_maximised_in_silence(tmp_path: Path):
    columns = {"val_loss": np.arange(4.0), "acc": np.arange(4.0)}
    write_table(tmp_path / "t.h5", BenchmarkTable(SPACE, RANKS, columns, {"score": "val_loss"}, {}))
    with pytest.raises(SessionError, match=r"of val_loss, less seems to be better; set evaluator\.objective"):
        look_up(8, tmp_path / "t.h5")
    assert look_up(8, tmp_path / "t.h5", objective="minimise").score == -1.0
    assert look_up(8, tmp_path / "t.h5", score="acc").score == 1.0


def test_sizes_that_are_missing_are_no_numbers(tmp_path: Path):
    columns = {"acc": np.arange(4.0), "params": np.array([math.nan, math.inf, 3.0, 4.0])}
    write_table(tmp_path / "t.h5", BenchmarkTable(SPACE, RANKS, columns, {"score": "acc", "parameters": "params"}, {}))
    assert [look_up(rank, tmp_path / "t.h5").parameters for rank in (7, 8, 9)] == [0, 0, 3]
    assert TableEvaluator(TableSettings(file=str(tmp_path / "t.h5")), SPACE).entries()["parameters"].tolist() == [
        0,
        0,
        3,
        4,
    ]


class TestKnownInPart:
    def test_the_search_is_given_what_the_table_has_and_that_is_said(self, file: Path):
        found = TableEvaluator(TableSettings(file=str(file)), SPACE)
        part, rng = found.searched(SPACE), random.Random(0)
        assert {SPACE.rank(part.sample(rng)) for _ in range(60)} == set(RANKS.tolist())
        assert found.notes == ("the table knows 4 of 15,625 architectures; the search stays among them",)

    def test_in_an_edited_space_it_is_what_both_have(self, file: Path):
        few = SPACE.restrict(("none", "skip_connect", "avg_pool_3x3"))
        found = TableEvaluator(TableSettings(file=str(file)), few)
        both = {rank for rank in RANKS.tolist() if not {2, 3} & set(SPACE.at(rank))}
        part, rng = found.searched(few), random.Random(0)
        assert {SPACE.rank(SPACE.encode(few.decode(part.sample(rng)))) for _ in range(60)} == both
        assert f"knows {len(both)} of 729 architectures" in found.notes[0]
        none = SPACE.restrict(("nor_conv_1x1",))
        with pytest.raises(SessionError, match="the table knows none of the 1 architectures of the space"):
            TableEvaluator(TableSettings(file=str(file)), none).searched(none)

    def test_of_a_whole_table_nothing_is_left_out(self):
        found = TableEvaluator(TableSettings(), SPACE)
        assert found.searched(SPACE) is SPACE
        few = SPACE.restrict(("none", "skip_connect"))
        assert found.searched(few) is few
        assert found.notes == ()


def test_the_table_that_ships_is_nas_bench_201_s():
    """Dong and Yang 2020; the best and the size of every network are known from elsewhere."""
    found = TableEvaluator(TableSettings(), SPACE)
    entries = found.entries()
    assert (len(entries), found.unit) == (15_625, "%")
    assert round(float(entries["reported"].max()), 3) == 91.607
    assert round(float(entries["reported"][entries["searched"].argmax()]), 3) == 91.496
    assert round(float(entries["cost"].mean()), 1) == 112.8
    for rank in range(0, 15_625, 97):
        cell = SPACE.decode(SPACE.at(rank))
        outcome, counted = found.evaluate(cell, 0, None, None), count(cell, PUBLISHED["nasbench201"])
        assert outcome.parameters == counted.params
        assert abs(outcome.macs - counted.macs) <= 10


def test_all_entries_are_there_for_the_session(file: Path):
    entries = TableEvaluator(TableSettings(file=str(file)), SPACE).entries()
    recorder = Recorder(Header(), None)
    recorder.benchmark(entries)
    rows = recorder.view().rows("benchmark")
    assert rows["reported"].tolist() == [90.0, 91.0, 10.0, 92.0]
    assert rows["cost"].tolist() == [100.0, 200.0, 300.0, 400.0]
    assert rows["parameters"].tolist() == [1000, 2000, 3000, 4000]
    np.testing.assert_equal(rows["searched"], [50.0, 60.0, math.nan, 70.0])
    assert (np.diff(rows["time"]) > 0).all()


def test_the_unit_is_the_column_s(file: Path):
    assert TableEvaluator(TableSettings(file=str(file)), SPACE).unit == "%"
    assert TableEvaluator(TableSettings(file=str(file), score="late"), SPACE).unit == ""


def test_a_table_of_another_space_is_refused_in_one_line(file: Path):
    with pytest.raises(
        SessionError, match="a table of NAS-Bench-201 cells, and the plan searches DARTS cells"
    ) as caught:
        evaluator(TableSettings(file=str(file)), DartsSpace(), None, "cpu", 0)
    assert "\n" not in str(caught.value)


def test_a_part_of_the_space_may_be_searched(file: Path):
    part = SPACE.restrict(("none", "skip_connect", "avg_pool_3x3"))
    found = TableEvaluator(TableSettings(file=str(file)), part)
    architecture = SPACE.decode(SPACE.at(9))  # all none, then skip_connect and avg_pool_3x3
    assert part.encode(architecture)
    assert found.evaluate(architecture, 0, None, None).cost == 300.0


def test_a_table_compares_by_what_it_reports(file: Path, tmp_path: Path):
    known = comparison(file, SPACE)
    assert known(SPACE.decode(SPACE.at(9))) == 10.0
    assert math.isnan(known(SPACE.decode(SPACE.at(10))))
    scores = comparison(write(tmp_path / "bare.h5", score="early"), SPACE)
    assert scores(SPACE.decode(SPACE.at(8))) == 60.0


def test_a_session_compares_by_its_scores_of_equal_graphs(tmp_path: Path):
    recorder = Recorder(Header(), tmp_path / "s.h5")
    one, other = SPACE.decode((0, 0, 3, 0, 0, 0)), SPACE.decode((3, 2, 1, 3, 2, 1))
    for architecture, score in ((one, 40.0), (other, 50.0), (other, 55.0)):
        number = recorder.candidate(to_bytes(architecture))
        recorder.score(number, score, seconds=1.0, parameters=1)
    failed = recorder.candidate(to_bytes(SPACE.decode((4, 4, 4, 4, 4, 4))))
    recorder.score(failed, None, seconds=1.0, parameters=1, outcome="failed")
    recorder.close()
    known = comparison(tmp_path / "s.h5", SPACE)
    assert known(other) == 55.0
    assert known(SPACE.decode((1, 0, 2, 0, 0, 0))) == 40.0  # nothing reaches its output either
    assert math.isnan(known(SPACE.decode((4, 4, 4, 4, 4, 4))))


def test_a_reference_that_is_neither_is_one_line(tmp_path: Path):
    (tmp_path / "x.h5").write_bytes(b"nothing")
    with pytest.raises(SessionError) as caught:
        comparison(tmp_path / "x.h5", SPACE)
    assert "\n" not in str(caught.value)
