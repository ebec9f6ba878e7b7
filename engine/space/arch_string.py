"""Cells of the NAS benchmarks: NAS-Bench-201's strings, `|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|...|`, the
nested lists that AutoDL-Projects makes them of, and NAS-Bench-101's modules, a matrix and its operations.

Between plus signs stands a node, between bars an operation and the state it reads: 0 is the cell's input, 1 its first
node.
"""

import ast
import re

from engine.space.architecture import Architecture, StackedCell
from engine.space.bounded_parsing import NotationError, bounded, integers
from engine.space.cells import MOST_NODES, Cell, Combine, Edge, Node, faults
from engine.space.genotype import entry, items

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
    return _sound(nodes)


def parse_nested(text: str) -> StackedCell:
    """The cell from a list of nodes, each a list of (operation, state). Raises NotationError."""
    try:
        listed = items("the cell", ast.parse(bounded(text, "a list of nodes"), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotationError("not a list of nodes: the text is no readable expression") from None
    if len(listed) > MOST_NODES:
        raise NotationError(f"more than {MOST_NODES} nodes; cells of up to {MOST_NODES} are understood")
    nodes = []
    for index, node in enumerate(listed):
        example = "an operation and a state, such as ('nor_conv_3x3', 0)"
        pairs = [
            entry(f"node {index}, input {place}", pair, example)
            for place, pair in enumerate(items(f"node {index}", node), 1)
        ]
        nodes.append(Node(tuple(Edge(source, operation) for operation, source in pairs)))
    return _sound(nodes)


MODULE_OPERATIONS = {
    **dict.fromkeys(("conv3x3-bn-relu", "CONV3X3"), "nor_conv_3x3"),
    **dict.fromkeys(("conv1x1-bn-relu", "CONV1X1"), "nor_conv_1x1"),
    **dict.fromkeys(("maxpool3x3", "MAXPOOL3X3"), "max_pool_3x3"),
}
"""Of NAS-Bench-101, by their names in data and in code."""
MOST_VERTICES = 16


def parse_module(text: str) -> StackedCell:
    """A module of NAS-Bench-101: its matrix, a semicolon, and its operations, the first the input, the last the output.

    As in the authors' code, vertices that lead nowhere are left out, what reads the module's input reads it through a
    1×1 convolution, other inputs of a vertex are added up, and those of the output concatenated. Operations are those
    of NAS-Bench-201's cells here: all states have the channels of the cell, while the authors share out those of the
    output. Raises NotationError.
    """
    rows, _, words = bounded(text, "a module").partition(";")
    matrix = [integers(row) for row in re.findall(r"[\[(]([^\[\]()]+)[\])]", rows)]
    names, size = re.findall(r"[\w-]+", words), len(matrix)
    if not 2 <= size <= MOST_VERTICES or any(len(row) != size for row in matrix) or len(names) != size:
        raise NotationError(f"a module is a square matrix of 2 to {MOST_VERTICES} rows and as many operations")
    if any(number > (source < target) for source, row in enumerate(matrix) for target, number in enumerate(row)):
        raise NotationError("the matrix of a module has ones above its diagonal, and zeros elsewhere")
    for place, name in enumerate(names[1:-1], 1):
        if name not in MODULE_OPERATIONS:
            raise NotationError(
                f"operation {place}: {name[:40]!r} is none of {', '.join(list(MODULE_OPERATIONS)[::2])}"
            )
    begun, leading = {0}, {size - 1}
    for vertex in range(1, size):
        begun |= {vertex} if any(matrix[source][vertex] for source in begun) else set()
    for vertex in range(size - 2, -1, -1):
        leading |= {vertex} if any(matrix[vertex][target] for target in leading) else set()
    nodes: list[Node] = []
    state = {0: 0}

    def added(*edges: Edge, combine: Combine = "add") -> int:
        nodes.append(Node(edges, combine))
        return len(nodes)

    for vertex in sorted(begun & leading - {0}):
        sources = [source for source in sorted(begun & leading) if source < vertex and matrix[source][vertex]]
        inner = [Edge(state[source], "skip_connect") for source in sources if source]
        projected = [Edge(0, "nor_conv_1x1")] if 0 in sources else []
        if vertex < size - 1:
            read = inner[0].source if len(sources) == len(inner) == 1 else added(*projected, *inner)
            state[vertex] = added(Edge(read, MODULE_OPERATIONS[names[vertex]]))
        else:
            joined = [Edge(added(*inner, combine="concat"), "skip_connect")] if len(inner) > 1 else inner
            if projected:
                added(*projected, *joined)
    if not nodes:
        raise NotationError("nothing leads from the module's input to its output")
    return _sound(nodes)


def _sound(nodes: list[Node]) -> StackedCell:
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
