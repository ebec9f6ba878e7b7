"""The picture of a space: pointing at edges, nodes and whole cells selects what they leave open."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPathStroker,
    QPen,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app import theme as themes

from ..board_view import BoardView
from ..edit import walk
from ..items import TextItem
from ..kinds import ArcRef, SpotRef
from .document import SpaceDocument
from .items import SpaceItem
from .slots import BoardRef, Part
from .words import described, tooltip

NEAR = 10.0  # how far from a wire the pointer still means it
RING = 3.0  # from a box or a plate to the line around it
GLOW, FAINT = 90, 45  # of 255: a selected wire, one under the pointer
NO_PICTURE = "There is no picture of this kind of space yet; its settings, numbers and samples are beside and below"


class SpaceView(BoardView):
    """A projection of the document. `wanted_menu`: somebody asked what can be done at a point of the viewport."""

    wanted_menu = Signal(object)  # QPoint

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.hovered: Part | None = None
        self._items: list[SpaceItem] = []
        self._pressed: QPoint | None = None
        self._before = frozenset[Part]()
        self._band: QRectF | None = None
        self._panning: QPoint | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Space being edited")
        document.changed.connect(self._build)
        document.selected.connect(self.viewport().update)
        self._build()

    # -- what is shown

    def _build(self) -> None:
        """Bring the scene to the document's boards; those that are drawn already stay."""
        drawn = self.document.drawn()
        old = {(item.drawn, item.theme): item for item in self._items}
        items, self.hovered = [], None
        for board in drawn:
            item = old.pop((board, self.theme), None)
            if item is None:
                item = SpaceItem(board, self.theme)
                self._scene.addItem(item)
            items.append(item)
        for stale in (*old.values(), self._words):
            if stale is not None:
                self._scene.removeItem(stale)
        self._words = None if items else TextItem(NO_PICTURE, themes.BODY, self.theme.muted)
        if self._words is not None:
            self._scene.addItem(self._words)
        self._items = items
        self._boards = list(items)  # type: ignore[arg-type]
        self._scene.setBackgroundBrush(QColor(self.theme.surface))
        self.setAccessibleDescription(described(self.document) or NO_PICTURE)
        self._arrange()
        self.viewport().update()

    # -- where things are

    def item(self, board: str) -> SpaceItem:
        """The drawn board of a name."""
        return next(item for item in self._items if item.board.name == board)

    def middle(self, part: Part) -> QPointF:
        """The middle of a box, of a wire's plate, or of a title, in the scene."""
        item = self.item(part.board)
        if isinstance(part, BoardRef):
            return item.title.sceneBoundingRect().center()
        if isinstance(part, SpotRef):
            return item.boxes[part.number].scenePos()
        plate, wire = item.plates[part.index], item.wires[part.index]
        return plate.scenePos() if plate else wire.mapToScene(wire.path.pointAtPercent(0.5))

    def on_view(self, part: Part) -> QPoint:
        """The middle of a part in the viewport."""
        return self.mapFromScene(self.middle(part))

    def part_at(self, at: QPointF) -> Part | None:
        """What is at a point of the scene, if it can be selected."""
        for item in self._items:
            name = item.board.name
            if item.title.contains(item.title.mapFromScene(at)):
                return BoardRef(name)
            for number, box in item.boxes.items():
                if box.shape_.contains(box.mapFromScene(at)):
                    return self._answering(SpotRef(name, number))
            for plate in item.plates:
                if plate is not None and plate.contains(plate.mapFromScene(at)):
                    return self._answering(ArcRef(name, plate.index))
        return self._wire_at(at)

    def _wire_at(self, at: QPointF) -> Part | None:
        """The wire nearest to its end at a point of the scene: where several share a rail, the shortest."""
        stroker = QPainterPathStroker()
        stroker.setWidth(NEAR)
        hits = []
        for item in self._items:
            for wire in item.wires:
                point = wire.mapFromScene(at)
                if wire.boundingRect().contains(point) and stroker.createStroke(wire.path).contains(point):
                    hits.append((wire.path.boundingRect().width(), ArcRef(item.board.name, wire.index)))
        return next((part for _, ref in sorted(hits) if (part := self._answering(ref))), None)

    def _answering(self, part: Part) -> Part | None:
        return part if self.document.kind.keys(self.document.space, part) else None

    def parts_in(self, rect: QRectF) -> set[Part]:
        """The plates that a rectangle of the scene touches; boxes only where there are no plates."""
        found: set[Part] = set()
        for item in self._items:
            plates = [plate for plate in item.plates if plate is not None]
            found |= {
                ArcRef(item.board.name, plate.index) for plate in plates if rect.intersects(plate.sceneBoundingRect())
            }
            if not plates:
                found |= {
                    SpotRef(item.board.name, number)
                    for number, box in item.boxes.items()
                    if rect.intersects(box.mapRectToScene(box.shape_))
                }
        return {part for part in found if self._answering(part)}

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position().toPoint()
        event.accept()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = at
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        more = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        part = self.part_at(self.mapToScene(at))
        document = self.document
        if part is None:
            self._pressed, self._before = at, document.selection if more else frozenset()
        elif more:
            document.select(document.selection ^ {part})
        else:
            document.select([part])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        event.accept()
        if self._panning is not None:
            self.pan(self._panning.x() - at.x(), self._panning.y() - at.y())
            self._panning = at
        elif self._pressed is not None:
            far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far or self._band is not None:
                self._band = QRectF(self.mapToScene(self._pressed), self.mapToScene(at)).normalized()
                self.document.select(self._before | self.parts_in(self._band))
                self.viewport().update()
        else:
            self._hover(self.part_at(self.mapToScene(at)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and self._band is None:
            self.document.select(self._before)
        self._pressed = self._band = self._panning = None
        self.viewport().update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.part_at(self.mapToScene(event.position().toPoint())) is None:
            self.fit()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            selection = self.document.selection
            at = self.on_view(min(selection, key=str)) if selection else self.viewport().rect().center()
        else:
            part = self.part_at(self.mapToScene(at))
            if part not in self.document.selection:
                self.document.select([part] if part else [])
        self.wanted_menu.emit(at)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def _hover(self, part: Part | None) -> None:
        shape = Qt.CursorShape.PointingHandCursor if part else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if part != self.hovered:
            self.hovered = part
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """The tool tip spells the palette out under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            at = event.pos()  # type: ignore[attr-defined]
            part = self.part_at(self.mapToScene(at))
            QToolTip.showText(event.globalPos(), tooltip(self.document, part) if part else "", self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along the edges, Escape lets go; everything else is an action of the page."""
        if event.key() == Qt.Key.Key_Escape and self.document.selection:
            self.document.select([])
        elif not self._items or not walk.walked(self.document, self.middle, event.key()):  # type: ignore[arg-type]
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
        """The selection, what is under the pointer, and the rectangle that selects."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = QColor(self.theme.accent)
        for part in self.document.selection:
            self._mark(painter, part, accent, 2.0 if self.hasFocus() else 1.4, GLOW)
        if self.hovered is not None and self.hovered not in self.document.selection:
            self._mark(painter, self.hovered, QColor(self.theme.muted), 1.0, FAINT)
        if self._band is not None:
            pen = QPen(accent, 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(_faded(accent, FAINT // 2))
            painter.drawRect(self._band)

    def _mark(self, painter: QPainter, part: Part, colour: QColor, width: float, glow: int) -> None:
        item = self.item(part.board)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if isinstance(part, BoardRef):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(item.title.sceneBoundingRect().adjusted(-6, 4, 6, -4), 5, 5)
        elif isinstance(part, SpotRef):
            box = item.boxes[part.number]
            painter.setPen(QPen(colour, width))
            ring = box.mapRectToScene(box.shape_).adjusted(-RING, -RING, RING, RING)
            painter.drawRoundedRect(ring, box.radius + RING, box.radius + RING)
        else:
            wire, plate = item.wires[part.index], item.plates[part.index]
            pen = QPen(_faded(colour, glow), 6)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPath(wire.mapToScene(wire.path))
            if plate is not None:
                painter.setPen(QPen(colour, width * 0.8))
                painter.drawRoundedRect(plate.sceneBoundingRect().adjusted(-1, -1, 1, 1), 5, 5)


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded
