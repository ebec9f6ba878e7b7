"""The strip on top of a page or a panel: its switches, its explanation and its ways out."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from app.theme import Theme


class Strip(QFrame):
    """A strip on top of a page: what it shows, its buttons, "?" and "⋯"."""

    def __init__(self, question: str, ways_out: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.question = tool("?", question, checkable=True)
        self.more = tool("⋯", ways_out)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.more.setMenu(self.menu)
        self.menu.aboutToHide.connect(lambda: release(self.more))
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(10, 2, 4, 2)
        self.row.setSpacing(2)
        self.tools = QHBoxLayout()
        self.row.addLayout(self.tools, 1)
        self.row.addWidget(self.question)
        self.row.addWidget(self.more)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put something left of the "?", right of what is there already."""
        self.tools.addWidget(widget, stretch)

    def append(self, widget: QWidget) -> None:
        """Put something at the right end, a little apart."""
        self.row.addSpacing(8)
        self.row.addWidget(widget)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours; those of the style sheet do."""


class Header(Strip):
    """The strip on top of a panel, or in the title bar of its dock: the panel's own switches, "?" and "⋯"."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(f"What {title} shows, and what to look for", "Copy or save as picture or data", parent)
        self._choices: list[Choice] = []
        self.tools.setSpacing(10)
        self.row.setStretch(0, 0)
        self.row.insertStretch(0, 1)
        self.row.insertSpacing(2, 4)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a switch of the panel's own into the strip, right of those already there."""
        super().add(widget, stretch)
        if isinstance(widget, Choice):
            self._choices.append(widget)

    def set_theme(self, theme: Theme) -> None:
        """Quiet buttons: only what is on, or under the pointer, stands out."""
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; }} QToolButton:hover {{ color: {theme.text}; }}"
            f"QToolButton:checked {{ color: {theme.accent}; background: transparent; }}"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Shorten as many choices as it takes, from the left."""
        choices = [choice for choice in self._choices if not choice.isHidden()]
        need = super().minimumSizeHint().width()
        need += sum(choice.width_of(False) - choice.width_of(choice.short) for choice in choices)
        for choice in choices:
            short = need > self.width()
            if short:
                need -= choice.width_of(False) - choice.width_of(True)
            if short != choice.short:
                choice.shorten(short)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())


class Choice(QWidget):
    """A row of small chips of which exactly one is on; where there is no room for a row, one button with a menu."""

    changed = Signal(str)

    def __init__(
        self, names: Sequence[str] = (), parent: QWidget | None = None, *, tips: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(parent)
        self._tips = tips or {}
        self._chips = QWidget(self)
        self._layout = QHBoxLayout(self._chips)
        for layout in (self._layout, outer := QHBoxLayout(self)):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(lambda button: self._take(button.text()))
        self._short = tool("", "Choose what is shown")
        outer.addWidget(self._chips)
        outer.addWidget(self._short)
        self._short.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.triggered.connect(lambda action: self._take(action.text()))
        self._short.setMenu(self._menu)
        self._menu.aboutToHide.connect(lambda: release(self._short))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.short = False
        self.names: tuple[str, ...] = ()
        self.offer(names)

    def offer(self, names: Sequence[str]) -> None:
        """Offer these chips; the one that is on stays on where it is still offered, else the first is."""
        if tuple(names) == self.names:
            return
        current = self.value
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.names = tuple(names)
        self._menu.clear()
        for name in self.names:
            button = tool(name, self._tips.get(name, ""), checkable=True)
            self._group.addButton(button)
            self._layout.addWidget(button)
            self._menu.addAction(name).setToolTip(self._tips.get(name, ""))
        if self.names:
            self.choose(current if current in self.names else self.names[0])
        self.shorten(self.short)

    def shorten(self, short: bool) -> None:
        """One button with a menu instead of the row, or the row again."""
        self.short = short
        self._chips.setVisible(not short)
        self._short.setVisible(short)
        self.updateGeometry()

    def choose(self, name: str) -> None:
        """Turn one chip on, silently."""
        for button in self._group.buttons():
            if button.text() == name:
                button.setChecked(True)
        self._short.setText(f"{self.value} ▾")

    def _take(self, name: str) -> None:
        self.choose(name)
        self.changed.emit(name)

    def width_of(self, short: bool) -> int:
        """How wide it is in either form."""
        return (self._short if short else self._chips).sizeHint().width()

    @property
    def value(self) -> str:
        """The name of the chip that is on, or ""."""
        button = self._group.checkedButton()
        return button.text() if button is not None else ""


def release(button: QToolButton) -> None:
    """Let a button look untouched: behind a menu, a dialog or another page it does not hear that the pointer left."""
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    button.setDown(False)
    button.update()


def tool(text: str, tip: str, checkable: bool = False) -> QToolButton:
    """A small flat button; without a text, its icon is set by who uses it."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    if len(text) < 2:  # an icon or a sign says nothing to those who hear it
        button.setAccessibleName(tip)
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
