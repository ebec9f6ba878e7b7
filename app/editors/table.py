"""The twin of the picture as a table, in both editors: the same selection, all of it by keyboard."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel
from PySide6.QtWidgets import QWidget

from app.editors.document import Document
from app.widgets.table import PlainTable


class TwinTable(PlainTable):
    """Keeps the selection of the rows and the document's the same. Subclasses say which row shows what."""

    LEAD = 0
    """The first column that is always shown."""

    def __init__(self, document: Document[Any], model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._following = False
        self.selectionModel().selectionChanged.connect(lambda *_: self._take_over())
        document.selected.connect(self._follow)

    def rows_selected(self) -> list[int]:
        """The rows that show what the document's selection is about."""
        raise NotImplementedError

    def select_rows(self, rows: Sequence[int]) -> None:
        """Select in the document what these rows show."""
        raise NotImplementedError

    def _take_over(self) -> None:
        """The rows' selection has changed: so does the document's."""
        if not self._following:
            self._following = True
            self.select_rows([index.row() for index in self.selectionModel().selectedRows(self.LEAD)])
            self._following = False

    def _follow(self) -> None:
        """The document's selection has changed: so do the rows'. What has no row, such as an input, leaves none."""
        if self._following:
            return
        self._following = True
        rows, chosen = self.rows_selected(), self.selectionModel()
        if rows != sorted(index.row() for index in chosen.selectedRows(self.LEAD)):
            chosen.clearSelection()
            flags = QItemSelectionModel.SelectionFlag
            for row in rows:
                chosen.select(self.model().index(row, self.LEAD), flags.Select | flags.Rows)
            if rows:
                at = self.model().index(rows[0], max(self.currentIndex().column(), self.LEAD))
                chosen.setCurrentIndex(at, flags.NoUpdate)
                self.scrollTo(self.model().index(rows[0], self.LEAD))
        self._following = False
