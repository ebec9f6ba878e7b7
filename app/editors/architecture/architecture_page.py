"""The editor of architectures as a page: picture and table of one document, and one line on what it comes to."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QToolButton, QWidget

from app.editors.architecture import clipboard
from app.editors.architecture.architecture_actions import ArchitectureActions
from app.editors.architecture.architecture_document import ArchitectureDocument, Draft
from app.editors.architecture.architecture_table import ArchitectureTable
from app.editors.architecture.architecture_view import ArchitectureView
from app.editors.architecture.found_chooser import FoundChooser
from app.editors.architecture.operation_chooser import OperationChooser, OperationPicker
from app.editors.page import EditorPage
from app.graph.kinds import diagrams, kind_of
from app.graph.side_by_side import Comparison
from app.theme import Theme
from app.widgets.find_line import RowFinder
from app.widgets.labels import ElidedLabel
from app.widgets.layouts import stacked
from app.widgets.picture import PictureMenu
from engine.space import Space, notations
from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Frame, LanguageModel, Unbuildable, published_frame
from engine.space.counts import count as counted
from engine.space.decisions import OutsideSpace
from engine.space.layers import LayerArchitecture
from engine.space.library import Published, cells
from engine.words import amount, count


@dataclass(frozen=True)
class Facts:
    """The parts of the line. `cost` says in which network was counted, `outside` why the space does not hold it."""

    size: str
    cost: str
    inside: str
    outside: str

    @property
    def line(self) -> str:
        """All in one line."""
        return "   ·   ".join(filter(None, (self.size, self.cost, self.inside)))


def facts(architecture: Architecture, space: Space | None) -> Facts:
    """What there is to say about an architecture beside a space."""
    kind = kind_of(architecture)
    drawn = diagrams(architecture)
    nodes = sum(node.role == "node" for diagram in drawn for node in diagram.nodes)
    edges = sum(edge.operation is not None or edge.plain for diagram in drawn for edge in diagram.edges)
    cost = _cost(architecture)
    outside = _outside(architecture, space) if space is not None else ""
    inside = ""
    if space is not None:
        inside = f"outside the plan's space: {outside}" if outside else "in the plan's space"
    return Facts(f"{count(nodes, kind.node)}, {count(edges, kind.edge)}", cost, inside, outside)


def _outside(architecture: Architecture, space: Space) -> str:
    try:
        space.encode(architecture)
    except OutsideSpace as reason:
        return str(reason)
    return ""


def _cost(architecture: Architecture) -> str:
    """Parameters and MACs, and in which network; or why there is none."""
    frame = published_frame(architecture)
    try:
        found = counted(architecture, frame)
    except Unbuildable as reason:
        return f"cannot be built: {reason}"
    return f"{amount(found.params)} parameters, {amount(found.macs)} MACs ({_described(architecture, frame)})"


def _described(architecture: Architecture, frame: Frame) -> str:
    if isinstance(frame, LanguageModel):
        return f"published size: {frame.hidden} hidden units, {frame.words:,} words; MACs per word"
    rows = "layers" if isinstance(architecture, LayerArchitecture) else "cells"
    return f"published size: {frame.channels} channels, {frame.layers} {rows}"


TABLE = 250  # width in pixels
LONGEST_PASTED = 1 << 20  # characters that are looked through while the window waits

Titled = tuple[Architecture, str] | None
"""An architecture and its title, if there is one."""
Source = tuple[str, Callable[[], Titled]]
"""A name in a menu, and what gives the architecture when it is chosen."""


class ArchitecturePage(EditorPage):
    """Edits one architecture. Everything that is done here can be undone, opening another architecture included."""

    about: ClassVar[str] = (
        "Draw an architecture by hand. Double-click makes a node; drag from the dot at a node's right side to another "
        "node draws an edge; a double click on an edge changes its operation; C lets a node join the output. Drag on "
        "the empty canvas selects, Shift adds to the selection; the middle button, or Space and drag, moves the "
        "picture. The table says the same and can be edited with the keyboard alone."
    )
    question = "How to edit, by mouse and by keyboard"
    picture_name = "architecture.png"

    hand_in_requested = Signal(object)
    """The architecture that a running search is to score."""

    menu_actions: ArchitectureActions

    def __init__(self, parent: QWidget | None = None) -> None:
        self.document = document = ArchitectureDocument(Draft(first(), "new cell"))
        self.view = view = ArchitectureView(document)
        super().__init__(document, view, "Copy, save, compare", parent)
        self.selected_candidate: Callable[[], Titled] = lambda: None
        self.space: Space | None = None
        self._reason = ""
        self._measured: tuple[Architecture | None, Space | None] = (None, None)
        self.table = ArchitectureTable(document)
        self.finder = RowFinder(self.table, hides=False)
        self.chooser = OperationChooser(self)
        self.picker = OperationPicker(view, self.chooser)
        self.menu_actions = ArchitectureActions(self, view, self.table, self.picker)
        self._build()
        document.changed.connect(self._changed)
        document.selected.connect(self._selected)
        document.refused.connect(self._refused)
        document.stack.cleanChanged.connect(self._changed)
        view.operated.connect(self.picker.operate)
        view.edge_drawn.connect(self.picker.drawn)
        view.opened.connect(lambda name: self.report(f"{name}; F shows everything again"))
        self.menu_actions.reported.connect(self.report)
        self.menu_actions.text_pasted.connect(lambda text: self.take_text(text, "the pasted text"))
        self.menu_actions.save_picture.triggered.connect(self.ask_picture)
        self.menu_actions.hand_in.triggered.connect(lambda: self.hand_in_requested.emit(document.architecture))
        self._changed()
        self._selected()
        self.set_theme(self.theme)

    def _build(self) -> None:
        actions = self.menu_actions
        self.title = ElidedLabel(self, role="title")
        self.header.add(self.title, 1)
        self.add_buttons(
            (
                ("undo", actions.undo, "Undo (Ctrl+Z)"),
                ("redo", actions.redo, "Redo (Ctrl+Shift+Z)"),
                ("plus", actions.add_node, "Add a node (N, or a double click on the canvas)"),
                ("layout", actions.tidy, "Let the layout place every box again (A)"),
                ("table", actions.table, "The same as a table, for the keyboard (T)"),
                ("fit", actions.fit, "Show the whole picture (F)"),
            )
        )
        hand_in = QToolButton(self)
        hand_in.setDefaultAction(actions.hand_in)
        hand_in.setAutoRaise(True)
        self.header.add(hand_in)
        self.set_hand_in("No search is running")
        self.compare_menu = QMenu("Compare with", self.menu)
        self.compare_menu.aboutToShow.connect(lambda: fill(self.compare_menu, self.compare, self._nearby()))
        self.open_menu = QMenu("New", self.menu)
        self.open_menu.aboutToShow.connect(lambda: fill(self.open_menu, self.open, self._new()))
        self.menu.addMenu(self.open_menu)
        self.menu.addMenu(self.compare_menu)
        self.menu.addSeparator()
        self.menu.addActions([actions.copy_text, actions.copy_picture, actions.save_picture])
        self.menu.addMenu(PictureMenu(self.menu))
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.view)
        beside = stacked(self.finder, self.table, grows=self.table)
        actions.table.toggled.connect(beside.setVisible)
        self.split.addWidget(beside)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([3 * TABLE, TABLE])
        self.line = ElidedLabel(self)
        self.line.setContentsMargins(10, 4, 10, 5)
        self.comparison = Comparison(self)
        self.comparison.closed.connect(self.end_comparison)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.split)
        self._stack.addWidget(self.comparison)
        self.chooser_of_found = FoundChooser(lambda found: _cost(found).partition(" (")[0], self.take, self)
        self.column.addWidget(self.chooser_of_found)
        self.column.addWidget(self._stack, 1)
        self.column.addWidget(self.line)
        actions.table.setChecked(True)

    # -- what the window calls

    def open(self, architecture: Architecture, title: str) -> bool:
        """Edit a copy of an architecture. What was edited before comes back with undo."""
        opened = self.document.open(architecture, title)
        if opened:
            self.chooser_of_found.dismiss()
            self.end_comparison()
            self.view.fit()
        return opened

    def take(self, architecture: Architecture, title: str, how: str) -> None:
        """Edit an architecture that was found in a text, and say how it was read."""
        if self.open(architecture, title):
            self.report(f"Read as {how}   ·   {self._facts.line}" if how else "")

    def take_text(self, text: str, where: str) -> None:
        """Edit the architecture in a text; where there are several, or it could mean several, a person chooses."""
        if len(text) > LONGEST_PASTED:
            self.document.refuse(f"{where} has {len(text):,} characters; save it as a file, and open that")
            return
        try:
            self.take_found(notations.find(text), where)
        except ValueError as error:
            self.document.refuse(f"not pasted: {str(error).removeprefix('not a notation: ')}")

    def take_found(self, found: list[notations.Found], where: str, title: str = "pasted") -> None:
        """Edit what was found in a text, or let a person choose; `title` is that of the only one."""
        good = [one for one in found if one.readings]
        if len(found) == 1 and not good[0].asks:
            self.take(good[0].architecture, title, good[0].how)
        else:
            self.chooser_of_found.offer(found, where, title)
            self.announce(self.chooser_of_found.title.full_text)

    def set_space(self, space: Space | None) -> None:
        """Say from now on whether this space holds the architecture, and offer its operations first."""
        if space != self.space:
            self.space = space
            self.picker.favourites = tuple(getattr(space, "operations", ()))
            self._changed()

    def set_hand_in(self, obstacle: str) -> None:
        """Whether a running search would score the architecture; `obstacle` says why none does."""
        self.menu_actions.hand_in.setEnabled(not obstacle)
        self.menu_actions.hand_in.setToolTip(obstacle or "Have the running search score this architecture next")

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        super().set_theme(theme)
        self.table.set_theme(theme)
        self.chooser.set_theme(theme)
        self.chooser_of_found.set_theme(theme)
        self.comparison.set_theme(theme)
        self._show_line()

    # -- what follows from the document

    def _changed(self) -> None:
        if self.comparing:
            self.end_comparison()
        draft = self.document.draft
        mark = "" if self.document.stack.isClean() else " · edited"
        self.title.setText(f"{draft.title}{mark}")
        if (draft.architecture, self.space) != self._measured:
            self._measured = (draft.architecture, self.space)
            self._facts = facts(draft.architecture, self.space)
        self._reason = ""
        self._show_line()

    def _selected(self) -> None:
        self.menu_actions.update_enabled()
        if self._reason:
            self._reason = ""
            self._show_line()

    def _refused(self, reason: str) -> None:
        if reason.startswith("not "):
            reason = f"N{reason[1:]}"
        elif reason and " was not " not in reason:
            reason = f"Not possible: {reason}"
        self._reason = reason
        self._show_line()
        self.announce(self._reason)

    def say(self, line: str) -> None:
        self.report(line)

    def report(self, text: str) -> None:
        """Write something in the line below the picture, until something else happens."""
        if text:
            self.line.setText(text)
            self.announce(text)

    def _show_line(self) -> None:
        bad = bool(self._reason)
        self.line.setText(self._reason or self._facts.line)
        self.line.setToolTip(self.line.full_text)
        colour = self.theme.bad if bad else self.theme.muted
        self.line.setStyleSheet(f"color: {colour}; border-top: 1px solid {self.theme.border};")

    def show_fault(self, line: str) -> None:
        self.document.refuse(line)

    # -- comparing

    def compare(self, other: Architecture, title: str) -> None:
        """Show another architecture beside this one."""
        if other.__class__ is not self.document.architecture.__class__:
            self.document.refused.emit(f"{title} is another kind of architecture; there is nothing to compare")
            return
        self.comparison.compare((self.document.architecture, self.document.draft.title), (other, title))
        self._stack.setCurrentWidget(self.comparison)
        self.comparison.setFocus()
        self.announce(self.comparison.line.full_text)

    def end_comparison(self) -> None:
        """Back to editing."""
        self._stack.setCurrentWidget(self.split)
        self.view.setFocus()

    @property
    def comparing(self) -> bool:
        return self._stack.currentWidget() is self.comparison

    def _new(self) -> list[Source]:
        """What beside published architectures there is to begin with."""
        found: list[Source] = [("Smallest pair of cells", lambda: (first(), "new cell"))]
        if (space := self.space) is not None:
            found.append(("Random member of the plan's space", lambda: (_member(space), "random member")))
        return found

    def _nearby(self) -> list[Source]:
        """What beside published architectures there is to compare with: the selected candidate, and the clipboard."""
        candidate = self.selected_candidate()
        found: list[Source] = []
        if candidate is not None:
            found.append((candidate[1], lambda: candidate))
        found.append(("Clipboard", lambda: clipboard.read(self.document)))
        return found


def first() -> CellArchitecture:
    """A pair of the smallest cells of the DARTS kind."""
    normal = Cell((Node((Edge(0, "sep_conv_3x3"), Edge(1, "sep_conv_3x3"))),), (2,))
    reduction = Cell((Node((Edge(0, "max_pool_3x3"), Edge(1, "max_pool_3x3"))),), (2,))
    return CellArchitecture(normal, reduction)


def _member(space: Space) -> Architecture:
    """Any architecture of a space, each as likely as the others."""
    return space.decode(space.sample(random.Random()))


def fill(menu: QMenu, take: Callable[[Architecture, str], object], others: Iterable[Source] = ()) -> None:
    """Fill a menu with `others` and every published architecture; `take` gets the one that is chosen."""
    menu.clear()
    for name, find in others:
        menu.addAction(name).triggered.connect(lambda checked=False, find=find: _hand_over(find(), take))
    if menu.actions():
        menu.addSeparator()
    for published in cells():
        action = menu.addAction(published.name)
        action.setToolTip(described(published))
        action.triggered.connect(lambda checked=False, one=published: take(one.architecture, one.name))
    menu.setToolTipsVisible(True)


def described(published: Published) -> str:
    """Where an architecture comes from, and what its paper says of it."""
    parts = [published.source]
    if published.error is not None:
        spread = f" ± {published.spread}" if published.spread else ""
        parts.append(f"{published.measure} on {published.data}: {published.error}{spread}")
    if published.parameters is not None:
        parts.append(f"{published.parameters} M parameters")
    return "\n".join(parts)


def _hand_over(found: Titled, take: Callable[[Architecture, str], object]) -> None:
    if found is not None:
        take(*found)
