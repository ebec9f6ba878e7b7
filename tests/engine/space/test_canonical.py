import itertools
import random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space.canonical import canonical
from engine.space.cells import Cell, Edge, Node


def all_cells(nodes: int, operations: tuple[str, ...]) -> list[Cell]:
    """Every cell whose nodes each add up two distinct earlier states."""
    per_node = [
        [
            Node((Edge(first, one), Edge(second, two)))
            for first, second in itertools.combinations(range(2 + index), 2)
            for one, two in itertools.product(operations, repeat=2)
        ]
        for index in range(nodes)
    ]
    return [Cell(chosen, tuple(range(2, 2 + nodes))) for chosen in itertools.product(*per_node)]


def graph(cell: Cell) -> nx.MultiDiGraph:
    drawn = nx.MultiDiGraph()
    for state in range(cell.inputs + len(cell.nodes)):
        combine = cell.nodes[state - cell.inputs].combine if state >= cell.inputs else f"input {state}"
        drawn.add_node(state, what=(combine, state in cell.concat))
    for index, node in enumerate(cell.nodes):
        for edge in node.inputs:
            drawn.add_edge(edge.source, cell.inputs + index, operation=edge.operation)
    return drawn


def same_graph(one: Cell, other: Cell) -> bool:
    return nx.is_isomorphic(
        graph(one),
        graph(other),
        node_match=nx.algorithms.isomorphism.categorical_node_match("what", None),
        edge_match=nx.algorithms.isomorphism.categorical_multiedge_match("operation", None),
    )


def test_equal_exactly_when_isomorphic():
    for cells in (all_cells(3, ("skip_connect",)), all_cells(2, ("skip_connect", "none"))):
        forms = [canonical(cell) for cell in cells]
        equal = 0
        for (one, form), (other, other_form) in itertools.combinations(zip(cells, forms, strict=True), 2):
            assert (form == other_form) == same_graph(one, other)
            equal += form == other_form
        assert equal > 0  # there are twins to find


def test_one_block_cells_of_pnas_are_136_in_number():
    """Liu et al. 2018, section 3: of the 256 cells of one block, 136 are unique."""
    operations = tuple("abcdefgh")
    cells = [
        Cell((Node((Edge(i, one), Edge(j, two))),), (2,))
        for i, j, one, two in itertools.product(range(2), range(2), operations, operations)
    ]
    assert len(cells) == 256
    assert len({canonical(cell) for cell in cells}) == 136


def renumbered(cell: Cell, rng: random.Random) -> Cell:
    """The same graph with its nodes in another order that still reads only earlier states."""
    order: list[int] = []
    while len(order) < len(cell.nodes):
        ready = [
            index
            for index, node in enumerate(cell.nodes)
            if index not in order
            and all(edge.source < cell.inputs or edge.source - cell.inputs in order for edge in node.inputs)
        ]
        order.append(rng.choice(ready))
    number = {state: state for state in range(cell.inputs)}
    number |= {cell.inputs + old: cell.inputs + new for new, old in enumerate(order)}
    nodes = []
    for old in order:
        edges = [Edge(number[edge.source], edge.operation) for edge in cell.nodes[old].inputs]
        rng.shuffle(edges)
        nodes.append(Node(tuple(edges), cell.nodes[old].combine))
    concat = [number[state] for state in cell.concat]
    rng.shuffle(concat)
    return Cell(tuple(nodes), tuple(concat), cell.inputs)


@given(st.integers(0, 10**9))
@settings(deadline=None, derandomize=True)
def test_renumbering_changes_nothing_and_another_operation_does(seed: int):
    rng = random.Random(seed)
    nodes = []
    for index in range(rng.randint(1, 7)):
        edges = tuple(Edge(rng.randrange(2 + index), rng.choice("ab")) for _ in range(rng.randint(1, 3)))
        nodes.append(Node(edges, rng.choice(("add", "concat"))))
    concat = tuple(state for state in range(2 + len(nodes)) if rng.random() < 0.7)
    cell = Cell(tuple(nodes), concat)
    assert canonical(renumbered(cell, rng)) == canonical(cell)
    place = rng.randrange(len(nodes))
    other = Node((Edge(nodes[place].inputs[0].source, "c"), *nodes[place].inputs[1:]), nodes[place].combine)
    assert canonical(Cell((*nodes[:place], other, *nodes[place + 1 :]), concat)) != canonical(cell)


def test_a_cell_input_in_the_output_makes_another_graph():
    """As in NASNet-A, whose output concatenates the older input, too."""
    nodes = (Node((Edge(0, "a"), Edge(1, "a"))),)
    forms = {canonical(Cell(nodes, concat)) for concat in ((2,), (0, 2), (1, 2), (2, 1), (0, 1, 2))}
    assert len(forms) == 4


def test_many_interchangeable_nodes_take_no_time():
    twins = Cell((Node((Edge(0, "a"), Edge(1, "a"))),) * 60, tuple(range(2, 62)))
    assert canonical(twins) == canonical(renumbered(twins, random.Random(0)))
