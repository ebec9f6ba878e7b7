"""What can be done in both editors, as actions with their keys: menu, button and key are then the same.

The keys count while the page has the focus.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from app.graph.graph_view import ZOOM, DiagramView


class EditorActions(QObject):
    """The actions as attributes, made for one page; what needs the page is connected by it."""

    def __init__(self, page: QWidget, stack: QUndoStack, view: DiagramView) -> None:
        super().__init__(page)
        self._page = page
        self.undo = self._keyed(stack.createUndoAction(page, "Undo"), QKeySequence.StandardKey.Undo)
        self.redo = self._keyed(stack.createRedoAction(page, "Redo"), "Ctrl+Shift+Z", "Ctrl+Y")
        self.table = self.add("Table", "T")
        self.table.setCheckable(True)
        self.fit = self.add("Fit", "F", view.fit)
        self.zoom_in = self.add("Zoom in", "+", lambda: view.zoom(ZOOM))
        self.zoom_out = self.add("Zoom out", "-", lambda: view.zoom(1 / ZOOM))
        self.copy_picture = self.add("Copy picture", "", view.copy_picture)
        self.save_picture = self.add("Save picture…", "")

    def add(
        self, text: str, keys: "str | QKeySequence.StandardKey", act: Callable[[], object] | None = None
    ) -> QAction:
        """A new action of the page that does `act`."""
        action = QAction(text, self._page)
        if act is not None:
            action.triggered.connect(lambda checked=False: act())
        return self._keyed(action, *([keys] if keys else []))

    def _keyed(self, action: QAction, *keys: "str | QKeySequence.StandardKey") -> QAction:
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._page.addAction(action)
        return action

    def fill_edit_menu(self, menu: QMenu) -> None:
        """Fill the window's Edit menu: undo above what is the editor's own, what concerns the picture below."""
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        self.fill_own(menu)
        menu.addSeparator()
        menu.addActions([self.table, self.fit, self.zoom_in, self.zoom_out])

    def fill_own(self, menu: QMenu) -> None:
        """Put what only this editor can do into the Edit menu."""
        raise NotImplementedError

    def fill_context_menu(self, menu: QMenu) -> None:
        """Fill a menu with what can be done with what is selected."""
        raise NotImplementedError
