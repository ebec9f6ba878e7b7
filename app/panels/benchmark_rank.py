"""Where a search stands in the benchmark that its scores are looked up in."""

import math

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.candidate_label import DescribedPanel
from app.panels.split_view import SplitView
from app.plots.axis import Kind
from app.plots.curve_plot import Curve, CurvePlot
from app.plots.distribution import Flag, HistogramPlot
from app.widgets.labels import label
from app.widgets.layouts import packed, stacked
from app.widgets.panel import Data
from engine.session import View
from engine.session.queries.best import Course, course, unit_of_scores
from engine.words import NB, grouped, named, score

AXES: dict[str, Kind] = {"evaluations": "count", "simulated seconds": "amount"}
TAIL = 0.05
"""So large a share of the entries, the worst, is out of sight at first."""


class BenchmarkRank(DescribedPanel):
    """The distribution of all entries with the best so far and the optimum; beside it the regret as it falls."""

    name = "standing"
    title = "Standing"
    dock = ("curves", 3)
    order = 9
    shortcut = "Ctrl+9"
    about = (
        "The whole benchmark, every architecture of the space once, by what is reported for it after full training. "
        "The search sees only the cheaper score that it looks up, and is judged by what is reported for the candidate "
        "it holds to be the best; blue bars are still better than that. Regret is the distance to the optimum: look "
        "how soon it falls, and whether it rises, since the cheap score may mislead "
        "(Dong and Yang 2020, NAS-Bench-201; Ying et al. 2019, NAS-Bench-101)."
    )
    reads = ("benchmark", "candidates", "scores", "measures", "series")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._course: Course | None = None
        self._values = np.empty(0)  # of all entries, rising
        self._entries: tuple[int, ...] = ()
        self._regret = self._found = np.empty(0)
        self._log = self.menu.addAction("Logarithmic regret", self.redraw)
        self._log.setCheckable(True)
        self.histogram, self.plot = HistogramPlot(), CurvePlot()
        tips = {"simulated seconds": "What the evaluations would have taken"}
        self._axis = self.add_choice(tuple(AXES), tips, self.plot)
        self.plot.hovered.connect(self._read)
        self._names = label("", "small"), label("", "small")
        for name in self._names:
            name.setContentsMargins(10, 6, 0, 0)
        left = stacked(self._names[0], self.histogram, grows=self.histogram)
        self.sides = SplitView(left, stacked(self._names[1], self.plot, grows=self.plot))
        packed(QVBoxLayout(self.body), self.sides, self.line, grows=self.sides)
        self.themed += (self.histogram, self.plot)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None or not len(view.rows("benchmark")):
            return (
                "Where a search stands in a whole benchmark will appear here, when its scores are looked up in a table."
            )
        if not len(view.rows("scores")):
            return "The first candidate is being looked up."
        return ""

    def draw(self, view: View, selection: int | None) -> None:
        told = self._tell(view)
        best = float(self._found[-1])
        low, high = float(np.quantile(self._values, TAIL)), float(self._values[-1])
        air = 0.04 * (high - low) or 0.5
        self.histogram.draw(self._values, (low - air, high + air), best)
        unit = unit_of_scores(view)
        flags = [Flag(high, f"optimum {score(high, unit, 2)}", self.theme.good)]
        if not np.isnan(best):
            flags.append(Flag(best, f"best so far {score(best, unit, 2)}", self.theme.warning))
        self.histogram.flag(flags)
        self.histogram.name_axes("number", "", "count")
        self._names[0].setText(named(f"entries by {told} score", unit))
        self._names[1].setText(named("regret", unit.removeprefix("−")))  # a difference has no direction
        self._draw_regret(view)
        self._read(None)

    def _tell(self, view: View) -> str:
        """Take in what is known at the view's time; returns which of the table's scores counts."""
        self._course = course(view)
        rows = view.rows("benchmark")
        told = "reported" if not np.isnan(rows["reported"]).all() else "searched"
        stamp = view.stamp("benchmark")
        if stamp != self._entries:
            values = rows[told]
            self._entries, self._values = stamp, np.sort(values[~np.isnan(values)])
        self._found = self._course.reported if told == "reported" else self._course.score
        self._regret = float(self._values[-1]) - self._found
        return told

    def _draw_regret(self, view: View) -> None:
        whole = course(view.source.view())
        x, extent = self._along(self._course), self._along(whole)
        known = ~np.isnan(self._regret)
        curve = Curve("regret", "regret", self.theme.accent, x[known], self._regret[known], "steps")
        log = self._log.isChecked()
        self.plot.draw([curve], extent=(0.0, float(extent[-1])), log=log)
        self.plot.name_axes(AXES[self._axis.value], self._axis.value, "log" if log else "number")

    def _along(self, steps: Course | None) -> np.ndarray:
        """The place of every evaluation along the chosen axis."""
        if steps is None:
            return np.empty(0)
        return steps.spent if self._axis.value == "simulated seconds" else np.arange(1.0, len(steps) + 1)

    def data(self) -> Data:
        steps = self._course
        if self.shown_sentence or steps is None:
            return [], []
        numbers = np.arange(1, len(steps) + 1)
        shares = 100 * self._beaten(self._found)
        columns = (numbers, steps.spent, steps.best, steps.score, self._found, self._regret, shares)
        rows = [
            tuple("" if value != value or (place == 2 and value < 0) else value for place, value in enumerate(row))
            for row in zip(*(column.tolist() for column in columns), strict=True)
        ]
        return ["evaluations", "simulated seconds", "best", "score", "reported", "regret", "better than, %"], rows

    def _beaten(self, found: np.ndarray) -> np.ndarray:
        """The share of all entries that each of these scores is better than."""
        shares = np.searchsorted(self._values, found, side="left") / len(self._values)
        return np.where(np.isnan(found), np.nan, shares)

    def _read(self, point: QPointF | None) -> None:
        """How the search stood at the mouse, or stands at the end of what is drawn."""
        steps, view = self._course, self.view
        if steps is None or view is None or not len(steps):
            return
        x = self._along(steps)
        place = len(x) - 1 if point is None else int(np.searchsorted(x, point.x(), side="right")) - 1
        if place < 0 or steps.best[place] < 0:
            self.line.show_text("No candidate has been scored with success yet.")
            return
        found, unit, count = float(self._found[place]), unit_of_scores(view), len(self._values)
        rank = count - int(np.searchsorted(self._values, found, side="right")) + 1
        share = _floored(100 * float(self._beaten(self._found[place : place + 1])[0]))
        when = f"after {grouped(place + 1)} evaluations: " if point is not None else ""
        held = score(float(steps.score[place]), unit, 2)
        self.line.show_text(
            f"{when}best #{steps.best[place]} with {held}, reported {score(found, unit, 2)} · "
            f"better than {share}{NB}% of {grouped(count)}, rank {grouped(rank)} · "
            f"regret {float(self._regret[place]):.2f}"
        )


def _floored(share: float) -> str:
    """A percentage rounded down, so that only what beats everything beats 100 %; finer near the top."""
    places = 1 if share < 99 else 2
    return f"{math.floor(share * 10**places) / 10**places:.{places}f}"
