"""The DARTS notation of a cell pair, `Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=..., ...)`.

Text from anywhere is parsed as data and never evaluated. Two layouts are in use for a cell's flat list: two entries per
node, and (SNAS's "edge_all") every edge from every earlier state, `none` included. AutoDL-Projects nests the entries of
a node in a tuple of their own, and FairDARTS names the node in each, (operation, node, state); both are read, too, as
are dictionaries with the same parts, JSON's among them.
"""

import ast
import re
import warnings
from collections.abc import Iterable
from contextlib import suppress

from engine.space.architecture import Architecture, CellArchitecture
from engine.space.bounded_parsing import NotationError as NotationError
from engine.space.bounded_parsing import bounded
from engine.space.cells import MOST_NODES, Cell, Edge, Node, faults


def arguments(text: str) -> dict[str, ast.expr]:
    """The keyword arguments of `Genotype(...)`, which may be assigned to a name, or the entries of a dictionary.

    Raises NotationError.
    """
    text = re.sub(r"\A\w+\s*=\s*(?=Genotype\b)", "", bounded(text, "a genotype"))
    text = re.sub(r"\\(?=['\"])", "", text)  # a string in a string
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler's remarks about foreign text are no business of ours
            call = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        place = f" (line {error.lineno}, column {error.offset})" if error.lineno else ""
        raise NotationError(f"not a genotype: {error.msg}{place}") from None
    except (ValueError, RecursionError, MemoryError):
        raise NotationError("not a genotype: the text is no readable expression") from None
    if isinstance(call, ast.Dict):  # which may say more of the architecture
        parts = zip(call.keys, call.values, strict=True)
        named = {str(key.value): value for key, value in parts if isinstance(key, ast.Constant)}
        return {name: value for name, value in named.items() if name in FIELDS + UNUSED}
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Genotype"):
        raise NotationError("not a genotype: it must read Genotype(normal=..., normal_concat=..., ...)")
    if call.args:
        raise NotationError("Genotype takes its parts by name, as in Genotype(normal=..., normal_concat=..., ...)")
    given = {keyword.arg or "**": keyword.value for keyword in call.keywords}
    if len(given) < len(call.keywords):
        raise NotationError("Genotype has one of its parts twice")
    return given


def bare(value: ast.expr) -> ast.expr:
    """What stands inside `list(...)`, `array(...)`, `int64(...)` and the like, which printed values are wrapped in."""
    while isinstance(value, ast.Call) and len(value.args) == 1:
        name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        if name not in ("list", "tuple", "array", "int", "str", "str_", "int32", "int64", "int_"):
            break
        value = value.args[0]
    return value


def entry(place: str, value: ast.expr, example: str) -> tuple[str, int]:
    """A name and a state. Raises NotationError for what is none."""
    match [bare(item) for item in getattr(value, "elts", ())]:
        case [ast.Constant(value=str(name)), source]:
            return name, integer(place, source)
    raise NotationError(f"{place}: expected {example}")


def items(place: str, value: ast.expr) -> list[ast.expr]:
    """The elements of a list. Raises NotationError for what is none."""
    value = bare(value)
    if not isinstance(value, ast.List | ast.Tuple):
        raise NotationError(f"{place}: expected a list")
    return value.elts


def states(place: str, value: ast.expr) -> tuple[int, ...]:
    """A list of states, or range(...) of them. Raises NotationError."""
    value = bare(value)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "range":
        if value.keywords or not 1 <= len(value.args) <= 3:
            raise NotationError(f"{place}: expected range(first, end)")
        bounds = [integer(place, bound) for bound in value.args]
        if len(bounds) == 3 and bounds[2] == 0:
            raise NotationError(f"{place}: a range cannot go in steps of 0")
        numbers: Iterable[int] = range(*bounds)
        count = len(range(*bounds))
    else:
        listed = items(place, value)
        numbers = (integer(place, item) for item in listed)
        count = len(listed)
    if count > MOST_NODES + 2:
        raise NotationError(f"{place}: {count:,} states; cells of up to {MOST_NODES} nodes are understood")
    return tuple(numbers)


def integer(place: str, value: ast.expr) -> int:
    """The number of a state. Raises NotationError."""
    match bare(value):
        case ast.Constant(value=int(number)) if not isinstance(number, bool) and number < 1_000_000:
            return number
    raise NotationError(f"{place}: expected the number of a state")


CONFIGURED = re.compile(r"edge_(normal|reduce)_(\d{1,3})['\"]\s*:\s*['\"](\w+)['\"]")


def parse_config(text: str) -> CellArchitecture:
    """The architecture of a configuration of NAS-Bench-301, a dictionary with an operation for each edge that is there.

    Edges are numbered node by node, by the states that they read; the output joins all nodes. Raises NotationError.
    """
    cells: dict[str, dict[int, list[Edge]]] = {"normal": {}, "reduce": {}}
    for name, number, operation in CONFIGURED.findall(bounded(text, "a configuration")):
        source, node = int(number), 0
        while source >= 2 + node:
            source, node = source - 2 - node, node + 1
        cells[name].setdefault(node, []).append(Edge(source, operation))
    made = []
    for name, nodes in cells.items():
        count = max(nodes, default=-1) + 1
        inputs = (Node(tuple(nodes.get(node, ()))) for node in range(count))
        made.append(Cell(tuple(inputs), tuple(range(2, 2 + count))))
        for fault in faults(made[-1]):
            raise NotationError(f"{name}: {fault}")
    return CellArchitecture(*made)


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
    for name, cell in (("normal", architecture.normal), ("reduce", architecture.reduction)):
        for index, node in enumerate(cell.nodes):
            if node.combine != "add":
                raise NotationError(f"a genotype cannot express this: {name} node {index} concatenates its inputs")
    for triples in (False, True):  # as DARTS writes it or, where that says something else, as FairDARTS does
        text = _written(architecture, triples)
        with suppress(NotationError):
            if parse(text) == architecture:
                return text
    raise NotationError("a genotype cannot express this: every node but those without inputs joins what is read later")


def _written(architecture: CellArchitecture, triples: bool) -> str:
    parts = []
    for name, cell in (("normal", architecture.normal), ("reduce", architecture.reduction)):
        edges = [(edge, node) for node, inputs in enumerate(cell.nodes, cell.inputs) for edge in inputs.inputs]
        entries = [(edge.operation, *([node] if triples else []), edge.source) for edge, node in edges]
        parts.append(f"{name}={entries}, {name}_concat={list(cell.concat)}")
    return f"Genotype({', '.join(parts)})"


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
    if listed and all(len(getattr(item, "elts", ())) == 3 for item in listed):
        nodes = _by_node(name, listed, max(output, default=0))
        output = tuple(state for state in output if state < 2 or state - 2 >= len(nodes) or nodes[state - 2])
    elif listed and all(map(_is_nested, listed)):
        nodes = [_edges(f"{name}, node {index}", item) for index, item in enumerate(listed)]
    else:
        nodes = _nodes(name, _edges(name, entries), output)
    cell = Cell(nodes=tuple(Node(tuple(inputs)) for inputs in nodes), concat=output)
    for fault in faults(cell):
        raise NotationError(f"{name}: {fault}")
    return cell


def _is_none(value: ast.expr) -> bool:
    return (isinstance(value, ast.Constant) and value.value is None) or getattr(value, "id", "") == "null"


def _is_nested(value: ast.expr) -> bool:
    """Whether this is a list of entries and not an entry, which begins with an operation's name."""
    sequence = ast.List | ast.Tuple
    return isinstance(value, sequence) and bool(value.elts) and isinstance(value.elts[0], sequence)


def _by_node(name: str, listed: list[ast.expr], last: int) -> list[list[Edge]]:
    """The edges of every node from triples (operation, node, state); nodes go up to `last`, some without edges."""
    found: list[tuple[int, Edge]] = []
    for number, item in enumerate(listed, 1):
        place = f"{name}, entry {number}"
        match [bare(part) for part in getattr(item, "elts", ())]:
            case [ast.Constant(value=str(operation)), node, source]:
                found.append((integer(place, node), Edge(integer(place, source), operation)))
            case _:
                raise NotationError(f"{place}: expected an operation, a node and a state, as in ('skip_connect', 2, 0)")
        if not 2 <= found[-1][0] < MOST_NODES + 2:
            raise NotationError(f"{place}: {found[-1][0]} is no node; the first is 2, and {MOST_NODES} are understood")
    last = min(max(last, *(node for node, _ in found)), MOST_NODES + 1)
    return [[edge for node, edge in found if node == number] for number in range(2, last + 1)]


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
