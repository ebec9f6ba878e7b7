"""The learnt space of NAO: candidates coloured by score, and where steps along its gradient led."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.embedding_state import Round, last_round
from app.panels.panel import Data, Panel
from app.panels.saying import Saying
from app.panels.words import score_name, score_text
from app.plots.numbers import grouped
from app.plots.paths import GroundScale, PathsPlot
from app.plots.plot import padded
from app.plots.scatter import PointClass
from app.theme import Theme
from engine.session.folds import population

if TYPE_CHECKING:
    from engine.session import View

BELOW = (PointClass("step", "ring", 6, "muted", 0.8),)
ABOVE = (
    PointClass("best", "ring", 14, "warning"),
    PointClass("shown", "ring", 12, "accent"),
    PointClass("selected", "ring", 17, "text"),
)
WORST = 0.1
"""So large a share of the scores, the worst, have the lowest colour: they would take all others for equal."""


class Embedding(Panel):
    """A plane of the space: discs are candidates, rings are where steps led; a click shows either on the canvas."""

    title = "Embedding"
    about = (
        "NAO learns a space in which every architecture is a point, with a predictor of scores, goes uphill from the "
        "best candidates and reads the points it comes to (rings) back as architectures; a click on a ring shows its. "
        "Shown is the last round, in the plane in which the first one's points spread most. "
        "Look whether good scores lie together: only then does a gradient lead anywhere "
        "(Luo et al. 2018, NAO)."
    )
    reads = ("embedding", "candidates", "scores", "deaths", "measures", "series")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._round: Round | None = None
        self._followed: object = None
        self._step: int | None = None  # the row of the step whose architecture is shown on the canvas
        self.plot, self.scale, self.line = PathsPlot(BELOW, ABOVE), GroundScale(), Saying()
        self.plot.left.silent = self.plot.bottom.silent = True
        self.plot.left.setWidth(12)
        self.plot.picked.connect(self._pick)
        self.plot.hovered.connect(self._hover)
        self.quantity = QLabel()
        self.quantity.setProperty("role", "small")
        strip = QHBoxLayout()
        strip.setContentsMargins(10, 6, 4, 0)
        strip.addWidget(self.quantity)
        strip.addStretch(1)
        strip.addWidget(self.scale)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(strip)
        column.addWidget(self.plot, 1)
        column.addWidget(self.line)
        self._fill_menu()
        self.set_theme(self.theme)

    def _fill_menu(self) -> None:
        """What a click does, for the keyboard."""
        first = self.menu.actions()[0]
        for text, act in (("Select the best", self._select_best), ("Show where its gradient led", self._show_step)):
            self.menu.insertAction(first, action := self.menu.addAction(text))
            action.triggered.connect(lambda checked=False, act=act: act())
        self.menu.insertSeparator(first)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.line.theme = theme
        for part in (self.plot, self.scale):
            part.set_theme(theme)
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.line.fit(self.height())

    def empty(self, view: "View | None") -> str:
        if view is None:
            return "The learnt space of NAO will appear here: its candidates, and where its gradient leads."
        if not len(view.rows("embedding")):
            if view.source.header.method != "nao":
                return "This method learns no space of architectures; NAO does."
            return "Random architectures are scored first; then the space is learnt from them."
        return ""

    def look(self, view: "View | None", selection: int | None) -> None:
        source = view.source if view is not None else None
        if selection is not None or source is not self._followed:
            self._step = None
        if source is not self._followed:
            self._followed, self.plot.zoomed = source, False
        super().look(view, selection)

    def draw(self, view: "View", selection: int | None) -> None:
        self._round = found = last_round(view)
        rows, points, steps = view.rows("embedding"), found.points, found.steps
        x, y, who = rows["x"], rows["y"], rows["candidate"][points]
        score = population(view).score
        low, high = _levels(view.source.view())
        share = (score[who] - low) / ((high - low) or 1.0)
        self.plot.place_levels(points, x[points], y[points], np.nan_to_num(share))
        best = points[[int(np.nanargmax(score[who]))]] if (~np.isnan(score[who])).any() else points[:0]
        shown = steps[steps == self._step] if self._step is not None else steps[:0]
        for name, numbers in (
            ("step", steps),
            ("best", best),
            ("shown", shown),
            ("selected", points[who == (-1 if selection is None else selection)]),
        ):
            self.plot.place(name, numbers, x[numbers], y[numbers])
        self._draw_paths(rows, found, selection)
        self.scale.set_levels((round(low, 1), round(high, 1)))
        whole = view.source.view().rows("embedding")
        room = [padded(float(whole[name].min()), float(whole[name].max())) for name in ("x", "y")]
        self.plot.name_axes("number", "plane of most spread", "number")
        self.plot.frame(*room[0], *room[1])
        self.quantity.setText(f"true {score_name(view)}")
        self._say(None)

    def _draw_paths(self, rows: np.ndarray, found: Round, selection: int | None) -> None:
        known = found.before >= 0
        ends = np.column_stack([rows[name][part[known]] for part in (found.before, found.steps) for name in ("x", "y")])
        start = rows["start"][found.steps[known]]
        whose = selection if self._step is None else int(rows["start"][self._step])
        self.plot.draw_paths(ends, start == (-2 if whose is None else whose))

    def data(self) -> Data:
        found, view = self._round, self.view
        if self.shown_sentence or found is None or view is None:
            return [], []
        rows, score, data = view.rows("embedding"), population(view).score, []
        coloured, stepped = self.plot.coloured, set(self.plot.shown("step")[0].tolist())
        for number in sorted({*coloured, *stepped}):
            row = rows[number]
            candidate, start = int(row["candidate"]), int(row["start"])
            told = float(score[candidate]) if candidate >= 0 and score[candidate] == score[candidate] else ""
            who = (candidate, "", "") if candidate >= 0 else ("", start, int(row["step"]))
            predicted = float(row["predicted"])
            data.append(
                (
                    found.number,
                    *who,
                    float(row["x"]),
                    float(row["y"]),
                    "" if predicted != predicted else predicted,
                    told,
                )
            )
        return ["round", "candidate", "start", "step", "x", "y", "predicted", "score"], data

    @property
    def said(self) -> str:
        """What the line below the plot says."""
        return self.line.said

    def leave_point(self) -> None:
        if self._step is not None:
            self._step = None
            self.redraw()

    # -- within

    def _say(self, row: int | None) -> None:
        """The point at this row, else the selected one, else the step that is shown, else how things stand."""
        view, found = self.view, self._round
        if view is None or found is None or self.shown_sentence:
            return
        rows = view.rows("embedding")
        if row is None and self.selection is not None:
            mine = found.points[rows["candidate"][found.points] == self.selection]
            if not len(mine):
                self.line.say_candidate(view, self.selection, "not in this round")
                return
            row = int(mine[-1])
        row = self._step if row is None else row
        if row is None:
            self.line.say(
                f"round {grouped(found.number)} · {grouped(len(found.points))} candidates learnt from · "
                f"{grouped(len(found.steps))} points where steps led"
            )
            return
        one = rows[row]
        expected = (
            f"predicted {score_text(view, float(one['predicted']))}" if one["predicted"] == one["predicted"] else ""
        )
        if one["candidate"] >= 0:
            self.line.say_candidate(view, int(one["candidate"]), expected)
        else:
            words = (f"step {int(one['step'])} from #{int(one['start'])}", expected)
            self.line.say(" · ".join(filter(None, words)))

    def _hover(self, point: QPointF | None) -> None:
        self._say(None if point is None else self.plot.nearest(point))

    def _pick(self, row: int | None) -> None:
        view = self.view
        if row is None or view is None:
            self.selected.emit(None)
            self.point_wanted.emit(None)
            return
        one = view.rows("embedding")[row]
        if one["candidate"] >= 0:
            self._step = None
            self.selected.emit(int(one["candidate"]))
            return
        self._step, self.selection = row, None
        self.point_wanted.emit(row)
        self.redraw()

    def _select_best(self) -> None:
        for row in self.plot.shown("best")[0].tolist():
            self._pick(row)

    def _show_step(self) -> None:
        """Show where the gradient led from the selected candidate, or on from the step shown."""
        found, view = self._round, self.view
        if found is None or view is None:
            return
        before = self._step
        if before is None:
            rows = view.rows("embedding")
            mine = found.points[rows["candidate"][found.points] == (-1 if self.selection is None else self.selection)]
            before = int(mine[-1]) if len(mine) else None
        for row in found.steps[found.before == before].tolist() if before is not None else []:
            self._pick(row)


def _levels(view: "View") -> tuple[float, float]:
    """The scores of the lowest and of the highest colour, the same at every moment of a replay."""
    scores = view.rows("scores")["score"]
    scores = scores[~np.isnan(scores)]
    return (float(np.quantile(scores, WORST)), float(scores.max())) if len(scores) else (0.0, 1.0)
