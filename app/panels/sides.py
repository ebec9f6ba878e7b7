"""Two things in one panel: beside each other where it is wide, one above the other where it is not."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

WIDE = 1.7
"""From so many times as wide as high they stand beside each other."""


class Sides(QWidget):
    """Holds two widgets, of which each has a share of the room."""

    def __init__(self, first: QWidget, second: QWidget, shares: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        for widget, share in zip((first, second), shares, strict=True):
            self._row.addWidget(widget, share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() > WIDE * self.height()
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    @property
    def beside(self) -> bool:
        """Whether the two stand beside each other."""
        return self._row.direction() == QBoxLayout.Direction.LeftToRight
