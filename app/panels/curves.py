"""Loss, accuracy, score, and whatever else a search reports as numbers, over steps or time."""

from collections.abc import Hashable
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.curve_series import BEST_EPOCH, Group, Line, SeriesBook
from app.plots.curve_plot import SMOOTHING, Curve, CurvePlot, Kind
from app.plots.legend import Entry, Legend
from app.theme import Theme
from app.widgets.panel import Data, Panel
from app.widgets.panel_header import Choice
from engine.words import clock, grouped

if TYPE_CHECKING:
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
        self._quantity = ""
        self._lines: dict[Hashable, Line] = {}
        self._main: list[Curve] = []  # hidden ones included
        self._groups, self._axis = Choice(), Choice(("step", "time"))
        self._groups.changed.connect(self.choose)
        self._axis.changed.connect(self._change_axis)
        self.header.add(self._groups)
        self.header.add(self._axis)
        self._fill_menu()

        self.legend, self.plot, self.side = Legend(), CurvePlot(), CurvePlot()
        self.legend.toggled.connect(self.redraw)
        self.plot.hovered.connect(self._read)
        plots = QHBoxLayout()
        plots.setSpacing(0)
        plots.addWidget(self.plot, 3)
        plots.addWidget(self._beside(), 2)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addLayout(plots, 1)
        self.set_theme(self.theme)

    def _beside(self) -> QWidget:
        """The selected candidate's plot under its own caption."""
        self._caption = QLabel()
        self._caption.setProperty("role", "small")
        self._caption.setContentsMargins(18, 4, 0, 0)
        self._pane = QWidget()
        layout = QVBoxLayout(self._pane)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._caption)
        layout.addWidget(self.side, 1)
        self._pane.hide()
        return self._pane

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in (self.plot, self.side):
            plot.set_theme(theme)
        self.redraw()

    def empty(self, view: "View | None") -> str:
        if view is None:
            return "Loss and accuracy will be drawn here once a search runs or a session is open."
        if not len(view.rows("series")):
            return "The first values will appear here as soon as the search has taken its first step."
        return ""

    def choose(self, group: str) -> None:
        """Show this group from now on, wherever the session has it."""
        self._asked = group
        self.plot.zoomed = False
        self.redraw()

    def draw(self, view: "View", selection: int | None) -> None:
        if self._book is None or self._book.source is not view.source:
            self._book = SeriesBook(view.source)
            for plot in (self.plot, self.side):
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

    def _draw_main(self, view: "View", group: Group, lines: list[Line]) -> None:
        assert self._book is not None
        axis = self._axis.value
        self._quantity = group.axis
        self._main = self._curves(lines, axis)
        cursor = None
        if view.time < view.source.end - LIVE_WITHIN and lines and lines[0].kind == "curve":
            cursor = view.time if axis == "time" else float(max(line.step[-1] for line in lines))
        self.plot.draw(
            [curve for curve in self._main if curve.name not in self.legend.hidden],
            extent=self._book.extent(group, "time" if axis == "time" else "step"),
            cursor=cursor,
            smoothing=self._smoothing,
            log=self._log.isChecked(),
        )
        self._read(None)

    def _draw_side(self, view: "View", groups: dict[str, Group], name: str, selection: int | None) -> None:
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
        for curve in self.plot.shown() + self.side.shown():
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

    def _read(self, point: QPointF | None) -> None:
        """Values into the legend: at the mouse, or at the end of what is drawn."""
        x = None if point is None else point.x()
        time = self._axis.value == "time"
        place = "" if x is None else clock(x) if time else grouped(max(0, round(x)))
        self.plot.name_axes("clock" if time else "count", f"{self._axis.value} {place}".strip(), self._scale)
        entries = {
            curve.name: Entry(curve.name, curve.colour, self.plot.reading(curve, x), self.plot.smooths(curve))
            for curve in self._main
        }
        self.legend.show_entries(self._quantity, tuple(entries.values()))

    def _change_axis(self, _: str) -> None:
        self.plot.zoomed = False
        self.redraw()

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
