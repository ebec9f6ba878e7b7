"""Answers that grow with the tables: curves of scalars, and the state of the population."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.session.queries.best import succeeded
from engine.session.schema import Rows
from engine.session.view import SessionSource, View

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One series of one candidate or of the search: row numbers in scalars, steps, times (s), values, equally long."""

    row: Integers
    step: Integers
    time: Floats
    value: Floats

    def __len__(self) -> int:
        return len(self.row)


_CURVE_TYPES: dict[str, type] = {"row": np.int64, "step": np.int64, "time": np.float64, "value": np.float64}
_NOTHING = Curve(**{name: np.empty(0, kind) for name, kind in _CURVE_TYPES.items()})


@dataclass(frozen=True)
class SeriesName:
    """A series: its number, name and unit."""

    number: int
    name: str
    unit: str


class SeriesFold:
    """Scalars sorted by (series, candidate), each row looked at once however often it is asked. For one thread."""

    def __init__(self, source: SessionSource) -> None:
        self.source = source
        self._seen = 0
        self._groups: dict[tuple[int, int], _Group] = {}

    def series(self, view: View, candidate: int = -1) -> list[SeriesName]:
        """The series that have a value for this candidate (-1: the search itself) in the view, by number."""
        self._update()
        found = []
        for number, row in enumerate(view.rows("series")):
            group = self._groups.get((number, candidate))
            if group is not None and len(group.curve(self.source, view.time)):
                found.append(SeriesName(number, view.text(row["name"]), view.text(row["unit"])))
        return found

    def curve(self, view: View, series: int, candidate: int = -1) -> Curve:
        """The values of one series (by number) for one candidate, up to the view's time; empty where there are none."""
        self._update()
        group = self._groups.get((series, candidate))
        return _NOTHING if group is None else group.curve(self.source, view.time)

    def named(self, view: View, name: str) -> Curve:
        """What the search itself has recorded under a name by then; empty where it has nothing."""
        return self.curve(view, next((series.number for series in self.series(view) if series.name == name), -1))

    def _update(self) -> None:
        array, length = self.source.tables["scalars"].published
        if length == self._seen:
            return
        new = array[self._seen : length]
        candidates = np.ascontiguousarray(new["candidate"])
        series = new["series"].astype(np.int64)
        order = np.lexsort((candidates, series))
        candidates, series = candidates[order], series[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(series) != 0) | (np.diff(candidates) != 0)])
        numbers = order + self._seen
        for start, stop in zip(starts, np.r_[starts[1:], len(order)], strict=True):
            key = (int(series[start]), int(candidates[start]))
            self._groups.setdefault(key, _Group()).add(numbers[start:stop])
        self._seen = length


class _Group:
    """The rows of one (series, candidate); their values are gathered when first asked for."""

    __slots__ = ("_columns", "_length", "_pending")

    def __init__(self) -> None:
        self._pending: list[Integers] = []
        self._length = 0
        self._columns: dict[str, npt.NDArray[Any]] = {}

    def add(self, numbers: Integers) -> None:
        self._pending.append(numbers)

    def curve(self, source: SessionSource, time: float) -> Curve:
        if self._pending:
            self._gather(source.tables["scalars"].published[0])
        columns = self._columns
        stop = int(np.searchsorted(columns["time"][: self._length], time, side="right"))
        return Curve(**{name: column[:stop] for name, column in columns.items()})

    def _gather(self, scalars: Rows) -> None:
        numbers = np.concatenate(self._pending)
        self._pending.clear()
        length = self._length + len(numbers)
        for name, kind in _CURVE_TYPES.items():
            column = self._columns.get(name, np.empty(0, kind))
            if length > len(column):
                longer: npt.NDArray[Any] = np.empty(max(length, 2 * len(column)), kind)
                longer[: self._length] = column[: self._length]
                self._columns[name] = column = longer
            column[self._length : length] = numbers if name == "row" else scalars[name][numbers]
        self._length = length


@dataclass(frozen=True)
class PopulationState:
    """Every candidate born by then, one element each, by candidate number. Times in seconds; NaN (or -1 in integers)
    where something has not happened. Alive: evaluated with success, and not dead. Cost: seconds of the evaluation,
    simulated where a benchmark says so, else measured. Reported: what a benchmark reports for it. Parameters and MACs
    may be 0: unknown."""

    candidate: Integers
    parent: Integers
    origin: npt.NDArray[np.uint8]
    birth: Floats
    score_time: Floats
    score: Floats
    outcome: Integers
    parameters: Integers
    macs: Integers
    cost: Floats
    reported: Floats
    death_time: Floats
    alive: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.candidate)

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Who was evaluated without success."""
        return ~np.isnan(self.score_time) & np.isnan(self.score)


def population(view: View) -> PopulationState:
    """The candidates at the view's time."""
    born, scores, deaths = view.rows("candidates"), view.rows("scores"), view.rows("deaths")
    measures = view.rows("measures")
    count = len(born)
    score_time, score, cost, reported, death_time = (np.full(count, np.nan) for _ in range(5))
    outcome, parameters, macs = (np.full(count, -1, np.int64) for _ in range(3))
    scored = scores["candidate"]
    score_time[scored] = scores["time"]
    score[scored] = np.where(succeeded(scores), scores["score"], np.nan)
    outcome[scored] = scores["outcome"]
    parameters[scored] = scores["parameters"]
    cost[scored] = scores["seconds"]
    simulated = measures[~np.isnan(measures["cost"])]
    cost[simulated["candidate"]] = simulated["cost"]
    macs[measures["candidate"]] = measures["macs"]
    reported[measures["candidate"]] = measures["reported"]
    death_time[deaths["candidate"]] = deaths["time"]
    return PopulationState(
        candidate=np.arange(count),
        parent=born["parent"].copy(),
        origin=born["origin"].copy(),
        birth=born["time"].copy(),
        score_time=score_time,
        score=score,
        outcome=outcome,
        parameters=parameters,
        macs=macs,
        cost=cost,
        reported=reported,
        death_time=death_time,
        alive=~np.isnan(score) & np.isnan(death_time),
    )
