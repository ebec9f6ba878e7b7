"""Shares of a whole as coloured bands, one above the other."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF


class Bands(pg.GraphicsObject):
    """Bands stacked from 0 upwards over a rising x."""

    def __init__(self) -> None:
        super().__init__()
        self.x = np.empty(0)
        self.tops = np.empty((0, 0))
        self._colours: list[QColor] = []

    def place(self, x: np.ndarray, heights: np.ndarray, colours: list[str]) -> None:
        """The heights (bands, places) at every x, the lowest band first, and a colour for each."""
        self.prepareGeometryChange()
        self.x = np.asarray(x, float)
        self.tops = np.vstack([np.zeros(len(x)), np.cumsum(heights, axis=0)])
        self._colours = [QColor(colour) for colour in colours]
        self.update()

    def boundingRect(self) -> QRectF:
        return self.viewRect()

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for low, high, colour in zip(self.tops[:-1], self.tops[1:], self._colours, strict=True):
            if len(self.x) and (high > low).any():
                edge = np.concatenate([np.column_stack([self.x, high]), np.column_stack([self.x, low])[::-1]])
                painter.setBrush(colour)
                painter.drawPolygon(QPolygonF([QPointF(*point) for point in edge.tolist()]))
