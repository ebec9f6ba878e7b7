"""The frame of both editors as pages of the central area: strip, explanation, fault line, menus, announcements."""

from collections.abc import Iterable
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QPalette
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from app import theme as themes
from app.editors.document import Document
from app.editors.editor_actions import EditorActions
from app.editors.editor_view import EditorView
from app.icons import icon
from app.theme import Theme
from app.widgets.labels import note
from app.widgets.layouts import packed
from app.widgets.panel_header import Strip, tool
from app.widgets.picture import PICTURES
from app.widgets.save import save_as


class EditorPage(QWidget):
    """Everything below the strip goes into `column`; what goes wrong is said by `show_fault`."""

    about: ClassVar[str]
    question: ClassVar[str]
    """What the explanation answers."""
    picture_name: ClassVar[str]
    """Of a saved picture, unless a person says otherwise."""

    menu_actions: EditorActions

    def __init__(self, document: Document[Any], view: EditorView, ways_out: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self._document, self._view = document, view
        document.setParent(self)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFocusProxy(view)
        self.header = Strip(self.question, ways_out, self)
        self.menu = self.header.menu
        self.explanation = note("muted", self, self.about)
        self.header.question.toggled.connect(self.explanation.setVisible)
        self.fault = note("fault", self)
        self.column = packed(QVBoxLayout(self), self.header, self.explanation, self.fault)
        self._buttons: dict[str, QToolButton] = {}
        document.done.connect(self.announce)
        view.menu_requested.connect(self._show_context_menu)

    def add_buttons(self, buttons: Iterable[tuple[str, QAction, str]]) -> None:
        """Buttons for actions, each with the name of its icon and its tip."""
        for name, action, tip in buttons:
            button = tool("", tip)
            button.setDefaultAction(action)
            button.setToolTip(tip)
            self._buttons[name] = button
            self.header.add(button)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.theme = theme
        self._view.set_theme(theme)
        for name, button in self._buttons.items():
            button.defaultAction().setIcon(icon(name, theme, theme.muted))

    def show_fault(self, line: str) -> None:
        """Say above the picture what went wrong, until the next edit."""
        self.fault.setText(line)
        self.fault.show()
        self.announce(line)

    def announce(self, text: str) -> None:
        """Speak to those who hear the window instead of seeing it."""
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, text))

    def ask_picture(self) -> None:
        """Save the picture where a person says."""
        save_as(
            self,
            "Save picture",
            self.picture_name,
            PICTURES,
            self._view.save_picture,
            lambda path, reason: self.show_fault(f"{path.name} was not saved: {reason}"),
        )

    def _show_context_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_actions.fill_context_menu(menu)
        menu.popup(self._view.viewport().mapToGlobal(at))
