"""How much each operation weighs on each edge of a one-shot search's supernet.

A click on a row opens one edge over time.
"""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from app import theme as themes
from app.panels.operation_history import Stage, StageBook, chosen, colours, derived, dropped
from app.plots.curve_chart import CurveChart
from app.plots.curve_plot import Curve, Upright
from app.plots.heatmap import ColourScale, HeatMap
from app.theme import Theme
from app.widgets.labels import label
from app.widgets.layouts import packed
from app.widgets.panel import Data, Panel
from app.widgets.panel_header import Choice, tool
from engine.session import View
from engine.space.operations import label as operation_label
from engine.words import grouped


class EdgeHistory(QWidget):
    """A curve for each operation that the edge carried, ending where it was dropped; dotted lines begin stages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = themes.DARK
        self.chart = CurveChart()
        self.back, self.edge = tool("‹ map", "Back to the map of all edges"), Choice()
        self.edge.setToolTip("The edge that is shown")
        self._where: tuple[str, str] = ("", "")
        self._times = np.empty(0)
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 4, 6, 0)
        strip.addWidget(self.back)
        strip.addWidget(self.edge)
        strip.addStretch(1)
        packed(QVBoxLayout(self), strip, self.chart, grows=self.chart)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours; the next `show_edge` uses them."""
        self.theme = theme
        self.chart.set_theme(theme)

    def forget(self) -> None:
        """What is shown from now on is another session."""
        self.chart.plot.forget()

    def show_edge(self, view: View, stages: list[Stage], name: str) -> None:
        """Show the chosen edge of the cell called so."""
        header, rows = view.source.header, view.rows("weights")
        self.edge.offer(header.edges)
        self.edge.shorten(True)  # there are many
        cell, edge = header.cells.index(name), header.edges.index(self.edge.value)
        if self._where != (where := (header.cells[cell], header.edges[edge])):
            self.forget()
        self._where = where
        shares, steps = rows["values"][:, cell, edge, :].astype(float), rows["step"].astype(float)
        self._times = rows["time"]
        curves = []
        for place, colour in enumerate(colours(header.operations, self.theme)):
            absent = np.flatnonzero(~np.isfinite(shares[:, place]))
            stop = int(absent[0]) if len(absent) else len(rows)  # what is dropped never comes back
            if stop:
                name = operation_label(header.operations[place])
                curves.append(Curve((where, name), name, colour, steps[:stop], shares[:stop, place]))
        whole = view.source.view().rows("weights")["step"]
        begins = [
            Upright(float(rows["step"][stage.row]), self.theme.muted, f"stage {number}")
            for number, stage in enumerate(stages[1:], 2)
        ]
        extent = float(whole[0]), float(whole[-1])
        self.chart.show_curves("share", curves, ends=True, extent=extent, lines=begins, smoothing="off")

    def data(self) -> Data:
        """What is shown, one row per operation and look."""
        found = []
        for curve in self.chart.plot.shown():
            times = self._times[: len(curve.x)].tolist()
            for step, time, share in zip(curve.x.tolist(), times, curve.y.tolist(), strict=True):
                found.append((*self._where, curve.name, int(step), time, share))
        return ["cell", "edge", "operation", "step", "seconds", "share"], found


REACHES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How far the colour scale goes to either side of equal shares; the smallest that holds all values is taken. Softmax
shares start out equal and part slowly: so the first differences are seen, and colours seldom change their meaning."""

SIDE_BY_SIDE = 560
"""From this width in pixels on both cells are shown beside each other."""


def levels(values: np.ndarray) -> tuple[float, float]:
    """The ends of the colour scale for softmax shares along the last axis."""
    present = values[np.isfinite(values)]
    if not len(present):
        return 0.0, 1.0
    equal = 1 / np.isfinite(values).sum(axis=-1).max()
    far = float(np.abs(present - equal).max())
    reach = next((reach for reach in REACHES if reach >= far), REACHES[-1])
    return max(0.0, float(equal) - reach), min(1.0, float(equal) + reach)


class Weights(Panel):
    """Two looks at the weights: a heat map per cell, edges by operations, at one moment; or one edge over time."""

    name = "weights"
    title = "Architecture weights"
    dock = ("learnt", 1)
    opens = "one-shot"
    order = 2
    shortcut = "Ctrl+2"
    about = (
        "Each row is an edge of the supernet, each column an operation; the brighter, the larger its softmax share, on "
        "a scale that widens as the shares part. Dots and bright names are what would be derived now; hatched is what "
        "the search has dropped for good. A click on a row shows that edge over time, dotted lines where a stage of "
        "the search begins. Look for skip taking row after row: that is how a DARTS search collapses "
        "(Chen, Xie, Wu and Tian 2019, section 3.3)."
    )
    reads = ("weights", "derived")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book: StageBook | None = None
        self.over_time = False
        self._cell = self.add_choice()
        self._maps: list[HeatMap] = []
        self.course = EdgeHistory()
        self._pages = QStackedLayout(self.body)
        self._pages.addWidget(self._map_page())
        self._pages.addWidget(self.course)
        self.course.back.clicked.connect(lambda: self.show_page(over_time=False))
        self.course.edge.changed.connect(self.redraw)
        turn = ("Show one edge over time", lambda: self.show_page(not self.over_time))
        (self._turn,) = self.add_to_menu(turn)
        self.themed += (self.scale, self.course)
        self.set_theme(self.theme)

    def _map_page(self) -> QWidget:
        page = QWidget()
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        self.reading = label("", "small")
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.scale = ColourScale()
        foot = QHBoxLayout()
        foot.addWidget(self.reading, 1)
        foot.addWidget(self.scale)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(4)
        layout.addLayout(self._row, 1)
        layout.addLayout(foot)
        return page

    def empty(self, view: View | None) -> str:
        if view is None:
            return "The weights of a one-shot search will appear here, edge by edge."
        if not view.source.header.cells:
            return "This method has no architecture weights; see Population."
        if not len(view.rows("weights")):
            if not view.source.live and not len(view.source.view().rows("weights")):
                return "There are no architecture weights in this session."
            return "The architecture weights will appear here after the first steps."
        return ""

    def show_view(self, view: View | None, selection: int | None) -> None:
        super().show_view(view, selection)
        if self.shown_sentence:
            self._cell.hide()

    def draw(self, view: View, selection: int | None) -> None:
        if self._book is None or self._book.source is not view.source:
            self._book = StageBook(view.source)
            self.course.forget()
        header, stages = view.source.header, self._book.stages(view)
        self._cell.offer(header.cells)
        self._pages.setCurrentIndex(int(self.over_time))
        both = len(header.cells) < 2 or (self.width() >= SIDE_BY_SIDE and not self.over_time)
        self._cell.setVisible(not both)
        if self.over_time:
            self.course.show_edge(view, stages, self._cell.value)
        else:
            self._draw_maps(view, stages, both)

    def _draw_maps(self, view: View, stages: list[Stage], both: bool) -> None:
        header, row = view.source.header, view.rows("weights")[-1]
        names, architecture = tuple(operation_label(name) for name in header.operations), derived(view)
        while len(self._maps) < len(header.cells):
            self._add_map()
        ends = levels(row["values"])
        self.scale.set_levels(ends)
        gone = 0
        for number, heat in enumerate(self._maps):
            shown = number < len(header.cells) and (both or header.cells[number] == self._cell.value)
            heat.setVisible(shown)
            if shown:
                cell = header.cells[number]
                lost = dropped(view, stages, number)
                gone += len(lost)
                heat.show_values(
                    row["values"][number],
                    header.edges,
                    names,
                    levels=ends,
                    chosen=chosen(architecture, cell, header.edges, header.operations),
                    caption=f"{cell} cell" if both and len(header.cells) > 1 else "",
                    dropped=lost,
                )
                heat.setAccessibleName(cell)
        parts = [f"step {grouped(int(row['step']) + 1)}"]
        parts += [f"stage {len(stages)}", f"{gone} dropped"] if len(stages) > 1 else ["softmax"]
        self._still = " · ".join(parts)
        self._read(None, None)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
        if self.over_time:
            return self.course.data()
        rows = []
        for heat in self._maps:
            if not heat.isHidden():
                for edge, values in zip(heat.rows, heat.values.tolist(), strict=True):
                    rows.append((heat.accessibleName(), edge, *values))
        columns = list(self._maps[0].columns) if self._maps else []
        return ["cell", "edge", *columns], rows

    def _add_map(self) -> None:
        heat = HeatMap()
        heat.set_theme(self.theme)
        heat.setCursor(Qt.CursorShape.PointingHandCursor)
        heat.hovered.connect(lambda cell, heat=heat: self._read(heat, cell))
        heat.clicked.connect(lambda row, heat=heat: self._choose(heat, row))
        self._maps.append(heat)
        self.themed.append(heat)
        self._row.addWidget(heat, 1)

    def _choose(self, heat: HeatMap, row: int) -> None:
        """Show the edge of a row over time."""
        self._cell.choose(heat.accessibleName())
        self.course.edge.offer(heat.rows)
        self.course.edge.choose(heat.rows[row])
        self.show_page(over_time=True)

    def show_page(self, over_time: bool) -> None:
        """Show one edge over time, or the maps again."""
        self.over_time = over_time
        self._turn.setText("Show the map of all edges" if over_time else "Show one edge over time")
        self.redraw()

    def _read(self, heat: HeatMap | None, cell: tuple[int, int] | None) -> None:
        """The number under the mouse in words, else the moment that is shown."""
        if heat is None or cell is None:
            self.reading.setText(self._still)
            return
        row, column = cell
        value = float(heat.values[cell])
        share = f"{value:.3f}" if np.isfinite(value) else heat.dropped.get(cell, "absent")
        self.reading.setText(f"{heat.rows[row]} · {heat.columns[column]} · {share}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (event.size().width() >= SIDE_BY_SIDE) != (event.oldSize().width() >= SIDE_BY_SIDE):
            self.redraw()
