"""Small widgets of the strips above and below a canvas."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget


class Line(QLabel):
    """One muted line that is cut short with an ellipsis where it does not fit; the tool tip has the whole."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.said = ""
        self.setProperty("role", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str) -> None:
        if text != self.said:
            self.said = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        self.setText(self.fontMetrics().elidedText(self.said, Qt.TextElideMode.ElideRight, self.contentsRect().width()))


def tool(tip: str) -> QToolButton:
    """A small flat button; its icon or text is set by who uses it."""
    button = QToolButton()
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
