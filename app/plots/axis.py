"""Axes without ornament: few round numbers, hairlines across the plot, the unit's name once."""

import math
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app import theme as themes
from app.theme import Theme
from engine.words import clock, grouped, number, scale_of, signed

Kind = Literal["number", "count", "clock", "amount", "log"]
"""Plain values; whole numbers; seconds written as a clock; large numbers in k, M or G; exponents of ten as values."""

_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_ROUND, _WHOLE = (1, 2, 2.5, 5, 10), (1, 2, 5, 10)
_FACTORS: dict[str, tuple[float, ...]] = {"number": _ROUND, "amount": _ROUND, "count": _WHOLE, "clock": _WHOLE}
_LEFT = 44
"""Width of a left axis, in pixels, unless its numbers need more."""
_FLAGS = Qt.TextFlag.TextDontClip | Qt.TextFlag.TextSingleLine


def ticks(low: float, high: float, most: int, kind: Kind) -> list[float]:
    """Round values from `low` to `high`, about `most` of them at the most."""
    span = high - low
    if not (math.isfinite(span) and span > 0 and most > 0):
        return []
    if kind == "log":
        return _log_ticks(low, high, most)
    step = _step(span / most, kind)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def _step(least: float, kind: Kind) -> float:
    """The smallest round step that is at least `least`."""
    if kind == "clock" and least <= _CLOCK[-1]:
        return next(step for step in _CLOCK if step >= least)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in _FACTORS[kind] if factor * power >= least * (1 - 1e-9))
    return max(1.0, step) if kind in ("count", "clock") else step


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    decades = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        exponents = range(math.floor(low), math.ceil(high) + 1)
        found = [exponent + math.log10(digit) for exponent in exponents for digit in digits]
        found = [value for value in found if low <= value <= high]
        if 2 <= len(found) <= most:
            return found
    if len(decades) >= 2:
        return [float(value) for value in decades[:: math.ceil(len(decades) / most)]]
    return list(np.linspace(low, high, min(most, 3)))


def labels(values: list[float], kind: Kind) -> list[str]:
    """The values as an axis writes them, all with as many decimals as their distance asks for."""
    if kind == "clock":
        return [clock(value) for value in values]
    if kind == "log":
        return [_power(10.0**value) for value in values]
    largest, suffix = max(map(abs, values), default=0.0), ""
    if kind == "amount":
        scale, suffix = scale_of(largest)
        values, largest = [value / scale for value in values], largest / scale
    step = values[1] - values[0] if len(values) > 1 else abs(values[0]) if values else 1.0
    if largest and not 1e-4 <= largest < 1e7:
        return [signed(f"{value:.0e}").replace("e−0", "e−").replace("e+0", "e").replace("e+", "e") for value in values]
    decimals = next(places for places in range(20) if abs(step * 10**places - round(step * 10**places)) < 1e-6)
    texts = [grouped(round(value, decimals) + 0.0, decimals) + suffix for value in values]
    return [text if value or kind != "amount" else "0" for text, value in zip(texts, values, strict=True)]


def _power(value: float) -> str:
    if 1e-4 < value < 1000:
        return f"{value:.3g}"
    return grouped(value) if 1000 <= value < 1e6 else number(value)


class QuietAxis(pg.AxisItem):
    """An axis of a plot. `kind` says how its values are written, `name` stands once at its end (bottom axis only)."""

    silent = True
    """Whether neither values nor hairlines are drawn; until it is made, none are."""

    def __init__(self, orientation: Literal["left", "bottom"]) -> None:
        super().__init__(orientation)
        self.kind: Kind = "number"
        self.name = ""
        self._grid_pen = QPen()
        self.setStyle(showValues=True, tickLength=0)
        self.setTickFont(themes.font(themes.SMALL))
        self.setGrid(255 if orientation == "left" else False)
        if orientation == "left":
            self.setWidth(_LEFT)
        else:
            self.setHeight(20)
        self.silent = False

    def say(self, kind: Kind, name: str = "") -> None:
        """How values are written, and the name of the unit."""
        if (kind, name) != (self.kind, self.name):
            self.kind, self.name = kind, name
            self._make_room()
            self.picture = None
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Grid and text in the theme's colours."""
        self._grid_pen = QPen(QColor(theme.border), 1)
        self._grid_pen.setCosmetic(True)
        self.setTextPen(theme.muted)
        self.setPen(theme.border)

    def setRange(self, mn: float, mx: float) -> None:
        super().setRange(mn, mx)
        self._make_room()

    def resizeEvent(self, ev: object = None) -> None:
        super().resizeEvent(ev)
        self._make_room()

    def _make_room(self) -> None:
        """Be as wide as the numbers on the left ask for, in steps, so that the plot does not tremble."""
        if self.orientation != "left" or self.silent:
            return
        metrics = QFontMetricsF(self.style["tickFont"])
        widest = max((metrics.horizontalAdvance(text) for text in self.shown_labels), default=0.0)
        width = max(_LEFT, 8 * math.ceil((widest + 12) / 8))
        if width != self.fixedWidth:
            self.setWidth(width)

    @property
    def shown_labels(self) -> list[str]:
        """The numbers now on the axis."""
        if self.silent:
            return []
        low, high = self.range
        return labels(ticks(low, high, self._most(), self.kind), self.kind)

    def boundingRect(self) -> QRectF:
        return super().boundingRect().adjusted(-20, -10, 20, 10)  # half a number stands out at either end

    def _most(self) -> int:
        size = self.size()
        return max(1, int(size.height() / 24)) if self.orientation == "left" else max(2, int(size.width() / 80))

    def generateDrawSpecs(self, p: QPainter) -> tuple | None:
        """Hairlines and texts, in pyqtgraph's form: axis line, tick lines, texts."""
        view = self.linkedView()
        if view is None:
            return None
        bounds = self.mapRectFromParent(self.geometry())
        area = view.mapRectToItem(self, view.boundingRect())
        low, high = self.range
        values = [] if self.silent else ticks(low, high, self._most(), self.kind)
        metrics = QFontMetricsF(self.style["tickFont"])
        lines, texts = [], []
        if self.orientation == "left":
            for value, text in zip(values, labels(values, self.kind), strict=True):
                y = round(area.bottom() - (value - low) / (high - low) * area.height()) + 0.5
                lines.append((self._grid_pen, QPointF(area.left(), y), QPointF(area.right(), y)))
                rect = QRectF(bounds.left(), y - 8, bounds.width() - 8, 16)
                if bounds.top() - 8 <= rect.top() and rect.bottom() <= bounds.bottom() + 8:
                    texts.append((rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | _FLAGS, text))
            line = (QPen(Qt.PenStyle.NoPen), area.topLeft(), area.bottomLeft())
        else:
            free = bounds.right()
            if self.name:
                width = metrics.horizontalAdvance(self.name)
                rect = QRectF(bounds.right() - width, bounds.top() + 3, width, 16)
                texts.append((rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop | _FLAGS, self.name))
                free = rect.left() - 8
            for value, text in zip(values, labels(values, self.kind), strict=True):
                x = area.left() + (value - low) / (high - low) * area.width()
                width = metrics.horizontalAdvance(text)
                if x + width / 2 <= free:
                    rect = QRectF(x - width / 2, bounds.top() + 3, width, 16)
                    texts.append((rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | _FLAGS, text))
            line = (self._grid_pen, area.bottomLeft(), area.bottomRight())
        return line, lines, texts
