"""How often values occur, and where some of them stand: bars, and upright lines with names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app import theme as themes
from app.plots.marks import Areas
from app.plots.plot import InSight, Plot
from app.theme import Theme


@dataclass(frozen=True)
class Flag:
    """A place on the lower axis, what is written beside it, and its colour."""

    x: float
    text: str
    colour: str


class Flags(InSight):
    """Flags one below the other. One that is out of sight stands at the edge, with an arrow."""

    def __init__(self) -> None:
        super().__init__()
        self._font = themes.font(themes.SMALL)
        self._back = QColor("black")
        self.flags: tuple[Flag, ...] = ()

    def set_back(self, colour: str) -> None:
        """The colour behind the names."""
        self._back = QColor(colour)
        self.update()

    def place(self, flags: Sequence[Flag]) -> None:
        """Show these and no others."""
        self.prepareGeometryChange()
        self.flags = tuple(flags)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, sight = painter.worldTransform(), self.boundingRect()
        room = transform.mapRect(sight)
        painter.resetTransform()
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        for row, flag in enumerate(self.flags):
            inside = sight.left() <= flag.x <= sight.right()
            left = flag.x < sight.left()
            text = flag.text if inside else f"← {flag.text}" if left else f"{flag.text} →"
            x = transform.map(QPointF(flag.x, 0)).x() if inside else room.left() if left else room.right()
            rect = QRectF(0, room.top() + row * (metrics.height() + 3), metrics.horizontalAdvance(text), 0)
            rect.setHeight(metrics.height())
            if x > room.center().x():
                rect.moveRight(x - 5)
            else:
                rect.moveLeft(x + 5)
            if inside:
                painter.setPen(QPen(QColor(flag.colour), 1.5))
                painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            painter.fillRect(rect, self._back)
            painter.setPen(QColor(flag.colour))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


BARS = 80
"""About so many bars are in sight."""


class HistogramPlot(Plot):
    """Grey bars of all values; those beyond a limit have the accent colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._all, self._beyond, self._flags = Areas(), Areas(), Flags()
        self.edges = np.empty(0)
        self.counts = np.empty(0, np.int64)
        self.beyond = np.empty(0, np.int64)
        super().__init__(parent)
        self.box.setMouseEnabled(x=True, y=False)
        for depth, item in enumerate((self._all, self._beyond, self._flags)):
            self.add(depth, item)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._paint()
        self._flags.set_back(theme.surface)

    def draw(self, values: np.ndarray, sight: tuple[float, float], limit: float) -> None:
        """Bars for all values, about BARS of them within `sight`; values above `limit` (NaN: none) stand out."""
        width = _round((sight[1] - sight[0]) / BARS)
        first, last = math.floor(values.min() / width), math.floor(values.max() / width) + 1
        self.edges = np.arange(first, last + 1) * width
        bins = np.floor(values / width).astype(np.int64) - first
        self.counts = np.bincount(bins, minlength=last - first)
        self.beyond = np.bincount(bins[values > limit], minlength=last - first)
        self._paint()
        self.frame(*sight, 0.0, float(self.counts.max()) * 1.06)

    def _paint(self) -> None:
        bars = ((self._all, self.counts, self.theme.muted, 0.45), (self._beyond, self.beyond, self.theme.accent, 0.9))
        for item, counts, colour, opacity in bars:
            x, y = np.repeat(self.edges, 2), np.repeat(np.concatenate([[0], counts, [0]]), 2)[1:-1]
            item.place([np.column_stack([x, y])] if counts.any() else [], [colour] * bool(counts.any()), opacity)

    def flag(self, flags: Sequence[Flag]) -> None:
        """Show these upright lines."""
        self._flags.place(flags)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The upright lines shown."""
        return self._flags.flags


def _round(width: float) -> float:
    """The nearest of 1, 2, 5, 10, ... below."""
    power = 10.0 ** math.floor(math.log10(width))
    return max(factor for factor in (1, 2, 5) if factor * power <= width) * power
