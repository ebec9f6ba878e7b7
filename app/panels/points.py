"""What panels of candidates as points have in common: the plot, the line below it, hovering and clicking."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.panels.candidate_label import DescribedPanel
from app.panels.candidate_text import score_name
from app.plots.plot import padded
from app.plots.scatter import PointClass, ScatterPlot
from app.widgets.labels import ElidedLabel
from app.widgets.layouts import packed
from app.widgets.panel import Panel
from engine.session import View
from engine.session.queries.best import best, succeeded
from engine.session.queries.series import PopulationState, population
from engine.words import grouped

LEFT_OUT = PointClass("left out", "disc", 4, "muted", 0.16)
"""Candidates that a filter does not keep: a shadow of the others."""


class FilterNote(QToolButton):
    """How many candidates a panel's filter keeps, where there is one; a click shows all again."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self.setToolTip("Show all candidates again")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: panel.filter_chosen.emit(None))
        self.hide()

    def kept(self, view: View) -> np.ndarray:
        """Which candidates of the view the filter keeps, by number, once that is said."""
        wanted = self._panel.wanted
        self.setVisible(wanted is not None)
        if wanted is None:
            return np.ones(len(view.rows("candidates")), bool)
        kept = wanted.kept(view)
        self.setText(f"filtered: {grouped(int(kept.sum()))} of {grouped(len(kept))}  ✕")
        return kept


class PointsPanel(DescribedPanel):
    """A scatter plot of candidates under the name of its upward quantity. A click selects; the line below says who is
    near the mouse, else who is selected, else `summary`."""

    def __init__(self, plot: ScatterPlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: PopulationState | None = None
        self._stamp: tuple[int, ...] = ()
        self.plot = plot
        self.plot.picked.connect(self.selected)
        self.plot.hovered.connect(self._hover)
        self.themed.append(self.plot)
        self.quantity = ElidedLabel(role="small")
        self.against = ""  # parameters or MACs along the other axis, and the network that has them
        self.quantity.setContentsMargins(10, 6, 0, 0)
        self.narrowed = FilterNote(self)
        self.kept = self.narrowed.kept
        self.above = QWidget()
        packed(QHBoxLayout(self.above), self.quantity, self.narrowed, grows=self.quantity)
        self.column = packed(QVBoxLayout(self.body), self.above, self.plot, self.line, grows=self.plot)

    # -- for subclasses

    def summary(self) -> str:
        """How things stand, in one or two lines, while nobody is selected."""
        return ""

    def more(self, number: int) -> str:
        """What else to say of a candidate."""
        return ""

    def state(self, view: View) -> PopulationState:
        """The candidates of the view; made once for each."""
        stamp = view.stamp("candidates", "scores", "deaths", "measures")
        if self._state is None or stamp != self._stamp:
            self._state, self._stamp = population(view), stamp
        return self._state

    def describe(self) -> None:
        """Name the upward quantity, and put the selected candidate (or all of them) in words."""
        if self.view is not None:
            against = f" against {self.against}" if "(" in self.against else ""
            self.quantity.setText(f"{score_name(self.view)}{against}")
            self._describe(self.selection)

    # -- within

    def _describe(self, number: int | None) -> None:
        if self.view is None or self._state is None:
            return
        if number is None:
            self.line.show_text(self.summary())
        else:
            self.line.show_candidate(self.view, number, self.more(number))

    def _hover(self, point: QPointF | None) -> None:
        near = None if point is None else self.plot.nearest(point)
        self._describe(self.selection if near is None else near)


def chosen(selection: int | None, shown: np.ndarray) -> np.ndarray:
    """The selected candidate as an array of numbers: empty where there is none, or where it is not shown."""
    there = selection is not None and 0 <= selection < len(shown) and bool(shown[selection])
    return np.array([selection] if there else [], np.int64)


def best_of(view: View, shown: np.ndarray) -> np.ndarray:
    """The best candidate so far as an array of numbers: empty while there is none, or where it is not shown."""
    found = best(view)
    return chosen(None if found is None else found.candidate, shown)


def score_room(view: View) -> tuple[float, float, float]:
    """Bottom and top of all scores of the whole session, the same at every moment of a replay, and the height at which
    failures stand below them."""
    scores = view.source.view().rows("scores")
    good = scores["score"][succeeded(scores)]
    low, high = padded(float(good.min()), float(good.max()), 0.1) if len(good) else (0.0, 1.0)
    if len(good) == len(scores):
        return low, high, low
    air = 0.1 * (high - low)
    return low - air, high, low - air / 2
