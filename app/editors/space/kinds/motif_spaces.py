"""Hierarchical spaces: a diagram for the cell and one for each motif, with every edge that may be in it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from app.editors.space.kinds.choices import Drawn, Part, style_of
from app.editors.space.kinds.independent_spaces import Questions
from app.graph.kinds import EdgeRef
from app.graph.model import Diagram, DiagramEdge, DiagramNode
from engine.space.factorized_space import IndependentSpace
from engine.space.motif_space import MotifSpace
from engine.space.motifs import pairs

WHOLE = "cell"


class MotifSpaces(Questions):
    """The cell comes first, then the motifs that it is made of, level by level downwards."""

    other_tint: ClassVar[str] = "dilated"  # that of motifs in the picture of an architecture

    def diagram(self, label: str) -> str:
        return label.partition(" edge ")[0]

    def title(self, label: str) -> str:
        return label.partition(" edge ")[2].replace("→", " → ")

    def parts_of(self, space: IndependentSpace, label: str) -> Sequence[Part]:
        diagram, _, edge = label.partition(" edge ")
        source, target = map(int, edge.split("→"))
        assert isinstance(space, MotifSpace)
        return [EdgeRef(diagram, pairs(_nodes(space)[diagram]).index((source, target)))]

    def drawn(self, space: IndependentSpace) -> tuple[Drawn, ...]:
        assert isinstance(space, MotifSpace)
        slots = self.slots(space)
        return tuple(
            Drawn(
                _diagram(name, nodes),
                tuple(style_of(slots[f"{name} edge {source}→{target}"], "ops") for source, target in pairs(nodes)),
            )
            for name, nodes in reversed(_nodes(space).items())
        )


def _nodes(space: MotifSpace) -> dict[str, int]:
    """The diagrams with their numbers of nodes, the smallest motifs first."""
    *below, (_, whole) = space.shape
    found = {f"motif {number}": nodes for count, nodes in below for number in range(count, 0, -1)}
    return {**found, WHOLE: whole}


@lru_cache(maxsize=64)
def _diagram(name: str, count: int) -> Diagram:
    nodes = [DiagramNode(number, "node" if number else "input", str(number), str(number)) for number in range(count)]
    return Diagram(name, tuple(nodes), tuple(DiagramEdge(source, target, "") for source, target in pairs(count)))
