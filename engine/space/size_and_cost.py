"""What a space holds and what its networks cost: exactly where that can be worked out, else from random members.

A window shows this while it grows, so it comes in pieces, each better than the one before.

Without drawing any, where every cell has the same output, whatever its nodes read (`CellCosts`): then a network costs a
constant, and a sum over the edges of its cells. All prices are differences of `count`, so nothing here knows what a
layer costs.
"""

import math
import random
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from engine.space.cell_space import CellSpace, choices_of
from engine.space.cells import Cell, Combine, Edge, Node, output
from engine.space.cost_distribution import Spread, joint, median
from engine.space.counts import Count, Frame, LanguageModel, Skeleton, Unbuildable, count
from engine.space.limits import Quantity
from engine.space.node_choices import NodeChoices
from engine.space.spaces import Space

MOST = 2_000_000
"""Sums that are still worked out to join two spreads; more would take seconds."""


class CellCosts:
    """The costs of a space's networks in a skeleton. Raises Unbuildable where the two do not go together."""

    def __init__(self, space: CellSpace, skeleton: Skeleton, counts: Quantity) -> None:
        self._space, self._skeleton, self._counts = space, skeleton, counts
        empty = (Node(()),) * space.nodes
        self._empty = [
            Cell(empty, output(space.output, empty, space.cell_inputs), space.cell_inputs) for _ in space.cells
        ]
        self._constant = self._count(self._empty)
        self._price = cache(self._priced)

    def bounds(self) -> tuple[int, int]:
        """The least and the most that any member costs."""
        spreads = list(self._nodes())
        return self._constant + sum(map(min, spreads)), self._constant + sum(map(max, spreads))

    def spread(self, going_on: Callable[[], bool] = lambda: True) -> Spread | None:
        """Every cost with the number of members that have it; None where there are too many different ones.

        `going_on` is asked now and then, and None is given once it denies.
        """
        total: Spread = {self._constant: 1}
        for node in sorted(self._nodes(), key=len):
            if len(total) * len(node) > MOST or not going_on():
                return None
            total = joint(total, node)
        return total

    def _nodes(self) -> Iterator[Spread]:
        """What each node of each cell adds."""
        choices = choices_of(self._space).nodes
        for index, node in enumerate(choices):
            place = index // self._space.nodes
            yield self._combined(place, node, node.spread(partial(self._edge, place)))

    def _edge(self, place: int, state: int, name: str) -> int:
        """What an edge adds; where it leads makes no difference."""
        return self._price(place, state < self._space.cell_inputs, name)

    def _combined(self, place: int, node: NodeChoices, spread: Spread) -> Spread:
        """The spread with what it costs to combine the inputs in every way there is."""
        total: Spread = {}
        for combine in node.combines:
            dear = self._price(place, True, "none", combine, node.reads)
            for value, ways in spread.items():
                total[value + dear] = total.get(value + dear, 0) + ways
        return total

    def _priced(self, place: int, outer: bool, name: str, combine: Combine = "add", edges: int = 1) -> int:
        """What edges with this operation add to a node, by whether they come from an input of the cell."""
        cell = self._empty[place]
        index = 0 if outer else len(cell.nodes) - 1
        edge = Edge(0 if outer else cell.inputs, name)
        nodes = list(cell.nodes)
        nodes[index] = Node((edge,) * edges, combine)
        cells = [*self._empty[:place], Cell(tuple(nodes), cell.concat, cell.inputs), *self._empty[place + 1 :]]
        return self._count(cells) - self._constant

    def _count(self, cells: list[Cell]) -> int:
        counted: int = getattr(count(self._space.joined(cells), self._skeleton), self._counts)
        return counted


def is_additive(space: CellSpace) -> bool:
    """Whether the output of the space's cells is always the same, so that `CellCosts` tells the truth."""
    return space.output in ("nodes", "last node")


DRAWS = 3_000
"""Members drawn in all."""
FIRST, STEP = 100, 500  # members drawn before the first figures, and between those that follow

NORMAL = 1.96
"""Of the normal distribution: 95 % lie within so many standard deviations."""

QUANTITIES: tuple[Quantity, ...] = ("params", "macs")

GoingOn: TypeAlias = Callable[[], bool]


class Figures(Struct, frozen=True):
    """Least, median (None while it is unknown) and most of a quantity, and which of them are exact."""

    least: int
    median: int | None
    most: int
    bounds_exact: bool = False
    median_exact: bool = False


class Share(Struct, frozen=True):
    """How many of the members drawn are within the limits; `whole`: every member was looked at."""

    kept: int
    drawn: int
    whole: bool = False

    @property
    def interval(self) -> tuple[float, float]:
        """Between which bounds the true share lies, at 95 % (Wilson 1927)."""
        if not self.drawn:
            return 0.0, 1.0
        if self.whole:
            return self.kept / self.drawn, self.kept / self.drawn
        n, p, square = self.drawn, self.kept / self.drawn, NORMAL**2
        middle = (p + square / (2 * n)) / (1 + square / n)
        half = NORMAL * math.sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
        return max(0.0, middle - half), min(1.0, middle + half)


class Statistics(Struct, frozen=True):
    """What is known of a space.

    Attributes:
        size: how many architectures it holds, exactly, without regard to limits.
        share: of members drawn, how many are within the limits; None where there are none.
        params, macs: of those within the limits; None while nothing is known.
        drawn: from how many members what is not exact was estimated.
        fault: why no member can be counted in this frame, or "".
    """

    size: int
    share: Share | None = None
    params: Figures | None = None
    macs: Figures | None = None
    drawn: int = 0
    fault: str = ""


def statistics(space: Space, frame: Frame, seed: int = 0, going_on: GoingOn = lambda: True) -> Iterator[Statistics]:
    """What is known of the space, better and better. Ends early once `going_on` denies, which is asked all the time."""
    known = Statistics(space.size(), Share(0, 0) if space.limits else None)
    yield known
    try:
        for better in _exactly(space, frame, known, going_on):
            known = better
            yield known
        if not (known.params and known.params.median_exact and known.macs and known.macs.median_exact):
            yield from _drawn(space, frame, known, random.Random(seed), going_on)
    except Unbuildable as fault:
        yield replace(known, fault=str(fault))


def _exactly(space: Space, frame: Frame, known: Statistics, going_on: GoingOn) -> Iterator[Statistics]:
    """The exact figures, the bounds first, where the space allows any."""
    if isinstance(frame, LanguageModel):  # what it counts follows from the number of nodes, which is the same for all
        counted = count(space.example(), frame)
        yield replace(known, params=_always(counted.params), macs=_always(counted.macs))
    elif isinstance(space, CellSpace) and is_additive(space) and not space.limits:
        costs = {quantity: CellCosts(space, frame, quantity) for quantity in QUANTITIES}
        known = replace(known, **{quantity: Figures(*_around(one.bounds()), True) for quantity, one in costs.items()})
        yield known
        for quantity, one in costs.items():
            spread = one.spread(going_on)
            if spread is not None:
                least, most = one.bounds()
                known = replace(known, **{quantity: Figures(least, median(spread), most, True, True)})
                yield known


def _around(bounds: tuple[int, int]) -> tuple[int, None, int]:
    return bounds[0], None, bounds[1]


def _always(value: int) -> Figures:
    return Figures(value, value, value, True, True)


def _drawn(
    space: Space, frame: Frame, known: Statistics, rng: random.Random, going_on: GoingOn
) -> Iterator[Statistics]:
    """The figures from random members, more and more of them; from every member where there are not many."""
    counts: list[Count] = []
    whole = known.size <= DRAWS
    ranks = range(known.size) if whole else (rng.randrange(known.size) for _ in range(DRAWS))
    for number, rank in enumerate(ranks, 1):
        if not going_on():
            return
        architecture = space.decode(space.at(rank))
        try:
            if not space.objection(architecture):
                counts.append(count(architecture, frame))
        except Unbuildable as fault:
            known = replace(known, fault=str(fault))
        if number == FIRST or number % STEP == 0:
            yield _estimated(known, counts, number, whole=False)
    if whole:
        yield _estimated(known, counts, known.size, whole=True)


def _estimated(exact: Statistics, counts: list[Count], drawn: int, whole: bool) -> Statistics:
    share = None if exact.share is None else Share(len(counts), drawn, whole)
    found = {
        quantity: _figures(sorted(getattr(one, quantity) for one in counts), getattr(exact, quantity), whole)
        for quantity in QUANTITIES
        if counts
    }
    return replace(exact, share=share, drawn=drawn, fault="" if counts else exact.fault, **found)


def _figures(values: list[int], exact: Figures | None, whole: bool) -> Figures:
    middle = values[(len(values) - 1) // 2]
    if exact is None or whole:
        return Figures(values[0], middle, values[-1], whole, whole)
    return exact if exact.median_exact else replace(exact, median=middle)
