"""Where things are in the picture of an architecture: parts by their references, ports, words beside the cursor."""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.editors.architecture.architecture_document import ArchitectureDocument
from app.editors.editor_view import EditorView
from app.graph.edge_routing import Point
from app.graph.items import GraphItem
from app.graph.kinds import NodeRef

PORT = 8.0  # how far from a port the pointer still means it
ASIDE = QPoint(16, 18)  # from the cursor to the words beside it


class PortView(EditorView):
    """What gestures act on. `edge_drawn`: an edge was drawn whose operation is still open."""

    edge_drawn = Signal(object, object, object)  # NodeRef, NodeRef, QPoint

    document: ArchitectureDocument

    def __init__(self, document: ArchitectureDocument, parent: QWidget | None = None) -> None:
        super().__init__(document, "Architecture being edited", parent)
        self.hint = QLabel(self.viewport())
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()

    def port_of(self, node: NodeRef) -> QPointF:
        """Where an edge from a node begins, in the scene."""
        box = self.box(node)
        return box.scenePos() + QPointF(box.outline.right(), 0)

    def within(self, diagram: str, at: QPointF) -> Point:
        """A point of the scene in the numbers of a diagram's layout."""
        point = self.item(diagram).picture.mapFromScene(at)
        return point.x(), point.y()

    def diagram_at(self, at: QPointF) -> str:
        """The diagram that a point of the scene belongs to: the nearest."""

        def distance(item: GraphItem) -> float:
            rect = item.sceneBoundingRect()
            x = max(rect.left() - at.x(), 0.0, at.x() - rect.right())
            y = max(rect.top() - at.y(), 0.0, at.y() - rect.bottom())
            return x * x + y * y

        return min(self._diagrams, key=distance).diagram.name

    def port_at(self, at: QPointF) -> NodeRef | None:
        """The node whose port is at a point of the scene; outputs have none."""
        for item in self._diagrams:
            for node in item.diagram.nodes:
                if node.role == "output":
                    continue
                ref = NodeRef(item.diagram.name, node.number)
                gap = at - self.port_of(ref)
                if QPointF.dotProduct(gap, gap) <= PORT * PORT and gap.x() >= -PORT / 2:
                    return ref
        return None

    def show_hint(self, text: str, at: QPoint, bad: bool = False) -> None:
        """Show words beside a point of the viewport; no words hide them."""
        self.hint.setVisible(bool(text))
        self.hint.setText(text)
        if text:
            rim, ink = (self.theme.bad, self.theme.bad) if bad else (self.theme.border, self.theme.text)
            self.hint.setStyleSheet(
                f"background: {self.theme.raised}; color: {ink}; "
                f"border: 1px solid {rim}; border-radius: 4px; padding: 3px 7px;"
            )
            self.hint.adjustSize()
            most = self.viewport().size() - self.hint.size()
            x, y = (at + ASIDE).toTuple()
            self.hint.move(max(0, min(x, most.width())), max(0, min(y, most.height())))
