"""A legend: what is measured, what each colour is, and its value; a click hides or shows the curve.

Its entries stand side by side and go on in the next line where there is no more room (`Flow`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QToolButton, QWidget

from app import theme as themes
from app.icons import spot
from app.widgets.labels import label
from engine.words import number


class Flow(QLayout):
    """A layout that breaks lines as text does."""

    def __init__(self, parent: QWidget, spacing: int = 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = spacing

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def _arrange(self, rect: QRect, move: bool) -> int:
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        x, y, line = inner.x(), inner.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > inner.x() and x + size.width() > inner.right() + 1:
                x, y, line = inner.x(), y + line, 0
            line = max(line, size.height())
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
        return y + line - rect.y() + margins.bottom()


TOGGLE = "Hide or show this curve"
MEAN = "A running mean over the values nearby; the panel's menu has how far it smooths. "


@dataclass(frozen=True)
class Entry:
    """One curve in the legend; `mean` says that its value is a running mean, as the strong line is."""

    name: str
    colour: str
    value: float
    mean: bool = False

    @property
    def text(self) -> str:
        """candidates, mean  79.5"""
        name = f"{self.name}, mean" if self.mean else self.name
        return f"{name}  {number(self.value)}" if self.value == self.value else name


class Legend(QWidget):
    """The quantity's name, then names, colours and values of its curves. `hidden` holds the names of those switched
    off; `toggled` says that it changed."""

    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hidden: set[str] = set()
        self._entries: tuple[Entry, ...] = ()
        self._buttons: list[QToolButton] = []
        self.quantity = label("", "small", self)
        self.quantity.setContentsMargins(0, 3, 8, 2)
        self._flow = Flow(self)
        self._flow.setContentsMargins(10, 4, 6, 0)
        self._flow.addWidget(self.quantity)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_entries(self, quantity: str, entries: Sequence[Entry]) -> None:
        """Show the values of these curves."""
        while len(self._buttons) < len(entries):
            self._add()
        before = {entry.name: entry for entry in self._entries}
        for button, entry in zip(self._buttons, entries, strict=False):
            if button.text() != entry.text:
                button.setText(entry.text)
                button.setToolTip(f"{MEAN if entry.mean else ''}{TOGGLE}")
            on = entry.name not in self.hidden
            known = before.get(entry.name)
            if button.objectName() != entry.name or known is None or known.colour != entry.colour:
                button.setObjectName(entry.name)
                button.setIcon(_swatch(entry.colour))
            button.setChecked(on)
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(entries))
        self._entries = tuple(entries)
        if self.quantity.text() != quantity:
            self.quantity.setText(quantity)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """What the legend says now."""
        return self._entries

    def _add(self) -> None:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setChecked(True)
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(12, 12))
        button.setFont(themes.font(themes.SMALL))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(TOGGLE)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setStyleSheet(
            "QToolButton { padding: 1px 3px; background: transparent; color: palette(placeholder-text); }"
            "QToolButton:checked { background: transparent; color: palette(text); }"
        )
        button.clicked.connect(self._clicked)
        self._flow.addWidget(button)
        self._buttons.append(button)

    def _clicked(self) -> None:
        self.hidden = {button.objectName() for button in self._buttons if not button.isChecked()}
        self.toggled.emit()


def _swatch(colour: str) -> QIcon:
    """A short line in the colour; hollow where the curve is switched off."""
    icon = QIcon()
    for state, opacity in ((QIcon.State.On, 1.0), (QIcon.State.Off, 0.3)):
        pixmap = spot(12, colour, lambda painter: painter.drawRoundedRect(1, 5, 10, 3, 1.5, 1.5), opacity)
        icon.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return icon
