"""NAS-Bench-201's strings of a cell, `|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|...|`.

Between plus signs stands a node, between bars an operation and the state it reads: 0 is the cell's input, 1 its first
node.
"""

import re

from engine.space.architecture import Architecture, StackedCell
from engine.space.bounded_parsing import NotationError, bounded
from engine.space.cells import MOST_NODES, Cell, Edge, Node, faults

INPUTS = 1


def parse(text: str) -> StackedCell:
    """The cell that the string describes, inputs in the order of the text. Raises NotationError."""
    nodes = []
    for index, part in enumerate(bounded(text, "an architecture string").split("+")):
        if index >= MOST_NODES:
            raise NotationError(f"more than {MOST_NODES} nodes; cells of up to {MOST_NODES} are understood")
        words = re.fullmatch(r"\s*\|(.*)\|\s*", part, re.DOTALL)
        if words is None:
            raise NotationError(f"node {index}: expected |operation~state|...|, not {part.strip()[:20]!r}")
        nodes.append(Node(tuple(_edge(index, place, word) for place, word in enumerate(words[1].split("|"), 1))))
    cell = Cell(tuple(nodes), (len(nodes),), INPUTS)
    for fault in faults(cell):
        raise NotationError(fault)
    return StackedCell(cell)


def format(architecture: Architecture) -> str:
    """The string of the architecture; `parse` gives the same one back. Raises NotationError where there is none."""
    if not isinstance(architecture, StackedCell):
        raise NotationError("an architecture string is of one cell used throughout, and this architecture is not")
    cell = architecture.cell
    if cell.inputs != INPUTS or cell.concat != (len(cell.nodes),):
        raise NotationError("an architecture string is of a cell with one input whose output is its last node")
    for index, node in enumerate(cell.nodes):
        if not node.inputs or node.combine != "add":
            raise NotationError(f"node {index}: an architecture string is of nodes that add up one input or more")
    nodes = ("|".join(f"{edge.operation}~{edge.source}" for edge in node.inputs) for node in cell.nodes)
    return "+".join(f"|{node}|" for node in nodes)


def _edge(node: int, place: int, word: str) -> Edge:
    parts = re.fullmatch(r"\s*(\w+)~([0-9]{1,9})\s*", word, re.ASCII)
    if parts is None:
        raise NotationError(f"node {node}, input {place}: expected operation~state, not {word.strip()[:20]!r}")
    return Edge(int(parts[2]), parts[1])
