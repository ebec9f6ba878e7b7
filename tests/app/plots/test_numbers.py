"""How numbers are written."""

import math

import pytest

from app.plots.axis import labels, ticks
from app.plots.numbers import clock, long_clock, millions, number, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (91.62, "91.6"),
        (0.02134, "0.0213"),
        (0.0, "0"),
        (0.01, "0.0100"),
        (1000, "1000"),
        (2.3, "2.30"),
        (-1.5, "−1.50"),
        (0.000012, "1.2e−5"),
        (12400, "12\u202f400"),
        (123456789, "1.2e8"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_values_have_about_three_digits(value, text) -> None:
    assert number(value) == text


def test_units_and_times() -> None:
    assert percent(91.62) == "91.6\u00a0%"
    assert percent(math.nan) == "–"
    assert [millions(count) for count in (830, 10_400, 480_000, 3_349_000, 25_600_000)] == [
        "830",
        "10\u202f400",
        "0.48\u00a0M",
        "3.35\u00a0M",
        "25.6\u00a0M",
    ]
    assert [clock(seconds) for seconds in (0, 751.9, 3751)] == ["00:00", "12:31", "1:02:31"]
    assert long_clock(751) == "00:12:31"


@pytest.mark.parametrize(
    ("low", "high", "most", "kind", "expected"),
    [
        (0, 100, 5, "number", ["0", "20", "40", "60", "80", "100"]),
        (55.3, 96.1, 5, "number", ["60", "70", "80", "90"]),
        (-0.3, 0.7, 4, "number", ["−0.25", "0.00", "0.25", "0.50"]),
        (0, 3, 8, "count", ["0", "1", "2", "3"]),
        (0, 25000, 3, "count", ["0", "10\u202f000", "20\u202f000"]),
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
