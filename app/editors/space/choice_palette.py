"""What is selected, and the lists of what may be chosen there, to be ticked."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app import theme as themes
from app.editors.space.kinds.choices import Key, Slot, usual
from app.editors.space.space_document import SpaceDocument
from app.editors.space.space_labels import allowed
from app.graph.kinds import Choice
from app.icons import spot
from app.theme import Theme
from app.widgets.labels import ElidedLabel, label
from app.widgets.layouts import packed
from app.widgets.panel_header import tool
from engine.plan import fields

SWATCH = 8  # pixels


@dataclass(frozen=True)
class Group:
    """Choices with the slots that have them; no slots stand for the whole space."""

    heading: str
    choices: tuple[Choice, ...]
    keys: tuple[Key, ...]


class Row(QWidget):
    """One choice: a box to tick, its colour, and a button that leaves it alone."""

    ticked = Signal(bool)
    only = Signal()

    def __init__(self, choice: Choice, keys: Collection[Key], parent: QWidget) -> None:
        super().__init__(parent)
        self.choice, self.keys = choice, keys
        self._before = Qt.CheckState.Unchecked
        self.box = QCheckBox(choice.label, self)
        self.box.setIconSize(QSize(SWATCH, SWATCH))
        self.box.clicked.connect(lambda: self.ticked.emit(self._before != Qt.CheckState.Checked))
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.alone = tool("only", f"Nothing but {choice.label}")
        self.alone.setAccessibleName(self.alone.toolTip())
        self.alone.setProperty("role", "quiet")
        self.alone.clicked.connect(lambda: self.only.emit())
        self.alone.setVisible(bool(keys))
        packed(QHBoxLayout(self), self.box, self.alone)

    def show_state(self, state: Qt.CheckState, closed: bool, theme: Theme) -> None:
        """Tick the box, in part where some of the selected slots allow the choice and others do not."""
        self._before = state
        self.box.setTristate(state == Qt.CheckState.PartiallyChecked)
        self.box.setCheckState(state)
        self.box.setEnabled(not closed)
        self.alone.setEnabled(not closed)
        self.box.setToolTip(f"{self.choice.name}: not in this cell" if closed else self.choice.tip)
        colour = theme.border if closed or state == Qt.CheckState.Unchecked else theme.operation(self.choice.tint)
        self.box.setIcon(swatch(colour))


class ChoicePalette(QWidget):
    """The selection as a palette. Without a selection it is that of the whole space."""

    def __init__(self, document: SpaceDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.theme = document, themes.DARK
        self.title, self.summary, self.fault = ElidedLabel(self, role="title"), label("", "small"), label("", "fault")
        for words in (self.summary, self.fault):
            words.setWordWrap(True)
        self.fault.hide()
        self.rows: list[Row] = []
        self._groups: list[Group] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(1)
        self.require = QCheckBox("Always there", self)
        self.require.setToolTip("Ask for it in any case (Q)")
        self.require.clicked.connect(lambda: document.require(self.require.isChecked()))
        self.forbid = _button("Forbid", "Leave it out (Del)", document.forbid)
        self.free = _button("Take back", "Undo every edit made here (Backspace)", document.free)
        self.more = _button("Add…", "Allow an operation that this space does not have", self._offer_more)
        self._buttons = (self.forbid, self.free, self.more)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
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
        document.changed.connect(self.refresh)
        document.selected.connect(self.refresh)
        document.refused.connect(self.show_fault)
        self.refresh()

    def show_fault(self, reason: str) -> None:
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

    def refresh(self) -> None:
        """Bring everything to the document's selection."""
        slots = self.document.selected_slots()
        self._offer(_groups(self.document, slots))
        self.fault.hide()
        self.title.setText(self.document.name(slots) if slots else "Whole space")
        self.summary.setText(self._summary(slots))
        self.summary.setVisible(bool(self.summary.text()))
        optional = [slot for slot in slots if slot.optional]
        self.forbid.setVisible(bool(optional))
        self.require.setVisible(bool(optional))
        self.free.setVisible(any(slot.edited for slot in slots))
        self.more.setVisible(not slots and bool(self._addable()))
        self._tick()

    def _summary(self, slots: Sequence[Slot]) -> str:
        if not slots:
            return "Click an edge, a node or a title to restrict it alone." if self.document.slots() else ""
        if len(slots) == 1:
            return "always there" if slots[0].always else "" if slots[0].offered else allowed(slots[0])
        return ", ".join(slot.title for slot in slots)

    def _offer(self, groups: list[Group]) -> None:
        if groups == self._groups:
            return
        self._groups = groups
        while (item := self._list.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.rows = []
        for group in groups:
            if len(groups) > 1:
                self._list.addWidget(label(group.heading.upper(), "section"))
            for choice in group.choices:
                row = Row(choice, group.keys, self)
                row.ticked.connect(lambda on, row=row: self._do(row, on))
                row.only.connect(lambda row=row: self.document.allow_only([row.choice.name], keys=row.keys))
                self.rows.append(row)
                self._list.addWidget(row)

    def _do(self, row: Row, on: bool) -> None:
        self.document.allow([row.choice.name], on, row.keys or None)
        self._tick()

    def _tick(self) -> None:
        slots = {slot.key: slot for slot in self.document.selected_slots()}
        palette = self.document.palette()
        for row in self.rows:
            name, here = row.choice.name, [slots[key] for key in row.keys if key in slots]
            states = {name in slot.allowed for slot in here} if row.keys else {name in palette}
            state = Qt.CheckState.PartiallyChecked if len(states) > 1 else _checked(True in states)
            closed = bool(here) and all(name in slot.closed for slot in here)
            row.show_state(state, closed, self.theme)
        optional = [slot for slot in slots.values() if slot.optional]
        self.require.setChecked(bool(optional) and all(slot.always for slot in optional))

    def _addable(self) -> list[str]:
        """What the palette of the whole space could have besides."""
        wanted = self.document.kind.palette(self.document.space)
        known = next((info.choices for info in fields(type(self.document.space)) if info.path == wanted), ())
        shown = {row.choice.name for row in self.rows}
        return [name for name in known if name not in shown and name != "none"]

    def _offer_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for choice in map(self.document.kind.named, self._addable()):
            action = menu.addAction(swatch(self.theme.operation(choice.tint)), choice.label)
            action.triggered.connect(lambda checked=False, name=choice.name: self.document.allow([name], True))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _groups(document: SpaceDocument, slots: Sequence[Slot]) -> list[Group]:
    """The selected slots, those with the same choices together; without any, the palette of the whole space."""
    if not slots:
        choices = tuple(map(document.kind.named, _palette(document)))
        return [Group("", choices, ())] if choices else []
    sorts: dict[tuple[str, tuple[Choice, ...]], list[Key]] = {}
    for slot in slots:
        sorts.setdefault((slot.sort, slot.choices), []).append(slot.key)
    return [Group(sort, choices, tuple(keys)) for (sort, choices), keys in sorts.items()]


def _palette(document: SpaceDocument) -> list[str]:
    """What is or usually would be in the palette of the whole space."""
    now = document.palette()
    first = [
        name for name in usual(document.space, document.kind.palette(document.space)) if name in now or name != "none"
    ]
    return [*first, *(name for name in now if name not in first)]


def _checked(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked


def _button(text: str, tip: str, act: Callable[[], object]) -> QToolButton:
    button = tool(text, tip)
    button.setAccessibleName(tip)
    button.clicked.connect(lambda checked=False: act())
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
    pixmap = spot(SWATCH, colour, lambda painter: painter.drawEllipse(0, 0, SWATCH, SWATCH))
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        icon.addPixmap(pixmap, mode)
    return icon
