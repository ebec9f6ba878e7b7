"""What is drawn of a space: every edge that may be, faint while it is left open, with its palette on a plate.

Boxes and titles are those of architectures (../items.py); so both pictures speak the same language.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.theme import Theme

from ..board import Spot
from ..boxes import NODE, Box
from ..items import HEAD, LABEL, PADDING, TITLE, BoxItem, Item, TextItem, layout_of, text_font, text_width
from ..routes import ARROW, Route
from ..words import titled
from .rails import PLATE, lay_out
from .slots import Drawn, Look

STRIP = 2.0  # height of the strip of colours
WIDTHS = {"open": 1.0, "narrowed": 1.4, "forbidden": 1.0, "always": 2.2}  # of wires
GAP = 10.0  # between a title and what is said beside it
PICKED = 1.8  # width of a wire that carries one thing for certain
SEGMENT = 3.0  # least width of one colour in the strip


def plate_width(look: Look) -> float:
    """Width of the plate of a slot."""
    if not look.text:
        return 0.0
    return max(text_width(look.text, LABEL), SEGMENT * len(look.palette)) + 2 * PADDING


class WireItem(Item):
    """One edge that may be there."""

    def __init__(self, index: int, ends: tuple[str, str], route: Route, look: Look, theme: Theme, parent: Item) -> None:
        self.path = QPainterPath(QPointF(*route.curves[0][0]))
        for _, first, second, end in route.curves:
            self.path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
        super().__init__(self.path.boundingRect().adjusted(-6, -6, ARROW + 2, 6), parent)
        self.index, self.look = index, look
        self.source, self.target = ends
        quiet = route.operation is None
        width = PICKED if look.tint and look.state != "always" else WIDTHS[look.state]
        self._pen = QPen(QColor(wire_colour(look, theme)), width)
        self._pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if look.state == "forbidden":
            self._pen.setDashPattern([3, 4])
        tip, half = self.path.currentPosition(), ARROW / 2 - 0.5
        head = [tip + QPointF(ARROW, 0), tip + QPointF(-0.5, -half), tip + QPointF(-0.5, half)]
        self._head = QPolygonF() if quiet or look.state == "forbidden" else QPolygonF(head)
        self.setZValue({"forbidden": -1, "open": 0, "narrowed": 1, "always": 1.5}[look.state])

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(self._pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._pen.color())
        painter.drawPolygon(self._head)


class SlotBox(BoxItem):
    """A box that has something open itself, in words and as a strip of colours."""

    def __init__(self, box: Box, spot: Spot, look: Look | None, theme: Theme, parent: Item) -> None:
        super().__init__(box, spot, theme, parent)
        self.look = look
        if look is not None:
            self._tint = QColor(plate_colour(look, theme))
            gone = QColor(theme.border)
            self._strip = [QColor(theme.operation(tint)) if on else gone for tint, on in look.palette]
            self._left = NODE - box.width / 2 - 2
            self._label_at -= QPointF(0, 2) if self._strip else QPointF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.look is not None and self._strip:
            room = QRectF(self._left, self.shape_.bottom() - STRIP - 4, text_width(self.label, LABEL), STRIP)
            paint_strip(painter, room, self._strip)


class PlateItem(Item):
    """What may be on an edge: how much in words, and a strip in which every choice has its place and its colour."""

    def __init__(self, index: int, box: Box, look: Look, theme: Theme, parent: Item) -> None:
        super().__init__(QRectF(-box.width / 2, -PLATE / 2, box.width, PLATE), parent)
        self.setPos(box.x, box.y)
        self.setZValue(2)
        self.index, self.look, self.text = index, look, look.text
        self._plate = QColor(theme.surface)
        self._ink = QColor(plate_colour(look, theme))
        self._at = QPointF(-text_width(look.text, LABEL) / 2, QFontMetricsF(text_font(LABEL)).capHeight() / 2 - 2)
        self._gone = QColor(theme.border)
        self._colours = [QColor(theme.operation(tint)) if on else self._gone for tint, on in look.palette]

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._plate)
        painter.drawRoundedRect(self._extent, 4, 4)
        painter.setPen(self._ink)
        painter.setFont(text_font(LABEL))
        painter.drawText(self._at, self.text)
        painter.setPen(Qt.PenStyle.NoPen)
        room = self._extent.adjusted(PADDING, PLATE - STRIP - 1.5, -PADDING, -1.5)
        paint_strip(painter, room, self._colours)


class SpaceItem(Item):
    """A whole board of a space with its title above; its origin is the top left corner of the title's line."""

    def __init__(self, drawn: Drawn, theme: Theme) -> None:
        board = drawn.board
        carrying = [look for arc, look in zip(board.arcs, drawn.arcs, strict=True) if arc.operation is not None]
        looks = dict(drawn.spots)
        layout = lay_out(board, tuple(map(plate_width, carrying))) if drawn.rails else layout_of(board)
        super().__init__(QRectF(layout.left, 0, layout.width, layout.height + HEAD), None)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.board, self.drawn, self.theme = board, drawn, theme
        self.title = TextItem(titled(board.name), TITLE, theme.muted, self)
        self.note = TextItem(drawn.note, TITLE, theme.text, self)
        self.note.setPos(layout.left + text_width(titled(board.name), TITLE) + GAP, 8)
        self.title.setPos(layout.left, 8)
        self.picture = Item(QRectF(), self)
        self.picture.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.picture.setPos(0, HEAD - layout.top)
        self.boxes = {
            number: SlotBox(box, board.by_number[number], looks.get(number), theme, self.picture)
            for number, box in layout.boxes.items()
        }
        self.wires: list[WireItem] = []
        self.plates: list[PlateItem | None] = []
        for index, (arc, route, look) in enumerate(zip(board.arcs, layout.routes, drawn.arcs, strict=True)):
            ends = (board.title(arc.source), board.title(arc.target))
            self.wires.append(WireItem(index, ends, route, look, theme, self.picture))
            shown = index < len(layout.labels) and bool(look.text)
            self.plates.append(PlateItem(index, layout.labels[index], look, theme, self.picture) if shown else None)

    def shown(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every edge as (board, from, to, words), read from the items; those that carry nothing have no words."""
        return tuple(
            (self.board.name, wire.source, wire.target, plate.text if plate else "")
            for wire, plate in zip(self.wires, self.plates, strict=True)
        )


def paint_strip(painter: QPainter, room: QRectF, colours: list[QColor]) -> None:
    """Every choice in its place, in its colour."""
    step = room.width() / max(1, len(colours))
    for place, colour in enumerate(colours):
        painter.fillRect(QRectF(room.left() + place * step, room.top(), step - 0.8, room.height()), colour)


def wire_colour(look: Look, theme: Theme) -> str:
    """Faint while everything is open, in the operation's colour where one is left."""
    if look.tint:
        return theme.operation(look.tint)
    return {"open": theme.line, "narrowed": theme.muted, "forbidden": theme.line, "always": theme.text}[look.state]


def plate_colour(look: Look, theme: Theme) -> str:
    """Of the words on a plate."""
    if look.tint:
        return theme.operation(look.tint)
    return theme.muted if look.state in ("open", "forbidden") else theme.text
