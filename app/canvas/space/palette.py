"""What is selected, and the list of what may be chosen there, to be ticked."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app import theme as themes
from app.theme import Theme
from engine.space.operations import OPERATIONS, label

from ..kinds import Choice
from ..line import Line, tool
from .document import SpaceDocument
from .slots import Slot, usual
from .words import allowed

SWATCH = 8  # pixels


class Row(QWidget):
    """One choice: a box to tick, its colour, and a button that leaves it alone. `only` and `ticked` carry its name."""

    ticked = Signal(str, bool)
    only = Signal(str)

    def __init__(self, choice: Choice, parent: QWidget) -> None:
        super().__init__(parent)
        self.choice = choice
        self.box = QCheckBox(choice.label, self)
        self.box.setToolTip(choice.name)
        self.box.setIconSize(QSize(SWATCH, SWATCH))
        self.box.clicked.connect(lambda: self.ticked.emit(choice.name, self._wanted()))
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.alone = tool(f"Nothing but {choice.label}")
        self.alone.setText("only")
        self.alone.setProperty("role", "quiet")
        self.alone.clicked.connect(lambda: self.only.emit(choice.name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.box)
        row.addWidget(self.alone)
        self._before = Qt.CheckState.Unchecked

    def _wanted(self) -> bool:
        """A click on a box that is ticked in part ticks it."""
        return self._before != Qt.CheckState.Checked

    def show_state(self, state: Qt.CheckState, closed: bool, theme: Theme) -> None:
        """Tick the box, in part where some of the selected slots allow the choice and others do not."""
        self._before = state
        self.box.setTristate(state == Qt.CheckState.PartiallyChecked)
        self.box.setCheckState(state)
        self.box.setEnabled(not closed)
        self.alone.setEnabled(not closed)
        self.box.setToolTip(f"{self.choice.name}: not in this cell" if closed else self.choice.name)
        colour = theme.border if closed or state == Qt.CheckState.Unchecked else theme.operation(self.choice.tint)
        self.box.setIcon(swatch(colour))


class Palette(QWidget):
    """The selection as a palette. Without a selection it is that of the whole space."""

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.theme = document, themes.DARK
        self.title, self.summary = Line(self), QLabel(self)
        self.title.setProperty("role", "title")
        self.summary.setProperty("role", "small")
        self.summary.setWordWrap(True)
        self.fault = QLabel(self)
        self.fault.setProperty("role", "fault")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.rows: list[Row] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(1)
        self.forbid = _button("Forbid", "Leave it out (Del)", lambda: document.allow_only(()))
        self.require = QCheckBox("Always there", self)
        self.require.setToolTip("Ask for it in any case (Q)")
        self.require.clicked.connect(lambda: document.require(self.require.isChecked()))
        self.free = _button("Take back", "Undo every edit made here (Backspace)", document.free)
        self.more = _button("Add…", "Allow an operation that this space does not have", self._offer_more)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        self._buttons = (self.forbid, self.free, self.more)
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(3)
        for widget in (self.title, self.summary, self.fault):
            column.addWidget(widget)
        column.addSpacing(3)
        column.addLayout(self._list)
        column.addWidget(self.require)
        column.addSpacing(3)
        column.addLayout(buttons)
        document.changed.connect(self.settle)
        document.selected.connect(self.settle)
        document.refused.connect(self.complain)
        self.settle()

    def complain(self, reason: str) -> None:
        """Say in place why something was not done."""
        self.fault.setText(reason[:1].upper() + reason[1:])
        self.fault.show()
        self._tick()

    def set_theme(self, theme: Theme) -> None:
        """Take another set of colours."""
        self.theme = theme
        for button in self._buttons:
            button.setStyleSheet(chip_style(theme))
        self._tick()

    def settle(self) -> None:
        """Bring everything to the document's selection."""
        slots = self.document.selected_slots()
        choices = slots[0].choices if slots else tuple(map(_choice, _palette(self.document)))
        same = all(slot.choices == choices for slot in slots)
        self._offer(choices if same else ())
        self.fault.hide()
        self.title.say(self.document.name(slots) if slots else "Whole space")
        self.summary.setText(self._summary(slots, same))
        self.summary.setVisible(bool(self.summary.text()))
        edges = [slot for slot in slots if slot.can_forbid]
        self.forbid.setVisible(bool(edges))
        self.require.setVisible(any(slot.can_require for slot in slots))
        self.require.setChecked(bool(edges) and all(slot.always for slot in edges))
        self.free.setVisible(any(slot.edited for slot in slots))
        self.more.setVisible(not slots and bool(self.document.kind.palette == "operations"))
        self._tick()

    def _summary(self, slots: Sequence[Slot], same: bool) -> str:
        if not slots:
            return "Click an edge, a node or a cell's name to restrict it alone." if self.document.slots() else ""
        if not same:
            return "These have nothing in common to choose from."
        if len(slots) == 1:
            return "always there" if slots[0].always else allowed(slots[0]) if not slots[0].offered else ""
        return ", ".join(slot.title for slot in slots)

    def _offer(self, choices: Sequence[Choice]) -> None:
        if tuple(row.choice for row in self.rows) == tuple(choices):
            return
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [Row(choice, self) for choice in choices]
        for row in self.rows:
            row.ticked.connect(lambda name, on: self._do_tick(name, on))
            row.only.connect(lambda name: self.document.allow_only([name]))
            self._list.addWidget(row)

    def _do_tick(self, name: str, on: bool) -> None:
        self.document.allow([name], on)
        self._tick()

    def _tick(self) -> None:
        slots = self.document.selected_slots()
        palette = self.document.palette()
        for row in self.rows:
            name = row.choice.name
            states = {name in slot.allowed for slot in slots} if slots else {name in palette}
            state = Qt.CheckState.PartiallyChecked if len(states) > 1 else _checked(True in states)
            closed = bool(slots) and all(name in slot.closed for slot in slots)
            row.show_state(state, closed, self.theme)
            row.alone.setVisible(bool(slots))

    def _offer_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = {row.choice.name for row in self.rows}
        for one in OPERATIONS.values():
            if one.name not in shown and one.kind != "none":
                action = menu.addAction(swatch(self.theme.operation(one.kind)), one.label)
                action.triggered.connect(lambda checked=False, name=one.name: self.document.allow([name], True))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _palette(document: SpaceDocument) -> list[str]:
    """What is or usually would be in the palette of the whole space."""
    if not document.kind.palette:
        return []
    now = document.palette()
    first = [name for name in usual(document.space, document.kind.palette) if name != "none" or name in now]
    return [*first, *(name for name in now if name not in first)]


def _choice(name: str) -> Choice:
    return Choice(name, label(name), OPERATIONS[name].kind if name in OPERATIONS else "none")


def _checked(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked


def _button(text: str, tip: str, act: object) -> QToolButton:
    button = tool(tip)
    button.setText(text)
    button.clicked.connect(lambda checked=False: act())  # type: ignore[operator]
    return button


def chip_style(theme: Theme) -> str:
    """Small buttons with a visible edge."""
    return (
        f"QToolButton {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.border};"
        f" border-radius: 4px; padding: 1px 6px; }} QToolButton:hover {{ background: {theme.hover}; }}"
        f"QToolButton:focus {{ border-color: {theme.accent}; }} QToolButton:checked {{ color: {theme.accent}; }}"
    )


def swatch(colour: str) -> QIcon:
    """A dot of a colour, the same in every state of what it stands beside."""
    pixmap = QPixmap(2 * SWATCH, 2 * SWATCH)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(0, 0, SWATCH, SWATCH)
    painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        icon.addPixmap(pixmap, mode)
    return icon
