"""Loss, accuracy, score, and whatever else a search reports as numbers, over steps or time."""

from collections.abc import Hashable
from html import escape
from itertools import cycle
from typing import Literal

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.curve_series import BEST_EPOCH, Group, Line, SeriesBook
from app.plots.curve_chart import CurveChart
from app.plots.curve_plot import SMOOTHING, Curve, CurvePlot, Kind
from app.widgets.labels import label
from app.widgets.layouts import packed, stacked
from app.widgets.panel import Data, Panel
from app.widgets.panel_header import Choice
from engine.session import View

LIVE_WITHIN = 0.5
"""A view that ends less than this many seconds before the session does counts as live: no cursor is drawn."""


class Curves(Panel):
    """The curves of one group at a time; beside them the learning curve of the selected candidate."""

    name = "curves"
    title = "Curves"
    dock = ("curves", 1)
    opens = "every"
    order = 5
    shortcut = "Ctrl+5"
    about = (
        "What the search reports as it goes: thin lines are the values themselves, strong ones their running means, as "
        "the legend says where it reads one. "
        "A gap that opens between train and validation is overfitting. In a one-shot search the numbers belong to the "
        "shared network and say little about how good the derived cell will be "
        "(Liu et al. 2019, DARTS; Yu et al. 2020, Evaluating the Search Phase of NAS)."
    )
    reads = ("scalars", "series", "scores")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book: SeriesBook | None = None
        self._asked = ""  # the group a person chose
        self._lines: dict[Hashable, Line] = {}
        self.chart, self.side = CurveChart(), CurvePlot()
        self._groups = Choice()
        self._groups.changed.connect(self.choose)
        self.header.add(self._groups)
        self._axis = self.add_choice(("step", "time"), plot=self.chart.plot)
        self._fill_menu()
        self._caption = label("", "small")  # the selected candidate's plot has one of its own
        self._caption.setContentsMargins(18, 4, 0, 0)
        self._pane = stacked(self._caption, self.side, grows=self.side)
        self._pane.hide()
        self.chart.row.addWidget(self._pane, 2)
        packed(QVBoxLayout(self.body), self.chart)
        self.themed += (self.chart, self.side)
        self.set_theme(self.theme)

    def empty(self, view: View | None) -> str:
        if view is None:
            return "Loss and accuracy will be drawn here once a search runs or a session is open."
        if not len(view.rows("series")):
            return "The first values will appear here as soon as the search has taken its first step."
        return ""

    def choose(self, group: str) -> None:
        """Show this group from now on, wherever the session has it."""
        self._asked = group
        self.chart.plot.zoomed = False
        self.redraw()

    def draw(self, view: View, selection: int | None) -> None:
        if self._book is None or self._book.source is not view.source:
            self._book = SeriesBook(view.source)
            for plot in (self.chart.plot, self.side):
                plot.forget()
        groups = self._book.groups(view)
        self._groups.offer(tuple(groups))
        name = self._asked if self._asked in groups else self._book.default(view, groups)
        self._groups.choose(name)
        group = groups[name]

        lines = self._book.lines(view, group)
        family = not lines
        if family:  # only candidates speak of this quantity: theirs together, the selected one's on top
            lines = self._book.recent(view, group)
            if selection is not None:
                lines += self._book.lines(view, group, selection)
        self._lines = {line.key: line for line in lines}
        self._draw_main(view, group, lines)
        self._draw_side(view, groups, name, None if family else selection)

    def _draw_main(self, view: View, group: Group, lines: list[Line]) -> None:
        assert self._book is not None
        axis = self._axis.value
        cursor = None
        if view.time < view.source.end - LIVE_WITHIN and lines and lines[0].kind == "curve":
            cursor = view.time if axis == "time" else float(max(line.step[-1] for line in lines))
        self.chart.name_axes("clock" if axis == "time" else "count", axis, self._scale)
        self.chart.show_curves(
            group.axis,
            self._curves(lines, axis),
            extent=self._book.extent(group, "time" if axis == "time" else "step"),
            cursor=cursor,
            smoothing=self._smoothing,
            log=self._log.isChecked(),
        )

    def _draw_side(self, view: View, groups: dict[str, Group], name: str, selection: int | None) -> None:
        lines, caption = [], ""
        if self._book is not None and selection is not None:
            for choice in dict.fromkeys((name, "accuracy", "loss", *groups)):
                if choice in groups and (lines := self._book.lines(view, groups[choice], selection)):
                    caption = f"#{selection} · {groups[choice].axis}"
                    break
        self._pane.setVisible(bool(lines))
        self._lines |= {line.key: line for line in lines}
        curves = self._curves(lines, "step")
        names = (f'<span style="color:{curve.colour}">{escape(curve.name)}</span>' for curve in curves)
        self._caption.setText(" &nbsp; ".join((escape(caption), *names)))
        self.side.name_axes("count", "step", self._scale)
        self.side.draw(curves, smoothing=self._smoothing, log=self._log.isChecked())

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        rows = []
        for curve in self.chart.plot.shown() + self.side.shown():
            line = self._lines[curve.key]
            columns = (line.candidate, line.step, line.time, curve.y)
            for candidate, step, time, value in zip(*(column.tolist() for column in columns), strict=True):
                if step == step:  # not the gap between two curves of a family
                    rows.append((curve.name, candidate, int(step), time, value))
        return ["series", "candidate", "step", "seconds", "value"], rows

    def _curves(self, lines: list[Line], axis: str) -> list[Curve]:
        """Lines in colour: train, validation, scores and their best look the same with every method and in every group,
        what else there is takes turns."""
        theme = self.theme
        colours = {
            "train": theme.accent,
            "validation": theme.warning,
            "validation (epoch)": theme.operation("dilated"),
            "best": theme.good,
            BEST_EPOCH: theme.good,
            "candidates": theme.muted,
        }
        kinds: dict[str, Kind] = {"best": "steps", BEST_EPOCH: "steps", "candidates": "points"}
        turns = cycle((theme.pink, theme.text, theme.operation("convolution"), theme.bad))
        for name in dict.fromkeys(line.name for line in lines):
            if name not in colours:
                colours[name] = next(turns)
        return [
            Curve(
                line.key,
                line.name,
                colours[line.name],
                line.time if axis == "time" else line.step,
                line.value,
                kinds.get(line.name, line.kind),
            )
            for line in lines
        ]

    @property
    def _scale(self) -> Literal["number", "log"]:
        return "log" if self._log.isChecked() else "number"

    @property
    def _smoothing(self) -> str:
        action = self._levels.checkedAction()
        return action.text() if action is not None else "off"

    def _fill_menu(self) -> None:
        first = self.menu.actions()[0]
        smoothing = self.menu.addMenu("Smoothing")
        self._levels = QActionGroup(self)
        for level in SMOOTHING:
            action = smoothing.addAction(level)
            action.setCheckable(True)
            action.setChecked(level == "light")
            self._levels.addAction(action)
        self._levels.triggered.connect(self.redraw)
        self._log = self.menu.addAction("Logarithmic scale", self.redraw)
        self._log.setCheckable(True)
        for action in (smoothing.menuAction(), self._log):
            self.menu.removeAction(action)
            self.menu.insertAction(first, action)
        self.menu.insertSeparator(first)
