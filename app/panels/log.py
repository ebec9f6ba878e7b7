"""What the search says in words, line by line."""

from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app import theme as themes
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel
from app.widgets.table import Index, RowsModel, RowTable
from engine.session import View
from engine.session.schema import LEVELS
from engine.words import long_clock


class LogModel(RowsModel):
    """The lines of one view that contain a piece of text. They are decoded when they come into sight."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: View | None = None
        self._needle = ""
        self._seen = 0  # lines of the log looked through
        self._found: list[int] = []  # of these, the ones that match; unused while there is no needle

    def show_view(self, view: View, needle: str) -> None:
        """Bring the lines to this view and this piece of text: what is the same stays, lines come and go at the end."""
        needle = needle.casefold()
        if self._view is None or view.source is not self._view.source or needle != self._needle:
            self.beginResetModel()
            self._view, self._needle, self._seen, self._found = view, needle, 0, []
            self.endResetModel()
        count, before = len(view.rows("log")), self.rowCount()
        found = self._found
        if count < self._seen:
            found = found[: int(np.searchsorted(found, count))]
        elif needle:
            found = found + _containing(view, needle, self._seen)
        after = len(found) if needle else count
        if after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
        elif after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
        self._view, self._seen, self._found = view, count, found
        if after < before:
            self.endRemoveRows()
        elif after > before:
            self.endInsertRows()

    def line(self, row: int) -> tuple[float, str, str]:
        """Time (seconds), level and text of a line shown."""
        assert self._view is not None
        entry = self._view.rows("log")[self._found[row] if self._needle else row]
        return float(entry["time"]), LEVELS[int(entry["level"])], self._view.text(entry["text"])

    def size(self) -> tuple[int, int]:
        return len(self._found) if self._needle else self._seen, 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        time, level, text = self.line(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return short(text) if index.column() else long_clock(time)
        if role == Qt.ItemDataRole.ToolTipRole:
            return text if index.column() else None
        if role == Qt.ItemDataRole.FontRole and not index.column():
            return themes.monospace()
        if role == Qt.ItemDataRole.ForegroundRole:
            theme = self.theme
            colours = {"good": theme.good, "warning": theme.warning, "error": theme.bad}
            return QColor(colours.get(level, theme.text) if index.column() else theme.muted)
        return None


def _containing(view: View, needle: str, start: int) -> list[int]:
    """The lines from `start` on that contain a piece of text, whatever the case."""
    texts, stream = view.rows("log")["text"][start:], view.source.stream
    places = zip(texts["offset"].tolist(), texts["length"].tolist(), strict=True)
    lines = (stream.slice(place, place + length).decode(errors="replace") for place, length in places)
    return [number for number, line in enumerate(lines, start) if needle in line.casefold()]


def short(text: str) -> str:
    """One line for many: of a traceback the last, which says what happened, else the first."""
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    return lines[-1] if lines[0].startswith("Traceback") else lines[0] + (" …" if len(lines) > 1 else "")


class Log(Panel):
    """Lines with their times, the last one in sight as long as nobody scrolls away from it."""

    name = "log"
    title = "Log"
    dock = ("log", 1)
    opens = "every"
    order = 6
    shortcut = "Ctrl+6"
    about = (
        "What the search says in words: epochs, new bests, operations that overtake one another, faults. Green is good "
        "news, amber and red want attention. The box narrows the lines to those that contain a word; the time cursor "
        "cuts them, so that in a replay the log ends where you are."
    )
    reads = ("log",)
    cadence = "slow"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Show only lines that contain")
        self.filter.setFixedWidth(150)
        self.filter.textChanged.connect(self.redraw)
        self.header.add(self.filter)
        self.model = LogModel(self)
        self.table = RowTable(self.model, self._written, self.body)
        self.table.horizontalHeader().hide()
        self.table.setColumnWidth(0, QFontMetrics(themes.monospace()).horizontalAdvance("00:00:00") + 18)
        bar = self.table.verticalScrollBar()
        self._at_end = True
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._follow)
        packed(QVBoxLayout(self.body), self.table).setContentsMargins(4, 2, 0, 2)
        self.setFocusProxy(self.table)
        self.themed.append(self.model)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "What a search says in words will be listed here."
        return "" if len(view.rows("log")) else "The search has not said anything yet."

    def draw(self, view: View, selection: int | None) -> None:
        self.model.show_view(view, self.filter.text())

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        return ["seconds", "level", "text"], [self.model.line(row) for row in range(self.model.rowCount())]

    def _written(self, row: int) -> str:
        time, _, text = self.model.line(row)
        return f"{long_clock(time)}\t{text}"

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self.table.verticalScrollBar().maximum()

    def _follow(self, _: int, maximum: int) -> None:
        """The log has grown or the panel was resized: stay at the end if that is where one was."""
        if self._at_end:
            self.table.verticalScrollBar().setValue(maximum)
