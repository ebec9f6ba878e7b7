"""Filled outlines, cut to what is in sight."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPolygonF

from app.plots.sight import InSight


class Areas(InSight):
    """Outlines filled with a colour each, the first ones lowest."""

    def __init__(self) -> None:
        super().__init__()
        self.outlines: tuple[np.ndarray, ...] = ()
        self._colours: list[QColor] = []

    def place(self, outlines: Sequence[np.ndarray], colours: Sequence[str], opacity: float = 1.0) -> None:
        """The corners of each outline, (number, 2), in the plot's units, and its colour."""
        self.prepareGeometryChange()
        self.outlines = tuple(outlines)
        self._colours = [QColor(colour) for colour in colours]
        for colour in self._colours:
            colour.setAlphaF(opacity)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        sight = QPolygonF(self.boundingRect())
        drawing = painter.paintEngine().type() != QPaintEngine.Type.Raster  # such as SVG, which knows no clipping
        for outline, colour in zip(self.outlines, self._colours, strict=True):
            polygon = QPolygonF([QPointF(*point) for point in outline.tolist()])
            painter.setBrush(colour)
            painter.drawPolygon(polygon.intersected(sight) if drawing else polygon)


def between(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The outline of what lies between two curves over the same x."""
    return np.concatenate([np.column_stack([x, high]), np.column_stack([x, low])[::-1]])
