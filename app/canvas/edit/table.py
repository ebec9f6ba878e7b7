"""The twin of the picture as a table, all of it editable by keyboard."""

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.theme import Theme

from ..kinds import Part
from .document import Document
from .rows import CELL, COLUMNS, FROM, TO, Index, PartsModel

ROW = 22  # pixels


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


class TwinTable(QTableView):
    """Shows the rows, and keeps their selection and the document's the same."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.parts = PartsModel(document, self)
        self._following = False
        self.setModel(self.parts)
        self.setItemDelegate(Delegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTableView::item { padding-left: 4px; }")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Nodes and edges")
        self.setAccessibleDescription("F2 changes what the cursor is on, Insert adds an edge, Delete removes a row.")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        document.selected.connect(self._follow)
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

    def current_board(self) -> str:
        """The board of the row that the cursor is on."""
        row = self.currentIndex().row()
        return self.parts.rows[row].part.board if 0 <= row < len(self.parts.rows) else ""

    def edit_part(self, part: Part, column: int) -> None:
        """Put the cursor on a part's row and open one of its cells for typing."""
        row = self.parts.row_of(part)
        if row is not None:
            index = self.parts.index(row, column)
            self.setCurrentIndex(index)
            self.edit(index)

    def _fit_columns(self) -> None:
        boards = self.document.boards()
        self.setColumnHidden(CELL, len(boards) == 1)
        metrics = self.fontMetrics()
        for column in (CELL, FROM, TO):
            texts = {COLUMNS[column], *(row.texts[column] for row in self.parts.rows)}
            self.setColumnWidth(column, max(map(metrics.horizontalAdvance, texts)) + 16)

    def _selected(self) -> None:
        """The rows' selection has changed: so does the document's."""
        if not self._following and not self.parts.settling:
            rows = self.selectionModel().selectedRows()
            self._following = True
            self.document.select(self.parts.rows[index.row()].part for index in rows)
            self._following = False

    def _follow(self) -> None:
        """The document's selection has changed: so do the rows'. Inputs and outputs have no rows."""
        if self._following:
            return
        self._following = True
        chosen = self.selectionModel()
        rows = [row for row, one in enumerate(self.parts.rows) if one.part in self.document.selection]
        if rows != sorted(index.row() for index in chosen.selectedRows()):
            chosen.clearSelection()
            flags = QItemSelectionModel.SelectionFlag
            for row in rows:
                chosen.select(self.parts.index(row, 0), flags.Select | flags.Rows)
            if rows:
                column = max(self.currentIndex().column(), 0)
                chosen.setCurrentIndex(self.parts.index(rows[0], column), flags.NoUpdate)
                self.scrollTo(self.parts.index(rows[0], 0))
        self._following = False
