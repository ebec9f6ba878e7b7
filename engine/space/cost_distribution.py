"""How a number is spread over the members of a space: each value it takes, and in how many ways. All exact."""

from typing import TypeAlias

Spread: TypeAlias = dict[int, int]
"""Value -> number of ways, none of them 0."""


def joint(one: Spread, other: Spread) -> Spread:
    """The spread of the sum of two numbers that do not depend on each other."""
    result: Spread = {}
    for value, ways in one.items():
        for more, times in other.items():
            total = value + more
            result[total] = result.get(total, 0) + ways * times
    return result


def median(spread: Spread) -> int:
    """The lower median: at least half of all ways give it or less."""
    half, seen = (sum(spread.values()) + 1) // 2, 0
    for value in sorted(spread):
        seen += spread[value]
        if seen >= half:
            return value
    raise ValueError("an empty spread has no median")
