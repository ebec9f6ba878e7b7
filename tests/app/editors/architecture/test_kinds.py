"""Every kind of architecture: diagrams that can be drawn, edits without faults, reasons for what is refused."""

import random
from collections import Counter
from itertools import combinations

import pytest

from app.graph.kinds import Change, EdgeRef, Illegal, Kind, NodeRef, diagrams, kind_of
from app.graph.kinds.fragment import copied, pasted
from app.graph.kinds.layer_chain import Layers
from app.graph.kinds.motif_graphs import Motifs
from app.graph.kinds.recurrent_chain import HIDDEN, WORD, Recurrent
from app.graph.kinds.recurrent_tree import MEMORY, NEXT_MEMORY, Tree
from app.graph.layout import lay_out
from app.graph.model import OUTPUT, Diagram
from engine.space import SPACES, library
from engine.space.architecture import all_faults
from engine.space.layers import Layer, LayerArchitecture
from engine.space.motifs import Motif, MotifArchitecture, pairs
from engine.space.recurrent import RecurrentCell, RecurrentNode, TreeCell, TreeNode


def measure(text: str) -> float:
    return 6.6 * len(text) + 10


def sampled(name: str, seed: int):
    space = SPACES[name]()
    return space.decode(space.sample(random.Random(seed)))


# -- all kinds alike


def check_diagram(diagram: Diagram) -> None:
    """Nodes in an order in which edges lead forward, edges that carry something first, and nothing overlaps."""
    place = {node.number: index for index, node in enumerate(diagram.nodes)}
    assert len(place) == len(diagram.nodes)
    assert all(place[edge.source] < place[edge.target] for edge in diagram.edges)
    assert len({node.title for node in diagram.nodes}) == len(diagram.nodes)
    carrying = [edge.operation is not None for edge in diagram.edges]
    assert carrying == sorted(carrying, reverse=True)
    layout = lay_out(diagram, measure)
    assert set(layout.boxes) == set(place)
    assert len(layout.routes) == len(diagram.edges)
    assert len(layout.labels) == sum(carrying)
    assert not any(one.meets(other) for one, other in combinations([*layout.boxes.values(), *layout.labels], 2))


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("seed", range(3))
def test_members_of_every_space_can_be_drawn(name: str, seed: int):
    shown = diagrams(sampled(name, seed))
    assert shown
    assert len({diagram.name for diagram in shown}) == len(shown)
    for diagram in shown:
        check_diagram(diagram)


@pytest.mark.parametrize("published", library.cells(), ids=lambda cell: cell.name)
def test_everything_published_can_be_drawn(published):
    for diagram in diagrams(published.architecture):
        check_diagram(diagram)


def random_edit(rng: random.Random, kind: Kind, architecture) -> Change:
    """Any edit of any part; many are illegal."""
    diagram = rng.choice(kind.diagrams(architecture))
    nodes = [NodeRef(diagram.name, node.number) for node in diagram.nodes]
    edges = [EdgeRef(diagram.name, index) for index in range(len(diagram.edges))]
    source, target = rng.choice(nodes).number, rng.choice(nodes).number
    part = rng.choice(nodes + edges)
    match rng.randrange(9):
        case 0:
            return kind.add(architecture, diagram.name, rng.choice([None, rng.choice(nodes).number]))
        case 1 | 2 | 3:
            offers = kind.offers(architecture, diagram.name, source, target)
            return kind.connect(architecture, diagram.name, source, target, rng.choice(offers).name if offers else None)
        case 4:
            return kind.remove(architecture, rng.sample(nodes + edges, rng.randint(1, 2)))
        case 5:
            choices = kind.choices(architecture, part)
            return kind.choose(architecture, [part], rng.choice(choices).name if choices else "nonsense")
        case 6:
            if not edges:
                raise Illegal("no edges")
            return kind.rewire(architecture, rng.choice(edges), source, target)
        case 7:
            if not kind.joins:
                raise Illegal("nothing joins the output")
            return kind.toggle(architecture, rng.sample(nodes, 1))
        case _:
            fragment = copied(kind, architecture, rng.sample(nodes, rng.randint(1, len(nodes))))
            if fragment is None:
                raise Illegal("nothing to copy")
            return pasted(kind, architecture, diagram.name, fragment, outside=True)


@pytest.mark.parametrize(
    "name", ["nas-rl", "enas-macro", "hierarchical", "hierarchical-flat", "darts-rnn", "nas-rl-rnn"]
)
@pytest.mark.parametrize("seed", range(6))
def test_no_sequence_of_edits_leads_to_a_fault(name: str, seed: int):
    rng = random.Random(seed)
    architecture = sampled(name, seed)
    kind = kind_of(architecture)
    outcomes = Counter()
    for _ in range(60):
        try:
            change = random_edit(rng, kind, architecture)
        except Illegal:
            outcomes["refused"] += 1
            continue
        outcomes["done"] += 1
        assert all_faults(change.architecture) == []
        before, after = (
            kind.diagrams(architecture),
            {diagram.name: diagram for diagram in kind.diagrams(change.architecture)},
        )
        for diagram in before:
            now = [change.now(NodeRef(diagram.name, node.number)) for node in diagram.nodes]
            numbers = [node.number for node in now if node is not None]
            assert len(set(numbers)) == len(numbers)
            assert set(numbers) <= set(after[diagram.name].by_number)
        for part in change.select:
            if isinstance(part, NodeRef):
                assert part.number in after[part.diagram].by_number
            else:
                assert part.index < len(after[part.diagram].edges)
        if max(diagram.size for diagram in after.values()) < 60:
            architecture = change.architecture
    for diagram in kind.diagrams(architecture):
        check_diagram(diagram)
    assert outcomes["done"] > 5
    assert outcomes["refused"] > 5


def edge(kind: Kind, architecture, source: int, target: int, diagram: str = "") -> EdgeRef:
    shown = kind.diagram(architecture, diagram) if diagram else kind.diagrams(architecture)[0]
    return EdgeRef(shown.name, [(one.source, one.target) for one in shown.edges].index((source, target)))


# -- recurrent cells

RNN = RecurrentCell((RecurrentNode("relu", 0), RecurrentNode("tanh", 1), RecurrentNode("sigmoid", 1)), (2, 3))
RECURRENT = Recurrent()


def test_a_new_state_reads_the_last_one():
    change = RECURRENT.add(RNN, "cell")
    assert change.architecture.nodes[3] == RecurrentNode("tanh", 3)
    assert change.architecture.concat == (2, 3, 4)


def test_a_drawn_edge_replaces_what_the_state_read():
    change = RECURRENT.connect(RNN, "cell", 2, 3, "identity")
    assert change.architecture.nodes[2] == RecurrentNode("identity", 2)
    back = RECURRENT.connect(RNN, "cell", 3, 2, "relu")
    assert back.architecture.nodes == (
        RecurrentNode("relu", 0),
        RecurrentNode("sigmoid", 1),
        RecurrentNode("relu", 2),
    )
    assert back.now(NodeRef("cell", 2)) == NodeRef("cell", 3)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (2, 1, "a loop: 2 reads 1 already"),
        (1, 0, "state 0 is made from x and h"),
        (WORD, 2, "only state 0 reads x and h"),
        (1, 2, "2 reads 1 already"),
        (2, OUTPUT, "2 joins the output already"),
        (HIDDEN, OUTPUT, "only states join the output"),
    ],
)
def test_recurrent_objections(source: int, target: int, reason: str):
    with pytest.raises(Illegal, match=reason):
        RECURRENT.connect(RNN, "cell", source, target, "tanh")


def test_what_read_a_removed_state_reads_what_that_read():
    change = RECURRENT.remove(RNN, [NodeRef("cell", 1)])
    assert change.architecture == RecurrentCell((RecurrentNode("tanh", 0), RecurrentNode("sigmoid", 0)), (1, 2))
    with pytest.raises(Illegal, match="exactly one state"):
        RECURRENT.remove(RNN, [edge(RECURRENT, RNN, 0, 1)])
    with pytest.raises(Illegal, match="the output would be made of nothing"):
        RECURRENT.remove(RNN, [NodeRef("cell", 2), NodeRef("cell", 3)])


def test_activations_are_chosen_on_edges_and_on_the_first_state():
    change = RECURRENT.choose(RNN, [NodeRef("cell", 0), edge(RECURRENT, RNN, 1, 2)], "sigmoid")
    assert change.architecture.first == "sigmoid"
    assert change.architecture.nodes[1] == RecurrentNode("sigmoid", 1)
    with pytest.raises(Illegal, match="no activation 'gelu'"):
        RECURRENT.choose(RNN, [NodeRef("cell", 0)], "gelu")


# -- layers

CHAIN = LayerArchitecture((Layer("conv_3x3", (0,), 24), Layer("conv_5x5", (1,), 36), Layer("conv_1x1", (1, 2), 48)))
AFTER = LayerArchitecture(
    (Layer("conv_3x3", (0,)), Layer("sep_conv_3x3", (0, 1)), Layer("max_pool_3x3", (2,))), "after"
)
LAYERS = Layers()


def test_a_new_layer_goes_into_the_chain():
    end = LAYERS.add(CHAIN, "network").architecture
    assert end.layers[3] == Layer("conv_1x1", (3,), 48)
    between = LAYERS.add(CHAIN, "network", after=1)
    assert between.architecture.layers == (
        Layer("conv_3x3", (0,), 24),
        Layer("conv_3x3", (1,), 24),
        Layer("conv_5x5", (2,), 36),
        Layer("conv_1x1", (1, 3), 48),
    )
    assert between.now(NodeRef("network", 2)) == NodeRef("network", 3)
    assert all_faults(LAYERS.add(AFTER, "network", after=1).architecture) == []
    first = LAYERS.add(CHAIN, "network", after=0).architecture
    assert first.layers[:2] == (Layer("conv_3x3", (0,), 24), Layer("conv_3x3", (1,), 24))


def test_skips_are_drawn_and_removed():
    skip = LAYERS.connect(CHAIN, "network", 0, 3, None).architecture
    assert skip.layers[2].inputs == (0, 1, 2)
    assert LAYERS.remove(skip, [edge(LAYERS, skip, 1, 3)]).architecture.layers[2].inputs == (0, 2)
    with pytest.raises(Illegal, match="3 reads 1 already"):
        LAYERS.connect(CHAIN, "network", 1, 3, None)
    with pytest.raises(Illegal, match="earlier ones only"):
        LAYERS.connect(CHAIN, "network", 3, 2, None)
    with pytest.raises(Illegal, match="layers that no other reads"):
        LAYERS.connect(CHAIN, "network", 1, OUTPUT, None)
    with pytest.raises(Illegal, match="would read nothing"):
        LAYERS.remove(CHAIN, [edge(LAYERS, CHAIN, 1, 2)])
    with pytest.raises(Illegal, match="the operation of layer 2 works on layer 1"):
        LAYERS.remove(AFTER, [edge(LAYERS, AFTER, 1, 2)])


def test_what_read_a_removed_layer_reads_what_that_read():
    assert LAYERS.remove(CHAIN, [NodeRef("network", 1)]).architecture.layers == (
        Layer("conv_5x5", (0,), 36),
        Layer("conv_1x1", (0, 1), 48),
    )
    assert LAYERS.remove(AFTER, [NodeRef("network", 2)]).architecture.layers[1].inputs == (0, 1)
    with pytest.raises(Illegal, match="at least one layer"):
        LAYERS.remove(CHAIN, [NodeRef("network", number) for number in (1, 2, 3)])


def test_a_connection_is_led_elsewhere_at_once():
    moved = LAYERS.rewire(CHAIN, edge(LAYERS, CHAIN, 1, 2), 0, 2).architecture
    assert moved.layers[1].inputs == (0,)


def test_operation_filters_and_stride_of_a_layer():
    node = NodeRef("network", 2)
    assert LAYERS.choose(CHAIN, [node], "conv_7x7").architecture.layers[1] == Layer("conv_7x7", (1,), 36)
    assert LAYERS.choose(CHAIN, [node], "filters=48").architecture.layers[1].filters == 48
    strided = LAYERS.choose(CHAIN, [node], "stride=2").architecture
    assert strided.layers[1].stride == 2
    assert LAYERS.diagram(strided, "network").by_number[2].label == "conv 5×5  36  /2"
    assert LAYERS.typed(CHAIN, node, "40 filters").name == "filters=40"
    assert LAYERS.typed(CHAIN, node, "stride 4").name == "stride=4"
    assert LAYERS.typed(CHAIN, node, "nonsense") is None
    assert LAYERS.typed(AFTER, node, "40") is None
    with pytest.raises(Illegal, match="1 to 65,536 filters"):
        LAYERS.choose(CHAIN, [node], "filters=0")
    with pytest.raises(Illegal, match="a stride is 1 to 16"):
        LAYERS.choose(CHAIN, [node], "stride=99")
    assert {choice.name for choice in LAYERS.choices(AFTER, node)} >= {"sep_conv_5x5", "max_pool_3x3"}
    assert not any("filters" in choice.name for choice in LAYERS.choices(AFTER, node))


# -- motifs

SMALL = Motif(3, (1, 2, 1))
CELL = MotifArchitecture(((SMALL, Motif(3, (1, 0, 2))), (Motif(3, (1, 2, 2)),)), ("conv_1x1", "skip_connect"))
MOTIFS = Motifs()


def test_motifs_are_boards_of_their_own():
    assert [diagram.name for diagram in MOTIFS.diagrams(CELL)] == ["cell", "motif 1", "motif 2"]
    assert MOTIFS.opens(CELL, edge(MOTIFS, CELL, 0, OUTPUT)) == "motif 2"
    assert MOTIFS.opens(CELL, edge(MOTIFS, CELL, 0, 1, "motif 1")) is None
    assert [choice.name for choice in MOTIFS.choices(CELL, EdgeRef("cell", 0))] == ["motif 1", "motif 2"]
    assert [choice.label for choice in MOTIFS.choices(CELL, EdgeRef("motif 1", 0))] == ["conv 1×1", "skip"]


def test_motif_edges_are_drawn_changed_and_removed():
    drawn = MOTIFS.connect(CELL, "motif 2", 0, OUTPUT, "skip_connect").architecture
    assert drawn.levels[0][1] == Motif(3, (1, 2, 2))
    chosen = MOTIFS.choose(CELL, [edge(MOTIFS, CELL, 0, 1)], "motif 2").architecture
    assert chosen.levels[1][0].edges == (2, 2, 2)
    assert MOTIFS.remove(CELL, [edge(MOTIFS, CELL, 0, 1)]).architecture.levels[1][0].edges == (0, 2, 2)
    with pytest.raises(Illegal, match="there is an edge 0 → 1 already"):
        MOTIFS.connect(CELL, "cell", 0, 1, "motif 1")
    with pytest.raises(Illegal, match="nothing leads there"):
        MOTIFS.connect(CELL, "cell", 1, 0, "motif 1")
    with pytest.raises(Illegal, match="only motif 1, motif 2"):
        MOTIFS.choose(CELL, [EdgeRef("cell", 0)], "conv_1x1")


def test_nodes_of_a_motif_come_and_go():
    grown = MOTIFS.add(CELL, "motif 1")
    assert grown.architecture.levels[0][0] == Motif(4, (1, 0, 2, 0, 1, 0))
    assert grown.select == {NodeRef("motif 1", 2)}
    linked = MOTIFS.connect(grown.architecture, "motif 1", 2, 1, "conv_1x1")
    assert linked.now(NodeRef("motif 1", 1)) == NodeRef("motif 1", 2)
    assert all_faults(linked.architecture) == []
    assert MOTIFS.remove(CELL, [NodeRef("motif 1", 1)]).architecture.levels[0][0] == Motif(2, (2,))
    with pytest.raises(Illegal, match="the first and the last node"):
        MOTIFS.remove(CELL, [NodeRef("cell", 0), NodeRef("cell", OUTPUT)])
    assert len(pairs(4)) == 6


# -- trees

TREE = TreeCell(
    tuple(TreeNode("add", activation) for activation in ("tanh", "relu", "sigmoid")),
    TreeNode("elem_mult", "identity"),
    writes=1,
    reads=2,
)
TREES = Tree()


def test_a_tree_s_nodes_and_its_memory():
    changed = TREES.choose(TREE, [NodeRef("tree", 0), EdgeRef("tree", 0)], "elem_mult relu").architecture
    assert changed.nodes[0] == changed.inject == TreeNode("elem_mult", "relu")
    assert TREES.connect(TREE, "tree", MEMORY, 0, None).architecture.reads == 0
    assert TREES.connect(TREE, "tree", 2, NEXT_MEMORY, None).architecture.writes == 2
    moved = TREES.rewire(TREE, edge(TREES, TREE, MEMORY, 2), MEMORY, 1).architecture
    assert (moved.reads, moved.inject) == (1, TREE.inject)
    with pytest.raises(Illegal, match="a tree's shape follows"):
        TREES.connect(TREE, "tree", 0, 1, None)
    with pytest.raises(Illegal, match="the memory is read there already"):
        TREES.connect(TREE, "tree", MEMORY, 2, None)


def test_a_tree_grows_and_shrinks_by_leaves():
    grown = TREES.add(TREE, "tree")
    assert grown.architecture.base == 3
    assert grown.now(NodeRef("tree", 2)) == NodeRef("tree", 3)
    assert (grown.architecture.reads, grown.architecture.writes) == (3, 1)
    assert all_faults(grown.architecture) == []
    shrunk = TREES.remove(grown.architecture, [NodeRef("tree", 2)]).architecture
    assert shrunk == TREE
    with pytest.raises(Illegal, match="at least two leaves"):
        TREES.remove(TREE, [NodeRef("tree", 0)])
    with pytest.raises(Illegal, match="only leaves can be removed"):
        TREES.remove(grown.architecture, [NodeRef("tree", 4)])
    with pytest.raises(Illegal, match="the memory is written at node 1"):
        TREES.remove(grown.architecture, [NodeRef("tree", 1)])
