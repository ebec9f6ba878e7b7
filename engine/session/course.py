"""A search as a sequence of evaluations: what the best was after each, and what had been spent by then."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .schema import OUTCOMES
from .view import View

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """One element per evaluation, in the order in which their scores arrived.

    `time`: since the session began, s. `spent`: seconds of evaluation so far, simulated where a benchmark says so, else
    measured. `best`: the candidate with the best score so far, the earliest of equals; -1 while all have failed.
    `score` and `reported`: its score, and what a benchmark reports for it; NaN where there is none.
    """

    candidate: Integers
    time: Floats
    spent: Floats
    best: Integers
    score: Floats
    reported: Floats

    def __len__(self) -> int:
        return len(self.candidate)


def course(view: View) -> Course:
    """The evaluations up to the view's time."""
    scores, measures = view.rows("scores"), view.rows("measures")
    candidate = scores["candidate"].astype(np.int64)
    reported, cost = (np.full(len(view.rows("candidates")), np.nan) for _ in range(2))
    reported[measures["candidate"]] = measures["reported"]
    cost[measures["candidate"]] = measures["cost"]
    seconds = np.where(np.isnan(cost[candidate]), scores["seconds"], cost[candidate])
    place = best_so_far(np.where(scores["outcome"] == OUTCOMES.index("ok"), scores["score"], np.nan))
    found = place >= 0
    best = np.where(found, candidate[place], -1) if len(place) else place
    return Course(
        candidate=candidate,
        time=scores["time"].astype(np.float64),
        spent=np.cumsum(np.nan_to_num(seconds)),
        best=best,
        score=np.where(found, scores["score"][place], np.nan) if len(place) else np.empty(0),
        reported=np.where(found, reported[best], np.nan) if len(place) else np.empty(0),
    )


def best_so_far(values: Floats) -> Integers:
    """After each value, the place of the largest until then, the earliest of equals; -1 while all were NaN."""
    filled = np.where(np.isnan(values), -np.inf, values)
    before = np.concatenate([[-np.inf], np.maximum.accumulate(filled)[:-1]]) if len(filled) else filled
    return np.maximum.accumulate(np.where(filled > before, np.arange(len(filled)), -1)) if len(filled) else _NONE


_NONE: Integers = np.empty(0, np.int64)
