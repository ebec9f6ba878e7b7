"""Whether a one-shot search is collapsing: in words, in curves, and with the way back to when it was not."""

from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.panels.operation_history import derived
from app.plots.curve_chart import CurveChart
from app.plots.curve_plot import Curve, Kind, Upright
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel, Services
from engine.run import collapse as health
from engine.session import View
from engine.session.queries.series import SeriesFold
from engine.session.schema import LEVELS
from engine.space import notations
from engine.space.architecture import Architecture
from engine.words import NB, grouped, number

Level = Literal["good", "warning", "muted"]


class Alarm(NamedTuple):
    """The last alarm: when it was raised, and the step and moment at which the search was last healthy (step -1 and NaN
    where it never was). Steps count from 0."""

    step: int
    healthy: int
    at: float
    text: str


def last_alarm(view: View) -> Alarm | None:
    """The last alarm before the view's moment."""
    rows = view.rows("alarms")
    if not len(rows):
        return None
    row = rows[-1]
    return Alarm(int(row["step"]), int(row["healthy"]), float(row["at"]), view.text(row["text"]))


def not_learning(view: View) -> str:
    """What the log has last warned of, beside alarms (engine.run.learning), in a sentence; "" where nothing is wrong or
    the log has said since that it is over."""
    rows = view.rows("log")
    alarms = {view.text(text) for text in view.rows("alarms")["text"]}
    for row in rows[np.isin(rows["level"], [LEVELS.index("warning"), LEVELS.index("good")])][::-1]:
        if (text := view.text(row["text"])) not in alarms:
            return f"{_capital(text)}." if row["level"] == LEVELS.index("warning") else ""
    return ""


def state(view: View, measured: SeriesFold) -> tuple[Level, str]:
    """What is to be said of the view's moment, and how grave it is: whether the search learns, and whether it collapses
    by the rules of engine.run.collapse."""
    trouble, (level, words) = not_learning(view), _collapse(view, measured)
    return ("warning" if trouble else level), " ".join(filter(None, (trouble, words)))


def _collapse(view: View, measured: SeriesFold) -> tuple[Level, str]:
    architecture, alarm = derived(view), last_alarm(view)
    if architecture is None:
        return "muted", ""
    name, cell = health.judged(architecture)
    made_of = health.composition(cell)
    openness = measured.named(view, f"share of most entropy ({name})").value
    undecided = bool(len(openness)) and openness[-1] >= 100 * health.OPEN
    fault = "" if undecided else health.fault(name, made_of)
    times = health.growth(measured.named(view, "Hessian eigenvalue").value[-2 * health.WINDOW :].tolist())
    if alarm is not None and (fault or times > health.GROWTH):
        return "warning", f"Alarm at step {grouped(alarm.step + 1)}: {alarm.text}."
    if fault:
        return "warning", f"{_capital(fault)}. An alarm follows if that lasts an epoch."
    if undecided:
        return "muted", "Too early to tell: the weights of the operations are still nearly equal."
    parts = [health.of_edges(made_of.skips, made_of.edges, "skip")]
    if made_of.pools:
        parts.append(f"{made_of.pools} {'is a pool' if made_of.pools == 1 else 'are pools'}")
    words = f"{health.titled(name)}: {', '.join(parts)}"
    if alarm is not None:
        return "good", f"Healthy again since the alarm at step {grouped(alarm.step + 1)}. {_capital(words)}."
    return "good", f"No sign of collapse. {_capital(words)}."


def architecture_at(view: View, alarm: Alarm) -> Architecture | None:
    """What the search had derived when it was last healthy."""
    return derived(view.source.view(min(alarm.at, view.time)))


def cost(seconds: np.ndarray, until: float) -> str:
    """What the measurements of the eigenvalue took: "12 × 1.4 s, 8 % of time"."""
    each, share = float(seconds.mean()), 100 * float(seconds.sum()) / max(until, 1e-9)
    return f"{len(seconds)} × {number(each, 2)}{NB}s, {share:.0f}{NB}% of time"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CELL, ENTROPY, SHARP = "cell", "entropy", "sharpness"

ACROSS, DOWN = 600, 470
"""From this width, or this height, in pixels on all three plots are shown at once."""

NOT_MEASURED = "not measured"
HOW = "Set how often it is measured in the plan, under Instruments, before the search"


class Health(Panel):
    """A sentence, a button back to the last healthy cell, and three plots over the steps of the search."""

    name = "health"
    title = "Health"
    dock = ("curves", 2)
    opens = "one-shot"
    order = 11
    shortcut = "Ctrl+Alt+2"
    about = (
        "A search by gradient can collapse: skip connections win edge after edge, since they help the shared network "
        "most, and the derived cell learns little (Chen et al. 2019, P-DARTS, section 3.3). Shown are the derived "
        "cell's share of skips and of all operations without weights; the entropy of the architecture weights, 100 % "
        "while all are equal; and how sharply the validation loss bends in them, the dominant eigenvalue of its "
        "Hessian, whose growth comes before a collapse (Zela et al. 2020). Red marks an alarm, green when all was well."
    )
    reads = ("scalars", "series", "derived", "alarms", "log")

    moment_requested = Signal(float)
    """A moment of the session, in seconds, that a person wants to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: SeriesFold | None = None
        self._which = self.add_choice((CELL, ENTROPY, SHARP))
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back, self.copy = QPushButton(), QPushButton("Copy genotype")
        self.back.clicked.connect(self._go_back)
        self.copy.clicked.connect(self._copy)
        for button in (self.back, self.copy):
            button.setStyleSheet("QPushButton { padding: 3px 9px; }")
        self._way = QWidget()
        packed(QHBoxLayout(self._way), self.back, self.copy, spacing=6).addStretch(1)
        self.charts = {name: CurveChart() for name in (CELL, ENTROPY, SHARP)}
        self.themed += self.charts.values()
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(10, 6, 10, 2)
        top.addWidget(self.sentence)
        top.addWidget(self._way)
        packed(QVBoxLayout(self.body), top, self._grid, grows=self._grid)
        self._arrange()
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "Signs that a search by gradient is collapsing will appear here."
        if not view.source.header.cells:
            return "This method has no architecture weights that could collapse; see Population."
        if not len(view.rows("derived")):
            return "The first signs will appear here after the first steps."
        return ""

    def show_view(self, view: View | None, selection: int | None) -> None:
        super().show_view(view, selection)
        if self.shown_sentence:
            self._which.hide()

    def draw(self, view: View, selection: int | None) -> None:
        if self._measured is None or self._measured.source is not view.source:
            self._measured = SeriesFold(view.source)
            for chart in self.charts.values():
                chart.plot.forget()
        self._arrange()
        level, text = state(view, self._measured)
        self.sentence.setText(text)
        self.sentence.setStyleSheet(f"color: {getattr(self.theme, level)};")
        alarm = last_alarm(view)
        self._alarm = alarm
        self._way.setVisible(alarm is not None and alarm.healthy >= 0)
        if alarm is not None and alarm.healthy >= 0:
            self.back.setText(f"Show the cell of step {grouped(alarm.healthy + 1)}")
            self.back.setToolTip("Go back to the moment at which the search was last healthy")
        lines = []
        if alarm is not None:
            lines = [Upright(alarm.step, self.theme.bad)]
            lines += [Upright(alarm.healthy, self.theme.good)] if alarm.healthy >= 0 else []
        self._draw_cell(view, lines)
        self._draw_entropy(view, lines)
        self._draw_sharpness(view, lines)

    def _draw_cell(self, view: View, lines: list[Upright]) -> None:
        architecture = derived(view)
        name = health.judged(architecture)[0] if architecture is not None else view.source.header.cells[0]
        colours = {
            f"share of skips ({name})": ("skips", self.theme.operation("skip")),
            f"share of parameter-free ({name})": ("with pools", self.theme.operation("pool")),
        }
        self._draw(view, CELL, f"{health.titled(name)}, %", colours, lines, "steps")

    def _draw_entropy(self, view: View, lines: list[Upright]) -> None:
        colours = [self.theme.accent, self.theme.operation("dilated")]
        series = {
            f"share of most entropy ({name})": (name, colour)
            for name, colour in zip(view.source.header.cells, colours, strict=False)
        }
        self._draw(view, ENTROPY, "entropy, %", series, lines, "curve")

    def _draw_sharpness(self, view: View, lines: list[Upright]) -> None:
        assert self._measured is not None
        seconds = self._measured.named(view, "Hessian seconds").value
        told = cost(seconds, view.time) if len(seconds) else NOT_MEASURED
        self.charts[SHARP].legend.setToolTip("" if len(seconds) else HOW)
        series = {"Hessian eigenvalue": ("eigenvalue", self.theme.operation("convolution"))}
        self._draw(view, SHARP, f"Hessian · {told}", series, lines, "curve")

    def _draw(
        self,
        view: View,
        name: str,
        quantity: str,
        series: dict[str, tuple[str, str]],
        lines: list[Upright],
        kind: Kind,
    ) -> None:
        """Draw recorded series, each as (name, colour), into a chart."""
        assert self._measured is not None
        found, ends = [], []
        whole = view.source.view()
        for key, (short, colour) in series.items():
            curve = self._measured.named(view, key)
            if len(curve):
                found.append(Curve(key, short, colour, curve.step.astype(float), curve.value, kind))
                ends.append(float(self._measured.named(whole, key).step[-1]))
        extent = (0.0, max(ends)) if ends else None
        self.charts[name].show_curves(quantity, found, extent=extent, lines=lines if found else (), smoothing="off")

    def attach(self, services: Services) -> None:
        self.moment_requested.connect(services.go_to)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows: list[tuple[object, ...]] = [("state", "", self.sentence.text())]
        for chart in self.charts.values():
            if not chart.isHidden():
                for curve in chart.plot.shown():
                    steps = curve.x.astype(int).tolist()
                    rows += [(curve.name, step, value) for step, value in zip(steps, curve.y.tolist(), strict=True)]
        return ["series", "step", "value"], rows

    def _go_back(self) -> None:
        if self._alarm is not None:
            self.moment_requested.emit(self._alarm.at)

    def _copy(self) -> None:
        architecture = architecture_at(self.view, self._alarm) if self.view and self._alarm else None
        if architecture is not None:
            QGuiApplication.clipboard().setText(notations.write(architecture))

    def _arrange(self) -> None:
        """All plots side by side or one above the other where there is room, else the chosen one."""
        across, down = self.width() >= ACROSS, self.height() >= DOWN
        self._which.setVisible(not (across or down))
        for place, (name, chart) in enumerate(self.charts.items()):
            row, column = (0, place) if across else (place, 0)
            self._grid.addWidget(chart, row, column)
            chart.setVisible(across or down or name == self._which.value)
        for place in range(3):
            self._grid.setColumnStretch(place, int(across or not place))
            self._grid.setRowStretch(place, int(not across or not place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()
