"""What a controller has learnt: how sure it is of each decision, what it would choose, and what reward that brings."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.panels.candidate_label import DescribedPanel
from app.panels.split_view import SplitView, small
from app.plots.curve_chart import CurveChart
from app.plots.curve_plot import Curve
from app.plots.heatmap import ColourScale
from app.plots.stripes import Stripes
from app.widgets.labels import label
from app.widgets.layouts import packed, stacked
from app.widgets.panel import Data
from engine.session import View
from engine.session.queries.series import Curve as Values
from engine.session.queries.series import SeriesFold
from engine.words import NB, count, grouped, number


@dataclass(frozen=True, eq=False)
class PolicyHistory:
    """Entropies (nats) after each update: decisions x updates. What was not noted at an update is NaN, and row -1."""

    decisions: np.ndarray  # their numbers, rising
    steps: np.ndarray  # of the updates, in the order of time
    starts: np.ndarray  # the first row of each update
    entropy: np.ndarray
    row: np.ndarray  # of the table, from which text is read

    def until(self, rows: int) -> "PolicyHistory":
        """How it stood when the table had so many rows."""
        updates = int(np.searchsorted(self.starts, rows))
        row = np.where(self.row[:, :updates] < rows, self.row[:, :updates], -1)
        born = (row >= 0).any(axis=1)
        entropy = np.where(row >= 0, self.entropy[:, :updates], np.nan)
        return PolicyHistory(
            self.decisions[born], self.steps[:updates], self.starts[:updates], entropy[born], row[born]
        )


def policy_history(view: View) -> PolicyHistory:
    """All updates of a view: runs of rows of one step, whose decisions rise."""
    rows = view.rows("policy")
    numbers = rows["decision"].astype(np.int64)
    new = (np.diff(rows["step"]) != 0) | (np.diff(numbers) <= 0)
    starts = np.flatnonzero(np.concatenate([[True], new])[: len(rows)])
    update = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    decisions, place = np.unique(numbers, return_inverse=True)
    shape = (len(decisions), len(starts))
    entropy, row = np.full(shape, np.nan), np.full(shape, -1, np.int64)
    entropy[place, update] = rows["entropy"]
    row[place, update] = np.arange(len(rows))
    return PolicyHistory(decisions, rows["step"][starts], starts, entropy, row)


DECISIONS, REWARD, ENTROPY = "decisions", "reward", "entropy"
SETTLED = 0.9
"""From this probability of its top choice on a decision counts as settled."""
SERIES = {REWARD: ("reward", "baseline"), ENTROPY: ("entropy",)}
TIPS = {
    DECISIONS: "How sure it is of every decision, and what it would choose",
    REWARD: "Mean reward of each update, and the baseline that it is compared with",
    ENTROPY: "Entropy of the whole policy: how much is still open",
}


class Controller(DescribedPanel):
    """Decisions as rows over updates, coloured by entropy, each with its top choice; beside them reward or entropy."""

    name = "controller"
    title = "Controller"
    dock = ("learnt", 2)
    order = 12
    shortcut = "Ctrl+Alt+3"
    about = (
        "A controller draws architectures decision by decision, and is moved towards those with more reward than the "
        "baseline. Every row is a decision: bright while all choices are still open, dark once one is nearly certain; "
        "at the right stands what it would choose now, settled from 90 % on. Look whether the reward keeps above the "
        "baseline, which decisions are settled first, and whether all turn dark before the reward has risen: then it "
        "has stopped to explore too early (Zoph and Le 2017; Williams 1992, REINFORCE)."
    )
    reads = ("policy", "scalars", "series")
    cadence = "slow"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold: SeriesFold | None = None
        self._known: tuple[object, PolicyHistory | None] = ((), None)
        self._found: PolicyHistory | None = None  # at the moment shown
        self.stripes, self.scale, self.chart = Stripes(), ColourScale(), CurveChart()
        self.chart.name_axes("count", "candidates")
        self._which = self.add_choice((REWARD, ENTROPY), TIPS, self.chart.plot)
        self.themed += (self.stripes, self.scale, self.chart)
        self.stripes.setAccessibleName("Entropy of every decision over the updates")
        self.stripes.pointed.connect(lambda cell: self._describe())
        self._sides = SplitView(self._map(), self.chart, (3, 2))
        packed(QVBoxLayout(self.body), self._sides, self.line, grows=self._sides)
        self.set_theme(self.theme)

    def _map(self) -> QWidget:
        """The stripes under their name and scale; they scroll where there are more than fit."""
        strip = QHBoxLayout()
        strip.setContentsMargins(10, 6, 4, 2)
        strip.addWidget(label("entropy, nats", "small"))
        strip.addStretch(1)
        strip.addWidget(self.scale)
        scroll = QScrollArea()
        scroll.setWidget(self.stripes)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QVBoxLayout()
        inner.setContentsMargins(10, 0, 8, 6)
        inner.addWidget(scroll)
        return stacked(strip, inner, grows=inner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def _arrange(self, noted: bool) -> None:
        """Decisions and a curve where there is room, else what is chosen; without decisions, curves alone."""
        one = small(self) and noted
        if one != (DECISIONS in self._which.names):
            self._which.offer((DECISIONS, REWARD, ENTROPY) if one else (REWARD, ENTROPY))
            self._which.choose(self._which.names[0])
        decisions = self._which.value == DECISIONS
        self._sides.show_parts(noted and (decisions or not one), not decisions)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "What a controller has learnt will appear here: how sure it is of each of its decisions."
        if len(view.rows("policy")) or any(len(self._curve(view, name)) for name in SERIES[REWARD]):
            return ""
        if view.source.header.method not in ("nas-rl", "nasnet", "enas"):
            return "This method has no controller; NAS-RL, NASNet and ENAS have one."
        return "The controller has not learnt from a reward yet."

    def draw(self, view: View, selection: int | None) -> None:
        self._arrange(len(view.rows("policy")) > 0)
        self._draw_map(view)
        self._draw_curves(view)
        self._describe()

    def _at(self, view: View) -> PolicyHistory:
        """How it stood after every update of the whole session; made once for each."""
        whole = view.source.view()
        stamp = whole.stamp("policy")
        known = self._known[1]
        if known is None or self._known[0] != stamp:
            known = policy_history(whole)
            self._known = (stamp, known)
        return known

    def _draw_map(self, view: View) -> None:
        whole, rows = self._at(view), view.rows("policy")
        self._found = found = whole.until(len(rows))
        if not len(found.steps):
            return
        values = np.full((len(found.decisions), len(whole.steps)), np.nan)  # what is still to come keeps its room
        values[:, : len(found.steps)] = found.entropy
        names, words = [], []
        for decision, row in zip(found.decisions.tolist(), found.row[:, -1].tolist(), strict=True):
            names.append(view.text(rows[row]["label"]) if row >= 0 else f"decision {decision + 1}")
            words.append(_choice(view, rows[row]) if row >= 0 else "–")
        high = float(np.nanmax(whole.entropy))
        self.scale.set_levels((0.0, high))
        self.stripes.show_values(values, names, words, high)

    def _draw_curves(self, view: View) -> None:
        whole, which = view.source.view(), self._which.value
        if which == DECISIONS:
            return
        colours = (self.theme.accent, self.theme.warning)
        curves: list[Curve] = []
        ends: list[int] = []
        for name, colour in zip(SERIES[which], colours, strict=False):
            curve = self._curve(view, name)
            curves.append(Curve(name, name, colour, curve.step.astype(float), curve.value))
            ends += self._curve(whole, name).step[[0, -1]].tolist() if len(curve) else []
        quantity = "per update" if which == REWARD else "policy, nats"
        self.chart.show_curves(quantity, curves, extent=(float(min(ends)), float(max(ends))) if ends else None)

    def _curve(self, view: View, name: str) -> Values:
        """A series of the search, by name."""
        if self._fold is None or self._fold.source is not view.source:
            self._fold = SeriesFold(view.source)
            self.chart.plot.forget()
        return self._fold.named(view, name)

    def data(self) -> Data:
        view = self.view
        if self.shown_sentence or view is None:
            return [], []
        rows = view.rows("policy")
        data: list[tuple[object, ...]] = []
        for one in rows:
            told = (float(one["entropy"]), view.text(one["choice"]), float(one["probability"]))
            data.append((int(one["step"]), int(one["decision"]), view.text(one["label"]), *told, "", ""))
        for curve in () if self._which.value == DECISIONS else self.chart.plot.shown():
            data += [
                (int(x), "", "", "", "", "", curve.name, y)
                for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True)
            ]
        return ["step", "decision", "label", "entropy", "choice", "probability", "series", "value"], data

    def _describe(self) -> None:
        """The cell that is pointed at, else how much is settled."""
        view, found, cell = self.view, self._found, self.stripes.under
        if view is None or found is None or not len(found.steps):
            self.line.show_text("")
            return
        rows = view.rows("policy")
        row = -1
        if cell is not None and cell[1] < len(found.steps):
            row = int(found.row[cell])
        if row >= 0:
            one = rows[row]
            self.line.show_text(
                f"{view.text(one['label'])} · after {grouped(int(one['step']))} candidates: "
                f"{_choice(view, one)} · entropy {number(float(one['entropy']))}{NB}nats"
            )
            return
        last = found.row[:, -1]
        now = rows[last[last >= 0]]
        sure = int((now["probability"] > SETTLED).sum())
        self.line.show_text(
            f"{count(len(found.steps), 'update')} · {sure} of {count(len(now), 'decision')} settled · "
            f"mean entropy {number(float(now['entropy'].mean()))}{NB}nats"
        )


def _choice(view: View, row: np.void) -> str:
    """43 % nor conv 3×3"""
    return f"{100 * float(row['probability']):.0f}{NB}% {view.text(row['choice'])}"
