"""Learning rates that fall by half a cosine (SGDR, Loshchilov and Hutter 2017, equation 5)."""

import math


def half_cosine(done: float, total: float, high: float, low: float = 0.0) -> float:
    """The rate after `done` of `total` parts (epochs or steps): from `high` at 0 down to `low` at `total`."""
    return low + (high - low) * (1 + math.cos(math.pi * done / total)) / 2


def warm_restarts(passes: int, high: float, low: float, period: int, factor: int) -> float:
    """The rate after so many passes: half a cosine again and again, each `factor` times longer than the one before; the
    first has `period` passes."""
    while passes >= period:
        passes -= period
        period *= factor
    return half_cosine(passes, period, high, low)
