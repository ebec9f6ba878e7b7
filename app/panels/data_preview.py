"""What a search takes of its images: classes with a few of them, how many each split has, what is left out and why."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.widgets.labels import ElidedLabel, label
from engine.words import count, grouped

if TYPE_CHECKING:
    import numpy as np

    from engine.session.queries.data_record import DataRecord

SIDE = 34  # logical pixels of a small image
SHOWN = 12
"""Classes that are listed before the others are asked for ..."""
MOST = 300
"""... and how many then."""


class Thumbnails(QWidget):
    """A few images in a row, uint8 (3, side, side) each."""

    def __init__(self, images: Sequence["np.ndarray"], name: str) -> None:
        super().__init__()
        self._pixmaps = [_pixmap(image) for image in images]
        self.setFixedSize(QSize(len(images) * (SIDE + 3), SIDE))
        self.setAccessibleName(f"{count(len(images), 'image')} of {name}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for number, pixmap in enumerate(self._pixmaps):
            frame = QRectF(number * (SIDE + 3), 0, SIDE, SIDE)
            outline = QPainterPath()
            outline.addRoundedRect(frame, 3, 3)
            painter.setClipPath(outline)
            painter.drawPixmap(frame, pixmap, QRectF(pixmap.rect()))


class DataPreview(QWidget):
    """Hidden while there is nothing to say of the data."""

    cancelled = Signal()
    """A person does not want to wait for the images that are being read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Images of the plan")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 6, 10, 6)
        self._column.setSpacing(3)
        self._page: QWidget | None = None
        self._progress: QLabel | None = None
        self.hide()

    @property
    def text(self) -> str:
        """Everything that is written here, a line per label."""
        labels = self.findChildren(QLabel)
        lines = [found.full_text if isinstance(found, ElidedLabel) else found.text() for found in labels]
        return "\n".join(lines) if not self.isHidden() else ""

    def clear(self) -> None:
        """Show nothing."""
        self._begin()
        self.hide()

    def show_progress(self, name: str, done: int, total: int) -> None:
        """Say how far reading is."""
        if self._progress is None:
            page = self._begin()
            row = QHBoxLayout()
            self._progress = ElidedLabel()
            row.addWidget(self._progress, 1)
            stop = QPushButton("Cancel")
            stop.clicked.connect(self.cancelled)
            row.addWidget(stop)
            page.addLayout(row)
        self._progress.setText(
            f"Looking at {name}" + (f": {grouped(done)} of {grouped(total)} images" if total else "")
        )

    def show_record(
        self, record: "DataRecord", thumbnails: Sequence[Sequence["np.ndarray"]] = (), opened: int = 0, place: str = ""
    ) -> None:
        """Show what is taken; `opened`: how many images have been opened, where not all; `place`: where they are."""
        page = self._begin()
        images = sum(record.splits)
        classes = count(len(record.classes), "class", "classes")
        page.addWidget(label(f"{classes} · {count(images, 'image')}", "title"))
        if place:
            where = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle, role="small")
            where.setText(place)
            page.addWidget(where)
        page.addWidget(_wrapped(f"{_in_splits(record.splits)} · values {record.low} to {record.high}", "small"))
        grid = QGridLayout()
        grid.setContentsMargins(0, 5, 0, 5)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        first = SHOWN if thumbnails else 0  # names alone are told when they are asked for
        _add_rows(grid, record, thumbnails, 0, first)
        page.addLayout(grid)
        if len(record.classes) > first:
            more = QPushButton(f"Show all {classes}" if first else f"Show the {classes}")
            more.clicked.connect(lambda: _add_rows(grid, record, thumbnails, first, MOST))
            more.clicked.connect(more.hide)
            page.addWidget(more)
        for line in record.warnings:
            page.addWidget(_wrapped(line[:1].upper() + line[1:], "warning"))
        if 0 < opened < images:
            page.addWidget(_wrapped(f"{grouped(opened)} images were opened; the others are counted by name", "small"))

    def _begin(self) -> QVBoxLayout:
        """An empty page, shown."""
        if self._page is not None:
            self._page.hide()
            self._column.removeWidget(self._page)
            self._page.deleteLater()
        self._progress = None
        self._page = QWidget()
        self._column.addWidget(self._page)
        page = QVBoxLayout(self._page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(3)
        page.addWidget(label("IMAGES", "section"))
        self.show()
        return page


def _add_rows(
    grid: QGridLayout, record: "DataRecord", thumbnails: Sequence[Sequence["np.ndarray"]], first: int, last: int
) -> None:
    """The classes from `first` to before `last`: a few images, the name, and how many each split has."""
    for row, found in enumerate(record.classes[first:last], first):
        name, sizes = ElidedLabel(role="plain"), ElidedLabel(role="small" if all(found.splits) else "warning")
        name.setText(found.name)
        sizes.setText(" · ".join(map(grouped, found.splits)))
        sizes.setToolTip(_in_splits(found.splits))
        if row < len(thumbnails):
            grid.addWidget(Thumbnails(thumbnails[row], found.name), 2 * row, 0, 2, 1)
        grid.addWidget(name, 2 * row, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(sizes, 2 * row + 1, 1, Qt.AlignmentFlag.AlignTop)
    if last == MOST and len(record.classes) > MOST:
        grid.addWidget(label(f"and {grouped(len(record.classes) - MOST)} more", "small"), 2 * MOST, 0, 1, 2)


def _in_splits(sizes: Sequence[int]) -> str:
    from engine.session.queries.data_record import SPLITS  # here, since it is not needed to paint the window

    return " · ".join(f"{grouped(size)} {name}" for size, name in zip(sizes, SPLITS, strict=True))


def _wrapped(text: str, role: str) -> QLabel:
    found = label(text, role)
    found.setTextFormat(Qt.TextFormat.PlainText)
    found.setWordWrap(True)
    return found


def _pixmap(image: "np.ndarray") -> QPixmap:
    """An image uint8 (3, height, width) as Qt has them."""
    rows = image.transpose(1, 2, 0)
    height, width, _ = rows.shape
    return QPixmap.fromImage(QImage(rows.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888))
