"""The DARTS notation of a cell pair, `Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=..., ...)`.

Text from anywhere is parsed as data and never evaluated. Two layouts are in use for a cell's flat list: two entries per
node, and (SNAS's "edge_all") every edge from every earlier state, `none` included. AutoDL-Projects nests the entries of
a node in a tuple of their own; that is read, too.
"""

import ast

from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cells import Cell, Edge, Node, faults
from engine.space.reading import NotationError as NotationError
from engine.space.syntax import arguments, entry, items, states

FIELDS = ("normal", "normal_concat", "reduce", "reduce_concat")
UNUSED = ("connectN", "connects")
"""Further parts that AutoDL-Projects gives a genotype, None in all that it publishes."""


def parse(text: str) -> CellArchitecture:
    """The architecture that the text describes, inputs in the order of the text.

    Raises:
        NotationError: whatever is wrong with the text, in one line.
    """
    fields = _fields(text)
    return CellArchitecture(
        normal=_cell("normal", fields["normal"], fields["normal_concat"]),
        reduction=_cell("reduce", fields["reduce"], fields["reduce_concat"]),
    )


def format(architecture: Architecture) -> str:
    """The notation of the architecture; `parse` gives the same architecture back.

    Raises:
        NotationError: the notation cannot express it (a node that concatenates, an odd number of inputs, ...).
    """
    if not isinstance(architecture, CellArchitecture):
        raise NotationError("a genotype is of a normal and a reduction cell, and this architecture is not")
    parts = []
    for name, cell in (("normal", architecture.normal), ("reduce", architecture.reduction)):
        for index, node in enumerate(cell.nodes):
            if node.combine != "add":
                raise NotationError(f"a genotype cannot express this: {name} node {index} concatenates its inputs")
        entries = [(edge.operation, edge.source) for node in cell.nodes for edge in node.inputs]
        parts.append(f"{name}={entries}, {name}_concat={list(cell.concat)}")
    text = f"Genotype({', '.join(parts)})"
    if parse(text) != architecture:
        raise NotationError("a genotype cannot express this: its nodes add up two inputs each, or every earlier state")
    return text


def _fields(text: str) -> dict[str, ast.expr]:
    """The four keyword arguments, still as syntax."""
    given = arguments(text)
    if "recurrent" in given:
        raise NotationError("this is the genotype of a recurrent cell; a normal and a reduction cell are wanted")
    for name in UNUSED:
        if name in given and not _is_none(given.pop(name)):
            raise NotationError(f"{name}: only None is understood")
    for name in given:
        if name not in FIELDS:
            raise NotationError(f"Genotype has no part '{name[:40]}'; its parts are {', '.join(FIELDS)}")
    for name in FIELDS:
        if name not in given:
            raise NotationError(f"Genotype lacks its part '{name}'")
    return given


def _cell(name: str, entries: ast.expr, concat: ast.expr) -> Cell:
    listed = items(name, entries)
    output = states(f"{name}_concat", concat)
    if listed and all(map(_is_nested, listed)):
        nodes = [_edges(f"{name}, node {index}", item) for index, item in enumerate(listed)]
    else:
        nodes = _nodes(name, _edges(name, entries), output)
    cell = Cell(nodes=tuple(Node(tuple(inputs)) for inputs in nodes), concat=output)
    for fault in faults(cell):
        raise NotationError(f"{name}: {fault}")
    return cell


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_nested(value: ast.expr) -> bool:
    """Whether this is a list of entries and not an entry, which begins with an operation's name."""
    sequence = ast.List | ast.Tuple
    return isinstance(value, sequence) and bool(value.elts) and isinstance(value.elts[0], sequence)


def _edges(place: str, value: ast.expr) -> list[Edge]:
    example = "an operation and a state, such as ('sep_conv_3x3', 0)"
    pairs = [entry(f"{place}, entry {number}", item, example) for number, item in enumerate(items(place, value), 1)]
    return [Edge(source, operation) for operation, source in pairs]


def _nodes(name: str, edges: list[Edge], concat: tuple[int, ...]) -> list[list[Edge]]:
    """The flat list cut into nodes, by whichever of the two layouts it follows."""
    every = _every_edge(edges)
    # Two entries per node would also read some of these, but then the last nodes would lead nowhere.
    if every and max(concat, default=0) < 2 + len(every):
        nodes = every
    elif len(edges) % 2:
        raise NotationError(f"{name}: {len(edges)} entries; two per node are wanted")
    else:
        nodes = [edges[at : at + 2] for at in range(0, len(edges), 2)]
    return nodes


def _every_edge(edges: list[Edge]) -> list[list[Edge]]:
    """The nodes, if the list holds for each node one edge from every earlier state; otherwise none."""
    nodes: list[list[Edge]] = []
    at = 0
    while at < len(edges):
        states = 2 + len(nodes)
        nodes.append(edges[at : at + states])
        if sorted(edge.source for edge in nodes[-1]) != list(range(states)):
            return []
        at += states
    return nodes
