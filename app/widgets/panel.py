"""What every panel is: a header strip, an explanation in place, words while empty, ways out as picture or data."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from PySide6.QtCore import QPoint, QSize, QSizeF, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QAction,
    QColor,
    QDropEvent,
    QGuiApplication,
    QPainter,
    QPalette,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app import theme as themes
from app.settings import Settings
from app.theme import Theme
from app.widgets import picture
from app.widgets.labels import label, note, set_role
from app.widgets.panel_header import Choice, Header, Strip
from app.widgets.picture import PICTURES, PictureMenu
from app.widgets.save import TABLES, Data, as_text, save_as
from engine.words import short

if TYPE_CHECKING:
    from engine.session import View
    from engine.session.queries.candidate_filter import CandidateFilter

__all__ = ["Data", "Panel", "Services"]


def dropped(event: QDropEvent) -> list[Path]:
    """The files of a drag, which is taken as a copy: whoever proposed a move would delete what was moved."""
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    if files:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    return files


class Services(Protocol):
    """What the window does for panels that ask for it (see `Panel.attach`)."""

    settings: Settings
    """What is remembered from one day to the next."""
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

    `show_view(view, selection, wanted)` is the only way in: the same view, selection and filter of candidates always
    give the same picture, whether the search is running or long over. `selected` carries a candidate's number, or None;
    `filter_chosen` a CandidateFilter, or None. The window may move `header` into the title bar of the panel's dock.
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
    filter_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.view: View | None = None
        self.themed: list[Themed] = []
        """The parts that take the theme's colours with the panel."""
        self.selection: int | None = None
        self.wanted: CandidateFilter | None = None
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

    def show_view(self, view: "View | None", selection: int | None, wanted: "CandidateFilter | None" = None) -> None:
        """Show this view, and this candidate as the selected one; of candidates those that are wanted, None: all."""
        if view is None or self.view is None or view.source is not self.view.source:
            self._show_fault("")  # it was about another session
        self.view, self.selection, self.wanted = view, selection, wanted
        sentence = self.empty(view)
        self._nothing.setText(sentence)
        self._stack.setCurrentWidget(self._nothing if sentence else self.body)
        if view is not None and not sentence:
            self.draw(view, selection)

    def redraw(self) -> None:
        """Draw the same view once more, after a switch of the panel's own was moved."""
        self.show_view(self.view, self.selection, self.wanted)

    @property
    def shown_sentence(self) -> str:
        """The sentence shown in place of the body, or ""."""
        return self._nothing.text() if self._stack.currentWidget() is self._nothing else ""

    def attach(self, services: Services) -> None:
        """Connect what the panel needs of the window beside a view to show; called once, by the window."""

    def take_focus(self) -> None:
        """Give the keyboard to the first part of the body that takes it."""
        for widget in self.body.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(self.body) and widget.isEnabled():
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

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
        self._saved(save_as(self, "Save picture", f"{self._name()}.png", PICTURES, self.save_picture, self._not_saved))

    def _ask_data(self) -> None:
        self._saved(save_as(self, "Save data", f"{self._name()}.csv", TABLES, self.save_data, self._not_saved))

    def _name(self) -> str:
        """Of a saved file: whose search it shows, and what of it."""
        header = self.view.source.header if self.view is not None else None
        whose = f"{header.method} seed {header.seed} " if header is not None and header.method else ""
        return re.sub(r"[^\w.-]+", "-", f"{whose}{self.title}".lower())

    def _saved(self, path: Path | None) -> None:
        if path is not None:
            self._show_fault(f"Saved as {short(path)}", role="small")

    def _not_saved(self, path: Path, reason: str) -> None:
        self._show_fault(f"Not saved: {reason}")

    def _show_fault(self, line: str, role: str = "fault") -> None:
        """Say in place what went wrong, or in another role what was done; "" for nothing."""
        set_role(self._fault, role)
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
