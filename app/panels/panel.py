"""What every panel is: a header strip, an explanation in place, words while empty, ways out as picture or data."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from PySide6.QtCore import QBuffer, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette, QRegion, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.panels.header import Header
from app.theme import Theme

if TYPE_CHECKING:
    from engine.session import View

Data = tuple[list[str], list[tuple[Any, ...]]]
"""Column names, and rows of plain values."""


class Panel(QWidget):
    """A dockable panel. Subclasses fill `body`, and say `empty`, `draw` and `data`.

    `look(view, selection)` is the only way in: the same view and selection always give the same picture, whether the
    search is running or long over. `selected` carries a candidate's number, or None. The window may move `header` into
    the title bar of the panel's dock.
    """

    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    """Two or three sentences: what is shown, what to look for, where it comes from."""
    reads: ClassVar[tuple[str, ...]] = ()
    """The tables whose new rows can change the picture."""
    cadence: ClassVar[Literal["fast", "slow"]] = "fast"

    selected = Signal(object)
    edit_wanted = Signal(object)
    """The number of a candidate that a person wants to edit a copy of."""
    moment_wanted = Signal(float)
    """A moment of the session, in seconds, that a person wants to see."""
    compare_wanted = Signal(object)
    """The number of a candidate whose difference to its parent a person wants to see."""
    point_wanted = Signal(object)
    """The row in `embedding` of a point whose architecture a person wants to see, or None for no point any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.view: View | None = None
        self.selection: int | None = None
        self.setObjectName(self.title)
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.about)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)

        self.header = Header(self.title, self)
        self.header.question.toggled.connect(self._explain)
        self.menu = QMenu(self)
        self.header.more.setMenu(self.menu)
        for text, action in (
            ("Copy picture", self.copy_picture),
            ("Save picture…", self._ask_picture),
            ("Copy data", self.copy_data),
            ("Save data…", self._ask_data),
        ):
            self.menu.addAction(text, action)

        self._about = _note("small", self)
        self._about.setText(self.about)
        self._about.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._about.setAutoFillBackground(True)
        self._fault = _note("fault")
        self.body = QWidget(self)
        self._nothing = QLabel(self)
        self._nothing.setProperty("role", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(24, 12, 24, 12)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.body)
        self._stack.addWidget(self._nothing)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

        layout = QVBoxLayout(self)
        # One line stays the panel's own: where opaque children cover all of a widget, Qt calls it out of sight.
        layout.setContentsMargins(0, 0, 0, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._fault)
        layout.addWidget(self._stack, 1)

    # -- what a panel says

    def empty(self, view: "View | None") -> str:
        """One sentence on what will appear here, or "" when there is something to draw."""
        return ""

    def draw(self, view: "View", selection: int | None) -> None:
        """Bring `body` to exactly these rows. Called only when `empty(view)` says nothing."""

    def data(self) -> Data:
        """What is shown now, read back from the widgets."""
        return [], []

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours; palette and style sheet are the application's business."""
        self.theme = theme
        self.header.set_theme(theme)

    # -- what the window calls

    def look(self, view: "View | None", selection: int | None) -> None:
        """Show this view, and this candidate as the selected one."""
        self.view, self.selection = view, selection
        sentence = self.empty(view)
        self._nothing.setText(sentence)
        self._stack.setCurrentWidget(self._nothing if sentence else self.body)
        if view is not None and not sentence:
            self.draw(view, selection)

    def redraw(self) -> None:
        """Draw the same view once more, after a switch of the panel's own was moved."""
        self.look(self.view, self.selection)

    @property
    def shown_sentence(self) -> str:
        """The sentence shown in place of the body, or ""."""
        return self._nothing.text() if self._stack.currentWidget() is self._nothing else ""

    def leave_point(self) -> None:
        """The canvas does not show a point of the embedding any more."""

    # -- pictures and data

    def picture(self, scale: float = 2.0) -> QImage:
        """The body as an image, `scale` pixels per logical pixel."""
        source = self._stack
        image = QImage(source.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(self.theme.surface))
        source.render(image, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        return image

    def save_picture(self, path: Path) -> None:
        """Write the body as SVG (by suffix) or PNG. Raises OSError when the file cannot be written."""
        if path.suffix.lower() == ".svg":
            path.write_bytes(self._svg())
        elif not self.picture().save(str(path), "PNG"):  # type: ignore[call-overload]
            raise OSError(f"cannot write {path}")

    def _svg(self) -> bytes:
        source, buffer, generator = self._stack, QBuffer(), QSvgGenerator()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        generator.setOutputDevice(buffer)
        generator.setSize(source.size())
        generator.setViewBox(source.rect())
        generator.setTitle(self.title)
        painter = QPainter(generator)
        painter.fillRect(source.rect(), QColor(self.theme.surface))
        source.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        painter.end()
        return bytes(buffer.data().data())

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture())

    def copy_data(self) -> None:
        """Put the data on the clipboard, separated by tabs, as spreadsheets take them."""
        QGuiApplication.clipboard().setText(_written(self.data(), "\t"))

    def save_data(self, path: Path) -> None:
        """Write the data as CSV with a header line. Raises OSError when the file cannot be written."""
        path.write_text(_written(self.data(), ","), encoding="utf-8", newline="")

    def _ask_picture(self) -> None:
        self._ask("Save picture", ".png", "PNG picture (*.png);;SVG drawing (*.svg)", self.save_picture)

    def _ask_data(self) -> None:
        self._ask("Save data", ".csv", "CSV table (*.csv)", self.save_data)

    def _ask(self, caption: str, suffix: str, kinds: str, save: Any) -> None:
        name, kind = QFileDialog.getSaveFileName(self, caption, self.title + suffix, kinds)
        if not name:
            return
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(".svg" if "svg" in kind else suffix)
        try:
            save(path)
        except OSError as error:
            self._fault.setText(f"Not saved: {error.strerror or error}")
            self._fault.show()
        else:
            self._fault.hide()

    def _explain(self, on: bool) -> None:
        """Lay the explanation over the upper part of the panel, which keeps its shape beneath."""
        width = self.width()
        top = self._stack.y()
        room = self._stack.height()
        self._about.setGeometry(0, top, width, min(self._about.heightForWidth(width), room))
        self._about.setVisible(on)
        self._about.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain(self.header.question.isChecked())

    def sizeHint(self) -> QSize:
        return QSize(380, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)


def _note(role: str, parent: QWidget | None = None) -> QLabel:
    label = QLabel(parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setContentsMargins(10, 6, 10, 8)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.hide()
    return label


def _written(data: Data, separator: str) -> str:
    names, rows = data
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue()
