"""The canvas while watching: the cell of the moment, one line on what it is, and ways out as text, picture and data."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.icons import icon
from app.theme import Theme
from engine.space.genotype import NotationError

from .compare import Comparison
from .line import Line, tool
from .subject import Subjects
from .view import CanvasView

if TYPE_CHECKING:
    from engine.session import View

STEP = 1.25  # of zooming by key
CHANGE = "Show what it has changed in its parent"


class Watch(QWidget):
    """The central widget. Like a panel it is a function of (view, selection), and answers to the same calls."""

    title: ClassVar[str] = "Cell"
    about: ClassVar[str] = (
        "The cell that the search would give you at this moment, drawn as its papers draw it: the outputs of the two "
        "cells before it on the left, numbered nodes that add up what enters them, and the output, which joins nodes "
        "along thin grey lines, on the right. Heavier edges with a dot are new since the cell before, or since the "
        "parent. Look for cells that settle, and for one kind of operation crowding out the others "
        "(Liu et al. 2019, figures 4 and 5)."
    )
    reads: ClassVar[tuple[str, ...]] = ("scalars", "candidates", "scores", "derived", "embedding")
    cadence: ClassVar[Literal["fast", "slow"]] = "fast"

    edit_wanted = Signal(object, str)
    """The architecture shown, and what it is: a person wants to edit a copy of it."""
    point_left = Signal()
    """What a point of the embedding is read as is not shown any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = themes.DARK
        self._subjects = Subjects()
        self._view: View | None = None
        self._point: int | None = None  # the row in embedding that is shown
        self._subject = self._subjects.find(None, None)
        self._compared: object = None
        self.canvas = CanvasView(self)
        self.setFocusProxy(self.canvas)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.menu = QMenu(self)
        self._fill_menu()

        self._title = QLabel(self.title, self)
        self._title.setProperty("role", "title")
        self._caption = Line(self)
        self._change = tool("Show what a candidate has changed in its parent (D)")
        self._change.setText("Δ")
        self._change.setCheckable(True)
        self._change.toggled.connect(lambda on: self._show())
        self._fit = tool("Show the whole picture (F, or a double click)")
        self._fit.clicked.connect(self.canvas.fit)
        self._question = tool("What the cell shows, and what to look for")
        self._question.setText("?")
        self._question.setCheckable(True)
        self._more = tool("Copy or save the cell")
        self._more.setText("⋯")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self.menu)
        bar = QFrame(self)
        bar.setProperty("role", "bar")
        self.strip = strip = QHBoxLayout(bar)
        strip.setContentsMargins(10, 2, 4, 2)
        strip.setSpacing(2)
        strip.addWidget(self._title)
        strip.addSpacing(10)
        strip.addWidget(self._caption, 1)
        for button in (self._change, self._fit, self._question, self._more):
            strip.addWidget(button)

        self._about = self._note("muted", self.about)
        self._question.toggled.connect(self._about.setVisible)
        self._fault = self._note("fault", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (bar, self._about, self._fault):
            column.addWidget(widget)
        self._comparison: Comparison | None = None  # made when it is first wanted
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.canvas)
        column.addWidget(self._pages, 1)
        self.set_theme(self.theme)
        self.look(None, None)

    # -- what the window calls

    def look(self, view: "View | None", selection: int | None) -> None:
        """Show the selected candidate, else what the search has derived by then, else its best candidate; but first of
        all a point of the embedding that was asked for, until something is selected."""
        other = (view and view.source) is not (self._view and self._view.source)
        self._view = view
        if self._point is not None and (other or selection is not None):
            self._point = None
            self.point_left.emit()
        self._subject = self._subjects.find(view, selection, self._point)
        self._show()

    def show_point(self, view: "View | None", row: int | None) -> None:
        """Show what a point of the embedding (its row) is read as; None: the search's own answer again."""
        if row is None and self._point is None:
            return
        self._view, self._point = view, row
        if row is None:
            self.point_left.emit()
        self.look(view, None)

    def show_change(self, on: bool = True) -> None:
        """Show a candidate beside its parent, where it has one, until this is switched off."""
        self._change.setChecked(on)

    @property
    def comparing(self) -> bool:
        """Whether a candidate is shown beside its parent now."""
        return self._pages.currentWidget() is self._comparison

    def _show(self) -> None:
        subject = self._subject
        self.canvas.show_architecture(subject.architecture, subject.caption, subject.before)
        self._caption.say("" if self.canvas.sentence else subject.caption)
        shown, before, names = self.canvas.architecture, subject.before, subject.names
        if not self._change.isChecked() or shown is None or before is None or names is None:
            self._leave()
            return
        if self._comparison is None:
            self._comparison = Comparison(self, "Show the candidate alone (D, or Escape)")
            self._comparison.closed.connect(lambda: self.show_change(False))
            self._comparison.set_theme(self.theme)
            self._comparison.view.addActions([action for action in self.canvas.actions() if action.text() == CHANGE])
            self._pages.addWidget(self._comparison)
        if (before, shown, names) != self._compared:
            self._compared = (before, shown, names)
            self._comparison.compare((before, names[0]), (shown, names[1]))
        focused = self.canvas.hasFocus()
        self._pages.setCurrentWidget(self._comparison)
        if focused:
            self._comparison.setFocus()

    def _leave(self) -> None:
        """Show the cell alone again; the keyboard stays with it."""
        focused = self._comparison is not None and self._comparison.view.hasFocus()
        self._pages.setCurrentWidget(self.canvas)
        if focused:
            self.canvas.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.theme = theme
        self.canvas.set_theme(theme)
        if self._comparison is not None:
            self._comparison.set_theme(theme)
        self._fit.setIcon(icon("fit", theme, theme.muted))

    def data(self) -> tuple[list[str], list[tuple[Any, ...]]]:
        """What is shown now, read back from the picture: column names, and one row per edge."""
        marked = set(self.canvas.marked())
        rows: list[tuple[Any, ...]] = [(*edge, "changed" if edge in marked else "") for edge in self.canvas.shown()]
        return ["cell", "from", "to", "operation", "marked"], rows

    @property
    def caption(self) -> str:
        """The line that is shown about the cell."""
        return self._caption.said

    # -- ways out

    def _fill_menu(self) -> None:
        canvas = self.canvas
        for text, keys, act in (
            ("Edit a copy of this cell", QKeySequence("E"), self._edit),
            ("", QKeySequence(), None),
            ("Copy as genotype", QKeySequence(QKeySequence.StandardKey.Copy), self.copy_genotype),
            ("Copy picture", QKeySequence(), canvas.copy_picture),
            ("Save picture…", QKeySequence(), self._ask_picture),
            ("Save data…", QKeySequence(), self._ask_data),
            ("", QKeySequence(), None),
            (CHANGE, QKeySequence("D"), lambda: self._change.toggle()),
            ("Fit", QKeySequence("F"), canvas.fit),
            ("Zoom in", QKeySequence("+"), lambda: canvas.zoom(STEP)),
            ("Zoom out", QKeySequence("-"), lambda: canvas.zoom(1 / STEP)),
        ):
            if act is None:
                self.menu.addSeparator()
                continue
            action = QAction(text, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(_quietly(act))
            canvas.addAction(action)
            self.menu.addAction(action)
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        canvas.customContextMenuRequested.connect(lambda at: self.menu.popup(canvas.mapToGlobal(at)))

    def _edit(self) -> None:
        if self.canvas.architecture is not None:
            self.edit_wanted.emit(self.canvas.architecture, self.caption.split(" · ")[0])

    def copy_genotype(self) -> None:
        """Put the architecture on the clipboard in its published notation, or say why it has none."""
        try:
            self.canvas.copy_genotype()
        except NotationError as error:
            self._say_fault(f"Not copied: {error}")
        else:
            self._say_fault("")

    def save_picture(self, path: Path) -> None:
        """Write the drawing as SVG or PNG, by the suffix. Raises OSError when the file cannot be written."""
        self.canvas.save_picture(path)

    def save_data(self, path: Path) -> None:
        """Write the edges as CSV with a header line. Raises OSError when the file cannot be written."""
        names, rows = self.data()
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([names, *rows])

    def _ask_picture(self) -> None:
        self._ask("Save picture", "cell.png", "PNG picture (*.png);;SVG drawing (*.svg)", self.save_picture)

    def _ask_data(self) -> None:
        self._ask("Save data", "cell.csv", "CSV table (*.csv)", self.save_data)

    def _ask(self, title: str, name: str, kinds: str, save: Callable[[Path], None]) -> None:
        chosen, kind = QFileDialog.getSaveFileName(self, title, name, kinds)
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(".svg" if "svg" in kind else Path(name).suffix)
        try:
            save(path)
        except OSError as error:
            self._say_fault(f"Not saved: {error.strerror or error}")
        else:
            self._say_fault("")

    def _say_fault(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def _note(self, role: str, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.setContentsMargins(10, 6, 10, 8)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.hide()
        return label

    def sizeHint(self) -> QSize:
        return QSize(780, 560)


def _quietly(act: Callable[[], None]) -> Callable[[], None]:
    """`triggered` hands over whether the action is checked; these need not know."""
    return lambda: act()
