"""How the architectures of a space grow from small ones to whole ones, level by level, as PNAS's cells do.

An architecture of a level is one of the level before, its parent, with some more decided. At the last level it is one
of the space.
"""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from engine.space.decisions import Decisions, DecisionSpace
from engine.space.limits import Limit
from engine.space.nasbench201 import NasBench201Space

Way: TypeAlias = Literal["auto", "blocks", "embedded", "whole"]
"""How: as smaller architectures of their own; as whole ones whose later nodes pass on what they get; not at all; the
first of these that the space can, whole ones that pass on before smaller ones.
"""


class Level(Struct, frozen=True):
    """The architectures of one level.

    Attributes:
        space: the one whose decisions they are.
        kept: for a place among the decisions, the place in the parent's decisions that it is taken from.
        fixed: for a place, the choice that all architectures of the level have there.
        new: the places that are decided at this level.
        ways: in how many ways these can be decided, whatever the parent.
        home: for a place, the place in the decisions of the last level that it grows into.
    """

    space: DecisionSpace
    kept: dict[int, int]
    fixed: dict[int, int]
    new: tuple[int, ...]
    ways: int
    home: tuple[int, ...]

    def children(self, parent: Decisions) -> Iterator[Decisions]:
        """Everything that the parent can grow into, in the order of the decisions."""
        return self._completed((), parent)

    def child(self, parent: Decisions, rng: random.Random) -> Decisions:
        """One of the children, each as likely as any other."""
        made: Decisions = ()
        while decision := self.space.next(made):
            choice = self._given(len(made), parent)
            if choice is None:
                ways = [self.space.completions((*made, choice)) for choice in range(len(decision.choices))]
                rank = rng.randrange(sum(ways))
                choice = 0
                while rank >= ways[choice]:
                    rank -= ways[choice]
                    choice += 1
            made = (*made, choice)
        return made

    def _completed(self, made: Decisions, parent: Decisions) -> Iterator[Decisions]:
        while decision := self.space.next(made):
            choice = self._given(len(made), parent)
            if choice is None:
                for choice in range(len(decision.choices)):
                    yield from self._completed((*made, choice), parent)
                return
            made = (*made, choice)
        yield made

    def _given(self, place: int, parent: Decisions) -> int | None:
        return parent[self.kept[place]] if place in self.kept else self.fixed.get(place)


def levels(space: DecisionSpace, way: Way) -> tuple[Level, ...]:
    """The levels up to the whole space. Raises ValueError, in one line, where the space cannot grow that way."""
    if way == "whole" or (way == "auto" and obstacle(space, "embedded") and obstacle(space, "blocks")):
        places = tuple(range(len(space.at(0))))
        return (Level(space, {}, {}, places, space.size(), places),)
    if reason := obstacle(space, way) if way != "auto" else "":
        raise ValueError(reason)
    if way == "embedded" or (way == "auto" and not obstacle(space, "embedded")):
        return _embedded(space)
    return _blocks(space)


def obstacle(space: DecisionSpace, way: Way) -> str:
    """Why the architectures of a space cannot grow that way, in a few words, or ""."""
    if way == "embedded":
        if not isinstance(space, NasBench201Space) or space.output != "last node":
            return "its cells have no node that could pass on the one before it and nothing else"
        if not _relays(space):
            return "edits of the space forbid a node that passes on the one before it and nothing else"
    if way == "blocks":
        if _count_of(space) is None:
            return "it has no smaller sizes"
        if not _nested(space):
            return "its smaller architectures are no beginnings of larger ones"
    return ""


def _count_of(space: Any) -> str | None:
    """The setting that says how large the architectures of a space are."""
    return next((name for name in ("nodes", "layers") if hasattr(space, "sized") and hasattr(space, name)), None)


def _sizes(space: Any) -> list[DecisionSpace]:
    """The space in every size from 1 to its own; least limits are for whole architectures alone."""
    most = tuple(
        Limit(counts=limit.counts, skeleton=limit.skeleton, most=limit.most)
        for limit in space.limits
        if isinstance(limit, Limit) and limit.most is not None
    )
    bare = msgspec.structs.replace(space, limits=most) if space.limits else space
    return [*(bare.sized(count) for count in range(1, getattr(space, _count_of(space) or ""))), space]


def _places(space: DecisionSpace) -> dict[tuple[str, int], tuple[int, tuple[str, ...]]]:
    """Where every decision is asked, and the choices there: by its label, and how many of that label come before."""
    seen: Counter[str] = Counter()
    places = {}
    for place, decision in enumerate(space.questions(space.at(0))):
        places[decision.label, seen[decision.label]] = place, decision.choices
        seen[decision.label] += 1
    return places


def _nested(space: DecisionSpace) -> bool:
    """Whether whatever a smaller architecture decides, the next larger one asks too, with the same choices."""
    sizes = [_places(size) for size in _sizes(space)]
    return all(
        key in larger and larger[key][1] == choices
        for smaller, larger in pairwise(sizes)
        for key, (_, choices) in smaller.items()
    )


def _blocks(space: DecisionSpace) -> tuple[Level, ...]:
    sizes = _sizes(space)
    asked = [_places(size) for size in sizes]
    home = {key: place for key, (place, _) in asked[-1].items()}
    grown = []
    for index, (size, places) in enumerate(zip(sizes, asked, strict=True)):
        before = asked[index - 1] if index else {}
        kept = {place: before[key][0] for key, (place, _) in places.items() if key in before}
        new = tuple(place for place in range(len(places)) if place not in kept)
        ways = size.size() // (sizes[index - 1].size() if index else 1)
        grown.append(Level(size, kept, {}, new, ways, tuple(home[key] for key in places)))
    return tuple(grown)


def _relays(space: NasBench201Space) -> dict[int, int]:
    """For each place of a node after the first, the choice with which it passes on the node before it, if it can."""
    relays: dict[int, int] = {}
    asked = space.questions(space.at(0))
    choices = iter(range(len(asked)))
    for node in range(space.nodes):
        for source in range(node + 1):
            place = next(choices)
            wanted = "skip_connect" if source == node else "none"
            palette = [name for name in space.palette("cell", (node, source)) if name in space.decided]
            if node and (wanted not in palette or len(palette) != len(asked[place].choices)):
                return {}
            if node:
                relays[place] = palette.index(wanted)
    return relays


def _embedded(space: DecisionSpace) -> tuple[Level, ...]:
    assert isinstance(space, NasBench201Space)  # no other has relays
    relays, some = _relays(space), space.at(0)
    places = tuple(range(len(some)))
    grown, start = [], 0
    for node in range(space.nodes):
        end = start + node + 1
        kept = {place: place for place in places[:start]}
        fixed = {place: relays[place] for place in places[end:]}
        ways = space.completions(some[:start]) // space.completions(some[:end])
        grown.append(Level(space, kept, fixed, places[start:end], ways, places))
        start = end
    return tuple(grown)
