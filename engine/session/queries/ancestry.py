"""Who descends from whom, and when the descendants of one ancestor took over the living population."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.session.queries.best import Leader, succeeded
from engine.session.schema import ORIGINS, OUTCOMES
from engine.session.view import SessionSource, View
from engine.space.architecture import from_bytes

if TYPE_CHECKING:
    import networkx as nx

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_CHANGE = np.dtype([("time", "f8"), ("born", "i8"), ("family", "i8"), ("change", "i8")])
_LEAST = 3  # living members from which a family may stand out
_SHARE = 0.1  # of the living, from which it does


@dataclass(frozen=True)
class Lineage:
    """The families at one moment. A founder is a candidate without a parent, or one that was the best so far when its
    score arrived; a family is a founder and its descendants, but for those of a later founder among them.

    By candidate: `parent` (-1: none), `founder`, and `generation` (0 without a parent). By change of the living:
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
        """A candidate and all its ancestors, the first one last."""
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
        self._parent: list[int] = []
        self._generation: list[int] = []
        self._founder: dict[int, int] = {}  # of candidates whose score has arrived
        self._scores = self._deaths = 0  # rows looked at
        self._best = Leader()
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
            parent=np.array(self._parent[:count], np.int64),
            founder=self._founders(view, count),
            generation=np.array(self._generation[:count], np.int64),
            born=changes["born"],
            family=changes["family"],
            change=changes["change"],
            prominent=tuple(founder for founder, time in self._prominent.items() if time <= view.time),
            takeovers=tuple((born, founder) for time, born, founder in self._takeovers if time <= view.time),
        )

    def _founders(self, view: View, count: int) -> Integers:
        """The founder of every candidate: as settled when its score arrived, until then as its parent's."""
        founder = np.full(count, -1, np.int64)
        scored = view.rows("scores")["candidate"].tolist()
        founder[scored] = [self._founder[candidate] for candidate in scored]
        for candidate in np.flatnonzero(founder < 0).tolist():
            parent = self._parent[candidate]
            founder[candidate] = candidate if parent < 0 else founder[parent]
        return founder

    def _update(self) -> None:
        view = self._source.view()  # rows up to its end are there in all tables
        born, scores, deaths = view.rows("candidates"), view.rows("scores"), view.rows("deaths")
        for parent in born["parent"][len(self._parent) :].tolist():
            self._parent.append(parent)
            self._generation.append(0 if parent < 0 else self._generation[parent] + 1)
        new, gone = scores[self._scores :], deaths[self._deaths :]
        self._scores, self._deaths = len(scores), len(deaths)
        times = np.concatenate([new["time"], gone["time"]])
        numbers = np.searchsorted(born["time"], times, side="right").tolist()
        good = np.where(succeeded(new), new["score"], np.nan).tolist()
        derived = (born["origin"][new["candidate"]] == ORIGINS.index("derived")).tolist()
        arrivals, departures = new["candidate"].tolist(), gone["candidate"].tolist()
        changes = []
        for place in np.argsort(times, kind="stable").tolist():
            time, count = float(times[place]), numbers[place]
            if place >= len(arrivals):
                change = self._leaves(time, count, departures[place - len(arrivals)])
            else:
                change = self._comes(time, count, arrivals[place], good[place], derived[place])
            if change:
                changes.append(change)
        self._changes = np.concatenate([self._changes, np.array(changes, _CHANGE)])

    def _comes(
        self, time: float, born: int, candidate: int, score: float, derived: bool
    ) -> tuple[float, int, int, int] | None:
        """A score has arrived (NaN: the candidate failed). The row on how that changes the living, if it does."""
        founder = candidate if self._best.add(score, derived) else self._founder_above(candidate)
        self._founder.setdefault(candidate, founder)
        if isnan(score) or candidate in self._living:
            return None
        self._living.add(candidate)
        founder = self._founder[candidate]
        self._counts[founder] = self._counts.get(founder, 0) + 1
        if self._counts[founder] >= max(_LEAST, _SHARE * len(self._living)):
            self._prominent.setdefault(founder, time)
        self._lead(time, born, (founder,))
        return time, born, founder, 1

    def _founder_above(self, candidate: int) -> int:
        """The founder of its nearest ancestor whose score has arrived, else the first of its line."""
        while (parent := self._parent[candidate]) >= 0:
            if parent in self._founder:
                return self._founder[parent]
            candidate = parent
        return candidate

    def _leaves(self, time: float, born: int, candidate: int) -> tuple[float, int, int, int] | None:
        if candidate not in self._living:
            return None
        self._living.remove(candidate)
        founder = self._founder[candidate]
        self._counts[founder] -= 1
        self._lead(time, born, tuple(self._prominent))  # whoever leaves may give another family the majority
        return time, born, founder, -1

    def _lead(self, time: float, born: int, families: tuple[int, ...]) -> None:
        for family in families:
            count = self._counts[family]
            if family != self._leader and count >= _LEAST and 2 * count > len(self._living):
                self._leader = family
                self._takeovers.append((time, born, family))


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


def lineage_graph(view: View) -> nx.DiGraph:
    """Parents and children as a networkx graph, for programs that draw and analyse graphs: a node for each candidate.

    A node has `born` (s), `origin` and `kind` of architecture, and where they are known `score`, `outcome`, `died` (s)
    and `change`. networkx is imported here: nothing that the window draws while a search runs needs it.
    """
    import networkx as nx

    graph = nx.DiGraph()
    rows = view.rows("candidates")
    for number, row in enumerate(rows):
        kind = str(type(from_bytes(view.bytes(row["architecture"]))).__struct_config__.tag)
        graph.add_node(number, born=float(row["time"]), origin=ORIGINS[row["origin"]], kind=kind)
        if change := view.text(row["change"]):
            graph.nodes[number]["change"] = change
    for row in view.rows("scores"):
        own = graph.nodes[int(row["candidate"])]
        own["outcome"] = OUTCOMES[row["outcome"]]
        if not isnan(row["score"]):
            own["score"] = float(row["score"])
    for row in view.rows("deaths"):
        graph.nodes[int(row["candidate"])]["died"] = float(row["time"])
    graph.add_edges_from((int(parent), child) for child, parent in enumerate(rows["parent"]) if parent >= 0)
    return graph
