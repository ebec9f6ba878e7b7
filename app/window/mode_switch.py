"""The central area: one page at a time, and the switch between them at the right end of every page's strip."""

from typing import Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app import theme as themes
from app.theme import Theme
from app.widgets.panel_header import Strip, release


class Page(Protocol):
    """What stands in the central area: a widget with a strip on top."""

    header: Strip

    def set_theme(self, theme: Theme) -> None: ...

    def fill_edit_menu(self, menu: QMenu) -> None: ...


class ModeSwitch(QWidget):
    """Holds the pages by the names of their modes. `mode_changed` carries the name of the one that is shown now."""

    mode_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self._stack = _Stack(self)
        self._pages: dict[str, QWidget] = {}
        self._switches: list[_Switch] = []
        self.mode_actions: list[QAction] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def add(self, mode: str, page: Page, tip: str) -> None:
        """One more page; the first that is added is shown."""
        assert isinstance(page, QWidget)
        self._pages[mode] = page
        self._stack.addWidget(page)
        action = QAction(mode, self)
        action.setCheckable(True)
        action.setToolTip(tip)
        action.setShortcut(QKeySequence(f"Alt+{len(self._pages)}"))
        action.triggered.connect(lambda checked=False: self.show_mode(mode))
        self.mode_actions.append(action)
        for switch in self._switches:
            switch.offer(action)
        switch = _Switch(self.mode_actions, self.theme)
        self._switches.append(switch)
        page.header.append(switch)
        self._check_mode()
        if len(self._pages) == 1:
            self.mode_changed.emit(mode)

    @property
    def mode(self) -> str:
        """The mode that is shown, or ""."""
        current = self._stack.currentWidget()
        return next((mode for mode, page in self._pages.items() if page is current), "")

    def page(self, mode: str) -> QWidget | None:
        """The page of a mode, once it has been made."""
        return self._pages.get(mode)

    def show_mode(self, mode: str) -> None:
        """Show another page; the keyboard goes with it where it was in the page before."""
        page = self._pages[mode]
        focused = self._stack.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        changed = self._stack.currentWidget() is not page
        self._stack.setCurrentWidget(page)
        self._stack.updateGeometry()
        if focused:
            page.setFocus()
        self._check_mode()
        for switch in self._switches:
            for button in switch.findChildren(QToolButton):
                release(button)
        if changed:
            self.mode_changed.emit(mode)

    def set_theme(self, theme: Theme) -> None:
        """Colours of the switches; the pages are told by whoever made them."""
        self.theme = theme
        for switch in self._switches:
            switch.set_theme(theme)

    def _check_mode(self) -> None:
        for action in self.mode_actions:
            action.setChecked(action.text() == self.mode)


class _Stack(QStackedWidget):
    """Needs only the room of the page that is shown: a wide one behind it must not keep the window wide."""

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else QSize()


class _Switch(QFrame):
    """The names of the modes; the one that is shown has the accent colour."""

    def __init__(self, actions: list[QAction], theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Mode of the canvas")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 4, 0)
        self._row.setSpacing(0)
        for action in actions:
            self.offer(action)
        self.set_theme(theme)

    def offer(self, action: QAction) -> None:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        button.show()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; padding: 3px 6px; }} QToolButton:hover {{ color: {theme.text}; }}"
            f"QToolButton:checked {{ color: {theme.accent}; background: transparent; }}"
        )
