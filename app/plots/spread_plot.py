"""Medians as stepped lines within their quartiles."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from app.plots.marks import Areas, Segments, between, stairs
from app.plots.plot import Plot, padded
from app.theme import Theme

_AREA = 0.18
EARLY = 0.1
"""What is lower than where everything stood after so large a share of the axis may run out of sight..."""
FEW = 50
"""... where there are more places than this."""


@dataclass(frozen=True, eq=False)
class Band:
    """Values of one group over a rising x, each held until the next."""

    key: Hashable
    name: str
    colour: str
    x: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


class SpreadPlot(Plot):
    """Draws the bands it is handed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bands: tuple[Band, ...] = ()
        self._items: list[tuple[Areas, Segments]] = []
        self._hover = pg.InfiniteLine(angle=90, movable=False)
        super().__init__(parent)
        self._hover.hide()
        self.addItem(self._hover, ignoreBounds=True)
        self.hovered.connect(self._point_at)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._hover.setPen(pg.mkPen(theme.line))

    def draw(self, bands: Sequence[Band]) -> None:
        """Show these bands and no others."""
        self._bands = tuple(band for band in bands if len(band.x))
        while len(self._items) < len(self._bands):
            self._add()
        for number, (area, line) in enumerate(self._items):
            there = number < len(self._bands)
            area.setVisible(there)
            line.setVisible(there)
            if there:
                self._place(self._bands[number], area, line)
        if self._bands:
            self.frame(*self._room())

    @property
    def shown(self) -> tuple[Band, ...]:
        """The bands on screen."""
        return self._bands

    def _add(self) -> None:
        area, line = Areas(), Segments(2)
        area.setZValue(0)
        line.setZValue(1)
        for item in (area, line):
            self.addItem(item, ignoreBounds=True)
        self._items.append((area, line))

    def _place(self, band: Band, area: Areas, line: Segments) -> None:
        x = np.repeat(band.x, 2)[1:]
        low, high = (np.repeat(values, 2)[:-1] for values in (band.low, band.high))
        area.place([between(x, low, high)], [band.colour], _AREA)
        line.place(stairs(band.x, band.middle))
        line.set_colour(band.colour)

    def _room(self) -> tuple[float, float, float, float]:
        left, right = min(band.x[0] for band in self._bands), max(band.x[-1] for band in self._bands)
        settled = left + EARLY * (right - left) if max(len(band.x) for band in self._bands) > FEW else left
        lows = [band.low[min(np.searchsorted(band.x, settled), len(band.x) - 1)] for band in self._bands]
        highs = [band.high.max() for band in self._bands]
        return (*padded(float(left), float(right), 0.01), *padded(float(min(lows)), float(max(highs)), 0.08))

    def _point_at(self, point: QPointF | None) -> None:
        self._hover.setVisible(point is not None)
        if point is not None:
            self._hover.setValue(point.x())


def reading(band: Band, x: float | None) -> float:
    """The median at x (None: at the end); NaN before the first."""
    place = len(band.x) - 1 if x is None else int(np.searchsorted(band.x, x, side="right")) - 1
    return float(band.middle[place]) if place >= 0 else float("nan")
