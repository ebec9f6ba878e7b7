"""The plain tables of panels and editors, and the models behind them: whole rows, no grid, one height."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app import theme as themes
from app.theme import Theme
from app.widgets.shortcuts import add_action

Index = QModelIndex | QPersistentModelIndex
ROW = 22
"""Height of a row in pixels."""


class RowsModel(QAbstractTableModel):
    """Rows in the theme's colours. Subclasses say how many there are, of how many columns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.theme = theme
        self.touch(0, self.rowCount() - 1)

    def touch(self, first: int, last: int) -> None:
        """Have these rows drawn again, if there are any."""
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.size()[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.size()[1]


def beside(right: bool) -> Qt.AlignmentFlag:
    """How a cell is aligned: numbers at the right, words at the left."""
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class PlainTable(QTableView):
    """A table of whole rows."""

    def __init__(self, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        self.horizontalHeader().setHighlightSections(False)


class RowTable(PlainTable):
    """A table of rows. Ctrl+C puts the selected ones on the clipboard, each as `written` says it."""

    def __init__(self, model: QAbstractItemModel, written: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._written = written
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # The row under the keyboard is the selected one: a frame around one of its cells says nothing.
        self.setStyleSheet("QTableView { outline: 0; } QAbstractScrollArea::corner { background: transparent; }")
        self.horizontalHeader().setStretchLastSection(True)
        add_action(self, "Copy rows", QKeySequence.StandardKey.Copy, self.copy_rows)

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, one per line, in the order shown."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText("\n".join(map(self._written, rows)))
