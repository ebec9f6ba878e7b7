"""All candidates as points: how good each was, when it was born, whether it lives."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.panels.header import Choice
from app.panels.panel import Data, Panel
from app.panels.words import candidate_words
from app.plots.numbers import grouped, percent
from app.plots.plot import padded
from app.plots.scatter import PointClass, ScatterPlot
from app.theme import Theme
from engine.session.folds import PopulationState, population

if TYPE_CHECKING:
    from engine.session import View

CLASSES = (
    PointClass("dead", "disc", 5, "muted", 0.55),
    PointClass("failed", "cross", 6, "bad", 0.9),
    PointClass("alive", "disc", 6, "accent"),
    PointClass("best", "ring", 11, "warning"),
    PointClass("selected", "ring", 15, "text"),
)


class Population(Panel):
    """Score against birth order or time; a click selects, and the line below says who it is."""

    title = "Population"
    about = (
        "Every candidate is a point: its score against its birth. Alive ones are in colour, dead ones grey, failed "
        "ones crosses at the bottom; the best is ringed. In ageing evolution the oldest dies, not the worst: look "
        "whether the whole cloud rises, not only its top, and whether it beats random search by more than the scatter "
        "(Real et al. 2019, Regularized Evolution)."
    )
    reads = ("candidates", "scores", "deaths")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: PopulationState | None = None
        self._stamp: tuple[int, ...] = ()
        self._axis = Choice(("birth order", "time"))
        self._axis.changed.connect(self._change_axis)
        self.header.add(self._axis)
        self.plot = ScatterPlot(CLASSES)
        self.plot.picked.connect(self.selected)
        self.plot.hovered.connect(self._hover)
        self.line = QLabel()
        self.line.setTextFormat(Qt.TextFormat.RichText)
        self.line.setWordWrap(True)
        self.line.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.line.setContentsMargins(10, 4, 10, 8)
        self.line.setFixedHeight(2 * self.line.fontMetrics().lineSpacing() + 12)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        quantity = QLabel("score, %")
        quantity.setProperty("role", "small")
        quantity.setContentsMargins(10, 6, 0, 0)
        layout.addWidget(quantity)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.line)
        self.set_theme(self.theme)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self.redraw()

    def empty(self, view: "View | None") -> str:
        if view is None:
            return "The candidates of a search will appear here as points, the better the higher."
        if view.source.header.cells and not len(view.rows("candidates")):
            return "This method has no population; see Architecture weights."
        if not len(view.rows("scores")):
            return "The first candidate is being evaluated; it will appear here with its score."
        return ""

    def draw(self, view: "View", selection: int | None) -> None:
        stamp = view.stamp(*self.reads)
        if stamp != self._stamp or self._state is None:
            self._state, self._stamp = population(view), stamp
        state = self._state
        time = self._axis.value == "time"
        left, right, low, high, bottom = self._room(view, time)
        x = state.birth if time else state.candidate.astype(float)
        scored = ~np.isnan(state.score)
        failed = ~np.isnan(state.score_time) & ~scored
        y = np.where(failed, bottom, state.score)
        best = np.zeros(0, np.int64) if not scored.any() else np.array([np.nanargmax(state.score)])
        shown = selection is not None and selection < len(state) and not np.isnan(y[selection])
        for name, numbers in (
            ("dead", np.flatnonzero(scored & ~state.alive)),
            ("failed", np.flatnonzero(failed)),
            ("alive", np.flatnonzero(state.alive)),
            ("best", best),
            ("selected", np.array([selection] if shown else [], np.int64)),
        ):
            self.plot.place(name, numbers, x[numbers], y[numbers])
        self.plot.name_axes("clock" if time else "count", self._axis.value, "number")
        self.plot.frame(left, right, low, high)
        self._say(selection)

    def _room(self, view: "View", time: bool) -> tuple[float, float, float, float, float]:
        """Left, right, bottom and top of everything the whole session holds, and where failures stand: the same at
        every moment of a replay."""
        whole = view.source.view()
        born, scores = whole.rows("candidates"), whole.rows("scores")["score"]
        right = float(born["time"][-1]) if time else float(len(born) - 1)
        left, right = padded(float(born["time"][0]) if time else 0.0, right, 0.02)
        good = scores[~np.isnan(scores)]
        low, high = padded(float(good.min()), float(good.max()), 0.1) if len(good) else (0.0, 1.0)
        if len(good) == len(scores):
            return left, right, low, high, low
        air = 0.1 * (high - low)
        return left, right, low - air, high, low - air / 2

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = []
        for kind in ("dead", "failed", "alive"):
            for number, x, y in zip(*(part.tolist() for part in self.plot.shown(kind)), strict=True):
                rows.append((number, kind, x, "" if kind == "failed" else y))
        return ["candidate", "state", self._axis.value, "score"], sorted(rows, key=lambda row: row[0])

    @property
    def said(self) -> str:
        """The line below the points, as plain text."""
        return self._plain

    def _say(self, number: int | None) -> None:
        """Put a candidate in words, or how many there are."""
        if self.view is None or self._state is None:
            return
        text, muted = self.theme.text, self.theme.muted
        who, change, fate = candidate_words(self.view, number) if number is not None else (self._summary(), "", "")
        self._plain = (f"{who}: {change}" if change else who) + (f" · {fate}" if fate else "")
        middle = f': <span style="color:{text}">{escape(change)}</span>' if change else ""
        end = f" · {fate}" if fate else ""
        html = f'<span style="color:{muted}">{escape(who)}{middle}{end}</span>'
        if html != self.line.text():
            self.line.setText(html)

    def _summary(self) -> str:
        state = self._state
        if state is None:
            return ""
        scored, failed = int((~np.isnan(state.score)).sum()), int((state.outcome > 0).sum())
        parts = [f"{grouped(scored)} scored", f"{grouped(int(state.alive.sum()))} alive"]
        if failed:
            parts.append(f"{grouped(failed)} failed")
        if scored:
            best = int(np.nanargmax(state.score))
            parts.append(f"best #{best} with {percent(float(state.score[best]))}")
        return " · ".join(parts)

    def _hover(self, point: QPointF | None) -> None:
        near = None if point is None else self.plot.nearest(point)
        self._say(self.selection if near is None else near)

    def _change_axis(self, _: str) -> None:
        self.plot.zoomed = False
        self.redraw()
