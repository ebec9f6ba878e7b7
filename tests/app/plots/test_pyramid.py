"""The min/max pyramid against brute force."""

import numpy as np
import pytest

from app.plots.pyramid import Pyramid


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(3)
    values = np.cumsum(rng.normal(size=5000))
    values[rng.random(5000) < 0.05] = np.nan
    values[1000:1100] = np.nan
    return values


def in_pieces(values: np.ndarray) -> Pyramid:
    """A pyramid that was handed its values in pieces of very different lengths."""
    pyramid, rng, length = Pyramid(), np.random.default_rng(4), 0
    while length < len(values):
        length = min(len(values), length + int(rng.choice([1, 2, 3, 17, 400])))
        pyramid.extend(values[:length])
    return pyramid


@pytest.mark.parametrize(
    ("start", "stop", "columns"), [(0, 5000, 300), (0, 5000, 7), (123, 4321, 100), (990, 1110, 10), (4999, 5000, 50)]
)
def test_every_block_of_the_outline_spans_its_values(values, start, stop, columns) -> None:
    x = np.arange(5000) * 2.0
    xs, ys = in_pieces(values).outline(x, values, start, stop, columns)
    assert len(xs) <= 4 * 2 * 2 * columns + 200
    places = np.unique((xs / 2).astype(int))
    assert places[0] <= start
    ends = np.append(places[1:], stop)
    for place, end in zip(places, ends, strict=True):
        drawn = ys[xs == place * 2.0]
        with np.errstate(all="ignore"):
            expected = np.fmin.reduce(values[place:end]), np.fmax.reduce(values[place:end])
        np.testing.assert_array_equal([np.fmin.reduce(drawn), np.fmax.reduce(drawn)], expected)


def test_few_values_are_drawn_as_they_are(values) -> None:
    x = np.arange(5000)
    xs, ys = in_pieces(values).outline(x, values, 100, 400, 200)
    np.testing.assert_array_equal(xs, x[100:400])
    np.testing.assert_array_equal(ys, values[100:400])


def test_a_shorter_row_uses_nothing_from_beyond_its_end(values) -> None:
    x, early = np.arange(5000), values[:1777]
    grown, fresh = in_pieces(values), Pyramid()
    for pyramid_row in zip(grown.outline(x, early, 0, 1777, 50), fresh.outline(x, early, 0, 1777, 50), strict=True):
        np.testing.assert_array_equal(*pyramid_row)
    for pair in zip(grown.smooth(x, early, 0, 1777, 40, 30), fresh.smooth(x, early, 0, 1777, 40, 30), strict=True):
        np.testing.assert_array_equal(*pair)


@pytest.mark.parametrize("reach", [1, 10, 3000])
def test_means_are_those_of_the_window_around_each_place(values, reach) -> None:
    places = np.array([0, 1, 500, 1050, 2500, 4998, 4999])
    windows = [values[max(0, place - reach) : place + reach + 1] for place in places]
    expected = [window[np.isfinite(window)].mean() if np.isfinite(window).any() else np.nan for window in windows]
    np.testing.assert_allclose(in_pieces(values).mean(values, places, reach), expected)


def test_places_of_the_smooth_line_do_not_wander_and_reach_the_last_value(values) -> None:
    x, pyramid = np.arange(5000), Pyramid()
    before, _ = pyramid.smooth(x, values[:1200], 0, 1200, 100, 5)
    after, _ = pyramid.smooth(x, values[:1500], 0, 1500, 100, 5)
    assert set(before[:-1]) <= set(after)
    assert (before[-1], after[-1]) == (1199, 1499)
