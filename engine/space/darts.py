"""The cell space of DARTS (Liu et al. 2019, section 2.1): two cells of nodes that add up two earlier states."""

import random
from collections.abc import Hashable
from functools import lru_cache
from math import comb
from typing import Annotated, ClassVar

import msgspec
from msgspec import Struct

from engine.space.architecture import Architecture, CellArchitecture
from engine.space.canonical import canonical
from engine.space.cells import Cell, Edge, Node, changes, state_name, unknown_operation
from engine.space.decisions import Decision, Decisions, DecisionSpace, OutsideSpace
from engine.space.operations import DARTS_OPERATIONS, OPERATIONS, label
from engine.space.setting import setting

PER_NODE = 4
"""Decisions of a node: input, operation, input, operation."""


class DartsSpace(
    Struct, DecisionSpace, frozen=True, kw_only=True, tag="darts", tag_field="kind", forbid_unknown_fields=True
):
    """Normal and reduction cell; a node adds up two distinct earlier states, each through one operation.

    The cell's output concatenates all its nodes. `none` is a candidate of the supernet, and never decided.
    Decisions: normal cell, then reduction cell; node by node; the earlier input first, each with its operation.
    """

    title: ClassVar[str] = "DARTS cells"
    about: ClassVar[str] = (
        "Two small cells, stacked over and over into a network: the normal cell keeps the image's size, the reduction "
        "cell halves it. In a cell every node adds up two earlier states, each through one operation."
    )
    source: ClassVar[str] = "Liu, Simonyan, Yang: DARTS, ICLR 2019, section 2.1"
    cells: ClassVar[tuple[str, str]] = ("normal", "reduction")

    nodes: Annotated[
        int,
        setting("Intermediate nodes of each cell.", label="Nodes", low=1, high=12, source="DARTS, section 3.1: 4"),
    ] = 4
    operations: Annotated[
        tuple[str, ...],
        setting(
            "The operations an edge may carry. 'none' lets a one-shot search fade an edge out.",
            label="Operations",
            choices=tuple(OPERATIONS),
            source="DARTS, section 3.1: these 8",
        ),
    ] = DARTS_OPERATIONS

    def __post_init__(self) -> None:
        if self.nodes < 1:
            raise ValueError(f"nodes: a cell has at least 1 node, not {self.nodes}")
        for name in self.operations:
            if name not in OPERATIONS:
                raise ValueError(f"operations: {unknown_operation(name)}")
        if len(set(self.operations)) < len(self.operations):
            raise ValueError("operations: one is named twice")
        if not self.decided:
            raise ValueError("operations: at least one other than none is needed")

    @property
    def decided(self) -> tuple[str, ...]:
        """The operations a decision chooses from: all but `none`."""
        return tuple(name for name in self.operations if name != "none")

    def edges(self) -> tuple[tuple[int, int], ...]:
        """The supernet's edges of one cell in published order, as (index of the node, number of the source state)."""
        return tuple((node, source) for node in range(self.nodes) for source in range(2 + node))

    def edge_names(self) -> tuple[str, ...]:
        """Names of `edges()` for people: "k−2→0", "k−1→0", "k−2→1", ..."""
        return tuple(f"{state_name(source)}→{node}" for node, source in self.edges())

    def sized(self, nodes: int) -> "DartsSpace":
        """The same space with another number of nodes per cell."""
        return msgspec.structs.replace(self, nodes=nodes)

    def restrict(self, operations: tuple[str, ...]) -> "DartsSpace":
        """The part of the space that uses only these operations. Raises OutsideSpace for one it does not have."""
        for name in operations:
            if name not in self.operations:
                raise OutsideSpace(f"the space has no operation '{name}'")
        return msgspec.structs.replace(self, operations=tuple(name for name in self.operations if name in operations))

    def next(self, prefix: Decisions) -> Decision | None:
        place, part = divmod(len(prefix), PER_NODE)
        if place >= 2 * self.nodes:
            return None
        cell, node = divmod(place, self.nodes)
        if part % 2:
            return _operation_decision(cell, node, self.operations)
        return _input_decision(cell, node, prefix[-2] if part else -1)

    def completions(self, prefix: Decisions) -> int:
        place, part = divmod(len(prefix), PER_NODE)
        if place >= 2 * self.nodes:
            return 1
        after = _later_nodes(self.nodes, self.operations)[place]
        k = len(self.operations) - ("none" in self.operations)
        states = 2 + place % self.nodes
        if part == 0:
            return comb(states, 2) * k * k * after
        if part == 3:
            return k * after
        # The second input comes after the first, and its number is counted from there.
        seconds = states - 1 - prefix[PER_NODE * place]
        return seconds * k * (k if part == 1 else 1) * after

    def decode(self, decisions: Decisions) -> CellArchitecture:
        self.questions(decisions)
        operations = self.decided
        nodes = []
        for at in range(0, len(decisions), PER_NODE):
            first, one, gap, two = decisions[at : at + PER_NODE]
            nodes.append(Node((Edge(first, operations[one]), Edge(first + 1 + gap, operations[two]))))
        concat = tuple(range(2, 2 + self.nodes))
        return CellArchitecture(
            normal=Cell(tuple(nodes[: self.nodes]), concat), reduction=Cell(tuple(nodes[self.nodes :]), concat)
        )

    def encode(self, architecture: Architecture) -> Decisions:
        """See `DecisionSpace.encode`; the inputs of a node may come in any order."""
        if not isinstance(architecture, CellArchitecture):
            raise OutsideSpace("the DARTS space holds pairs of cells")
        normal = self._encode_cell("normal", architecture.normal)
        return normal + self._encode_cell("reduction", architecture.reduction)

    def canonical(self, architecture: Architecture) -> Hashable:
        return canonical(architecture.normal), canonical(architecture.reduction)

    def mutate(self, decisions: Decisions, rng: random.Random, kind: str | None = None) -> Decisions:
        """A mutation of regularized evolution (Real et al. 2019); with no kind, either one, equally likely.

        "input" is the hidden-state mutation: one input of one node comes from another earlier state instead, with the
        operation it had. "operation" puts another operation on one edge. A first node has no other state to read, so
        that only later ones are drawn. Unchanged where nothing else is possible.
        """
        possible = (["input"] if self.nodes > 1 else []) + (["operation"] if len(self.decided) > 1 else [])
        if kind is None:
            kind = rng.choice(possible) if possible else "operation"
        if kind != "input" or kind not in possible:
            return DecisionSpace.mutate(self, decisions, rng, kind)
        self.questions(decisions)
        cell, node, moved = rng.randrange(2), rng.randrange(1, self.nodes), rng.randrange(2)
        at = PER_NODE * (cell * self.nodes + node)
        first, one, gap, two = decisions[at : at + PER_NODE]
        edges = [(first, one), (first + 1 + gap, two)]
        free = [state for state in range(2 + node) if state not in (edges[0][0], edges[1][0])]
        edges[moved] = (rng.choice(free), edges[moved][1])
        return decisions[:at] + _node_decisions(edges) + decisions[at + PER_NODE :]

    def describe_change(self, a: Decisions, b: Decisions) -> str:
        before, after = self.decode(a), self.decode(b)
        phrases = [f"normal {phrase}" for phrase in changes(before.normal, after.normal)]
        phrases += [f"reduction {phrase}" for phrase in changes(before.reduction, after.reduction)]
        return "; ".join(phrases) or "no change"

    def _encode_cell(self, name: str, cell: Cell) -> Decisions:
        if cell.inputs != 2:
            raise OutsideSpace(f"{name} cell: it has {cell.inputs} inputs, and the space's cells have 2")
        if len(cell.nodes) != self.nodes:
            raise OutsideSpace(f"{name} cell: it has {len(cell.nodes)} nodes, and the space's cells have {self.nodes}")
        if cell.concat != tuple(range(2, 2 + self.nodes)):
            raise OutsideSpace(f"{name} cell: its output concatenates {list(cell.concat)}, not all nodes in order")
        decisions: Decisions = ()
        for index, node in enumerate(cell.nodes):
            decisions += self._encode_node(f"{name} node {index}", 2 + index, node)
        return decisions

    def _encode_node(self, place: str, states: int, node: Node) -> Decisions:
        if node.combine != "add":
            raise OutsideSpace(f"{place}: it combines by {node.combine}, and the space's nodes add")
        if len(node.inputs) != 2:
            raise OutsideSpace(f"{place}: it has {len(node.inputs)} inputs, and the space's nodes have 2")
        decided = self.decided
        edges = []
        for edge in node.inputs:
            if edge.operation not in decided:
                raise OutsideSpace(f"{place}: operation '{edge.operation}' is not one the space decides on")
            if not 0 <= edge.source < states:
                raise OutsideSpace(f"{place}: there is no state {edge.source} before it")
            edges.append((edge.source, decided.index(edge.operation)))
        if edges[0][0] == edges[1][0]:
            raise OutsideSpace(f"{place}: both inputs come from {state_name(edges[0][0])}, and they must differ")
        return _node_decisions(edges)


def _node_decisions(edges: list[tuple[int, int]]) -> Decisions:
    """The four decisions of a node from its (state, index of the operation) pairs in any order."""
    (first, one), (second, two) = sorted(edges)
    return first, one, second - first - 1, two


@lru_cache(maxsize=4096)
def _input_decision(cell: int, node: int, first: int) -> Decision:
    """Which state an input comes from; `first` is the state of the other input where that is decided, or -1."""
    states = range(1 + node) if first < 0 else range(first + 1, 2 + node)
    return Decision("input", tuple(map(state_name, states)), tuple(states), f"{DartsSpace.cells[cell]} node {node}")


@lru_cache(maxsize=4096)
def _operation_decision(cell: int, node: int, operations: tuple[str, ...]) -> Decision:
    names = tuple(label(name) for name in operations if name != "none")
    return Decision("operation", names, (None,) * len(names), f"{DartsSpace.cells[cell]} node {node}")


@lru_cache(maxsize=256)
def _later_nodes(nodes: int, operations: tuple[str, ...]) -> tuple[int, ...]:
    """For each node of the two cells, in how many ways those after it can be decided."""
    k = len(operations) - ("none" in operations)
    ways = [1]
    for node in reversed(range(1, 2 * nodes)):
        ways.append(ways[-1] * comb(2 + node % nodes, 2) * k * k)
    return tuple(reversed(ways))
