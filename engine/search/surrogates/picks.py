"""What PNAS is to try next and what it has tried, and how they go into a state."""

import math
from typing import Any, NamedTuple

from engine.space.decisions import Decisions


class Pick(NamedTuple):
    """What is to be tried next: decisions of a level, and the score that is expected, NaN where none is."""

    level: int
    decisions: Decisions
    value: float = math.nan
    spread: float = math.nan


class Tried(NamedTuple):
    """What was tried; the score is None where it failed."""

    candidate: int
    pick: Pick
    score: float | None


def plain(pick: Pick) -> list[Any]:
    """A pick as plain JSON."""
    level, decisions, *numbers = pick
    return [level, list(decisions), *(None if math.isnan(number) else number for number in numbers)]


def picked(entry: list[Any]) -> Pick:
    """A pick back again."""
    level, decisions, *numbers = entry
    return Pick(level, tuple(decisions), *(math.nan if number is None else number for number in numbers))
