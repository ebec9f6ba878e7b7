"""The searches of the queue as a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.widgets.table import Index, RowsModel, beside
from engine.words import NB, grouped, score

COLUMNS = ("Search", "State", "Done", "Best", "Note")
RIGHT = (2, 3)
_COLOURS = {"waiting": "muted", "running": "accent", "paused": "warning", "stopped": "warning", "failed": "bad"}


@dataclass(frozen=True)
class Run:
    """A search of the queue as it is shown: its session's file, its state in a word, how much is done (0 to 1; NaN
    where nobody knows), its best score so far with its unit, why it ended early, and whether that score is its shared
    network's."""

    path: Path
    state: str
    share: float = float("nan")
    best: float | None = None
    unit: str = ""
    evaluations: int = 0
    note: str = ""
    shared: bool = False


class QueueModel(RowsModel):
    """One row per search. Only rows that have changed are drawn again."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.runs: list[Run] = []

    def show(self, runs: list[Run]) -> None:
        """Show these searches."""
        if [run.path for run in runs] != [run.path for run in self.runs]:
            self.beginResetModel()
            self.runs = runs
            self.endResetModel()
            return
        changed = [row for row, (one, other) in enumerate(zip(runs, self.runs, strict=True)) if one != other]
        self.runs = runs
        for row in changed:
            self.touch(row, row)

    def values(self, row: int) -> tuple[str, ...]:
        """A row as it is written."""
        run = self.runs[row]
        share = "" if run.share != run.share else f"{100 * run.share:.0f}{NB}%"
        if run.evaluations and run.state not in ("running", "paused"):
            share = grouped(run.evaluations)
        best = "" if run.best is None else score(run.best, run.unit, 2)
        return run.path.stem, run.state, share, f"{best} (shared)" if best and run.shared else best, run.note

    def size(self) -> tuple[int, int]:
        return len(self.runs), len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return beside(section in RIGHT)
        if role == Qt.ItemDataRole.ToolTipRole and section == 2:
            return "How much of a search that runs is done, and the candidates that an ended one has scored"
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.values(index.row())[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return beside(index.column() in RIGHT)
        if role == Qt.ItemDataRole.ToolTipRole:
            run = self.runs[index.row()]
            whose = "Best: the shared network's, of which the derived cell is a part" if run.shared else ""
            return "\n".join(filter(None, (str(run.path), whose, run.note)))
        if role == Qt.ItemDataRole.ForegroundRole:
            state = self.runs[index.row()].state
            name = _COLOURS.get(state, "good") if index.column() == 1 else "muted" if state == "waiting" else "text"
            return QColor(getattr(self.theme, name))
        return None
