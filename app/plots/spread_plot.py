"""Medians as stepped lines within their quartiles."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtWidgets import QWidget

from app.plots.marks import Areas, Segments, between, stairs
from app.plots.plot import RulerPlot, padded

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


class SpreadPlot(RulerPlot):
    """Draws the bands it is handed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bands: tuple[Band, ...] = ()
        self._items: list[tuple[Areas, Segments]] = []
        super().__init__(parent)

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
        self.add(0, area)
        self.add(1, line)
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


def reading(band: Band, x: float | None) -> float:
    """The median at x (None: at the end); NaN before the first."""
    place = len(band.x) - 1 if x is None else int(np.searchsorted(band.x, x, side="right")) - 1
    return float(band.middle[place]) if place >= 0 else float("nan")
