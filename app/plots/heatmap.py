"""A table of shares as colours: named rows and columns, numbers on a scale and under the mouse."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import theme as themes
from app.theme import Theme


@cache
def _colours() -> tuple[QColor, ...]:
    """256 colours of viridis, uniform to the eye from low to high."""
    return tuple(pg.colormap.get("viridis").getLookupTable(0.0, 1.0, 256, mode=pg.ColorMap.QCOLOR))


def colour_of(share: float) -> QColor:
    """The colour for a position on the scale, from 0 to 1."""
    return _colours()[int(min(max(share, 0.0), 1.0) * 255)]


class HeatMap(QWidget):
    """Values between two levels as colours; what is absent (NaN) is blank, and hatched where it was dropped.

    `hovered` carries (row, column) or None, `clicked` a row.
    """

    hovered = Signal(object)
    clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.caption = ""
        self.values = np.empty((0, 0))
        self.low, self.high = 0.0, 1.0
        self.rows: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.chosen = np.empty((0, 0), bool)
        self.dropped: dict[tuple[int, int], str] = {}
        self._font = themes.font(themes.SMALL)
        self._names_width = 0.0
        self._under: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; those of the values are the same in all."""
        self.theme = theme
        self.update()

    def show_values(
        self,
        values: np.ndarray,
        rows: tuple[str, ...],
        columns: tuple[str, ...],
        *,
        levels: tuple[float, float],
        chosen: np.ndarray,
        caption: str,
        dropped: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Show `values` (rows x columns), `levels` being the ends of the scale. `chosen` (the same shape as the values)
        marks cells with a dot, and their rows' names. `dropped`: which of the absent were there before, and what their
        tooltips say of it."""
        self.values, self.rows, self.columns, self.dropped = values, rows, columns, dict(dropped or {})
        (self.low, self.high), self.chosen, self.caption = levels, chosen, caption
        self._names_width = max(map(QFontMetricsF(self._font).horizontalAdvance, rows), default=0.0)
        self.update()

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell at a place in the widget."""
        area, count = self._area(), self.values.shape
        if not area.contains(place) or 0 in count:
            return None
        row = int((place.y() - area.top()) / area.height() * count[0])
        column = int((place.x() - area.left()) / area.width() * count[1])
        return min(row, count[0] - 1), min(column, count[1] - 1)

    def centre(self, row: int, column: int) -> QPointF:
        """The middle of a cell in the widget."""
        area, count = self._area(), self.values.shape
        x = area.left() + (column + 0.5) * area.width() / count[1]
        return QPointF(x, area.top() + (row + 0.5) * area.height() / count[0])

    def _area(self) -> QRectF:
        left = self._names_width + 10
        lines = 2 if any(" " in name for name in self.columns) else 1
        top = lines * 13 + 4 + (16 if self.caption else 0)
        return QRectF(left, top, max(1.0, self.width() - left - 2), max(1.0, self.height() - top - 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self._area()
        painter.setFont(self._font)
        muted, text = QColor(self.theme.muted), QColor(self.theme.text)
        if self.caption:
            painter.setPen(muted)
            painter.drawText(QRectF(area.left(), 0, area.width(), 14), Qt.AlignmentFlag.AlignLeft, self.caption)
        tight = QFont(self._font)
        tight.setPixelSize(max(8, min(themes.SMALL, int(area.height() / max(1, len(self.rows))))))
        painter.setFont(tight)
        for row, name in enumerate(self.rows):
            centre = self.centre(row, 0)
            painter.setPen(text if self.chosen[row].any() else muted)
            place = QRectF(0, centre.y() - 8, area.left() - 7, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(self._font)
        painter.setPen(muted)
        width = area.width() / max(1, len(self.columns))
        for column, name in enumerate(self.columns):
            place = QRectF(self.centre(0, column).x() - width / 2 - 4, area.top() - 31, width + 8, 28)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(place, flags, name.replace(" ", "\n", 1))
        self._paint_cells(painter, area)

    def _paint_cells(self, painter: QPainter, area: QRectF) -> None:
        rows, columns = self.values.shape
        across = [area.left() + round(column * area.width() / max(columns, 1)) for column in range(columns + 1)]
        down = [area.top() + round(row * area.height() / max(rows, 1)) for row in range(rows + 1)]

        def cell_of(row: int, column: int) -> QRectF:
            width, height = across[column + 1] - across[column], down[row + 1] - down[row]
            return QRectF(across[column], down[row], width - 1, height - 1)

        for row in range(rows):
            for column in range(columns):
                value, cell = float(self.values[row, column]), cell_of(row, column)
                if not np.isfinite(value):
                    self._paint_absent(painter, cell, (row, column) in self.dropped)
                    continue
                share = (value - self.low) / (self.high - self.low)
                painter.fillRect(cell, colour_of(share))
                if self.chosen[row, column]:
                    self._paint_dot(painter, cell.center(), share)
        if self._under is not None and self._under[0] < rows and self._under[1] < columns:
            painter.setPen(QColor(self.theme.text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell_of(*self._under))

    def _paint_absent(self, painter: QPainter, cell: QRectF, dropped: bool) -> None:
        if not dropped:
            painter.fillRect(cell, QColor(self.theme.raised))
            return
        painter.fillRect(cell, QBrush(QColor(self.theme.line), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QColor(self.theme.border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cell.adjusted(0, 0, -1, -1))

    @staticmethod
    def _paint_dot(painter: QPainter, centre: QPointF, share: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190) if share > 0.6 else QColor(255, 255, 255, 220))
        painter.drawEllipse(centre, 2.2, 2.2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        area = self._area()
        y = event.position().y()
        if event.button() == Qt.MouseButton.LeftButton and self.rows and area.top() <= y < area.bottom():
            self.clicked.emit(int((y - area.top()) / area.height() * len(self.rows)))
        else:
            super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(QPointF(event.pos()))
            text = self.dropped.get(cell, "") if cell is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._under:
            self._under = cell
            self.hovered.emit(cell)
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 60)


class ColourScale(QWidget):
    """What the colours mean: a bar, with the numbers at its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.levels = (0.0, 1.0)
        self.setFixedSize(164, 16)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.theme = theme
        self.update()

    def set_levels(self, levels: tuple[float, float]) -> None:
        """The values of the darkest and of the brightest colour."""
        self.levels = levels
        self.update()

    @property
    def shown_labels(self) -> list[str]:
        """The numbers at the ends of the bar."""
        return [f"{level:.3g}" for level in self.levels]

    def colour(self, share: float) -> QColor:
        """The colour for a position on the scale, from 0 to 1."""
        return colour_of(share)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(themes.font(themes.SMALL))
        painter.setPen(QColor(self.theme.muted))
        bar = QRectF(36, 5, 90, 6)
        for x in range(90):
            painter.fillRect(QRectF(bar.left() + x, bar.top(), 1, bar.height()), self.colour(x / 89))
        low, high = self.shown_labels
        painter.drawText(QRectF(0, 0, 32, 16), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, low)
        painter.drawText(QRectF(bar.right() + 4, 0, 34, 16), Qt.AlignmentFlag.AlignVCenter, high)
