"""Spearman's rank correlation, against Pearson's of ranks written out and against scipy's."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from engine.session.queries.rank_correlation import RankCorrelation, spearman


def test_it_is_pearson_s_of_the_ranks():
    draw = np.random.default_rng(1)
    one, other = draw.permutation(50), draw.permutation(50)
    assert spearman(one**3, np.exp(other / 10)) == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_equal_values_share_their_mean_rank():
    """Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4."""
    assert spearman([1, 5, 5, 9], [1, 2, 3, 4]) == pytest.approx(np.corrcoef([1, 2.5, 2.5, 4], [1, 2, 3, 4])[0, 1])
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))


def test_it_is_computed_ever_more_seldom_and_leaves_out_what_is_not_known():
    correlation = RankCorrelation()
    assert correlation.add(1.0, math.nan) is None
    found = [correlation.add(float(number), float(-number)) for number in range(5000)]
    told = [value for value in found if value is not None]
    assert told == pytest.approx([-1.0] * len(told))
    assert found[0] is found[1] is None
    assert found[2:20] == pytest.approx([-1.0] * 18)
    assert len(told) < 200


@pytest.mark.parametrize("size", [3, 10, 500])
def test_it_is_scipy_s(size):
    draw = np.random.default_rng(size)
    one, other = draw.integers(0, 9, size), draw.normal(size=size)
    one[:2] = 0, 1  # not all equal
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)
