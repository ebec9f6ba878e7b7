import random
import subprocess
import sys

import networkx as nx
import pytest

from engine.space import SPACES, notations
from engine.space.architecture import ArchitectureError, CellArchitecture, StackedCell
from engine.space.canonical import canonical_architecture
from engine.space.graphml import LONGEST, from_graph, read, to_graph, write
from engine.space.library import cells

DARTS = cells()[0].architecture
CELL = '<node id="a"><data key="r">input</data></node><node id="b"/><node id="c"><data key="r">output</data></node>'
KEYS = (
    '<key id="r" for="node" attr.name="role" attr.type="string"/>'
    '<key id="o" for="edge" attr.name="operation" attr.type="string"/>'
)


def graphml(body: str) -> str:
    xmlns = "http://graphml.graphdrawing.org/xmlns"
    return f'<graphml xmlns="{xmlns}">{KEYS}<graph edgedefault="directed">{body}</graph></graphml>'


def members():
    rng = random.Random(3)
    for kind, space in SPACES.items():
        for _ in range(3):
            yield pytest.param(space().decode(space().sample(rng)), id=kind)
    for published in cells():
        yield pytest.param(published.architecture, id=published.name)


@pytest.mark.parametrize("architecture", list(members()))
def test_every_architecture_comes_back_as_it_was(architecture):
    assert from_graph(to_graph(architecture)) == architecture
    assert read(write(architecture)) == architecture


def test_the_graph_of_a_cell_is_that_of_its_notation():
    graph = to_graph(DARTS)
    assert graph.graph["kind"] == "cells"
    parts = {part for _, part in graph.nodes(data="part")}
    assert parts == {"normal", "reduction"}
    for name, cell in (("normal", DARTS.normal), ("reduction", DARTS.reduction)):
        for index, node in enumerate(cell.nodes):
            into = sorted(graph.in_edges(f"{name}/{index + 2}", data=True), key=lambda edge: edge[2]["order"])
            read_there = [(int(source.split("/")[1]), edge["operation"]) for source, _, edge in into]
            assert read_there == [(edge.source, edge.operation) for edge in node.inputs]


def test_what_another_program_drew_needs_no_numbers():
    """Two inputs told apart by name alone, nodes in no order, an attribute that means nothing here."""
    graph = nx.MultiDiGraph(name="drawn")
    graph.add_node("sum", colour="red")
    graph.add_node("in 1", role="input")
    graph.add_node("in 2", role="input")
    graph.add_node("out", role="output")
    graph.add_edge("in 2", "sum", operation="sep_conv_3x3", order="1")
    graph.add_edge("in 1", "sum", operation="skip_connect", order=0.0)
    graph.add_edge("sum", "out")
    architecture = from_graph(graph)
    assert isinstance(architecture, StackedCell)
    assert architecture.cell.inputs == 2
    (node,) = architecture.cell.nodes
    assert [(edge.source, edge.operation) for edge in node.inputs] == [(0, "skip_connect"), (1, "sep_conv_3x3")]


def test_without_numbers_a_pair_of_cells_is_the_same_graph():
    graph = to_graph(DARTS)
    for _, own in graph.nodes(data=True):
        if own["role"] == "node":
            del own["place"]
    names = {node: f"{own['part'][0]}{node.split('/')[1]}" for node, own in graph.nodes(data=True)}
    architecture = from_graph(nx.relabel_nodes(graph, names))
    assert isinstance(architecture, CellArchitecture)
    assert canonical_architecture(architecture) == canonical_architecture(DARTS)


def changed(change) -> str:
    graph = to_graph(DARTS)
    change(graph)
    return "\n".join(nx.generate_graphml(graph))


def drop(graph, key):
    for *_, own in graph.edges(data=True):
        own.pop(key, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not GraphML"),
        ("Genotype(normal=[])", "not GraphML"),
        ("<graphml/>", "not GraphML"),
        ("<html><body/></html>", "not GraphML"),
        (" " * (LONGEST + 1), "is read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + graphml(CELL), "declarations of its own"),
        (graphml(CELL).replace("directed", "undirected"), "no direction"),
        (graphml(CELL + '<edge source="a" target="b"/><edge source="b" target="c"/>'), "no attribute 'operation'"),
        (graphml(CELL + '<edge source="b" target="c"/><edge source="c" target="b"/>'), "in a circle: "),
        (graphml(CELL.replace("output", "node")), "one node with the role 'output', not 0"),
        (changed(lambda graph: drop(graph, "operation")), "has no attribute 'operation'"),
        (changed(lambda graph: graph.graph.update(kind="hypercell")), "'hypercell' is no kind of architecture"),
        (changed(lambda graph: graph.nodes["normal/3"].update(place="third")), "a whole number is wanted"),
        (changed(lambda graph: graph.remove_node("reduction/output")), "the role 'output', not 0"),
        (
            changed(lambda graph: graph.add_edge("normal/2", "reduction/3", operation="none")),
            "of the same part",
        ),
        (
            changed(lambda graph: graph.add_edge("normal/2", "normal/3", operation="sep_conv_9x9")),
            "unknown operation 'sep_conv_9x9'",
        ),
    ],
)
def test_what_is_no_architecture_is_refused_in_one_line(text: str, reason: str):
    with pytest.raises(ArchitectureError) as caught:
        read(text)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_tree_has_its_shape_by_its_leaves():
    tree = SPACES["nas-rl-rnn"]()
    graph = to_graph(tree.decode(tree.sample(random.Random(0))))
    inner = next(node for node in graph if graph.in_degree(node) == 2)
    graph.remove_edge(next(iter(graph.predecessors(inner))), inner)
    with pytest.raises(ArchitectureError, match="whose shape is given"):
        from_graph(graph)


def test_networkx_is_loaded_for_graphs_alone():
    asked = "import sys, engine.space, engine.space.graphml, engine.session; print('networkx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_notations_say_what_graphml_is_not():
    with pytest.raises(notations.NotationError):
        notations.read(write(DARTS))
