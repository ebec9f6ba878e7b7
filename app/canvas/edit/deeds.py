"""Everything that can be done in the editor, as actions with their keys: menu, button and key are then the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from ..keyed import STEP, keyed, new_action
from ..kinds import SpotRef
from . import clipboard
from .doing import Doing

if TYPE_CHECKING:
    from .page import EditPage


class Deeds:
    """The actions as attributes, made for one page."""

    def __init__(self, page: "EditPage") -> None:
        self._page = page
        document, view = page.document, page.view
        doing = Doing(page)
        stack = document.stack
        self.undo = stack.createUndoAction(page, "Undo")
        self.redo = stack.createRedoAction(page, "Redo")
        keyed(page, self.undo, QKeySequence.StandardKey.Undo)
        keyed(page, self.redo, QKeySequence.StandardKey.Redo)
        self.cut = self._action("Cut", QKeySequence.StandardKey.Cut, lambda: clipboard.cut(document))
        self.copy = self._action("Copy", QKeySequence.StandardKey.Copy, lambda: page.say(clipboard.copy(document)))
        self.paste = self._action(
            "Paste", QKeySequence.StandardKey.Paste, lambda: clipboard.paste(document, doing.board())
        )
        self.duplicate = self._action("Duplicate", "Ctrl+D", lambda: clipboard.duplicate(document))
        self.copy_text = self._action(
            "Copy as text", "Ctrl+Shift+C", lambda: page.say(clipboard.copy_notation(document))
        )
        self.select_all = self._action("Select all nodes", QKeySequence.StandardKey.SelectAll, document.select_all)
        self.add = self._action("Add node", "N", doing.add_node)
        self.add_edge = self._action("Add edge", "Insert", doing.add_edge)
        self.remove = self._action(
            "Remove", QKeySequence.StandardKey.Delete, lambda: document.remove(document.selection)
        )
        self.operation = self._action("Change operation…", "Return", doing.choose_operation)
        # Only on the picture: Return has a meaning of its own wherever something is typed.
        self.operation.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        page.removeAction(self.operation)
        view.addAction(self.operation)
        self.open = self._action("Open what it stands for", "O", doing.open_part)
        self.output = self._action("Joins the output", "C", lambda: document.toggle(document.spots))
        self.output.setCheckable(True)
        self.tidy = self._action("Lay out", "A", document.tidy)
        self.table = self._action("Table", "T", doing.toggle_table)
        self.table.setCheckable(True)
        self.fit = self._action("Fit", "F", view.fit)
        self.zoom_in = self._action("Zoom in", "+", lambda: view.zoom(STEP))
        self.zoom_out = self._action("Zoom out", "-", lambda: view.zoom(1 / STEP))
        self.hand_in = self._action("Hand in", "Ctrl+Return", lambda: page.hand_in_wanted.emit(document.architecture))
        self.copy_picture = self._action("Copy picture", "", view.copy_picture)
        self.save_picture = self._action("Save picture…", "", doing.ask_picture)

    def _action(self, text: str, keys: "str | QKeySequence.StandardKey", act: Callable[[], object]) -> QAction:
        return new_action(self._page, text, keys, act)

    def settle(self) -> None:
        """See what is possible with what is selected now."""
        document = self._page.document
        spots = [spot for spot in document.spots if document.spot(spot).role != "output"]
        self.output.setEnabled(bool(spots) and document.kind.joins)
        self.output.setChecked(
            bool(spots)
            and document.kind.joins
            and all(document.kind.joined(document.architecture, spot) is not None for spot in spots)
        )
        self.operation.setEnabled(bool(document.choices(document.selection)))
        self.open.setEnabled(any(document.kind.opens(document.architecture, part) for part in document.selection))
        for action in (self.cut, self.duplicate):
            action.setEnabled(any(document.spot(spot).role == "node" for spot in document.spots))
        self.remove.setEnabled(bool(document.selection))
        self.add.setText(f"Add {document.kind.node}")
        self.add_edge.setText(f"Add {document.kind.arc}")
        self.tidy.setEnabled(bool(document.draft.moved))

    def edit_menu(self, menu: QMenu) -> None:
        """Fill the window's Edit menu."""
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        menu.addActions([self.cut, self.copy, self.paste, self.duplicate, self.copy_text, self.select_all])
        menu.addSeparator()
        menu.addActions([self.add, self.add_edge, self.remove, self.operation, self.open, self.output])
        menu.addSeparator()
        menu.addActions([self.tidy, self.table, self.fit, self.zoom_in, self.zoom_out])

    def menu_here(self, menu: QMenu) -> None:
        """Fill the menu of what is selected, or of the empty canvas."""
        document = self._page.document
        if document.selection:
            menu.addActions([action for action in (self.open, self.operation) if action.isEnabled()])
            if any(isinstance(part, SpotRef) for part in document.selection):
                menu.addActions([self.output] if document.kind.joins else [])
                menu.addSeparator()
                menu.addActions([self.cut, self.copy, self.duplicate])
            menu.addSeparator()
            menu.addAction(self.remove)
        else:
            menu.addActions([self.add, self.paste, self.select_all])
            menu.addSeparator()
            menu.addActions([self.tidy, self.fit])
