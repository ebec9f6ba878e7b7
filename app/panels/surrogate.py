"""What a surrogate expected of candidates against what they scored, and how well it ranked them."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.panels.candidate_text import score_name, score_text
from app.panels.points import PointsPanel, best_of, chosen
from app.panels.split_view import SplitView, small
from app.plots.curve_chart import CurveChart
from app.plots.curve_plot import Curve
from app.plots.plot import padded
from app.plots.scatter import IdentityPlot, PointClass
from app.widgets.layouts import stacked
from app.widgets.panel import Data
from engine.session import View
from engine.session.queries.best import succeeded
from engine.session.queries.rank_correlation import LEAST, spearman
from engine.words import NB, grouped, signed

LATELY = 30
"""So many of the last ones show how well the surrogate ranks now."""
PLACES = 240
"""About so many rank correlations make a curve; to compute one of n pairs takes n log n."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Candidates that were predicted and then scored, in the order of their scores' arrival. The spread of an ensemble
    is NaN where there is none."""

    candidate: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    spread: np.ndarray

    def __len__(self) -> int:
        return len(self.candidate)


def judged(view: View) -> Judged:
    """What a view knows. Of several predictions of a candidate the last one counts."""
    predictions, scores = view.rows("predictions"), view.rows("scores")
    row = np.full(len(view.rows("candidates")), -1, np.int64)
    row[predictions["candidate"]] = np.arange(len(predictions))  # the last one stays
    good = scores[succeeded(scores)]
    who, score = good["candidate"], good["score"]
    told = row[who] >= 0
    who, score = who[told], score[told]
    chosen = predictions[row[who]]
    return Judged(who.astype(np.int64), chosen["value"], score, chosen["spread"])


def correlations(found: Judged, window: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Spearman's rank correlation after each judgement (of many only some, always the last): of how many it is, and its
    value. With a `window`, of the last so many only. Where all ranks are equal there is none."""
    count = len(found)
    step = max(1, count // PLACES)
    places = np.unique(np.append(np.arange(LEAST, count + 1, step), count)) if count >= LEAST else np.empty(0, np.int64)
    values = []
    for place in places.tolist():
        start = 0 if window is None else max(0, place - window)
        values.append(spearman(found.expected[start:place], found.score[start:place]))
    value = np.array(values, float)
    known = ~np.isnan(value)
    return places[known], value[known]


CLASSES = (
    PointClass("earlier", "disc", 5, "muted", 0.6),
    PointClass("lately", "disc", 6, "accent"),
    PointClass("best", "ring", 13, "warning"),
    PointClass("selected", "ring", 17, "text"),
)
ALL, LAST = "all so far", f"last {LATELY}"
HALF, EVERY, RANKING = "better half", "all", "ranking"
TIPS = {
    HALF: "Room for the better half of the scores, which is where order matters; the others are out of sight",
    RANKING: "The rank correlation over time",
    EVERY: "Room for every candidate that was predicted and scored",
}
CALLED = ("pnas", "nao")


class Surrogate(PointsPanel):
    """Predicted and true scores of the candidates that were predicted; beside them the rank correlation over time."""

    name = "surrogate"
    title = "Surrogate"
    dock = ("learnt", 4)
    order = 13
    shortcut = "Ctrl+Alt+4"
    about = (
        "A surrogate predicts scores, so that only candidates of which it expects much are evaluated; points on the "
        "line got what was expected. The search only needs their order: Spearman's rank correlation is 1 for the true "
        "one, 0 for chance. Look whether it rises as the surrogate learns; among the good alone, which it chooses "
        f"later, order is harder to tell, so that of the last {LATELY} may fall "
        "(Liu et al. 2018, PNAS, section 5.1; Luo et al. 2018, NAO)."
    )
    reads = ("predictions", "candidates", "scores", "deaths", "measures", "series")

    def __init__(self, parent: QWidget | None = None) -> None:
        self.identity = IdentityPlot(CLASSES)
        super().__init__(self.identity, parent)
        self._judged: Judged | None = None
        self._which = self.add_choice((HALF, EVERY), TIPS, self.plot)
        self.chart = CurveChart()
        self.chart.name_axes("count", "scored")
        self._sides = SplitView(stacked(self.quantity, self.plot, grows=self.plot), self.chart)
        self.column.insertWidget(0, self._sides, 1)
        self.themed.append(self.chart)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "What a surrogate expected of candidates will appear here against what they scored."
        if not len(view.rows("predictions")):
            if view.source.header.method not in CALLED:
                return "This method has no surrogate that predicts scores; PNAS and NAO have one."
            return (
                "Nothing has been predicted yet: the surrogate first learns from candidates that are drawn at random."
            )
        if not len(judged(view)):
            return "The first candidates of which scores were predicted are being evaluated."
        return ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def _arrange(self) -> None:
        """Both plots where there is room, else the chosen one."""
        one = small(self)
        self._which.offer((HALF, EVERY, RANKING) if one else (HALF, EVERY))
        ranking = self._which.value == RANKING
        self._sides.show_parts(not ranking, ranking or not one)

    def draw(self, view: View, selection: int | None) -> None:
        self._arrange()
        self._judged = found = judged(view)
        expected, score = np.full((2, len(self.state(view))), np.nan)
        expected[found.candidate], score[found.candidate] = found.expected, found.score
        late = np.zeros(len(score), bool)
        late[found.candidate[-LATELY:]] = True
        known = ~np.isnan(score)
        for name, numbers in (
            ("earlier", np.flatnonzero(known & ~late)),
            ("lately", np.flatnonzero(known & late)),
            ("best", best_of(view, known)),
            ("selected", chosen(selection, known)),
        ):
            self.plot.place(name, numbers, expected[numbers], score[numbers])
        whole = judged(view.source.view())
        self._frame(whole)
        self._draw_course(found, whole)
        self.describe()
        self.quantity.setText(f"true {score_name(view)}")

    def _frame(self, whole: Judged) -> None:
        """Room for what the whole session has, the same at every moment of a replay, and the line through it."""
        least = float(np.median(whole.score)) if self._which.value != EVERY else -np.inf
        expected, score = whole.expected[whole.score >= least], whole.score[whole.score >= least]
        left, right = padded(float(expected.min()), float(expected.max()), 0.1)
        low, high = padded(float(score.min()), float(score.max()), 0.1)
        self.plot.name_axes("number", "predicted", "number")
        self.plot.frame(left, right, low, high)
        start, end = max(left, low), min(right, high)
        self.identity.draw_line(start, end, "as predicted")

    def _draw_course(self, found: Judged, whole: Judged) -> None:
        colours = (self.theme.muted, self.theme.accent)
        curves = []
        for name, window, colour in ((ALL, None, colours[0]), (LAST, LATELY, colours[1])):
            numbers, values = correlations(found, window)
            if len(numbers):
                curves.append(Curve(name, name, colour, numbers.astype(float), values))
        self.chart.show_curves("rank correlation", curves, extent=(0.0, float(len(whole))), smoothing="off")

    def data(self) -> Data:
        found = self._judged
        if self.shown_sentence or found is None:
            return [], []
        curves = self.chart.plot.shown()
        at = {curve.name: dict(zip(curve.x.tolist(), curve.y.tolist(), strict=True)) for curve in curves}
        where = {}
        for name in ("earlier", "lately"):
            for who, x, y in zip(*(part.tolist() for part in self.plot.shown(name)), strict=True):
                where[who] = (x, y)
        rows = []
        for number, (who, spread) in enumerate(zip(found.candidate.tolist(), found.spread.tolist(), strict=True), 1):
            told = [at.get(name, {}).get(float(number), "") for name in (ALL, LAST)]
            rows.append((who, *where[who], "" if spread != spread else spread, *told))
        return ["candidate", "predicted", "score", "spread", f"correlation, {ALL}", f"correlation, {LAST}"], rows

    def summary(self) -> str:
        found = self._judged
        if found is None:
            return ""
        words = f"{grouped(len(found))} predicted and scored"
        told = {curve.name: _share(curve.y[-1]) for curve in self.chart.curves}
        if ALL in told:
            words += f" · rank correlation {told[ALL]}"
        if LAST in told and len(found) > LATELY:
            words += f", of the last {LATELY} {told[LAST]}"
        return words

    def more(self, number: int) -> str:
        found, view = self._judged, self.view
        if found is None or view is None or number not in found.candidate:
            return ""
        place = int(np.flatnonzero(found.candidate == number)[-1])
        spread = float(found.spread[place])
        give = f"{NB}±{NB}{spread:.1f}" if spread == spread else ""
        return f"predicted {score_text(view, float(found.expected[place]))}{give}"


def _share(value: float) -> str:
    return signed(f"{value:.2f}")
