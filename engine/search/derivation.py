"""From architecture weights to cells: what each gradient-based method keeps of its supernet.

Weights are arrays (edges, operations), as `weights()` of a method gives them for one cell, with NaN where an edge does
not carry an operation. What comes out belongs to the space, whatever was edited in it: palettes, inputs per node, edges
that are fixed. In a space whose nodes read every earlier state, as in NAS-Bench-201, every rule keeps all edges, each
with its likeliest operation, and "none", being an operation of that space, counts like any other.
"""

from typing import NamedTuple

import numpy as np

from engine.space.cell_space import CellSpace, choices_of
from engine.space.cells import Cell, Edge, Node, output
from engine.space.node_choices import NodeChoices
from engine.space.operations import OPERATIONS


class Choice(NamedTuple):
    """The likeliest operation of an edge: its weight, the edge's row in the weights, and what it comes to in a cell."""

    strength: float
    row: int
    edge: Edge


def strongest(weights: np.ndarray, space: CellSpace, cell: str, edge_weights: np.ndarray | None = None) -> Cell:
    """The cell of DARTS (Liu et al. 2019, section 2.4) and, with `edge_weights` (edges,), that of PC-DARTS.

    An edge is as strong as the largest weight of an operation other than "none", in PC-DARTS times its own weight, and
    carries that operation. Each node keeps as many edges as the space says, the fixed ones and then the strongest; the
    stronger is named first. Among equals the first in order wins, as in the published code.
    """
    if edge_weights is not None:
        weights = weights * edge_weights[:, None]
    return _joined([[choice.edge for choice in node] for node in _kept(weights, space, cell)], space)


def in_edge_order(weights: np.ndarray, space: CellSpace, cell: str, skips: int | None = None) -> Cell:
    """The cell of P-DARTS (Chen et al. 2019, section 3.3): as `strongest`, but a node's edges in the states' order.

    `skips` is how many skip connections the cell may have: while there are more, the one with the smallest weight is
    taken from its edge and the cell derived anew. Skips for which the space has no alternative stay.
    """
    weights = weights.copy()
    needed: set[int] = set()
    while True:
        nodes = _kept(weights, space, cell)
        found = [choice for node in nodes for choice in node if _is_skip(choice.edge.operation)]
        rows = [choice.row for choice in sorted(found) if choice.row not in needed]
        if skips is None or len(found) <= skips or not rows:
            return _joined([sorted((choice.edge for choice in node), key=_source) for node in nodes], space)
        without = weights.copy()
        without[rows[0], [_is_skip(name) for name in space.operations]] = np.nan
        if _complete(_kept(without, space, cell), space, cell):
            weights = without
        else:
            needed.add(rows[0])


def every_edge(weights: np.ndarray, space: CellSpace, cell: str) -> Cell:
    """The cell of SNAS (Xie et al. 2019, section 2.4): every edge stays, with its likeliest operation.

    That may be "none", unless the edge is fixed or its palette has none. An edge that may carry nothing has "none",
    too, so that each node lists every earlier state. Where nodes read fewer states, such a cell is outside the space.
    """
    nodes: list[list[Edge]] = []
    for choices, rows in _by_node(space, cell):
        every = [(_choice(weights, space, choices, source, row, True), source) for source, row in enumerate(rows)]
        nodes.append([choice.edge if choice else Edge(source, "none") for choice, source in every])
    return _joined(nodes, space)


def _kept(weights: np.ndarray, space: CellSpace, cell: str) -> list[list[Choice]]:
    """For each node the edges it keeps, the stronger first; all of them, in order, where nodes read every state."""
    kept = []
    for choices, rows in _by_node(space, cell):
        found = [_choice(weights, space, choices, source, row, False) for source, row in enumerate(rows)]
        edges = [choice for choice in found if choice]
        if space.pairing != "every":
            edges.sort(key=lambda choice: (choice.edge.source not in choices.fixed, -choice.strength, choice.row))
            edges = sorted(edges[: choices.reads], key=lambda choice: (-choice.strength, choice.row))
        kept.append(edges)
    return kept


def _complete(nodes: list[list[Choice]], space: CellSpace, cell: str) -> bool:
    """Whether every node has the edges that the space asks for."""
    return all(
        len(edges) == choices.reads and choices.fixed <= {choice.edge.source for choice in edges}
        for edges, (choices, _) in zip(nodes, _by_node(space, cell), strict=True)
    )


def _choice(
    weights: np.ndarray, space: CellSpace, choices: NodeChoices, source: int, row: int, none: bool
) -> Choice | None:
    """The likeliest of the operations that a node's edge may be decided to carry and, if so asked, of "none"."""
    palette = choices.palettes[source]
    if none and source not in choices.fixed and "none" not in palette:
        palette = (*palette, "none")
    # The first of the largest, in the order of the space's operations.
    places = [place for place, name in enumerate(space.operations) if name in palette]
    carried = [place for place in places if not np.isnan(weights[row, place])]
    if not carried:
        # Where every state is read, an edge that may carry nothing is decided to be "none".
        return Choice(0.0, row, Edge(source, palette[0])) if space.pairing == "every" else None
    best = max(carried, key=lambda place: weights[row, place])
    return Choice(float(weights[row, best]), row, Edge(source, space.operations[best]))


def _by_node(space: CellSpace, cell: str) -> list[tuple[NodeChoices, list[int]]]:
    """For each node what it may be, and the rows of the weights of its edges, in the order of the states."""
    first = space.cells.index(cell) * space.nodes
    nodes = choices_of(space).nodes[first : first + space.nodes]
    rows = [[row for row, (node, _) in enumerate(space.edges()) if node == index] for index in range(space.nodes)]
    return list(zip(nodes, rows, strict=True))


def _is_skip(name: str) -> bool:
    return OPERATIONS[name].kind == "skip"


def _source(edge: Edge) -> int:
    return edge.source


def _joined(nodes: list[list[Edge]], space: CellSpace) -> Cell:
    """The cell of these nodes, its output by the space's rule."""
    made = tuple(Node(tuple(edges)) for edges in nodes)
    return Cell(made, output(space.output, made, space.cell_inputs), space.cell_inputs)
