"""Upright lines with their names, such as where the best stands on an axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app import theme as themes
from app.plots.sight import InSight


@dataclass(frozen=True)
class Flag:
    """A place on the lower axis, what is written beside it, and its colour."""

    x: float
    text: str
    colour: str


class Flags(InSight):
    """Flags one below the other. One that is out of sight stands at the edge, with an arrow."""

    def __init__(self) -> None:
        super().__init__()
        self._font = themes.font(themes.SMALL)
        self._back = QColor("black")
        self.flags: tuple[Flag, ...] = ()

    def set_back(self, colour: str) -> None:
        """The colour behind the names."""
        self._back = QColor(colour)
        self.update()

    def place(self, flags: Sequence[Flag]) -> None:
        """Show these and no others."""
        self.prepareGeometryChange()
        self.flags = tuple(flags)
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, sight = painter.worldTransform(), self.boundingRect()
        room = transform.mapRect(sight)
        painter.resetTransform()
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        for row, flag in enumerate(self.flags):
            inside = sight.left() <= flag.x <= sight.right()
            left = flag.x < sight.left()
            text = flag.text if inside else f"← {flag.text}" if left else f"{flag.text} →"
            x = transform.map(QPointF(flag.x, 0)).x() if inside else room.left() if left else room.right()
            rect = QRectF(0, room.top() + row * (metrics.height() + 3), metrics.horizontalAdvance(text), 0)
            rect.setHeight(metrics.height())
            if x > room.center().x():
                rect.moveRight(x - 5)
            else:
                rect.moveLeft(x + 5)
            if inside:
                painter.setPen(QPen(QColor(flag.colour), 1.5))
                painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            painter.fillRect(rect, self._back)
            painter.setPen(QColor(flag.colour))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
