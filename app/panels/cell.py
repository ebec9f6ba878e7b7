"""The canvas while watching: the cell of the moment, one line on what it is, and ways out as text, picture and data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.graph.graph_view import ZOOM, PannedView, Shown
from app.graph.kinds import diagrams
from app.graph.model import MOST, changed_edges, described
from app.graph.side_by_side import Comparison
from app.icons import icon
from app.panels.displayed_architecture import ArchitectureFinder
from app.theme import Theme
from app.widgets.labels import ElidedLabel, label
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel
from app.widgets.panel_header import Strip, tool
from app.widgets.shortcuts import add_action
from engine.session import View
from engine.space import notations
from engine.space.architecture import Architecture
from engine.space.genotype import NotationError


class CanvasView(PannedView):
    """Shows one architecture. Wheel zooms at the pointer, drag pans, F or a double click fits, Ctrl+C copies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.architecture: Architecture | None = None
        self._before: Architecture | None = None
        self.setAccessibleName("Cell")
        self._build()

    def show_architecture(
        self, architecture: Architecture | None, caption: str, before: Architecture | None = None
    ) -> None:
        """Show an architecture, marking the edges that `before` does not have; or, without one, only the caption."""
        if any(diagram.size > MOST for diagram in diagrams(architecture)):
            architecture, caption = None, f"A cell of more than {MOST} edges is too large to be drawn here"
        words = caption if architecture is None else ""
        differs = (architecture, before, words) != (self.architecture, self._before, self.sentence)
        self.architecture, self.caption, self._before = architecture, caption, before
        if differs:
            self._build()
        self.setAccessibleDescription(f"{caption}. {described(diagrams(architecture))}" if architecture else caption)

    def to_draw(self) -> Iterable[Shown]:
        before = {diagram.name: diagram for diagram in diagrams(self._before)}
        for diagram in diagrams(self.architecture):
            yield diagram, changed_edges(before.get(diagram.name), diagram), ()

    def copy_genotype(self) -> None:
        """Put the architecture on the clipboard in the notation that its users exchange."""
        if self.architecture is not None:
            QGuiApplication.clipboard().setText(notations.write(self.architecture))


CHANGE = "Show what it has changed in its parent"


class CellPanel(Panel):
    """The central page while watching."""

    title = "Cell"
    about: ClassVar[str] = (
        "The cell that the search would give you at this moment, drawn as its papers draw it: the outputs of the two "
        "cells before it on the left, numbered nodes that add up what enters them, and the output, which joins nodes "
        "along thin grey lines, on the right. Heavier edges with a dot are new since the cell before, or since the "
        "parent. Look for cells that settle, and for one kind of operation crowding out the others "
        "(Liu et al. 2019, figures 4 and 5)."
    )
    reads: ClassVar[tuple[str, ...]] = ("scalars", "candidates", "scores", "derived", "embedding")

    copy_edited = Signal(object, str)
    """The architecture shown, and what it is: a person wants to edit a copy of it."""
    point_left = Signal()
    """What a point of the embedding is read as is not shown any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finder = ArchitectureFinder()
        self._point: int | None = None  # the row in embedding that is shown
        self._displayed = self._finder.find(None, None)
        self._compared: object = None
        self.canvas = CanvasView(self)
        self.setFocusProxy(self.canvas)
        self._caption = ElidedLabel(self)
        self._change = tool("Δ", "Show what a candidate has changed in its parent (D)", checkable=True)
        self._change.toggled.connect(lambda on: self._show())
        self._fit = tool("", "Show the whole picture (F, or a double click)")
        self._fit.clicked.connect(self.canvas.fit)
        self.header.add(label(self.title, "title", self))
        self.header.tools.insertSpacing(1, 10)
        self.header.add(self._caption, 1)
        self.header.add(self._change)
        self.header.add(self._fit)
        self._fill_menu()
        self._comparison: Comparison | None = None  # made when it is first wanted
        self._pages = QStackedWidget(self.body)
        self._pages.addWidget(self.canvas)
        packed(QVBoxLayout(self.body), self._pages)
        # Not a dock's to squeeze: the window is never smaller than its canvas.
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.set_theme(self.theme)
        self.show_view(None, None)

    def make_header(self) -> Strip:
        return Strip("What the cell shows, and what to look for", "Copy or save the cell", self)

    # -- what the window calls

    def show_view(self, view: View | None, selection: int | None) -> None:
        """Show the selected candidate, else what the search has derived by then, else its best candidate; but first of
        all a point of the embedding that was asked for, until something is selected. The canvas itself says what will
        appear there."""
        other = (view and view.source) is not (self.view and self.view.source)
        self.view, self.selection = view, selection
        if self._point is not None and (other or selection is not None):
            self._point = None
            self.point_left.emit()
        self._displayed = self._finder.find(view, selection, self._point)
        self._show()

    def show_point(self, view: View | None, row: int | None) -> None:
        """Show what a point of the embedding (its row) is read as; None: the search's own answer again."""
        if row is None and self._point is None:
            return
        self.view, self._point = view, row
        if row is None:
            self.point_left.emit()
        self.show_view(view, None)

    def show_change(self, on: bool = True) -> None:
        """Show a candidate beside its parent, where it has one, until this is switched off."""
        self._change.setChecked(on)

    @property
    def comparing(self) -> bool:
        """Whether a candidate is shown beside its parent now."""
        return self._pages.currentWidget() is self._comparison

    def _show(self) -> None:
        displayed = self._displayed
        self.canvas.show_architecture(displayed.architecture, displayed.caption, displayed.before)
        self._caption.setText("" if self.canvas.sentence else displayed.caption)
        shown, before, names = self.canvas.architecture, displayed.before, displayed.names
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
        super().set_theme(theme)
        self.canvas.set_theme(theme)
        if self._comparison is not None:
            self._comparison.set_theme(theme)
        self._fit.setIcon(icon("fit", theme, theme.muted))

    def data(self) -> Data:
        """What is shown now, read back from the picture: column names, and one row per edge."""
        marked = set(self.canvas.marked())
        rows: list[tuple[Any, ...]] = [(*edge, "changed" if edge in marked else "") for edge in self.canvas.shown()]
        return ["cell", "from", "to", "operation", "marked"], rows

    @property
    def caption(self) -> str:
        """The line that is shown about the cell."""
        return self._caption.full_text

    # -- ways out

    def _fill_menu(self) -> None:
        """The panel's own entries around those that every panel has."""
        canvas, common = self.canvas, self.menu.actions()
        edit = add_action(canvas, "Edit a copy of this cell", "E", self._edit)
        copy = add_action(canvas, "Copy as genotype", QKeySequence.StandardKey.Copy, self.copy_genotype)
        self.menu.insertActions(common[0], [edit, copy])
        self.menu.insertSeparator(copy)
        self.menu.addSeparator()
        self.menu.addActions(
            [
                add_action(canvas, CHANGE, "D", self._change.toggle),
                add_action(canvas, "Fit", "F", canvas.fit),
                add_action(canvas, "Zoom in", "+", lambda: canvas.zoom(ZOOM)),
                add_action(canvas, "Zoom out", "-", lambda: canvas.zoom(1 / ZOOM)),
            ]
        )
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        canvas.customContextMenuRequested.connect(lambda at: self.menu.popup(canvas.mapToGlobal(at)))

    def _edit(self) -> None:
        if self.canvas.architecture is not None:
            self.copy_edited.emit(self.canvas.architecture, self.caption.split(" · ")[0])

    def copy_genotype(self) -> None:
        """Put the architecture on the clipboard in its published notation, or say why it has none."""
        try:
            self.canvas.copy_genotype()
        except NotationError as error:
            self._show_fault(f"Not copied: {error}")
        else:
            self._show_fault("")

    def copy_picture(self) -> None:
        self.canvas.copy_picture()

    def save_picture(self, path: Path) -> None:
        self.canvas.save_picture(path)

    def sizeHint(self) -> QSize:
        return QSize(780, 560)

    def minimumSizeHint(self) -> QSize:
        return QWidget.minimumSizeHint(self)
