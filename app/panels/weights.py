"""How much each operation weighs on each edge of a one-shot search's supernet."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.header import Choice
from app.panels.panel import Data, Panel
from app.plots.heatmap import ColourScale, HeatMap
from app.plots.numbers import grouped
from app.theme import Theme
from engine.space.operations import OPERATIONS, label

if TYPE_CHECKING:
    from engine.session import View

REACHES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How far the colour scale goes to either side of equal shares; the smallest that holds all values is taken. Softmax
shares start out equal and part slowly: so the first differences are seen, and colours seldom change their meaning."""

KEPT = 2
"""Edges that derivation keeps into every node (Liu et al. 2019, section 2.4)."""

SIDE_BY_SIDE = 560
"""From this width in pixels on both cells are shown beside each other."""


def kept(values: np.ndarray, edges: tuple[str, ...], operations: tuple[str, ...]) -> np.ndarray:
    """What DARTS would derive from the weights of one cell: true for the operation of each kept edge.

    The strength of an edge is its largest weight, `none` left aside; each node keeps its two strongest edges.
    """
    real = np.array([name not in OPERATIONS or OPERATIONS[name].kind != "none" for name in operations], bool)
    masked = np.where(real & np.isfinite(values), values, -np.inf)
    strength = masked.max(axis=1, initial=-np.inf)
    result = np.zeros(values.shape, bool)
    nodes = [edge.rpartition("→")[2] for edge in edges]
    for node in dict.fromkeys(nodes):
        rows = [row for row, name in enumerate(nodes) if name == node and np.isfinite(strength[row])]
        for row in sorted(rows, key=lambda row: -strength[row])[:KEPT]:
            result[row, int(masked[row].argmax())] = True
    return result


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
    """A heat map per cell: edges by operations, as of the last row of architecture weights."""

    title = "Architecture weights"
    about = (
        "Each row is an edge of the supernet, each column an operation; the brighter, the larger its softmax share, on "
        "a scale that widens as the shares part. "
        "DARTS keeps the two strongest edges into every node (bright names) with their strongest operation (dots), "
        "none left aside. Look for skip taking row after row: that is how a DARTS search collapses "
        "(Liu et al. 2019, section 2.4; Chen et al. 2019, section 3.3)."
    )
    reads = ("weights",)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = Choice()
        self._cell.changed.connect(self.redraw)
        self.header.add(self._cell)
        self._maps: list[HeatMap] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        self.reading = QLabel()
        self.reading.setProperty("role", "small")
        self.scale = ColourScale()
        foot = QHBoxLayout()
        foot.addWidget(self.reading, 1)
        foot.addWidget(self.scale)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(4)
        layout.addLayout(self._row, 1)
        layout.addLayout(foot)
        self.set_theme(self.theme)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.scale.set_theme(theme)
        for heat in self._maps:
            heat.set_theme(theme)

    def empty(self, view: "View | None") -> str:
        if view is None:
            return "The weights of a one-shot search will appear here, edge by edge."
        if not view.source.header.cells:
            return "This method has no architecture weights; see Population."
        if not len(view.rows("weights")):
            return "The architecture weights will appear here after the first steps."
        return ""

    def look(self, view: "View | None", selection: int | None) -> None:
        super().look(view, selection)
        if self.shown_sentence:
            self._cell.hide()

    def draw(self, view: "View", selection: int | None) -> None:
        header, row = view.source.header, view.rows("weights")[-1]
        names = tuple(label(name) for name in header.operations)
        while len(self._maps) < len(header.cells):
            self._add_map()
        self._cell.offer(header.cells)
        both = self.width() >= SIDE_BY_SIDE or len(header.cells) < 2
        self._cell.setVisible(not both)
        ends = levels(row["values"])
        self.scale.set_levels(ends)
        for number, heat in enumerate(self._maps):
            shown = number < len(header.cells) and (both or header.cells[number] == self._cell.value)
            heat.setVisible(shown)
            if shown:
                values = row["values"][number]
                chosen = kept(values, header.edges, header.operations)
                caption = f"{header.cells[number]} cell" if both else ""
                heat.show_values(values, header.edges, names, levels=ends, chosen=chosen, caption=caption)
                heat.setAccessibleName(header.cells[number])
        self._step = int(row["step"])
        self._read(None, None)

    def data(self) -> Data:
        if self.shown_sentence:
            return [], []
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
        heat.hovered.connect(lambda cell, heat=heat: self._read(heat, cell))
        self._maps.append(heat)
        self._row.addWidget(heat, 1)

    def _read(self, heat: HeatMap | None, cell: tuple[int, int] | None) -> None:
        """The number under the mouse in words, else the step that is shown."""
        if heat is None or cell is None:
            self.reading.setText(f"share after softmax · step {grouped(self._step)}")
            return
        row, column = cell
        value = float(heat.values[cell])
        share = f"{value:.3f}" if np.isfinite(value) else "absent"
        self.reading.setText(f"{heat.rows[row]} · {heat.columns[column]} · {share}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (event.size().width() >= SIDE_BY_SIDE) != (event.oldSize().width() >= SIDE_BY_SIDE):
            self.redraw()
