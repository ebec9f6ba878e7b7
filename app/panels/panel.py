"""What every panel is: a header strip, an explanation in place, words while empty, ways out as picture or data."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from PySide6.QtCore import QBuffer, QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QButtonGroup,
    QDockWidget,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.theme import Theme

if TYPE_CHECKING:
    from engine.session import View

Data = tuple[list[str], list[tuple[Any, ...]]]
"""Column names, and rows of plain values."""


class Panel(QWidget):
    """A dockable panel. Subclasses fill `body`, and say `empty`, `draw` and `data`.

    `look(view, selection)` is the only way in: the same view and selection always give the same picture, whether the
    search is running or long over. `selected` carries a candidate's number, or None. The header may serve as the title
    bar of a dock (`dock.setTitleBarWidget(panel.header)`), and then also shows the title.
    """

    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    """Two or three sentences: what is shown, what to look for, where it comes from."""
    reads: ClassVar[tuple[str, ...]] = ()
    """The tables whose new rows can change the picture."""
    cadence: ClassVar[Literal["fast", "slow"]] = "fast"

    selected = Signal(object)

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

        self._about = _note("muted")
        self._about.setText(self.about)
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
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._about)
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
        if sentence or view is None:
            self._nothing.setText(sentence)
            self._stack.setCurrentWidget(self._nothing)
        else:
            self._stack.setCurrentWidget(self.body)
            self.draw(view, selection)

    def redraw(self) -> None:
        """Draw the same view once more, after a switch of the panel's own was moved."""
        self.look(self.view, self.selection)

    @property
    def shown_sentence(self) -> str:
        """The sentence shown in place of the body, or ""."""
        return self._nothing.text() if self._stack.currentWidget() is self._nothing else ""

    # -- pictures and data

    def picture(self, scale: float = 2.0) -> QImage:
        """The body as an image, `scale` pixels per logical pixel."""
        source = self._stack
        image = QImage(source.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(self.theme.surface))
        source.render(image)
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
        source.render(painter, QPoint())
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
        self._about.setVisible(on)

    def sizeHint(self) -> QSize:
        return QSize(380, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)


class Header(QFrame):
    """The strip on top of a panel: title (only as the title bar of a dock), the panel's own switches, "?" and "⋯"."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._title = QLabel(title, self)
        self._title.setProperty("role", "title")
        self._title.hide()
        self._choices: list[Choice] = []
        self.tools = QHBoxLayout()
        self.tools.setSpacing(10)
        self.question = tool("?", f"What {title} shows, and what to look for", checkable=True)
        self.more = tool("⋯", "Copy or save as picture or data")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 4, 2)
        layout.setSpacing(2)
        layout.addWidget(self._title)
        layout.addStretch(1)
        layout.addLayout(self.tools)
        layout.addSpacing(4)
        layout.addWidget(self.question)
        layout.addWidget(self.more)

    def add(self, widget: QWidget) -> None:
        """Put a switch of the panel's own into the strip, right of those already there."""
        self.tools.addWidget(widget)
        if isinstance(widget, Choice):
            self._choices.append(widget)

    def set_theme(self, theme: Theme) -> None:
        """Quiet buttons: only what is on, or under the pointer, stands out."""
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; }} QToolButton:hover {{ color: {theme.text}; }}"
            f"QToolButton:checked {{ color: {theme.accent}; background: transparent; }}"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Shorten as many choices as it takes, from the left."""
        need = super().minimumSizeHint().width()
        need += sum(choice.width_of(False) - choice.width_of(choice.short) for choice in self._choices)
        for choice in self._choices:
            short = need > self.width()
            if short:
                need -= choice.width_of(False) - choice.width_of(True)
            if short != choice.short:
                choice.shorten(short)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ParentChange and hasattr(self, "_title"):
            self._title.setVisible(isinstance(self.parent(), QDockWidget))
        super().changeEvent(event)


class Choice(QWidget):
    """A row of small chips of which exactly one is on; where there is no room for a row, one button with a menu."""

    changed = Signal(str)

    def __init__(self, names: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips = QWidget(self)
        self._layout = QHBoxLayout(self._chips)
        for layout in (self._layout, outer := QHBoxLayout(self)):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(lambda button: self._take(button.text()))
        self._short = tool("", "Choose what is shown")
        outer.addWidget(self._chips)
        outer.addWidget(self._short)
        self._short.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.triggered.connect(lambda action: self._take(action.text()))
        self._short.setMenu(self._menu)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.short = False
        self.names: tuple[str, ...] = ()
        self.offer(names)

    def offer(self, names: Sequence[str]) -> None:
        """Offer these chips; the one that is on stays on where it is still offered, else the first is."""
        if tuple(names) == self.names:
            return
        current = self.value
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.names = tuple(names)
        self._menu.clear()
        for name in self.names:
            button = tool(name, "", checkable=True)
            self._group.addButton(button)
            self._layout.addWidget(button)
            self._menu.addAction(name)
        if self.names:
            self.choose(current if current in self.names else self.names[0])
        self.shorten(self.short)

    def shorten(self, short: bool) -> None:
        """One button with a menu instead of the row, or the row again."""
        self.short = short
        self._chips.setVisible(not short)
        self._short.setVisible(short)
        self.updateGeometry()

    def choose(self, name: str) -> None:
        """Turn one chip on, silently."""
        for button in self._group.buttons():
            if button.text() == name:
                button.setChecked(True)
        self._short.setText(f"{self.value} ▾")

    def _take(self, name: str) -> None:
        self.choose(name)
        self.changed.emit(name)

    def width_of(self, short: bool) -> int:
        """How wide it is in either form."""
        return (self._short if short else self._chips).sizeHint().width()

    @property
    def value(self) -> str:
        """The name of the chip that is on, or ""."""
        button = self._group.checkedButton()
        return button.text() if button is not None else ""


def tool(text: str, tip: str, checkable: bool = False) -> QToolButton:
    """A small flat button for a header strip."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _note(role: str) -> QLabel:
    label = QLabel()
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
