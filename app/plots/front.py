"""Points with the stairs of their front, the area below it, and the corner that the area is measured from."""

import numpy as np
from PySide6.QtWidgets import QWidget

from app.plots.area import Areas
from app.plots.dots import Dots
from app.plots.labels import Labels
from app.plots.scatter import PointClass, ScatterPlot
from app.plots.segments import Segments
from app.theme import Theme

_AREA = 0.09


class FrontPlot(ScatterPlot):
    """A scatter plot in which low x and high y are good."""

    def __init__(self, classes: tuple[PointClass, ...], parent: QWidget | None = None) -> None:
        self._stairs, self._frame, self._note = Segments(2), Segments(), Labels()
        self._area, self._mark = Areas(), Dots("cross", 8)
        self.stairs = np.empty((0, 2))
        self.reference: tuple[float, float] | None = None
        """Where the corner stands, if it does."""
        super().__init__(classes, parent)
        for depth, item in (
            (-3, self._area),
            (-2, self._frame),
            (-1, self._stairs),
            (0, self._mark),
            (len(classes), self._note),
        ):
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._stairs.set_colour(theme.accent)
        self._frame.set_colour(theme.line)
        self._mark.set_colour(theme.muted)
        self._note.set_colours(theme.muted, theme.surface)
        self._area.place(self._area.outlines, [theme.accent] * len(self._area.outlines), _AREA)

    def draw_front(self, x: np.ndarray, y: np.ndarray, reference: tuple[float, float] | None) -> None:
        """Stairs through points of rising x and y, and the corner (x, y) that is worse than what counts."""
        self.reference = reference
        if reference is None or not len(x):
            self.stairs = np.empty((0, 2))
            self._mark.place(np.empty(0), np.empty(0))
            self._note.place(np.empty(0), np.empty(0), ())
        else:
            right = max(float(reference[0]), float(x[-1]))
            low = min(float(reference[1]), float(y[0]))
            self.stairs = np.column_stack([np.repeat(np.append(x, right), 2)[:-1], np.repeat(np.append(low, y), 2)[1:]])
            corner = np.array([reference])
            self._mark.place(corner[:, 0], corner[:, 1])
            self._note.place(corner[:, 0], corner[:, 1], ("reference",))
        self._stairs.place(np.hstack([self.stairs[:-1], self.stairs[1:]]))
        corners = self._dominated(x, y)
        self._area.place([np.array(corners)] if corners else [], [self.theme.accent] * bool(corners), _AREA)
        self._frame.place(np.empty((0, 4)) if reference is None else _corner(reference, x, y))

    def _dominated(self, x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
        """The corners of the area between the front and the reference point."""
        if self.reference is None:
            return []
        right, low = self.reference
        counts = (x < right) & (y > low)
        x, y = x[counts], y[counts]
        if not len(x):
            return []
        steps = np.column_stack([np.repeat(np.append(x, right), 2)[1:-1], np.repeat(y, 2)])
        return [(float(x[0]), low), *map(tuple, steps.tolist()), (right, low)]


def _corner(reference: tuple[float, float], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two lines from the reference point along which the area ends."""
    right, low = reference
    left, top = (float(x.min()), float(y.max())) if len(x) else reference
    return np.array([[min(left, right), low, right, low], [right, low, right, max(top, low)]])
