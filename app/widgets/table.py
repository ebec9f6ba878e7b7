"""The plain table that panels list rows in: whole rows, no grid, one height, Ctrl+C."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

ROW = 22
"""Height of a row in pixels."""


class RowTable(QTableView):
    """A table of rows. Ctrl+C puts the selected ones on the clipboard, each as `written` says it."""

    def __init__(self, model: QAbstractItemModel, written: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._written = written
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # The row under the keyboard is the selected one: a frame around one of its cells says nothing.
        self.setStyleSheet("QTableView { outline: 0; } QAbstractScrollArea::corner { background: transparent; }")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        copy = QAction("Copy rows", self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_rows)
        self.addAction(copy)

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, one per line, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText("\n".join(map(self._written, rows)))
