"""Many straight lines at once, such as the edges of a tree."""

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.plots.sight import InSight

FEW = 2000
"""Up to so many lines in sight are drawn smooth."""


class Segments(InSight):
    """Lines of one colour and width (logical pixels), cut to what is in sight: tens of thousands are drawn in a few
    milliseconds, where one path of all of them takes ten times as long."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self._colour, self._width = QColor("white"), width
        self._lines = PrimitiveArray(QLineF, 4)
        self.ends = np.empty((0, 4))

    def set_colour(self, colour: str, opacity: float = 1.0) -> None:
        """The colour, as `#rrggbb`, and its opacity from 0 to 1."""
        self._colour = QColor(colour)
        self._colour.setAlphaF(opacity)
        self.update()

    def place(self, ends: np.ndarray) -> None:
        """The lines: (number, 4), x and y of one end and of the other, in the plot's units; NaN leaves a line out."""
        self.prepareGeometryChange()
        self.ends = np.asarray(ends, float).reshape(-1, 4)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        if not len(self.ends):
            return
        transform, sight = painter.worldTransform(), self.boundingRect()
        lines = clipped(self.ends, sight.left(), sight.top(), sight.right(), sight.bottom())
        scale, shift = (transform.m11(), transform.m22()), (transform.dx(), transform.dy())
        lines = lines * (scale + scale) + (shift + shift)
        if not len(lines):
            return
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(lines) <= FEW)
        cap = Qt.PenCapStyle.RoundCap if self._width > 1 else Qt.PenCapStyle.FlatCap  # which closes corners
        painter.setPen(QPen(self._colour, self._width, Qt.PenStyle.SolidLine, cap))
        self._lines.resize(len(lines))
        self._lines.ndarray()[:] = lines
        painter.drawLines(*self._lines.drawargs())


def stairs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The lines that hold each value until another one comes: (number, 4)."""
    new = np.concatenate([[True], np.diff(y) != 0])[: len(y)]
    new[-1:] = True  # many short lines in a row would show where they meet
    x, y = x[new], y[new]
    points = np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])
    return np.hstack([points[:-1], points[1:]])


def clipped(ends: np.ndarray, left: float, low: float, right: float, high: float) -> np.ndarray:
    """The parts of lines (number, 4) that lie within a rectangle; those outside it, or with a NaN, are left out.

    Liang and Barsky 1984, A New Concept and Method for Line Clipping, all lines at once.
    """
    ends = ends[~np.isnan(ends).any(axis=1)]
    start, reach = ends[:, :2], ends[:, 2:] - ends[:, :2]
    enter, leave = np.zeros(len(ends)), np.ones(len(ends))
    for axis, (least, most) in enumerate(((left, right), (low, high))):
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (least - start[:, axis]) / reach[:, axis], (most - start[:, axis]) / reach[:, axis]
        still = reach[:, axis] == 0
        inside = (start[:, axis] >= least) & (start[:, axis] <= most)
        enter = np.where(still, np.where(inside, enter, np.inf), np.maximum(enter, np.minimum(one, other)))
        leave = np.where(still, leave, np.minimum(leave, np.maximum(one, other)))
    seen = enter <= leave
    start, reach, enter, leave = start[seen], reach[seen], enter[seen, None], leave[seen, None]
    return np.hstack([start + enter * reach, start + leave * reach])
