"""A diagram: one graph as it is to be drawn, whatever kind of architecture it belongs to. Plain values without Qt.

Every kind of architecture says what its diagrams are (kinds/); layout, items, table and editor know diagrams alone.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from engine.space.operations import OPERATIONS, label

OUTPUT = -1
"""The number of the node that stands for a graph's output."""

MOST = 100
"""The size of a diagram that is still drawn: laying out larger ones would hold up the window."""

Role = Literal["input", "node", "output"]


@dataclass(frozen=True)
class DiagramNode:
    """A box. `title` is what sentences and tables call it, `name` and `subscript` what stands in it.

    `operation` is what the box itself does, where that is chosen per box and not per edge; `label` is that as written
    in pictures, `tint` the kind of operation (engine.space.operations.KINDS) whose colour it has.
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
class DiagramEdge:
    """An arrow between two nodes. One that carries no `operation` is drawn quietly, as those into c_k are, unless it is
    `plain`: where arrows carry nothing at all.
    """

    source: int
    target: int
    operation: str | None = None
    label: str = ""
    tint: str = "none"
    plain: bool = False


@dataclass(frozen=True)
class Diagram:
    """One graph. Nodes come in an order in which edges only lead forward; edges that carry something come first.

    `flow` is how it is laid out: in layers from left to right, with at most `tallest` nodes in each, or as a chain from
    top to bottom.
    """

    name: str
    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...]
    flow: Literal["layers", "chain"] = "layers"
    tallest: int = 4

    @cached_property
    def by_number(self) -> dict[int, DiagramNode]:
        """The nodes by their numbers."""
        return {node.number: node for node in self.nodes}

    def title(self, number: int) -> str:
        """What sentences call a node."""
        return self.by_number[number].title

    @property
    def size(self) -> int:
        """How much there is to lay out: nodes, and edges that carry something."""
        return sum(edge.operation is not None for edge in self.edges) + sum(node.role == "node" for node in self.nodes)

    def into(self, number: int) -> list[DiagramEdge]:
        """The edges that enter a node."""
        return [edge for edge in self.edges if edge.target == number]


def carrying(source: int, target: int, operation: str) -> DiagramEdge:
    """The edge of an operation that the program knows, with its label and colour."""
    known = OPERATIONS.get(operation)
    return DiagramEdge(source, target, operation, label(operation), known.kind if known else "none")


def changed_edges(before: Diagram | None, after: Diagram) -> frozenset[int]:
    """The edges of `after`, by number, that carry something and that the same node was not entered by before."""
    if before is None:
        return frozenset()
    left = Counter((edge.source, edge.target, edge.operation) for edge in before.edges)
    changed = set()
    for index, edge in enumerate(after.edges):
        key = (edge.source, edge.target, edge.operation)
        if left[key]:
            left[key] -= 1
        elif edge.operation is not None:
            changed.add(index)
    return frozenset(changed)


def titled(name: str) -> str:
    """What a diagram is called; where an architecture has only one cell, it is just the cell."""
    return f"{name} cell" if name in ("normal", "reduction") else name


def described(diagrams: tuple[Diagram, ...]) -> str:
    """All diagrams, node by node, with every edge."""
    return " ".join(f"{titled(diagram.name).capitalize()}: {_diagram(diagram)}." for diagram in diagrams)


def _diagram(diagram: Diagram) -> str:
    phrases = []
    several = sum(node.role == "output" for node in diagram.nodes) > 1
    for node in diagram.nodes:
        into = diagram.into(node.number)
        if node.role == "node":
            does = f", {node.label}," if node.label else ""
            reads = " and ".join(_from(diagram, edge) for edge in into)
            phrases.append(f"node {node.title}{does} reads {reads or 'nothing'}")
        elif node.role == "output":
            name = f"output {node.title}" if several else "output"
            phrases.append(f"{name} joins {', '.join(_from(diagram, edge) for edge in into)}")
    return "; ".join(phrases)


def _from(diagram: Diagram, edge: DiagramEdge) -> str:
    source = diagram.title(edge.source)
    return f"{edge.label} from {source}" if edge.label else source
