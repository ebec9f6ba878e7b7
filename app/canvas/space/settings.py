"""The settings of a space, or of the frame its networks stand in, as a form made from what they say of themselves."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.plan import FieldInfo, fields

WIDE = {"int": 62, "choice": 112}  # pixels of a field
OTHER = 104
NOT_HERE = frozenset({"names", "edits", "section"})
WORDS = {"nodes": "all nodes"}
"""How choices are shown that would be hard to understand by themselves."""


class Spin(QSpinBox):
    """A whole number; the wheel scrolls the column instead of changing it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Combo(QComboBox):
    """A list; the wheel scrolls the column instead of changing it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SettingsForm(QWidget):
    """One row per setting. `edited` carries its name, its new value and its label."""

    edited = Signal(str, object, str)

    def __init__(self, skip: frozenset[str] = frozenset(), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._skip = skip
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._shape: tuple[Any, ...] = ()
        self._settling = False
        self.rows: dict[str, QWidget] = {}

    def show_values(self, settings: Any) -> None:
        """Show the settings of a value."""
        infos = [info for info in fields(settings) if info.kind not in NOT_HERE and info.path not in self._skip]
        shape = (type(settings), *(info.path for info in infos))
        if shape != self._shape:
            self._shape = shape
            self._make(infos)
        self._settling = True
        for info in infos:
            _put(self.rows[info.path], info.value)
        self._settling = False

    def _make(self, infos: list[FieldInfo]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.rows = {}
        for info in infos:
            title, editor = QLabel(info.label), self._editor(info)
            title.setProperty("role", "muted")
            title.setBuddy(editor)
            title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            for widget in (title, editor):
                widget.setToolTip("\n".join(filter(None, (info.doc, info.source and f"Source: {info.source}"))))
            editor.setAccessibleName(info.label)
            if not isinstance(editor, QCheckBox):
                editor.setFixedWidth(WIDE.get(info.kind, OTHER))
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(4)
            line.addWidget(title, 1)
            line.addWidget(editor)
            self._column.addWidget(row)
            self.rows[info.path] = editor

    def _editor(self, info: FieldInfo) -> QWidget:
        match info.kind:
            case "int":
                spin = Spin()
                spin.setRange(int(info.low or 0), int(info.high if info.high is not None else 2**31 - 1))
                spin.setKeyboardTracking(False)
                spin.setAlignment(Qt.AlignmentFlag.AlignRight)
                spin.setGroupSeparatorShown(True)
                spin.valueChanged.connect(lambda value: self._say(info, value))
                return spin
            case "bool":
                box = QCheckBox()
                box.toggled.connect(lambda on: self._say(info, on))
                return box
            case "choice":
                combo = Combo()
                for choice in info.choices:
                    combo.addItem(WORDS.get(choice, choice), choice)
                combo.activated.connect(lambda index: self._say(info, combo.currentData()))
                return combo
        line = QLineEdit()
        line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.editingFinished.connect(lambda: self._say(info, _numbers(line.text())))
        return line

    def _say(self, info: FieldInfo, value: Any) -> None:
        if not self._settling and value is not None:
            self.edited.emit(info.path, value, info.label)


def _put(editor: QWidget, value: Any) -> None:
    if isinstance(editor, Spin):
        editor.setValue(value)
    elif isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, Combo):
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(", ".join(map(str, value)))


def _numbers(text: str) -> tuple[int, ...] | None:
    """A list of whole numbers as somebody types it; None for anything else."""
    try:
        return tuple(int(part) for part in text.replace(",", " ").split())
    except ValueError:
        return None
