"""Every place that shows a best, a score or a count says the same of one session, at every moment of it."""

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.panels.benchmark_rank import BenchmarkRank
from app.panels.candidates import Candidates
from app.panels.cell import CellPanel
from app.panels.compare import Compare
from app.panels.curves import Curves
from app.panels.embedding import Embedding
from app.panels.front import Front
from app.panels.lineage import Lineage
from app.panels.population import Population
from app.panels.queue import Queue
from app.panels.surrogate import Surrogate
from app.window import status_text
from app.window.queue_controller import _ProgressReader, _run
from engine import commands
from engine.commands.run import Terminal
from engine.plan import dumps, override, preset
from engine.run.queue import Entry
from engine.session import Header, Recorder, View, read
from engine.space.architecture import to_bytes
from engine.space.nasbench201 import NasBench201Space
from engine.words import plain, score
from tests.engine.session.older import made_older

SPACE = NasBench201Space()
PANELS = (Population, Candidates, Curves, Compare, Front, Lineage, Embedding, Surrogate, BenchmarkRank)


@dataclass
class Case:
    """A search: its scores in the order of their arrival (None: failed), of which so many last ones are derived."""

    plan: str
    method: str
    scores: tuple[float | None, ...]
    unit: str = "%"
    derived: int = 0
    parents: bool = False
    learns: bool = False
    looks_up: bool = False
    epochs: tuple[float, ...] = field(default=())

    def best(self, count: int) -> tuple[int, float] | None:
        """The candidate and its score after so many evaluations, by ENAS's rule."""
        told = [(number, value) for number, value in enumerate(self.scores[:count]) if value is not None]
        drawn = [row for row in told if row[0] >= len(self.scores) - self.derived]
        return max(drawn or told, key=lambda row: row[1], default=None)


CASES = {
    "evolution": Case("evolution-digits", "evolution", (None, 90.0, 91.63, 91.63, None, 88.0), parents=True),
    "random": Case("random-digits", "random", (50.0, 49.0, 60.0)),
    "enas": Case("enas-micro-digits", "enas", (90.0, 70.0, 85.0, None, 78.0, 80.0, 79.0), derived=4),
    "proxy": Case("proxy-digits", "random", (38.2, None, 41.25, 12.0), unit=""),
    "nats": Case("random-nb201", "random", (-3.5, -1.25, -2.0), unit="nats", looks_up=True),
    "lookup": Case("evolution-nb201", "evolution", (70.0, 88.0, 80.0), looks_up=True, parents=True),
    "nao": Case("nao-nb201", "nao", (70.0, 90.0, 85.0, 91.0, 60.0), learns=True),
    "darts": Case("darts-digits", "darts", (), epochs=(61.04, 87.36, 80.0)),
}


def recorded(case: Case, path: Path) -> tuple[Path, list[float]]:
    """The session in a file, and the moments after each evaluation or epoch."""
    cells = {"cells": ("normal",), "edges": ("0→1",), "operations": ("none", "skip_connect")} if case.epochs else {}
    header = Header(plan=dumps(preset(case.plan)), method=case.method, space="nasbench201", **cells)
    recorder, moments, best = Recorder(header, path), [], -math.inf
    recorder.status("running")
    if case.looks_up:
        entries = np.zeros(9, [("searched", "f8"), ("reported", "f8"), ("cost", "f8"), ("parameters", "i8")])
        entries["searched"], entries["reported"] = np.linspace(-4, 95, 9), np.linspace(-4, 96, 9)
        recorder.benchmark(entries)
    for number, value in enumerate(case.scores):
        parent = number - 1 if case.parents else -1
        drawn = number >= len(case.scores) - case.derived
        origin = "derived" if drawn else "mutated" if parent >= 0 else "sampled"
        recorder.candidate(to_bytes(SPACE.decode(SPACE.at(100 + number))), parent=parent, origin=origin)
        if case.learns:
            recorder.prediction(number, 80.0, 0.5)
            recorder.point(b"{}", float(number), 0.0, candidate=number, predicted=80.0)
        failed = value is None
        known = {"reported": value + 1} if case.looks_up and not failed else {}
        recorder.evaluated(
            number,
            math.nan if failed else value,
            seconds=1.0,
            parameters=999_600,
            outcome="failed" if failed else "ok",
            message="too small" if failed else "",
            unit=case.unit,
            macs=10,
            **known,
        )
        if not failed:
            best = max(best, value)  # as older versions did it, whatever is derived
            recorder.scalar("best score", best, step=number, unit=case.unit)
        moments.append(recorder.end)
    for epoch, value in enumerate(case.epochs):
        recorder.scalar("validation accuracy (epoch)", value, step=10 * epoch + 9, unit="%")
        recorder.derived(to_bytes(SPACE.decode(SPACE.at(100 + epoch))), step=10 * epoch + 9)
        moments.append(recorder.end)
    recorder.progress(len(moments), len(moments), remaining=0.0)
    recorder.status("finished")
    recorder.close()
    return path, moments


OLD = ("enas", "proxy", "darts")
"""Which of them are also looked at in files of the formats of the past."""


@pytest.fixture(
    params=[*((name, 3) for name in CASES), *((name, version) for name in OLD for version in (2, 1))], ids=str
)
def session(request, tmp_path) -> tuple[Case, Path, list[float]]:
    """A case, its file in a format of the past or of today, and the moments at which it is looked at."""
    name, version = request.param
    path, moments = recorded(CASES[name], tmp_path / "s.h5")
    if version < 3:
        made_older(path, version)
    return CASES[name], path, moments


@pytest.fixture
def panels(qtbot) -> dict[type, object]:
    made = {kind: kind() for kind in (*PANELS, CellPanel)}
    for panel in made.values():
        qtbot.addWidget(panel)
        panel.resize(700, 400)
        panel.show()
    return made


def ringed(panel) -> list[int]:
    """The candidates that a plot marks as the best."""
    return panel.plot.shown("best")[0].tolist()


def told(panels: dict[type, object], view: View) -> Iterator[tuple[str, object, object]]:
    """What each panel that shows anything says: the panel, its best candidate (None: it names none), and the score in
    words, without its unit where that is said elsewhere."""
    for kind, panel in panels.items():
        panel.show_view(view, None)
        if kind is not CellPanel and panel.shown_sentence:
            continue
        name = kind.__name__
        if kind in (Population, Front, Lineage, Surrogate):
            yield name, ringed(panel), None
        if kind is Embedding:
            yield name, [int(view.rows("embedding")["candidate"][row]) for row in ringed(panel)], None
        if kind is Population:
            who, _, what = next(p for p in panel.said.split(" · ") if p.startswith("best ")).partition(" with ")
            yield f"{name} in words", [int(who.removeprefix("best #"))], what
        if kind is Candidates:
            model, good = panel.model, panel.theme.good
            marked = [
                row
                for row in range(model.rowCount())
                if model.index(row, 1).data(Qt.ItemDataRole.ForegroundRole).name() == good
            ]
            yield name, [model.candidate(row) for row in marked], None
        if kind is Curves:
            panel.choose("score" if len(view.rows("scores")) else "accuracy")
            lines = [value for name, _, _, _, value in panel.data()[1] if name in ("best", "best (epoch)")]
            yield name, None, lines[-1]
        if kind is Compare:
            yield f"{name}, curve", None, panel.data()[1][-1][3]
            yield f"{name}, list", None, panel.list.texts[0].rsplit(", ", 1)[1]
        if kind is BenchmarkRank:
            yield name, [int(panel.said.split()[1].removeprefix("#"))], panel.said.split(" with ")[1].split(",")[0]
        if kind is CellPanel and len(view.rows("candidates")):
            who, what, *_ = panel.caption.removeprefix("best so far: candidate #").split(" · ")
            yield name, [int(who)], what


def test_panels_agree_at_every_moment(session, panels) -> None:
    case, path, moments = session
    source = read(path)
    for count, moment in enumerate(moments, 1):
        view = source.view(moment)
        if case.epochs:
            answer = (None, max(case.epochs[:count]))
        elif (answer := case.best(count)) is None:
            continue
        candidate, value = answer
        places = {name: (who, what) for name, who, what in told(panels, view)}
        assert len(places) >= (1 if case.epochs else 8), places.keys()
        for name, (who, what) in places.items():
            assert who in (None, [candidate]), (name, count)
            if isinstance(what, float):
                assert what == value, (name, count)
            elif what is not None:
                assert what in (score(value, case.unit), score(value, case.unit, 2)), (name, count)
    expected = {"nao": {"Embedding", "Surrogate"}, "evolution": {"Lineage"}}
    assert expected.get(case.method, set()) <= places.keys() or case.looks_up


class Screen(io.StringIO):
    """A terminal, so to speak."""

    def isatty(self) -> bool:
        return True


@dataclass
class Ended:
    """What a terminal looks at: a search that has ended."""

    source: object
    state: str = "finished"


def output(capsys, *arguments: object) -> str:
    assert commands.main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def headless(capsys, case: Case, path: Path) -> dict[str, str]:
    """The best as each command and each line of the window outside the panels has it, in words."""
    view, plan = read(path).view(), preset(case.plan)
    shown = dict(line.split("  ", 1) for line in output(capsys, "show", path).splitlines())
    screen = Screen()
    Terminal(screen, plan).look(Ended(view.source))
    sight = _ProgressReader()
    sight.read([path])
    status = status_text.status(view.source, plan, "finished")
    return {
        "show": shown["best score"].strip().partition(", the shared network's")[0],
        "terminal": best_of(next(p for p in screen.getvalue().split(" · ") if p.startswith(("best ", "shared ")))),
        "status": best_of(status.split(" · ")[1]),
        "queue": queue_row(Entry(plan, path, "running"), sight.far[path]).removesuffix(" (shared)"),
    }


def best_of(words: str) -> str:
    """The best of "best 91.6 %", of "shared network 91.6 % after epoch 3", or of both."""
    words = words.rpartition("best ")[2].removeprefix("shared network ")
    return words.partition(" after ")[0]


def queue_row(entry: Entry, far: object) -> str:
    panel = Queue()
    panel.show_runs([_run(entry, "running", far)], "running")
    found = panel.model.values(0)[3]
    panel.deleteLater()
    return found


def test_commands_and_the_window_around_agree_with_them(session, capsys, qtbot, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    case, path, moments = session
    candidate, value = case.best(len(case.scores)) if case.scores else (None, max(case.epochs))
    found = json.loads(output(capsys, "show", path, "--json"))
    assert (found["best_candidate"], found["best_score"], found["unit"]) == (candidate, value, case.unit)
    assert found["evaluations"] == len(case.scores)
    for name, words in headless(capsys, case, path).items():
        assert plain(words) in {plain(score(value, case.unit, decimals)) for decimals in (1, 2)}, name
    for count, moment in enumerate(moments, 1):
        found = json.loads(output(capsys, "show", path, "--json", "--at", moment))
        expected = (None, max(case.epochs[:count])) if case.epochs else case.best(count) or (None, None)
        assert (found["best_candidate"], found["best_score"]) == expected
    rows = list(csv.DictReader(io.StringIO(output(capsys, "export", path, "--as", "csv", "--out", "-"))))
    if case.scores:
        assert [row["unit"] for row in rows] == [case.unit] * len(case.scores)
        assert [float(row["score"]) for row in rows] == pytest.approx(
            [math.nan if value is None else value for value in case.scores], nan_ok=True
        )


@pytest.mark.parametrize("version", [3, 2, 1])
def test_a_plain_number_has_no_percent_sign_anywhere(version, panels, tmp_path, capsys) -> None:
    path, _ = recorded(CASES["proxy"], tmp_path / "s.h5")
    if version < 3:
        made_older(path, version)
    source = read(path)
    for selection in (None, 0, 1, 2):
        for panel in panels.values():
            panel.show_view(source.view(), selection)
    panels[Curves].choose("score")
    words = [text for panel in panels.values() for text in texts(panel)]
    for panel in panels.values():
        names, rows = panel.data()
        words += [*names, *(str(cell) for row in rows for cell in row)]
    words += [
        status_text.status(source, preset("proxy-digits"), "finished"),
        *headless(capsys, CASES["proxy"], path).values(),
    ]
    words.append(output(capsys, "export", path, "--as", "csv", "--out", "-"))
    assert any("41.25" in text for text in words)
    assert [text for text in words if "%" in text] == []


def texts(panel) -> list[str]:
    """All that stands in a panel, but for its explanation."""
    found = [label.text() for label in panel.findChildren(QLabel) if label.text() != panel.about]
    model = getattr(panel, "model", None)
    if model is not None:
        columns = range(model.columnCount())
        found += [str(model.headerData(column, Qt.Orientation.Horizontal)) for column in columns]
        found += [str(model.index(row, column).data()) for row in range(model.rowCount()) for column in columns]
    return found + [getattr(panel, name) for name in ("said", "caption") if hasattr(panel, name)]


@pytest.mark.parametrize(("parameters", "words"), [(999_600, "1.00 M"), (9_960_000, "9.96 M"), (480, "480")])
def test_parameters_read_the_same_everywhere(parameters, words, qtbot) -> None:
    recorder = Recorder(Header(), None)
    recorder.candidate(b"{}")
    recorder.score(0, 50.0, seconds=1, parameters=parameters)
    population, candidates, front = Population(), Candidates(), Front()
    for panel in (population, candidates, front):
        qtbot.addWidget(panel)
        panel.show()
        panel.show_view(recorder.view(), 0 if panel is population else None)
    assert f"{words} parameters" in plain(population.said)
    assert plain(candidates.model.index(0, 2).data()) == words
    assert f"from {words} parameters" in plain(front.said)


def test_parameters_name_the_network_that_they_are_counted_in(qtbot) -> None:
    plan = override(preset("random-digits"), ["evaluator.channels=6", "evaluator.layers=4"])
    recorder = Recorder(Header(plan=dumps(plan)), None)
    recorder.candidate(b"{}")
    recorder.evaluated(0, 50.0, seconds=1, parameters=11_110, macs=10)
    population, front = Population(), Front()
    for panel in (population, front):
        qtbot.addWidget(panel)
        panel.show()
        panel.show_view(recorder.view(), 0)
        assert "11.1 k parameters (6 channels, 4 cells)" in plain(panel.said)
    assert front.quantity.text() == "score, % against parameters (6 channels, 4 cells)"
    assert population.quantity.text() == "score, %"
    population._axis.choose("MACs")
    population.redraw()
    assert population.quantity.text() == "score, % against MACs (6 channels, 4 cells)"
