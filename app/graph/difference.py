"""Two diagrams beside each other: which parts correspond, which differ, and one layout that serves both. Without Qt."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from app.graph.edge_routing import Box, Layout
from app.graph.layout import lay_out
from app.graph.model import Diagram, DiagramEdge, DiagramNode
from engine.space.distance import Distance, Graph, distance

STEPS = 15_000
"""Of the search for the best correspondence: enough for cells of seven nodes, and no longer than a person waits."""

State = Literal["same", "changed", "gone", "new"]
"""In both; in both, but with something else on it; only on the left; only on the right."""


@dataclass(frozen=True)
class Side:
    """One of the two diagrams, with the state of each of its nodes and edges."""

    diagram: Diagram
    nodes: dict[int, State]
    edges: tuple[State, ...]

    @cached_property
    def painted(self) -> Diagram:
        """The diagram with states in place of the colours of operations."""
        nodes = tuple(replace(node, tint=self.nodes[node.number]) for node in self.diagram.nodes)
        edges = tuple(replace(edge, tint=state) for edge, state in zip(self.diagram.edges, self.edges, strict=True))
        return replace(self.diagram, nodes=nodes, edges=edges)


@dataclass(frozen=True)
class _Lane:
    """What the two diagrams have in one place: an edge of either, or of both."""

    left: int | None
    right: int | None


class Difference:
    """Compares the diagrams `one` (left) and `other` (right)."""

    def __init__(self, one: Diagram, other: Diagram) -> None:
        self.distance: Distance = distance(_graph(one), _graph(other), STEPS)
        there = dict(self.distance.pairs)
        fresh = max(node.number for node in (*one.nodes, *other.nodes)) + 1
        # Right-hand numbers in those of the left; nodes that are only on the right get numbers of their own.
        self._home = {node.number: fresh + node.number for node in other.nodes} | {b: a for a, b in there.items()}
        self._lanes = _lanes(one, other, self._home)
        left: list[State] = ["gone"] * len(one.edges)
        right: list[State] = ["new"] * len(other.edges)
        for lane in self._lanes:
            if lane.left is not None and lane.right is not None:
                same = one.edges[lane.left].operation == other.edges[lane.right].operation
                left[lane.left] = right[lane.right] = "same" if same else "changed"
        nodes: dict[int, State] = {}
        nodes_there: dict[int, State] = {}
        for node in one.nodes:
            nodes[node.number] = "gone"
            if node.number in there:
                twin = other.by_number[there[node.number]]
                nodes[node.number] = "same" if twin.operation == node.operation else "changed"
                nodes_there[twin.number] = nodes[node.number]
        nodes_there = {node.number: nodes_there.get(node.number, "new") for node in other.nodes}
        self.left = Side(one, nodes, tuple(left))
        self.right = Side(other, nodes_there, tuple(right))

    def layouts(self, measure: Callable[[str], float]) -> tuple[Layout, Layout]:
        """Where everything stands on either side: what corresponds in the same place.

        Where that is impossible, since a path of the one and a path of the other lead in opposite directions, each side
        has its own layout.
        """
        one, other = self.left.diagram, self.right.diagram
        both = self._both(measure)
        if both is None:
            return lay_out(one, measure), lay_out(other, measure)
        whole = lay_out(both, measure)
        carrying = iter(whole.labels)
        plates = [next(carrying) if edge.operation is not None else None for edge in both.edges]
        left, right = dict[int, int](), dict[int, int]()
        for index, lane in enumerate(self._ordered):
            if lane.left is not None:
                left[lane.left] = index
            if lane.right is not None:
                right[lane.right] = index
        home = {node.number: node.number for node in one.nodes}
        return (
            _part(one, whole, plates, left, home, measure),
            _part(other, whole, plates, right, self._home, measure),
        )

    def sentences(self) -> list[str]:
        """Every difference in words."""
        one, other = self.left.diagram, self.right.diagram
        said = []
        for lane in self._lanes:
            if lane.right is None and lane.left is not None:
                said.append(f"only left: {_said(one, one.edges[lane.left])}")
            elif lane.left is None and lane.right is not None:
                said.append(f"only right: {_said(other, other.edges[lane.right])}")
            elif lane.left is not None and lane.right is not None and self.left.edges[lane.left] == "changed":
                edge, twin = one.edges[lane.left], other.edges[lane.right]
                said.append(f"{one.title(edge.source)} → {one.title(edge.target)}: {edge.label} → {twin.label}")
        for number, state in self.left.nodes.items():
            if state == "gone":
                said.append(f"only left: node {one.title(number)}")
            elif state == "changed":
                twin_number = dict(self.distance.pairs)[number]
                labels = one.by_number[number].operation, other.by_number[twin_number].operation
                said.append(f"node {one.title(number)}: {' → '.join(labels)}")
        said += [f"only right: node {other.title(n)}" for n, state in self.right.nodes.items() if state == "new"]
        return said

    @cached_property
    def _ordered(self) -> list[_Lane]:
        """The lanes, those that carry something first, as diagrams want it."""
        return sorted(self._lanes, key=lambda lane: self._edge(lane).operation is None)

    def _edge(self, lane: _Lane) -> DiagramEdge:
        """The edge of a lane in the numbers of the left."""
        if lane.left is not None:
            return self.left.diagram.edges[lane.left]
        assert lane.right is not None
        edge = self.right.diagram.edges[lane.right]
        return replace(edge, source=self._home[edge.source], target=self._home[edge.target])

    def _both(self, measure: Callable[[str], float]) -> Diagram | None:
        """Everything of either side as one diagram, with the wider label of each lane; None where it has a loop."""
        one, other = self.left.diagram, self.right.diagram
        nodes = {node.number: node for node in one.nodes}
        for node in other.nodes:
            nodes.setdefault(self._home[node.number], replace(node, number=self._home[node.number]))
        edges = []
        for lane in self._ordered:
            edge = self._edge(lane)
            if lane.left is not None and lane.right is not None:
                labels = edge.label, other.edges[lane.right].label
                edge = replace(edge, label=max(labels, key=measure))
            edges.append(edge)
        order = _sorted(list(nodes.values()), edges)
        return replace(one, nodes=tuple(order), edges=tuple(edges)) if order is not None else None


def _graph(diagram: Diagram) -> Graph:
    nodes = {node.number: node.operation for node in diagram.nodes if node.role == "node"}
    fixed = [node.number for node in diagram.nodes if node.role != "node"]
    return Graph(fixed, nodes, [(edge.source, edge.target, edge.operation or "") for edge in diagram.edges])


def _lanes(one: Diagram, other: Diagram, home: dict[int, int]) -> list[_Lane]:
    """Edges of either diagram between the same nodes, paired: equal ones first, then others, then those left alone."""
    right: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, edge in enumerate(other.edges):
        right[home[edge.source], home[edge.target]].append(index)
    alone, lanes = [], []
    for index, edge in enumerate(one.edges):
        twins = right[edge.source, edge.target]
        equal = next((twin for twin in twins if other.edges[twin].operation == edge.operation), None)
        if equal is None:
            alone.append(index)
        else:
            twins.remove(equal)
            lanes.append(_Lane(index, equal))
    for index in alone:
        edge = one.edges[index]
        twins = right[edge.source, edge.target]
        lanes.append(_Lane(index, twins.pop(0) if twins else None))
    lanes += [_Lane(None, index) for twins in right.values() for index in twins]
    return lanes


def _sorted(nodes: list[DiagramNode], edges: list[DiagramEdge]) -> list[DiagramNode] | None:
    """The nodes in an order in which edges lead forward; None where there is no such order."""
    order: list[DiagramNode] = []
    done: set[int] = set()
    while len(order) < len(nodes):
        ready = [
            node
            for node in nodes
            if node.number not in done and all(edge.source in done for edge in edges if edge.target == node.number)
        ]
        if not ready:
            return None
        order += ready
        done |= {node.number for node in ready}
    return order


def _part(
    diagram: Diagram,
    whole: Layout,
    plates: list[Box | None],
    lanes: dict[int, int],
    home: dict[int, int],
    measure: Callable[[str], float],
) -> Layout:
    """What one side shows of the layout of both."""
    labels = []
    for index, edge in enumerate(diagram.edges):
        plate = plates[lanes[index]]
        if edge.operation is not None and plate is not None:
            labels.append(replace(plate, width=measure(edge.label)))
    return Layout(
        {node.number: whole.boxes[home[node.number]] for node in diagram.nodes},
        tuple(whole.routes[lanes[index]] for index in range(len(diagram.edges))),
        tuple(labels),
        whole.width,
        whole.height,
    )


def _said(diagram: Diagram, edge: DiagramEdge) -> str:
    label = f" {edge.label}" if edge.label else ""
    return f"{diagram.title(edge.source)} → {diagram.title(edge.target)}{label}"
