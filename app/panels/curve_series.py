"""The numbers of a session as lines to draw: which belong together, what they are called, where they end."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.session import SessionSource, View
from engine.session.queries.best import best_rows, best_so_far, succeeded, unit_of_scores
from engine.session.queries.series import SeriesFold
from engine.session.schema import BEST_SCORE, EPOCH_SCORE, STAGE
from engine.words import named

KNOWN = ("accuracy", "loss", "score", "learning rate", "share", "entropy")
"""Quantities told by a series' name, in the order in which they are offered."""

BEST_EPOCH = "best (epoch)"
"""The best so far of a shared network's scores."""

_NUMBERS = ("step", "time", "value")

RECENT = 1200
"""So many of the last rows are looked through for learning curves of candidates."""


@dataclass(frozen=True)
class Group:
    """Series that share an axis: a quantity and its unit."""

    name: str
    unit: str
    series: tuple[tuple[int, str], ...]  # number and full name

    @property
    def axis(self) -> str:
        """What the axis is called: "accuracy, %"."""
        return named(self.name, self.unit if self.unit != self.name else "")


@dataclass(frozen=True, eq=False)
class Line:
    """Values of one series of one candidate (-1: the search itself); a "family" is the latest candidates' lines in one,
    separated by NaN."""

    key: Hashable
    name: str
    candidate: np.ndarray
    step: np.ndarray
    time: np.ndarray
    value: np.ndarray
    kind: Literal["curve", "family"] = "curve"


class SeriesBook:
    """Looks numbers up in one session. Every answer is made of the rows of the view handed in alone."""

    def __init__(self, source: SessionSource) -> None:
        self.source = source
        self._fold = SeriesFold(source)
        self._names: list[tuple[str, str]] = []

    def groups(self, view: View) -> dict[str, Group]:
        """The groups that have a series in the view, known quantities first, by name."""
        found: dict[str, list[tuple[int, str]]] = {}
        units: dict[str, str] = {}
        rows = view.rows("series")
        for number in range(len(self._names), len(rows)):
            self._names.append((view.text(rows[number]["name"]), view.text(rows[number]["unit"])))
        for number, (name, unit) in enumerate(self._names[: len(rows)]):
            quantity = next((known for known in KNOWN if known in name), unit or "other")
            found.setdefault(quantity, []).append((number, name))
            units.setdefault(quantity, unit)
        if len(view.rows("scores")):
            found.setdefault("score", [])
            units["score"] = unit_of_scores(view)
        order = [name for name in KNOWN if name in found] + [name for name in found if name not in KNOWN]
        return {name: Group(name, units[name], tuple(found[name])) for name in order}

    def default(self, view: View, groups: dict[str, Group]) -> str:
        """The group to begin with: the first in which the search itself has said something, else the first."""
        own = {series.number for series in self._fold.series(view)}
        said = (name for name, group in groups.items() if any(number in own for number, _ in group.series))
        return next(said, next(iter(groups)))

    def lines(self, view: View, group: Group, candidate: int = -1) -> list[Line]:
        """What the search itself, or one candidate's training, has said in this group."""
        found = []
        scored = candidate == -1 and len(view.rows("scores")) > 0
        for number, name in group.series:
            if scored and name == BEST_SCORE:  # which is asked of the scores themselves
                continue
            curve = self._fold.curve(view, number, candidate)
            if len(curve):
                who = np.broadcast_to(np.int64(candidate), len(curve))
                found.append(Line((number, candidate), short(name, group), who, curve.step, curve.time, curve.value))
        if candidate == -1:
            if group.name == "score":
                found = self._scores(view) + found
            found += self._best_epochs(view, found)
        return found

    def recent(self, view: View, group: Group) -> list[Line]:
        """The learning curves of the latest candidates, one family per series of the group."""
        rows = view.rows("scalars")[-RECENT:]
        families = []
        for number, full in group.series:
            own = rows[(rows["series"] == number) & (rows["candidate"] >= 0)]
            own = own[np.argsort(own["candidate"], kind="stable")]
            if len(own):
                breaks = np.flatnonzero(np.diff(own["candidate"])) + 1
                step, time, value = (np.insert(own[name].astype(float), breaks, np.nan) for name in _NUMBERS)
                who = np.insert(own["candidate"].astype(np.int64), breaks, -1)
                families.append(Line((number, "family"), short(full, group), who, step, time, value, "family"))
        return families

    def extent(self, group: Group, axis: Literal["step", "time"]) -> tuple[float, float] | None:
        """First and last step or time of the group in the whole session, whatever the view: replay keeps its room."""
        ends = [(x[0], x[-1]) for line in self.lines(self.source.view(), group) if len(x := getattr(line, axis))]
        return (float(min(end[0] for end in ends)), float(max(end[1] for end in ends))) if ends else None

    def _best_epochs(self, view: View, lines: list[Line]) -> list[Line]:
        """The best so far of what the search measures once an epoch, where it does; anew in each stage."""
        for line in lines:
            if line.name == short(EPOCH_SCORE, Group("accuracy", "%", ())):
                stages = next((each.number for each in self._fold.series(view) if each.name == STAGE), None)
                begun = np.empty(0)
                if stages is not None:
                    curve = self._fold.curve(view, stages)
                    begun = curve.step[1:][np.diff(curve.value) != 0]
                parts = np.split(line.value, np.searchsorted(line.step, begun))
                best = np.concatenate([_running_best(part) for part in parts])
                return [Line("best", BEST_EPOCH, line.candidate, line.step, line.time, best)]
        return []

    def _scores(self, view: View) -> list[Line]:
        rows = view.rows("scores")
        if not len(rows):
            return []
        order, who, time = np.arange(len(rows)), rows["candidate"], rows["time"]
        value = np.where(succeeded(rows), rows["score"], np.nan)
        lines = [Line("scores", "candidates", who, order, time, value)]
        best = best_rows(view)
        some = int(np.searchsorted(best, 0))  # before it there was none
        if some < len(best):
            lines.append(Line("best", "best", who[best[some:]], order[some:], time[some:], value[best[some:]]))
        return lines


def _running_best(values: np.ndarray) -> np.ndarray:
    place = np.array(best_so_far(values.tolist()), dtype=np.int64)
    return np.where(place >= 0, values[place], np.nan) if len(values) else values


def short(name: str, group: Group) -> str:
    """The name of a series without that of its group: "train accuracy" is "train"."""
    return " ".join(name.replace(group.name, " ").split()) or name
