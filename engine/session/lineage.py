"""Who descends from whom, and when the descendants of one ancestor took over the living population."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .schema import OUTCOMES
from .view import SessionSource, View

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CHANGE = np.dtype([("time", "f8"), ("born", "i8"), ("family", "i8"), ("change", "i8")])
_LEAST = 3  # living members from which a family may stand out
_SHARE = 0.1  # of the living, from which it does


@dataclass(frozen=True)
class Lineage:
    """The families at one moment; a family is a founder (a candidate without a parent) and all its descendants.

    By candidate: `parent` (-1: none), `founder`, and `generation` (0 for founders). By change of the living population:
    `born` (candidates born by then), `family` (its founder) and `change` (+1 or -1). `prominent`: the founders of the
    families that have ever held a tenth of the living, in the order in which they came to it. `takeovers`: (candidates
    born by then, founder), whenever another family came to hold more than half of the living.
    """

    parent: Integers
    founder: Integers
    generation: Integers
    born: Integers
    family: Integers
    change: Integers
    prominent: tuple[int, ...]
    takeovers: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.parent)

    def line(self, candidate: int) -> Integers:
        """A candidate and all its ancestors, the founder last."""
        found = [candidate]
        while (parent := int(self.parent[found[-1]])) >= 0:
            found.append(parent)
        return np.array(found)

    def living(self, families: tuple[int, ...], edges: Integers) -> Integers:
        """How many of each of these families lived when as many candidates had been born as `edges` say, and in the
        last row how many of all: (families + 1, edges)."""
        ends = np.searchsorted(self.born, edges, side="right")
        counts = np.zeros((len(families) + 1, len(edges)), np.int64)
        for row, founder in enumerate((*families, None)):
            mine = self.change if founder is None else np.where(self.family == founder, self.change, 0)
            counts[row] = np.concatenate([[0], np.cumsum(mine)])[ends]
        return counts


class LineageFold:
    """Follows a session; each row is looked at once however often it is asked. For one thread."""

    def __init__(self, source: SessionSource) -> None:
        self._source = source
        self._founder: Integers = np.empty(0, np.int64)
        self._generation: Integers = np.empty(0, np.int64)
        self._scores = self._deaths = 0  # rows looked at
        self._living: set[int] = set()
        self._counts: dict[int, int] = {}
        self._leader = -1
        self._changes = np.empty(0, _CHANGE)
        self._prominent: dict[int, float] = {}  # founder -> time
        self._takeovers: list[tuple[float, int, int]] = []  # time, born, founder

    def at(self, view: View) -> Lineage:
        """The families at the view's time."""
        self._update()
        count = len(view.rows("candidates"))
        changes = self._changes[: int(np.searchsorted(self._changes["time"], view.time, side="right"))]
        return Lineage(
            parent=view.rows("candidates")["parent"].astype(np.int64),
            founder=self._founder[:count],
            generation=self._generation[:count],
            born=changes["born"],
            family=changes["family"],
            change=changes["change"],
            prominent=tuple(founder for founder, time in self._prominent.items() if time <= view.time),
            takeovers=tuple((born, founder) for time, born, founder in self._takeovers if time <= view.time),
        )

    def _update(self) -> None:
        view = self._source.view()  # rows up to its end are there in all tables
        born = view.rows("candidates")
        self._descend(born["parent"].astype(np.int64))
        scores, deaths = view.rows("scores"), view.rows("deaths")
        new, gone = scores[self._scores :], deaths[self._deaths :]
        new = new[new["outcome"] == OUTCOMES.index("ok")]
        self._scores, self._deaths = len(scores), len(deaths)
        times = np.concatenate([new["time"], gone["time"]])
        who = np.concatenate([new["candidate"], gone["candidate"]])
        numbers = np.searchsorted(born["time"], times, side="right")
        changes = []
        for place in np.argsort(times, kind="stable"):
            if change := self._change(
                float(times[place]), int(numbers[place]), int(who[place]), bool(place < len(new))
            ):
                changes.append(change)
        self._changes = np.concatenate([self._changes, np.array(changes, _CHANGE)])

    def _descend(self, parent: Integers) -> None:
        """Founder and generation of new candidates, by doubling steps up the tree."""
        known, count = len(self._founder), len(parent)
        if known == count:
            return
        own = np.arange(known, count)
        above = np.where(parent[known:] >= 0, parent[known:], own)
        steps = (parent[known:] >= 0).astype(np.int64)
        while len(inner := np.flatnonzero((above >= known) & (steps > 0))):
            place = above[inner] - known
            further = steps[place] > 0
            if not further.any():
                break
            inner, place = inner[further], place[further]
            steps[inner] += steps[place]
            above[inner] = above[place]
        old = above < known
        founder, generation = above.copy(), steps
        founder[old] = self._founder[above[old]]
        generation[old] += self._generation[above[old]]
        self._founder = np.concatenate([self._founder, founder])
        self._generation = np.concatenate([self._generation, generation])

    def _change(self, time: float, born: int, candidate: int, comes: bool) -> tuple[float, int, int, int] | None:
        """One candidate comes to the living, or leaves them; the row that says so, if that is news."""
        if comes == (candidate in self._living):
            return None
        founder = int(self._founder[candidate])
        (self._living.add if comes else self._living.remove)(candidate)
        change = 1 if comes else -1
        mine = self._counts[founder] = self._counts.get(founder, 0) + change
        alive = len(self._living)
        if mine >= max(_LEAST, _SHARE * alive):
            self._prominent.setdefault(founder, time)
        # Whoever leaves may give another family the majority.
        for family in (founder,) if comes else tuple(self._prominent):
            if family != self._leader and self._counts[family] >= _LEAST and 2 * self._counts[family] > alive:
                self._leader = family
                self._takeovers.append((time, born, family))
        return time, born, founder, change


def rows(parent: Integers, generation: Integers) -> Floats:
    """A row for every candidate, so that every subtree has a band of its own: candidates without children take one row
    each, the others stand in the middle of their descendants. Families in the order of their founders."""
    count = len(parent)
    if not count:
        return np.empty(0)
    levels = np.split(np.argsort(generation, kind="stable"), np.cumsum(np.bincount(generation))[:-1])
    leaves = np.ones(count, np.int64)
    leaves[parent[parent >= 0]] = 0
    for level in levels[:0:-1]:
        np.add.at(leaves, parent[level], leaves[level])
    order = np.argsort(parent, kind="stable")
    before = np.cumsum(leaves[order]) - leaves[order]
    groups = np.flatnonzero(np.diff(parent[order], prepend=-2))
    start = np.empty(count, np.int64)
    start[order] = before - np.repeat(before[groups], np.diff(np.append(groups, count)))
    for level in levels[1:]:
        start[level] += start[parent[level]]
    return start + leaves / 2


def common_ancestor(parent: Integers, living: Integers) -> int:
    """The youngest candidate from which all the living descend (one of them, where there is only one); -1 for none."""
    left = set(living.tolist())
    while len(left) > 1:
        youngest = max(left)
        left.remove(youngest)
        left.add(int(parent[youngest]))
    return left.pop() if left else -1
