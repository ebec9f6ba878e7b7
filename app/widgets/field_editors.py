"""The editors of single settings: each takes and gives a text as `engine.plan.build` reads it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from app.widgets.layouts import packed
from engine.plan import FieldInfo

EDITS = "; "
"""Between edits that were made elsewhere."""


def written(value: Any) -> str:
    """A setting's value as a form shows it and `override` reads it: 0.0003, 1e-05, 0.485, 0.456."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, tuple | list) and value and isinstance(value[0], Struct):
        return EDITS.join(map(str, value))
    if isinstance(value, tuple | list):
        return ", ".join(written(item) for item in value)
    return str(value)


class Line(QLineEdit):
    """One line of text or numbers, in muted letters behind a number its unit, or `zero`: what 0 means."""

    def __init__(self, unit: str = "", number: bool = False, zero: str = "") -> None:
        super().__init__()
        self._unit, self._zero = unit, zero
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if number:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.textChanged.connect(self._make_room)

    @property
    def behind(self) -> str:
        """What stands behind the number; nothing where there is none."""
        if self._zero and self.text().strip() == "0":
            return f"({self._zero})"
        return self._unit if self.text() else ""

    def _make_room(self) -> None:
        behind = self.behind
        self.setTextMargins(0, 0, self.fontMetrics().horizontalAdvance(f" {behind}") if behind else 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.behind:
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            right = self.rect().adjusted(0, 0, -8, 0)
            painter.drawText(right, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self.behind)


class Combo(QComboBox):
    """A combo box that leaves the wheel to the form around it, so that scrolling changes no setting."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        for part in (self.view(), self.lineEdit()):  # which take the focus themselves
            if part is not None:
                part.setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def set_fault(field: QWidget, fault: bool) -> None:
    """Outline a field, or not."""
    if bool(field.property("fault")) != fault:
        field.setProperty("fault", fault)
        field.style().unpolish(field)
        field.style().polish(field)


class Editor(QWidget):
    """The widget of one setting. `edited` carries the new text whenever a person changes it."""

    edited = Signal(str)

    def __init__(self, face: QWidget) -> None:
        super().__init__()
        self.face = face
        self.row = packed(QHBoxLayout(self), face, spacing=4)
        self.setFocusProxy(face)

    @property
    def text(self) -> str:
        """What stands in the widget."""
        raise TypeError(f"{type(self).__name__} has no text")

    def set_text(self, text: str) -> None:
        """Show a value, without saying that it was edited."""

    def set_fault(self, fault: bool) -> None:
        """Outline the widget, or not."""
        set_fault(self.face, fault)


class TextEditor(Editor):
    """A line: numbers, texts, and lists of numbers."""

    def __init__(self, info: FieldInfo) -> None:
        self.line = Line(info.unit, info.kind in ("int", "float", "numbers", "whole numbers"), info.zero)
        super().__init__(self.line)
        if info.optional:
            self.line.setPlaceholderText("no limit")
        self.line.textEdited.connect(self.edited)

    @property
    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)


FILES = {
    "file": "Tables (*.h5 *.csv *.tsv *.json *.jsonl *.npz);;All files (*)",
    "reference": "Tables and sessions (*.h5 *.csv *.tsv *.json *.jsonl *.npz);;All files (*)",
    "images": "Arrays (*.npz);;All files (*)",
}
"""What a setting of that name takes, for the system's file chooser."""
FOLDER = "folder"


class PathEditor(TextEditor):
    """A line with a button that opens the system's chooser, of folders or of files."""

    def __init__(self, info: FieldInfo) -> None:
        super().__init__(info)
        self._name, self._title = info.path.rpartition(".")[2], f"Choose {info.label.lower()}"
        if self._name == FOLDER and info.label == "File":  # of a data set that is one
            self._name = "images"
        self.line.setPlaceholderText("usual place" if self._name == FOLDER else written(info.default) or "none")
        self.browse = QPushButton("…")
        self.browse.setFixedWidth(28)
        self.browse.setStyleSheet("padding: 2px 0;")
        self.browse.setToolTip(self._title)
        self.browse.setAccessibleName(self._title)
        self.browse.clicked.connect(self._choose)
        self.row.addWidget(self.browse)

    def _choose(self) -> None:
        where = self.line.text() if Path(self.line.text()).is_absolute() else str(Path.home())
        if self._name == FOLDER:
            name = QFileDialog.getExistingDirectory(self, self._title, where)
        else:
            name, _ = QFileDialog.getOpenFileName(self, self._title, where, FILES[self._name])
        if name:
            self.line.setText(name)
            self.edited.emit(name)


class Spin(QSpinBox):
    """A whole number; the wheel scrolls the form around it instead of changing it."""

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.lineEdit().setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SpinEditor(Editor):
    """A whole number with arrows, for forms in which one tries out the next larger and smaller ones."""

    def __init__(self, info: FieldInfo) -> None:
        self.spin = Spin()
        super().__init__(self.spin)
        self.spin.setRange(int(info.low or 0), int(info.high if info.high is not None else 2**31 - 1))
        self.spin.setKeyboardTracking(False)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spin.setGroupSeparatorShown(True)
        self.spin.valueChanged.connect(lambda value: self.edited.emit(written(value)))

    @property
    def text(self) -> str:
        return written(self.spin.value())

    def set_text(self, text: str) -> None:
        blocked = self.spin.blockSignals(True)
        self.spin.setValue(int(text))
        self.spin.blockSignals(blocked)


class CheckEditor(Editor):
    """A check box."""

    def __init__(self, info: FieldInfo) -> None:
        self.box = QCheckBox()
        super().__init__(self.box)
        self.row.setAlignment(self.box, Qt.AlignmentFlag.AlignRight)
        self.box.toggled.connect(lambda on: self.edited.emit(written(on)))

    @property
    def text(self) -> str:
        return written(self.box.isChecked())

    def set_text(self, text: str) -> None:
        blocked = self.box.blockSignals(True)
        self.box.setChecked(text == "true")
        self.box.blockSignals(blocked)


class ChoiceEditor(Editor):
    """A combo box of names, each with the words it is shown by; a free text besides, where the setting allows it."""

    def __init__(self, choices: dict[str, str], free: bool = False) -> None:
        self.combo = Combo()
        super().__init__(self.combo)
        self._free = free
        for name, words in choices.items():
            self.combo.addItem(words, name)
        if free:
            self.combo.setEditable(True)
            self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self.combo.editTextChanged.connect(self.edited)
        else:
            self.combo.activated.connect(lambda index: self.edited.emit(self.text))

    @property
    def text(self) -> str:
        return self.combo.currentText() if self._free else str(self.combo.currentData() or "")

    def set_text(self, text: str) -> None:
        if text == self.text:
            return
        blocked = self.combo.blockSignals(True)
        if self._free:
            self.combo.setEditText(text)
        else:
            self.combo.setCurrentIndex(self.combo.findData(text))
        self.combo.blockSignals(blocked)


class NamesEditor(Editor):
    """A button that says how many names are chosen, with a menu to tick them."""

    def __init__(self, choices: dict[str, str]) -> None:
        self.button = QPushButton()
        self.button.setStyleSheet(  # as the fields around it
            "QPushButton { text-align: right; padding: 3px 8px; border-color: transparent; }"
            "QPushButton:focus { border-color: palette(highlight); }"
        )
        super().__init__(self.button)
        self.menu = _TickMenu(self.button)
        self.actions_of: dict[str, QAction] = {}
        for name, words in choices.items():
            action = self.menu.addAction(words)
            action.setCheckable(True)
            action.toggled.connect(self._ticked)
            self.actions_of[name] = action
        self.button.setMenu(self.menu)

    @property
    def text(self) -> str:
        return ", ".join(name for name, action in self.actions_of.items() if action.isChecked())

    def set_text(self, text: str) -> None:
        chosen = {part.strip() for part in text.split(",")}
        for name, action in self.actions_of.items():
            blocked = action.blockSignals(True)
            action.setChecked(name in chosen)
            action.blockSignals(blocked)
        self._count()

    def _ticked(self) -> None:
        self._count()
        self.edited.emit(self.text)

    def _count(self) -> None:
        chosen = [action.text() for action in self.actions_of.values() if action.isChecked()]
        self.button.setText(f"{len(chosen)} of {len(self.actions_of)}")
        self.button.setAccessibleDescription(", ".join(chosen))


class _TickMenu(QMenu):
    """A menu that stays open while its entries are ticked."""

    def mouseReleaseEvent(self, event: Any) -> None:
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class Fixed(Editor):
    """A value that cannot be changed here: the only choice there is, a consequence of others, edits made elsewhere."""

    def __init__(self) -> None:
        self.label = QLabel()
        super().__init__(self.label)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.label.setContentsMargins(0, 0, 7, 0)
        self.label.setMinimumSize(QSize(0, 24))

    @property
    def text(self) -> str:
        return self.label.text()

    def set_text(self, text: str) -> None:
        self.label.setText(text or "none")


class Edits(Fixed):
    """How many edits were made elsewhere; the tool tip says which."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        edits = text.split(EDITS) if text else []
        self.label.setText(str(len(edits)) if edits else "none")
        if edits:
            self.label.setToolTip("\n".join(edits))


def editor_for(info: FieldInfo, words: Callable[[str], str]) -> Editor:
    """The editor that suits a setting. `words` says how a name among its choices is shown."""
    choices = {name: words(name) for name in info.choices}
    match info.kind:
        case "bool":
            return CheckEditor(info)
        case "edits":
            return Edits()
        case "names":
            return NamesEditor(choices)
        case "choice" if len(choices) == 1:
            return Fixed()
        case "choice":
            return ChoiceEditor(choices)
        case "text" if choices:
            return ChoiceEditor(choices, free=True)
        case "text" if info.path.rpartition(".")[2] in (FOLDER, *FILES):
            return PathEditor(info)
        case _:
            return TextEditor(info)
