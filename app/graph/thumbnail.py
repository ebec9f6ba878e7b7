"""An architecture as small as it can be made out: without words, its wires as wide as ever."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.graph.edge_routing import Layout
from app.graph.kinds import KINDS, diagrams
from app.graph.layout import lay_out
from app.graph.model import Diagram
from app.theme import Theme
from engine.space.architecture import Architecture

MOST = 60
"""The size of a diagram that is still laid out; a larger one could not be made out."""
GAP = 5.0  # between two diagrams of a small picture; in a larger one it grows along
WIRE, QUIET = 1.3, 0.7  # widths of strokes in pixels

Thumbnail = tuple[tuple[Diagram, Layout], ...]
"""The diagrams with their layouts; none where this kind of architecture has no picture, or a large one."""


@lru_cache(maxsize=512)
def thumbnail(architecture: Architecture) -> Thumbnail:
    """The picture of an architecture without words. From any thread."""
    if type(architecture) not in KINDS:
        return ()
    drawn = diagrams(architecture)
    if len(drawn) > 2 or (len(drawn) == 2 and drawn[0].edges == drawn[1].edges):
        drawn = drawn[:1]  # of a hierarchy the uppermost, and of a pair of equal cells one
    if any(diagram.size > MOST for diagram in drawn):
        return ()
    # By way of a list: other threads may look at everything there is, and must not see a tuple that still grows.
    return tuple([(diagram, lay_out(diagram, lambda text: 0.0)) for diagram in drawn])


def paint_thumbnail(painter: QPainter, picture: Thumbnail, room: QRectF, theme: Theme) -> None:
    """Draw the diagrams into a rectangle: side by side where it is wide, else one below the other."""
    wide = room.width() > 2 * room.height()
    gap = 3 * GAP if wide else GAP
    across = (room.width() - gap * (len(picture) - 1)) / max(1, len(picture)) if wide else room.width()
    down = room.height() if wide else (room.height() - gap * (len(picture) - 1)) / max(1, len(picture))
    for place, (diagram, layout) in enumerate(picture):
        corner = QPointF(place * (across + gap), 0) if wide else QPointF(0, place * (down + gap))
        part = QRectF(room.topLeft() + corner, room.size())
        part.setSize(QRectF(0, 0, across, down).size())
        _paint_diagram(painter, diagram, layout, part, theme)


def _paint_diagram(painter: QPainter, diagram: Diagram, layout: Layout, room: QRectF, theme: Theme) -> None:
    """A diagram within a rectangle; a chain lies down where there is more room across."""
    lying = diagram.flow == "chain" and room.width() > 1.2 * room.height() > 60
    long, high = (layout.height, layout.width) if lying else (layout.width, layout.height)
    across = room.width() / max(long, 1.0)
    down = min(room.height() / max(high, 1.0), 1.6 * across)
    left, top = room.left(), room.center().y() - down * high / 2

    def at(x: float, y: float) -> QPointF:
        x, y = x - layout.left, y - layout.top
        if lying:
            x, y = y, layout.width - x
        return QPointF(left + x * across, top + y * down)

    painter.setBrush(Qt.BrushStyle.NoBrush)
    for edge, route in zip(diagram.edges, layout.routes, strict=True):
        source, target = layout.boxes[edge.source], layout.boxes[edge.target]
        path = QPainterPath(at(source.x, source.y))  # boxes are drawn smaller than they are laid out
        path.lineTo(at(*route.curves[0][0]))
        for _, first, second, end in route.curves:
            path.cubicTo(at(*first), at(*second), at(*end))
        path.lineTo(at(target.x, target.y))
        colour = theme.edge if edge.operation is None else theme.operation(edge.tint)
        painter.setPen(QPen(QColor(colour), QUIET if edge.operation is None else WIRE))
        painter.drawPath(path)
    largest = 5.0 if room.height() < 60 else 8.0
    for number, box in layout.boxes.items():
        node = diagram.by_number[number]
        wide = max(3.0, min(box.width * across * 0.6, largest))
        tint = theme.operation(node.tint) if node.label else theme.muted
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tint))
        middle = at(box.x, box.y)
        if node.role == "node":
            painter.drawEllipse(middle, wide / 2, wide / 2)
        else:
            painter.drawRoundedRect(QRectF(middle.x() - wide / 2, middle.y() - wide / 2, wide, wide), 1, 1)
