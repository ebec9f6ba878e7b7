"""Rows of colours over steps, such as how sure a controller is of each of its decisions: names left, words right."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme as themes
from app.plots.heatmap import colour_of
from app.theme import Theme

ROW = 17
"""Least height of a row in pixels: one line of small text."""
TALL = 34
"""Greatest height of a row."""
_GAP = 8
_MOST = 0.34
"""Share of the width that the names, or the words, may take."""
_KEYS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class Stripes(QWidget):
    """Values from 0 to `high`, one row per name and one column per step; what is not known (NaN) is blank.

    The mouse or the arrow keys point at a cell: `pointed` carries (row, column) or None.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.values = np.empty((0, 0))
        self.high = 1.0
        self.names: tuple[str, ...] = ()
        self.words: tuple[str, ...] = ()
        self.under: tuple[int, int] | None = None
        self._image: QImage | None = None
        self._font = themes.font(themes.SMALL)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; those of the values are the same in all."""
        self.theme = theme
        self.update()

    def show_values(self, values: np.ndarray, names: Sequence[str], words: Sequence[str], high: float) -> None:
        """Show `values` (rows x columns), the names of the rows, and what is said of each at its right end."""
        self.values, self.names, self.words, self.high = values, tuple(names), tuple(words), high
        self._image = None
        self.setMinimumHeight(ROW * len(self.names))
        if self.under is not None and not (self.under[0] < values.shape[0] and self.under[1] < values.shape[1]):
            self._point_at(None)
        self.update()

    def area(self) -> QRectF:
        """Where the colours are."""
        left, right = self._side(self.names), self._side(self.words)
        height = min(float(self.height()), TALL * max(1.0, float(len(self.names))))
        return QRectF(left, 0, max(1.0, self.width() - left - right), height)

    def centre(self, row: int, column: int) -> QPointF:
        """The middle of a cell in the widget."""
        area, (rows, columns) = self.area(), self.values.shape
        x = area.left() + (column + 0.5) * area.width() / columns
        return QPointF(x, area.top() + (row + 0.5) * area.height() / rows)

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell at a place in the widget."""
        area, (rows, columns) = self.area(), self.values.shape
        if not area.contains(place) or not rows or not columns:
            return None
        row = int((place.y() - area.top()) / area.height() * rows)
        column = int((place.x() - area.left()) / area.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def _side(self, texts: Sequence[str]) -> float:
        widest = max(map(QFontMetricsF(self._font).horizontalAdvance, texts), default=0.0)
        return min(widest, _MOST * self.width()) + _GAP if texts else 0.0

    def _picture(self, width: int) -> QImage:
        """One pixel per cell, or for as many cells as share a pixel, by their mean."""
        width = min(width, self.values.shape[1])
        if self._image is None or self._image.width() != width:
            values = _means(self.values, width)
            table = np.array([colour_of(place / 255).rgb() for place in range(256)], np.uint32)
            known = np.isfinite(values)
            place = np.clip(np.where(known, values, 0.0) / (self.high or 1.0), 0.0, 1.0) * 255
            pixels = np.ascontiguousarray(np.where(known, table[place.astype(np.uint8)], 0), np.uint32)
            self._image = QImage(pixels.data, width, len(values), 4 * width, QImage.Format.Format_ARGB32).copy()
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        rows, columns = self.values.shape
        if not rows or not columns:
            return
        painter, area = QPainter(self), self.area()
        painter.fillRect(area, QColor(self.theme.raised))
        painter.drawImage(area, self._picture(max(1, round(area.width()))))
        painter.setFont(self._font)
        metrics, height = QFontMetricsF(self._font), area.height() / rows
        # A plan of the whole: rows are told apart by a hairline, columns by their colours alone.
        for row in range(1, rows):
            painter.fillRect(QRectF(area.left(), round(row * height), area.width(), 1), QColor(self.theme.surface))
        middle, across = Qt.AlignmentFlag.AlignVCenter, area.right() + _GAP
        for row, name in enumerate(self.names):
            top = row * height
            painter.setPen(QColor(self.theme.muted))
            room = area.left() - _GAP
            short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QRectF(0, top, room, height), Qt.AlignmentFlag.AlignRight | middle, short)
            painter.setPen(QColor(self.theme.text))
            room = self.width() - across
            short = metrics.elidedText(self.words[row], Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(across, top, room, height), Qt.AlignmentFlag.AlignLeft | middle, short)
        if self.under is not None:
            self._frame(painter, area)

    def _frame(self, painter: QPainter, area: QRectF) -> None:
        """A frame around the row, and a mark at the step, of the cell that is pointed at."""
        assert self.under is not None
        rows, columns = self.values.shape
        (row, column), height = self.under, area.height() / rows
        x = area.left() + (column + 0.5) * area.width() / columns
        painter.setPen(QColor(self.theme.text))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(area.left() - 1, row * height, area.width() + 1, height))
        painter.fillRect(QRectF(round(x), row * height, 1, height), QColor(self.theme.text))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows, columns = self.values.shape
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or not rows or not columns:
            super().keyPressEvent(event)
            return
        row, column = self.under or (0, columns - 1)
        if self.under is not None:
            row, column = row + step[0], column + step[1]
        self._point_at((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))

    def focusOutEvent(self, event: object) -> None:
        self._point_at(None)

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self.under:
            self.under = cell
            self.pointed.emit(cell)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, ROW * max(1, len(self.names)))


def _means(values: np.ndarray, width: int) -> np.ndarray:
    """The means of runs of columns, about equally long, so that there are `width`; NaN where nothing is known."""
    starts = np.arange(width) * values.shape[1] // width
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=1)
    counts = np.add.reduceat(known, starts, axis=1, dtype=np.int64)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
