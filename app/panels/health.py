"""Whether a one-shot search is collapsing: in words, in curves, and with the way back to when it was not."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.panels.header import Choice
from app.panels.health_state import Measured, architecture_at, cost, last_alarm, state
from app.panels.operations import derived
from app.panels.panel import Data, Panel
from app.plots.curves import Curve, CurvePlot, Kind, Upright
from app.plots.legend import Entry, Legend
from app.plots.numbers import grouped
from app.theme import Theme
from engine.run import health
from engine.space import notations

if TYPE_CHECKING:
    from engine.session import View

CELL, ENTROPY, SHARP = "cell", "entropy", "sharpness"

ACROSS, DOWN = 600, 470
"""From this width, or this height, in pixels on all three plots are shown at once."""

NOT_MEASURED = "not measured"
HOW = "Set how often it is measured in the plan, under Instruments, before the search"


@dataclass
class Chart:
    """One of the three plots, and its curves as drawn last."""

    page: QWidget
    legend: Legend
    plot: CurvePlot
    quantity: str = ""
    curves: list[Curve] = field(default_factory=list)


class Health(Panel):
    """A sentence, a button back to the last healthy cell, and three plots over the steps of the search."""

    title = "Health"
    about = (
        "A search by gradient can collapse: skip connections win edge after edge, since they help the shared network "
        "most, and the derived cell learns little (Chen et al. 2019, P-DARTS, section 3.3). Shown are the derived "
        "cell's share of skips and of all operations without weights; the entropy of the architecture weights, 100 % "
        "while all are equal; and how sharply the validation loss bends in them, the dominant eigenvalue of its "
        "Hessian, whose growth comes before a collapse (Zela et al. 2020). Red marks an alarm, green when all was well."
    )
    reads = ("scalars", "series", "derived", "alarms")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: Measured | None = None
        self._which = Choice((CELL, ENTROPY, SHARP))
        self._which.changed.connect(self.redraw)
        self.header.add(self._which)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back, self.copy = QPushButton(), QPushButton("Copy genotype")
        self.back.clicked.connect(self._go_back)
        self.copy.clicked.connect(self._copy)
        for button in (self.back, self.copy):
            button.setStyleSheet("QPushButton { padding: 3px 9px; }")
        self._way = QWidget()
        way = QHBoxLayout(self._way)
        way.setContentsMargins(0, 0, 0, 0)
        way.addWidget(self.back)
        way.addWidget(self.copy)
        way.addStretch(1)
        self.charts = {name: self._chart() for name in (CELL, ENTROPY, SHARP)}
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(10, 6, 10, 2)
        top.addWidget(self.sentence)
        top.addWidget(self._way)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addLayout(self._grid, 1)
        self._settle()
        self.set_theme(self.theme)

    def _chart(self) -> Chart:
        chart = Chart(QWidget(), Legend(), CurvePlot())
        column = QVBoxLayout(chart.page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(chart.legend)
        column.addWidget(chart.plot, 1)
        chart.legend.toggled.connect(self.redraw)
        chart.plot.hovered.connect(lambda point: self._read(chart, point))
        return chart

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for chart in self.charts.values():
            chart.plot.set_theme(theme)
        self.redraw()

    def empty(self, view: "View | None") -> str:
        if view is None:
            return "Signs that a search by gradient is collapsing will appear here."
        if not view.source.header.cells:
            return "This method has no architecture weights that could collapse; see Population."
        if not len(view.rows("derived")):
            return "The first signs will appear here after the first steps."
        return ""

    def look(self, view: "View | None", selection: int | None) -> None:
        super().look(view, selection)
        if self.shown_sentence:
            self._which.hide()

    def draw(self, view: "View", selection: int | None) -> None:
        if self._measured is None or self._measured.source is not view.source:
            self._measured = Measured(view.source)
            for chart in self.charts.values():
                chart.plot.forget()
        self._settle()
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

    def _draw_cell(self, view: "View", lines: list[Upright]) -> None:
        architecture = derived(view)
        name = health.judged(architecture)[0] if architecture is not None else view.source.header.cells[0]
        colours = {
            f"share of skips ({name})": ("skips", self.theme.operation("skip")),
            f"share of parameter-free ({name})": ("with pools", self.theme.operation("pool")),
        }
        self._draw(view, CELL, f"{health.titled(name)}, %", colours, lines, "steps")

    def _draw_entropy(self, view: "View", lines: list[Upright]) -> None:
        colours = [self.theme.accent, self.theme.operation("dilated")]
        series = {
            f"share of most entropy ({name})": (name, colour)
            for name, colour in zip(view.source.header.cells, colours, strict=False)
        }
        self._draw(view, ENTROPY, "entropy, %", series, lines, "curve")

    def _draw_sharpness(self, view: "View", lines: list[Upright]) -> None:
        assert self._measured is not None
        seconds = self._measured.curve(view, "Hessian seconds").value
        told = cost(seconds, view.time) if len(seconds) else NOT_MEASURED
        self.charts[SHARP].legend.setToolTip("" if len(seconds) else HOW)
        series = {"Hessian eigenvalue": ("eigenvalue", self.theme.operation("convolution"))}
        self._draw(view, SHARP, f"Hessian · {told}", series, lines, "curve")

    def _draw(
        self,
        view: "View",
        name: str,
        quantity: str,
        series: dict[str, tuple[str, str]],
        lines: list[Upright],
        kind: Kind,
    ) -> None:
        """Draw recorded series, each as (name, colour), into a chart."""
        assert self._measured is not None
        chart, found, ends = self.charts[name], [], []
        whole = view.source.view()
        for key, (short, colour) in series.items():
            curve = self._measured.curve(view, key)
            if len(curve):
                found.append(Curve(key, short, colour, curve.step.astype(float), curve.value, kind))
                ends.append(float(self._measured.curve(whole, key).step[-1]))
        chart.curves, chart.quantity = found, quantity
        chart.plot.draw(
            [curve for curve in found if curve.name not in chart.legend.hidden],
            extent=(0.0, max(ends)) if ends else None,
            lines=lines if found else (),
            smoothing="off",
        )
        self._read(chart, None)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows: list[tuple[object, ...]] = [("state", "", self.sentence.text())]
        for chart in self.charts.values():
            if not chart.page.isHidden():
                for curve in chart.plot.shown():
                    steps = curve.x.astype(int).tolist()
                    rows += [(curve.name, step, value) for step, value in zip(steps, curve.y.tolist(), strict=True)]
        return ["series", "step", "value"], rows

    def _read(self, chart: Chart, point: QPointF | None) -> None:
        """Values into the legend: at the mouse, or at the end of what is drawn."""
        x = None if point is None else point.x()
        chart.plot.name_axes("count", "step" if x is None else f"step {grouped(max(0, round(x)))}", "number")
        entries = [Entry(curve.name, curve.colour, chart.plot.reading(curve, x)) for curve in chart.curves]
        chart.legend.show_entries(chart.quantity, entries)

    def _go_back(self) -> None:
        if self._alarm is not None:
            self.moment_wanted.emit(self._alarm.at)

    def _copy(self) -> None:
        architecture = architecture_at(self.view, self._alarm) if self.view and self._alarm else None
        if architecture is not None:
            QGuiApplication.clipboard().setText(notations.write(architecture))

    def _settle(self) -> None:
        """All plots side by side or one above the other where there is room, else the chosen one."""
        across, down = self.width() >= ACROSS, self.height() >= DOWN
        self._which.setVisible(not (across or down))
        for place, (name, chart) in enumerate(self.charts.items()):
            row, column = (0, place) if across else (place, 0)
            self._grid.addWidget(chart.page, row, column)
            chart.page.setVisible(across or down or name == self._which.value)
        for place in range(3):
            self._grid.setColumnStretch(place, int(across or not place))
            self._grid.setRowStretch(place, int(not across or not place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()
