"""Architectures as networkx graphs, and as GraphML for what draws and analyses graphs (Gephi, yEd, Cytoscape).

Every state, layer or tree node is a node of the graph, every input an edge. What an architecture needs is in their
attributes, so that a graph that was edited elsewhere can be read back:

- the graph: `kind` ("cells", "cell", "layers", "motifs", "recurrent", "tree"), for layers `join`, for motifs
  `primitives` (names, separated by spaces), for recurrent cells nothing more;
- nodes: `part` (which cell or motif), `role` ("input", "node", "output"; trees also "inject" and "memory"), `place`
  (their number among those of the part; without it, the order in which they depend on each other), and what is
  particular: `combine`, `operation`, `filters`, `stride`, `join`, `activation`, `level`, `motif`;
- edges: `operation` in cells and motifs, `order` among the inputs of a node.

networkx is imported when the first graph is wanted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import msgspec

from engine.space.architecture import (
    Architecture,
    ArchitectureError,
    CellArchitecture,
    StackedCell,
    from_bytes,
    named_cells,
)
from engine.space.cells import Cell, state_name
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture, pairs
from engine.space.recurrent import RecurrentCell, TreeCell, branches

if TYPE_CHECKING:
    import networkx as nx

LONGEST = 1 << 20
"""Characters of GraphML that are still read; a large architecture has some 50,000."""

Attributes = dict[str, Any]


def to_graph(architecture: Architecture) -> nx.MultiDiGraph:
    """The graph of an architecture, all of its parts side by side. Nodes are called `part/place`."""
    import networkx as nx

    graph = nx.MultiDiGraph(kind=_kind(architecture))
    match architecture:
        case LayerArchitecture():
            _write_layers(graph, architecture)
        case MotifArchitecture():
            _write_motifs(graph, architecture)
        case RecurrentCell():
            _write_recurrent(graph, architecture)
        case TreeCell():
            _write_tree(graph, architecture)
        case CellArchitecture() | StackedCell():
            for name, cell in named_cells(architecture):
                _write_cell(graph, name, cell)
    return graph


def from_graph(graph: nx.MultiDiGraph) -> Architecture:
    """The architecture that a graph stands for; the inverse of `to_graph`.

    Raises:
        ArchitectureError: what is missing, wrong, or goes in a circle, in one line.
    """
    import networkx as nx

    if not graph.is_directed():
        raise ArchitectureError("its edges have no direction; they ought to lead from what is read to its reader")
    if not nx.is_directed_acyclic_graph(graph):
        circle = [source for source, *_ in nx.find_cycle(graph)]
        raise ArchitectureError(f"its nodes go in a circle: {' → '.join(map(str, [*circle, circle[0]]))[:120]}")
    parts: dict[str, list[str]] = defaultdict(list)
    for node in nx.lexicographical_topological_sort(graph, key=str):
        parts[str(graph.nodes[node].get("part", "cell"))].append(node)
    for members in parts.values():
        if all("place" in graph.nodes[node] for node in members):
            members.sort(key=lambda node: _number(graph.nodes[node], "place", node))
    kind = graph.graph.get("kind") or ("cells" if set(parts) == {"normal", "reduction"} else "cell")
    readers: dict[str, Callable[[], Attributes]] = {
        "cells": lambda: {name: _read_cell(graph, parts.get(name, [])) for name in ("normal", "reduction")},
        "cell": lambda: {"cell": _read_cell(graph, parts.get("cell", []))},
        "layers": lambda: _read_layers(graph, parts.get("network", [])),
        "motifs": lambda: _read_motifs(graph, parts),
        "recurrent": lambda: _read_recurrent(graph, parts.get("cell", [])),
        "tree": lambda: _read_tree(graph, parts.get("cell", [])),
    }
    if kind not in readers:
        raise ArchitectureError(f"{str(kind)[:40]!r} is no kind of architecture; there are {', '.join(readers)}")
    return from_bytes(msgspec.json.encode({"kind": kind, **readers[kind]()}))


def write(architecture: Architecture) -> str:
    """The architecture as GraphML."""
    return text_of(to_graph(architecture))


def text_of(graph: nx.Graph) -> str:
    """Any graph as GraphML."""
    import networkx as nx

    lines: list[str] = list(nx.generate_graphml(graph))
    return "\n".join(lines) + "\n"


def read(text: str) -> Architecture:
    """The architecture in GraphML. Raises ArchitectureError: why there is none in the text, in one line."""
    import networkx as nx

    if len(text) > LONGEST:
        raise ArchitectureError(f"the text has {len(text):,} characters; GraphML of up to {LONGEST:,} is read")
    if "<!" in text.replace("<!--", ""):  # entities could stand for more text than was checked
        raise ArchitectureError("GraphML with declarations of its own (<!...>) is not read")
    try:
        graph = nx.parse_graphml(text, force_multigraph=True)
    except (ParseError, nx.NetworkXError, LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise ArchitectureError(f"not GraphML: {' '.join(str(error).split())[:160]}") from None
    return from_graph(graph)


def _kind(architecture: Architecture) -> str:
    return str(type(architecture).__struct_config__.tag)


def _write_cell(graph: nx.MultiDiGraph, part: str, cell: Cell) -> None:
    for place in range(cell.inputs + len(cell.nodes)):
        role: Attributes = {"role": "input"}
        if place >= cell.inputs:
            role = {"role": "node", "combine": cell.nodes[place - cell.inputs].combine}
        graph.add_node(f"{part}/{place}", part=part, place=place, label=state_name(place, cell.inputs), **role)
    for index, node in enumerate(cell.nodes):
        for order, edge in enumerate(node.inputs):
            ends = f"{part}/{edge.source}", f"{part}/{cell.inputs + index}"
            graph.add_edge(*ends, operation=edge.operation, order=order)
    _write_output(graph, part, cell.inputs + len(cell.nodes), cell.concat, "k")


def _write_output(graph: nx.MultiDiGraph, part: str, place: int, states: tuple[int, ...], label: str) -> None:
    graph.add_node(f"{part}/output", part=part, place=place, role="output", label=label)
    for order, state in enumerate(states):
        graph.add_edge(f"{part}/{state}", f"{part}/output", order=order)


def _write_layers(graph: nx.MultiDiGraph, architecture: LayerArchitecture) -> None:
    graph.graph["join"] = architecture.join
    graph.add_node("network/0", part="network", place=0, role="input", label="image")
    for number, layer in enumerate(architecture.layers, 1):
        own = {"operation": layer.operation, "filters": layer.filters, "stride": layer.stride}
        graph.add_node(f"network/{number}", part="network", place=number, role="node", label=layer.operation, **own)
        for order, source in enumerate(layer.inputs):
            graph.add_edge(f"network/{source}", f"network/{number}", order=order)


def _write_motifs(graph: nx.MultiDiGraph, architecture: MotifArchitecture) -> None:
    graph.graph["primitives"] = " ".join(architecture.primitives)
    for level, motifs in enumerate(architecture.levels, 2):
        for number, motif in enumerate(motifs, 1):
            part = f"level {level} motif {number}"
            for place in range(motif.nodes):
                role = "input" if place == 0 else "output" if place == motif.nodes - 1 else "node"
                own = {"level": level, "motif": number, "label": str(place)}
                graph.add_node(f"{part}/{place}", part=part, place=place, role=role, **own)
            for (source, target), operation in zip(pairs(motif.nodes), motif.edges, strict=True):
                if operation:
                    name = architecture.primitives[operation - 1] if level == 2 else f"motif {operation}"
                    graph.add_edge(f"{part}/{source}", f"{part}/{target}", operation=name)


def _write_recurrent(graph: nx.MultiDiGraph, cell: RecurrentCell) -> None:
    graph.add_node("cell/0", part="cell", place=0, role="input", activation=cell.first, label=cell.first)
    for state, node in enumerate(cell.nodes, 1):
        own = {"activation": node.activation, "label": node.activation}
        graph.add_node(f"cell/{state}", part="cell", place=state, role="node", **own)
        graph.add_edge(f"cell/{node.source}", f"cell/{state}", order=0)
    _write_output(graph, "cell", len(cell.nodes) + 1, cell.concat, "h")


def _write_tree(graph: nx.MultiDiGraph, cell: TreeCell) -> None:
    for place, node in enumerate(cell.nodes):
        own = {"join": node.join, "activation": node.activation, "label": f"{node.join} {node.activation}"}
        graph.add_node(f"cell/{place}", part="cell", place=place, role="node", **own)
    for inner, sources in enumerate(branches(cell.base), cell.base):
        for order, source in enumerate(sources):
            graph.add_edge(f"cell/{source}", f"cell/{inner}", order=order)
    own = {"join": cell.inject.join, "activation": cell.inject.activation, "label": "inject c"}
    graph.add_node("cell/inject", part="cell", place=len(cell.nodes), role="inject", **own)
    graph.add_node("cell/memory", part="cell", place=len(cell.nodes) + 1, role="memory", label="c")
    graph.add_edge(f"cell/{cell.reads}", "cell/inject", order=0)
    graph.add_edge(f"cell/{cell.writes}", "cell/memory", order=0)


def _read_cell(graph: nx.MultiDiGraph, members: list[str]) -> Attributes:
    inputs = _with_role(graph, members, "input")
    nodes = _with_role(graph, members, "node")
    states = {node: number for number, node in enumerate((*inputs, *nodes))}
    found = []
    for node in nodes:
        edges = [
            {"source": _state(states, source, node), "operation": _named(edge, "operation", f"{source} → {node}")}
            for source, edge in _into(graph, node)
        ]
        found.append({"inputs": edges, "combine": graph.nodes[node].get("combine", "add")})
    return {"nodes": found, "concat": _output(graph, members, states), "inputs": len(inputs)}


def _output(graph: nx.MultiDiGraph, members: list[str], states: dict[str, int]) -> list[int]:
    outputs = _with_role(graph, members, "output")
    if len(outputs) != 1:
        raise ArchitectureError(f"a cell has one node with the role 'output', not {len(outputs)}")
    return [_state(states, source, outputs[0]) for source, _ in _into(graph, outputs[0])]


def _read_layers(graph: nx.MultiDiGraph, members: list[str]) -> Attributes:
    nodes = _with_role(graph, members, "node")
    states = {node: number for number, node in enumerate((*_with_role(graph, members, "input"), *nodes))}
    layers = []
    for node in nodes:
        own = graph.nodes[node]
        layers.append(
            {
                "operation": _named(own, "operation", node),
                "inputs": sorted(_state(states, source, node) for source, _ in _into(graph, node)),
                "filters": _number(own, "filters", node, 0),
                "stride": _number(own, "stride", node, 1),
            }
        )
    return {"layers": layers, "join": graph.graph.get("join", "before")}


def _read_motifs(graph: nx.MultiDiGraph, parts: dict[str, list[str]]) -> Attributes:
    primitives = str(graph.graph.get("primitives", "")).split()
    levels: dict[int, dict[int, Attributes]] = defaultdict(dict)
    for name, members in parts.items():
        level, number = (_number(graph.nodes[members[0]], key, members[0]) for key in ("level", "motif"))
        places = {node: place for place, node in enumerate(members)}
        carried: dict[tuple[int, int], int] = {}
        for node in members:
            for source, edge in _into(graph, node):
                ends = _state(places, source, node), places[node]
                if ends[0] >= ends[1]:
                    raise ArchitectureError(f"{name}: an edge leads back from {ends[0]} to {ends[1]}")
                if ends in carried:
                    raise ArchitectureError(f"{name}: two edges lead from {ends[0]} to {ends[1]}; a motif has one")
                carried[ends] = _carried(_named(edge, "operation", f"{source} → {node}"), primitives, level)
        edges = [carried.get(pair, 0) for pair in pairs(len(members))]
        levels[level][number] = {"nodes": len(members), "edges": edges}
    ordered = [[motifs[number] for number in sorted(motifs)] for _, motifs in sorted(levels.items())]
    return {"levels": ordered, "primitives": primitives}


def _carried(name: str, primitives: list[str], level: int) -> int:
    """The number of an edge's operation in the level below, from 1."""
    if level == 2 and name in primitives:
        return primitives.index(name) + 1
    word, _, number = name.partition(" ")
    if level > 2 and word == "motif" and number.isdecimal() and len(number) < 4:
        return int(number)
    wanted = "one of the graph's primitives" if level == 2 else "'motif 1', 'motif 2', ..."
    raise ArchitectureError(f"{name[:40]!r} on an edge of level {level}, where an operation is {wanted}")


def _read_recurrent(graph: nx.MultiDiGraph, members: list[str]) -> Attributes:
    first = _with_role(graph, members, "input")
    if len(first) != 1:
        raise ArchitectureError(f"a recurrent cell has one node with the role 'input', its state 0, not {len(first)}")
    nodes = _with_role(graph, members, "node")
    states = {node: number for number, node in enumerate((*first, *nodes))}
    found = []
    for node in nodes:
        activation = _named(graph.nodes[node], "activation", node)
        found.append({"activation": activation, "source": _only(graph, states, node)})
    start = _named(graph.nodes[first[0]], "activation", first[0])
    return {"nodes": found, "concat": _output(graph, members, states), "first": start}


def _read_tree(graph: nx.MultiDiGraph, members: list[str]) -> Attributes:
    nodes = _with_role(graph, members, "node")
    states = {node: number for number, node in enumerate(nodes)}
    found: Attributes = {"nodes": [_joined(graph.nodes[node], node) for node in nodes]}
    for role, field in (("inject", "reads"), ("memory", "writes")):
        those = _with_role(graph, members, role)
        if len(those) != 1:
            raise ArchitectureError(f"a tree has one node with the role {role!r}, not {len(those)}")
        found[field] = _only(graph, states, those[0])
        if role == "inject":
            found["inject"] = _joined(graph.nodes[those[0]], those[0])
    drawn = {(states[source], states[node]) for node in nodes for source, _ in _into(graph, node) if source in states}
    base = (len(nodes) + 1) // 2
    if drawn != {(source, inner) for inner, two in enumerate(branches(base), base) for source in two}:
        raise ArchitectureError(f"its edges are not those of the tree of {base} leaves, whose shape is given")
    return found


def _joined(own: Attributes, node: str) -> Attributes:
    return {"join": _named(own, "join", node), "activation": _named(own, "activation", node)}


def _only(graph: nx.MultiDiGraph, states: dict[str, int], node: str) -> int:
    """The number of the one state that a node reads."""
    sources = [source for source, _ in _into(graph, node)]
    if len(sources) != 1:
        raise ArchitectureError(f"{str(node)[:40]} reads {len(sources)} nodes, and ought to read one")
    return _state(states, sources[0], node)


def _with_role(graph: nx.MultiDiGraph, members: list[str], role: str) -> list[str]:
    return [node for node in members if graph.nodes[node].get("role", "node") == role]


def _into(graph: nx.MultiDiGraph, node: str) -> list[tuple[str, Attributes]]:
    """What leads to a node, in the order of its inputs where they have one."""
    edges = [(source, edge) for source, _, edge in graph.in_edges(node, data=True)]
    return sorted(edges, key=lambda pair: _number(pair[1], "order", f"{pair[0]} → {node}", 0))


def _state(states: dict[str, int], source: str, node: str) -> int:
    if source not in states:
        raise ArchitectureError(f"{str(node)[:40]} reads {str(source)[:40]}, which is no state of the same part")
    return states[source]


def _named(own: Attributes, key: str, place: str) -> str:
    if key not in own:
        raise ArchitectureError(f"{place[:60]} has no attribute {key!r}")
    return str(own[key])


def _number(own: Attributes, key: str, place: str, default: int | None = None) -> int:
    """A whole number among attributes, which other programs may have written as text or with a point."""
    value = own.get(key, default)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = float("nan")
    if not number.is_integer() or abs(number) > 1e6:
        given = f"is {str(value)[:40]!r}" if key in own else "is missing"
        raise ArchitectureError(f"{str(place)[:60]}: its attribute {key!r} {given}; a whole number is wanted")
    return int(number)
