"""The picture of a space: pointing at edges, nodes and whole cells selects what they leave open."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app.editors.editor_view import EditorView
from app.editors.space.kinds.choices import DiagramRef, Drawn, Part
from app.editors.space.space_document import SpaceDocument
from app.editors.space.space_items import SpaceItem
from app.editors.space.space_labels import described, tooltip
from app.graph.items import GraphItem

NO_PICTURE = "There is no picture of this kind of space yet; its settings, numbers and samples are beside and below"


class SpaceView(EditorView):
    """A projection of the document. Only what leaves something open can be selected."""

    MORE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier

    document: SpaceDocument

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(document, "Space being edited", parent)
        self._build()

    # -- what is shown

    def to_draw(self) -> Iterable[Drawn]:
        return self.document.drawn()

    def make_item(self, shown: Drawn) -> GraphItem:
        return SpaceItem(shown, self.theme)

    def empty_text(self) -> str:
        return NO_PICTURE

    def description(self) -> str:
        return described(self.document) or NO_PICTURE

    # -- where things are

    def middle(self, part: Part) -> QPointF:
        if isinstance(part, DiagramRef):
            return self.item(part.diagram).title.sceneBoundingRect().center()
        return super().middle(part)

    def part_at(self, at: QPointF) -> Part | None:
        """A title stands for its diagram; where several wires share a rail, the shortest is meant."""
        for item in self._diagrams:
            if item.title.contains(item.title.mapFromScene(at)):
                return DiagramRef(item.diagram.name)
        if part := self.node_at(at) or self.label_at(at):
            return part if self._is_open(part) else None
        hits = sorted((wire.path.boundingRect().width(), edge) for edge, wire in self.wires_at(at))
        return next((edge for _, edge in hits if self._is_open(edge)), None)

    def _is_open(self, part: Part) -> bool:
        return bool(self.document.kind.keys(self.document.space, part))

    def parts_in(self, rect: QRectF) -> set[Part]:
        """The plates that a rectangle of the scene touches; boxes only where there are no plates."""
        found: set[Part] = set()
        for item in self._diagrams:
            found |= self.labels_in(item, rect) if any(item.labels) else self.boxes_in(item, rect)
        return set(filter(self._is_open, found))

    # -- the mouse

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.part_at(self.mapToScene(event.position().toPoint())) is None:
            self.fit()
        else:
            self.mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """The tool tip spells the palette out under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            at = event.pos()  # type: ignore[attr-defined]
            part = self.part_at(self.mapToScene(at))
            QToolTip.showText(event.globalPos(), tooltip(self.document, part) if part else "", self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    # -- paint

    def mark(self, painter: QPainter, part: Part, colour: QColor, width: float, glow: int) -> None:
        if isinstance(part, DiagramRef):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, width))
            title = self.item(part.diagram).title.sceneBoundingRect()
            painter.drawRoundedRect(title.adjusted(-6, 4, 6, -4), 5, 5)
        else:
            super().mark(painter, part, colour, width, glow)
