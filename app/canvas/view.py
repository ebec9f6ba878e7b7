"""The canvas that watches: shows one architecture and marks what is new in it."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from engine.space import notations
from engine.space.architecture import Architecture

from .board import MOST, changed_arcs
from .board_view import BoardView, Shown
from .kinds import boards
from .words import described


class CanvasView(BoardView):
    """Shows one architecture. Wheel zooms at the pointer, drag pans, F or a double click fits, Ctrl+C copies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.architecture: Architecture | None = None
        self._before: Architecture | None = None
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setAccessibleName("Cell")
        self._build()

    def show_architecture(
        self, architecture: Architecture | None, caption: str, before: Architecture | None = None
    ) -> None:
        """Show an architecture, marking the edges that `before` does not have; or, without one, only the caption."""
        if any(board.size > MOST for board in boards(architecture)):
            architecture, caption = None, f"A cell of more than {MOST} edges is too large to be drawn here"
        words = caption if architecture is None else ""
        differs = (architecture, before, words) != (self.architecture, self._before, self.sentence)
        self.architecture, self.caption, self._before = architecture, caption, before
        if differs:
            self._build()
        self.setAccessibleDescription(f"{caption}. {described(boards(architecture))}" if architecture else caption)

    def wanted(self) -> Iterable[Shown]:
        before = {board.name: board for board in boards(self._before)}
        for board in boards(self.architecture):
            yield board, changed_arcs(before.get(board.name), board), ()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the arrows move through time; the canvas has its shortcuts as actions

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._fitted = False
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()  # the end of a drag is nobody else's business

    def copy_genotype(self) -> None:
        """Put the architecture on the clipboard in the notation that its users exchange."""
        if self.architecture is not None:
            QGuiApplication.clipboard().setText(notations.write(self.architecture))
