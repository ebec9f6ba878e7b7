"""The document as a table: one row per node and per edge, in step with it; setting a cell is an edit."""

from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.theme import DARK, Theme

from ..kinds import ArcRef, Choice, Part, SpotRef
from .chooser import plain
from .document import Document
from .draft import Draft

COLUMNS = ("Cell", "From", "To", "Operation")
CELL, FROM, TO, OPERATION = range(4)
Index = QModelIndex | QPersistentModelIndex
JOINS, READ = "joins", "read"  # what is said of an arc that carries nothing: into an output, and into a node


class Row(NamedTuple):
    """A part, what its row says, and what may stand in its last column."""

    part: Part
    texts: tuple[str, str, str, str]
    tint: str
    choices: tuple[Choice, ...]


def rows_of(draft: Draft) -> list[Row]:
    """Node by node, each with the edges that enter it; then the edges into the output."""
    rows = []
    for board in draft.boards():
        for spot in board.spots:
            if spot.role == "node":
                node = SpotRef(board.name, spot.number)
                does = spot.label or spot.operation
                rows.append(_row(draft, node, (board.name, "", spot.title, does), spot.tint))
            quiet = JOINS if spot.role == "output" else READ
            for index, arc in enumerate(board.arcs):
                if arc.target == spot.number:
                    texts = (board.name, board.title(arc.source), board.title(arc.target), arc.label or quiet)
                    rows.append(_row(draft, ArcRef(board.name, index), texts, arc.tint))
    return rows


def _row(draft: Draft, part: Part, texts: tuple[str, str, str, str], tint: str) -> Row:
    return Row(part, texts, tint, draft.kind.choices(draft.architecture, part))


class PartsModel(QAbstractTableModel):
    """The document as rows. Setting a cell is an edit of the document, which may refuse it."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.theme = DARK
        self.settling = False  # rows come and go, and the selection with them
        self.rows = rows_of(document.draft)
        document.changed.connect(self._follow)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, OPERATION))

    def row_of(self, part: Part) -> int | None:
        """The row of a part."""
        return next((row for row, one in enumerate(self.rows) if one.part == part), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.texts[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            quiet = row.texts[OPERATION] in (JOINS, READ) or (isinstance(row.part, SpotRef) and row.tint == "none")
            if column == OPERATION and not quiet:
                return QColor(self.theme.operation(row.tint))
            return QColor(self.theme.muted if column in (CELL, OPERATION) else self.theme.text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[column]} {row.texts[column] or 'none'} of {self.document.name(row.part)}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row, column = self.rows[index.row()], index.column()
        if (isinstance(row.part, ArcRef) and column in (FROM, TO)) or (column == OPERATION and row.choices):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def offers(self, index: Index) -> list[str]:
        """The texts that may be set at an index."""
        row = self.rows[index.row()]
        board = self.document.board(row.part.board)
        if index.column() == FROM:
            return [spot.title for spot in board.spots if spot.role != "output"]
        if index.column() == TO:
            return [spot.title for spot in board.spots if spot.role != "input"]
        return [choice.label for choice in row.choices]

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, text = self.rows[index.row()], str(value).strip()
        if text == row.texts[index.column()]:
            return True
        if index.column() == OPERATION:
            return self._choose(index, text)
        if isinstance(row.part, SpotRef):
            return False
        board = self.document.board(row.part.board)
        number = next((spot.number for spot in board.spots if plain(spot.title) == plain(text)), None)
        if number is None:
            names = ", ".join(self.offers(index))
            self.document.refused.emit(f"there is no '{text[:40]}' in the {row.part.board} cell, only {names}")
            return False
        arc = board.arcs[row.part.index]
        ends = (number, arc.target) if index.column() == FROM else (arc.source, number)
        return self.document.rewire(row.part, *ends)

    def _choose(self, index: Index, text: str) -> bool:
        """Put on a part what the text names, by its label, its name, or a piece of either that only one has."""
        row, typed = self.rows[index.row()], plain(text)
        exact = [one for one in row.choices if typed in (plain(one.label), plain(one.name))]
        parts = [one for one in row.choices if typed and (typed in plain(one.label) or typed in plain(one.name))]
        free = self.document.typed([row.part], text)
        chosen = exact[:1] or ([free] if free else parts)
        if len(chosen) != 1:
            several = f"'{text[:40]}' could be {', '.join(one.label for one in chosen)}"
            self.document.refused.emit(several if chosen else f"there is no operation '{text[:40]}'")
            return False
        return self.document.choose([row.part], chosen[0])

    def _follow(self) -> None:
        """Bring the rows to the document, leaving alone those before and after what has changed."""
        old, new = self.rows, rows_of(self.document.draft)
        first = 0
        while first < min(len(old), len(new)) and old[first] == new[first]:
            first += 1
        last = 0
        while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
            last += 1
        gone, come = len(old) - last - first, len(new) - last - first
        kept = min(gone, come)
        self.settling = True
        if gone > come:
            self.beginRemoveRows(QModelIndex(), first + kept, first + gone - 1)
            self.rows = [*old[: first + kept], *old[first + gone :]]
            self.endRemoveRows()
        elif come > gone:
            self.beginInsertRows(QModelIndex(), first + kept, first + come - 1)
            self.rows = [*old[: first + kept], *new[first + kept : first + come], *old[first + gone :]]
            self.endInsertRows()
        self.rows = new
        self.settling = False
        if first < len(new):
            self.dataChanged.emit(self.index(first, 0), self.index(len(new) - 1, OPERATION))
