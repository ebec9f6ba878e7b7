"""Diagrams on a scene: placed, fitted, zoomed and panned, copied and saved as a picture."""

from collections.abc import Hashable, Iterable
from functools import reduce
from math import floor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from app import theme as themes
from app.graph.items import TITLE, DiagramItem, GraphItem, TextItem, WireItem, text_font, text_width
from app.graph.layout import Places
from app.graph.model import Diagram
from app.theme import Theme
from app.widgets import picture

SMALLEST, LARGEST = 0.1, 4.0  # zoom
FITTED, STEP = 1.2, 0.05  # the largest zoom that fitting chooses at first, and its steps
ZOOM = 1.25  # of zooming by key
MARGIN = 24.0  # around the picture
SCALE = 3.0  # pixels per unit of a picture whose width nobody chose
CAPTION = 32.0  # height of the caption below a saved picture
GAP = QPointF(72.0, 40.0)  # between the diagrams, side by side or stacked

Shown = tuple[Diagram, frozenset[int], Places]
"""A diagram, its edges that are marked as changed, and its boxes that were moved."""


class DiagramView(QGraphicsView):
    """Shows diagrams, or a sentence where there are none. The wheel zooms at the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self.caption = ""
        self._diagrams: list[GraphItem] = []
        self._drawn: dict[Hashable, GraphItem] = {}  # by what is drawn, and in which theme
        self._words: TextItem | None = None
        self._fitted = True
        self.largest = FITTED
        """The largest zoom that fitting chooses."""
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(160, 120)
        for widget in (self, self.viewport()):
            widget.setAcceptDrops(False)  # files are the window's business; the scene would take and forget them

    # -- what is shown

    def to_draw(self) -> Iterable[Any]:
        """What is to be shown now, one description (`Shown`) a diagram; subclasses say."""
        return ()

    def make_item(self, shown: Any) -> GraphItem:
        """The item that draws what a description says."""
        diagram, changed, places = shown
        return DiagramItem(diagram, changed, self.theme, places)

    def empty_text(self) -> str:
        """What is said in place of diagrams."""
        return self.caption

    def set_theme(self, theme: Theme) -> None:
        """Draw everything anew in another theme."""
        if theme is not self.theme:
            self.theme = theme
            self._build()

    def shown(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every drawn edge as (diagram, from, to, label), read from the items; those into c_k have no label."""
        return tuple(edge for diagram in self._diagrams for edge in diagram.shown())

    def marked(self) -> tuple[tuple[str, str, str, str], ...]:
        """Those of `shown` that are marked as changed."""
        return tuple(
            edge
            for diagram in self._diagrams
            for wire, edge in zip(diagram.wires, diagram.shown(), strict=True)
            if isinstance(wire, WireItem) and wire.changed
        )

    @property
    def sentence(self) -> str:
        """The text shown in place of diagrams, or ""."""
        return self._words.text if self._words else ""

    def _build(self) -> None:
        """Bring the scene to what is to be shown; a diagram that is drawn already stays."""
        old, self._drawn = self._drawn, {}
        for shown in self.to_draw():
            key = (shown, self.theme)
            item = old.pop(key, None)
            if item is None:
                item = self.make_item(shown)
                self._scene.addItem(item)
            self._drawn[key] = item
        self._diagrams = list(self._drawn.values())
        for stale in (*old.values(), self._words):
            if stale is not None:
                self._scene.removeItem(stale)
        self._words = None
        if not self._diagrams and (text := self.empty_text()):
            self._words = TextItem(text, themes.BODY, self.theme.muted)
            self._scene.addItem(self._words)
        self._scene.setBackgroundBrush(QColor(self.theme.surface))
        self._arrange()

    # -- place and zoom

    def fit(self) -> None:
        """Show the whole picture, and keep doing so until the next zoom or pan."""
        self._fitted = True
        self._arrange()

    def zoom(self, factor: float, about: QPoint | None = None) -> None:
        """Zoom so that the point `about` of the viewport stays where it is; without one, its middle."""
        about = about or self.viewport().rect().center()
        held, now = self.mapToScene(about), self.transform().m11()
        factor = min(max(now * factor, SMALLEST), LARGEST) / now
        self._fitted = False
        self.scale(factor, factor)
        drift = self.mapFromScene(held) - about
        self.pan(drift.x(), drift.y())

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels, to the left and up."""
        self._fitted = False
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + round(dx))
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(dy))

    def _arrange(self) -> None:
        """Put the diagrams where they are shown largest, and fit, unless somebody has zoomed."""
        if self._fitted and (self._diagrams or self._words):
            picture = self._place()
            scale = min(zoom_into(picture.size(), self._room()), self.largest)
            if scale > STEP:  # in steps, so that texts keep their size while a search changes its mind
                scale = floor(scale / STEP) * STEP
            self.resetTransform()
            self.scale(scale, scale)
            beyond = max(self.viewport().width(), self.viewport().height()) / scale  # lets the picture be dragged about
            self.setSceneRect(picture.adjusted(-beyond, -beyond, beyond, beyond))
            self.centerOn(picture.center())

    def _room(self) -> QSizeF:
        return QSizeF(max(self.viewport().width() - 2 * MARGIN, 1), max(self.viewport().height() - 2 * MARGIN, 1))

    def _place(self) -> QRectF:
        """Move the diagrams to their places, in as many columns as show them largest; the rectangle that they fill."""
        if self._words is not None:
            return self._words.boundingRect()
        sizes = [item.boundingRect().size() for item in self._diagrams]
        grids = [grid(sizes, columns) for columns in range(len(sizes), 0, -1)]
        places = max(grids, key=lambda places: zoom_into(union(places).size(), self._room()))
        for item, place in zip(self._diagrams, places, strict=True):
            item.setPos(place.topLeft() - item.boundingRect().topLeft())
        return union(places)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.0015 ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    # -- ways out

    def copy_picture(self) -> None:
        """Put the whole drawing with its caption on the clipboard, whatever the zoom."""
        QGuiApplication.clipboard().setImage(picture.image(self, SCALE))

    def save_picture(self, path: Path) -> None:
        """Write the drawing, see `app.widgets.picture.write`. Raises OSError when the file cannot be written."""
        picture.write(self, path, self.caption or "cell", SCALE)

    def dress(self, theme: Theme) -> None:
        """Take another set of colours; see `app.widgets.picture.Sheet`."""
        self.set_theme(theme)

    def sheet_size(self) -> QSizeF:
        """Of the drawing with its caption."""
        return self._sheet().size()

    def _sheet(self) -> QRectF:
        """The part of the scene that a saved picture shows: the drawing, a margin, and a line for the caption."""
        drawing = self._scene.itemsBoundingRect()
        if self._diagrams:
            words = text_width(self.caption, TITLE)
            drawing |= QRectF(drawing.left(), drawing.bottom(), words, CAPTION if words else 0)
        return drawing.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def paint_sheet(self, painter: QPainter) -> None:
        """Paint the drawing on the theme's ground, and the caption beneath."""
        sheet = self._sheet()
        painter.fillRect(QRectF(QPointF(), sheet.size()), QColor(self.theme.surface))
        self._scene.render(painter, QRectF(QPointF(), sheet.size()), sheet)
        painter.setFont(text_font(TITLE))
        painter.setPen(QColor(self.theme.muted))
        if self._diagrams:
            painter.drawText(QPointF(MARGIN, sheet.height() - MARGIN), self.caption)


class PannedView(DiagramView):
    """Diagrams to be looked at alone: a drag pans, a double click fits, and keys are left to actions and the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the arrows move through time

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._fitted = False
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()  # the end of a drag is nobody else's business


def grid(sizes: list[QSizeF], columns: int) -> list[QRectF]:
    """Places for things of these sizes, row by row."""
    rows = -(-len(sizes) // columns)
    wide = [max(size.width() for size in sizes[column::columns]) for column in range(columns)]
    high = [max(size.height() for size in sizes[row * columns : (row + 1) * columns]) for row in range(rows)]
    places = []
    for index, size in enumerate(sizes):
        row, column = divmod(index, columns)
        x, y = sum(wide[:column]) + column * GAP.x(), sum(high[:row]) + row * GAP.y()
        places.append(QRectF(QPointF(x, y), size))
    return places


def union(places: list[QRectF]) -> QRectF:
    """The rectangle around all of these."""
    return reduce(QRectF.united, places)


def zoom_into(size: QSizeF, room: QSizeF) -> float:
    """How much a picture may be magnified to fill the room."""
    return min(room.width() / size.width(), room.height() / size.height())
