"""What the mouse does on the picture, one class per gesture: begun by a press, ended by the release or given up."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from ..kinds import Part, SpotRef
from . import marks

if TYPE_CHECKING:
    from .picture import EditView

ELSEWHERE = "an edge stays within its own graph"


class Gesture:
    """Does nothing by itself."""

    def __init__(self, view: "EditView", at: QPoint) -> None:
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

    def __init__(self, view: "EditView", at: QPoint) -> None:
        super().__init__(view, at)
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, at: QPoint) -> None:
        self.view.pan(self.at.x() - at.x(), self.at.y() - at.y())
        self.at = at


class Band(Gesture):
    """Selects what a rectangle touches; with Shift, beside what is selected already."""

    def __init__(self, view: "EditView", at: QPoint, more: bool) -> None:
        super().__init__(view, at)
        self.kept: frozenset[Part] = view.document.selection if more else frozenset()
        self.before = view.document.selection

    @property
    def rect(self) -> QRectF:
        """The rectangle in the scene."""
        return QRectF(self.view.mapToScene(self.start), self.view.mapToScene(self.at)).normalized()

    def move(self, at: QPoint) -> None:
        self.at = at
        if self.far:
            self.view.document.select(self.kept | self.view.parts_in(self.rect))

    def release(self, at: QPoint) -> None:
        if not self.far:
            self.view.document.select(self.kept)

    def cancel(self) -> None:
        self.view.document.select(self.before)

    def paint(self, painter: QPainter) -> None:
        if self.far:
            marks.band(painter, self.view, self.rect)


class Move(Gesture):
    """Moves the selected boxes, as one step to undo."""

    def __init__(self, view: "EditView", at: QPoint, spot: SpotRef) -> None:
        super().__init__(view, at)
        self.spot = spot
        self.drag = 0

    def move(self, at: QPoint) -> None:
        document = self.view.document
        self.at = at
        if not self.drag:
            if not self.far:
                return
            self.drag = document.new_drag()
            self.from_ = {spot: self.view.within(spot.board, self.view.middle(spot)) for spot in document.spots}
        step = self.view.mapToScene(at) - self.view.mapToScene(self.start)
        places = {spot: (x + step.x(), y + step.y()) for spot, (x, y) in self.from_.items()}
        document.move(places, self.drag)

    def cancel(self) -> None:
        if self.drag:
            self.view.document.stack.undo()


class Draw(Gesture):
    """Draws an arc from a spot's port to another spot."""

    def __init__(self, view: "EditView", at: QPoint, source: SpotRef) -> None:
        super().__init__(view, at)
        self.source = source
        spots = view.document.board(source.board).spots
        self.objections = {
            spot.number: view.document.objection(source.board, source.number, spot.number) for spot in spots
        }
        self.target: SpotRef | None = None

    @property
    def reason(self) -> str:
        """Why the arc cannot lead to where the pointer is, or ""."""
        if self.target is None or self.target == self.source:
            return ""
        return self.objections[self.target.number] if self.target.board == self.source.board else ELSEWHERE

    @property
    def legal(self) -> bool:
        """Whether letting go now draws an arc."""
        return self.target is not None and self.target != self.source and not self.reason

    @property
    def end(self) -> QPointF:
        """Where the arc ends for now, in the scene."""
        if self.target is None or not self.legal:
            return self.view.mapToScene(self.at)
        box = self.view.box(self.target)
        return box.scenePos() + QPointF(box.shape_.left(), 0)

    def move(self, at: QPoint) -> None:
        self.at = at
        self.target = self.view.spot_at(self.view.mapToScene(at))
        self.view.say(self.reason, at, bad=True)

    def release(self, at: QPoint) -> None:
        self.move(at)
        if self.legal and self.target is not None:
            self.view.arc_drawn.emit(self.source, self.target, at)
        elif self.reason:
            self.view.document.refused.emit(self.reason)

    def paint(self, painter: QPainter) -> None:
        marks.targets(painter, self.view, self.source, self.objections)
        marks.draft_arc(painter, self.view, self.view.port_of(self.source), self.end, bad=bool(self.reason))


def begun(view: "EditView", event: QMouseEvent) -> Gesture | None:
    """The gesture that a press begins, if any; a press on a part also selects it."""
    at, button = event.position().toPoint(), event.button()
    left = button == Qt.MouseButton.LeftButton
    if button == Qt.MouseButton.MiddleButton or (left and view.panning):
        return Pan(view, at)
    if not left:
        return None
    point = view.mapToScene(at)
    more = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    port = view.port_at(point)
    if port is not None:
        return Draw(view, at, port)
    part = view.part_at(point)
    if part is None:
        return Band(view, at, more)
    selection = view.document.selection
    if more:
        view.document.select(selection ^ {part})
    elif part not in selection:
        view.document.select([part])
    return Move(view, at, part) if isinstance(part, SpotRef) and part in view.document.selection else Gesture(view, at)
