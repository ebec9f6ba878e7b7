"""Lines, labels, flags and bands: drawn where they stand, cut to what is in sight, and never one over another."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer

from app.plots.distribution import Flag, Flags, HistogramPlot
from app.plots.marks import FEW, Areas, Labels, Segments, clipped, stairs
from app.plots.tree_plot import Bands
from tests.app.plots.conftest import colour_at


@pytest.mark.parametrize("seed", range(5))
def test_clipped_lines_are_what_lies_inside(seed) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.uniform(-10, 20, (200, 4))
    ends[:20, 2] = ends[:20, 0]  # upright
    ends[20:40, 3] = ends[20:40, 1]  # level
    ends[40:50, 2:] = ends[40:50, :2]  # a point
    ends[50] = np.nan
    share = np.linspace(0, 1, 4001)
    expected = []
    for x0, y0, x1, y1 in ends.tolist():
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        inside = (x >= 0) & (x <= 10) & (y >= 2) & (y <= 9)
        if inside.any():
            first, last = np.flatnonzero(inside)[[0, -1]]
            expected.append((x[first], y[first], x[last], y[last]))
    found = clipped(ends, 0, 2, 10, 9)
    short = np.hypot(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]) > 0.05
    long = [line for line in expected if np.hypot(line[2] - line[0], line[3] - line[1]) > 0.05]
    np.testing.assert_allclose(found[short], np.array(long), atol=0.02)


def test_lines_are_painted_and_move_with_the_plot(plot) -> None:
    lines = Segments(5)
    lines.set_colour("#ff0000")
    plot.addItem(lines)
    lines.place(np.array([[0.0, 5.0, 10.0, 5.0], [np.nan, 0, 1, 1], [1e300, -1e300, 2, 2]]))
    assert colour_at(plot, 5, 5) == "#ff0000"
    plot.frame(0, 10, 5, 15)
    assert colour_at(plot, 5, 11.3) == plot.theme.surface


def test_a_great_many_lines_are_painted(plot) -> None:
    lines, rng = Segments(), np.random.default_rng(0)
    lines.set_colour("#ff0000")
    plot.addItem(lines)
    lines.place(rng.uniform(0, 10, (10 * FEW, 4)))
    assert colour_at(plot, 5, 5) == "#ff0000"


def test_stairs_have_one_line_per_step_and_end_at_the_last_place() -> None:
    lines = stairs(np.arange(6.0), np.array([1.0, 1.0, 2.0, 2.0, 2.0, 2.0]))
    assert lines.tolist() == [[0, 1, 2, 1], [2, 1, 2, 2], [2, 2, 5, 2], [5, 2, 5, 2]]
    assert stairs(np.array([3.0]), np.array([1.0])).tolist() == []


def test_a_label_that_would_lie_over_another_stands_elsewhere_or_is_left_out(plot) -> None:
    labels = Labels()
    plot.addItem(labels)
    labels.place(np.array([1.0, 1.2, 1.0, 50.0]), np.array([5.0, 5.0, 9.0, 5.0]), ["one", "over it", "above", "far"])
    plot.grab()
    assert labels.shown == ["one", "over it", "above"]
    assert not any(a.intersects(b) for a, b in combinations(labels.places, 2))
    labels.place(np.full(20, 5.0), np.full(20, 5.0), [f"number {number}" for number in range(20)])
    plot.grab()
    assert labels.shown == ["number 0", "number 1", "number 2", "number 3"], "right, left, above and below"


def test_flags_stand_where_they_should_or_at_the_edge(plot) -> None:
    flags = Flags()
    plot.addItem(flags)
    flags.place([Flag(5.0, "here", "#ff0000"), Flag(99.0, "far", "#00ff00")])
    image = plot.grab().toImage()
    colours = [image.pixelColor(x, y).getRgb()[:2] for x in range(image.width()) for y in range(image.height())]
    assert any(red > 200 and green < 60 for red, green in colours), "the line and the name of the one"
    assert any(red < 60 and green > 150 for red, green in colours), "the name of the other"


def test_bands_lie_one_above_the_other(plot) -> None:
    bands = Bands()
    plot.addItem(bands)
    bands.stack(np.array([0.0, 10.0]), np.array([[2.0, 2.0], [5.0, 5.0]]), ["#ff0000", "#00ff00"])
    assert (colour_at(plot, 5, 1), colour_at(plot, 5, 6)) == ("#ff0000", "#00ff00")
    assert colour_at(plot, 3, 8.5) == plot.theme.surface


def test_bars_hold_every_value_once(qtbot) -> None:
    plot = HistogramPlot()
    qtbot.addWidget(plot)
    values = np.random.default_rng(2).normal(50, 10, 3000)
    plot.draw(values, (20.0, 80.0), 60.0)
    assert plot.counts.sum() == 3000
    assert plot.beyond.sum() == (values > 60).sum()
    assert 60 <= np.diff(plot.edges)[0] ** -1 * 60 <= 200, "about as many bars as can be told apart"
    assert not plot.grab().isNull()


def test_a_drawing_ends_where_the_plot_does(plot) -> None:
    areas, lines = Areas(), Segments(3)
    for item in (areas, lines):
        plot.addItem(item)
    areas.place([np.array([[-50.0, 5.0], [50.0, 5.0], [50.0, -50.0], [-50.0, -50.0]])], ["#ff0000"])
    lines.set_colour("#ff0000")
    lines.place(np.array([[3.0, -50.0, 3.0, 50.0]]))
    plot.grab()
    buffer, generator = QBuffer(), QSvgGenerator()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(plot.size())
    generator.setViewBox(plot.rect())
    plot.render(painter := QPainter(generator))
    painter.end()
    image = QImage(plot.size(), QImage.Format.Format_RGB32)
    QSvgRenderer(buffer.data()).render(painter := QPainter(image))
    painter.end()
    red = [(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).red() > 200]
    inside = plot.mapFromScene(plot.box.sceneBoundingRect()).boundingRect().adjusted(-2, -2, 2, 2)
    assert len(red) > 1000
    assert all(inside.contains(QPoint(*place)) for place in red)
