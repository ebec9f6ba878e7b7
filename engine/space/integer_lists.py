"""Architectures as integer lists: ENAS's arcs and NAO's sequences of two cells, and ENAS's macro networks.

Those of cells write four numbers per node, state, operation, state, operation, the normal cell first; states 0 and 1
are the outputs of the cells k-2 and k-1, and the output concatenates all loose ends, cell inputs included. They differ
in their operation codes alone, and where those of ENAS reach they agree.

NAS-Bench-301 and NASLib write pairs of state and operation, NASLib and NAS-Bench-201 one code per edge of a cell.

A macro list has for each layer a code of its operation, then a bit for each skip: layer k has k - 1 bits, for the stem
(0) and the layers 1 .. k-2; it reads layer k-1 in any case.
"""

from collections.abc import Mapping, Sequence

from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.bounded_parsing import NotationError, integers
from engine.space.cells import MOST_NODES, Cell, Edge, Node, output
from engine.space.enas_macro import ENAS_MACRO_OPERATIONS
from engine.space.enas_micro import ENAS_OPERATIONS
from engine.space.layers import MOST_LAYERS, Layer, LayerArchitecture, layer_faults
from engine.space.nao import NAO_LARGE, NAO_SMALL
from engine.space.nasbench201 import NASBENCH201_OPERATIONS
from engine.space.operations import DARTS_OPERATIONS


def parse_macro(text: str) -> LayerArchitecture:
    """The network that the list describes. Raises NotationError."""
    numbers = integers(text)
    layers: list[Layer] = []
    at = 0
    while at < len(numbers):
        number = len(layers) + 1
        if number > MOST_LAYERS:
            raise NotationError(f"more than {MOST_LAYERS} layers; networks of up to {MOST_LAYERS} are understood")
        code, *bits = numbers[at : at + number]
        if code >= len(ENAS_MACRO_OPERATIONS):
            raise NotationError(
                f"layer {number}: {code} is no operation; codes go from 0 to {len(ENAS_MACRO_OPERATIONS) - 1}"
            )
        if len(bits) < number - 1:
            raise NotationError(f"layer {number}: {len(bits)} bits after its operation, and it has {number - 1}")
        for source, bit in enumerate(bits):
            if bit > 1:
                raise NotationError(f"layer {number}, skip from {source}: {bit} is no bit, which is 0 or 1")
        layers.append(
            Layer(ENAS_MACRO_OPERATIONS[code], (*(source for source, bit in enumerate(bits) if bit), number - 1))
        )
        at += number
    network = LayerArchitecture(tuple(layers), join="after")
    for fault in layer_faults(network):
        raise NotationError(fault)
    return network


def format_macro(architecture: Architecture) -> str:
    """The list of the network; `parse` gives the same one back. Raises NotationError."""
    if not isinstance(architecture, LayerArchitecture) or architecture.join != "after":
        raise NotationError("an ENAS macro list is of a network whose layers' inputs meet after the operation")
    numbers = []
    for number, layer in enumerate(architecture.layers, 1):
        if layer.operation not in ENAS_MACRO_OPERATIONS:
            raise NotationError(f"layer {number}: ENAS has no code for '{layer.operation}'")
        bits = (int(source in layer.inputs) for source in range(number - 1))
        numbers += [ENAS_MACRO_OPERATIONS.index(layer.operation), *bits]
    return " ".join(map(str, numbers))


INPUTS = 2
PER_NODE = 4
ENAS_CODES = dict(enumerate(ENAS_OPERATIONS))
NAO_CODES = dict(enumerate(NAO_SMALL + NAO_LARGE))
"""Some operations are in the small and in the large set, and have two codes."""


def parse_enas(text: str) -> CellArchitecture:
    """The architecture of an ENAS micro arc, such as "0 2 0 0 0 4 0 1 ...". Raises NotationError."""
    return _parse(text, ENAS_CODES)


def parse_nao(text: str) -> CellArchitecture:
    """The architecture of a NAO sequence, with operation codes of either set. Raises NotationError."""
    return _parse(text, NAO_CODES)


def parse_cell(text: str) -> CellArchitecture:
    """Both cells alike, from the list of one ENAS cell. Raises NotationError."""
    return parse_enas(f"{text} {text}")


NASLIB_OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
"""NASLib's codes of NAS-Bench-201."""


def parse_compact(text: str) -> CellArchitecture:
    """Two cells as NASLib writes those of NAS-Bench-301: a pair (state, operation) per edge, two edges per node, all
    nodes in the output; codes are those of DARTS without "none". Raises NotationError."""
    architecture = _parse(text, dict(enumerate(DARTS_OPERATIONS[1:])))
    cells = (
        Cell(cell.nodes, output("nodes", cell.nodes, INPUTS)) for cell in (architecture.normal, architecture.reduction)
    )
    return CellArchitecture(*cells)


def parse_naslib(text: str) -> StackedCell:
    """A cell of NAS-Bench-201 as NASLib writes it: codes of the edges 0-1, 0-2, 0-3, 1-2, 1-3, 2-3."""
    return _edge_codes(text, NASLIB_OPERATIONS, ((0,), (1, 3), (2, 4, 5)))


def parse_codes(text: str) -> StackedCell:
    """A cell of NAS-Bench-201 by the authors' codes of the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3."""
    return _edge_codes(text, NASBENCH201_OPERATIONS, ((0,), (1, 2), (3, 4, 5)))


def _edge_codes(text: str, names: Sequence[str], places: tuple[tuple[int, ...], ...]) -> StackedCell:
    """The cell whose node number n reads all before it by the codes at `places[n]`. Raises NotationError."""
    numbers = integers(text)
    if len(numbers) != sum(map(len, places)):
        raise NotationError(f"{len(numbers):,} numbers; a cell of NAS-Bench-201 has 6 edges")
    for place, number in enumerate(numbers, 1):
        if number >= len(names):
            raise NotationError(f"entry {place}: {number} is no operation; codes go from 0 to {len(names) - 1}")
    nodes = (Node(tuple(Edge(source, names[numbers[at]]) for source, at in enumerate(row))) for row in places)
    return StackedCell(Cell(tuple(nodes), (len(places),), 1))


def format_enas(architecture: Architecture) -> str:
    """The architecture as an ENAS micro arc. Raises NotationError for one that an arc cannot express."""
    return _format(architecture, {name: code for code, name in ENAS_CODES.items()}, "ENAS")


def format_nao(architecture: Architecture) -> str:
    """The architecture as a NAO sequence, in the codes of the large set only if it is not all in the small one.

    Raises NotationError for one that a sequence cannot express.
    """
    small = {name: code for code, name in enumerate(NAO_SMALL)}
    large = {name: code for code, name in enumerate(NAO_LARGE, len(NAO_SMALL))}
    used = {edge.operation for edge in _edges(architecture)}
    return _format(architecture, large if used <= large.keys() and not used <= small.keys() else large | small, "NAO")


def _parse(text: str, codes: Mapping[int, str]) -> CellArchitecture:
    numbers = integers(text)
    if not numbers or len(numbers) % (2 * PER_NODE):
        raise NotationError(f"{len(numbers):,} numbers; two cells, four numbers per node, make a multiple of 8")
    if len(numbers) > 2 * PER_NODE * MOST_NODES:
        nodes = len(numbers) // (2 * PER_NODE)
        raise NotationError(f"{nodes:,} nodes in a cell; cells of up to {MOST_NODES} are understood")
    half = len(numbers) // 2
    return CellArchitecture(
        normal=_cell("normal", numbers[:half], codes), reduction=_cell("reduction", numbers[half:], codes)
    )


def _cell(name: str, numbers: list[int], codes: Mapping[int, str]) -> Cell:
    nodes = []
    for index in range(len(numbers) // PER_NODE):
        edges = []
        for place, at in ((1, PER_NODE * index), (2, PER_NODE * index + 2)):
            source, code = numbers[at : at + 2]
            here = f"{name} node {index}, input {place}"
            if source >= INPUTS + index:
                raise NotationError(f"{here}: there is no state {source} before it, only 0 to {INPUTS + index - 1}")
            if code not in codes:
                raise NotationError(f"{here}: {code} is no operation; codes go from 0 to {max(codes)}")
            edges.append(Edge(source, codes[code]))
        nodes.append(Node(tuple(edges)))
    return Cell(tuple(nodes), output("loose states", nodes, INPUTS))


def _format(architecture: Architecture, codes: Mapping[str, int], family: str) -> str:
    if not isinstance(architecture, CellArchitecture):
        raise NotationError(f"{family}'s lists are of a normal and a reduction cell, and this architecture is not")
    if len(architecture.normal.nodes) != len(architecture.reduction.nodes):
        raise NotationError(f"{family}'s lists are of two cells of as many nodes, and these have not as many")
    for name, cell in (("normal", architecture.normal), ("reduction", architecture.reduction)):
        _check(name, cell, codes, family)
    return " ".join(f"{edge.source} {codes[edge.operation]}" for edge in _edges(architecture))


def _check(name: str, cell: Cell, codes: Mapping[str, int], family: str) -> None:
    """Raises NotationError for what a list cannot say of a cell."""
    if cell.inputs != INPUTS:
        raise NotationError(f"{name} cell: it has {cell.inputs} inputs, and those of {family} have {INPUTS}")
    for index, node in enumerate(cell.nodes):
        if len(node.inputs) != 2 or node.combine != "add":
            raise NotationError(f"{name} node {index}: nodes of {family} add up two inputs, and this one does not")
        for edge in node.inputs:
            if edge.operation not in codes:
                raise NotationError(f"{name} node {index}: {family} has no code for '{edge.operation}'")
    expected = output("loose states", cell.nodes, cell.inputs)
    if cell.concat != expected:
        given, meant = list(cell.concat), list(expected)
        raise NotationError(f"{name} cell: its output is {given}, and {family}'s lists mean the loose ends, {meant}")


def _edges(architecture: Architecture) -> list[Edge]:
    if not isinstance(architecture, CellArchitecture):
        return []
    nodes = architecture.normal.nodes + architecture.reduction.nodes
    return [edge for node in nodes for edge in node.inputs]
