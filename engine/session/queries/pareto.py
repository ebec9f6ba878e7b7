"""Two things wanted at once, a high score at a low price: which candidates no other one beats in both."""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST = 20
"""So many of the first candidates settle the reference point of the hypervolume."""


def front(price: Floats, score: Floats) -> Integers:
    """The places of the points that no other point equals or beats in both price (lower is better) and score (higher is
    better), by rising price. Of equal points the first counts; a NaN in either keeps a point out.

    One sweep from the cheapest upwards: a point is on the front where its score exceeds all before. O(n log n).
    """
    known = np.flatnonzero(~(np.isnan(price) | np.isnan(score)))
    order = known[np.lexsort((known, -score[known], price[known]))]
    ranked = score[order]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(ranked)[:-1]]) if len(ranked) else ranked
    return order[ranked > before]


def hypervolume(price: Floats, score: Floats, reference: tuple[float, float]) -> float:
    """The area that the points dominate, as far as it is better than `reference` (price, score).

    Zitzler and Thiele 1998, Multiobjective Optimization Using Evolutionary Algorithms.
    """
    better = (price < reference[0]) & (score > reference[1])
    price, score = price[better], score[better]
    on = front(price, score)
    heights = np.diff(score[on], prepend=reference[1])
    return float(np.sum((reference[0] - price[on]) * heights))


def reference_point(price: Floats, score: Floats) -> tuple[float, float] | None:
    """The worst price and the worst score among the first FIRST points, in the order given; None without points.

    Once so many are known the reference stands still, so that hypervolumes at different moments can be compared.
    """
    known = np.flatnonzero(~(np.isnan(price) | np.isnan(score)))[:FIRST]
    return (float(price[known].max()), float(score[known].min())) if len(known) else None
