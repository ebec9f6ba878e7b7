"""Which choices pay: the scores of candidates by what they have at each place, and how much each place matters.

The importance of a place is the share of the scores' variance that goes with what stands there, whatever stands at the
others: epsilon squared of a one-way analysis of variance (Kelley 1935, An unbiased correlation ratio measure). Unlike
the plain share it does not grow with the number of choices, and is about 0, or below, for what does not matter. It is a
main effect among the candidates that the search looked at, which are no even sample once it has learnt.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from engine.session.queries.best import succeeded
from engine.session.view import SessionSource, Table, View
from engine.space.architecture import ArchitectureError, from_bytes
from engine.space.architecture_choices import Choices, choices_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_CHOSEN = np.dtype([("row", "<i8"), ("place", "<i8"), ("option", "<i8")])
_COMBINED = np.dtype([("row", "<i8"), ("combination", "<i8")])


@dataclass(frozen=True, eq=False)
class ChoiceScores:
    """What is known at one moment. Arrays are places × options, and NaN where no candidate had that option there.

    `mean` and `spread` (standard deviation, NaN for fewer than two) are of scores, `count` says of how many.
    `importance`: by place, at most 1; NaN where too few candidates differ. `scores`: how many scores all of this is of.
    """

    places: tuple[str, ...]
    options: tuple[str, ...]
    mean: Floats
    spread: Floats
    count: Integers
    importance: Floats
    scores: int


class ChoiceFold:
    """Follows a session; each score is looked at once however often it is asked. For one thread at a time."""

    def __init__(self, source: SessionSource) -> None:
        self.source = source
        self._looked_at = 0
        self._places: dict[str, int] = {}
        self._options: dict[str, int] = {}
        self._combinations: dict[tuple[int, tuple[str, ...]], int] = {}
        self._chosen, self._combined = Table(_CHOSEN), Table(_COMBINED)
        self._known: dict[int, Choices] = {}

    def at(self, view: View) -> ChoiceScores:
        """The scores by choice at the view's time."""
        self.catch_up()
        scores = view.rows("scores")
        good = succeeded(scores)
        chosen, combined = self._until(self._chosen, len(scores)), self._until(self._combined, len(scores))
        shape = len(self._places), len(self._options)
        cell = chosen["place"] * shape[1] + chosen["option"]
        count = np.bincount(cell, minlength=shape[0] * shape[1])
        middle = float(scores["score"][good].mean()) if good.any() else 0.0
        apart = np.where(good, scores["score"] - middle, 0.0)  # small numbers, of which squares can be added up
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(cell, apart[chosen["row"]], len(count)) / count
            squares = np.bincount(cell, (apart[chosen["row"]] - mean[cell]) ** 2, len(count))
            spread = np.sqrt(np.where(count > 1, squares / (count - 1), nan))
        used = count.reshape(shape).any(axis=0) if shape[1] else np.empty(0, bool)
        seen = count.reshape(shape).any(axis=1) if shape[1] else np.empty(0, bool)
        return ChoiceScores(
            tuple(np.array(tuple(self._places), object)[seen]),
            tuple(np.array(tuple(self._options), object)[used]),
            (mean + middle).reshape(shape)[seen][:, used],
            spread.reshape(shape)[seen][:, used],
            count.reshape(shape)[seen][:, used],
            self._importance(combined, apart, int(good.sum()))[seen],
            int(good.sum()),
        )

    def _importance(self, combined: npt.NDArray[np.void], apart: Floats, scores: int) -> Floats:
        """Of every place; `apart` are the scores' distances from their mean, and 0 of what failed."""
        number, whole = len(self._places), float((apart**2).sum())
        if not number or whole <= 0.0:
            return np.full(number, nan)
        place_of = np.array([place for place, _ in self._combinations], np.int64)
        size = np.bincount(combined["combination"], minlength=len(place_of))
        total = np.bincount(combined["combination"], apart[combined["row"]], len(place_of))
        here = size > 0
        between = np.bincount(place_of[here], total[here] ** 2 / size[here], number)
        groups = np.bincount(place_of[here], minlength=number)
        # Those that do not use a place are a group as well.
        rest = scores - np.bincount(place_of[here], size[here], number)
        left = -np.bincount(place_of[here], total[here], number)
        between += np.where(rest > 0, left**2 / np.maximum(rest, 1), 0.0)
        groups = groups + (rest > 0)
        free = scores - groups
        within = (whole - between) / np.maximum(free, 1)
        return np.where((groups > 1) & (free > 0), (between - (groups - 1) * within) / whole, nan)

    @staticmethod
    def _until(table: Table, rows: int) -> npt.NDArray[np.void]:
        array, length = table.published
        return array[: np.searchsorted(array["row"][:length], rows)]

    @property
    def behind(self) -> int:
        """How many scores have not been looked at yet; a thousand take about a tenth of a second."""
        return len(self.source.tables["scores"]) - self._looked_at

    def catch_up(self) -> None:
        """Look at the scores that are new."""
        view = self.source.view()
        scores, candidates = view.rows("scores"), view.rows("candidates")
        good = succeeded(scores)
        for row in range(self._looked_at, len(scores)):
            if good[row]:
                for place, options in self._choices(view, candidates[scores["candidate"][row]]["architecture"]).items():
                    self._add(row, place, options)
        self._looked_at = len(scores)

    def _choices(self, view: View, reference: np.void) -> Choices:
        """What an architecture has chosen; nothing of one that cannot be read."""
        offset = int(reference["offset"])
        if offset not in self._known:
            try:
                self._known[offset] = choices_of(from_bytes(view.bytes(reference)))
            except ArchitectureError:
                self._known[offset] = {}
        return self._known[offset]

    def _add(self, row: int, place: str, options: tuple[str, ...]) -> None:
        where = self._places.setdefault(place, len(self._places))
        for option in options:
            self._chosen.put(row, where, self._options.setdefault(option, len(self._options)))
        self._combined.put(row, self._combinations.setdefault((where, options), len(self._combinations)))
