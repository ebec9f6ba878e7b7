"""The strip of random members, each drawn as small as it can be made out; a click opens one."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QStackedLayout, QWidget

from app import theme as themes
from app.editors.space.statistics_worker import SAMPLES, Sample, Samples
from app.graph.thumbnail import paint_thumbnail
from app.icons import icon
from app.theme import Theme
from app.widgets.labels import label
from app.widgets.layouts import packed
from app.widgets.panel_header import tool
from engine.words import amount

TALL, NARROWEST = 62, 44
MARGIN = 5.0


class Tile(QAbstractButton):
    """One member as a button."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self.sample: Sample | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(NARROWEST, TALL)

    def show_sample(self, sample: Sample | None, number: int) -> None:
        """Show a member, or none."""
        self.sample = sample
        self.setEnabled(sample is not None)
        words = ""
        if sample is not None:
            counted = sample.counted
            cost = f": {amount(counted.params)} parameters, {amount(counted.macs)} MACs" if counted else ""
            words = f"Random architecture {number}{cost}"
        self.setAccessibleName(words)
        self.setToolTip(f"{words}; a click opens it" if words else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, room = self.theme, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        lit = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter.setBrush(QColor(theme.hover if self.underMouse() and self.isEnabled() else theme.surface))
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line if lit else theme.border), 1))
        painter.drawRoundedRect(room, 5, 5)
        if self.sample is None:
            return
        if not self.sample.picture:
            painter.setPen(QColor(theme.muted))
            painter.setFont(themes.font(themes.SMALL))
            words = amount(self.sample.counted.params) if self.sample.counted else "open"
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), words)
            return
        paint_thumbnail(painter, self.sample.picture, room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), theme)

    def sizeHint(self) -> QSize:
        return QSize(92, TALL)


class SampleStrip(QWidget):
    """Random members side by side. `opened`: somebody wants to see one; `again`: somebody wants others."""

    opened = Signal(object)  # Architecture
    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dice = tool("", "Draw other random architectures (R)")
        self.dice.clicked.connect(self.again)
        self.tiles = [Tile(self) for _ in range(SAMPLES)]
        for tile in self.tiles:
            tile.clicked.connect(lambda checked=False, tile=tile: self._open(tile))
        self._words = label("", "muted", self)
        self._words.setWordWrap(True)
        row = QWidget(self)
        packed(QHBoxLayout(row), *self.tiles, spacing=6)
        self._stack = QStackedLayout()
        self._stack.addWidget(row)
        self._stack.addWidget(self._words)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(6, 0, 10, 8)
        outer.setSpacing(4)
        outer.addWidget(self.dice)
        outer.addLayout(self._stack, 1)
        self.setFixedHeight(TALL + 8)
        self.show_samples(Samples(()))

    @property
    def samples(self) -> list[Sample]:
        """What is shown."""
        return [tile.sample for tile in self.tiles if tile.sample is not None]

    @property
    def sentence(self) -> str:
        """What is said in place of members, or ""."""
        return self._words.text() if self._stack.currentWidget() is self._words else ""

    def show_samples(self, samples: Samples) -> None:
        """Show some members, or why there are none."""
        self._words.setText(samples.fault)
        self._stack.setCurrentIndex(1 if samples.fault else 0)
        for number, tile in enumerate(self.tiles, 1):
            tile.show_sample(samples.samples[number - 1] if number <= len(samples.samples) else None, number)

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.dice.setIcon(icon("dice", theme, theme.muted))
        for tile in self.tiles:
            tile.theme = theme
            tile.update()

    def _open(self, tile: Tile) -> None:
        if tile.sample is not None:
            self.opened.emit(tile.sample.architecture)
