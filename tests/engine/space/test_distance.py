"""The edit distance, against networkx's own (exact) algorithm and against what a distance must be."""

import random

import networkx as nx
import pytest

from engine.space.canonical import canonical
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.distance import OUTPUT, Graph, distance
from engine.space.library import cells
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace

FAR = 1000  # inputs and outputs correspond to themselves, whatever it costs


def graph_of(cell: Cell) -> Graph:
    """A cell as a graph; nodes have the numbers of states, the output is OUTPUT."""
    nodes = {state: node.combine for state, node in enumerate(cell.nodes, cell.inputs)}
    edges = [
        (edge.source, state, edge.operation)
        for state, node in enumerate(cell.nodes, cell.inputs)
        for edge in node.inputs
    ]
    edges += [(state, OUTPUT, "") for state in cell.concat]
    return Graph((*range(cell.inputs), OUTPUT), nodes, edges)


def network(cell: Cell) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for state in range(cell.inputs):
        graph.add_node(state, does=("input", state))
    for state, node in enumerate(cell.nodes, cell.inputs):
        graph.add_node(state, does=("node", node.combine))
    graph.add_node(OUTPUT, does=("output", ""))
    for state, node in enumerate(cell.nodes, cell.inputs):
        for edge in node.inputs:
            graph.add_edge(edge.source, state, does=edge.operation)
    for state in cell.concat:
        graph.add_edge(state, OUTPUT, does="joins")
    return graph


def reference(one: Cell, other: Cell) -> float:
    def node(a: dict, b: dict) -> int:
        if "node" in (a["does"][0], b["does"][0]) and a["does"][0] == b["does"][0]:
            return int(a["does"] != b["does"])
        return 0 if a["does"] == b["does"] else FAR

    def edge(a: dict, b: dict) -> int:
        return int(a["does"] != b["does"])

    return nx.graph_edit_distance(network(one), network(other), node_subst_cost=node, edge_subst_cost=edge)


def between(one: Cell, other: Cell) -> int:
    found = distance(graph_of(one), graph_of(other))
    assert found.exact
    return found.edits


def sample(space, seed: int) -> Cell:
    rng = random.Random(seed)
    architecture = space.decode(space.sample(rng))
    return architecture.cell if hasattr(architecture, "cell") else architecture.normal


def renumbered(cell: Cell, rng: random.Random) -> Cell:
    """The same graph with its nodes in another order that is allowed."""
    left = list(range(cell.inputs, cell.inputs + len(cell.nodes)))
    number = {state: state for state in range(cell.inputs)}
    order = []
    while left:
        ready = [s for s in left if all(edge.source in number for edge in cell.nodes[s - cell.inputs].inputs)]
        state = rng.choice(ready)
        left.remove(state)
        number[state] = cell.inputs + len(order)
        order.append(cell.nodes[state - cell.inputs])
    nodes = tuple(
        Node(tuple(Edge(number[edge.source], edge.operation) for edge in node.inputs), node.combine) for node in order
    )
    return Cell(nodes, tuple(number[state] for state in cell.concat), cell.inputs)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("space", [DartsSpace(), DartsSpace(nodes=3), NasBench201Space()], ids=["4", "3", "nb201"])
def test_as_networkx_says(space, seed: int):
    one, other = sample(space, seed), sample(space, seed + 100)
    assert between(one, other) == reference(one, other)


@pytest.mark.parametrize("seed", range(6))
def test_cells_of_different_sizes_as_networkx_says(seed: int):
    one, other = sample(DartsSpace(nodes=2 + seed % 3), seed), sample(NasnetSpace(nodes=2 + seed % 2), seed)
    assert between(one, other) == reference(one, other) == between(other, one)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_nothing_exactly_for_the_same_graph(seed: int):
    cell = sample(NasnetSpace(), seed)
    same = renumbered(cell, random.Random(seed))
    assert between(cell, same) == 0
    other = sample(NasnetSpace(), seed + 50)
    assert canonical(cell) == canonical(same)
    assert (between(cell, other) == 0) == (canonical(cell) == canonical(other))


@pytest.mark.parametrize("seed", range(10))
def test_it_is_a_distance(seed: int):
    a, b, c = (sample(DartsSpace(), 3 * seed + place) for place in range(3))
    assert between(a, b) == between(b, a)
    assert between(a, c) <= between(a, b) + between(b, c)


def test_single_edits_count_one_each():
    cell = sample(DartsSpace(), 0)
    first, *rest = cell.nodes
    edge = first.inputs[0]
    other = "max_pool_3x3" if edge.operation != "max_pool_3x3" else "skip_connect"
    changed = Cell((Node((Edge(edge.source, other), *first.inputs[1:])), *rest), cell.concat)
    assert between(cell, changed) == 1
    assert between(cell, Cell((Node(first.inputs[1:]), *rest), cell.concat)) == 1
    assert between(cell, Cell((Node(first.inputs, "concat"), *rest), cell.concat)) == 1
    assert between(cell, Cell(cell.nodes, cell.concat[1:])) == 1
    assert between(cell, Cell((*cell.nodes, Node(())), (*cell.concat, 6))) == 2


def test_pairs_say_which_nodes_correspond():
    cell = sample(DartsSpace(), 5)
    found = distance(graph_of(cell), graph_of(cell))
    assert found.pairs == ((OUTPUT, OUTPUT), *((state, state) for state in range(6)))
    one = Cell((Node((Edge(0, "skip_connect"),)), Node((Edge(1, "max_pool_3x3"),))), (2, 3))
    swapped = Cell(one.nodes[::-1], (2, 3))
    assert (2, 3) in distance(graph_of(one), graph_of(swapped)).pairs


def test_cells_with_other_inputs():
    one = sample(NasBench201Space(), 0)
    assert between(one, Cell(one.nodes, one.concat)) > 0


def test_published_cells():
    library = {published.name: published.architecture for published in cells()}
    assert between(library["DARTS V1"].normal, library["DARTS V2"].normal) == 3
    assert between(library["NASNet-A"].normal, library["AmoebaNet-A"].normal) == 12


def test_what_takes_too_long_is_at_most():
    one, other = sample(DartsSpace(nodes=12), 0), sample(DartsSpace(nodes=12), 1)
    rough, better = (distance(graph_of(one), graph_of(other), most_steps=steps) for steps in (10, 2000))
    assert not rough.exact
    assert not better.exact
    assert better.edits <= rough.edits
    assert len(better.pairs) <= 15
