"""Which predictions have come to be judged, and how well they ranked what they were made of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.run.correlation import LEAST, spearman

if TYPE_CHECKING:
    from engine.session import View

LATELY = 30
"""So many of the last ones show how well the surrogate ranks now."""
PLACES = 240
"""About so many rank correlations make a curve; to compute one of n pairs takes n log n."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Candidates that were predicted and then scored, in the order of their scores' arrival. The spread of an ensemble
    is NaN where there is none."""

    candidate: np.ndarray
    expected: np.ndarray
    score: np.ndarray
    spread: np.ndarray

    def __len__(self) -> int:
        return len(self.candidate)


def judged(view: "View") -> Judged:
    """What a view knows. Of several predictions of a candidate the last one counts."""
    predictions, scores = view.rows("predictions"), view.rows("scores")
    row = np.full(len(view.rows("candidates")), -1, np.int64)
    row[predictions["candidate"]] = np.arange(len(predictions))  # the last one stays
    who = scores["candidate"][~np.isnan(scores["score"])]
    score = scores["score"][~np.isnan(scores["score"])]
    told = row[who] >= 0
    who, score = who[told], score[told]
    chosen = predictions[row[who]]
    return Judged(who.astype(np.int64), chosen["value"], score, chosen["spread"])


def correlations(found: Judged, window: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Spearman's rank correlation after each judgement (of many only some, always the last): of how many it is, and its
    value. With a `window`, of the last so many only. Where all ranks are equal there is none."""
    count = len(found)
    step = max(1, count // PLACES)
    places = np.unique(np.append(np.arange(LEAST, count + 1, step), count)) if count >= LEAST else np.empty(0, np.int64)
    values = []
    for place in places.tolist():
        start = 0 if window is None else max(0, place - window)
        values.append(spearman(found.expected[start:place], found.score[start:place]))
    value = np.array(values, float)
    known = ~np.isnan(value)
    return places[known], value[known]
