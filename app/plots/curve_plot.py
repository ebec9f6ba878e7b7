"""Curves over steps or time: long ones reduced to the pixels there are, dense ones smoothed, all in one plot."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from app import theme as themes
from app.plots.marks import Dots
from app.plots.plot import RulerPlot, padded
from app.plots.pyramid import Pyramid
from app.theme import Theme

DENSE = 100
"""From this many values on a curve is drawn smoothed, with its values thin behind it."""
SPARSE = 25
"""Up to this many values each one is marked by a dot."""
SMOOTHING: dict[str, float] = {"off": 0.0, "light": 0.008, "strong": 0.03}
"""Share of all values that a mean reaches to either side."""

_BESIDE = [(0, 0.5), (1, 0.5)]  # of its line stands a name: right of it where there is room, else left
_STRONG_POINTS = 240
_FAINT = 0.2
_FAMILY = 0.12


Kind = Literal["curve", "points", "steps", "family"]
"""A "curve" is smoothed while dense and dotted while sparse. "points" are not joined, but get the same smooth line.
"steps" hold each value until the next. A "family" is many curves in one, separated by NaN, faint."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Values over a rising x. `key` tells curves apart from one drawing to the next."""

    key: Hashable
    name: str
    colour: str
    x: np.ndarray
    y: np.ndarray
    kind: Kind = "curve"


class Upright(NamedTuple):
    """A dotted line from top to bottom, with its name beside it."""

    x: float
    colour: str
    name: str = ""


class CurvePlot(RulerPlot):
    """Draws the curves it is handed, exactly to their last value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._slots: list[_Slot] = []
        self._pyramids: dict[Hashable, Pyramid] = {}
        self._curves: tuple[Curve, ...] = ()
        self._smoothing = "light"
        self._log = False
        self._lines: list[pg.InfiniteLine] = []
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        super().__init__(parent)
        self.box.setMouseEnabled(x=True, y=False)
        self._cursor.hide()
        self.add(0, self._cursor)
        self.box.sigXRangeChanged.connect(self._x_changed)
        self.box.sigResized.connect(self._x_changed)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._cursor.setPen(pg.mkPen(theme.muted, style=Qt.PenStyle.DashLine))

    def forget(self) -> None:
        """Curves drawn from now on have nothing to do with earlier ones of the same key."""
        self._pyramids.clear()
        self.zoomed = False

    def draw(
        self,
        curves: Sequence[Curve],
        *,
        extent: tuple[float, float] | None = None,
        cursor: float | None = None,
        lines: Sequence[Upright] = (),
        smoothing: str = "light",
        log: bool = False,
    ) -> None:
        """Show these curves and no others. `extent`: x to leave room for; `cursor`: where a dashed line stands;
        `lines`: other upright lines."""
        self._draw_lines(lines)
        self._curves, self._smoothing, self._log = tuple(curves), smoothing, log
        while len(self._slots) < len(curves):
            self._slots.append(_Slot(self))
        for number, slot in enumerate(self._slots):
            slot.show(number < len(curves))
        self._cursor.setVisible(cursor is not None)
        if cursor is not None:
            self._cursor.setValue(cursor)
        ends = [(curve.x[0], curve.x[-1]) for curve in curves if len(curve.x) and curve.kind != "family"]
        ends += [
            (np.nanmin(curve.x), np.nanmax(curve.x)) for curve in curves if len(curve.x) and curve.kind == "family"
        ]
        ends += [extent] if extent else []
        left = float(min((end[0] for end in ends), default=0.0))
        right = float(max((end[1] for end in ends), default=1.0))
        left, right = padded(left, right, 0.01)
        if self.zoomed:
            self._trace(*self.sight()[:2])
            self._wanted = (left, right, *self._wanted[2:])
        else:
            low, high = self._trace(left, right)
            self.frame(left, right, low, high)

    def reading(self, curve: Curve, x: float | None = None) -> float:
        """The value of the curve as drawn at x (default: its end), or the last before it; NaN before the first."""
        place = len(curve.x) - 1 if x is None else int(np.searchsorted(curve.x, x, side="right")) - 1
        if place < 0 or curve.kind == "family":
            return float("nan")
        reach = self._reach(curve)
        if not reach:
            return float(curve.y[place])
        return float(self._pyramid(curve).mean(curve.y, np.array([place]), reach)[0])

    def smooths(self, curve: Curve) -> bool:
        """Whether what is read of this curve is a running mean."""
        return self._reach(curve) > 0

    def shown(self) -> tuple[Curve, ...]:
        """The curves on screen."""
        return tuple(curve for curve, slot in zip(self._curves, self._slots, strict=False) if slot.visible)

    def line(self, key: Hashable) -> tuple[np.ndarray, np.ndarray]:
        """The polyline on screen for a curve: the strong one."""
        number = [curve.key for curve in self._curves].index(key)
        x, y = self._slots[number].strong.getData()
        return (np.empty(0), np.empty(0)) if x is None else (x, y)

    @property
    def cursor(self) -> float | None:
        """Where the dashed line stands, if it does."""
        return float(self._cursor.value()) if self._cursor.isVisible() else None

    @property
    def uprights(self) -> list[tuple[float, str]]:
        """Where the upright lines stand, and their names."""
        return [(float(line.value()), line.label.format) for line in self._lines if line.isVisible()]

    def _draw_lines(self, lines: Sequence[Upright]) -> None:
        while len(self._lines) < len(lines):
            line = pg.InfiniteLine(angle=90, movable=False, label="", labelOpts={"position": 0.92, "anchors": _BESIDE})
            line.label.setFont(themes.font(themes.SMALL))
            self._lines.append(line)
            self.add(-1, line)
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(lines))
        for line, wanted in zip(self._lines, lines, strict=False):
            line.setPen(pg.mkPen(wanted.colour, style=Qt.PenStyle.DotLine))
            line.label.setColor(wanted.colour)
            line.label.setFormat(wanted.name)
            line.setValue(wanted.x)

    def _pyramid(self, curve: Curve) -> Pyramid:
        return self._pyramids.setdefault(curve.key, Pyramid())

    def _reach(self, curve: Curve) -> int:
        share = SMOOTHING[self._smoothing]
        dense = curve.kind in ("curve", "points") and len(curve.y) >= DENSE
        return max(1, int(len(curve.y) * share)) if share and dense else 0

    def _trace(self, left: float, right: float) -> tuple[float, float]:
        """Put the part of every curve from `left` to `right` on screen; the range of y that shows it."""
        lows, highs = [], []
        for curve, slot in zip(self._curves, self._slots, strict=False):
            if curve.kind == "family":
                faint, strong = (curve.x, curve.y), None
            else:
                start = max(0, int(np.searchsorted(curve.x, left)) - 1)
                stop = min(len(curve.x), int(np.searchsorted(curve.x, right, side="right")) + 1)
                pyramid, reach = self._pyramid(curve), self._reach(curve)
                outline = pyramid.outline(curve.x, curve.y, start, stop, self.columns())
                faint, strong = None, _stairs(*outline) if curve.kind == "steps" else outline
                if reach:
                    faint, strong = outline, pyramid.smooth(curve.x, curve.y, start, stop, _STRONG_POINTS, reach)
            faint, strong = self._scaled(faint), self._scaled(strong)
            slot.draw(curve, faint, strong, self._colour(curve))
            values = (faint or strong or _NOTHING)[1]
            values = values[np.isfinite(values)]
            if len(values):
                lows.append(values.min())
                highs.append(values.max())
        return padded(float(min(lows)), float(max(highs))) if lows else (0.0, 1.0)

    def _scaled(self, line: "_Line | None") -> "_Line | None":
        if line is None or not self._log:
            return line
        x, y = line
        return x, np.log10(y, out=np.full(len(y), np.nan), where=y > 0)

    def _colour(self, curve: Curve) -> tuple[QColor, QColor]:
        strong, faint = QColor(curve.colour), QColor(curve.colour)
        faint.setAlphaF(_FAMILY if curve.kind == "family" else _FAINT)
        return strong, faint

    def _x_changed(self, *_: object) -> None:
        """A person zoomed or the plot was resized: trace anew, and fit y to what is in sight."""
        left, right = self.sight()[:2]
        low, high = self._trace(left, right)
        if self.zoomed:
            self.box.setYRange(low, high, padding=0)


def _stairs(x: np.ndarray, y: np.ndarray) -> "_Line":
    """The line that holds each value until the next one comes."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


_Line = tuple[np.ndarray, np.ndarray]
_NOTHING: _Line = (np.empty(0), np.empty(0))


class _Slot:
    """The items that draw one curve; kept and used again, since making them is what costs."""

    def __init__(self, plot: CurvePlot) -> None:
        self.faint, self.strong, self.dots = pg.PlotCurveItem(), pg.PlotCurveItem(), Dots("disc", 5)
        self.visible = True
        for order, item in enumerate((self.faint, self.strong, self.dots)):
            plot.add(order, item)

    def show(self, visible: bool) -> None:
        self.visible = visible
        for item in (self.faint, self.strong, self.dots):
            item.setVisible(visible)

    def draw(self, curve: Curve, faint: _Line | None, strong: _Line | None, colours: tuple[QColor, QColor]) -> None:
        dots = None
        if curve.kind == "points":  # the values themselves, as points; what remains strong is their mean
            dots, strong, faint = faint or strong, strong if faint else None, None
        elif curve.kind == "curve" and len(curve.x) <= SPARSE:
            dots = strong
        few = strong is not None and len(strong[0]) <= 2 * _STRONG_POINTS
        self._set(self.strong, strong, pg.mkPen(colours[0], width=1.5 if few else 1), smooth=few)
        self._set(self.faint, faint, pg.mkPen(colours[1]), smooth=curve.kind == "family")
        self.dots.set_colour(curve.colour, 1.0 if curve.kind == "curve" else 0.5)
        self.dots.place(*(dots or _NOTHING))

    @staticmethod
    def _set(item: pg.PlotCurveItem, line: _Line | None, pen: object, smooth: bool) -> None:
        x, y = line or _NOTHING
        item.setData(x, y, connect="finite", antialias=smooth, pen=pen)
