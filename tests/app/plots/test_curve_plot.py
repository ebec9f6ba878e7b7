"""The curve plot: what is drawn where, at any length, and looking closer."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app import theme as themes
from app.plots.curve_plot import Curve, CurvePlot


@pytest.fixture
def plot(qtbot) -> CurvePlot:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    return plot


def curve(y, x=None, **more) -> Curve:
    values = np.asarray(y, float)
    return Curve("a", "a", "#5aa9ff", np.arange(len(values)) if x is None else np.asarray(x), values, **more)


def paint(plot: CurvePlot) -> None:
    assert not plot.grab().isNull()


def test_draws_every_value_of_a_short_curve_and_frames_it(plot) -> None:
    plot.draw([curve([3.0, 1.0, 2.0])])
    x, y = plot.line("a")
    assert (x.tolist(), y.tolist()) == ([0, 1, 2], [3, 1, 2])
    left, right, bottom, top = plot.sight()
    assert (left, right) == pytest.approx((-0.02, 2.02))
    assert bottom < 1 < 3 < top
    paint(plot)


def test_a_single_value_is_a_dot(plot) -> None:
    plot.draw([curve([88.1], x=[99])])
    dots = plot._slots[0].dots
    assert (dots.x.tolist(), dots.y.tolist()) == ([99], [88.1])
    assert plot.sight()[0] < 99 < plot.sight()[1]
    before = plot.grab().toImage()
    dots.set_colour(themes.DARK.surface)
    assert plot.grab().toImage() != before


def test_a_million_values_are_drawn_by_few_points_that_miss_no_peak(plot) -> None:
    y = np.zeros(1_000_000)
    y[[123_456, 999_999]] = 50.0, -50.0
    plot.draw([curve(y)], smoothing="off")
    x, drawn = plot.line("a")
    assert len(x) < 20 * plot.columns()
    assert (drawn.max(), drawn[-2:].min()) == (50.0, -50.0)
    assert x[drawn.argmax()] == pytest.approx(123_456, abs=1_000_000 / plot.columns())
    paint(plot)


def test_steps_hold_each_value_until_the_next(plot) -> None:
    plot.draw([curve([1.0, 3.0, 4.0], x=[0, 5, 6], kind="steps")])
    x, y = plot.line("a")
    assert list(zip(x, y, strict=True)) == [(0, 1), (5, 1), (5, 3), (6, 3), (6, 4)]
    paint(plot)


def test_points_are_not_joined_but_their_mean_is_drawn_once_they_are_many(plot) -> None:
    slot = plot._slots
    plot.draw([curve([1.0, 3.0, 2.0], kind="points")])
    assert plot.line("a")[0].tolist() == []
    assert slot[0].dots.y.tolist() == [1, 3, 2]
    plot.draw([curve(np.tile([1.0, 3.0], 200), kind="points")], smoothing="strong")
    _, y = plot.line("a")
    assert len(y) > 50
    np.testing.assert_allclose(y, 2.0, atol=0.1)
    assert len(slot[0].dots.x) == 400
    paint(plot)


def test_fewer_curves_leave_none_of_the_earlier_ones(plot) -> None:
    other = Curve("b", "b", "#ffffff", np.arange(3), np.arange(3.0))
    plot.draw([curve([1, 2]), other])
    assert [shown.key for shown in plot.shown()] == ["a", "b"]
    plot.draw([other])
    assert [shown.key for shown in plot.shown()] == ["b"]
    plot.draw([])
    assert plot.shown() == ()
    paint(plot)


def test_gaps_and_infinities_do_not_stop_the_drawing(plot) -> None:
    plot.draw([curve([np.nan, 1.0, np.inf, 3.0, np.nan])])
    bottom, top = plot.sight()[2:]
    assert 0 < bottom < 1 < 3 < top < 4
    paint(plot)
    plot.draw([curve([np.nan, np.nan])])
    paint(plot)


def test_the_wheel_looks_closer_and_a_double_click_shows_all_again(plot, qtbot) -> None:
    y = np.sin(np.arange(10_000) / 300)
    plot.draw([curve(y)])
    plot.box.scaleBy(x=0.01, center=QPointF(5000, 0))
    plot.box.sigRangeChangedManually.emit([True, False])
    plot.draw([curve(y)])
    left, right = plot.sight()[:2]
    assert right - left == pytest.approx(100, rel=0.05)
    x, _ = plot.line("a")
    assert len(x) < 250
    assert x.min() <= left + 1
    assert x.max() >= right - 1
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.viewport().rect().center())
    assert plot.sight()[:2] == pytest.approx((-99.99, 10098.99))


def test_a_family_is_one_item_with_gaps(plot) -> None:
    x = np.array([0, 1, 2, np.nan, 0, 1, 2])
    y = np.array([1, 2, 3, np.nan, 3, 4, 5.0])
    plot.draw([curve(y, x=x, kind="family")])
    assert plot.sight()[:2] == pytest.approx((-0.02, 2.02))
    assert plot._slots[0].faint.getData()[1].tolist()[:3] == [1, 2, 3]
    paint(plot)


def test_the_cursor_stands_where_it_is_told(plot) -> None:
    plot.draw([curve([1, 2, 3])], cursor=1.5, extent=(0, 10))
    assert plot.cursor == 1.5
    assert plot.sight()[:2] == pytest.approx((-0.1, 10.1))
    plot.draw([curve([1, 2, 3])])
    assert plot.cursor is None


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=themes.THEMES)
def test_nothing_of_the_librarys_own_look_remains(plot, theme) -> None:
    plot.set_theme(theme)
    plot.draw([curve([1, 2, 3])])
    assert plot.backgroundBrush().color().name() == theme.surface
    assert plot.left.textPen().color().name() == theme.muted
    assert not plot.getPlotItem().autoBtn.isVisible() or plot.getPlotItem().buttonsHidden
    assert not plot.box.menuEnabled()
