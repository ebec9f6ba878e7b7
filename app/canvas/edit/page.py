"""The editor as a page of the central area: picture and table of one document, and one line on what it comes to."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme as themes
from app.icons import icon
from app.theme import Theme
from engine.space.architecture import Architecture

from ..compare import Comparison
from ..line import Line, tool
from . import clipboard, library
from .asking import Asking
from .chooser import Chooser
from .deeds import Deeds
from .document import Document
from .draft import Draft
from .facts import facts
from .picture import EditView
from .starters import drawn, first
from .table import TwinTable

if TYPE_CHECKING:
    from engine.space import Space

TABLE = 250  # width in pixels
ROOM = 760  # of the page from which on the table is open at first


class EditPage(QWidget):
    """Edits one architecture. Everything that is done here can be undone, opening another architecture included."""

    about: ClassVar[str] = (
        "Draw an architecture by hand. Double-click makes a node; drag from the dot at a node's right side to another "
        "node draws an edge; a double click on an edge changes its operation; C lets a node join the output. Drag on "
        "the empty canvas selects, Shift adds to the selection; the middle button, or Space and drag, moves the "
        "picture. The table says the same and can be edited with the keyboard alone."
    )

    hand_in_wanted = Signal(object)
    """The architecture that a running search is to score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.selected_candidate: Callable[[], tuple[Architecture, str] | None] = lambda: None
        self.theme = themes.DARK
        self.space: Space | None = None
        self._reason = ""
        self._measured: tuple[Architecture | None, Space | None] = (None, None)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.document = Document(Draft(first(), "new cell"), self)
        self.view = EditView(self.document)
        self.table = TwinTable(self.document)
        self.chooser = Chooser(self)
        self.asking = Asking(self.view, self.chooser)
        self.deeds = Deeds(self)
        self.setFocusProxy(self.view)
        self._build()
        document, view = self.document, self.view
        document.changed.connect(self._changed)
        document.selected.connect(self._selected)
        document.refused.connect(self._refused)
        document.done.connect(self._announce)
        document.stack.cleanChanged.connect(self._changed)
        view.operated.connect(self.asking.operate)
        view.arc_drawn.connect(self.asking.drawn)
        view.wanted_menu.connect(self._popup)
        view.opened.connect(lambda name: self.say(f"{name}; F shows everything again"))
        self._changed()
        self._selected()
        self.set_theme(self.theme)

    def _build(self) -> None:
        self.bar = QFrame(self)
        self.bar.setProperty("role", "bar")
        self.strip = QHBoxLayout(self.bar)
        self.strip.setContentsMargins(10, 2, 4, 2)
        self.strip.setSpacing(2)
        self._title = Line(self)
        self._title.setProperty("role", "title")
        self.strip.addWidget(self._title, 1)
        deeds = self.deeds
        self._buttons: dict[str, QToolButton] = {}
        for name, action, tip in (
            ("undo", deeds.undo, "Undo (Ctrl+Z)"),
            ("redo", deeds.redo, "Redo (Ctrl+Shift+Z)"),
            ("plus", deeds.add, "Add a node (N, or a double click on the canvas)"),
            ("layout", deeds.tidy, "Let the layout place every box again (A)"),
            ("table", deeds.table, "The same as a table, for the keyboard (T)"),
            ("fit", deeds.fit, "Show the whole picture (F)"),
        ):
            button = tool(tip)
            button.setDefaultAction(action)
            button.setToolTip(tip)
            self._buttons[name] = button
            self.strip.addWidget(button)
        self._hand_in = QToolButton(self)
        self._hand_in.setDefaultAction(deeds.hand_in)
        self._hand_in.setAutoRaise(True)
        self.strip.addWidget(self._hand_in)
        question = tool("How to edit, by mouse and by keyboard")
        question.setText("?")
        question.setCheckable(True)
        self.menu = QMenu(self)
        self._more = tool("Copy, save, compare")
        self._more.setText("⋯")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self.menu)
        self.strip.addWidget(question)
        self.strip.addWidget(self._more)
        self.set_taker("No search is running")
        self.compare_menu = QMenu("Compare with", self.menu)
        self.compare_menu.aboutToShow.connect(lambda: library.fill(self.compare_menu, self.compare, self._nearby()))
        self.open_menu = QMenu("New", self.menu)
        self.open_menu.aboutToShow.connect(lambda: library.fill(self.open_menu, self.open, self._new()))
        self.menu.addMenu(self.open_menu)
        self.menu.addMenu(self.compare_menu)
        self.menu.addSeparator()
        self.menu.addActions([deeds.copy_text, deeds.copy_picture, deeds.save_picture])

        self._about = QLabel(self.about, self)
        self._about.setProperty("role", "muted")
        self._about.setWordWrap(True)
        self._about.setContentsMargins(10, 6, 10, 8)
        self._about.hide()
        question.toggled.connect(self._about.setVisible)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.view)
        self.split.addWidget(self.table)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([3 * TABLE, TABLE])
        self.line = Line(self)
        self.line.setContentsMargins(10, 4, 10, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._about)
        self.comparison = Comparison(self)
        self.comparison.closed.connect(self.end_comparison)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.split)
        self._stack.addWidget(self.comparison)
        column.addWidget(self._stack, 1)
        column.addWidget(self.line)
        self.deeds.table.setChecked(True)

    # -- what the window calls

    def open(self, architecture: Architecture, title: str) -> bool:
        """Edit a copy of an architecture. What was edited before comes back with undo."""
        opened = self.document.open(architecture, title)
        if opened:
            self.end_comparison()
            self.view.fit()
        return opened

    def set_space(self, space: "Space | None") -> None:
        """Say from now on whether this space holds the architecture, and offer its operations first."""
        if space != self.space:
            self.space = space
            self.asking.favourites = tuple(getattr(space, "operations", ()))
            self._changed()

    def set_taker(self, obstacle: str) -> None:
        """Whether a running search would score the architecture; `obstacle` says why none does."""
        self.deeds.hand_in.setEnabled(not obstacle)
        self.deeds.hand_in.setToolTip(obstacle or "Have the running search score this architecture next")

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.theme = theme
        self.view.set_theme(theme)
        self.table.set_theme(theme)
        self.chooser.set_theme(theme)
        self.comparison.set_theme(theme)
        for name, button in self._buttons.items():
            action = button.defaultAction()
            action.setIcon(icon(name, theme, theme.muted))
        self._show_line()

    # -- what follows from the document

    def _changed(self) -> None:
        if self.comparing:
            self.end_comparison()
        draft = self.document.draft
        mark = "" if self.document.stack.isClean() else " · edited"
        self._title.say(f"{draft.title}{mark}")
        if (draft.architecture, self.space) != self._measured:
            self._measured = (draft.architecture, self.space)
            self._facts = facts(draft.architecture, self.space)
        self._reason = ""
        self._show_line()

    def _selected(self) -> None:
        self.deeds.settle()
        if self._reason:
            self._reason = ""
            self._show_line()

    def _refused(self, reason: str) -> None:
        self._reason = f"Not possible: {reason}" if reason else ""
        self._show_line()
        self._announce(self._reason)

    def say(self, text: str) -> None:
        """Say something in the line below the picture, until something else happens."""
        if text:
            self.line.say(text)
            self._announce(text)

    def _show_line(self) -> None:
        bad = bool(self._reason)
        self.line.say(self._reason or self._facts.line)
        self.line.setToolTip("\n".join(filter(None, (self.line.said, self._facts.frame))))
        colour = self.theme.bad if bad else self.theme.muted
        self.line.setStyleSheet(f"color: {colour}; border-top: 1px solid {self.theme.border};")

    def _announce(self, text: str) -> None:
        """Tell those who hear the window instead of seeing it."""
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.view, text))

    # -- comparing

    def compare(self, other: Architecture, title: str) -> None:
        """Show another architecture beside this one."""
        if other.__class__ is not self.document.architecture.__class__:
            self.document.refused.emit(f"{title} is another kind of architecture; there is nothing to compare")
            return
        self.comparison.compare((self.document.architecture, self.document.draft.title), (other, title))
        self._stack.setCurrentWidget(self.comparison)
        self.comparison.setFocus()
        self._announce(self.comparison.line.said)

    def end_comparison(self) -> None:
        """Back to editing."""
        self._stack.setCurrentWidget(self.split)
        self.view.setFocus()

    @property
    def comparing(self) -> bool:
        return self._stack.currentWidget() is self.comparison

    def _new(self) -> list[tuple[str, Callable[[], tuple[Architecture, str] | None]]]:
        """What beside published architectures there is to begin with."""
        found: list[tuple[str, Callable[[], tuple[Architecture, str] | None]]] = [
            ("Smallest pair of cells", lambda: (first(), "new cell"))
        ]
        if (space := self.space) is not None:
            found.append(("Random member of the plan's space", lambda: (drawn(space), "random member")))
        return found

    def _nearby(self) -> list[tuple[str, Callable[[], tuple[Architecture, str] | None]]]:
        """What beside published architectures there is to compare with: the selected candidate, and the clipboard."""
        candidate = self.selected_candidate()
        found: list[tuple[str, Callable[[], tuple[Architecture, str] | None]]] = []
        if candidate is not None:
            found.append((candidate[1], lambda: candidate))
        found.append(("Clipboard", lambda: clipboard.read(self.document)))
        return found

    # -- menus

    def _popup(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.deeds.menu_here(menu)
        menu.popup(self.view.viewport().mapToGlobal(at))
