"""Everything that can be done in the editor of spaces, as actions with their keys."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.editors.editor_actions import EditorActions
from app.editors.space.choice_palette import swatch
from app.editors.space.space_view import SpaceView


class SpaceActions(EditorActions):
    """Act on the document by what is selected there."""

    def __init__(self, page: QWidget, view: SpaceView) -> None:
        document = view.document
        super().__init__(page, document.stack, view)
        self._document, self._view = document, view
        self.forbid = self.add("Forbid", QKeySequence.StandardKey.Delete, document.forbid)
        self.require = self.add("Always there", "Q", self._require)
        self.require.setCheckable(True)
        self.free = self.add("Take back", "Backspace", document.free)
        self.again = self.add("Other samples", "R")
        self.open = self.add("Open space…", "")
        self.save = self.add("Save space as…", "")

    def _require(self) -> None:
        slots = self._document.selected_slots()
        self._document.require(not all(slot.always for slot in slots))

    def fill_own(self, menu: QMenu) -> None:
        """Put what only this editor can do into the Edit menu."""
        menu.addActions([self.require, self.forbid, self.free, self.again])
        menu.addSeparator()
        menu.addActions([self.open, self.save])

    def fill_context_menu(self, menu: QMenu) -> None:
        """Fill a menu with what can be done with what is selected."""
        document, theme = self._document, self._view.theme
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
