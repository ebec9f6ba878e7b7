"""Points in a few classes, of which a click picks the nearest."""

from dataclasses import dataclass

import numpy as np
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.plots.dots import Dots, Shape
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
            mark.setZValue(order)
            self.addItem(mark, ignoreBounds=True)
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
