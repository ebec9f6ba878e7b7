"""Many equal marks at once: discs, rings and crosses that keep their size while the plot is zoomed."""

from typing import Literal

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen, QPixmap

from app.plots.sight import InSight

Shape = Literal["disc", "ring", "cross"]


class Dots(InSight):
    """Marks of one shape, size (logical pixels) and colour. Twenty thousand are moved and drawn in a few milliseconds:
    pyqtgraph's own ScatterPlotItem keeps a style per point and needs ten times as long."""

    def __init__(self, shape: Shape, size: float) -> None:
        super().__init__()
        self._shape, self._size = shape, size
        self._colour = QColor("white")
        self._pixmap: QPixmap | None = None
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)
        self.x = self.y = np.empty(0)

    def set_colour(self, colour: str, opacity: float = 1.0) -> None:
        """The colour, as `#rrggbb`, and its opacity from 0 to 1."""
        wanted = QColor(colour)
        wanted.setAlphaF(opacity)
        if wanted != self._colour:
            self._colour = wanted
            self._pixmap = None
            self.update()

    def place(self, x: np.ndarray, y: np.ndarray) -> None:
        """Where the marks stand, in the plot's units."""
        self.prepareGeometryChange()
        self.x, self.y = np.asarray(x, float), np.asarray(y, float)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        # Only what is in sight, in pixels: Qt's raster engine crashes on NaN and on places far away.
        transform, sight = painter.worldTransform(), self.boundingRect()
        seen = (
            (self.x >= sight.left()) & (self.x <= sight.right()) & (self.y >= sight.top()) & (self.y <= sight.bottom())
        )
        x = self.x[seen] * transform.m11() + transform.dx()
        y = self.y[seen] * transform.m22() + transform.dy()
        painter.resetTransform()
        if painter.paintEngine().type() != QPaintEngine.Type.Raster:  # a drawing, such as SVG: lines, not pixels
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place in zip(x, y, strict=True):
                self._mark(painter, QPointF(*place))
            return
        if not len(x):
            return
        ratio = painter.device().devicePixelRatioF()
        if self._pixmap is None or self._pixmap.devicePixelRatio() != ratio:
            self._pixmap = self._stamp(ratio)
        fragments = self._fragments
        fragments.resize(len(x))
        table = fragments.ndarray()
        side = self._pixmap.width()
        # The columns of QPainter.PixmapFragment: place, source rectangle, scale x and y, rotation, opacity.
        table[:, 0], table[:, 1] = x, y
        table[:, 2:] = (0, 0, side, side, 1 / ratio, 1 / ratio, 0, 1)
        pointer, count = fragments.drawargs()
        painter.drawPixmapFragments(pointer, count, self._pixmap)

    def _stamp(self, ratio: float) -> QPixmap:
        side = int(np.ceil((self._size + 4) * ratio))
        pixmap = QPixmap(side, side)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._mark(painter, QPointF(side / ratio / 2, side / ratio / 2))
        painter.end()
        return pixmap

    def _mark(self, painter: QPainter, centre: QPointF) -> None:
        radius = self._size / 2
        if self._shape == "disc":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour)
            painter.drawEllipse(centre, radius, radius)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._colour, 1.6 if self._shape == "ring" else 1.2))
        if self._shape == "ring":
            painter.drawEllipse(centre, radius, radius)
        else:
            for slope in (1, -1):
                arm = QPointF(radius, slope * radius)
                painter.drawLine(centre - arm, centre + arm)
