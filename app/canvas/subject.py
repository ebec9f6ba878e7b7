"""Whose cell the canvas shows at a moment of a session, and what is said about it. Without Qt."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.session import OUTCOMES, View, summary
from engine.session.folds import SeriesFold
from engine.space.architecture import Architecture, ArchitectureError, from_bytes

NOTHING = "The derived cell appears here once a search runs"
NO_SCORE = "The best cell appears here once a candidate is scored"
EPOCH_SCORE = "validation accuracy (epoch)"

_decoded = lru_cache(maxsize=1024)(from_bytes)


@dataclass(frozen=True)
class Subject:
    """An architecture (or None), what is said about it, and the one that it is compared with: the one derived before,
    or a candidate's parent. `names` are those of the parent and of the candidate."""

    architecture: Architecture | None
    caption: str
    before: Architecture | None = None
    names: tuple[str, str] | None = None


class Subjects:
    """Finds the subject of a view. Remembers only what makes the next answer quick, never what makes it different."""

    def __init__(self) -> None:
        self._key: object = None
        self._best: int | None = None
        self._fold: SeriesFold | None = None
        self._folded: object = None

    def find(self, view: View | None, selection: int | None, point: int | None = None) -> Subject:
        """The point of the embedding asked for; else the selected candidate; else what a one-shot search has derived;
        else the best candidate so far."""
        if view is None:
            return Subject(None, NOTHING)
        try:
            if point is not None and 0 <= point < len(view.rows("embedding")):
                return _point(view, point)
            if selection is not None and 0 <= selection < len(view.rows("candidates")):
                return _candidate(view, selection, "candidate")
            if len(view.rows("derived")):
                return self._derived(view)
            best = self._best_candidate(view)
        except ArchitectureError as error:
            return Subject(None, f"This architecture cannot be drawn: {error}")
        if best is not None:
            return _candidate(view, best, "best so far: candidate")
        return Subject(None, NO_SCORE if len(view.rows("candidates")) else NOTHING)

    def _best_candidate(self, view: View) -> int | None:
        key = view.stamp("candidates", "scores")
        if key != self._key:
            self._key, self._best = key, summary(view).best_candidate
        return self._best

    def _derived(self, view: View) -> Subject:
        rows = view.rows("derived")
        last = _decoded(view.bytes(rows["architecture"][-1]))
        before = _decoded(view.bytes(rows["architecture"][-2])) if len(rows) > 1 else None
        caption = f"derived at step {int(rows['step'][-1]) + 1:,}"
        return Subject(last, " · ".join(filter(None, (caption, self._last_epoch(view)))), before)

    def _last_epoch(self, view: View) -> str:
        if self._fold is None or self._folded is not view.source:
            self._fold, self._folded = SeriesFold(view.source), view.source
        for series in self._fold.series(view):
            if series.name == EPOCH_SCORE:
                curve = self._fold.curve(view, series.number)
                return f"epoch {len(curve)} validation {float(curve.value[-1]):.1f} %"
        return ""


def _candidate(view: View, number: int, what: str) -> Subject:
    row = view.rows("candidates")[number]
    parent = int(row["parent"])
    before = _decoded(view.bytes(view.rows("candidates")["architecture"][parent])) if parent >= 0 else None
    words = [f"{what} #{number}", _score(view, number)]
    if parent >= 0:
        words.append(f"child of #{parent}")
    words.append(view.text(row["change"]))
    names = (f"#{parent}", f"#{number}") if parent >= 0 else None
    return Subject(_decoded(view.bytes(row["architecture"])), " · ".join(filter(None, words)), before, names)


def _point(view: View, number: int) -> Subject:
    """What a point of a learnt space is read as, beside the candidate that its path began at."""
    row = view.rows("embedding")[number]
    start, predicted = int(row["start"]), float(row["predicted"])
    words = [f"step {int(row['step'])} from #{start}" if start >= 0 else "a point of the embedding"]
    if predicted == predicted:
        words.append(f"predicted {predicted:.1f} %")
    before = _decoded(view.bytes(view.rows("candidates")["architecture"][start])) if start >= 0 else None
    names = (f"#{start}", words[0]) if start >= 0 else None
    return Subject(_decoded(view.bytes(row["architecture"])), " · ".join(words), before, names)


def _score(view: View, number: int) -> str:
    scores = view.rows("scores")
    mine = np.flatnonzero(scores["candidate"] == number)
    if not len(mine):
        return "not scored yet"
    row = scores[mine[-1]]
    score = float(row["score"])
    return OUTCOMES[int(row["outcome"])] if np.isnan(score) else f"{score:.1f} %"
