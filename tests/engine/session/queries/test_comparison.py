"""Spreads equal quartiles taken place by place; tracks say where a session comes from."""

import numpy as np
import pytest

from engine.plan import dumps, preset
from engine.session import Header, Recorder
from engine.session.queries.comparison import MOST, spread, track


def at(x: np.ndarray, y: np.ndarray, place: float) -> float:
    """A stepwise curve at one place, by looking through all its steps."""
    value = np.nan
    for one, other in zip(x.tolist(), y.tolist(), strict=True):
        if one <= place:
            value = other
    return value if place <= x[-1] else np.nan


@pytest.mark.parametrize("seed", range(8))
def test_the_spread_equals_quartiles_taken_place_by_place(seed) -> None:
    rng = np.random.default_rng(seed)
    curves = []
    for _ in range(int(rng.integers(1, 7))):
        size = int(rng.integers(1, 30))
        curves.append((np.cumsum(rng.integers(1, 5, size)).astype(float), np.maximum.accumulate(rng.random(size))))
    found = spread(curves)
    places = sorted({place for x, _ in curves for place in x.tolist()})
    expected = []
    for place in places:
        values = [value for x, y in curves if (value := at(x, y, place)) == value]
        if 2 * len(values) >= len(curves):
            expected.append((place, *np.quantile(values, (0.25, 0.5, 0.75)), len(values)))
    columns = (found.x, found.low, found.middle, found.high, found.count)
    np.testing.assert_allclose(np.column_stack(columns), np.array(expected))


def test_a_curve_begins_with_its_first_success() -> None:
    x = np.arange(1.0, 5.0)
    found = spread([(x, np.array([np.nan, np.nan, 3.0, 4.0])), (x, np.array([1.0, 1.0, 1.0, 2.0]))])
    assert found.x.tolist() == [1, 2, 3, 4]
    assert found.middle.tolist() == [1, 1, 2, 3]
    assert found.count.tolist() == [1, 1, 2, 2]
    assert len(spread([])) == len(spread([(x, np.full(4, np.nan))])) == 0


def test_many_places_are_thinned_out_to_the_first_the_last_and_some_between() -> None:
    x = np.arange(50_000.0)
    found = spread([(x, x)])
    assert len(found) == MOST
    assert (found.x[0], found.x[-1]) == (0, 49_999)
    np.testing.assert_array_equal(found.middle, found.x)


def test_a_track_says_where_it_comes_from() -> None:
    plan = preset("evolution-digits")
    recorder = Recorder(Header(plan=dumps(plan), method="evolution", seed=4), None)
    recorder.candidate(b"{}")
    recorder.score(0, 88.0, seconds=1, parameters=1, unit="points")
    found = track(recorder.view())
    assert (found.plan, found.method, found.seed) == (plan.name, "evolution", 4)
    assert (found.scoring, found.unit) == ("trained on digits", "points")
    assert found.course.score.tolist() == [88.0]
    assert track(Recorder(Header(plan="no plan =", method="random"), None).view()).plan == "random"
