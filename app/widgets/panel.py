"""What every panel is: a header strip, an explanation in place, words while empty, ways out as picture or data."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from PySide6.QtCore import QPoint, QSize, QSizeF, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPalette, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app import theme as themes
from app.theme import Theme
from app.widgets import picture
from app.widgets.labels import label, note
from app.widgets.panel_header import Choice, Header, Strip
from app.widgets.picture import PICTURES, PictureMenu
from app.widgets.save import TABLES, Data, as_text, save_as

if TYPE_CHECKING:
    from engine.session import View

__all__ = ["Data", "Panel", "Services"]


class Services(Protocol):
    """What the window does for panels that ask for it (see `Panel.attach`)."""

    point_left: SignalInstance
    """The canvas does not show a point of the embedding any more."""

    def go_to(self, seconds: float) -> None:
        """Show this moment of the session."""

    def edit_candidate(self, number: int) -> None:
        """Open a copy of a candidate in the editor."""

    def show_change(self, candidate: int) -> None:
        """Show on the canvas what a candidate has changed in its parent."""

    def show_point(self, row: int | None) -> None:
        """Show on the canvas what a point of the embedding (its row) is read as; None: no point any more."""

    def do_in_background(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do `work` in a thread; `done` gets its result, `failed` its ValueError or OSError, in this thread."""

    def offer_comparison(self, panel: "Panel", add: Callable[[Sequence[Path]], None]) -> None:
        """Whoever wants to compare sessions gets this panel shown, and `add` gets their paths."""

    def carry_out_queue(self, panel: "Panel") -> None:
        """Run the searches that the panel takes in."""


class Themed(Protocol):
    """What takes a theme's colours, such as a plot."""

    def set_theme(self, theme: Theme) -> None: ...


class Zoomed(Protocol):
    """A plot that a person may have looked closer at."""

    zoomed: bool


class Panel(QWidget):
    """A dockable panel. Subclasses fill `body`, and say `empty`, `draw` and `data`.

    `show_view(view, selection)` is the only way in: the same view and selection always give the same picture, whether
    the search is running or long over. `selected` carries a candidate's number, or None. The window may move `header`
    into the title bar of the panel's dock.
    """

    name: ClassVar[str] = ""
    """By which settings name it in `panels`, and arrangements remember it."""
    title: ClassVar[str] = ""
    dock: ClassVar[tuple[str, int]]
    """The tabs it stands among, one of `app.panels.TABS`, and its order there."""
    opens: ClassVar[str] = ""
    """With which searches it is open at first: "every", "one-shot", "sampling"; else those whose settings name it."""
    order: ClassVar[int] = 1_000
    """In the View menu."""
    shortcut: ClassVar[str] = ""
    """The keys that show and hide it. What is said up to here must be plain constants, each on one line: it is read
    before the class is imported."""
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
        self.themed: list[Themed] = []
        """The parts that take the theme's colours with the panel."""
        self.selection: int | None = None
        self.setObjectName(self.title)
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.about)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)

        self.header = self.make_header()
        self.header.question.toggled.connect(self._explain)
        self.menu = self.header.menu
        for text, action in (
            ("Copy picture", self.copy_picture),
            ("Save picture…", self._ask_picture),
            ("Copy data", self.copy_data),
            ("Save data…", self._ask_data),
        ):
            self.menu.addAction(text, action)
        self.menu.addMenu(PictureMenu(self.menu))

        self._about = note("small", self, self.about)
        self._about.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._about.setAutoFillBackground(True)
        self._fault = note("fault", self)
        self.body = QWidget(self)
        self._nothing = label("", "muted", self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setContentsMargins(24, 12, 24, 12)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.body)
        self._stack.addWidget(self._nothing)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

        self.column = layout = QVBoxLayout(self)
        # One line stays the panel's own: where opaque children cover all of a widget, Qt calls it out of sight.
        layout.setContentsMargins(0, 0, 0, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._fault)
        layout.addWidget(self._stack, 1)

    def make_header(self) -> Strip:
        """The strip on top."""
        return Header(self.title, self)

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
        for part in (self.header, *self.themed):
            part.set_theme(theme)
        self.redraw()

    def add_choice(
        self, names: Sequence[str] = (), tips: Mapping[str, str] | None = None, plot: Zoomed | None = None
    ) -> Choice:
        """Put a switch into the strip. Another choice is drawn at once, and all of the plot is shown again."""

        def draw(name: str) -> None:
            if plot is not None:
                plot.zoomed = False
            self.redraw()

        choice = Choice(names, tips=tips)
        choice.changed.connect(draw)
        self.header.add(choice)
        return choice

    def add_to_menu(self, *entries: tuple[str, Callable[[], object]]) -> list[QAction]:
        """Put entries of the panel's own above those that every panel has."""
        first = self.menu.actions()[0]
        actions = [QAction(text, self) for text, _ in entries]
        for action, (_, act) in zip(actions, entries, strict=True):
            action.triggered.connect(lambda checked=False, act=act: act())
        self.menu.insertActions(first, actions)
        self.menu.insertSeparator(first)
        return actions

    # -- what the window calls

    def show_view(self, view: "View | None", selection: int | None) -> None:
        """Show this view, and this candidate as the selected one."""
        self.view, self.selection = view, selection
        sentence = self.empty(view)
        self._nothing.setText(sentence)
        self._stack.setCurrentWidget(self._nothing if sentence else self.body)
        if view is not None and not sentence:
            self.draw(view, selection)

    def redraw(self) -> None:
        """Draw the same view once more, after a switch of the panel's own was moved."""
        self.show_view(self.view, self.selection)

    @property
    def shown_sentence(self) -> str:
        """The sentence shown in place of the body, or ""."""
        return self._nothing.text() if self._stack.currentWidget() is self._nothing else ""

    def attach(self, services: Services) -> None:
        """Connect what the panel needs of the window beside a view to show; called once, by the window."""

    # -- pictures and data

    def dress(self, theme: Theme) -> None:
        """Take another set of colours, and show everything in it; see `app.widgets.picture.Sheet`."""
        self.set_theme(theme)
        self.redraw()

    def sheet_size(self) -> QSizeF:
        """The body's, in logical pixels."""
        return QSizeF(self._stack.size())

    def paint_sheet(self, painter: QPainter) -> None:
        """Paint the body on the theme's ground."""
        painter.fillRect(self._stack.rect(), QColor(self.theme.surface))
        self._stack.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)

    def save_picture(self, path: Path) -> None:
        """Write the body as a picture, see `app.widgets.picture.write`. Raises OSError when it cannot be written."""
        picture.write(self, path, self.title, 2.0)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(picture.image(self, 2.0))

    def copy_data(self) -> None:
        """Put the data on the clipboard, separated by tabs, as spreadsheets take them."""
        QGuiApplication.clipboard().setText(as_text(self.data(), "\t"))

    def save_data(self, path: Path) -> None:
        """Write the data as CSV with a header line. Raises OSError when the file cannot be written."""
        path.write_text(as_text(self.data(), ","), encoding="utf-8", newline="")

    def _ask_picture(self) -> None:
        self._saved(save_as(self, "Save picture", f"{self.title}.png", PICTURES, self.save_picture, self._not_saved))

    def _ask_data(self) -> None:
        self._saved(save_as(self, "Save data", f"{self.title}.csv", TABLES, self.save_data, self._not_saved))

    def _saved(self, saved: bool) -> None:
        if saved:
            self._show_fault("")

    def _not_saved(self, path: Path, reason: str) -> None:
        self._show_fault(f"Not saved: {reason}")

    def _show_fault(self, line: str) -> None:
        """Say in place what went wrong; "" for nothing."""
        self._fault.setText(line)
        self._fault.setVisible(bool(line))

    def _explain(self, on: bool) -> None:
        """Lay the explanation over the upper part of the panel, which keeps its shape beneath."""
        width = self.width()
        top = self._stack.y()
        room = self._stack.height()
        self._about.setGeometry(0, top, width, min(self._about.heightForWidth(width), room))
        self._about.setVisible(on)
        self._about.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for part in self.findChildren(QWidget):  # whatever takes the keyboard is known to who cannot see it
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and not part.accessibleName() and not _text(part):
                part.setAccessibleName(self.title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain(self.header.question.isChecked())

    def sizeHint(self) -> QSize:
        return QSize(380, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 90)


def _text(part: QWidget) -> str:
    """What is written on a button."""
    return part.text() if isinstance(part, QAbstractButton) else ""
