"""The front and its hypervolume equal what comparing every point with every other, and counting squares, finds."""

import numpy as np
import pytest

from engine.session.queries.pareto import FIRST, front, hypervolume, reference_point


def brute(price, score) -> set[tuple[float, float]]:
    points = [(p, s) for p, s in zip(price.tolist(), score.tolist(), strict=True) if p == p and s == s]
    return {(p, s) for p, s in points if not any((q <= p and t >= s) and (q, t) != (p, s) for q, t in points)}


def squares(price, score, reference) -> int:
    """Unit squares of the grid whose every point some point dominates."""
    return sum(
        any(p <= x and s >= y + 1 for p, s in zip(price, score, strict=True))
        for x in range(reference[0])
        for y in range(reference[1], 12)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_sweep_equals_every_pair_compared(seed) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(0, 60))
    price, score = (rng.integers(0, 12, size).astype(float) for _ in range(2))
    for values in (price, score):
        values[rng.random(size) < 0.1] = np.nan
    found = front(price, score)
    assert {(price[place], score[place]) for place in found} == brute(price, score)
    assert len({(price[place], score[place]) for place in found}) == len(found), "equal points count once"
    assert (np.diff(price[found]) > 0).all()
    assert (np.diff(score[found]) > 0).all()


def test_of_equal_points_the_first_is_on_the_front() -> None:
    assert front(np.array([2.0, 1.0, 1.0]), np.array([9.0, 5.0, 5.0])).tolist() == [1, 0]


@pytest.mark.parametrize("seed", range(20))
def test_the_hypervolume_equals_the_squares_counted(seed) -> None:
    rng = np.random.default_rng(seed)
    price, score = (rng.integers(0, 12, 15) for _ in range(2))
    reference = (int(rng.integers(4, 12)), int(rng.integers(0, 8)))
    assert hypervolume(price.astype(float), score.astype(float), reference) == squares(price, score, reference)


def test_points_no_better_than_the_reference_add_nothing() -> None:
    assert hypervolume(np.array([5.0, 9.0]), np.array([1.0, 99.0]), (5.0, 0.0)) == 0
    assert hypervolume(np.empty(0), np.empty(0), (5.0, 0.0)) == 0


def test_the_reference_is_the_worst_of_the_first_and_then_stands_still() -> None:
    price, score = np.arange(30.0), 90 - np.arange(30.0)
    price[3] = np.nan
    assert reference_point(price[:1], score[:1]) == (0.0, 90.0)
    assert reference_point(price, score) == (float(FIRST), 90.0 - FIRST)
    assert reference_point(price[:3] * np.nan, score[:3]) is None
