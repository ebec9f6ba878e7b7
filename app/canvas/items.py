"""What is drawn: boxes, wires and labels of one cell as graphics items, each made from numbers of the layout.

Plain QGraphicsItems without signals, children of one item per cell, so that a cell is moved and removed as a whole.
"""

from functools import cache
from itertools import zip_longest

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app import theme as themes
from app.theme import Theme
from engine.space.cells import Cell, state_name
from engine.space.operations import OPERATIONS, label

from .layers import OUTPUT
from .layout import PLATE, Box, Layout, lay_out
from .routes import ARROW, Route
from .words import titled

NAME, SUBSCRIPT, LABEL, TITLE = 13, 9, 11, 12  # text sizes, in units of the picture
PADDING = 5.0  # between a label and the end of its plate
HEAD = 30.0  # height of the title above a cell
QUIET, WIRE, CHANGED = 1.0, 1.6, 2.6  # widths of strokes
DOT = 2.7  # radius of the mark of a changed edge


@cache
def text_font(size: int) -> QFont:
    """The canvas's font: not hinted, so that text keeps its proportions at every zoom."""
    result = themes.font(size)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def text_width(text: str, size: int) -> float:
    """Width of a text in units of the picture."""
    return QFontMetricsF(text_font(size)).horizontalAdvance(text)


def plate_width(text: str) -> float:
    """Width of the plate behind a label."""
    return text_width(text, LABEL) + 2 * PADDING


@cache
def layout_of(cell: Cell) -> Layout:
    """The layout of a cell in the canvas's font; computed once per cell, so that replaying a search costs nothing."""
    return lay_out(cell, plate_width)


class Item(QGraphicsItem):
    """An item whose extent is fixed when it is made, and which the pointer passes through."""

    def __init__(self, extent: QRectF, parent: QGraphicsItem | None) -> None:
        super().__init__(parent)
        self._extent = extent
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        raise NotImplementedError(type(self).__name__)


class TextItem(Item):
    """A line of text from (0, 0) to the right, (0, 0) being the middle of its capitals' left edge."""

    def __init__(self, text: str, size: int, colour: str, parent: QGraphicsItem | None = None) -> None:
        metrics = QFontMetricsF(text_font(size))
        self._baseline = metrics.capHeight() / 2
        super().__init__(QRectF(0, -metrics.height(), metrics.horizontalAdvance(text), 2 * metrics.height()), parent)
        self.text, self._font, self._colour = text, text_font(size), QColor(colour)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setFont(self._font)
        painter.setPen(self._colour)
        painter.drawText(QPointF(0, self._baseline), self.text)


class BoxItem(Item):
    """A state: a node's number, or c with its subscript."""

    def __init__(self, box: Box, name: str, subscript: str, theme: Theme, parent: QGraphicsItem) -> None:
        self._shape = QRectF(-box.width / 2, -box.height / 2, box.width, box.height)
        super().__init__(self._shape.adjusted(-1, -1, 1, 1), parent)
        self.setPos(box.x, box.y)
        self.setZValue(3)
        self.name, self.subscript = name, subscript
        self._fill, self._rim, self._ink = QColor(theme.raised), QColor(theme.line), QColor(theme.text)
        wide, narrow = text_width(name, NAME), text_width(subscript, SUBSCRIPT)
        rise = QFontMetricsF(text_font(NAME))
        middle = rise.xHeight() / 2 if subscript else rise.capHeight() / 2
        self._at = QPointF(-(wide + narrow) / 2, middle)
        self._sub_at = self._at + QPointF(wide + 0.5, 3.5)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(QPen(self._rim, 1))
        painter.setBrush(self._fill)
        radius = min(self._shape.width(), self._shape.height(), 32) / 2 if not self.subscript else 8
        painter.drawRoundedRect(self._shape, radius, radius)
        painter.setPen(self._ink)
        painter.setFont(text_font(NAME))
        painter.drawText(self._at, self.name)
        if self.subscript:
            painter.setFont(text_font(SUBSCRIPT))
            painter.drawText(self._sub_at, self.subscript)


class WireItem(Item):
    """One edge: its curve, an arrow head where it carries an operation, and a dot where it has changed."""

    def __init__(
        self, route: Route, ends: tuple[str, str], plate: Box | None, changed: bool, theme: Theme, parent: QGraphicsItem
    ) -> None:
        path = QPainterPath(QPointF(*route.curves[0][0]))
        for _, first, second, end in route.curves:
            path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
        super().__init__(path.boundingRect().adjusted(-6, -6, ARROW + 2, 6), parent)
        self.source, self.target = ends
        self.changed = changed
        self.colour = theme.line if route.operation is None else _colour(theme, route.operation)
        self._path = path
        self._pen = QPen(QColor(self.colour), QUIET if route.operation is None else CHANGED if changed else WIRE)
        self._pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if route.operation == "none":
            self._pen.setDashPattern([4, 3])
        tip = path.currentPosition()
        half = ARROW / 2 if not changed else ARROW / 2 + 0.6
        self._head = QPolygonF([tip + QPointF(ARROW, 0), tip + QPointF(-0.5, -half), tip + QPointF(-0.5, half)])
        if route.operation is None:
            self._head = QPolygonF()
        self._dot = _before_plate(route, plate) if plate else QPointF()
        self.setZValue(0 if route.operation is None else 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(self._pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(self._pen.color()))
        painter.drawPolygon(self._head)
        if self.changed:
            painter.drawEllipse(self._dot, DOT, DOT)


class LabelItem(Item):
    """The name of an operation on a plate in the colour of the canvas, which interrupts the wire."""

    def __init__(self, box: Box, operation: str, theme: Theme, parent: QGraphicsItem) -> None:
        extent = QRectF(-box.width / 2, -PLATE / 2, box.width, PLATE)
        super().__init__(extent, parent)
        self.setPos(box.x, box.y)
        self.setZValue(2)
        self.text = label(operation)
        self._plate, self._ink = QColor(theme.surface), QColor(_colour(theme, operation))
        self._at = QPointF(PADDING - box.width / 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._plate)
        painter.drawRoundedRect(self._extent, 4, 4)
        painter.setPen(self._ink)
        painter.setFont(text_font(LABEL))
        painter.drawText(self._at, self.text)


class CellItem(Item):
    """A whole cell with its title above; its origin is the top left corner."""

    def __init__(self, name: str, cell: Cell, changed: frozenset[int], theme: Theme) -> None:
        layout = layout_of(cell)
        super().__init__(QRectF(0, 0, layout.width, layout.height + HEAD), None)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.name = name
        self.drawn = (name, cell, changed, theme)  # equal to another's: the same picture
        self.title = TextItem(titled(name), TITLE, theme.muted, self)
        self.title.setPos(0, PLATE / 2)
        self._picture = Item(QRectF(), self)
        self._picture.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self._picture.setPos(0, HEAD)
        self.boxes = [
            BoxItem(box, *_caption(state, cell.inputs), theme, self._picture) for state, box in layout.boxes.items()
        ]
        self.wires: list[WireItem] = []
        self.labels: list[LabelItem | None] = []
        for index, (route, plate) in enumerate(zip_longest(layout.routes, layout.labels)):
            ends = (state_name(route.source, cell.inputs), _target(route.target, cell.inputs))
            self.wires.append(WireItem(route, ends, plate, index in changed, theme, self._picture))
            self.labels.append(LabelItem(plate, route.operation or "", theme, self._picture) if plate else None)

    def shown(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every edge as (cell, from, to, label), read from the items; edges into c_k have no label."""
        return tuple(
            (self.name, wire.source, wire.target, plate.text if plate else "")
            for wire, plate in zip(self.wires, self.labels, strict=True)
        )


def _before_plate(route: Route, plate: Box) -> QPointF:
    """Where the mark of a changed edge stands: on the wire, just before its label."""
    left = plate.x - plate.width / 2
    y = next((end[1] for *_, end in route.curves if abs(end[0] - left) < 1), plate.y)
    return QPointF(left - DOT, y)


def _caption(state: int, inputs: int) -> tuple[str, str]:
    """What stands in a box: the text and its subscript."""
    if state == OUTPUT:
        return "c", "k"
    name = state_name(state, inputs)
    return ("c", name) if state < inputs else (name, "")


def _target(state: int, inputs: int) -> str:
    return "k" if state == OUTPUT else state_name(state, inputs)


def _colour(theme: Theme, operation: str) -> str:
    return theme.operation(OPERATIONS[operation].kind)
