"""What is drawn: boxes, wires and labels of one board as graphics items, each made from numbers of the layout.

Plain QGraphicsItems without signals, children of one item per board, so that a board is moved and removed as a whole.
"""

from functools import cache, lru_cache
from itertools import zip_longest

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app import theme as themes
from app.theme import Theme

from .board import Arc, Board, Spot
from .boxes import NODE, PLATE, Box, Layout
from .layout import lay_out
from .places import Places, put
from .routes import ARROW, Route
from .words import titled

NAME, SUBSCRIPT, LABEL, TITLE = 13, 9, 11, 12  # text sizes, in units of the picture
PADDING = 5.0  # between a label and the end of its plate
HEAD = 30.0  # height of the title above a cell
QUIET, PLAIN, WIRE, CHANGED = 1.0, 1.2, 1.6, 2.6  # widths of strokes
TERMINAL_RADIUS = 8.0  # of the corners of inputs and output
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


@lru_cache(maxsize=4096)
def layout_of(board: Board) -> Layout:
    """The layout of a board in the canvas's font; computed once per board, so that replaying a search costs nothing."""
    return lay_out(board, plate_width)


class Item(QGraphicsItem):
    """An item whose extent is fixed when it is made, and which the pointer passes through."""

    def __init__(self, extent: QRectF, parent: QGraphicsItem | None) -> None:
        super().__init__(parent)
        self._extent = extent
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing of its own: a board shows its children. Items that show something say how."""


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
    """A spot: its number, or c with its subscript, and what it does."""

    def __init__(self, box: Box, spot: Spot, theme: Theme, parent: QGraphicsItem) -> None:
        self._shape = QRectF(-box.width / 2, -box.height / 2, box.width, box.height)
        super().__init__(self._shape.adjusted(-1, -1, 1, 1), parent)
        self.setPos(box.x, box.y)
        self.setZValue(3)
        self.number, self.name, self.subscript, self.label = spot.number, spot.name, spot.subscript, spot.label
        self._fill, self._rim, self._ink = QColor(theme.raised), QColor(theme.line), QColor(theme.text)
        self._radius = min(box.width, box.height, NODE) / 2 if spot.role == "node" else TERMINAL_RADIUS
        capitals = QFontMetricsF(text_font(NAME))
        middle = capitals.xHeight() / 2 if spot.subscript else capitals.capHeight() / 2
        wide, narrow = text_width(self.name, NAME), text_width(self.subscript, SUBSCRIPT)
        left = -(wide + narrow) / 2 if not spot.label else NODE / 2 - box.width / 2 - wide / 2
        self._at = QPointF(left, middle)
        self._sub_at = self._at + QPointF(wide + 0.5, 3.5)
        self._label_at = QPointF(NODE - box.width / 2 - 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2)
        self._tint = QColor(theme.operation(spot.tint))

    @property
    def shape_(self) -> QRectF:
        """The box itself, around its own middle."""
        return self._shape

    @property
    def radius(self) -> float:
        """Of the box's corners."""
        return self._radius

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(QPen(self._rim, 1))
        painter.setBrush(self._fill)
        painter.drawRoundedRect(self._shape, self._radius, self._radius)
        painter.setPen(self._ink)
        painter.setFont(text_font(NAME))
        painter.drawText(self._at, self.name)
        if self.subscript:
            painter.setFont(text_font(SUBSCRIPT))
            painter.drawText(self._sub_at, self.subscript)
        if self.label:
            painter.setPen(self._tint)
            painter.setFont(text_font(LABEL))
            painter.drawText(self._label_at, self.label)


class WireItem(Item):
    """One arc: its curve, an arrow head where it carries an operation, and a dot where it has changed."""

    def __init__(
        self,
        index: int,
        arc: Arc,
        ends: tuple[str, str],
        route: Route,
        plate: Box | None,
        changed: bool,
        theme: Theme,
        parent: QGraphicsItem,
    ) -> None:
        path = QPainterPath(QPointF(*route.curves[0][0]))
        for _, first, second, end in route.curves:
            path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
        super().__init__(path.boundingRect().adjusted(-6, -6, ARROW + 2, 6), parent)
        self.index = index
        self.source, self.target = ends
        self.changed = changed
        if arc.operation is not None:
            self.colour, width = theme.operation(arc.tint), WIRE
        else:
            self.colour, width = (theme.muted, PLAIN) if arc.plain else (theme.line, QUIET)
        self.path = path
        self._pen = QPen(QColor(self.colour), CHANGED if changed else width)
        self._pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if arc.operation == "none":
            self._pen.setDashPattern([4, 3])
        tip = path.currentPosition()
        half = ARROW / 2 if not changed else ARROW / 2 + 0.6
        self._head = QPolygonF([tip + QPointF(ARROW, 0), tip + QPointF(-0.5, -half), tip + QPointF(-0.5, half)])
        if arc.operation is None:
            self._head = QPolygonF()
        self._dot = _before_plate(route, plate) if plate else QPointF()
        self.setZValue(0 if arc.operation is None else 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(self._pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(self._pen.color()))
        painter.drawPolygon(self._head)
        if self.changed:
            painter.drawEllipse(self._dot, DOT, DOT)


class LabelItem(Item):
    """The name of an operation on a plate in the colour of the canvas, which interrupts the wire."""

    def __init__(self, index: int, box: Box, arc: Arc, theme: Theme, parent: QGraphicsItem) -> None:
        super().__init__(QRectF(-box.width / 2, -PLATE / 2, box.width, PLATE), parent)
        self.setPos(box.x, box.y)
        self.setZValue(2)
        self.index, self.text = index, arc.label
        self._plate, self._ink = QColor(theme.surface), QColor(theme.operation(arc.tint))
        self._at = QPointF(PADDING - box.width / 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._plate)
        painter.drawRoundedRect(self._extent, 4, 4)
        painter.setPen(self._ink)
        painter.setFont(text_font(LABEL))
        painter.drawText(self._at, self.text)


class BoardItem(Item):
    """A whole board with its title above; its origin is the top left corner of the title's line.

    `layout` and `title` are the board's own unless they are given.
    """

    def __init__(
        self,
        board: Board,
        changed: frozenset[int],
        theme: Theme,
        places: Places = (),
        layout: Layout | None = None,
        title: str = "",
    ) -> None:
        if layout is None:
            layout = put(layout_of(board), board, dict(places)) if places else layout_of(board)
        super().__init__(QRectF(layout.left, layout.top, layout.width, layout.height + HEAD), None)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.board = board
        self.drawn = (board, changed, theme, places)  # equal to another's: the same picture
        self.title = TextItem(title or titled(board.name), TITLE, theme.muted, self)
        self.title.setPos(layout.left, layout.top + PLATE / 2)
        self.picture = Item(QRectF(), self)
        self.picture.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.picture.setPos(0, HEAD)
        self.boxes = {
            number: BoxItem(box, board.by_number[number], theme, self.picture) for number, box in layout.boxes.items()
        }
        self.wires: list[WireItem] = []
        self.labels: list[LabelItem | None] = []
        for index, (arc, route, plate) in enumerate(zip_longest(board.arcs, layout.routes, layout.labels)):
            ends = (board.title(arc.source), board.title(arc.target))
            self.wires.append(WireItem(index, arc, ends, route, plate, index in changed, theme, self.picture))
            self.labels.append(LabelItem(index, plate, arc, theme, self.picture) if plate else None)

    def shown(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every arc as (board, from, to, label), read from the items; those that carry nothing have no label."""
        return tuple(
            (self.board.name, wire.source, wire.target, plate.text if plate else "")
            for wire, plate in zip(self.wires, self.labels, strict=True)
        )


def _before_plate(route: Route, plate: Box) -> QPointF:
    """Where the mark of a changed arc stands: on the wire, just before its label."""
    left = plate.x - plate.width / 2
    y = next((end[1] for *_, end in route.curves if abs(end[0] - left) < 1), plate.y)
    return QPointF(left - DOT, y)
