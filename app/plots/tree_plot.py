"""Points joined to those they come from, and shares of a whole as coloured bands, one above the other."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from app.plots.marks import Areas, Labels, Segments, between
from app.plots.plot import Plot
from app.plots.scatter import PointClass, ScatterPlot
from app.theme import Theme


class Bands(Areas):
    """Bands stacked from 0 upwards over a rising x."""

    def __init__(self) -> None:
        super().__init__()
        self.x = np.empty(0)
        self.tops = np.empty((0, 0))

    def stack(self, x: np.ndarray, heights: np.ndarray, colours: list[str]) -> None:
        """The heights (bands, places) at every x, the lowest band first, and a colour for each."""
        self.x = np.asarray(x, float)
        self.tops = np.vstack([np.zeros(len(x)), np.cumsum(heights, axis=0)])
        self.place(
            [between(self.x, low, high) for low, high in zip(self.tops[:-1], self.tops[1:], strict=True)], colours
        )


ROOM = 9000
"""So many square pixels a label should have to itself: where there are more points, only the line is labelled."""

_CROWD = 500  # so many edges of a class are drawn at their full strength


class TreePlot(ScatterPlot):
    """A scatter plot whose points have parents. `text` says what is written beside a point (by its number)."""

    def __init__(self, classes: tuple[PointClass, ...], kinds: Sequence[str], parent: QWidget | None = None) -> None:
        """`kinds`: for each kind of edge the name of its colour."""
        self._edges = [Segments() for _ in kinds]
        self._kinds = tuple(kinds)
        self._line, self._changes = Segments(2.2), Segments()
        self._labels = Labels()
        self._x = self._y = np.empty(0)
        self._path, self._told = np.empty(0, np.int64), False
        self.text: Callable[[int], str] = lambda number: ""
        super().__init__(classes, parent)
        self.add(-2, *self._edges)
        self.add(-3, self._changes)
        self.add(-1, self._line)
        self.add(len(classes), self._labels)
        for changed in (self.box.sigRangeChanged, self.box.sigResized):
            changed.connect(self._label)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._line.set_colour(theme.text, 0.9)
        self._changes.set_colour(theme.line)
        self._labels.set_colours(theme.text, theme.surface)
        self._colour_edges()

    def grow(self, x: np.ndarray, y: np.ndarray, parent: np.ndarray, kind: np.ndarray) -> None:
        """Where every point stands (NaN: nowhere), the place of its parent (-1: none), and the kind of its edge."""
        self._x, self._y = x, y
        for number, item in enumerate(self._edges):
            mine = np.flatnonzero((kind == number) & (parent >= 0))
            item.place(np.column_stack([x[parent[mine]], y[parent[mine]], x[mine], y[mine]]))
        self._colour_edges()

    def trace(self, path: np.ndarray, told: bool) -> None:
        """Let the line through these points stand out, from the youngest upwards; `told`: with its labels."""
        self._path, self._told = path, told
        points = np.column_stack([self._x[path], self._y[path]])
        points = points[~np.isnan(points).any(axis=1)]
        self._line.place(np.hstack([points[:-1], points[1:]]))
        self._label()

    def mark(self, places: np.ndarray) -> None:
        """Vertical lines at these x."""
        far = np.full(len(places), 1e9)
        self._changes.place(np.column_stack([places, -far, places, far]))

    @property
    def edges(self) -> int:
        """How many edges are drawn."""
        return sum(len(item.ends) for item in self._edges)

    @property
    def line(self) -> np.ndarray:
        """The points of the line that stands out."""
        return self._path

    @property
    def written(self) -> list[str]:
        """The labels that found room when they were last painted."""
        return self._labels.shown

    def _label(self, *_: object) -> None:
        left, right, low, high = self.sight()
        seen = (self._x >= left) & (self._x <= right) & (self._y >= low) & (self._y <= high)
        most = int(self.box.width() * self.box.height() / ROOM)
        numbers = self._path[seen[self._path]] if len(self._path) else self._path
        if seen.sum() <= most:
            numbers = np.concatenate([numbers, np.setdiff1d(np.flatnonzero(seen), numbers)])
        else:
            numbers = numbers[: most if self._told else 0]
        self._labels.place(self._x[numbers], self._y[numbers], [self.text(int(number)) for number in numbers])

    def _colour_edges(self) -> None:
        for name, item in zip(self._kinds, self._edges, strict=True):
            crowd = max(1.0, len(item.ends) / _CROWD) ** 0.5
            item.set_colour(self.theme.named(name), 0.7 / crowd)


class SharesPlot(Plot):
    """Bands from 0 to 1 under a tree, along the same x."""

    def __init__(self, above: Plot, parent: QWidget | None = None) -> None:
        self.bands, self._changes = Bands(), Segments()
        super().__init__(parent)
        self.addItem(self.bands, ignoreBounds=True)
        self.addItem(self._changes, ignoreBounds=True)
        self.box.setXLink(above.box)
        self.box.setMouseEnabled(x=True, y=False)
        self.box.setYRange(0, 1, padding=0)
        self.left.silent = True
        self.bottom.hide()
        self.getPlotItem().layout.setContentsMargins(2, 0, 12, 4)
        self.setFixedHeight(46)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._changes.set_colour(theme.text)

    def mark(self, places: np.ndarray) -> None:
        """Vertical lines at these x."""
        self._changes.place(np.column_stack([places, np.zeros(len(places)), places, np.ones(len(places))]))
