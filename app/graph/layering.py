"""Which column every part of a diagram stands in, and in which order: a layered graph with few crossings.

Columns alternate: even ones hold nodes (a cell's inputs, its nodes, its output), odd ones the gaps between, where
the labels stand. A wire passes every column between its ends through a vertex of its own, so that labels and nodes push
wires aside just as they push each other, and no free place needs to be searched for afterwards. The order follows
Sugiyama's method (barycentre sweeps, then exchanges of neighbours). No step draws lots: the same diagram always gives
the same picture.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise, zip_longest
from typing import Literal

from app.graph.model import OUTPUT, Diagram, DiagramEdge

SWEEPS = 6


@dataclass(eq=False)
class Vertex:
    """A node, a label, or the place where a wire passes a column."""

    kind: Literal["state", "label", "bend"]
    column: int
    name: int  # of the node; for labels and bends the wire's index
    quiet: bool = False  # part of a wire that carries nothing
    left: list["Vertex"] = field(default_factory=list)
    right: list["Vertex"] = field(default_factory=list)
    place: float = 0.0  # position within the column while sorting


@dataclass(frozen=True, eq=False)
class Wire:
    """An edge of the diagram with the vertices that it runs through, from source to target."""

    source: int
    target: int
    operation: str | None  # None: it carries nothing
    label: str
    chain: tuple[Vertex, ...]


@dataclass(frozen=True, eq=False)
class Layers:
    """Columns of vertices, each from top to bottom."""

    columns: tuple[tuple[Vertex, ...], ...]
    wires: tuple[Wire, ...]

    def vertices(self) -> Iterator[Vertex]:
        """All of them, column by column."""
        return chain.from_iterable(self.columns)


def arrange(diagram: Diagram) -> Layers:
    """The diagram as columns of vertices with few crossings of wires; one wire for each edge, in the same order."""
    depth = _depths(diagram)
    states = {state: Vertex("state", 2 * layer, state) for state, layer in depth.items()}
    columns: list[list[Vertex]] = [[] for _ in range(2 * max(depth.values()) + 1)]
    for vertex in states.values():
        columns[vertex.column].append(vertex)
    labelled = [edge for edge in diagram.edges if edge.operation is not None]
    gaps = [2 * gap + 1 for gap in _label_gaps([(depth[edge.source], depth[edge.target]) for edge in labelled])]
    wires = [
        _string(index, states, edge, column, columns)
        for index, (edge, column) in enumerate(zip_longest(diagram.edges, gaps))
    ]
    _sort(columns)
    return Layers(tuple(tuple(column) for column in columns), tuple(wires))


def _depths(diagram: Diagram) -> dict[int, int]:
    """Layer of each node: inputs 0, every node right of all it reads, the output last; no layer too tall."""
    depth: dict[int, int] = {}
    filled: Counter[int] = Counter()
    for node in diagram.nodes:
        if node.role == "input":
            depth[node.number] = 0
        elif node.role == "node":
            layer = 1 + max((depth[edge.source] for edge in diagram.into(node.number)), default=0)
            while filled[layer] >= diagram.tallest:
                layer += 1
            filled[layer] += 1
            depth[node.number] = layer
    depth.update({node.number: 1 + max(depth.values()) for node in diagram.nodes if node.role == "output"})
    return depth


def _label_gaps(spans: list[tuple[int, int]]) -> list[int]:
    """For each edge the gap that takes its label: the emptiest it crosses, of equals the one nearest its target."""
    load: Counter[int] = Counter()
    gaps = [0] * len(spans)
    for index in sorted(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0]):
        first, last = spans[index]
        gaps[index] = min(range(last - 1, first - 1, -1), key=load.__getitem__)
        load[gaps[index]] += 1
    return gaps


def _string(
    index: int,
    states: dict[int, Vertex],
    edge: DiagramEdge,
    label: int | None,
    columns: list[list[Vertex]],
) -> Wire:
    first, last = states[edge.source], states[edge.target]
    path = [first]
    for column in range(first.column + 1, last.column):
        vertex = Vertex("label" if column == label else "bend", column, index, quiet=edge.operation is None)
        columns[column].append(vertex)
        path.append(vertex)
    path.append(last)
    for left, right in pairwise(path):
        left.right.append(right)
        right.left.append(left)
    return Wire(edge.source, edge.target, edge.operation, edge.label, tuple(path))


def _sort(columns: list[list[Vertex]]) -> None:
    """Order every column but the first (c_{k-2} stays above c_{k-1}) so that few wires cross; in place."""
    for column in columns:
        _number(column)
    best, fewest = [list(column) for column in columns], crossings(columns)
    for sweep in range(SWEEPS):
        rightward = sweep % 2 == 0
        for column in columns[1:] if rightward else columns[-2:0:-1]:
            _by_barycentre(column, rightward)
        while _exchange(columns):
            pass
        count = crossings(columns)
        if count < fewest:
            best, fewest = [list(column) for column in columns], count
        if not fewest:
            break
    for column, order in zip(columns, best, strict=True):
        column[:] = order
        _number(column)


def _number(column: list[Vertex]) -> None:
    for place, vertex in enumerate(column):
        vertex.place = place


def _by_barycentre(column: list[Vertex], rightward: bool) -> None:
    def centre(vertex: Vertex) -> float:
        near = vertex.left if rightward else vertex.right
        return sum(v.place for v in near) / len(near) if near else vertex.place

    column.sort(key=centre)
    _number(column)


def _exchange(columns: list[list[Vertex]]) -> bool:
    """Exchange neighbours wherever that removes crossings; whether any were exchanged."""
    changed = False
    for column in columns[1:]:
        for i in range(len(column) - 1):
            upper, lower = column[i], column[i + 1]
            if _between(upper, lower) > _between(lower, upper):
                column[i], column[i + 1] = lower, upper
                upper.place, lower.place = lower.place, upper.place
                changed = True
    return changed


def _between(upper: Vertex, lower: Vertex) -> float:
    """Crossings of the wires of two vertices of one column if `upper` stands above `lower`."""
    return sum(
        _weight(upper, a) * _weight(lower, b)
        for side in ("left", "right")
        for a in getattr(upper, side)
        for b in getattr(lower, side)
        if a.place > b.place
    )


def crossings(columns: list[list[Vertex]]) -> float:
    """Crossings of the whole picture; those of quiet wires, thin and grey, count less."""
    total = 0.0
    for column in columns:
        for i, upper in enumerate(column):
            for lower in column[i + 1 :]:
                total += sum(
                    _weight(upper, a) * _weight(lower, b) for a in upper.right for b in lower.right if a.place > b.place
                )
    return total


def _weight(one: Vertex, other: Vertex) -> float:
    return 0.5 if one.quiet or other.quiet or OUTPUT in (one.name, other.name) else 1.0
