"""Walking through the picture with the arrow keys: left and right along arcs, up and down from one to the next."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from ..board import Board
from ..kinds import ArcRef, Part, SpotRef
from .document import Document

Where = Callable[[Part], QPointF]
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def walked(document: Document, where: Where, key: int) -> bool:
    """Select what lies in the direction of an arrow key, whatever `where` it is drawn; False for any other key.

    From a spot, left leads to the first arc that enters it and right to the first that leaves it; from an arc, to its
    ends. Up and down lead to the next of the same sort.
    """
    if key not in (LEFT, RIGHT, UP, DOWN):
        return False
    if not document.selection:
        board = document.boards()[0]
        document.select([SpotRef(board.name, board.spots[0].number)])
        return True
    here = min(document.selection, key=lambda part: (where(part).x(), where(part).y()))
    if key in (LEFT, RIGHT):
        there = _along(document.board(here.board), here, where, back=key == LEFT)
    else:
        there = _beside(document, here, where, up=key == UP)
    document.select([there or here])
    return True


def _along(board: Board, here: Part, where: Where, back: bool) -> Part | None:
    if isinstance(here, ArcRef):
        arc = board.arcs[here.index]
        return SpotRef(board.name, arc.source if back else arc.target)
    arcs: list[Part] = [
        ArcRef(board.name, index)
        for index, arc in enumerate(board.arcs)
        if (arc.target if back else arc.source) == here.number
    ]
    return min(arcs, key=lambda arc: where(arc).y(), default=None)


def _beside(document: Document, here: Part, where: Where, up: bool) -> Part | None:
    """The nearest of the same sort above or below, on whichever board."""
    others: list[Part] = []
    for board in document.boards():
        if isinstance(here, SpotRef):
            others += [SpotRef(board.name, spot.number) for spot in board.spots]
        else:
            others += [ArcRef(board.name, index) for index in range(len(board.arcs))]
    at = where(here)

    def gap(other: Part) -> tuple[float, float]:
        step = where(other) - at
        return abs(step.x()) + 2 * abs(step.y()), step.x()

    beyond = [other for other in others if (where(other).y() < at.y() if up else where(other).y() > at.y())]
    return min(beyond, key=gap, default=None)
