"""The picture of the architecture that is edited: the document's diagrams, opened alone or all together."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.editors.architecture.architecture_document import ArchitectureDocument
from app.editors.architecture.hit_test import PortView
from app.editors.editor_view import Gesture, Pan, draw_ring, faded
from app.graph.graph_view import MARGIN, Shown
from app.graph.kinds import NodeRef
from app.graph.layout import swing
from app.graph.model import described
from app.theme import Theme

PORT = 5.0  # radius of a port
VEIL = 150  # of 255: what covers an illegal target
ELSEWHERE = "an edge stays within its own graph"


class Move(Gesture):
    """Moves the selected boxes, as one step to undo."""

    view: PortView

    def __init__(self, view: PortView, at: QPoint, node: NodeRef) -> None:
        super().__init__(view, at)
        self.node = node
        self.drag = 0

    def move(self, at: QPoint) -> None:
        document = self.view.document
        self.at = at
        if not self.drag:
            if not self.far:
                return
            self.drag = document.new_drag()
            self.from_ = {node: self.view.within(node.diagram, self.view.middle(node)) for node in document.nodes}
        step = self.view.mapToScene(at) - self.view.mapToScene(self.start)
        places = {node: (x + step.x(), y + step.y()) for node, (x, y) in self.from_.items()}
        document.move(places, self.drag)

    def cancel(self) -> None:
        if self.drag:
            self.view.document.stack.undo()


class Draw(Gesture):
    """Draws an edge from a node's port to another node."""

    view: PortView

    def __init__(self, view: PortView, at: QPoint, source: NodeRef) -> None:
        super().__init__(view, at)
        self.source = source
        nodes = view.document.diagram(source.diagram).nodes
        self.objections = {
            node.number: view.document.objection(source.diagram, source.number, node.number) for node in nodes
        }
        self.target: NodeRef | None = None

    @property
    def reason(self) -> str:
        """Why the edge cannot lead to where the pointer is, or ""."""
        if self.target is None or self.target == self.source:
            return ""
        return self.objections[self.target.number] if self.target.diagram == self.source.diagram else ELSEWHERE

    @property
    def legal(self) -> bool:
        """Whether letting go now draws an edge."""
        return self.target is not None and self.target != self.source and not self.reason

    @property
    def end(self) -> QPointF:
        """Where the edge ends for now, in the scene."""
        if self.target is None or not self.legal:
            return self.view.mapToScene(self.at)
        box = self.view.box(self.target)
        return box.scenePos() + QPointF(box.outline.left(), 0)

    def move(self, at: QPoint) -> None:
        self.at = at
        self.target = self.view.node_at(self.view.mapToScene(at))
        self.view.show_hint(self.reason, at, bad=True)

    def release(self, at: QPoint) -> None:
        self.move(at)
        if self.legal and self.target is not None:
            self.view.edge_drawn.emit(self.source, self.target, at)
        elif self.reason:
            self.view.document.refused.emit(self.reason)

    def paint(self, painter: QPainter) -> None:
        self._show_targets(painter)
        draw_edge(painter, self.view.theme, self.view.port_of(self.source), self.end, bad=bool(self.reason))

    def _show_targets(self, painter: QPainter) -> None:
        """Where the edge may lead: rings around what is legal, a veil over what is not."""
        theme = self.view.theme
        for item in self.view._diagrams:
            for number, box in item.boxes.items():
                if NodeRef(item.diagram.name, number) == self.source:
                    continue
                if item.diagram.name == self.source.diagram and not self.objections[number]:
                    draw_ring(painter, box, QColor(theme.accent), 1.4)
                else:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(faded(QColor(theme.surface), VEIL))
                    rect = box.mapRectToScene(box.outline).adjusted(-1, -1, 1, 1)
                    painter.drawRoundedRect(rect, box.radius + 1, box.radius + 1)


def draw_edge(painter: QPainter, theme: Theme, start: QPointF, end: QPointF, bad: bool = False) -> None:
    """An edge that is not there yet."""
    colour = QColor(theme.bad if bad else theme.accent)
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


OPENED = 1.6  # the largest zoom at which a diagram is opened


class ArchitectureView(PortView):
    """A projection of the document. What the mouse draws and moves is in tools.py.

    `opened`: a diagram is shown alone. `operated`: somebody asked for the choices of these parts, at a point of the
    viewport.
    """

    opened = Signal(str)  # the name of a diagram that is shown alone now
    operated = Signal(object, object)  # parts, QPoint

    def __init__(self, document: ArchitectureDocument, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.port: NodeRef | None = None  # whose port the pointer is on
        self.pending: tuple[NodeRef, NodeRef] | None = None  # an edge that waits for its operation
        self.last_diagram = ""  # that the pointer was pressed on
        self.panning = False  # the key is held that makes a drag move the picture
        self._build()

    # -- what is shown

    def to_draw(self) -> Iterable[Shown]:
        draft = self.document.draft
        for diagram in draft.diagrams():
            yield diagram, frozenset(), draft.places(diagram.name)

    def description(self) -> str:
        return described(self.document.diagrams())

    def _build(self) -> None:
        self.port = None
        super()._build()

    def _arrange(self) -> None:
        """Fit when something has left the sight, unless a person has put it there; else leave the picture alone."""
        if self._fitted and not self.document.draft.moved and (self._touching() or not self._in_sight()):
            super()._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted and not self.document.draft.moved:
            super()._arrange()  # another room: what was fitted to the old one may be tiny in it

    def fit(self) -> None:
        self._fitted = True
        super()._arrange()

    def open_diagram(self, name: str) -> None:
        """Show one diagram alone, as large as it fits; `fit` shows all of them again."""
        self._fitted = False
        rect = self.item(name).sceneBoundingRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.fitInView(rect, Qt.AspectRatioMode.KeepAspectRatio)
        self.last_diagram = name
        if self.transform().m11() > OPENED:
            self.resetTransform()
            self.scale(OPENED, OPENED)
            self.centerOn(rect.center())
        self.document.select([])
        self.opened.emit(name)

    def _in_sight(self) -> bool:
        picture = self._scene.itemsBoundingRect()
        return QRectF(self.viewport().rect()).contains(self.mapFromScene(picture).boundingRect())

    def _touching(self) -> bool:
        rects = [item.sceneBoundingRect() for item in self._diagrams]
        return any(one.intersects(other) for index, one in enumerate(rects) for other in rects[index + 1 :])

    # -- the mouse

    def begin(self, event: QMouseEvent) -> Gesture | None:
        at, left = event.position().toPoint(), event.button() == Qt.MouseButton.LeftButton
        self.last_diagram = self.diagram_at(self.mapToScene(at))
        if left and self.panning:
            return Pan(self, at)
        port = self.port_at(self.mapToScene(at)) if left else None
        if port is not None:
            return Draw(self, at, port)
        part = self.part_at(self.mapToScene(at)) if left else None
        gesture = super().begin(event)
        return Move(self, at, part) if isinstance(part, NodeRef) and part in self.document.selection else gesture

    def press_part(self, part: object, more: bool) -> None:
        if more or part not in self.document.selection:  # else all that is selected is dragged
            super().press_part(part, more)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.show_hint("", QPoint())
        self._arrange()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an edge or a box: what it carries. On nothing: a new node."""
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        point = self.mapToScene(at)
        part = self.part_at(point)
        if part is None:
            diagram = self.diagram_at(point)
            self.document.add(diagram, self.within(diagram, point))
        elif (name := self.document.kind.opens(self.document.architecture, part)) is not None:
            self.open_diagram(name)
        else:
            self.operated.emit([part], at)

    def cancel(self) -> bool:
        self.show_hint("", QPoint())
        return super().cancel()

    def hover(self, at: QPointF | None) -> None:
        self.port = self.port_at(at) if at is not None else None
        part = self.port or (self.part_at(at) if at is not None else None)
        self.set_hovered(part, Qt.CursorShape.CrossCursor if self.port else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    # -- the key that is held to move the picture

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
            return
        self.panning = True
        if not event.isAutoRepeat():
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.panning = False
            self.hover(None)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.panning = False
        super().focusOutEvent(event)

    # -- paint

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        super().drawForeground(painter, rect)
        node = self.hovered if isinstance(self.hovered, NodeRef) and self.gesture is None else None
        if node is not None and self.document.node(node).role != "output":
            self._draw_port(painter, node)
        if self.pending is not None:
            source, target = self.pending
            box = self.box(target)
            end = box.scenePos() + QPointF(box.outline.left(), 0)
            draw_edge(painter, self.theme, self.port_of(source), end)

    def mark(self, painter: QPainter, part: object, colour: QColor, width: float, glow: int) -> None:
        """Also the edges of a node, where edges carry nothing and are told apart by nothing else."""
        super().mark(painter, part, colour, width, glow)
        if isinstance(part, NodeRef):
            item = self.item(part.diagram)
            painter.setPen(QPen(colour, 1.8))
            for edge, wire in zip(item.diagram.edges, item.wires, strict=True):
                if edge.plain and part.number in (edge.source, edge.target):
                    painter.drawPath(wire.mapToScene(wire.path))

    def _draw_port(self, painter: QPainter, node: NodeRef) -> None:
        painter.setPen(QPen(QColor(self.theme.accent), 1.6))
        painter.setBrush(QColor(self.theme.accent if self.port == node else self.theme.raised))
        painter.drawEllipse(self.port_of(node), PORT, PORT)
