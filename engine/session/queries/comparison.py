"""The course of a search: what the best was after each evaluation, and what had been spent by then.

And several of them on one axis, with the median and spread over those that belong together.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.session.queries.best import Course, course, unit_of_scores
from engine.session.view import View

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


MOST = 1000
"""At so many places at the most a spread is worked out."""


@dataclass(frozen=True)
class Track:
    """What of a session is compared with others: `recipe`, which is the same for the same plan with the same seed; its
    plan's name, method and seed, how its scores come about (in words, such as "trained on digits"), their unit, and its
    course."""

    id: str
    recipe: str
    plan: str
    method: str
    seed: int
    scoring: str
    unit: str
    course: Course


def track(view: View) -> Track:
    """The session up to the view's time."""
    header = view.source.header
    try:
        plan = tomllib.loads(header.plan)
    except tomllib.TOMLDecodeError:
        plan = {}
    return Track(
        id=header.id,
        recipe=f"{header.seed} {header.method} {header.plan}" if header.plan else header.id,
        plan=str(plan.get("name") or header.method or "session"),
        method=header.method,
        seed=header.seed,
        scoring=" on ".join(filter(None, (_kind(plan, "evaluator"), _kind(plan, "data")))),
        unit=unit_of_scores(view),
        course=course(view),
    )


def _kind(plan: dict[str, object], part: str) -> str:
    table = plan.get(part)
    return str(table.get("kind", "")) if isinstance(table, dict) else ""


@dataclass(frozen=True)
class Spread:
    """Quartiles over several stepwise curves: at `x` (rising) and until the next, over the `count` curves that have got
    so far."""

    x: Floats
    low: Floats
    middle: Floats
    high: Floats
    count: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)


def spread(curves: Sequence[tuple[Floats, Floats]]) -> Spread:
    """The median and the quartiles of curves (x, y) that hold each value until the next; NaN counts as not yet there.

    A curve counts up to its last x. The spread goes as far as at least half of the curves do.
    """
    curves = [(x[known], y[known]) for x, y in curves if (known := ~np.isnan(y)).any()]
    if not curves:
        nothing: Floats = np.empty(0)
        return Spread(nothing, nothing, nothing, nothing, np.empty(0, np.int64))
    places = np.unique(np.concatenate([x for x, _ in curves]))
    if len(places) > MOST:
        places = places[np.linspace(0, len(places) - 1, MOST).round().astype(int)]
    values = np.full((len(curves), len(places)), np.nan)
    for row, (x, y) in zip(values, curves, strict=True):
        before = np.searchsorted(x, places, side="right") - 1
        there = (before >= 0) & (places <= x[-1])
        row[there] = y[before[there]]
    count = (~np.isnan(values)).sum(axis=0)
    enough = 2 * count >= len(curves)
    places, count, values = places[enough], count[enough], np.sort(values[:, enough], axis=0)
    low, middle, high = (_quantile(values, count, share) for share in (0.25, 0.5, 0.75))
    return Spread(places, low, middle, high, count)


def _quantile(values: Floats, count: npt.NDArray[np.int64], share: float) -> Floats:
    """The quantile of every column, of which the first `count` values are known and sorted; between two values it is
    interpolated. As numpy.nanquantile, which takes a hundred times as long."""
    place = share * (count - 1)
    below = np.floor(place).astype(np.int64)
    columns = np.arange(values.shape[1])
    low, high = values[below, columns], values[np.minimum(below + 1, count - 1), columns]
    found: Floats = low + (place - below) * (high - low)
    return found
