"""Every candidate as a row: sorted by any column, selected by mouse or keyboard."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.candidates_model import COLUMNS, CandidatesModel
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel, Services
from app.widgets.shortcuts import add_action
from app.widgets.table import RowTable
from engine.session import View


class Candidates(Panel):
    """A sortable table; the row under the cursor is the selected candidate."""

    name = "candidates"
    title = "Candidates"
    dock = ("candidates", 2)
    opens = "sampling"
    order = 4
    shortcut = "Ctrl+4"
    about = (
        "Every architecture that the search has proposed, one per row; a click on a column's name sorts, a click on a "
        "row shows its cell. Before believing that the first is better than the tenth, compare with how far apart two "
        "trainings of one architecture end, and with random search "
        "(Li and Talwalkar 2019, Random Search and Reproducibility for NAS)."
    )
    reads = ("candidates", "scores", "deaths", "series")
    cadence = "slow"

    edit_requested = Signal(int)
    """The number of a candidate that a person wants to edit a copy of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._following = False  # the selection is being set by show_view(), not by a person
        self.model = CandidatesModel(self)
        self.table = RowTable(self.model, self._written, self.body)
        self.table.setSortingEnabled(True)
        metrics = QFontMetrics(self.table.font())
        for number, column in enumerate(COLUMNS):
            self.table.setColumnWidth(number, metrics.horizontalAdvance(column.widest) + 13)
        # The model writes the direction beside the name; the style's own arrow would lie on top of it.
        self.table.horizontalHeader().setStyleSheet(
            "QHeaderView::up-arrow, QHeaderView::down-arrow { width: 0; height: 0; }"
        )
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        add_action(self.table, "Edit a copy of this cell", "", self._edit)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        packed(QVBoxLayout(self.body), self.table)
        self.setFocusProxy(self.table)
        self.themed.append(self.model)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "The architectures that a search proposes will be listed here with their scores."
        if len(view.rows("candidates")):
            return ""
        if view.source.header.cells:
            return "This method trains one network for all architectures and proposes no candidates; see Curves."
        return "The first candidate will be listed here in a moment."

    def draw(self, view: View, selection: int | None) -> None:
        self._following = True
        try:
            self.model.show_view(view)
            self._select(selection)
        finally:
            self._following = False

    def attach(self, services: Services) -> None:
        self.edit_requested.connect(services.edit_candidate)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = [self.model.values(row) for row in range(self.model.rowCount())]
        return self.model.names, rows

    def _written(self, row: int) -> str:
        return "\t".join(map(str, self.model.values(row)))

    def _select(self, candidate: int | None) -> None:
        row = None if candidate is None else self.model.row_of(candidate)
        if row is None:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        elif row != self.table.currentIndex().row():
            self.table.selectRow(row)
            self.table.scrollTo(self.table.currentIndex())

    def _edit(self) -> None:
        current = self.table.currentIndex()
        if current.isValid():
            self.edit_requested.emit(self.model.candidate(current.row()))

    def _row_changed(self, current: QModelIndex) -> None:
        if not self._following and current.isValid():
            self.selected.emit(self.model.candidate(current.row()))
