"""What the cells of a space may be: the choices of their nodes, one after the other."""

from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from operator import mul
from typing import TypeAlias

from engine.space.decisions import Decisions
from engine.space.node_choices import REMEMBERED, NodeChoices

Parts: TypeAlias = tuple[tuple[NodeChoices, Decisions], ...]


class CellChoices:
    """A sequence of decisions that falls into parts, one for each node of each cell.

    Attributes:
        nodes: the choices of each node.
        starts: for each node, the number of the first decision about it.
        after: for each node, in how many ways those after it can be decided.
        length: how many decisions there are.
    """

    def __init__(self, nodes: tuple[NodeChoices, ...]) -> None:
        self.nodes = nodes
        self.starts = [0, *accumulate(len(node.kinds) for node in nodes)]
        self.length = self.starts.pop()
        ways: list[int] = [1, *accumulate((node.total for node in reversed(nodes)), mul)]
        self.after = ways[-2::-1]
        self.parts = lru_cache(REMEMBERED)(self._parts)  # for searches ask about one architecture several times

    def owner(self, place: int) -> int:
        """The index of the node that decision number `place` is about."""
        return bisect(self.starts, place) - 1

    def _parts(self, decisions: Decisions) -> Parts | None:
        """Each node's choices with its own decisions; None for decisions that do not make every node."""
        if len(decisions) != self.length:
            return None
        parts = tuple(
            (node, decisions[start : start + len(node.kinds)])
            for start, node in zip(self.starts, self.nodes, strict=True)
        )
        return parts if all(node.sound(part) for node, part in parts) else None
