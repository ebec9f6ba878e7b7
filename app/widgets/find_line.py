"""Ctrl+F in a list: a line above it to type in, which shows the rows that match, or goes to them, and counts them."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QTableView,
    QVBoxLayout,
)

from app.widgets.labels import label, note
from app.widgets.layouts import packed
from app.widgets.panel_header import tool
from app.widgets.shortcuts import add_action
from engine.words import grouped, searchable


class FindEdit(QLineEdit):
    """Where one types what is wanted of a list. Ctrl+F in the list goes here, Down gives the list the keyboard back,
    Escape does so after `left`, for which whoever listens empties the line."""

    left = Signal()
    stepped = Signal(int)
    """To the next match (1) or the one before (-1): Return, with Shift."""

    def __init__(self, rows: QAbstractItemView, open_line: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._rows = rows
        self.setPlaceholderText("find")
        self.setMaxLength(200)
        self.addAction(add_action(rows, "Find…", QKeySequence.StandardKey.Find, open_line or self.begin))

    def begin(self) -> None:
        """Take the keyboard, so that typing begins anew."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def leave(self) -> None:
        """Forget what was typed and give the list the keyboard back."""
        self.clear()
        self.left.emit()
        self._rows.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_Down:
            self._rows.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)


class FindLine(QFrame):
    """The line above a list, hidden until Ctrl+F; `typed` carries every other text, "" once it is closed."""

    typed = Signal(str)

    def __init__(self, rows: QAbstractItemView, hint: str = "find") -> None:
        super().__init__()
        self.edit = FindEdit(rows, self.open)
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(f"Find in {rows.accessibleName() or 'the list'}")
        self.told = label("", "small")
        self.fault = note("fault")
        self.shut = tool("✕", "Show all rows again (Esc)")
        self.shut.clicked.connect(self.edit.leave)
        self.edit.textChanged.connect(self.typed)
        self.edit.left.connect(self.hide)
        row = packed(QHBoxLayout(), self.edit, self.told, self.shut, grows=self.edit, spacing=8)
        row.setContentsMargins(8, 4, 4, 4)
        packed(QVBoxLayout(self), row, self.fault)
        self.fault.setContentsMargins(10, 0, 10, 4)
        self.hide()

    def open(self) -> None:
        """Show the line and give it the keyboard."""
        self.show()
        self.edit.begin()

    def show_text(self, text: str) -> None:
        """Say what is looked for, when that was chosen elsewhere; nobody is told. Without a text the line closes."""
        self.edit.blockSignals(True)
        self.edit.setText(text)
        self.edit.blockSignals(False)
        self.tell("")
        self.setVisible(bool(text))

    def tell(self, words: str, fault: str = "") -> None:
        """Say how many rows match, and what is wrong with what was typed."""
        self.told.setText(words)
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.edit.setProperty("fault", bool(fault))
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)


class RowFinder(FindLine):
    """Finds rows by their words: every word typed is in some column of a row that matches. Rows that do not are hidden
    or, where all must keep their places, left alone: the first match becomes the current row, Return goes on."""

    def __init__(
        self, rows: QTableView | QListWidget, hides: bool = True, text: Callable[[int], str] | None = None
    ) -> None:
        """`text`: the words of a row, where it is more than what is written in it."""
        super().__init__(rows, "find" if hides else "find, Return for the next")
        self._rows, self._hides, self._text = rows, hides, text or self._written
        self.found: list[int] = []
        """The rows that match, while something is looked for."""
        # Once for however many changes: a list that is written anew tells of each of its rows.
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(lambda: self._look(self.edit.text(), moves=False))
        model = rows.model()
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.dataChanged):
            changed.connect(self._changed)
        self.typed.connect(self._look)
        self.edit.stepped.connect(self._step)

    def _changed(self, *_: object) -> None:
        if self.edit.text():
            self._later.start()

    def _look(self, typed: str, moves: bool = True) -> None:
        words, count = searchable(typed).split(), self._rows.model().rowCount()
        self.found = [row for row in range(count) if all(word in searchable(self._text(row)) for word in words)]
        if self._hides:
            shown = set(self.found)
            for row in range(count):
                self._rows.setRowHidden(row, row not in shown)
        elif words and moves:
            self._step(0)
        self._count()

    def _step(self, by: int) -> None:
        """Make another match current: the next one, the one before, or (0) the first from the current row on."""
        if not self.found or not self.edit.text():
            return
        here = self._rows.currentIndex().row()
        if by < 0:
            row = next((row for row in reversed(self.found) if row < here), self.found[-1])
        else:
            row = next((row for row in self.found if row > here - (by == 0)), self.found[0])
        self._rows.setCurrentIndex(self._rows.model().index(row, self._column()))
        self._count()

    def _count(self) -> None:
        total, at = grouped(self._rows.model().rowCount()), self._rows.currentIndex().row()
        words = f"{grouped(len(self.found))} of {total}"
        if not self._hides and at in self.found:
            words = f"{self.found.index(at) + 1} of {grouped(len(self.found))}"
        self.tell(words if self.edit.text().strip() else "")

    def _columns(self) -> list[int]:
        """The columns that are shown; a list has one."""
        if not isinstance(self._rows, QTableView):
            return [0]
        return [column for column in range(self._rows.model().columnCount()) if not self._rows.isColumnHidden(column)]

    def _column(self) -> int:
        """Where the cursor goes in another row: it stays in its column."""
        return max(self._rows.currentIndex().column(), self._columns()[0])

    def _written(self, row: int) -> str:
        model = self._rows.model()
        return " ".join(str(model.index(row, column).data() or "") for column in self._columns())
