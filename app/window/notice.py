"""The slim bar under the top bar that says, in one line, what went wrong or what just happened."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.icons import icon
from app.theme import DARK, Theme

Level = Literal["error", "info"]


class Notice(QFrame):
    """Hidden until something is said; Escape or its cross dismisses it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("role", "bar")
        self._theme, self._level = DARK, "error"
        self._icon = QLabel(self)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._cross = QToolButton(self)
        self._cross.setAutoRaise(True)
        self._cross.setIconSize(QSize(14, 14))
        self._cross.setToolTip("Dismiss (Esc)")
        self._cross.setAccessibleName("Dismiss")
        self._cross.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(8)
        layout.addWidget(self._icon)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._cross)
        self.hide()

    @property
    def text(self) -> str:
        """What is being said, or ""."""
        return "" if self.isHidden() else self._label.text()

    def say(self, text: str, level: Level = "error") -> None:
        """Say one line; it replaces what was said before."""
        self._level = level
        self._label.setText(" ".join(text.split()))
        self._label.setAccessibleName(self._label.text())
        self._dress()
        self.show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._cross.setIcon(icon("close", theme))
        self._dress()

    def _dress(self) -> None:
        colour = self._theme.bad if self._level == "error" else self._theme.accent
        self._icon.setPixmap(icon(self._level, self._theme, colour).pixmap(16, 16))
