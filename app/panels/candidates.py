"""Every candidate as a row: sorted by any column, filtered, selected by mouse or keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.panels.candidates_model import COLUMNS, SCORE, CandidatesModel
from app.settings import Settings
from app.widgets.find_line import FindLine
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel, Services
from app.widgets.shortcuts import add_action
from app.widgets.table import RowTable
from engine.session import View
from engine.session.queries.candidate_filter import CandidateFilter, parse
from engine.words import grouped


class Candidates(Panel):
    """A sortable table; the row under the cursor is the selected candidate. What is typed after Ctrl+F filters the
    candidates here and in every plot of them."""

    name = "candidates"
    title = "Candidates"
    dock = ("candidates", 2)
    opens = "sampling"
    order = 4
    shortcut = "Ctrl+4"
    about = (
        "Every architecture that the search has proposed, one per row; a click on a column's name sorts, a click on a "
        "row shows its cell. Ctrl+F narrows them, here and in the plots, by words of their origin and change or by "
        "columns: score > 90, parameters < 500k, parent = 12. Before believing that the first is better than the "
        "tenth, compare with how far apart two trainings of one architecture end, and with random search "
        "(Li and Talwalkar 2019, Random Search and Reproducibility for NAS)."
    )
    reads = ("candidates", "scores", "deaths", "measures", "series")
    cadence = "slow"

    edit_requested = Signal(int)
    """The number of a candidate that a person wants to edit a copy of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._following = False  # the selection is being set by show_view(), not by a person
        self.model = CandidatesModel(self)
        self.table = RowTable(self.model, self._written, self.body)
        self.table.setSortingEnabled(True)
        self.table.setAccessibleName("Candidates")
        self.finder = FindLine(self.table, "score > 90, parameters < 500k, skip…")
        self.finder.typed.connect(self._filter)
        self._asked: CandidateFilter | None = None  # what the line says
        self._settings: Settings | None = None
        self._fitted: tuple[QFontMetrics, QFontMetrics] | None = None  # the fonts that the columns' widths are for
        self.columns = self._make_columns()
        # The model writes the direction beside the name; the style's own arrow would lie on top of it.
        self.table.horizontalHeader().setStyleSheet(
            "QHeaderView::up-arrow, QHeaderView::down-arrow { width: 0; height: 0; }"
        )
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        add_action(self.table, "Edit a copy of this cell", "", self._edit)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        packed(QVBoxLayout(self.body), self.finder, self.table, grows=self.table)
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

    def show_view(self, view: View | None, selection: int | None, wanted: CandidateFilter | None = None) -> None:
        if wanted != self._asked:  # somebody else has chosen it
            self._asked = wanted
            self.finder.show_text(wanted.text if wanted is not None else "")
        super().show_view(view, selection, wanted)

    def draw(self, view: View, selection: int | None) -> None:
        self._following = True
        try:
            self.model.show_view(view, self.wanted)
            self._select(selection)
        finally:
            self._following = False
        if self.wanted is not None:
            self.finder.tell(f"{grouped(self.model.rowCount())} of {grouped(self.model.total)}")

    def attach(self, services: Services) -> None:
        self.edit_requested.connect(services.edit_candidate)
        self._settings = services.settings
        self._show_columns(self._settings.hidden_columns)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = [self.model.values(row) for row in range(self.model.rowCount())]
        return self.model.names, rows

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_columns()

    # -- columns

    def _make_columns(self) -> QMenu:
        """A menu in which columns are chosen: in the strip, and where the header is clicked with the right button."""
        menu = QMenu("Columns", self.menu)
        menu.setToolTipsVisible(True)
        for column in COLUMNS:
            action = menu.addAction(column.name)
            action.setToolTip(column.meaning)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(self._choose_columns)
        first = self.menu.actions()[0]
        self.menu.insertMenu(first, menu)
        self.menu.insertSeparator(first)
        header = self.table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda place: menu.popup(header.mapToGlobal(place)))
        return menu

    def _show_columns(self, hidden: Sequence[str]) -> None:
        """Show all columns but these; all where none would be left."""
        names = [column.name for column in COLUMNS]
        hidden = hidden if set(names) - set(hidden) else ()
        for action, name in zip(self.columns.actions(), names, strict=True):
            action.setChecked(name not in hidden)

    def _choose_columns(self) -> None:
        """Columns were ticked or unticked; the last one stays."""
        on = [action.isChecked() for action in self.columns.actions()]
        for number, (action, shown) in enumerate(zip(self.columns.actions(), on, strict=True)):
            self.table.setColumnHidden(number, not shown)
            action.setEnabled(not shown or sum(on) > 1)
        if self._settings is not None:
            self._settings.hidden_columns = [
                column.name for column, shown in zip(COLUMNS, on, strict=True) if not shown
            ]

    def _fit_columns(self) -> None:
        """As wide as the widest text of each column, in the fonts that are in use by now."""
        head, cells = self.table.horizontalHeader().fontMetrics(), self.table.fontMetrics()
        if (head, cells) == self._fitted:  # a person may have moved the borders since
            return
        self._fitted = head, cells
        for number, column in enumerate(COLUMNS):
            name = head.horizontalAdvance(f"{column.name}{', %' * (number == SCORE)} ↓")
            self.table.setColumnWidth(number, max(name + 16, cells.horizontalAdvance(column.widest) + 12))

    # -- within

    def _filter(self, typed: str) -> None:
        """Show what is asked for at once, here and by way of the window in the plots; what is wrong is said in place,
        and then nobody is left out."""
        fault = ""
        try:
            self._asked = parse(typed)
        except ValueError as error:
            self._asked, fault = None, str(error)
        self.show_view(self.view, self.selection, self._asked)
        if self._asked is None:
            self.finder.tell("", fault)
        if not self.table.currentIndex().isValid():
            self.table.scrollToTop()
        self.filter_chosen.emit(self._asked)

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
