"""Points in a few classes, of which a click picks the nearest; and what panels make of them.

`IdentityPlot` has the line on which both coordinates are equal, `PathsPlot` colours along a scale and paths that lead
from points, `FrontPlot` the stairs of a front and the area below it.
"""

from dataclasses import dataclass

import numpy as np
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.plots.heatmap import ColourScale, colour_of
from app.plots.marks import Areas, Dots, Labels, Segments, Shape
from app.plots.plot import Plot
from app.theme import Theme

_WITHIN = 40
"""How far from a point, in pixels, a click still means it."""


_CROWD = 1000
"""So many points of a class are told apart at their full opacity."""


@dataclass(frozen=True)
class PointClass:
    """How the points of one class look: the theme's colour by name, and its opacity. Later classes lie on top."""

    name: str
    shape: Shape
    size: float
    colour: str
    opacity: float = 1.0


class ScatterPlot(Plot):
    """Points by class. `picked` carries the number (as handed in) of the point nearest to a click, or None for none."""

    picked = Signal(object)

    def __init__(self, classes: tuple[PointClass, ...], parent: QWidget | None = None) -> None:
        self._classes = classes
        self._marks = {kind.name: Dots(kind.shape, kind.size) for kind in classes}
        self._numbers = {kind.name: np.empty(0, np.int64) for kind in classes}
        super().__init__(parent)
        for order, mark in enumerate(self._marks.values()):
            self.add(order, mark)
        self.scene().sigMouseClicked.connect(self._clicked)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for kind in self._classes:
            self._colour(kind)

    def place(self, name: str, numbers: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
        """Where the points of one class stand, and what number each goes by."""
        self._numbers[name] = numbers
        self._marks[name].place(x, y)
        self._colour(next(kind for kind in self._classes if kind.name == name))

    def shown(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Numbers, x and y of the points of a class as they are on screen."""
        mark = self._marks[name]
        return self._numbers[name], mark.x, mark.y

    def nearest(self, place: QPointF) -> int | None:
        """The number of the point nearest to a place in the plot's units, as the eye measures distance."""
        best, least = None, float(_WITHIN**2)
        width, height = self.box.viewPixelSize()
        for numbers, x, y in map(self.shown, self._marks):
            if len(numbers):
                distance = ((x - place.x()) / width) ** 2 + ((y - place.y()) / height) ** 2
                index = int(np.argmin(distance))
                if distance[index] < least:
                    best, least = int(numbers[index]), float(distance[index])
        return best

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go from point to point, in the order of the lower axis."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._step(step):
            super().keyPressEvent(event)

    def _step(self, step: int) -> bool:
        """Pick the next point to the right (1) or to the left (-1) of the selected one; whether there is any."""
        numbers, x, _ = (np.concatenate(parts) for parts in zip(*map(self.shown, self._marks), strict=True))
        order = list(dict.fromkeys(numbers[np.lexsort((numbers, x))].tolist()))
        if not order:
            return False
        selected = self._numbers.get("selected", numbers[:0])
        at = order.index(int(selected[0])) if len(selected) else -1 if step > 0 else len(order)
        place = at + step
        self.picked.emit(order[min(max(place, 0), len(order) - 1)])
        return True

    def _colour(self, kind: PointClass) -> None:
        """A class in its colour; in a crowd its points become fainter, so that it is seen where they are many."""
        crowd = max(1.0, len(self._numbers[kind.name]) / _CROWD) ** 0.5
        self._marks[kind.name].set_colour(self.theme.named(kind.colour), round(kind.opacity / crowd, 2))

    def _clicked(self, event: MouseClickEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or event.double():
            return
        if self.box.sceneBoundingRect().contains(event.scenePos()):
            self.picked.emit(self.nearest(self.box.mapSceneToView(event.scenePos())))
            event.accept()


class IdentityPlot(ScatterPlot):
    """A scatter plot with the line y = x, named at its lower end."""

    def __init__(self, classes: tuple[PointClass, ...], parent: QWidget | None = None) -> None:
        self._line, self._note = Segments(), Labels()
        super().__init__(classes, parent)
        self.add(-1, self._line)
        self.add(len(classes), self._note)

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


LEVELS = 16
"""Colours that the scale is made of."""


def colour_on(theme: Theme, share: float) -> QColor:
    """The colour for a position on the scale, from 0 to 1: uniform to the eye, and the higher the more it stands out
    from the theme's ground, so bright on a dark one and dark on a light one."""
    share = min(max(share, 0.0), 1.0)
    return colour_of(0.22 + 0.78 * share if theme.dark else 0.8 * (1 - share))


class GroundScale(ColourScale):
    """What the colours of points mean."""

    def colour(self, share: float) -> QColor:
        return colour_on(self.theme, share)


@dataclass(frozen=True)
class _Level(PointClass):
    """A class whose colour is a place on the scale, from 0 to 1."""

    place: float = 0.0


class PathsPlot(ScatterPlot):
    """Points of the classes handed in; discs by level, from 0 to LEVELS - 1, above `below` and under `above` them; and
    lines under all."""

    def __init__(
        self,
        below: tuple[PointClass, ...],
        above: tuple[PointClass, ...],
        shape: Shape = "disc",
        size: float = 8,
        parent: QWidget | None = None,
    ) -> None:
        self._paths, self._strong = Segments(), Segments(2)
        levels = tuple(_Level(f"level {n}", shape, size, "text", place=n / (LEVELS - 1)) for n in range(LEVELS))
        super().__init__((*below, *levels, *above), parent)
        self.add(-2, self._paths)
        self.add(-1, self._strong)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._paths.set_colour(theme.muted, 0.4)
        self._strong.set_colour(theme.accent)

    def place_levels(self, numbers: np.ndarray, x: np.ndarray, y: np.ndarray, share: np.ndarray) -> None:
        """Where the coloured points stand, what number each goes by, and its place on the scale."""
        level = np.clip(np.round(share * (LEVELS - 1)), 0, LEVELS - 1).astype(np.int64)
        for number in range(LEVELS):
            mine = level == number
            self.place(f"level {number}", numbers[mine], x[mine], y[mine])

    def draw_paths(self, ends: np.ndarray, strong: np.ndarray) -> None:
        """Lines (number, 4) from point to point; those of which `strong` is true stand out."""
        self._paths.place(ends[~strong])
        self._strong.place(ends[strong])

    @property
    def coloured(self) -> dict[int, int]:
        """The level of every coloured point, by its number."""
        return {who: level for level in range(LEVELS) for who in self.shown(f"level {level}")[0].tolist()}

    @property
    def paths(self) -> tuple[np.ndarray, np.ndarray]:
        """The lines on screen: the quiet ones, and those that stand out."""
        return self._paths.ends, self._strong.ends

    def _colour(self, kind: PointClass) -> None:
        if isinstance(kind, _Level):
            self._marks[kind.name].set_colour(colour_on(self.theme, kind.place).name())
        else:
            super()._colour(kind)


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
        for depth, item in enumerate((self._area, self._frame, self._stairs, self._mark), -3):
            self.add(depth, item)
        self.add(len(classes), self._note)

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
