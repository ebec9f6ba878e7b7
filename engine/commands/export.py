"""`export`: a session's architecture, plan or rows, for other programs."""

import argparse
import csv
import io
import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from engine.commands.show import add_at, notation, tell_missing
from engine.plan import METHODS
from engine.run import RunError
from engine.session import ORIGINS, OUTCOMES, View, read, summary
from engine.session.queries.ancestry import lineage_graph
from engine.session.queries.best import is_one_shot
from engine.space import graphml, notations
from engine.space.architecture import Architecture, from_bytes
from engine.space.former import recorded_plan

CANDIDATE_COLUMNS = (
    "candidate",
    "time",
    "parent",
    "origin",
    "change",
    "outcome",
    "score",
    "seconds",
    "parameters",
    "message",
    "died",
    "architecture",
    "macs",
    "cost",
    "reported",
    "unit",
)
SCALAR_COLUMNS = ("time", "step", "series", "unit", "value")


def add(commands: Any) -> None:
    """Add `export` to the command line."""
    parser = commands.add_parser(
        "export",
        help="write a session's architecture, plan or rows to a file",
        description="genotype: the derived or best architecture in its usual notation. toml: the plan, to `run` it "
        "again. csv: one row for each candidate (sampling methods) or each number of each curve (one-shot methods). "
        "graphml: the architecture as a graph, for programs that draw graphs. lineage: parents and children of all "
        "candidates, as GraphML, too.",
    )
    parser.add_argument("session", type=Path, metavar="SESSION.h5")
    parser.add_argument("--as", dest="form", choices=FORMS, required=True, help="what to write")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to; - for the standard output")
    add_at(parser)
    parser.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> int:
    view = read(options.session).view(options.at)
    text = FORMS[options.form](view)
    tell_missing(view.source.header.plan)
    if str(options.out) == "-":
        sys.stdout.write(text)
        return 0
    if options.out.exists() and options.out.samefile(options.session):
        raise RunError(f"{options.out} is the session itself; choose another name")
    _write(options.out, text)
    return 0


def _write(path: Path, text: str) -> None:
    """Write under a temporary name first, so that a failure leaves an older file as it was."""
    if path.is_dir():
        raise RunError(f"{path} is a folder; name a file in it")
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise RunError(f"{path}: cannot be written ({fault.strerror})") from fault


def _architecture(view: View) -> Architecture:
    architecture = summary(view).architecture
    if architecture is None:
        raise RunError(f"the session has no architecture yet at {view.time:.1f} s")
    return architecture


def _genotype(view: View) -> str:
    return notations.write(_architecture(view)) + "\n"


def _graphml(view: View) -> str:
    return graphml.write(_architecture(view))


def _lineage(view: View) -> str:
    if not len(view.rows("candidates")):
        raise RunError(f"the session has no candidates at {view.time:.1f} s, and nobody descends from anybody")
    return graphml.text_of(lineage_graph(view))


def _toml(view: View) -> str:
    return recorded_plan(view.source.header.plan)


def _csv(view: View) -> str:
    method = METHODS.get(view.source.header.method)  # None where a session is of a method that is not there
    if method.one_shot if method is not None else is_one_shot(view):
        return _table(SCALAR_COLUMNS, _scalars(view))
    return _table(CANDIDATE_COLUMNS, _candidates(view))


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _scalars(view: View) -> Iterable[Sequence[Any]]:
    series = [(view.text(row["name"]), view.text(row["unit"])) for row in view.rows("series")]
    for row in view.rows("scalars"):
        yield row["time"], row["step"], *series[row["series"]], row["value"]


def _candidates(view: View) -> Iterable[Sequence[Any]]:
    """One row each; what has not happened by then (score, death) is empty."""
    scores = {int(row["candidate"]): row for row in view.rows("scores")}
    deaths = {int(row["candidate"]): float(row["time"]) for row in view.rows("deaths")}
    measures = {int(row["candidate"]): row for row in view.rows("measures")}
    for number, row in enumerate(view.rows("candidates")):
        score = scores.get(number)
        scored: tuple[Any, ...] = ("", "", "", "", "")
        if score is not None:
            outcome, message = OUTCOMES[score["outcome"]], view.text(score["message"])
            scored = (outcome, score["score"], score["seconds"], score["parameters"], message)
        parent = "" if row["parent"] < 0 else row["parent"]
        architecture = notation(from_bytes(view.bytes(row["architecture"])))
        yield (
            *(number, row["time"], parent, ORIGINS[row["origin"]], view.text(row["change"])),
            *scored,
            deaths.get(number, ""),
            architecture,
            *_measured(measures.get(number)),
            view.text(score["unit"]) if score is not None else "",
        )


def _measured(row: Any) -> Sequence[Any]:
    """MACs, simulated seconds and what is reported; empty where they are not known."""
    if row is None:
        return "", "", ""
    return row["macs"] or "", *("" if math.isnan(row[name]) else row[name] for name in ("cost", "reported"))


FORMS = {"genotype": _genotype, "graphml": _graphml, "lineage": _lineage, "toml": _toml, "csv": _csv}
