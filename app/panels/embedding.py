"""The learnt space of NAO: candidates coloured by score, and where steps along its gradient led."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.panels.candidate_label import DescribedPanel
from app.panels.candidate_text import score_name, score_text
from app.panels.points import LEFT_OUT, FilterNote
from app.plots.plot import padded
from app.plots.scatter import GroundScale, PathsPlot, PointClass
from app.widgets.labels import ElidedLabel
from app.widgets.layouts import packed
from app.widgets.panel import Data, Services
from engine.session import View
from engine.session.queries.best import best, succeeded
from engine.session.queries.candidate_filter import CandidateFilter
from engine.session.queries.series import population
from engine.words import grouped


@dataclass(frozen=True, eq=False)
class Round:
    """Rows of the table `embedding` in arrays. A path's `before` is the row that its step was made from, or -1 where
    that is not known."""

    number: int  # counted from 1; 0: there is none
    points: np.ndarray  # rows of candidates
    steps: np.ndarray  # rows of steps, in the order of their paths
    before: np.ndarray  # for each step


def rounds(rows: np.ndarray) -> np.ndarray:
    """The row at which each round begins: a round first notes where candidates lie, then where steps led."""
    own = rows["start"] < 0
    new = own[1:] & ~own[:-1]
    return np.flatnonzero(np.concatenate([[True], new])[: len(rows)])


def last_round(view: View) -> Round:
    """The last round of a view."""
    rows = view.rows("embedding")
    starts = rounds(rows)
    first = int(starts[-1]) if len(starts) else 0
    here = np.arange(first, len(rows))
    own = rows["start"][here] < 0
    points, steps = here[own], here[~own]
    steps = steps[np.lexsort((rows["step"][steps], rows["start"][steps]))]
    at = {int(candidate): int(row) for candidate, row in zip(rows["candidate"][points], points, strict=True)}
    before, last = np.full(len(steps), -1, np.int64), (-1, -1)  # the path, and its row, that were come from
    for place, row in enumerate(steps.tolist()):
        start = int(rows["start"][row])
        before[place] = last[1] if last[0] == start else at.get(start, -1)
        last = (start, row)
    return Round(len(starts), points, steps, before)


BELOW = (
    LEFT_OUT,
    PointClass("step", "ring", 6, "muted", 0.8),
)
ABOVE = (
    PointClass("best", "ring", 14, "warning"),
    PointClass("shown", "ring", 12, "accent"),
    PointClass("selected", "ring", 17, "text"),
)
WORST = 0.1
"""So large a share of the scores, the worst, have the lowest colour: they would take all others for equal."""


class Embedding(DescribedPanel):
    """A plane of the space: discs are candidates, rings are where steps led; a click shows either on the canvas."""

    name = "embedding"
    title = "Embedding"
    dock = ("learnt", 3)
    order = 14
    shortcut = "Ctrl+Alt+5"
    about = (
        "NAO learns a space in which every architecture is a point, with a predictor of scores, goes uphill from the "
        "best candidates and reads the points it comes to (rings) back as architectures; a click on a ring shows its. "
        "Shown is the last round, in the plane in which the first one's points spread most. "
        "Look whether good scores lie together: only then does a gradient lead anywhere "
        "(Luo et al. 2018, NAO)."
    )
    reads = ("embedding", "candidates", "scores", "deaths", "measures", "series")

    point_requested = Signal(object)
    """The row in `embedding` of a point whose architecture a person wants to see, or None for no point any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._round: Round | None = None
        self._followed: object = None
        self._step: int | None = None  # the row of the step whose architecture is shown on the canvas
        self.plot, self.scale = PathsPlot(BELOW, ABOVE), GroundScale()
        self.themed += (self.plot, self.scale)
        self.plot.left.silent = self.plot.bottom.silent = True
        self.plot.left.setWidth(12)
        self.plot.picked.connect(self._pick)
        self.plot.hovered.connect(self._hover)
        self.quantity = ElidedLabel(role="small")
        strip = QHBoxLayout()
        strip.setContentsMargins(10, 6, 4, 0)
        strip.addWidget(self.quantity, 1)
        self.narrowed = FilterNote(self)
        strip.addWidget(self.narrowed)
        strip.addWidget(self.scale)
        packed(QVBoxLayout(self.body), strip, self.plot, self.line, grows=self.plot)
        # What a click does, for the keyboard.
        self.add_to_menu(("Select the best", self._select_best), ("Show where its gradient led", self._show_step))
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "The learnt space of NAO will appear here: its candidates, and where its gradient leads."
        if not len(view.rows("embedding")):
            if view.source.header.method != "nao":
                return "This method learns no space of architectures; NAO does."
            return "Random architectures are scored first; then the space is learnt from them."
        return ""

    def show_view(self, view: View | None, selection: int | None, wanted: CandidateFilter | None = None) -> None:
        source = view.source if view is not None else None
        if selection is not None or source is not self._followed:
            self._step = None
        if source is not self._followed:
            self._followed, self.plot.zoomed = source, False
        super().show_view(view, selection, wanted)

    def draw(self, view: View, selection: int | None) -> None:
        self._round = found = last_round(view)
        rows, points, steps = view.rows("embedding"), found.points, found.steps
        x, y, who = rows["x"], rows["y"], rows["candidate"][points]
        score = population(view).score
        low, high = _levels(view.source.view())
        share = (score[who] - low) / ((high - low) or 1.0)
        kept = self.narrowed.kept(view)[who]
        self.plot.place_levels(points[kept], x[points[kept]], y[points[kept]], np.nan_to_num(share[kept]))
        found_best = best(view)
        shown = steps[steps == self._step] if self._step is not None else steps[:0]
        for name, numbers in (
            ("left out", points[~kept]),
            ("step", steps),
            ("best", points[kept & (who == (-1 if found_best is None else found_best.candidate))]),
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
        self._describe(None)

    def _draw_paths(self, rows: np.ndarray, found: Round, selection: int | None) -> None:
        known = found.before >= 0
        ends = np.column_stack([rows[name][part[known]] for part in (found.before, found.steps) for name in ("x", "y")])
        start = rows["start"][found.steps[known]]
        whose = selection if self._step is None else int(rows["start"][self._step])
        self.plot.draw_paths(ends, start == (-2 if whose is None else whose))

    def attach(self, services: Services) -> None:
        self.point_requested.connect(services.show_point)
        services.point_left.connect(self.leave_point)

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

    def leave_point(self) -> None:
        """The canvas does not show a point of the embedding any more."""
        if self._step is not None:
            self._step = None
            self.redraw()

    # -- within

    def _describe(self, row: int | None) -> None:
        """The point at this row, else the selected one, else the step that is shown, else how things stand."""
        view, found = self.view, self._round
        if view is None or found is None or self.shown_sentence:
            return
        rows = view.rows("embedding")
        if row is None and self.selection is not None:
            mine = found.points[rows["candidate"][found.points] == self.selection]
            if not len(mine):
                self.line.show_candidate(view, self.selection, "not in this round")
                return
            row = int(mine[-1])
        row = self._step if row is None else row
        if row is None:
            self.line.show_text(
                f"round {grouped(found.number)} · {grouped(len(found.points))} candidates learnt from · "
                f"{grouped(len(found.steps))} points where steps led"
            )
            return
        one = rows[row]
        expected = (
            f"predicted {score_text(view, float(one['predicted']))}" if one["predicted"] == one["predicted"] else ""
        )
        if one["candidate"] >= 0:
            self.line.show_candidate(view, int(one["candidate"]), expected)
        else:
            words = (f"step {int(one['step'])} from #{int(one['start'])}", expected)
            self.line.show_text(" · ".join(filter(None, words)))

    def _hover(self, point: QPointF | None) -> None:
        self._describe(None if point is None else self.plot.nearest(point))

    def _pick(self, row: int | None) -> None:
        view = self.view
        if row is None or view is None:
            self.selected.emit(None)
            self.point_requested.emit(None)
            return
        one = view.rows("embedding")[row]
        if one["candidate"] >= 0:
            self._step = None
            self.selected.emit(int(one["candidate"]))
            return
        self._step, self.selection = row, None
        self.point_requested.emit(row)
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


def _levels(view: View) -> tuple[float, float]:
    """The scores of the lowest and of the highest colour, the same at every moment of a replay."""
    rows = view.rows("scores")
    scores = rows["score"][succeeded(rows)]
    return (float(np.quantile(scores, WORST)), float(scores.max())) if len(scores) else (0.0, 1.0)
