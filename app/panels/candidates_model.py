"""The table behind the Candidates panel: grows and shrinks by rows, and sorts without losing the selection."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QColor

from app.widgets.table import Index, RowsModel, beside
from engine.session import View
from engine.session.queries.best import best, unit_of_scores
from engine.session.queries.series import PopulationState, population
from engine.session.schema import ORIGINS, OUTCOMES
from engine.words import amount, bare_score, clock, named


@dataclass(frozen=True)
class Column:
    """One column: its name, what it means, and a text about as wide as its widest."""

    name: str
    meaning: str
    widest: str
    right: bool = True
    largest_first: bool = True


COLUMNS = (
    Column("number", "In the order of birth, from 0", "number ↓"),
    Column("score", "Validation accuracy, or why there is none", "score, % ↓"),
    Column(
        "parameters",
        "Trained weights, of the network that the search builds, not of a published one",
        "parameters ↓",
    ),
    Column("seconds", "Duration of the evaluation", "seconds ↓"),
    Column("parent", "The candidate it was made from", "parent ↓", largest_first=False),
    Column("origin", "How it came about", "handed in", right=False, largest_first=False),
    Column("born", "When it was proposed, since the session began", "0:00:00"),
    Column("died", "When it left the population, since the session began", "0:00:00"),
    Column("change", "What differs from the parent", "reduction node 2: sep 3×3 → skip", False, False),
)
_ALPHABETICAL = np.argsort(np.argsort(ORIGINS))
"""The place of each origin in the alphabet."""

NUMBER, SCORE, PARAMETERS, SECONDS, PARENT, ORIGIN, BORN, DIED, CHANGE = range(len(COLUMNS))


class CandidatesModel(RowsModel):
    """The candidates of one view, in the order of the sorted column; candidates without a value come last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: View | None = None
        self._stamp: tuple[int, ...] = ()
        self._state: PopulationState | None = None
        self._seconds = np.empty(0)
        self._changes: list[str] = []  # of all candidates of the session seen so far
        self._order = np.empty(0, np.int64)
        self._place = np.empty(0, np.int64)  # the inverse of the order
        self._best = -1
        self._unit = ""  # of the scores
        self._sorted: tuple[int, bool] = (NUMBER, False)  # column, descending

    def show_view(self, view: View) -> None:
        """Bring the table to this view: rows go, rows come, and what changed finds its place."""
        stamp = view.stamp("candidates", "scores", "deaths", "series")
        if stamp == self._stamp:
            self._view = view
            return
        if self._view is None or view.source is not self._view.source:
            self.beginResetModel()
            self._order, self._changes = np.empty(0, np.int64), []
            self._take(view, stamp)
            self._order = self._wanted()
            self._index()
            self.endResetModel()
            return
        count, before = len(view.rows("candidates")), len(self._order)
        if count < before:
            self._reorder(np.concatenate([self._order[self._order < count], self._order[self._order >= count]]))
            self.beginRemoveRows(QModelIndex(), count, before - 1)
            self._order = self._order[:count]
            self._index()
            self._take(view, stamp)
            self.endRemoveRows()
        elif count > before:
            self.beginInsertRows(QModelIndex(), before, count - 1)
            self._take(view, stamp)
            self._order = np.concatenate([self._order, np.arange(before, count)])
            self._index()
            self.endInsertRows()
        else:
            self._take(view, stamp)
        self._reorder(self._wanted())
        self.touch(0, len(self._order) - 1)

    def candidate(self, row: int) -> int:
        """The number of the candidate in a row."""
        return int(self._order[row])

    def row_of(self, candidate: int) -> int | None:
        """The row of a candidate, or None while it is not there."""
        return int(self._place[candidate]) if 0 <= candidate < len(self._place) else None

    @property
    def names(self) -> list[str]:
        """The columns' names, that of the scores with their unit."""
        return [named(column.name, self._unit if number == SCORE else "") for number, column in enumerate(COLUMNS)]

    def values(self, row: int) -> tuple[Any, ...]:
        """The plain values of a row, one per column; "" where there is none."""
        return tuple(self._value(int(self._order[row]), column) for column in range(len(COLUMNS)))

    # -- Qt's interface

    def size(self) -> tuple[int, int]:
        return len(self._order), len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(COLUMNS):
            column = COLUMNS[section]
            if role == Qt.ItemDataRole.DisplayRole:
                sorted_by, descending = self._sorted
                return self.names[section] + (" ↓" if descending else " ↑") * (section == sorted_by)
            if role == Qt.ItemDataRole.InitialSortOrderRole:
                return Qt.SortOrder.DescendingOrder if column.largest_first else Qt.SortOrder.AscendingOrder
            if role == Qt.ItemDataRole.ToolTipRole:
                return column.meaning
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return beside(column.right)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._state is None:
            return None
        candidate, column = int(self._order[index.row()]), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(candidate, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return beside(COLUMNS[column].right)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(candidate, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(candidate, column) or None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted = (max(0, column), order == Qt.SortOrder.DescendingOrder)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._reorder(self._wanted())

    # -- within

    def _take(self, view: View, stamp: tuple[int, ...]) -> None:
        self._view, self._stamp, self._state = view, stamp, population(view)
        if self._unit != (unit := unit_of_scores(view)):
            self._unit = unit
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, SCORE, SCORE)
        scores, born = view.rows("scores"), view.rows("candidates")
        self._seconds = np.full(len(born), np.nan)
        self._seconds[scores["candidate"]] = scores["seconds"]
        self._changes += [view.text(reference) for reference in born["change"][len(self._changes) :]]
        found = best(view)
        self._best = -1 if found is None or found.candidate is None else found.candidate

    def _wanted(self) -> np.ndarray:
        """The candidates in the order of the sorted column; equal ones by number, those without a value last."""
        state, (column, descending) = self._state, self._sorted
        if state is None:
            return np.empty(0, np.int64)
        if column == CHANGE:
            texts = np.array(self._changes[: len(state)])
            key = np.unique(texts, return_inverse=True)[1].astype(float)
            key[texts == ""] = np.nan
        else:
            key = self._numbers()[column].astype(float)
            if column in (PARAMETERS, PARENT):
                key[key < 0] = np.nan  # integers say "none" by -1
        key = -key if descending else key
        return np.lexsort((state.candidate, np.where(np.isnan(key), np.inf, key)))

    def _reorder(self, order: np.ndarray) -> None:
        """Put the same candidates in another order; whoever holds an index keeps its candidate."""
        if np.array_equal(order, self._order):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        candidates = [(int(self._order[index.row()]), index.column()) for index in before]
        self._order = order
        self._index()
        after = [self.index(int(self._place[candidate]), column) for candidate, column in candidates]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _index(self) -> None:
        self._place = np.empty(len(self._order), np.int64)
        self._place[self._order] = np.arange(len(self._order))

    def _value(self, candidate: int, column: int) -> Any:
        state = self._state
        assert state is not None
        if column == CHANGE:
            return self._changes[candidate]
        if column == ORIGIN:
            return ORIGINS[int(state.origin[candidate])]
        value = self._numbers()[column][candidate].item()
        return "" if value != value or (column in (PARAMETERS, PARENT) and value < 0) else value

    def _numbers(self) -> dict[int, np.ndarray]:
        """The columns that are numbers, by candidate."""
        state = self._state
        assert state is not None
        return {
            NUMBER: state.candidate,
            SCORE: state.score,
            PARAMETERS: state.parameters,
            SECONDS: self._seconds,
            PARENT: state.parent,
            ORIGIN: _ALPHABETICAL[state.origin],
            BORN: state.birth,
            DIED: state.death_time,
        }

    def _text(self, candidate: int, column: int) -> str:
        value = self._value(candidate, column)
        if value == "":
            failed = column == SCORE and self._failed(candidate)
            return OUTCOMES[int(self._state.outcome[candidate])] if failed and self._state is not None else ""
        if column == SCORE:
            return bare_score(value, self._unit, 2)
        if column == PARAMETERS:
            return amount(value)
        if column == SECONDS:
            return f"{value:.1f}"
        if column in (BORN, DIED):
            return clock(value)
        return str(value)

    def _tip(self, candidate: int, column: int) -> str:
        """What does not fit into the cell: the whole change, or why there is no score."""
        if column == CHANGE:
            return self._changes[candidate]
        if column == SCORE and self._failed(candidate) and self._view is not None:
            scores = self._view.rows("scores")
            row = scores[np.flatnonzero(scores["candidate"] == candidate)[-1]]
            return f"{OUTCOMES[int(row['outcome'])]}: {self._view.text(row['message'])}".rstrip(": ")
        return ""

    def _failed(self, candidate: int) -> bool:
        return self._state is not None and bool(self._state.failed[candidate])

    def _colour(self, candidate: int, column: int) -> QColor | None:
        assert self._state is not None
        if column == SCORE and candidate == self._best:
            return QColor(self.theme.good)
        if column == SCORE and self._failed(candidate):
            return QColor(self.theme.bad)
        if not np.isnan(self._state.death_time[candidate]) or column == CHANGE:
            return QColor(self.theme.muted)
        return QColor(self.theme.text)
