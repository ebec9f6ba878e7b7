"""What a benchmark knows of candidates, in `show` and in `export --as csv`."""

import csv
import io
import json
import math
from pathlib import Path

import pytest

from engine import commands
from engine.plan import Budget, Plan, RandomSettings, TableSettings
from engine.run.start import header_of
from engine.session import Recorder
from engine.space.architecture import to_bytes
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Three candidates; the second is the best, and the first has no reported value."""
    plan = Plan(
        space=SPACE, method=RandomSettings(), evaluator=TableSettings(file="t.h5"), budget=Budget(evaluations=3)
    )
    recorder = Recorder(header_of(plan), tmp_path / "s.h5")
    for rank, score, macs, cost, reported in (
        (3, 1.5, 0, 10.0, math.nan),
        (4, 2.5, 7, 20.0, 91.25),
        (5, 2.0, 8, 30.0, 95.0),
    ):
        number = recorder.candidate(to_bytes(SPACE.decode(SPACE.at(rank))))
        recorder.evaluated(number, score, seconds=0.0, parameters=5, macs=macs, cost=cost, reported=reported)
        recorder.scalar("best score", score, step=number, unit="nats")
    recorder.close()
    return tmp_path / "s.h5"


def said(capsys, *arguments) -> str:
    assert commands.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_show_tells_what_is_reported_of_the_best_and_the_scores_in_their_unit(session, capsys):
    assert json.loads(said(capsys, "show", session, "--json"))["reported"] == 91.25
    lines = [line.split(maxsplit=2) for line in said(capsys, "show", session).splitlines()]
    assert ["best", "score", "2.50 nats"] in lines
    assert any(line[:2] == ["reported", "91.25"] for line in lines)


def test_csv_has_macs_cost_and_what_is_reported(session, capsys):
    rows = list(csv.DictReader(io.StringIO(said(capsys, "export", session, "--as", "csv", "--out", "-"))))
    assert [(row["macs"], row["cost"], row["reported"]) for row in rows] == [
        ("", "10.0", ""),
        ("7", "20.0", "91.25"),
        ("8", "30.0", "95.0"),
    ]
