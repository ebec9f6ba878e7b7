"""What an editor needs to know of a kind of architecture. Everything else it finds in the diagrams.

Edits are functions from value to value; one that cannot be raises `Illegal` with the reason and changes nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import ClassVar, Generic, TypeAlias, TypeVar

from app.graph.model import OUTPUT, Diagram, DiagramEdge
from engine.space.architecture import Architecture

A = TypeVar("A", bound=Architecture)


class Illegal(ValueError):  # noqa: N818 (it reads as what it says)
    """An edit that cannot be; one line with the reason."""


@dataclass(frozen=True, order=True)
class NodeRef:
    """A node of an architecture: the diagram's name and the node's number."""

    diagram: str
    number: int


@dataclass(frozen=True, order=True)
class EdgeRef:
    """An edge of an architecture: the diagram's name and the edge's place among the diagram's edges."""

    diagram: str
    index: int


Part: TypeAlias = NodeRef | EdgeRef


@dataclass(frozen=True)
class Choice:
    """One of the things a node or an edge may carry: its name in notations, its label in pictures, its colour.

    `about` is what a tooltip says of it, where that is more than its name.
    """

    name: str
    label: str
    tint: str = "none"
    about: str = ""

    @property
    def tip(self) -> str:
        return self.about or self.name


@dataclass(frozen=True)
class Change(Generic[A]):
    """What an edit has led to.

    `select`: the parts that it was about, as they are called now. `moved`: nodes that have another number now, or none.
    """

    architecture: A
    select: frozenset[Part] = frozenset()
    moved: Mapping[NodeRef, NodeRef | None] = field(default_factory=dict)

    def now(self, node: NodeRef) -> NodeRef | None:
        """What a node of the architecture before is called now; None when it is gone."""
        return self.moved.get(node, node)


class Kind(ABC, Generic[A]):
    """How one kind of architecture is drawn and edited.

    Attributes:
        name: the tag of its values; what is copied from one kind cannot be pasted into another.
        node, edge: what a person calls a node and an edge.
        joins: whether nodes may join the output by an edge that carries nothing.
    """

    name: ClassVar[str]
    node: ClassVar[str] = "node"
    edge: ClassVar[str] = "edge"
    joins: ClassVar[bool] = True

    @abstractmethod
    def diagrams(self, architecture: A) -> tuple[Diagram, ...]:
        """The diagrams, in the order in which they are drawn."""

    @abstractmethod
    def choices(self, architecture: A, part: Part) -> tuple[Choice, ...]:
        """What may be put on a node or an edge; empty where there is nothing to choose."""

    @abstractmethod
    def offers(self, architecture: A, diagram: str, source: int, target: int) -> tuple[Choice, ...]:
        """What a new edge may carry; empty where it carries nothing."""

    @abstractmethod
    def objection(self, architecture: A, diagram: str, source: int, target: int) -> str:
        """Why no edge can be drawn from one node to another, or ""."""

    @abstractmethod
    def add(self, architecture: A, diagram: str, after: int | None = None) -> Change[A]:
        """One more node on a diagram, selected; right after another where the order of nodes means something."""

    @abstractmethod
    def connect(self, architecture: A, diagram: str, source: int, target: int, name: str | None) -> Change[A]:
        """One more edge, carrying `name`, selected."""

    @abstractmethod
    def choose(self, architecture: A, parts: Iterable[Part], name: str) -> Change[A]:
        """Put something else on some parts."""

    @abstractmethod
    def remove(self, architecture: A, parts: Iterable[Part]) -> Change[A]:
        """Take nodes, with all their edges, and edges away."""

    def rewire(self, architecture: A, edge: EdgeRef, source: int, target: int) -> Change[A]:
        """Lead an edge from and to other nodes, with what it carries."""
        diagram = self.diagram(architecture, edge.diagram)
        name = diagram.edges[edge.index].operation
        before = self.remove(architecture, [edge])
        if reason := self.objection(before.architecture, edge.diagram, source, target):
            raise Illegal(reason)
        return self.connect(before.architecture, edge.diagram, source, target, name)

    def toggle(self, architecture: A, nodes: Iterable[NodeRef]) -> Change[A]:
        """Let all these nodes join the output or, where all do already, none of them."""
        nodes = sorted(nodes)
        joining = [self.joined(architecture, node) for node in nodes]
        result = architecture
        for node, edge in zip(nodes, joining, strict=True):
            if edge is None:
                result = self.connect(result, node.diagram, node.number, OUTPUT, None).architecture
        if None not in joining:
            result = self.remove(result, [edge for edge in joining if edge is not None]).architecture
        return Change(result, frozenset(nodes))

    def joined(self, architecture: A, node: NodeRef) -> EdgeRef | None:
        """The edge by which a node joins the output."""
        edges = enumerate(self.diagram(architecture, node.diagram).edges)
        return next((EdgeRef(node.diagram, index) for index, edge in edges if joins(edge, node.number)), None)

    def typed(self, architecture: A, part: Part, text: str) -> Choice | None:
        """What a text means that is none of the choices, such as a number; None where it means nothing."""
        return None

    def opens(self, architecture: A, part: Part) -> str | None:
        """The name of the diagram that a part stands for, if it stands for one."""
        return None

    def diagram(self, architecture: A, name: str) -> Diagram:
        """One of the diagrams by its name."""
        for diagram in self.diagrams(architecture):
            if diagram.name == name:
                return diagram
        raise Illegal(f"there is nothing called {name} here")


def joins(edge: DiagramEdge, number: int) -> bool:
    """Whether an edge lets a node join the output."""
    return edge.source == number and edge.target == OUTPUT and edge.operation is None


def ordered(sources: Mapping[int, set[int]]) -> list[int]:
    """The nodes, each after those it reads, otherwise in the order of their numbers.

    `sources`: for each node the nodes it reads; what is not a key of it is no node, and does not count. There must be
    no loop.
    """
    waiting = {node: {source for source in reads if source in sources} for node, reads in sources.items()}
    ready = [node for node, reads in waiting.items() if not reads]
    heapify(ready)
    order = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for reader, reads in waiting.items():
            if node in reads:
                reads.discard(node)
                if not reads:
                    heappush(ready, reader)
    return order


def readers(sources: Mapping[int, set[int]], node: int) -> set[int]:
    """The nodes that depend on a node, directly or not."""
    found: set[int] = set()
    while True:
        more = {reader for reader, reads in sources.items() if reader not in found and reads & (found | {node})}
        if not more:
            return found
        found |= more


def moves(diagram: str, number: Mapping[int, int | None]) -> dict[NodeRef, NodeRef | None]:
    """What has become of the nodes that have another number now, or none."""
    return {
        NodeRef(diagram, old): None if new is None else NodeRef(diagram, new)
        for old, new in number.items()
        if old != new
    }
