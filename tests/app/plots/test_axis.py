"""How an axis writes its values."""

import math

import pytest

from app.plots.axis import labels, ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "kind", "expected"),
    [
        (0, 100, 5, "number", ["0", "20", "40", "60", "80", "100"]),
        (55.3, 96.1, 5, "number", ["60", "70", "80", "90"]),
        (-0.3, 0.7, 4, "number", ["−0.25", "0.00", "0.25", "0.50"]),
        (0, 3, 8, "count", ["0", "1", "2", "3"]),
        (0, 25000, 3, "count", ["0", "10\u202f000", "20\u202f000"]),
        (0, 0.9e6, 4, "amount", ["0", "250\u00a0k", "500\u00a0k", "750\u00a0k"]),
        (0, 1_000_000 - 1e-4, 4, "amount", ["0", *(f"{value}\u00a0M" for value in ("0.25", "0.50", "0.75", "1.00"))]),
        (0, 1540, 4, "clock", ["00:00", "10:00", "20:00"]),
        (0, 9, 4, "clock", ["00:00", "00:05"]),
        (-2, 1, 6, "log", ["0.01", "0.1", "1", "10"]),
        (0, 1, 5, "log", ["1", "2", "5", "10"]),
        (0, 3e-5, 4, "number", ["0e0", "1e−5", "2e−5", "3e−5"]),
    ],
)
def test_axes_carry_few_round_numbers(low, high, most, kind, expected) -> None:
    assert labels(ticks(low, high, most, kind), kind) == expected


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 0), (math.nan, 1), (0, math.inf)])
def test_no_range_no_numbers(low, high) -> None:
    assert ticks(low, high, 5, "number") == []
