"""Numbers, scores, times, sizes and faults in words."""

import math

import pytest

from engine.words import (
    amount,
    bare_score,
    clock,
    count,
    duration,
    fault_line,
    first_line,
    long_clock,
    named,
    number,
    percent,
    plain,
    power,
    score,
    size,
)


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (0.5, "0.500"),
        (1234, "1.23 k"),
        (10_432, "10.4 k"),
        (480_000, "480 k"),
        (999_400, "999 k"),
        (999_600, "1.00 M"),
        (-999_600, "-1.00 M"),
        (3_349_000, "3.35 M"),
        (535_000_000, "535 M"),
        (999_950_000, "1.00 G"),
        (12 * 10**12, "12.0 T"),
    ],
)
def test_large_numbers_have_three_digits_and_the_next_unit_from_its_first_on(value, text) -> None:
    assert plain(amount(value)) == text


def test_sizes_of_spaces_are_powers_of_ten_and_never_ten_of_them() -> None:
    numbers = (0, 1764, 999_999, 10**6, 9_960_000, 1_076_746_950_455_072_400, 995 * 10**397)
    assert [power(number) for number in numbers] == [
        "0",
        "1,764",
        "999,999",
        "1.0 × 10⁶",
        "1.0 × 10⁷",
        "1.1 × 10¹⁸",
        "1.0 × 10⁴⁰⁰",
    ]


def test_scores_have_their_unit_and_no_other() -> None:
    assert percent(91.62) == score(91.62, "%") == "91.6\u00a0%"
    assert score(91.625, "%", 2) == "91.62\u00a0%"
    assert (score(38.2, ""), score(1530.25, ""), score(-0.01234, "nats")) == ("38.20", "1530", "−0.01234\u00a0nats")
    assert (bare_score(91.62, "%", 2), bare_score(38.2, "")) == ("91.62", "38.20")
    assert (percent(math.nan), score(math.nan, "")) == ("–", "–")
    assert (named("score", "%"), named("score", "")) == ("score, %", "score")


def test_a_log_and_a_terminal_have_characters_that_are_easily_found() -> None:
    assert plain(f"{score(91.62, '%')} of {number(12400)}, {number(-1.5)}") == "91.6 % of 12,400, -1.50"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "00:00:00"), (751.9, "00:12:31"), (3600 * 100, "100:00:00"), (-1, "00:00:00")]
)
def test_long_clock(seconds, said):
    assert long_clock(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 s"),
        (40, "40 s"),
        (59.5, "60 s"),
        (60, "1 min"),
        (780, "13 min"),
        (7500, "2 h 05 min"),
        (3599, "1 h 00 min"),
    ],
)
def test_duration(seconds, said):
    assert duration(seconds) == said


def test_sizes_and_counts():
    assert [size(850e6), size(1.94e9)] == ["850 MB", "1.9 GB"]
    assert [count(1, "thread"), count(4, "thread")] == ["1 thread", "4 threads"]
    assert [clock(seconds) for seconds in (0, 751.9, 3751, 36_000)] == ["00:00", "12:31", "1:02:31", "10:00:00"]
    assert count(2, "family", "families") == "2 families"


class Strange(Exception):  # noqa: N818
    """An exception of ours."""


@pytest.mark.parametrize(
    ("fault", "first", "line"),
    [
        (ValueError("  no room\nat all"), "no room", "ValueError: no room"),
        (ValueError(), "ValueError", "ValueError"),
        (Strange("\n"), "Strange", "Strange"),
    ],
)
def test_a_fault_is_one_line(fault, first, line) -> None:
    assert (first_line(fault), fault_line(fault)) == (first, line)
