"""A board: one graph as it is to be drawn, whatever kind of architecture it belongs to. Plain values without Qt.

Every kind of architecture says what its boards are (kinds/); layout, items, table and editor know boards alone.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from engine.space.operations import OPERATIONS, label

OUTPUT = -1
"""The number of the spot that stands for a graph's output."""

MOST = 100
"""The size of a board that is still drawn: laying out larger ones would hold up the window."""

Role = Literal["input", "node", "output"]


@dataclass(frozen=True)
class Spot:
    """A box. `title` is what sentences and tables call it, `name` and `subscript` what stands in it.

    `operation` is what the box itself does, where that is chosen per box and not per arc; `label` is that as written in
    pictures, `tint` the kind of operation (engine.space.operations.KINDS) whose colour it has.
    """

    number: int
    role: Role
    title: str
    name: str
    subscript: str = ""
    operation: str = ""
    label: str = ""
    tint: str = "none"


@dataclass(frozen=True)
class Arc:
    """An arrow between two spots. One that carries no `operation` is drawn quietly, as those into c_k are, unless it is
    `plain`: where arrows carry nothing at all.
    """

    source: int
    target: int
    operation: str | None = None
    label: str = ""
    tint: str = "none"
    plain: bool = False


@dataclass(frozen=True)
class Board:
    """One graph. Spots come in an order in which arcs only lead forward; arcs that carry something come first.

    `flow` is how it is laid out: in layers from left to right, with at most `tallest` nodes in each, or as a chain from
    top to bottom.
    """

    name: str
    spots: tuple[Spot, ...]
    arcs: tuple[Arc, ...]
    flow: Literal["layers", "chain"] = "layers"
    tallest: int = 4

    @cached_property
    def by_number(self) -> dict[int, Spot]:
        """The spots by their numbers."""
        return {spot.number: spot for spot in self.spots}

    def title(self, number: int) -> str:
        """What sentences call a spot."""
        return self.by_number[number].title

    @property
    def size(self) -> int:
        """How much there is to lay out: nodes, and arcs that carry something."""
        return sum(arc.operation is not None for arc in self.arcs) + sum(spot.role == "node" for spot in self.spots)

    def into(self, number: int) -> list[Arc]:
        """The arcs that enter a spot."""
        return [arc for arc in self.arcs if arc.target == number]


def carrying(source: int, target: int, operation: str) -> Arc:
    """The arc of an operation that the program knows, with its label and colour."""
    known = OPERATIONS.get(operation)
    return Arc(source, target, operation, label(operation), known.kind if known else "none")


def changed_arcs(before: Board | None, after: Board) -> frozenset[int]:
    """The arcs of `after`, by number, that carry something and that the same spot was not entered by before."""
    if before is None:
        return frozenset()
    left = Counter((arc.source, arc.target, arc.operation) for arc in before.arcs)
    changed = set()
    for index, arc in enumerate(after.arcs):
        key = (arc.source, arc.target, arc.operation)
        if left[key]:
            left[key] -= 1
        elif arc.operation is not None:
            changed.add(index)
    return frozenset(changed)
