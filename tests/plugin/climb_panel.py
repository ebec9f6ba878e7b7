"""A plug-in's panel: every candidate that was better than all before it."""

from typing import ClassVar

import numpy as np
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.widgets.panel import Data, Panel
from engine.session import View


class Climb(Panel):
    """One line for each step up."""

    name = "climb"
    title = "Climb"
    dock = ("learnt", 10)
    shortcut = "Ctrl+Alt+Shift+H"
    about: ClassVar[str] = "Every candidate that was better than all before it."
    reads: ClassVar[tuple[str, ...]] = ("scores",)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = QLabel(self.body)
        column = QVBoxLayout(self.body)
        column.addWidget(self.lines)

    def empty(self, view: View | None) -> str:
        return "" if view is not None and len(view.rows("scores")) else "Steps up appear here."

    def draw(self, view: View, selection: int | None) -> None:
        scores = view.rows("scores")
        values = np.nan_to_num(scores["score"], nan=-np.inf)
        up = values > np.maximum.accumulate(np.concatenate([[-np.inf], values[:-1]]))
        self.lines.setText("\n".join(f"#{row['candidate']} {row['score']:.6g}" for row in scores[np.flatnonzero(up)]))

    def data(self) -> Data:
        shown = [] if self.shown_sentence else self.lines.text().splitlines()
        return ["candidate", "score"], [tuple(line.split()) for line in shown]
