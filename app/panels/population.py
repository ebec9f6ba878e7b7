"""All candidates as points: how good each was, when it was born, what it cost, whether it lives."""

import numpy as np
from PySide6.QtWidgets import QWidget

from app.panels.candidate_text import counted_in
from app.panels.points import PointsPanel, best_of, chosen, score_room
from app.plots.axis import Kind
from app.plots.plot import padded
from app.plots.scatter import PointClass, ScatterPlot
from app.widgets.panel import Data
from engine.session import View
from engine.session.queries.best import best
from engine.session.queries.series import PopulationState, population
from engine.words import grouped, score

CLASSES = (
    PointClass("dead", "disc", 5, "muted", 0.55),
    PointClass("failed", "cross", 6, "bad", 0.9),
    PointClass("alive", "disc", 6, "accent"),
    PointClass("best", "ring", 11, "warning"),
    PointClass("selected", "ring", 15, "text"),
)
AXES: dict[str, Kind] = {
    "birth order": "count",
    "time": "clock",
    "seconds": "number",
    "age": "count",
    "parameters": "amount",
    "MACs": "amount",
}
"""What scores are drawn against, and how its values are written."""

TIPS = {
    "birth order": "Score against the number of the candidate",
    "time": "Score against the moment of birth",
    "seconds": "Score against the duration of the evaluation, simulated where a benchmark is looked up",
    "age": "Score against the candidates born since: until now, or until it died",
    "parameters": "Score against trained weights, of the network that the search builds",
    "MACs": "Score against multiply-accumulates for one image",
}


class Population(PointsPanel):
    """Score against birth order, time, cost, age or size; a click selects, and the line below says who it is."""

    name = "population"
    title = "Population"
    dock = ("candidates", 1)
    opens = "sampling"
    order = 3
    shortcut = "Ctrl+3"
    about = (
        "Every candidate is a point: its score against its birth, age, cost or size. Alive ones are in colour, dead "
        "ones grey, failed ones crosses at the bottom; the best is ringed. In ageing evolution the oldest dies, not "
        "the worst: look whether the whole cloud rises, not only its top, and whether it beats random search by more "
        "than the scatter (Real et al. 2019, Regularized Evolution)."
    )
    reads = ("candidates", "scores", "deaths", "measures", "series")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(ScatterPlot(CLASSES), parent)
        self._axis = self.add_choice(tuple(AXES), TIPS, self.plot)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "The candidates of a search will appear here as points, the better the higher."
        if view.source.header.cells and not len(view.rows("candidates")):
            return "This method has no population; see Architecture weights."
        if not len(view.rows("scores")):
            return "The first candidate is being evaluated; it will appear here with its score."
        axis = self._axis.value
        if axis in ("parameters", "MACs") and not (places(self.state(view), axis) > 0).any():
            return f"No {axis} are recorded for these candidates; choose another axis."
        return ""

    def draw(self, view: View, selection: int | None) -> None:
        state, axis = self.state(view), self._axis.value
        low, high, bottom = score_room(view)
        x = places(state, axis)
        failed = state.failed
        y = np.where(failed, bottom, state.score)
        there = ~(np.isnan(x) | np.isnan(y))
        good = there & ~failed
        for name, numbers in (
            ("dead", np.flatnonzero(good & ~state.alive)),
            ("failed", np.flatnonzero(there & failed)),
            ("alive", np.flatnonzero(good & state.alive)),
            ("best", best_of(view, good)),
            ("selected", chosen(selection, there)),
        ):
            self.plot.place(name, numbers, x[numbers], y[numbers])
        self.plot.name_axes(AXES[axis], axis, "number")
        self.against = counted_in(view, axis)
        self.plot.frame(*self._width(view, axis), low, high)
        self.describe()

    def _width(self, view: View, axis: str) -> tuple[float, float]:
        """Left and right of the whole session, the same at every moment of a replay."""
        whole = view.source.view()
        x = places(self.state(view) if view.time >= whole.time else population(whole), axis)
        x = x[~np.isnan(x)]
        if not len(x):
            return 0.0, 1.0
        return padded(0.0 if axis in ("birth order", "age") else float(x.min()), float(x.max()), 0.02)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = []
        for kind in ("dead", "failed", "alive"):
            for number, x, y in zip(*(part.tolist() for part in self.plot.shown(kind)), strict=True):
                rows.append((number, kind, x, "" if kind == "failed" else y))
        return ["candidate", "state", self._axis.value, "score"], sorted(rows, key=lambda row: row[0])

    def summary(self) -> str:
        state, view = self._state, self.view
        if state is None or view is None:
            return ""
        scored, failed = int((~np.isnan(state.score)).sum()), int(state.failed.sum())
        parts = [f"{grouped(scored)} scored", f"{grouped(int(state.alive.sum()))} alive"]
        if failed:
            parts.append(f"{grouped(failed)} failed")
        if (found := best(view)) is not None:
            parts.append(f"best #{found.candidate} with {score(found.score, found.unit)}")
        return " · ".join(parts)


def places(state: PopulationState, axis: str) -> np.ndarray:
    """Where each candidate stands along an axis; NaN where that is not known."""
    numbers = state.candidate.astype(float)
    if axis == "age":
        dead = ~np.isnan(state.death_time)
        until = np.searchsorted(state.birth, np.where(dead, state.death_time, np.inf), side="right")
        return until - 1.0 - numbers
    sizes = {"parameters": state.parameters, "MACs": state.macs}
    if axis in sizes:
        return np.where(sizes[axis] > 0, sizes[axis].astype(float), np.nan)
    return {"time": state.birth, "seconds": state.cost}.get(axis, numbers)
