"""What all plots share: quiet axes, the theme's colours, and a range that follows the data until a person zooms."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app import theme as themes
from app.plots.axis import Kind, QuietAxis
from app.theme import Theme


class InSight(pg.GraphicsObject):
    """Reaches over all that is in sight: the plot sets its range itself, and not by its items. So marks and texts near
    the edge, which have no size in the plot's units, are not cut."""

    def boundingRect(self) -> QRectF:
        return self.viewRect()

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.prepareGeometryChange()


class Plot(pg.PlotWidget):
    """An empty plot. The wheel zooms, dragging moves, a double click shows everything again.

    `hovered` carries the point under the mouse in the plot's units, or None when it leaves.
    """

    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.bottom, self.left = QuietAxis("bottom"), QuietAxis("left")
        super().__init__(parent, axisItems={"bottom": self.bottom, "left": self.left}, enableMenu=False)
        self.theme: Theme = themes.DARK
        self.zoomed = False
        self._wanted = (0.0, 1.0, 0.0, 1.0)
        self.hideButtons()
        item = self.getPlotItem()
        item.layout.setContentsMargins(2, 8, 12, 2)
        for axis in (self.bottom, self.left):
            axis.setZValue(-200)  # hairlines lie behind the data; pyqtgraph lays them over it
        self.box: pg.ViewBox = self.getViewBox()
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(self._zoomed)
        self.scene().sigMouseMoved.connect(self._moved)
        self.set_theme(self.theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.theme = theme
        self.setBackground(theme.surface)
        for axis in (self.bottom, self.left):
            axis.set_theme(theme)

    def add(self, depth: float, *items: pg.GraphicsObject) -> None:
        """Draw these items, too, at a depth: the higher ones lie on top. The range does not follow them."""
        for item in items:
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)

    def name_axes(self, x: Kind, name: str, y: Kind) -> None:
        """How the values of both axes are written, and what those of the lower one are."""
        self.bottom.say(x, name)
        self.left.say(y)

    def frame(self, left: float, right: float, bottom: float, top: float) -> None:
        """The range that shows everything; taken at once unless a person looks closer at something."""
        self._wanted = (left, right, bottom, top)
        if not self.zoomed:
            self._fit()

    def columns(self) -> int:
        """Width of the drawing area in pixels."""
        return max(50, int(self.box.width()))

    def sight(self) -> tuple[float, float, float, float]:
        """What is in sight: left, right, bottom, top."""
        (left, right), (bottom, top) = self.box.viewRange()
        return left, right, bottom, top

    def _fit(self) -> None:
        left, right, bottom, top = self._wanted
        if self.sight() != self._wanted:
            self.box.setRange(xRange=(left, right), yRange=(bottom, top), padding=0, disableAutoRange=True)

    def _zoomed(self) -> None:
        self.zoomed = True

    def _moved(self, position: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(position)
        self.hovered.emit(self.box.mapSceneToView(position) if inside else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.zoomed = False
        self._fit()
        super().mouseDoubleClickEvent(event)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def close(self) -> bool:
        if self.plotItem is not None:  # pyqtgraph takes the plot apart, which it cannot do twice
            super().close()
        return True

    def leaveEvent(self, event: object) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)


class RulerPlot(Plot):
    """A plot with an upright hairline at the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._ruler = pg.InfiniteLine(angle=90, movable=False)
        super().__init__(parent)
        self._ruler.hide()
        self.add(0, self._ruler)
        self.hovered.connect(self._point_at)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._ruler.setPen(pg.mkPen(theme.line))

    def _point_at(self, point: QPointF | None) -> None:
        self._ruler.setVisible(point is not None)
        if point is not None:
            self._ruler.setValue(point.x())


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """A range with some air at both ends; something sensible where there is no range."""
    if not low <= high:
        return 0.0, 1.0
    air = (high - low) * share or abs(high) * share or 0.5
    return low - air, high + air
