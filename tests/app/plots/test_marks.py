"""Marks, scatter plots and heat maps: seen on the picture, found under the mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from app import theme as themes
from app.plots.heatmap import ColourScale, HeatMap, colour_of
from app.plots.marks import Dots, Labels
from app.plots.scatter import PointClass, ScatterPlot
from tests.app.plots.conftest import colour_at

CLASSES = (PointClass("low", "disc", 8, "accent"), PointClass("high", "ring", 11, "warning"))


def test_marks_are_painted_where_they_stand_and_move_with_the_plot(plot) -> None:
    dots = Dots("disc", 8)
    dots.set_colour("#ff0000")
    plot.addItem(dots)
    dots.place(np.array([2.0, 8.0, 15.0]), np.array([5.0, 5.0, 5.0]))
    assert colour_at(plot, 2, 5) == colour_at(plot, 8, 5) == "#ff0000"
    assert colour_at(plot, 5, 7) == plot.theme.surface
    plot.frame(0, 20, 0, 10)
    assert colour_at(plot, 8, 5) == colour_at(plot, 15, 5) == "#ff0000"
    assert colour_at(plot, 4, 7) == plot.theme.surface
    dots.set_colour("#00ff00")
    assert colour_at(plot, 2, 5) == "#00ff00"


def test_marks_at_no_place_or_far_away_are_left_out(plot) -> None:
    dots = Dots("cross", 8)
    plot.addItem(dots)
    dots.place(np.array([np.nan, 1e300, 5.0, -np.inf]), np.array([1.0, 1.0, np.nan, np.inf]))
    assert not plot.grab().isNull()


def test_twenty_thousand_marks_are_painted(plot) -> None:
    dots, rng = Dots("disc", 5), np.random.default_rng(0)
    dots.set_colour("#ff0000")
    plot.addItem(dots)
    dots.place(rng.uniform(0, 10, 20_000), rng.uniform(4, 6, 20_000))
    assert colour_at(plot, 5, 5) == "#ff0000"


def test_the_nearest_point_is_the_one_nearest_on_the_screen(qtbot) -> None:
    plot = ScatterPlot(CLASSES)
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    plot.show()
    plot.frame(0, 10_000, 0, 1)  # a step of 1 in y is far, one of 100 in x is near
    plot.place("low", np.array([7]), np.array([5100.0]), np.array([0.5]))
    plot.place("high", np.array([9]), np.array([5000.0]), np.array([0.9]))
    assert plot.nearest(QPointF(5000, 0.5)) == 7
    assert plot.nearest(QPointF(5000, 0.85)) == 9
    assert plot.nearest(QPointF(9000, 0.1)) is None


def test_a_crowd_is_drawn_fainter(qtbot) -> None:
    plot = ScatterPlot(CLASSES)
    qtbot.addWidget(plot)
    for count, fainter in ((10, False), (20_000, True)):
        plot.place("low", np.arange(count), np.arange(count), np.zeros(count))
        assert (plot._marks["low"]._colour.alphaF() < 0.5) == fainter


@pytest.fixture
def heat(qtbot) -> HeatMap:
    heat = HeatMap()
    qtbot.addWidget(heat)
    heat.resize(300, 200)
    values = np.array([[0.0, 0.5, 1.0], [0.25, np.nan, 0.75]])
    chosen = np.zeros((2, 3), bool)
    heat.show_values(
        values, ("k−2→0", "0→1"), ("none", "skip", "sep 3×3"), levels=(0.0, 1.0), chosen=chosen, caption="normal"
    )
    heat.show()
    return heat


def test_cells_have_the_colours_of_the_scale(heat) -> None:
    image = heat.grab().toImage()
    for row, column, share in ((0, 0, 0.0), (0, 1, 0.5), (0, 2, 1.0), (1, 0, 0.25), (1, 2, 0.75)):
        assert image.pixelColor(heat.centre(row, column).toPoint()) == colour_of(share)
    assert image.pixelColor(heat.centre(1, 1).toPoint()).name() == heat.theme.raised


def test_the_scale_is_uniform_to_the_eye() -> None:
    lightness = [QColor(colour_of(share)).lightnessF() for share in (0, 0.5, 1)]
    luminance = [0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF() for c in map(colour_of, (0, 0.3, 0.6, 1))]
    assert luminance == sorted(luminance)
    assert len(set(lightness)) == 3
    assert colour_of(-1) == colour_of(0)
    assert colour_of(2) == colour_of(1)


def test_a_chosen_cell_carries_a_dot(heat) -> None:
    heat.chosen[0, 1] = True
    image = heat.grab().toImage()
    assert image.pixelColor(heat.centre(0, 1).toPoint()) != colour_of(0.5)


def test_the_mouse_finds_every_cell_and_nothing_outside(heat) -> None:
    for row in range(2):
        for column in range(3):
            assert heat.cell_at(heat.centre(row, column)) == (row, column)
    assert heat.cell_at(QPointF(2, 2)) is None


def test_an_empty_map_is_painted(qtbot) -> None:
    heat, scale = HeatMap(), ColourScale()
    for widget in (heat, scale):
        qtbot.addWidget(widget)
        widget.set_theme(themes.LIGHT)
        assert not widget.grab().isNull()


def test_texts_stand_beside_points_and_over_none(plot) -> None:
    points = np.array([[5.0, 5.0], [5.6, 5.0], [5.0, 6.0]])
    labels = Labels(lambda: points)
    plot.addItem(labels)
    labels.place(points[:1, 0], points[:1, 1], ["somebody"])
    plot.grab()
    assert labels.shown == ["somebody"]
    (place,) = labels.places
    for x, y in points:
        at = plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))
        assert not place.contains(QPointF(at))
    crowd = np.column_stack([g.ravel() for g in np.meshgrid(np.linspace(0, 10, 80), np.linspace(0, 10, 80))])
    crowded = Labels(lambda: crowd)
    plot.addItem(crowded)
    crowded.place(points[:1, 0], points[:1, 1], ["nobody"])
    plot.grab()
    assert crowded.shown == [], "rather none than one that cannot be read"
