"""Everything that can be done in Space mode, as actions with their keys: menu, button and key are then the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from ..keyed import STEP, keyed, new_action
from .palette import swatch

if TYPE_CHECKING:
    from .page import SpacePage


class Deeds:
    """The actions as attributes, made for one page."""

    def __init__(self, page: "SpacePage") -> None:
        self._page = page
        document, view = page.document, page.view
        self.undo = document.stack.createUndoAction(page, "Undo")
        self.redo = document.stack.createRedoAction(page, "Redo")
        keyed(page, self.undo, QKeySequence.StandardKey.Undo)
        keyed(page, self.redo, "Ctrl+Shift+Z")
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.forbid = self._action("Forbid", QKeySequence.StandardKey.Delete, document.forbid)
        self.require = self._action("Always there", "Q", self._require)
        self.require.setCheckable(True)
        self.free = self._action("Take back", "Backspace", document.free)
        self.table = self._action("Table", "T", page.toggle_table)
        self.table.setCheckable(True)
        self.again = self._action("Other samples", "R", page.draw_again)
        self.fit = self._action("Fit", "F", view.fit)
        self.zoom_in = self._action("Zoom in", "+", lambda: view.zoom(STEP))
        self.zoom_out = self._action("Zoom out", "-", lambda: view.zoom(1 / STEP))
        self.open = self._action("Open space…", "", page.shelf.ask_open)
        self.save = self._action("Save space as…", "", page.shelf.ask_save)
        self.copy_picture = self._action("Copy picture", "", view.copy_picture)
        self.save_picture = self._action("Save picture…", "", page.shelf.ask_picture)

    def _action(self, text: str, keys: "str | QKeySequence.StandardKey", act: Callable[[], object]) -> QAction:
        return new_action(self._page, text, keys, act)

    def _require(self) -> None:
        slots = self._page.document.selected_slots()
        self._page.document.require(not all(slot.always for slot in slots))

    def menu_here(self, menu: QMenu) -> None:
        """Fill a menu with what can be done with what is selected."""
        document, theme = self._page.document, self._page.theme
        slots = document.selected_slots()
        if slots:
            only = menu.addMenu("Only")
            for choice in slots[0].choices:
                action = only.addAction(swatch(theme.operation(choice.tint)), choice.label)
                action.triggered.connect(lambda checked=False, name=choice.name: document.allow_only([name]))
            certain = menu.addMenu("Always, and only")
            for choice in slots[0].choices:
                action = certain.addAction(swatch(theme.operation(choice.tint)), choice.label)
                action.triggered.connect(lambda checked=False, name=choice.name: document.allow_only([name], True))
            certain.menuAction().setVisible(any(slot.optional for slot in slots))
            if any(slot.optional for slot in slots):
                self.require.setChecked(all(slot.always for slot in slots))
                menu.addActions([self.require, self.forbid])
            if any(slot.edited for slot in slots):
                menu.addAction(self.free)
            menu.addSeparator()
        menu.addActions([self.fit, self.again, self.table])
