"""Curves under their legend, which says their values at the mouse or at their end, and hides those that are clicked."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.plots.axis import Kind
from app.plots.curve_plot import Curve, CurvePlot
from app.plots.legend import Entry, Legend
from app.theme import Theme
from app.widgets.layouts import packed
from engine.words import clock, grouped


class CurveChart(QWidget):
    """A legend above a plot; what else stands beside the plot goes into `row`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend, self.plot = Legend(), CurvePlot()
        self.curves: list[Curve] = []
        """All that there are, those included that the legend hides."""
        self._quantity, self._along = "", "step"
        self._kinds: tuple[Kind, Kind] = ("count", "number")
        self._ends = False
        self._options: dict[str, Any] = {}
        self.row = QHBoxLayout()
        self.row.setSpacing(0)
        self.row.addWidget(self.plot, 3)
        packed(QVBoxLayout(self), self.legend, self.row, grows=self.row)
        self.legend.toggled.connect(self._draw)
        self.plot.hovered.connect(self._read)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; curves have theirs from who draws them."""
        self.plot.set_theme(theme)

    def name_axes(self, x: Kind, along: str, y: Kind = "number") -> None:
        """How the values of both axes are written, and what curves are drawn along."""
        self._kinds, self._along = (x, y), along

    def show_curves(self, quantity: str, curves: Sequence[Curve], *, ends: bool = False, **options: Any) -> None:
        """Show these curves of a quantity, with the options of `CurvePlot.draw`. `ends`: a curve that is shorter than
        others has come to its end, and has no value from there on."""
        self._quantity, self.curves, self._ends, self._options = quantity, list(curves), ends, options
        self.plot.setAccessibleName(f"{quantity} along {self._along}")
        self._draw()

    def _draw(self) -> None:
        self.plot.draw([curve for curve in self.curves if curve.name not in self.legend.hidden], **self._options)
        self._read(None)

    def _read(self, point: QPointF | None) -> None:
        """Values into the legend: at the mouse, or at the end of what is drawn."""
        x = None if point is None else point.x()
        along, values = self._kinds
        place = "" if x is None else clock(x) if along == "clock" else grouped(max(0, round(x)))
        self.plot.name_axes(along, f"{self._along} {place}".strip(), values)
        entries = {
            curve.name: Entry(curve.name, curve.colour, self._value(curve, x), self.plot.smooths(curve))
            for curve in self.curves
        }
        self.legend.show_entries(self._quantity, tuple(entries.values()))

    def _value(self, curve: Curve, x: float | None) -> float:
        if self._ends:
            last = max(float(other.x[-1]) for other in self.curves)
            if curve.x[-1] < (last if x is None else min(x, last)):
                return float("nan")
        return self.plot.reading(curve, x)
