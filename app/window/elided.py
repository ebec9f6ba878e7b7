"""A label that shortens its text with … when there is no room, and tells the whole of it in its tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from app import theme as themes

PART = " · "
"""What stands between the parts of a text."""


class Elided(QWidget):
    """One line of muted text, aligned as told; takes what width it gets.

    If it `wraps`, a text without room is written in two lines of small letters, broken between two of its parts.
    """

    def __init__(self, align: Qt.AlignmentFlag, parent: QWidget | None = None, wraps: bool = False) -> None:
        super().__init__(parent)
        self._text, self._align, self._wraps = "", align, wraps
        # The room it gets must not depend on the text, or everything beside it would jump.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def lines(self) -> list[str]:
        """What is written of the text in the room there is."""
        width, metrics, lines = self.contentsRect().width(), self.fontMetrics(), [self._text]
        parts = self._text.split(PART)
        if self._wraps and len(parts) > 1 and metrics.horizontalAdvance(self._text) > width:
            metrics = QFontMetrics(themes.font(themes.SMALL))
            pairs = ([PART.join(parts[:end]), PART.join(parts[end:])] for end in range(1, len(parts)))
            lines = min(pairs, key=lambda pair: max(map(metrics.horizontalAdvance, pair)))
        return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        margins = self.contentsMargins()
        around = QSize(margins.left() + margins.right(), margins.top() + margins.bottom())
        height = metrics.height() + 4
        if self._wraps:
            height = max(height, 2 * QFontMetrics(themes.font(themes.SMALL)).lineSpacing())
        return around + QSize(metrics.horizontalAdvance(self._text) + 4, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        lines = self.lines()
        if len(lines) > 1:
            painter.setFont(themes.font(themes.SMALL))
        flags = QStyle.visualAlignment(self.layoutDirection(), self._align | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(self.palette().color(QPalette.ColorGroup.Normal, QPalette.ColorRole.PlaceholderText))
        painter.drawText(self.contentsRect(), int(flags), "\n".join(lines))
