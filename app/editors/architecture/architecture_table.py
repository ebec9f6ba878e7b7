"""The twin of the picture as a table, all of it editable by keyboard."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.editors.architecture.architecture_document import ArchitectureDocument, Draft
from app.editors.architecture.operation_chooser import plain
from app.editors.table import TwinTable
from app.graph.kinds import Choice, EdgeRef, NodeRef, Part
from app.theme import Theme
from app.widgets.table import Index, RowsModel, beside

COLUMNS = ("Cell", "From", "To", "Operation")
CELL, FROM, TO, OPERATION = range(4)
JOINS, READ = "joins", "read"  # what is said of an edge that carries nothing: into an output, and into a node


class Row(NamedTuple):
    """A part, what its row says, and what may stand in its last column."""

    part: Part
    texts: tuple[str, str, str, str]
    tint: str
    choices: tuple[Choice, ...]


def rows_of(draft: Draft) -> list[Row]:
    """Node by node, each with the edges that enter it; then the edges into the output."""
    rows = []
    for diagram in draft.diagrams():
        for node in diagram.nodes:
            if node.role == "node":
                ref = NodeRef(diagram.name, node.number)
                does = node.label or node.operation
                rows.append(_row(draft, ref, (diagram.name, "", node.title, does), node.tint))
            quiet = JOINS if node.role == "output" else READ
            for index, edge in enumerate(diagram.edges):
                if edge.target == node.number:
                    texts = (diagram.name, diagram.title(edge.source), diagram.title(edge.target), edge.label or quiet)
                    rows.append(_row(draft, EdgeRef(diagram.name, index), texts, edge.tint))
    return rows


def _row(draft: Draft, part: Part, texts: tuple[str, str, str, str], tint: str) -> Row:
    return Row(part, texts, tint, draft.kind.choices(draft.architecture, part))


class PartsModel(RowsModel):
    """The document as rows. Setting a cell is an edit of the document, which may refuse it."""

    def __init__(self, document: ArchitectureDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.settling = False  # rows come and go, and the selection with them
        self.rows = rows_of(document.draft)
        document.changed.connect(self._follow)

    def row_of(self, part: Part) -> int | None:
        """The row of a part."""
        return next((row for row, one in enumerate(self.rows) if one.part == part), None)

    def size(self) -> tuple[int, int]:
        return len(self.rows), len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return beside(right=False)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.texts[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            quiet = row.texts[OPERATION] in (JOINS, READ) or (isinstance(row.part, NodeRef) and row.tint == "none")
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
        if (isinstance(row.part, EdgeRef) and column in (FROM, TO)) or (column == OPERATION and row.choices):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def offers(self, index: Index) -> list[str]:
        """The texts that may be set at an index."""
        row = self.rows[index.row()]
        diagram = self.document.diagram(row.part.diagram)
        if index.column() == FROM:
            return [node.title for node in diagram.nodes if node.role != "output"]
        if index.column() == TO:
            return [node.title for node in diagram.nodes if node.role != "input"]
        return [choice.label for choice in row.choices]

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, text = self.rows[index.row()], str(value).strip()
        if text == row.texts[index.column()]:
            return True
        if index.column() == OPERATION:
            return self._choose(index, text)
        if isinstance(row.part, NodeRef):
            return False
        diagram = self.document.diagram(row.part.diagram)
        number = next((node.number for node in diagram.nodes if plain(node.title) == plain(text)), None)
        if number is None:
            names = ", ".join(self.offers(index))
            self.document.refused.emit(f"there is no '{text[:40]}' in the {row.part.diagram} cell, only {names}")
            return False
        edge = diagram.edges[row.part.index]
        ends = (number, edge.target) if index.column() == FROM else (edge.source, number)
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
        self.touch(first, len(new) - 1)


class Delegate(QStyledItemDelegate):
    """Edits a cell with a list to choose from or to type in; what is typed may be anything, and is then refused."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, PartsModel)
        box = QComboBox(parent)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.addItems(model.offers(index))
        box.setCompleter(None)  # type: ignore[arg-type]  # what is typed means itself: 2 is not the beginning of k−2
        box.setAccessibleName(COLUMNS[index.column()])
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data(Qt.ItemDataRole.EditRole)))
        if line := editor.lineEdit():
            line.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentText())


class ArchitectureTable(TwinTable):
    """A row for every node and every edge."""

    def __init__(self, document: ArchitectureDocument, parent: QWidget | None = None) -> None:
        self.document, self.parts = document, PartsModel(document)
        super().__init__(document, self.parts, parent)
        self.parts.setParent(self)
        self.setItemDelegate(Delegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTableView::item { padding-left: 4px; }")
        self.setWordWrap(False)
        self.setAccessibleName("Nodes and edges")
        self.setAccessibleDescription("F2 changes what the cursor is on, Insert adds an edge, Delete removes a row.")
        self.horizontalHeader().setStretchLastSection(True)
        document.changed.connect(self._fit_columns)
        self._fit_columns()

    def set_theme(self, theme: Theme) -> None:
        self.parts.set_theme(theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens what the cursor is on, as F2 does."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not editing and self.currentIndex().isValid():
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def current_diagram(self) -> str:
        """The diagram of the row that the cursor is on."""
        row = self.currentIndex().row()
        return self.parts.rows[row].part.diagram if 0 <= row < len(self.parts.rows) else ""

    def edit_part(self, part: Part, column: int) -> None:
        """Put the cursor on a part's row and open one of its cells for typing."""
        row = self.parts.row_of(part)
        if row is not None:
            index = self.parts.index(row, column)
            self.setCurrentIndex(index)
            self.edit(index)

    def _fit_columns(self) -> None:
        diagrams = self.document.diagrams()
        self.setColumnHidden(CELL, len(diagrams) == 1)
        metrics = self.fontMetrics()
        for column in (CELL, FROM, TO):
            texts = {COLUMNS[column], *(row.texts[column] for row in self.parts.rows)}
            self.setColumnWidth(column, max(map(metrics.horizontalAdvance, texts)) + 16)

    def rows_selected(self) -> list[int]:
        return [row for row, one in enumerate(self.parts.rows) if one.part in self.document.selection]

    def select_rows(self, rows: Sequence[int]) -> None:
        if not self.parts.settling:
            self.document.select(self.parts.rows[row].part for row in rows)
