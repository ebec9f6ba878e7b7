"""A legend: what is measured, what each colour is, and its value; a click hides or shows the curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from app import theme as themes
from app.plots.flow import Flow
from app.plots.numbers import number


@dataclass(frozen=True)
class Entry:
    """One curve in the legend."""

    name: str
    colour: str
    value: float


class Legend(QWidget):
    """The quantity's name, then names, colours and values of its curves. `hidden` holds the names of those switched
    off; `toggled` says that it changed."""

    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hidden: set[str] = set()
        self._entries: tuple[Entry, ...] = ()
        self._buttons: list[QToolButton] = []
        self._quantity = QLabel(self)
        self._quantity.setProperty("role", "small")
        self._quantity.setContentsMargins(0, 3, 8, 2)
        self._flow = Flow(self)
        self._flow.setContentsMargins(10, 4, 6, 0)
        self._flow.addWidget(self._quantity)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_entries(self, quantity: str, entries: Sequence[Entry]) -> None:
        """Show the values of these curves."""
        while len(self._buttons) < len(entries):
            self._add()
        before = {entry.name: entry for entry in self._entries}
        for button, entry in zip(self._buttons, entries, strict=False):
            text = f"{entry.name}  {number(entry.value)}" if entry.value == entry.value else entry.name
            if button.text() != text:
                button.setText(text)
            on = entry.name not in self.hidden
            known = before.get(entry.name)
            if button.objectName() != entry.name or known is None or known.colour != entry.colour:
                button.setObjectName(entry.name)
                button.setIcon(_swatch(entry.colour))
            button.setChecked(on)
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(entries))
        self._entries = tuple(entries)
        if self._quantity.text() != quantity:
            self._quantity.setText(quantity)

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
        button.setToolTip("Hide or show this curve")
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
        pixmap = QPixmap(24, 24)
        pixmap.setDevicePixelRatio(2)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setOpacity(opacity)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(1, 5, 10, 3, 1.5, 1.5)
        painter.end()
        icon.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return icon
