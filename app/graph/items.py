"""What is drawn: boxes, wires and labels of one diagram as graphics items, each made from numbers of the layout.

Plain QGraphicsItems without signals, children of one item per diagram, which is moved and removed as a whole.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import zip_longest

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app import theme as themes
from app.graph.edge_routing import ARROW, NODE, PLATE, Box, Layout, Route
from app.graph.layout import Places, lay_out, put
from app.graph.model import Diagram, DiagramEdge, DiagramNode, titled
from app.theme import Theme

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
def layout_of(diagram: Diagram) -> Layout:
    """The layout of a diagram in the canvas's font; computed once, so that replaying a search costs nothing."""
    return lay_out(diagram, plate_width)


class Item(QGraphicsItem):
    """An item whose extent is fixed when it is made, and which the pointer passes through."""

    def __init__(self, extent: QRectF, parent: QGraphicsItem | None) -> None:
        super().__init__(parent)
        self._extent = extent
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing of its own: a diagram shows its children. Items that show something say how."""


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
    """A node: its number, or c with its subscript, and what it does."""

    def __init__(self, box: Box, node: DiagramNode, theme: Theme, parent: QGraphicsItem) -> None:
        self._shape = QRectF(-box.width / 2, -box.height / 2, box.width, box.height)
        super().__init__(self._shape.adjusted(-1, -1, 1, 1), parent)
        self.setPos(box.x, box.y)
        self.setZValue(3)
        self.number, self.name, self.subscript, self.label = node.number, node.name, node.subscript, node.label
        self._fill, self._rim, self._ink = QColor(theme.raised), QColor(theme.line), QColor(theme.text)
        self._radius = min(box.width, box.height, NODE) / 2 if node.role == "node" else TERMINAL_RADIUS
        capitals = QFontMetricsF(text_font(NAME))
        middle = capitals.xHeight() / 2 if node.subscript else capitals.capHeight() / 2
        wide, narrow = text_width(self.name, NAME), text_width(self.subscript, SUBSCRIPT)
        left = -(wide + narrow) / 2 if not node.label else NODE / 2 - box.width / 2 - wide / 2
        self._at = QPointF(left, middle)
        self._sub_at = self._at + QPointF(wide + 0.5, 3.5)
        self._label_at = QPointF(NODE - box.width / 2 - 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2)
        self._tint = QColor(theme.operation(node.tint))

    @property
    def outline(self) -> QRectF:
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


class CurveItem(Item):
    """The line from one node to another in a pen, with an arrow head as wide as `head`; 0 for none."""

    def __init__(self, index: int, ends: tuple[str, str], route: Route, pen: QPen, head: float, parent: Item) -> None:
        self.path = QPainterPath(QPointF(*route.curves[0][0]))
        for _, first, second, end in route.curves:
            self.path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
        super().__init__(self.path.boundingRect().adjusted(-6, -6, ARROW + 2, 6), parent)
        self.index, self.pen = index, pen
        self.source, self.target = ends
        self.pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        tip, half = self.path.currentPosition(), head / 2
        corners = [tip + QPointF(ARROW, 0), tip + QPointF(-0.5, -half), tip + QPointF(-0.5, half)]
        self._head = QPolygonF(corners if head else [])

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(self.pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.pen.color())
        painter.drawPolygon(self._head)


class WireItem(CurveItem):
    """One edge: its curve, an arrow head where it carries an operation, and a dot where it has changed."""

    def __init__(
        self,
        index: int,
        edge: DiagramEdge,
        ends: tuple[str, str],
        route: Route,
        plate: Box | None,
        changed: bool,
        theme: Theme,
        parent: Item,
    ) -> None:
        self.changed = changed
        if edge.operation is not None:
            self.colour, width = theme.operation(edge.tint), WIRE
        else:
            self.colour, width = (theme.muted, PLAIN) if edge.plain else (theme.edge, QUIET)
        pen = QPen(QColor(self.colour), CHANGED if changed else width)
        if edge.operation == "none":
            pen.setDashPattern([4, 3])
        head = 0.0 if edge.operation is None else ARROW + 1.2 if changed else ARROW
        super().__init__(index, ends, route, pen, head, parent)
        self._dot = _before_plate(route, plate) if plate else QPointF()
        self.setZValue(0 if edge.operation is None else 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.changed:
            painter.drawEllipse(self._dot, DOT, DOT)


class LabelItem(Item):
    """What an edge carries in words, on a plate in the colour of the canvas, which interrupts the wire."""

    def __init__(
        self, index: int, box: Box, text: str, ink: str, theme: Theme, parent: Item, height: float = PLATE
    ) -> None:
        super().__init__(QRectF(-box.width / 2, -height / 2, box.width, height), parent)
        self.setPos(box.x, box.y)
        self.setZValue(2)
        self.index, self.text = index, text
        self._plate, self._ink = QColor(theme.surface), QColor(ink)
        self._at = QPointF(PADDING - box.width / 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._plate)
        painter.drawRoundedRect(self._extent, 4, 4)
        painter.setPen(self._ink)
        painter.setFont(text_font(LABEL))
        painter.drawText(self._at, self.text)


class GraphItem(Item):
    """A whole diagram with its title above: what pictures of architectures and of spaces have in common.

    Subclasses fill `wires`, and `labels` with one for every edge that has one.
    """

    def __init__(self, diagram: Diagram, title: str, extent: QRectF, theme: Theme) -> None:
        super().__init__(extent, None)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.diagram, self.theme = diagram, theme
        self.title = TextItem(title, TITLE, theme.muted, self)
        self.picture = Item(QRectF(), self)
        self.picture.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.boxes: Mapping[int, BoxItem] = {}
        self.wires: list[CurveItem] = []
        self.labels: list[LabelItem | None] = []

    def shown(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every edge as (diagram, from, to, label), read from the items; those that carry nothing have no label."""
        return tuple(
            (self.diagram.name, wire.source, wire.target, label.text if label else "")
            for wire, label in zip(self.wires, self.labels, strict=True)
        )


class DiagramItem(GraphItem):
    """A diagram of an architecture; its origin is the top left corner of the title's line.

    `layout` and `title` are the diagram's own unless they are given.
    """

    def __init__(
        self,
        diagram: Diagram,
        changed: frozenset[int],
        theme: Theme,
        places: Places = (),
        layout: Layout | None = None,
        title: str = "",
    ) -> None:
        if layout is None:
            layout = put(layout_of(diagram), diagram, dict(places)) if places else layout_of(diagram)
        extent = QRectF(layout.left, layout.top, layout.width, layout.height + HEAD)
        super().__init__(diagram, title or titled(diagram.name), extent, theme)
        self.title.setPos(layout.left, layout.top + PLATE / 2)
        self.picture.setPos(0, HEAD)
        self.boxes = {
            number: BoxItem(box, diagram.by_number[number], theme, self.picture) for number, box in layout.boxes.items()
        }
        for index, (edge, route, plate) in enumerate(zip_longest(diagram.edges, layout.routes, layout.labels)):
            ends = (diagram.title(edge.source), diagram.title(edge.target))
            self.wires.append(WireItem(index, edge, ends, route, plate, index in changed, theme, self.picture))
            ink = theme.operation(edge.tint)
            self.labels.append(LabelItem(index, plate, edge.label, ink, theme, self.picture) if plate else None)


def _before_plate(route: Route, plate: Box) -> QPointF:
    """Where the mark of a changed edge stands: on the wire, just before its label."""
    left = plate.x - plate.width / 2
    y = next((end[1] for *_, end in route.curves if abs(end[0] - left) < 1), plate.y)
    return QPointF(left - DOT, y)
