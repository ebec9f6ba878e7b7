"""The same architecture in other words: decisions that differ, of graphs that do not."""

import random
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from engine.space.architecture import Architecture, named_cells
from engine.space.cells import Cell, Edge, Node
from engine.space.decisions import Decisions, DecisionSpace, OutsideSpace


def twin(space: DecisionSpace, decisions: Decisions, rng: random.Random) -> Decisions | None:
    """Other decisions for the same graph, or None where none were found.

    In one cell, the two inputs of a node are swapped (as in NAO), or two neighbouring nodes that do not read each
    other. A swap counts only if the space can decide it, and if the canonical form stays the same.
    """
    architecture = space.decode(decisions)
    swapped = list(_swaps(architecture))
    rng.shuffle(swapped)
    form = space.canonical(architecture)
    for other in swapped:
        try:
            found = space.encode(other)
        except OutsideSpace:
            continue
        if found != decisions and space.canonical(space.decode(found)) == form:
            return found
    return None


def _swaps(architecture: Architecture) -> Iterator[Architecture]:
    fields: dict[str, tuple[str, ...]] = {"cell": ("cell",), "normal": ("normal",), "reduction": ("reduction",)}
    cells = named_cells(architecture)
    if len({cell for _, cell in cells}) < len(cells):  # one cell for both strides stays one
        fields["normal"] = ("normal", "reduction")
    for name, cell in cells:
        for other in (*_inputs_swapped(cell), *_nodes_swapped(cell)):
            yield msgspec.structs.replace(architecture, **dict.fromkeys(fields[name], other))


def _inputs_swapped(cell: Cell) -> Iterator[Cell]:
    for index, node in enumerate(cell.nodes):
        if len(node.inputs) > 1 and node.inputs[0] != node.inputs[1]:
            first, second, *others = node.inputs
            yield _with(cell, {index: msgspec.structs.replace(node, inputs=(second, first, *others))})


def _nodes_swapped(cell: Cell) -> Iterator[Cell]:
    """Nodes next to each other trade places; whoever reads them reads them where they are now.

    Where a node reads every earlier state, the edge between the two carries `none` and is turned round.
    """
    for index, (one, other) in enumerate(pairwise(cell.nodes)):
        here = cell.inputs + index
        between = [edge for edge in other.inputs if edge.source == here]
        if any(edge.operation != "none" for edge in between):
            continue
        moved = {here: here + 1, here + 1: here}
        apart = tuple(edge for edge in other.inputs if edge.source != here)
        changed = {
            index: msgspec.structs.replace(other, inputs=apart),
            index + 1: msgspec.structs.replace(one, inputs=(*one.inputs, *between)),
        }
        for later in range(index + 2, len(cell.nodes)):
            node = cell.nodes[later]
            inputs = tuple(Edge(moved.get(edge.source, edge.source), edge.operation) for edge in node.inputs)
            if between:  # in the order of the states, where all are read
                inputs = tuple(sorted(inputs, key=lambda edge: edge.source))
            changed[later] = msgspec.structs.replace(node, inputs=inputs)
        yield _with(cell, changed)


def _with(cell: Cell, nodes: dict[int, Node]) -> Cell:
    return msgspec.structs.replace(cell, nodes=tuple(nodes.get(index, node) for index, node in enumerate(cell.nodes)))
