"""The picture that is edited: the document's boards, what the pointer is over, and what is selected."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from ..board_view import MARGIN, Shown
from ..kinds import Part, SpotRef
from ..words import described
from . import gestures, marks, walk
from .document import Document
from .finding import FindingView

OPENED = 1.6  # the largest zoom at which a board is opened
ASIDE = QPoint(16, 18)  # from the cursor to the words beside it


class EditView(FindingView):
    """A projection of the document. What the mouse does is in gestures.py, what arrow keys do in walk.py.

    `wanted_menu`: somebody asked what can be done at a point of the viewport. `opened`: a board is shown alone.
    `operated`: somebody asked for the choices of these parts, at a point of the viewport. `arc_drawn`: an arc was drawn
    whose operation is still open.
    """

    wanted_menu = Signal(object)  # QPoint
    opened = Signal(str)  # the name of a board that is shown alone now
    operated = Signal(object, object)  # parts, QPoint
    arc_drawn = Signal(object, object, object)  # SpotRef, SpotRef, QPoint

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.hovered: Part | None = None
        self.port: SpotRef | None = None  # whose port the pointer is on
        self.pending: tuple[SpotRef, SpotRef] | None = None  # an arc that waits for its operation
        self.gesture: gestures.Gesture | None = None
        self.last_board = ""  # that the pointer was pressed on
        self.panning = False  # the key is held that makes a drag move the picture
        self.hint = QLabel(self.viewport())
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        self.setMouseTracking(True)
        self.setAccessibleName("Architecture being edited")
        document.changed.connect(self._build)
        document.selected.connect(self.viewport().update)
        self._build()

    # -- what is shown

    def wanted(self) -> Iterable[Shown]:
        draft = self.document.draft
        for board in draft.boards():
            yield board, frozenset(), draft.places(board.name)

    def _build(self) -> None:
        self.hovered = self.port = None
        super()._build()
        self.setAccessibleDescription(described(self.document.boards()))
        self.viewport().update()

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

    def open_board(self, name: str) -> None:
        """Show one board alone, as large as it fits; `fit` shows all of them again."""
        self._fitted = False
        rect = self.item(name).sceneBoundingRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.fitInView(rect, Qt.AspectRatioMode.KeepAspectRatio)
        self.last_board = name
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
        rects = [item.sceneBoundingRect() for item in self._boards]
        return any(one.intersects(other) for index, one in enumerate(rects) for other in rects[index + 1 :])

    # -- words beside the cursor

    def say(self, text: str, at: QPoint, bad: bool = False) -> None:
        """Show words beside a point of the viewport; no words hide them."""
        self.hint.setVisible(bool(text))
        self.hint.setText(text)
        if text:
            self.hint.setStyleSheet(marks.hint_style(self.theme, bad))
            self.hint.adjustSize()
            most = self.viewport().size() - self.hint.size()
            x, y = (at + ASIDE).toTuple()
            self.hint.move(max(0, min(x, most.width())), max(0, min(y, most.height())))

    # -- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.cancel()
        self.last_board = self.board_at(self.mapToScene(event.position().toPoint()))
        self.gesture = gestures.begun(self, event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self.gesture is not None:
            self.gesture.move(at)
        else:
            self._hover(self.mapToScene(at))
        self.viewport().update()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.release(event.position().toPoint())
            self.say("", QPoint())
        self._hover(self.mapToScene(event.position().toPoint()))
        self._arrange()
        self.viewport().update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an arc or a box: what it carries. On nothing: a new node."""
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        point = self.mapToScene(at)
        part = self.part_at(point)
        if part is None:
            board = self.board_at(point)
            self.document.add(board, self.within(board, point))
        elif (name := self.document.kind.opens(self.document.architecture, part)) is not None:
            self.open_board(name)
        else:
            self.operated.emit([part], at)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
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
        self.wanted_menu.emit(at)

    def cancel(self) -> bool:
        """Give up what the mouse is doing; whether it was doing anything."""
        gesture, self.gesture = self.gesture, None
        self.say("", QPoint())
        if gesture is not None:
            gesture.cancel()
            self.viewport().update()
        return gesture is not None

    def _hover(self, at: QPointF | None) -> None:
        self.port = self.port_at(at) if at is not None else None
        part = self.port or (self.part_at(at) if at is not None else None)
        shape = Qt.CursorShape.CrossCursor if self.port else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if part != self.hovered:
            self.hovered = part
            self.viewport().update()

    # -- keys: only those that must be held or that end a gesture; all others are actions

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.panning = True
            if not event.isAutoRepeat():
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif event.key() == Qt.Key.Key_Escape and self.cancel():
            pass
        elif event.key() == Qt.Key.Key_Escape and self.document.selection:
            self.document.select([])
        elif not walk.walked(self.document, self.middle, event.key()):
            event.ignore()
            return
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.panning = False
            self._hover(None)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.panning = False
        super().focusOutEvent(event)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    # -- paint

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """What lies over the boards: selection, the box under the pointer with its port, and what the mouse draws."""
        marks.paint(painter, self)
        if self.gesture is not None:
            self.gesture.paint(painter)
