"""Short texts beside points; one that would lie over another is left out."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app import theme as themes
from app.plots.sight import InSight

_GAP = 7  # pixels between a point and its text
_AIR = 6  # pixels of a label's own ground beside its text
_WIDEST = 190


class Labels(InSight):
    """Texts right of their points (left of them where there is no room), the first ones first."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._back = QColor("white"), QColor("black")
        self._font = themes.font(themes.SMALL)
        self._x = self._y = np.empty(0)
        self._texts: Sequence[str] = ()
        self.shown: list[str] = []
        """The texts that found room when they were last painted."""

    def set_colours(self, text: str, back: str) -> None:
        """The colours of the text and of what lies behind it."""
        self._text, self._back = QColor(text), QColor(back)
        self._back.setAlphaF(0.8)
        self.update()

    def place(self, x: np.ndarray, y: np.ndarray, texts: Sequence[str]) -> None:
        """The points, in the plot's units, and what is written beside each."""
        self.prepareGeometryChange()
        self._x, self._y, self._texts = np.asarray(x, float), np.asarray(y, float), texts
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, sight = painter.worldTransform(), self.boundingRect()
        room = transform.mapRect(sight)
        painter.resetTransform()
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        widest = min(_WIDEST, room.width() / 2 - _GAP - _AIR)  # so that there is room on one side
        taken: list[QRectF] = []
        self.shown = []
        for x, y, text in zip(self._x.tolist(), self._y.tolist(), self._texts, strict=True):
            if not (text and sight.contains(QPointF(x, y))):
                continue
            place = transform.map(QPointF(x, y))
            short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, widest)
            rect = QRectF(0, 0, metrics.horizontalAdvance(short) + _AIR, metrics.height())
            rect.moveCenter(place)
            rect.moveLeft(place.x() + _GAP)
            if rect.right() > room.right():
                rect.moveRight(place.x() - _GAP)
            if rect.left() < room.left() or any(rect.intersects(other) for other in taken):
                continue
            taken.append(rect)
            self.shown.append(text)
            painter.fillRect(rect, self._back)
            painter.setPen(self._text)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, short)
