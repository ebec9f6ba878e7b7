"""The picture in both editors: what the pointer is over, what is selected, and what mouse and arrow keys do.

What a drag does is a gesture, begun by a press and ended by the release or given up; each editor may have its own.
"""

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
)
from PySide6.QtWidgets import QApplication, QWidget

from app.editors.document import Document
from app.editors.keyboard_nav import walk
from app.graph.graph_view import DiagramView
from app.graph.items import BoxItem, CurveItem, GraphItem
from app.graph.kinds import EdgeRef, NodeRef

NEAR = 10.0  # how far from a wire the pointer still means it
RING = 3.0  # from a box to the ring around it
GLOW, FAINT = 90, 45  # of 255: a selected edge, one under the pointer


class EditorView(DiagramView):
    """A projection of the document. `menu_requested`: somebody asked what can be done at a point of the viewport."""

    menu_requested = Signal(object)  # QPoint

    MORE = Qt.KeyboardModifier.ShiftModifier
    """Held while a press adds to the selection."""

    def __init__(self, document: Document[Any], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.hovered: Any = None
        self.gesture: Gesture | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        document.changed.connect(self._build)
        document.selected.connect(self.viewport().update)

    def description(self) -> str:
        """What is shown, for those who hear it."""
        return ""

    def _build(self) -> None:
        self.hovered = None
        super()._build()
        self.setAccessibleDescription(self.description())
        self.viewport().update()

    # -- where things are

    def item(self, diagram: str) -> GraphItem:
        """The drawn diagram of a name."""
        return next(item for item in self._diagrams if item.diagram.name == diagram)

    def box(self, node: NodeRef) -> BoxItem:
        """The drawn box of a node."""
        return self.item(node.diagram).boxes[node.number]

    def middle(self, part: Any) -> QPointF:
        """The middle of a box, or of an edge's label, in the scene."""
        if isinstance(part, NodeRef):
            return self.box(part).scenePos()
        item = self.item(part.diagram)
        label, wire = item.labels[part.index], item.wires[part.index]
        return label.scenePos() if label else wire.mapToScene(wire.path.pointAtPercent(0.5))

    def on_view(self, part: Any) -> QPoint:
        """The middle of a part in the viewport."""
        return self.mapFromScene(self.middle(part))

    def node_at(self, at: QPointF) -> NodeRef | None:
        """The box at a point of the scene."""
        for item in self._diagrams:
            for number, box in item.boxes.items():
                if box.outline.contains(box.mapFromScene(at)):
                    return NodeRef(item.diagram.name, number)
        return None

    def label_at(self, at: QPointF) -> EdgeRef | None:
        """The edge whose label is at a point of the scene."""
        for item in self._diagrams:
            for label in item.labels:
                if label is not None and label.contains(label.mapFromScene(at)):
                    return EdgeRef(item.diagram.name, label.index)
        return None

    def wires_at(self, at: QPointF) -> list[tuple[EdgeRef, CurveItem]]:
        """The edges whose lines pass a point of the scene, the uppermost first."""
        stroker, found = QPainterPathStroker(), []
        stroker.setWidth(NEAR)
        for item in self._diagrams:
            for wire in reversed(item.wires):
                point = wire.mapFromScene(at)
                if wire.boundingRect().contains(point) and stroker.createStroke(wire.path).contains(point):
                    found.append((EdgeRef(item.diagram.name, wire.index), wire))
        return found

    def part_at(self, at: QPointF) -> Any:
        """What is at a point of the scene, if it can be selected."""
        return self.node_at(at) or self.label_at(at) or next((edge for edge, _ in self.wires_at(at)), None)

    def boxes_in(self, item: GraphItem, rect: QRectF) -> set[Any]:
        """The boxes of one diagram that a rectangle of the scene touches."""
        boxes = item.boxes.items()
        return {NodeRef(item.diagram.name, n) for n, box in boxes if rect.intersects(box.mapRectToScene(box.outline))}

    def labels_in(self, item: GraphItem, rect: QRectF) -> set[Any]:
        """The edges of one diagram whose labels a rectangle of the scene touches."""
        labels = [label for label in item.labels if label is not None]
        return {EdgeRef(item.diagram.name, one.index) for one in labels if rect.intersects(one.sceneBoundingRect())}

    def parts_in(self, rect: QRectF) -> set[Any]:
        """What a rectangle of the scene selects."""
        return set().union(*(self.boxes_in(item, rect) | self.labels_in(item, rect) for item in self._diagrams))

    # -- the mouse

    def begin(self, event: QMouseEvent) -> "Gesture | None":
        """The gesture that a press begins, if any; a press on a part also selects it."""
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.MiddleButton:
            return Pan(self, at)
        if event.button() != Qt.MouseButton.LeftButton:
            return None
        more = bool(event.modifiers() & self.MORE)
        part = self.part_at(self.mapToScene(at))
        if part is None:
            return Band(self, at, more)
        self.press_part(part, more)
        return None

    def press_part(self, part: Any, more: bool) -> None:
        """Select what was pressed, or let it go where it adds to the selection and is in it."""
        self.document.select(self.document.selection ^ {part} if more else [part])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.cancel()
        self.gesture = self.begin(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self.gesture is not None:
            self.gesture.move(at)
            self.viewport().update()
        else:
            self.hover(self.mapToScene(at))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        at = event.position().toPoint()
        if gesture is not None:
            gesture.release(at)
        self.hover(self.mapToScene(at))
        self.viewport().update()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hover(None)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the pointer, unless it is selected, and offer what can be done with it."""
        event.accept()
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            selection = self.document.selection
            at = self.on_view(min(selection, key=str)) if selection else self.viewport().rect().center()
        else:
            part = self.part_at(self.mapToScene(at))
            if part not in self.document.selection:
                self.document.select([part] if part else [])
        self.menu_requested.emit(at)

    def cancel(self) -> bool:
        """Give up what the mouse is doing; whether it was doing anything."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.cancel()
            self.viewport().update()
        return gesture is not None

    def hover(self, at: QPointF | None) -> None:
        """The pointer is at a point of the scene now, or elsewhere."""
        part = self.part_at(at) if at is not None else None
        self.set_hovered(part, Qt.CursorShape.PointingHandCursor if part else Qt.CursorShape.ArrowCursor)

    def set_hovered(self, part: Any, cursor: Qt.CursorShape) -> None:
        """This part is under the pointer."""
        self.viewport().setCursor(cursor)
        if part != self.hovered:
            self.hovered = part
            self.viewport().update()

    # -- keys: only those that end a gesture or walk through the picture; all others are actions

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            pass
        elif event.key() == Qt.Key.Key_Escape and self.document.selection:
            self.document.select([])
        elif not walk(self.document, self.middle, event.key()):
            event.ignore()
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # -- paint

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """What lies over the diagrams: the selection, what the pointer is over, and what the mouse draws."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for part in self.document.selection:
            self.mark(painter, part, QColor(self.theme.accent), 2.0 if self.hasFocus() else 1.2, GLOW)
        if self.hovered is not None and self.gesture is None and self.hovered not in self.document.selection:
            self.mark(painter, self.hovered, QColor(self.theme.muted), 1.0, FAINT)
        if self.gesture is not None:
            self.gesture.paint(painter)

    def mark(self, painter: QPainter, part: Any, colour: QColor, width: float, glow: int) -> None:
        """Make a part stand out: a ring around a box, a glow (0 to 255) along an edge."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if isinstance(part, NodeRef):
            draw_ring(painter, self.box(part), colour, width)
            return
        item = self.item(part.diagram)
        wire, label = item.wires[part.index], item.labels[part.index]
        pen = QPen(faded(colour, glow), 7)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.save()
        painter.setClipPath(beside_labels(item))
        painter.drawPath(wire.mapToScene(wire.path))
        painter.restore()
        if label is not None:
            painter.setPen(QPen(colour, 1.4))
            painter.drawRoundedRect(label.sceneBoundingRect().adjusted(-1, -1, 1, 1), 5, 5)


def beside_labels(item: GraphItem) -> QPainterPath:
    """All of a diagram but its labels, which a glow must not run through."""
    path = QPainterPath()
    path.addRect(item.mapRectToScene(item.boundingRect()).adjusted(-RING, -RING, RING, RING))
    for label in item.labels:
        if label is not None:
            path.addRect(label.sceneBoundingRect())
    return path


def draw_ring(painter: QPainter, box: BoxItem, colour: QColor, width: float) -> None:
    """A line around a box."""
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rect = box.mapRectToScene(box.outline).adjusted(-RING, -RING, RING, RING)
    painter.drawRoundedRect(rect, box.radius + RING, box.radius + RING)


def faded(colour: QColor, alpha: int) -> QColor:
    """The colour, as opaque as `alpha` of 255."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result


class Gesture:
    """What the mouse does between press and release. Does nothing by itself."""

    def __init__(self, view: EditorView, at: QPoint) -> None:
        self.view, self.start = view, at
        self.at = at

    def move(self, at: QPoint) -> None:
        """The pointer is elsewhere now, in pixels of the viewport."""
        self.at = at

    def release(self, at: QPoint) -> None:
        """The button is let go."""

    def cancel(self) -> None:
        """Leave everything as it was."""

    def paint(self, painter: QPainter) -> None:
        """Draw over the picture, in the scene."""

    @property
    def far(self) -> bool:
        """Whether the pointer has come far enough to mean a drag."""
        return (self.at - self.start).manhattanLength() >= QApplication.startDragDistance()


class Pan(Gesture):
    """Moves the picture under the pointer."""

    def __init__(self, view: EditorView, at: QPoint) -> None:
        super().__init__(view, at)
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, at: QPoint) -> None:
        self.view.pan(self.at.x() - at.x(), self.at.y() - at.y())
        self.at = at


class Band(Gesture):
    """Selects what a rectangle touches, beside what is selected already where it is to be `more`."""

    def __init__(self, view: EditorView, at: QPoint, more: bool) -> None:
        super().__init__(view, at)
        self.before = view.document.selection
        self.kept: frozenset[Any] = self.before if more else frozenset()
        self._drawn = False

    @property
    def rect(self) -> QRectF:
        """The rectangle in the scene."""
        return QRectF(self.view.mapToScene(self.start), self.view.mapToScene(self.at)).normalized()

    def move(self, at: QPoint) -> None:
        self.at = at
        self._drawn = self._drawn or self.far
        if self._drawn:
            self.view.document.select(self.kept | self.view.parts_in(self.rect))

    def release(self, at: QPoint) -> None:
        if not self._drawn:
            self.view.document.select(self.kept)

    def cancel(self) -> None:
        self.view.document.select(self.before)

    def paint(self, painter: QPainter) -> None:
        if self._drawn:
            colour = QColor(self.view.theme.accent)
            pen = QPen(colour, 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(faded(colour, FAINT // 2))
            painter.drawRect(self.rect)
