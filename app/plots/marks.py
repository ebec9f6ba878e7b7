"""What plots are made of besides curves: many equal marks, straight lines, filled outlines and short texts at once.

Each draws only what is in sight, and keeps its size while the plot is zoomed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEngine, QPainter, QPen, QPixmap, QPolygonF

from app import theme as themes
from app.plots.plot import InSight

_GAP = 7  # pixels between a point and its text
_AIR = 6  # pixels of a label's own ground beside its text
_WIDEST = 190


class Labels(InSight):
    """Texts right of their points (left of them, above or below where there is no room), the first ones first.

    None lies over a point of `obstacles`, which gives (number, 2) in the plot's units; `once`: only the first that has
    room.
    """

    def __init__(self, obstacles: Callable[[], np.ndarray] = lambda: np.empty((0, 2)), once: bool = False) -> None:
        super().__init__()
        self._obstacles, self._once = obstacles, once
        self._text, self._back = QColor("white"), QColor("black")
        self._font = themes.font(themes.SMALL)
        self._x = self._y = np.empty(0)
        self._texts: Sequence[str] = ()
        self.shown: list[str] = []
        """The texts that found room when they were last painted..."""
        self.places: list[QRectF] = []
        """... and where, in pixels of the plot."""

    def set_colours(self, text: str, back: str) -> None:
        """The colours of the text and of what lies behind it."""
        self._text, self._back = QColor(text), QColor(back)
        self._back.setAlphaF(0.8)
        self.update()

    def place(self, x: np.ndarray, y: np.ndarray, texts: Sequence[str]) -> None:
        """The points, in the plot's units, and what is written beside each."""
        self.prepareGeometryChange()
        self._x, self._y, self._texts = np.asarray(x, float), np.asarray(y, float), texts
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, sight = painter.worldTransform(), self.boundingRect()
        room = transform.mapRect(sight)
        painter.resetTransform()
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        widest = min(_WIDEST, room.width() / 2 - _GAP - _AIR)  # so that there is room on one side
        points = self._obstacles()
        points = points[np.isfinite(points).all(axis=1)] * (transform.m11(), transform.m22()) + (
            transform.dx(),
            transform.dy(),
        )
        self.places, self.shown = [], []
        for x, y, text in zip(self._x.tolist(), self._y.tolist(), self._texts, strict=True):
            if not (text and sight.contains(QPointF(x, y))):
                continue
            place = transform.map(QPointF(x, y))
            short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, widest)
            size = QSizeF(metrics.horizontalAdvance(short) + _AIR, metrics.height())
            rects = (rect for rect in _beside(place, size) if room.contains(rect) or rect.height() > room.height())
            free = (rect for rect in rects if not (self._taken(rect) or _covers(rect, points)))
            if (rect := next(free, None)) is None:
                continue
            self.places.append(rect)
            self.shown.append(text)
            painter.fillRect(rect, self._back)
            painter.setPen(self._text)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, short)
            if self._once:
                return

    def _taken(self, rect: QRectF) -> bool:
        return any(rect.intersects(other) for other in self.places)


def _beside(place: QPointF, size: QSizeF) -> Iterator[QRectF]:
    """Where a text may stand: right of its point, left of it, above it, below it."""
    for x, y in ((1, 0), (-1, 0), (0, -1), (0, 1)):
        middle = QPointF(x * (_GAP + size.width() / 2), y * (_GAP + size.height() / 2))
        rect = QRectF(QPointF(), size)
        rect.moveCenter(place + middle)
        yield rect


def _covers(rect: QRectF, points: np.ndarray) -> bool:
    """Whether a text would lie over a point."""
    x, y = points[:, 0], points[:, 1]
    return bool(np.any((x > rect.left()) & (x < rect.right()) & (y > rect.top()) & (y < rect.bottom())))


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
