"""What is painted over the boards while they are edited, in the colours of the theme."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.theme import Theme

from ..items import BoxItem
from ..kinds import ArcRef, Part, SpotRef
from ..places import swing

if TYPE_CHECKING:
    from .picture import EditView

RING = 3.0  # from a box to the ring around it
PORT = 5.0  # radius
GLOW, FAINT, VEIL = 90, 45, 150  # of 255: a selected arc, one under the pointer, what covers an illegal target


def paint(painter: QPainter, view: "EditView") -> None:
    """The selection, what the pointer is over, and the arc that waits for its operation."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    accent = QColor(view.theme.accent)
    for part in view.document.selection:
        _mark(painter, view, part, accent, 2.0 if view.hasFocus() else 1.2, GLOW)
    if view.hovered is not None and view.gesture is None:
        if view.hovered not in view.document.selection:
            _mark(painter, view, view.hovered, QColor(view.theme.muted), 1.0, FAINT)
        if (
            isinstance(view.hovered, SpotRef)
            and view.item(view.hovered.board).board.by_number[view.hovered.number].role != "output"
        ):
            _port(painter, view, view.hovered)
    if view.pending is not None:
        source, target = view.pending
        box = view.box(target)
        draft_arc(painter, view, view.port_of(source), box.scenePos() + QPointF(box.shape_.left(), 0), bad=False)


def targets(painter: QPainter, view: "EditView", source: SpotRef, objections: dict[int, str]) -> None:
    """Where an arc from `source` may lead: rings around what is legal, a veil over what is not."""
    for item in view._boards:
        for number, box in item.boxes.items():
            here = SpotRef(item.board.name, number)
            if here == source:
                continue
            if item.board.name == source.board and not objections[number]:
                _ring(painter, box, QColor(view.theme.accent), 1.4)
            else:
                veil = QColor(view.theme.surface)
                veil.setAlpha(VEIL)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(veil)
                rect = box.mapRectToScene(box.shape_).adjusted(-1, -1, 1, 1)
                painter.drawRoundedRect(rect, box.radius + 1, box.radius + 1)


def draft_arc(painter: QPainter, view: "EditView", start: QPointF, end: QPointF, bad: bool) -> None:
    """An arc that is not there yet."""
    colour = QColor(view.theme.bad if bad else view.theme.accent)
    _, first, second, _ = swing(start.toTuple(), end.toTuple())
    path = QPainterPath(start)
    path.cubicTo(QPointF(*first), QPointF(*second), end)
    pen = QPen(colour, 1.8)
    if bad:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(start, PORT, PORT)
    painter.drawEllipse(end, PORT - 2, PORT - 2)


def band(painter: QPainter, view: "EditView", rect: QRectF) -> None:
    """The rectangle that selects."""
    colour = QColor(view.theme.accent)
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    painter.setPen(pen)
    colour.setAlpha(FAINT // 2)
    painter.setBrush(colour)
    painter.drawRect(rect)


def hint_style(theme: Theme, bad: bool) -> str:
    """The style of the words beside the cursor."""
    return (
        f"background: {theme.raised}; color: {theme.bad if bad else theme.text}; "
        f"border: 1px solid {theme.bad if bad else theme.border}; border-radius: 4px; padding: 3px 7px;"
    )


def _mark(painter: QPainter, view: "EditView", part: Part, colour: QColor, width: float, glow: int) -> None:
    if isinstance(part, SpotRef):
        _ring(painter, view.box(part), colour, width)
        _trace(painter, view, part, colour)
    else:
        _glow(painter, view, part, colour, glow)


def _trace(painter: QPainter, view: "EditView", spot: SpotRef, colour: QColor) -> None:
    """The arcs of a spot, where arcs carry nothing and are told apart by nothing else."""
    item = view.item(spot.board)
    painter.setPen(QPen(colour, 1.8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for arc, wire in zip(item.board.arcs, item.wires, strict=True):
        if arc.plain and spot.number in (arc.source, arc.target):
            painter.drawPath(wire.mapToScene(wire.path))


def _ring(painter: QPainter, box: BoxItem, colour: QColor, width: float) -> None:
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rect = box.mapRectToScene(box.shape_).adjusted(-RING, -RING, RING, RING)
    painter.drawRoundedRect(rect, box.radius + RING, box.radius + RING)


def _glow(painter: QPainter, view: "EditView", arc: ArcRef, colour: QColor, glow: int) -> None:
    item = view.item(arc.board)
    wire, plate = item.wires[arc.index], item.labels[arc.index]
    faint = QColor(colour)
    faint.setAlpha(glow)
    pen = QPen(faint, 7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(wire.mapToScene(wire.path))
    if plate is not None:
        painter.setPen(QPen(colour, 1.4))
        painter.drawRoundedRect(plate.sceneBoundingRect().adjusted(-1, -1, 1, 1), 5, 5)


def _port(painter: QPainter, view: "EditView", spot: SpotRef) -> None:
    on = view.port == spot
    painter.setPen(QPen(QColor(view.theme.accent), 1.6))
    painter.setBrush(QColor(view.theme.accent if on else view.theme.raised))
    painter.drawEllipse(view.port_of(spot), PORT, PORT)
