"""Two things in one panel: beside each other where it is wide, one above the other where it is not."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

WIDE = 1.7
"""From so many times as wide as high they stand beside each other."""
ACROSS, DOWN = 460, 340
"""Less wide and less high than this, in pixels, a panel has room for one plot."""


def small(panel: QWidget) -> bool:
    """Whether a panel has room for one plot only."""
    return panel.width() < ACROSS and panel.height() < DOWN


class SplitView(QWidget):
    """Holds two widgets, of which each has exactly its share of the room, whatever it would like to have."""

    def __init__(self, first: QWidget, second: QWidget, shares: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self._parts, self._share = (first, second), shares[0] / sum(shares)
        self._there = (True, True)
        for part in self._parts:
            part.setParent(self)

    def show_parts(self, first: bool, second: bool) -> None:
        """Which of the two are there; one alone has all the room."""
        if (first, second) != self._there:
            self._there = (first, second)
            for part, there in zip(self._parts, self._there, strict=True):
                part.setVisible(there)
            self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        first, second = self._parts
        wide, high = self.width(), self.height()
        share = self._share if all(self._there) else float(self._there[0])
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
