"""How well scores put candidates in the order of what is known of them otherwise."""

import math

import numpy as np
import numpy.typing as npt

LEAST = 3
"""Pairs below which an order says nothing."""

DENSITY = 20
"""The correlation is computed so many times while the search grows e-fold. It takes n log n for n pairs, hence
log n for each pair in the long run."""


def spearman(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Spearman's rank correlation, −1 to 1; equal values share their mean rank. NaN where all of one are equal.

    As scipy.stats.spearmanr, which takes 4 to 14 times as long on up to 3,000 pairs, for the sake of the p-value, and
    half a second and more to be imported; the Surrogate panel asks for 480 of them whenever it is drawn.
    """
    one, other = (_ranks(np.asarray(values, float)) for values in (first, second))
    one, other = one - one.mean(), other - other.mean()
    scale = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / scale if scale else math.nan


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


class RankCorrelation:
    """The rank correlation of a growing number of pairs."""

    def __init__(self) -> None:
        self._pairs: list[tuple[float, float]] = []
        self._last = 0

    def add(self, score: float, known: float) -> float | None:
        """Take a pair, and say the correlation of all where it is time to. What is not known (NaN) is left out."""
        if math.isnan(score) or math.isnan(known):
            return None
        self._pairs.append((score, known))
        number = len(self._pairs)
        if number < LEAST or number - self._last <= self._last // DENSITY:
            return None
        self._last = number
        value = spearman(*np.array(self._pairs).T)
        return None if math.isnan(value) else value
