"""Hierarchical spaces: a board for the cell and one for each motif, with every edge that may be in it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from engine.space.independent import IndependentSpace
from engine.space.motif_space import MotifSpace
from engine.space.motifs import pairs

from ..board import Arc, Board, Spot
from ..kinds import ArcRef
from .questions import Questions
from .slots import Drawn, Part, look

WHOLE = "cell"


class MotifSpaces(Questions):
    """The cell comes first, then the motifs that it is made of, level by level downwards."""

    other_tint: ClassVar[str] = "dilated"  # that of motifs in the picture of an architecture

    def board(self, label: str) -> str:
        return label.partition(" edge ")[0]

    def title(self, label: str) -> str:
        return label.partition(" edge ")[2].replace("→", " → ")

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        board, _, edge = label.partition(" edge ")
        source, target = map(int, edge.split("→"))
        assert isinstance(space, MotifSpace)
        return [ArcRef(board, pairs(_nodes(space)[board]).index((source, target)))]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, MotifSpace)
        slots = self.slots(space)
        return tuple(
            Drawn(
                _board(name, nodes),
                tuple(look(slots[f"{name} edge {source}→{target}"], "ops") for source, target in pairs(nodes)),
            )
            for name, nodes in reversed(_nodes(space).items())
        )


def _nodes(space: MotifSpace) -> dict[str, int]:
    """The boards with their numbers of nodes, the smallest motifs first."""
    *below, (_, whole) = space.shape
    found = {f"motif {number}": nodes for count, nodes in below for number in range(count, 0, -1)}
    return {**found, WHOLE: whole}


@lru_cache(maxsize=64)
def _board(name: str, nodes: int) -> Board:
    spots = [Spot(number, "node" if number else "input", str(number), str(number)) for number in range(nodes)]
    return Board(name, tuple(spots), tuple(Arc(source, target, "") for source, target in pairs(nodes)))
