"""The best so far: the one answer to who it is, at any moment of a session, and the unit that scores have.

A one-shot search has no candidates: its scores are those of the shared network after each epoch, and say little of the
cell that is derived from it. Where it goes on with another network (P-DARTS's stages), only those of the last count.

Higher is better, and the earliest of equals stays the best. Failed candidates do not count; of a candidate
that is scored again, both scores do. Where a search draws its
result at the end (ENAS, Pham et al. 2018, section 2.3: candidates of origin "derived"), only that counts as soon as one
of them has a score: weights that are shared go on being trained, and earlier scores cannot be compared with later ones.
"""

import math
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count, repeat
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from engine.session.schema import EPOCH_SCORE, ORIGINS, OUTCOMES, STAGE, Rows
from engine.session.view import SessionSource, View
from engine.words import score as in_words

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_DERIVED = ORIGINS.index("derived")


class Leader:
    """Follows scores in the order in which they arrive."""

    def __init__(self) -> None:
        self.score = -math.inf
        """Of the best so far; -inf before the first."""
        self._derived = False

    def add(self, score: float, derived: bool = False) -> bool:
        """Take a score (not finite where the candidate failed); whether it is the best from here on. `derived`: its
        candidate was drawn for the result."""
        first = derived and not self._derived
        if not (score > self.score or first) or (self._derived and not derived) or not math.isfinite(score):
            return False
        self.score, self._derived = score, derived
        return True


def best_so_far(scores: Iterable[float]) -> list[int]:
    """After each score, the place of the best until then; -1 while there is none."""
    leader, best, places = Leader(), -1, []
    for place, score in enumerate(scores):
        best = place if leader.add(score) else best
        places.append(best)
    return places


def succeeded(scores: Rows) -> npt.NDArray[np.bool_]:
    """Which rows of the table of scores are of candidates that did not fail."""
    good: npt.NDArray[np.bool_] = (scores["outcome"] == OUTCOMES.index("ok")) & np.isfinite(scores["score"])
    return good


@dataclass(frozen=True)
class Best:
    """A score, its unit, and whose it is: a candidate's number, or None where it is that of a one-shot search's shared
    network, after so many epochs (from 1), in a stage (from 1; 0 where there are none)."""

    score: float
    unit: str
    candidate: int | None = None
    epoch: int = 0
    stage: int = 0

    @property
    def moment(self) -> str:
        """epoch 18, or epoch 18 (stage 2), counted through all stages; "" for a candidate's."""
        return f"epoch {self.epoch}{f' (stage {self.stage})' if self.stage else ''}" if self.epoch else ""


def best(view: View) -> Best | None:
    """The best so far at the view's time; None before the first score. However often and wherever it is asked, each row
    of a session is looked at once. From any thread."""
    if is_one_shot(view):
        return _of_network(view, _fold(view.source).of_epochs(view).last(len(view.rows("scalars"))))
    row = _fold(view.source).of_scores(view).last(len(view.rows("scores")))
    if row is None:
        return None
    scores = view.rows("scores")
    return Best(float(scores["score"][row]), unit_of_scores(view), int(scores["candidate"][row]))


def latest(view: View) -> Best | None:
    """The shared network's score after the last epoch, which is nearest to what is derived at the view's time; None
    before the first of a stage, and for a search that scores candidates."""
    fold = _fold(view.source)
    fold.of_epochs(view)
    place = bisect_left(fold.epochs, len(view.rows("scalars")))
    return _of_network(view, fold.epochs[place - 1] if place and is_one_shot(view) else None)


def _of_network(view: View, row: int | None) -> Best | None:
    """The score in this row of scalars, unless another stage has begun since."""
    if row is None:
        return None
    fold = _fold(view.source)
    stages = fold.stages[: bisect_left(fold.stages, len(view.rows("scalars")))]
    if stages and stages[-1] > row:
        return None
    value = float(view.rows("scalars")["value"][row])
    return Best(value, "%", epoch=bisect_right(fold.epochs, row), stage=len(stages))


def best_in_words(view: View) -> str:
    """The best so far, saying what it is: "best 91.6 %" of candidates, "shared network 96.4 % after epoch 20, best
    97.6 % after epoch 18" of a one-shot search; "" before the first score."""
    found, last = best(view), latest(view)
    if found is None:
        return ""
    if last is None:
        return f"best {in_words(found.score, found.unit)}"
    words = f"shared network {in_words(last.score, last.unit)} after {last.moment}"
    if last.epoch == found.epoch:
        return words
    return f"{words}, best {in_words(found.score, found.unit)} after epoch {found.epoch}"


def best_rows(view: View) -> Integers:
    """For every row of the table of scores, the row of the best score until then; -1 while there is none."""
    count = len(view.rows("scores"))
    turns = np.array([-1, *_fold(view.source).of_scores(view).before(count)])
    rows: Integers = turns[np.searchsorted(turns[1:], np.arange(count), side="right")]
    return rows


def is_one_shot(view: View) -> bool:
    """Whether the search trains one network for all architectures and scores no candidates, as far as can be seen."""
    return len(view.rows("derived")) > 0 or len(view.rows("candidates")) == 0


def unit_of_scores(view: View) -> str:
    """The unit of the candidates' scores: "%" for an accuracy, "" for a plain number and while there are no scores."""
    scores = view.rows("scores")
    return view.text(scores["unit"][-1]) if len(scores) else ""


@dataclass(frozen=True)
class Course:
    """One element per evaluation, in the order in which their scores arrived.

    `time`: since the session began, s. `spent`: seconds of evaluation so far, simulated where a benchmark says so, else
    measured. `best`: the candidate that is the best so far; -1 while all have failed. `score` and `reported`: its
    score, and what a benchmark reports for it; NaN where there is none.
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
    place = best_rows(view)
    scores, measures = view.rows("scores"), view.rows("measures")
    candidate = scores["candidate"].astype(np.int64)
    reported, cost = (np.full(len(view.rows("candidates")), np.nan) for _ in range(2))
    reported[measures["candidate"]] = measures["reported"]
    cost[measures["candidate"]] = measures["cost"]
    seconds = np.where(np.isnan(cost[candidate]), scores["seconds"], cost[candidate])
    found = place >= 0
    best, score, told = np.full(len(scores), -1), np.full(len(scores), np.nan), np.full(len(scores), np.nan)
    best[found] = candidate[place[found]]
    score[found] = scores["score"][place[found]]
    told[found] = reported[best[found]]
    return Course(
        candidate=candidate,
        time=scores["time"].astype(np.float64),
        spent=np.cumsum(np.nan_to_num(seconds)),
        best=best,
        score=score,
        reported=told,
    )


class _Turns:
    """The rows of one table at which the best so far changed."""

    def __init__(self) -> None:
        self._leader = Leader()
        self.rows: list[int] = []
        self.seen = 0
        """How many rows of the table have been looked at."""

    def begin_anew(self) -> None:
        """What is added from now on is not compared with what was."""
        self._leader = Leader()

    def add(self, rows: Iterable[int], scores: Iterable[float], derived: Iterable[bool]) -> None:
        """Follow these rows and their scores."""
        self.rows += [row for row, score, drawn in zip(rows, scores, derived) if self._leader.add(score, drawn)]  # noqa: B905

    def before(self, end: int) -> list[int]:
        """Those of the first `end` rows."""
        return self.rows[: bisect_left(self.rows, end)]

    def last(self, end: int) -> int | None:
        """The last of the first `end` rows."""
        place = bisect_left(self.rows, end)
        return self.rows[place - 1] if place else None


class _Fold:
    """Where in one session the best so far changed. It does not hold the session, which it must not outlive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scores, self._scalars = _Turns(), _Turns()
        self._names = 0  # series looked at
        self._numbers: dict[str, int] = {}  # of those that are followed
        self._stage = 0.0
        self.epochs: list[int] = []
        """Rows of scalars with a score of the shared network."""
        self.stages: list[int] = []
        """Those in which another network is the first time said to be trained, the first network included."""

    def of_scores(self, view: View) -> _Turns:
        """Rows of scores, as far as the session has any."""
        with self._lock:
            whole, turns = view.source.view(), self._scores
            new = whole.rows("scores")[turns.seen :]
            if len(new):
                derived = whole.rows("candidates")["origin"][new["candidate"]] == _DERIVED
                values = np.where(succeeded(new), new["score"], np.nan)
                turns.add(count(turns.seen), values.tolist(), derived.tolist())
                turns.seen += len(new)
            return turns

    def of_epochs(self, view: View) -> _Turns:
        """Rows of scalars in which a one-shot search says how good it is."""
        with self._lock:
            whole, turns = view.source.view(), self._scalars
            names = whole.rows("series")
            for number in range(self._names, len(names)):
                if (name := whole.text(names[number]["name"])) in (EPOCH_SCORE, STAGE):
                    self._numbers[name] = number
            self._names = len(names)
            new = whole.rows("scalars")[turns.seen :]
            of_search = new["candidate"] == -1
            numbers = (self._numbers.get(name, -1) for name in (EPOCH_SCORE, STAGE))
            scores, stages = (np.flatnonzero((new["series"] == number) & of_search) for number in numbers)
            values = new["value"][stages]
            begun = stages[np.diff(values, prepend=self._stage) != 0]
            self._stage = float(values[-1]) if len(values) else self._stage
            for place, part in enumerate(np.split(scores, np.searchsorted(scores, begun))):
                if place:
                    turns.begin_anew()
                turns.add((part + turns.seen).tolist(), new["value"][part].tolist(), repeat(False))
            self.epochs += (scores + turns.seen).tolist()
            self.stages += (begun + turns.seen).tolist()
            turns.seen += len(new)
            return turns


_folds: WeakKeyDictionary[SessionSource, _Fold] = WeakKeyDictionary()
_folds_lock = threading.Lock()


def _fold(source: SessionSource) -> _Fold:
    with _folds_lock:
        return _folds.setdefault(source, _Fold())
