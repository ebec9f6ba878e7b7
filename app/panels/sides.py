"""Two things in one panel: beside each other where it is wide, one above the other where it is not."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

WIDE = 1.7
"""From so many times as wide as high they stand beside each other."""


class Sides(QWidget):
    """Holds two widgets, of which each has exactly its share of the room, whatever it would like to have."""

    def __init__(self, first: QWidget, second: QWidget, shares: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self._parts, self._share, self._first = (first, second), shares[0] / sum(shares), True
        for part in self._parts:
            part.setParent(self)

    def show_first(self, on: bool) -> None:
        """Whether the first is there; without it, the second has all the room."""
        if on != self._first:
            self._first = on
            self._parts[0].setVisible(on)
            self._settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def _settle(self) -> None:
        first, second = self._parts
        wide, high, share = self.width(), self.height(), self._share if self._first else 0.0
        if self.beside:
            end = round(share * wide)
            first.setGeometry(0, 0, end, high)
            second.setGeometry(QRect(end, 0, wide - end, high))
        else:
            end = round(share * high)
            first.setGeometry(0, 0, wide, end)
            second.setGeometry(QRect(0, end, wide, high - end))

    @property
    def beside(self) -> bool:
        """Whether the two stand beside each other."""
        return self.width() > WIDE * self.height()

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 60)
