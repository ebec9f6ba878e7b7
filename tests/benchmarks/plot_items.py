"""What the plots draw themselves against pyqtgraph's own items: `python tests/benchmarks/plot_items.py`.

Both are given new values and drawn, in turns, in one run; the ratio is the library's time over ours.
"""

import os
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a file, from anywhere

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QWidget

from app.plots.distribution import HistogramPlot
from app.plots.heatmap import ColourScale, HeatMap
from app.plots.plot import Plot
from app.plots.spread_plot import Band, SpreadPlot
from app.plots.tree_plot import Bands
from app.theme import DARK

ROUNDS, DRAWINGS = 5, 20
RNG = np.random.default_rng(0)
VALUES = RNG.normal(90, 3, 15_625)  # as many as NAS-Bench-201 has architectures


def least(work: Callable[[], object]) -> float:
    """The least of many times, in milliseconds."""
    times = []
    for _ in range(DRAWINGS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return 1e3 * min(times)


def compare(what: str, ours: Callable[[], object], library: Callable[[], object]) -> None:
    """Time both in turns and print a line."""
    pairs = [(least(ours), least(library)) for _ in range(ROUNDS)]
    own, other = (min(pair[side] for pair in pairs) for side in (0, 1))
    print(f"{what:34} ours {own:7.2f} ms, library {other:7.2f} ms, ratio {other / own:.2f}")


def shown(widget: QWidget, width: int, height: int) -> QWidget:
    """A widget of this size, on the screen."""
    widget.resize(width, height)
    widget.show()
    QApplication.processEvents()
    return widget


def heat_map() -> None:
    """A cell of DARTS: 14 edges by 8 operations, with names and scale; ImageItem and ColorBarItem."""
    rows, columns = tuple(f"k−1→{row}" for row in range(14)), tuple(f"sep {column}" for column in range(8))
    heat, plot = HeatMap(), pg.PlotWidget()
    image, bar = pg.ImageItem(), pg.ColorBarItem(values=(0, 1), colorMap=pg.colormap.get("viridis"))
    plot.addItem(image)
    bar.setImageItem(image, insert_in=plot.getPlotItem())
    plot.getAxis("left").setTicks([list(enumerate(rows))])
    plot.getAxis("bottom").setTicks([list(enumerate(columns))])
    for widget in (heat, plot):
        shown(widget, 400, 260)

    def ours() -> None:
        values = RNG.dirichlet(np.ones(8), 14)
        heat.show_values(values, rows, columns, levels=(0, 0.5), chosen=values > 0.3, caption="normal cell")
        heat.grab()

    def library() -> None:
        image.setImage(RNG.dirichlet(np.ones(8), 14).T, autoLevels=False, levels=(0, 0.5))
        plot.grab()

    compare("heat map, drawn", ours, library)
    compare(
        "heat map with its scale, made",
        lambda: (HeatMap(), ColourScale()),
        lambda: (pg.PlotWidget(), pg.ImageItem(), pg.ColorBarItem(values=(0, 1), colorMap="viridis")),
    )


def histogram() -> None:
    """All entries of a benchmark, those beyond a limit in colour; BarGraphItem."""
    own, plot = HistogramPlot(), Plot()
    bars = [pg.BarGraphItem(x=[0], height=[0], width=1) for _ in range(2)]
    for bar in bars:
        plot.addItem(bar)
    for widget in (own, plot):
        shown(widget, 400, 260)

    def ours() -> None:
        own.draw(VALUES, (80, 98), 93 + RNG.random())
        own.grab()

    def library() -> None:
        bins, limit = np.floor(VALUES / 0.2).astype(np.int64), 93 + RNG.random()
        for bar, those, colour in ((bars[0], bins, DARK.muted), (bars[1], bins[limit < VALUES], DARK.accent)):
            counts = np.bincount(those)
            edges = np.arange(len(counts) + 1) * 0.2
            bar.setOpts(x0=edges[:-1], x1=edges[1:], height=counts, brush=colour, pen=None)
        plot.frame(80, 98, 0, 1100)
        plot.grab()

    compare("histogram of 15,625, drawn", ours, library)


def spread() -> None:
    """Four medians within their quartiles over 2,000 evaluations; FillBetweenItem."""
    own, plot, x = SpreadPlot(), Plot(), np.arange(1.0, 2001)
    fills = []
    for _ in range(4):
        low, high, middle = pg.PlotCurveItem(), pg.PlotCurveItem(), pg.PlotCurveItem(pen=pg.mkPen(DARK.accent, width=2))
        for item in (low, high, pg.FillBetweenItem(low, high, brush=(80, 80, 200, 46)), middle):
            plot.addItem(item, ignoreBounds=True)
        fills.append((low, middle, high))
    for widget in (own, plot):
        shown(widget, 500, 300)

    def medians() -> np.ndarray:
        return np.maximum.accumulate(RNG.normal(90, 1, (4, 2000)), axis=1)

    def ours() -> None:
        own.draw([Band(n, str(n), DARK.accent, x, mid - 0.5, mid, mid + 0.5) for n, mid in enumerate(medians())])
        own.grab()

    def library() -> None:
        for items, middle in zip(fills, medians(), strict=True):
            for item, values in zip(items, (middle - 0.5, middle, middle + 0.5), strict=True):
                item.setData(np.repeat(x, 2)[1:], np.repeat(values, 2)[:-1])
        plot.frame(0, 2000, 86, 96)
        plot.grab()

    compare("4 spreads of 2,000, drawn", ours, library)


def shares() -> None:
    """The shares of eight families at 400 moments, stacked; FillBetweenItem."""
    own, plot, bands, x = Plot(), Plot(), Bands(), np.linspace(0, 400, 400)
    own.addItem(bands, ignoreBounds=True)
    curves = [pg.PlotCurveItem() for _ in range(9)]
    fills = [pg.FillBetweenItem(low, high, brush=DARK.accent) for low, high in pairwise(curves)]
    for item in (*curves, *fills):
        plot.addItem(item, ignoreBounds=True)
    for widget in (own, plot):
        shown(widget, 500, 60)
        widget.frame(0, 400, 0, 1)

    def ours() -> None:
        bands.stack(x, RNG.dirichlet(np.ones(8), 400).T, [DARK.accent] * 8)
        own.grab()

    def library() -> None:
        tops = np.vstack([np.zeros(400), np.cumsum(RNG.dirichlet(np.ones(8), 400).T, axis=0)])
        for curve, top in zip(curves, tops, strict=True):
            curve.setData(x, top)
        plot.grab()

    compare("8 stacked bands of 400, drawn", ours, library)


if __name__ == "__main__":
    application = QApplication([])
    for part in (heat_map, histogram, spread, shares):
        part()
