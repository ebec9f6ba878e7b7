"""Points whose two coordinates ought to be equal, with the line on which they are."""

import numpy as np
from PySide6.QtWidgets import QWidget

from app.plots.labels import Labels
from app.plots.scatter import PointClass, ScatterPlot
from app.plots.segments import Segments
from app.theme import Theme


class IdentityPlot(ScatterPlot):
    """A scatter plot with the line y = x, named at its lower end."""

    def __init__(self, classes: tuple[PointClass, ...], parent: QWidget | None = None) -> None:
        self._line, self._note = Segments(), Labels()
        super().__init__(classes, parent)
        for depth, item in ((-1, self._line), (len(classes), self._note)):
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._line.set_colour(theme.muted, 0.7)
        self._note.set_colours(theme.muted, theme.surface)

    def draw_line(self, low: float, high: float, name: str) -> None:
        """The line from the point (low, low) to (high, high), if that is above it."""
        there = high > low
        self._line.place(np.array([[low, low, high, high]] if there else []))
        place = np.array([low + 0.1 * (high - low)] if there else [])
        self._note.place(place, place, (name,) * there)

    @property
    def line(self) -> tuple[float, float]:
        """Where the line begins and ends, in either coordinate."""
        ends = self._line.ends
        return (float(ends[0, 0]), float(ends[0, 2])) if len(ends) else (np.nan, np.nan)
