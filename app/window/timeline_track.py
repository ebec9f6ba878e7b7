"""The line of the timeline: past and future of a session, the moment shown, the marks; scrubbed with the mouse."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.theme import DARK, Theme
from engine.words import long_clock

MARGIN = 10  # pixels kept free at either end, for the handle
GROOVE = 4
HANDLE = 7
DIAMOND = 6
NEAR = 7  # pixels within which the pointer means a mark


@dataclass(frozen=True)
class Mark:
    """A note at a moment of the session."""

    at: float
    note: str


class Track(QWidget):
    """Paints times 0 to `end` from left to right. `scrubbed` carries the second that the pointer asks for."""

    scrubbed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.end = self.time = 0.0
        self.marks: tuple[Mark, ...] = ()
        self._theme = DARK
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")

    def show_time(self, time: float, end: float) -> None:
        """Stand at `time` of `end` seconds."""
        if (time, end) != (self.time, self.end):
            self.time, self.end = time, end
            self.setAccessibleDescription(f"{long_clock(time)} of {long_clock(end)}")
            self.update()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 28)

    # -- where things are

    def x_of(self, seconds: float) -> float:
        """The pixel of a moment."""
        share = min(1.0, max(0.0, seconds / self.end)) if self.end > 0 else 0.0
        return MARGIN + share * (self.width() - 2 * MARGIN)

    def time_at(self, x: float) -> float:
        """The moment of a pixel; a mark attracts the pointer."""
        mark = self.mark_at(x)
        if mark is not None:
            return mark.at
        span = max(1, self.width() - 2 * MARGIN)
        return min(1.0, max(0.0, (x - MARGIN) / span)) * self.end

    def mark_at(self, x: float) -> Mark | None:
        """The mark under a pixel."""
        near = [mark for mark in self.marks if abs(self.x_of(mark.at) - x) <= NEAR]
        return min(near, key=lambda mark: abs(self.x_of(mark.at) - x), default=None)

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.end > 0:
            self.scrubbed.emit(self.time_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """What the pointer is told at a pixel: a mark's note, or the moment."""
        if self.end <= 0:
            return ""
        mark = self.mark_at(x)
        return f"{long_clock(mark.at)}  {mark.note}" if mark is not None else long_clock(self.time_at(x))

    # -- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, middle = self._theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(MARGIN, middle - GROOVE / 2, self.width() - 2 * MARGIN, GROOVE)
        painter.setBrush(QColor(theme.hover))
        painter.drawRoundedRect(whole, GROOVE / 2, GROOVE / 2)
        if self.end <= 0:
            return
        here = self.x_of(self.time)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(whole.left(), whole.top(), here - whole.left(), GROOVE), GROOVE / 2, GROOVE / 2)
        painter.drawEllipse(QPointF(here, middle), HANDLE, HANDLE)
        painter.setPen(QPen(QColor(theme.surface), 1.5))
        painter.setBrush(QColor(theme.warning))
        for mark in self.marks:
            x = self.x_of(mark.at)
            corners = ((x, middle - DIAMOND), (x + DIAMOND, middle), (x, middle + DIAMOND), (x - DIAMOND, middle))
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawEllipse(QPointF(here, middle), HANDLE + 2, HANDLE + 2)
