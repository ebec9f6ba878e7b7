"""The operations of one edge over time, as the Architecture weights panel shows them."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import theme as themes
from app.panels.header import Choice, tool
from app.panels.operations import Stage, colours
from app.panels.panel import Data
from app.plots.curves import Curve, CurvePlot, Upright
from app.plots.legend import Entry, Legend
from app.plots.numbers import grouped
from app.theme import Theme
from engine.space.operations import label

if TYPE_CHECKING:
    from engine.session import View


class Course(QWidget):
    """A curve for each operation that the edge carried, ending where it was dropped; dotted lines begin stages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.legend, self.plot = Legend(), CurvePlot()
        self.back, self.edge = tool("‹ map", "Back to the map of all edges"), Choice()
        self.edge.setToolTip("The edge that is shown")
        self._where: tuple[str, str] = ("", "")
        self._curves: list[Curve] = []
        self._times = np.empty(0)
        self.plot.hovered.connect(self._read)
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 4, 6, 0)
        strip.addWidget(self.back)
        strip.addWidget(self.edge)
        strip.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(strip)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; the next `show_edge` uses them."""
        self.theme = theme
        self.plot.set_theme(theme)

    def forget(self) -> None:
        """What is shown from now on is another session."""
        self.plot.forget()

    def show_edge(self, view: "View", stages: list[Stage], name: str) -> None:
        """Show the chosen edge of the cell called so."""
        header, rows = view.source.header, view.rows("weights")
        self.edge.offer(header.edges)
        self.edge.shorten(True)  # there are many
        cell, edge = header.cells.index(name), header.edges.index(self.edge.value)
        if self._where != (where := (header.cells[cell], header.edges[edge])):
            self.forget()
        self._where = where
        shares, steps = rows["values"][:, cell, edge, :].astype(float), rows["step"].astype(float)
        self._times = rows["time"]
        self._curves = []
        for place, colour in enumerate(colours(header.operations, self.theme)):
            absent = np.flatnonzero(~np.isfinite(shares[:, place]))
            stop = int(absent[0]) if len(absent) else len(rows)  # what is dropped never comes back
            if stop:
                name = label(header.operations[place])
                self._curves.append(Curve((where, name), name, colour, steps[:stop], shares[:stop, place]))
        whole = view.source.view().rows("weights")["step"]
        self.plot.draw(
            [curve for curve in self._curves if curve.name not in self.legend.hidden],
            extent=(float(whole[0]), float(whole[-1])),
            lines=[
                Upright(float(rows["step"][stage.row]), self.theme.muted, f"stage {number}")
                for number, stage in enumerate(stages[1:], 2)
            ],
            smoothing="off",
        )
        self._read(None)

    def data(self) -> Data:
        """What is shown, one row per operation and look."""
        found = []
        for curve in self.plot.shown():
            times = self._times[: len(curve.x)].tolist()
            for step, time, share in zip(curve.x.tolist(), times, curve.y.tolist(), strict=True):
                found.append((*self._where, curve.name, int(step), time, share))
        return ["cell", "edge", "operation", "step", "seconds", "share"], found

    def _read(self, point: QPointF | None) -> None:
        """Shares into the legend: at the mouse, or at the end; what was dropped by then has none."""
        x = None if point is None else point.x()
        self.plot.name_axes("count", "step" if x is None else f"step {grouped(max(0, round(x)))}", "number")
        last = max((float(curve.x[-1]) for curve in self._curves), default=0.0)
        entries = []
        for curve in self._curves:
            over = curve.x[-1] < (last if x is None else min(x, last))
            entries.append(Entry(curve.name, curve.colour, float("nan") if over else self.plot.reading(curve, x)))
        self.legend.show_entries("share", entries)
