"""What is drawn of a space: every edge that may be, faint while it is left open, with its palette on a plate.

Boxes and titles are those of architectures (app/graph/items.py); so both pictures speak the same language.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.editors.space.kinds.choices import Drawn, SlotStyle
from app.editors.space.rail_layout import PLATE, lay_out
from app.graph.edge_routing import ARROW, NODE, Box, Route
from app.graph.items import (
    HEAD,
    LABEL,
    PADDING,
    TITLE,
    BoxItem,
    CurveItem,
    GraphItem,
    Item,
    LabelItem,
    TextItem,
    layout_of,
    text_width,
)
from app.graph.model import DiagramNode, titled
from app.theme import Theme

STRIP = 2.0  # height of the strip of colours
WIDTHS = {"open": 1.0, "narrowed": 1.4, "forbidden": 1.0, "always": 2.2}  # of wires
GAP = 10.0  # between a title and what is said beside it
PICKED = 1.8  # width of a wire that carries one thing for certain
SEGMENT = 3.0  # least width of one colour in the strip


def plate_width(style: SlotStyle) -> float:
    """Width of the plate of a slot."""
    if not style.text:
        return 0.0
    return max(text_width(style.text, LABEL), SEGMENT * len(style.palette)) + 2 * PADDING


class SlotWire(CurveItem):
    """One edge that may be there."""

    def __init__(
        self, index: int, ends: tuple[str, str], route: Route, style: SlotStyle, theme: Theme, parent: Item
    ) -> None:
        width = PICKED if style.tint and style.state != "always" else WIDTHS[style.state]
        pen = QPen(QColor(wire_colour(style, theme)), width)
        if style.state == "forbidden":
            pen.setDashPattern([3, 4])
        head = 0.0 if route.operation is None or style.state == "forbidden" else ARROW - 1
        super().__init__(index, ends, route, pen, head, parent)
        self.style = style
        self.setZValue({"forbidden": -1, "open": 0, "narrowed": 1, "always": 1.5}[style.state])


class SlotBox(BoxItem):
    """A box that has something open itself, in words and as a strip of colours."""

    def __init__(self, box: Box, node: DiagramNode, style: SlotStyle | None, theme: Theme, parent: Item) -> None:
        super().__init__(box, node, theme, parent)
        self.style = style
        if style is not None:
            self._tint = QColor(plate_colour(style, theme))
            gone = QColor(theme.border)
            self._strip = [QColor(theme.operation(tint)) if on else gone for tint, on in style.palette]
            self._left = NODE - box.width / 2 - 2
            self._label_at -= QPointF(0, 2) if self._strip else QPointF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.style is not None and self._strip:
            room = QRectF(self._left, self.outline.bottom() - STRIP - 4, text_width(self.label, LABEL), STRIP)
            paint_strip(painter, room, self._strip)


class PlateItem(LabelItem):
    """What may be on an edge: how much in words, and a strip in which every choice has its place and its colour."""

    def __init__(self, index: int, box: Box, style: SlotStyle, theme: Theme, parent: Item) -> None:
        super().__init__(index, box, style.text, plate_colour(style, theme), theme, parent, PLATE)
        self._at = QPointF(-text_width(style.text, LABEL) / 2, self._at.y() - 2)
        gone = QColor(theme.border)
        self._colours = [QColor(theme.operation(tint)) if on else gone for tint, on in style.palette]

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        painter.setPen(Qt.PenStyle.NoPen)
        paint_strip(painter, self._extent.adjusted(PADDING, PLATE - STRIP - 1.5, -PADDING, -1.5), self._colours)


class SpaceItem(GraphItem):
    """A diagram of a space; its origin is the top left corner of the title's line."""

    def __init__(self, drawn: Drawn, theme: Theme) -> None:
        diagram = drawn.diagram
        carrying = [style for edge, style in zip(diagram.edges, drawn.edges, strict=True) if edge.operation is not None]
        styles = dict(drawn.nodes)
        layout = lay_out(diagram, tuple(map(plate_width, carrying))) if drawn.rails else layout_of(diagram)
        extent = QRectF(layout.left, 0, layout.width, layout.height + HEAD)
        super().__init__(diagram, titled(diagram.name), extent, theme)
        self.note = TextItem(drawn.note, TITLE, theme.text, self)
        self.note.setPos(layout.left + text_width(titled(diagram.name), TITLE) + GAP, 8)
        self.title.setPos(layout.left, 8)
        self.picture.setPos(0, HEAD - layout.top)
        self.boxes = {
            number: SlotBox(box, diagram.by_number[number], styles.get(number), theme, self.picture)
            for number, box in layout.boxes.items()
        }
        for index, (edge, route, style) in enumerate(zip(diagram.edges, layout.routes, drawn.edges, strict=True)):
            ends = (diagram.title(edge.source), diagram.title(edge.target))
            self.wires.append(SlotWire(index, ends, route, style, theme, self.picture))
            shown = index < len(layout.labels) and bool(style.text)
            self.labels.append(PlateItem(index, layout.labels[index], style, theme, self.picture) if shown else None)


def paint_strip(painter: QPainter, room: QRectF, colours: list[QColor]) -> None:
    """Every choice in its place, in its colour."""
    step = room.width() / max(1, len(colours))
    for place, colour in enumerate(colours):
        painter.fillRect(QRectF(room.left() + place * step, room.top(), step - 0.8, room.height()), colour)


def wire_colour(style: SlotStyle, theme: Theme) -> str:
    """Faint while everything is open, in the operation's colour where one is left."""
    if style.tint:
        return theme.operation(style.tint)
    return {"open": theme.edge, "narrowed": theme.muted, "forbidden": theme.line, "always": theme.text}[style.state]


def plate_colour(style: SlotStyle, theme: Theme) -> str:
    """Of the words on a plate."""
    if style.tint:
        return theme.operation(style.tint)
    return theme.muted if style.state in ("open", "forbidden") else theme.text
