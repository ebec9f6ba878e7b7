"""Where candidates lie in a learnt space, and where its gradient led, as of the last round of a moment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.session import View


@dataclass(frozen=True, eq=False)
class Round:
    """Rows of the table `embedding` in arrays. A path's `before` is the row that its step was made from, or -1 where
    that is not known."""

    number: int  # counted from 1; 0: there is none
    points: np.ndarray  # rows of candidates
    steps: np.ndarray  # rows of steps, in the order of their paths
    before: np.ndarray  # for each step


def rounds(rows: np.ndarray) -> np.ndarray:
    """The row at which each round begins: a round first notes where candidates lie, then where steps led."""
    own = rows["start"] < 0
    new = own[1:] & ~own[:-1]
    return np.flatnonzero(np.concatenate([[True], new])[: len(rows)])


def last_round(view: "View") -> Round:
    """The last round of a view."""
    rows = view.rows("embedding")
    starts = rounds(rows)
    first = int(starts[-1]) if len(starts) else 0
    here = np.arange(first, len(rows))
    own = rows["start"][here] < 0
    points, steps = here[own], here[~own]
    steps = steps[np.lexsort((rows["step"][steps], rows["start"][steps]))]
    at = {int(candidate): int(row) for candidate, row in zip(rows["candidate"][points], points, strict=True)}
    before, last = np.full(len(steps), -1, np.int64), (-1, -1)  # the path, and its row, that were come from
    for place, row in enumerate(steps.tolist()):
        start = int(rows["start"][row])
        before[place] = last[1] if last[0] == start else at.get(start, -1)
        last = (start, row)
    return Round(len(starts), points, steps, before)
