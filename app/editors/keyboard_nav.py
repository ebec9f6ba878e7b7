"""Walking through the picture with the arrow keys: left and right along edges, up and down from one to the next."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, Qt

from app.editors.document import Document
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import Diagram

Where = Callable[[Any], QPointF]
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def walk(document: Document[Any], where: Where, key: int) -> bool:
    """Select what lies in the direction of an arrow key, whatever `where` it is drawn; False for any other key.

    From a node, left leads to the first edge that enters it and right to the first that leaves it; from an edge, to its
    ends. Up and down lead to the next of the same sort.
    """
    diagrams = document.diagrams()
    if key not in (LEFT, RIGHT, UP, DOWN) or not diagrams:
        return False
    if not document.selection:
        document.select([NodeRef(diagrams[0].name, diagrams[0].nodes[0].number)])
        return True
    here = min(document.selection, key=lambda part: (where(part).x(), where(part).y()))
    if key in (LEFT, RIGHT):
        there = _along(document.diagram(here.diagram), here, where, back=key == LEFT)
    else:
        there = _beside(diagrams, here, where, up=key == UP)
    document.select([there or here])
    return True


def _along(diagram: Diagram, here: Any, where: Where, back: bool) -> NodeRef | EdgeRef | None:
    if isinstance(here, EdgeRef):
        edge = diagram.edges[here.index]
        return NodeRef(diagram.name, edge.source if back else edge.target)
    if not isinstance(here, NodeRef):
        return None  # a whole diagram
    ends = [edge.target if back else edge.source for edge in diagram.edges]
    edges = [EdgeRef(diagram.name, index) for index, end in enumerate(ends) if end == here.number]
    return min(edges, key=lambda edge: where(edge).y(), default=None)


def _beside(diagrams: tuple[Diagram, ...], here: Any, where: Where, up: bool) -> NodeRef | EdgeRef | None:
    """The nearest of the same sort above or below, on whichever diagram."""
    others: list[NodeRef | EdgeRef] = []
    for diagram in diagrams:
        if isinstance(here, NodeRef):
            others += [NodeRef(diagram.name, node.number) for node in diagram.nodes]
        else:
            others += [EdgeRef(diagram.name, index) for index in range(len(diagram.edges))]
    at = where(here)

    def gap(other: NodeRef | EdgeRef) -> tuple[float, float]:
        step = where(other) - at
        return abs(step.x()) + 2 * abs(step.y()), step.x()

    beyond = [other for other in others if (where(other).y() < at.y() if up else where(other).y() > at.y())]
    return min(beyond, key=gap, default=None)
