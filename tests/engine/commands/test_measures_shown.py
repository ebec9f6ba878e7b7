"""What a benchmark knows of candidates, in `show` and in `export --as csv`."""

import csv
import io
import json
import math
from pathlib import Path

import networkx as nx
import pytest

from engine import commands
from engine.plan import Budget, Plan
from engine.plan.evaluators.table import TableSettings
from engine.plan.methods.random_search import RandomSettings
from engine.run.preflight import header_of
from engine.session import Header, Recorder
from engine.space import graphml, notations
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
    for rank, score, macs, cost, reported, parent in (
        (3, 1.5, 0, 10.0, math.nan, -1),
        (4, 2.5, 7, 20.0, 91.25, 0),
        (5, 2.0, 8, 30.0, 95.0, 0),
    ):
        number = recorder.candidate(to_bytes(SPACE.decode(SPACE.at(rank))), parent=parent)
        recorder.evaluated(
            number, score, seconds=0.0, parameters=5, unit="nats", macs=macs, cost=cost, reported=reported
        )
    recorder.close()
    return tmp_path / "s.h5"


def said(capsys, *arguments) -> str:
    assert commands.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def test_show_tells_what_is_reported_of_the_best_and_the_scores_in_their_unit(session, capsys):
    assert json.loads(said(capsys, "show", session, "--json"))["reported"] == 91.25
    lines = [line.split(maxsplit=2) for line in said(capsys, "show", session).splitlines()]
    assert ["best", "score", "2.500 nats"] in lines
    assert any(line[:2] == ["reported", "91.25"] for line in lines)


def test_csv_has_macs_cost_and_what_is_reported(session, capsys):
    rows = list(csv.DictReader(io.StringIO(said(capsys, "export", session, "--as", "csv", "--out", "-"))))
    assert [(row["macs"], row["cost"], row["reported"]) for row in rows] == [
        ("", "10.0", ""),
        ("7", "20.0", "91.25"),
        ("8", "30.0", "95.0"),
    ]


def test_graphs_for_other_programs(session, capsys):
    """The architecture comes back as it was; the lineage has a node for each candidate, and its score."""
    best = graphml.read(said(capsys, "export", session, "--as", "graphml", "--out", "-"))
    assert notations.write(best) + "\n" == said(capsys, "export", session, "--as", "genotype", "--out", "-")
    lineage = nx.parse_graphml(said(capsys, "export", session, "--as", "lineage", "--out", "-"))
    rows = list(csv.DictReader(io.StringIO(said(capsys, "export", session, "--as", "csv", "--out", "-"))))
    assert len(lineage) == len(rows)
    for row in rows:
        node = lineage.nodes[row["candidate"]]
        assert node.get("score") == (float(row["score"]) if row["score"] not in ("", "nan") else None)
        assert list(lineage.predecessors(row["candidate"])) == ([row["parent"]] if row["parent"] else [])


@pytest.mark.parametrize("scored", [True, False])
def test_csv_of_a_method_that_is_not_there_is_what_the_session_has(tmp_path, capsys, scored):
    recorder = Recorder(Header(method="telepathy"), tmp_path / "s.h5")
    if scored:
        recorder.candidate(to_bytes(SPACE.decode(SPACE.at(3))))
        recorder.score(0, 1.5, seconds=1.0, parameters=5, unit="nats")
    recorder.scalar("loss", 2.5, step=0)
    recorder.close()
    row = next(csv.DictReader(io.StringIO(said(capsys, "export", tmp_path / "s.h5", "--as", "csv", "--out", "-"))))
    assert (
        (row["score"], row["unit"]) == ("1.5", "nats") if scored else (row["series"], row["value"]) == ("loss", "2.5")
    )
