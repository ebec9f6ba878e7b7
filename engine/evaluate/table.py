"""A candidate's score, looked up in a benchmark table; and tables and sessions as something to compare with."""

import contextlib
import math
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.evaluate.evaluator import ENTRIES, SCORERS, BaseEvaluator, Outcome, Pulse, Report
from engine.plan.evaluators.table import SHIPPED, TableSettings
from engine.session import FORMS, BenchmarkTable, SessionError, falls, is_table, open_table, read
from engine.space.architecture import Architecture, from_bytes
from engine.space.decisions import OutsideSpace
from engine.space.spaces import Space

MISSING = Outcome(math.nan, 0.0, 0, "failed", "the table has no such architecture", cost=0.0)


@SCORERS.carries_out(TableSettings)
class TableEvaluator(BaseEvaluator):
    """Looks candidates up. What a table holds for one never changes, so it is looked up once.

    An entry without a score, as one whose training failed, is a failed candidate that costs what it says. Where a lower
    score is better, a candidate's is the negative of what the table holds, and its unit says so: "−val_loss".
    """

    travels = False  # it would take longer than looking up

    def __init__(
        self, settings: TableSettings, space: Space, dataset: object = None, device: object = None, seed: int = 0
    ) -> None:
        """Raises SessionError, in one line, for a file that is no table, or not of this space, or without a score."""
        table = matching(path_of(settings.file), space)
        score = table.column("score", settings.score)
        if score is None:
            known = f" out of {', '.join(table.columns)}" if table.columns else ""
            raise SessionError(
                f"{settings.file} does not say which column is the score; set evaluator.score to one{known}"
            )
        name = settings.score or table.roles["score"]
        told = settings.reported or table.roles.get("reported", "")
        minimise = _minimise(settings, table, name)
        self._table, self._score = table, -score if minimise else score
        self.unit = f"−{name}" if minimise else table.units.get(name, "")
        self.notes = table.notes
        if minimise:
            self.notes += (f"{name} is minimised: a candidate's score is its negative",)
        absent = np.full(len(score), math.nan)
        reported = _or(table.column("reported", settings.reported), absent)
        if told and falls(told) != falls(name):
            self.notes += (f"{told} is not reported: {name} is better in the other direction",)
            reported = absent
        self._reported = -reported if minimise else reported
        self._cost = _or(table.column("cost", settings.cost), absent)
        self._parameters = np.nan_to_num(_or(table.column("parameters"), np.zeros(len(score))))
        self._macs = np.nan_to_num(_or(table.column("macs"), np.zeros(len(score))))
        self._known: dict[Architecture, Outcome] = {}

    def evaluate(self, architecture: Architecture, candidate: int, report: Report, pulse: Pulse) -> Outcome:
        found = self._known.get(architecture)
        if found is None:
            found = self._known[architecture] = self._looked_up(architecture)
        return found

    def searched(self, space: Space) -> Space:
        """The part of the space that the table knows; all of it where it knows all."""
        ranks, all_of = known_of(self._table, space), f"{space.size():,} architectures"
        if len(ranks) == space.size():
            return space
        part = space.among(ranks)
        if not ranks:
            raise SessionError(f"the table knows none of the {all_of} of the space")
        if part is None:
            self.notes += (f"the table knows {len(ranks):,} of {all_of}; a candidate that it does not know fails",)
            return space
        self.notes += (f"the table knows {len(ranks):,} of {all_of}; the search stays among them",)
        return part

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


def path_of(file: str) -> Path:
    """The file that a plan names: one of the tables that the program ships, or any."""
    return Path(str(files("resources") / "tables" / f"{file}.h5")) if file in SHIPPED else Path(file).expanduser()


def _minimise(settings: TableSettings, table: BenchmarkTable, score: str) -> bool:
    """Whether a lower score is better. Raises SessionError where it seems so, and neither plan nor table says it."""
    if settings.objective != "table's":
        return settings.objective == "minimise"
    if score == table.roles.get("score") and table.minimise is not None:
        return table.minimise
    if falls(score):
        raise SessionError(f"of {score}, less seems to be better; set evaluator.objective to minimise or maximise")
    return False


def known_of(table: BenchmarkTable, space: Space) -> list[int]:
    """The numbers in `space` of the architectures that the table has, ascending."""
    if space.limits:  # numbers do not heed them
        space = msgspec.structs.replace(space, limits=())
    if space == table.space:
        return [int(rank) for rank in table.ranks]
    if space.size() <= len(table.ranks):
        members = ((rank, space.decode(space.at(rank))) for rank in range(space.size()))
        return [rank for rank, member in members if row_of(table, member) is not None]
    found = []
    for rank in table.ranks:
        with contextlib.suppress(OutsideSpace):
            found.append(space.rank(space.encode(table.space.decode(table.space.at(int(rank))))))
    return sorted(found)


def matching(path: Path, space: Space) -> BenchmarkTable:
    """The table in the file, which must be one for such a space; edits of the space do not matter.

    Raises SessionError, in one line.
    """
    table = open_table(path, space)
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
    if path.suffix.lower() in FORMS or is_table(path):
        table = matching(path, space)
        role = "reported" if "reported" in table.roles else "score"
        known = table.column(role)
        if known is None:
            raise SessionError(f"{path} does not say which column is the score")
        values = -known if falls(table.roles[role]) or (role == "score" and table.minimise) else known

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
