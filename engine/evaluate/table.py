"""A candidate's score, looked up in a benchmark table; and tables and sessions as something to compare with."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.evaluate.evaluator import ENTRIES, SCORERS, BaseEvaluator, Outcome, Pulse, Report
from engine.plan.evaluators.table import TableSettings
from engine.session import BenchmarkTable, SessionError, is_table, open_table, read
from engine.space.architecture import Architecture, from_bytes
from engine.space.decisions import OutsideSpace
from engine.space.spaces import Space

MISSING = Outcome(math.nan, 0.0, 0, "failed", "the table has no such architecture", cost=0.0)


@SCORERS.carries_out(TableSettings)
class TableEvaluator(BaseEvaluator):
    """Looks candidates up. What a table holds for one never changes, so it is looked up once.

    An entry without a score, as one whose training failed, is a failed candidate that costs what it says.
    """

    travels = False  # it would take longer than looking up

    def __init__(
        self, settings: TableSettings, space: Space, dataset: object = None, device: object = None, seed: int = 0
    ) -> None:
        """Raises SessionError, in one line, for a file that is no table, or not of this space, or without a score."""
        table = matching(Path(settings.file).expanduser(), space)
        score = table.column("score", settings.score)
        if score is None:
            raise SessionError(f"{settings.file} does not say which column is the score; set evaluator.score to one")
        self._table, self._score = table, score
        self.unit = table.units.get(settings.score or table.roles["score"], "")
        absent = np.full(len(score), math.nan)
        self._reported = _or(table.column("reported", settings.reported), absent)
        self._cost = _or(table.column("cost", settings.cost), absent)
        self._parameters = _or(table.column("parameters"), np.zeros(len(score)))
        self._macs = _or(table.column("macs"), np.zeros(len(score)))
        self._known: dict[Architecture, Outcome] = {}

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        found = self._known.get(architecture)
        if found is None:
            found = self._known[architecture] = self._looked_up(architecture)
        return found

    def entries(self) -> npt.NDArray[Any]:
        found = np.empty(len(self._score), ENTRIES)
        found["searched"], found["reported"] = self._score, self._reported
        found["cost"], found["parameters"] = self._cost, self._parameters
        return found

    def _looked_up(self, architecture: Architecture) -> Outcome:
        row = row_of(self._table, architecture)
        if row is None:
            return MISSING
        score = float(self._score[row])
        failed = math.isnan(score)
        return Outcome(
            score=score,
            seconds=0.0,
            parameters=int(self._parameters[row]),
            outcome="failed" if failed else "ok",
            message="the table has no score for it" if failed else "",
            macs=int(self._macs[row]),
            cost=float(self._cost[row]),
            reported=float(self._reported[row]),
        )


def matching(path: Path, space: Space) -> BenchmarkTable:
    """The table in the file, which must be one for such a space; edits of the space do not matter.

    Raises SessionError, in one line.
    """
    table = open_table(path)
    try:
        table.space.encode(space.example())
    except OutsideSpace as fault:
        held = table.space.title
        raise SessionError(f"{path} is a table of {held}, and the plan searches {space.title} ({fault})") from None
    return table


def row_of(table: BenchmarkTable, architecture: Architecture) -> int | None:
    """The entry of an architecture; None where the table has none."""
    try:
        return table.row(table.space.rank(table.space.encode(architecture)))
    except OutsideSpace:
        return None


def comparison(path: Path, space: Space) -> Callable[[Architecture], float]:
    """What is known elsewhere of architectures: a table's reported values or, without any, its scores; or the scores of
    another session, of equal graphs the last one. NaN for those that are not known.

    Raises SessionError, in one line, or OSError.
    """
    if path.suffix == ".npz" or is_table(path):
        table = matching(path, space)
        known = table.column("reported") if "reported" in table.roles else table.column("score")
        if known is None:
            raise SessionError(f"{path} does not say which column is the score")
        values = known

        def looked_up(architecture: Architecture) -> float:
            row = row_of(table, architecture)
            return math.nan if row is None else float(values[row])

        return looked_up
    view = read(path).view()
    candidates = view.rows("candidates")["architecture"]
    scores = {
        space.canonical(from_bytes(view.bytes(candidates[row["candidate"]]))): float(row["score"])
        for row in view.rows("scores")
        if not math.isnan(row["score"])
    }
    return lambda architecture: scores.get(space.canonical(architecture), math.nan)


def _or(column: npt.NDArray[np.float64] | None, otherwise: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The column, or what stands for one that there is not."""
    return otherwise if column is None else column
