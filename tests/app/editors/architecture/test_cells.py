"""Edits of cells as values: what they lead to, what they refuse, and that no sequence of them leads to a fault."""

import random

import pytest

from app.graph.kinds import Change, EdgeRef, Illegal, NodeRef, kind_of
from app.graph.kinds.cell_pair import Cells
from app.graph.kinds.fragment import copied, decoded, encoded, pasted
from app.graph.model import OUTPUT
from engine.space.architecture import CellArchitecture, StackedCell, all_faults
from engine.space.cells import Cell, Edge, Node
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space

KIND = Cells()


def node(*inputs: tuple[int, str], combine: str = "add") -> Node:
    return Node(tuple(Edge(source, operation) for source, operation in inputs), combine)


def edge(architecture, diagram: str, source: int, target: int) -> EdgeRef:
    edges = KIND.diagram(architecture, diagram).edges
    return EdgeRef(diagram, next(i for i, one in enumerate(edges) if (one.source, one.target) == (source, target)))


def test_a_new_node_reads_nothing_and_joins_the_output(small: CellArchitecture):
    change = KIND.add(small, "normal")
    assert change.architecture.normal.nodes == (*small.normal.nodes, Node(()))
    assert change.architecture.normal.concat == (2, 3, 5)
    assert change.select == {NodeRef("normal", 5)}
    assert change.architecture.reduction is small.reduction


def test_an_edge_goes_to_the_end_of_the_nodes_inputs(small: CellArchitecture):
    change = KIND.connect(small, "normal", 1, 3, "sep_conv_5x5")
    assert change.architecture.normal.nodes[1] == node((0, "max_pool_3x3"), (1, "sep_conv_5x5"))
    assert change.select == {edge(change.architecture, "normal", 1, 3)}
    assert change.moved == {}


def test_an_edge_to_an_earlier_node_renumbers_the_nodes(small: CellArchitecture):
    change = KIND.connect(small, "normal", 3, 2, "none")
    assert change.architecture.normal.nodes == (
        node((0, "max_pool_3x3")),
        node((0, "sep_conv_3x3"), (1, "skip_connect"), (2, "none")),
        node((3, "dil_conv_3x3"), (2, "skip_connect")),
    )
    assert change.now(NodeRef("normal", 2)) == NodeRef("normal", 3)
    assert change.now(NodeRef("normal", 3)) == NodeRef("normal", 2)
    assert change.now(NodeRef("normal", 4)) == NodeRef("normal", 4)
    assert change.select == {edge(change.architecture, "normal", 2, 3)}


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (4, 2, "that would be a loop: 2 reads 0 already"),
        (2, 2, "a node cannot read itself"),
        (2, 0, "k−2 is an input of the cell, and nothing in it leads there"),
        (OUTPUT, 2, "the output is read by the next cells, not by this one"),
        (2, OUTPUT, "0 joins the output already"),
    ],
)
def test_illegal_edges_have_a_reason(small: CellArchitecture, source: int, target: int, reason: str):
    assert KIND.objection(small, "normal", source, target) == reason
    with pytest.raises(Illegal, match=reason.replace("?", r"\?")):
        KIND.connect(small, "normal", source, target, "skip_connect")


def test_the_same_state_may_be_read_twice(small: CellArchitecture):
    assert KIND.objection(small, "normal", 0, 2) == ""
    twice = KIND.connect(small, "normal", 0, 2, "sep_conv_3x3").architecture
    assert twice.normal.nodes[0].inputs.count(Edge(0, "sep_conv_3x3")) == 2


def test_unknown_operations_are_refused(small: CellArchitecture):
    with pytest.raises(Illegal, match="unknown operation 'sep_conv_4x4'"):
        KIND.connect(small, "normal", 0, 3, "sep_conv_4x4")
    with pytest.raises(Illegal, match="unknown operation"):
        KIND.choose(small, [EdgeRef("normal", 0)], "nonsense")


def test_removing_a_node_takes_its_edges_and_closes_the_gap(small: CellArchitecture):
    change = KIND.remove(small, [NodeRef("normal", 2)])
    assert change.architecture.normal == Cell((node((0, "max_pool_3x3")), node((2, "skip_connect"))), (2,))
    assert change.now(NodeRef("normal", 2)) is None
    assert change.now(NodeRef("normal", 4)) == NodeRef("normal", 3)


def test_removing_edges_and_outputs(small: CellArchitecture):
    smaller = KIND.remove(small, [edge(small, "normal", 0, 2), edge(small, "normal", 2, OUTPUT)]).architecture
    assert smaller.normal.nodes[0] == node((1, "skip_connect"))
    assert smaller.normal.concat == (3,)


def test_what_must_stay_stays(small: CellArchitecture):
    with pytest.raises(Illegal, match="a cell has at least one node"):
        KIND.remove(small, [NodeRef("reduction", 2)])
    with pytest.raises(Illegal, match="inputs and its output stay"):
        KIND.remove(small, [NodeRef("normal", 0), NodeRef("normal", OUTPUT)])
    with pytest.raises(Illegal, match="the output would join nothing"):
        KIND.remove(small, [edge(small, "reduction", 2, OUTPUT)])
    everything = [NodeRef("normal", number) for number in (OUTPUT, 0, 1, 2, 3)]
    with pytest.raises(Illegal, match="the output would join nothing"):
        KIND.remove(small, everything)


def test_inputs_in_a_selection_are_left_alone(small: CellArchitecture):
    smaller = KIND.remove(small, [NodeRef("normal", 0), NodeRef("normal", 4), NodeRef("reduction", 0)]).architecture
    assert smaller.normal == Cell(small.normal.nodes[:2], (2, 3))
    assert smaller.reduction == small.reduction


def test_toggling_the_output(small: CellArchitecture):
    both = KIND.toggle(small, [NodeRef("normal", 2), NodeRef("normal", 4)]).architecture
    assert both.normal.concat == (2, 3, 4)
    neither = KIND.toggle(both, [NodeRef("normal", 2), NodeRef("normal", 4)]).architecture
    assert neither.normal.concat == (3,)
    with_input = KIND.toggle(small, [NodeRef("normal", 0)]).architecture
    assert with_input.normal.concat == (0, 2, 3)
    assert all_faults(with_input) == []


def test_an_order_of_the_output_that_was_published_is_kept():
    cell = Cell((node((0, "skip_connect")), node((1, "skip_connect"))), (3, 2))
    architecture = KIND.add(StackedCell(cell), "cell").architecture
    assert architecture.cell.concat == (3, 2, 4)
    assert KIND.remove(architecture, [NodeRef("cell", 2)]).architecture.cell.concat == (2, 3)


def test_combining(small: CellArchitecture):
    node = NodeRef("normal", 4)
    assert [choice.name for choice in KIND.choices(small, node)] == ["add", "concat"]
    joined = KIND.choose(small, [node], "concat")
    assert joined.architecture.normal.nodes[2].combine == "concat"
    assert KIND.diagram(joined.architecture, "normal").by_number[4].label == "concat"
    assert joined.select == {node}
    assert KIND.choices(small, NodeRef("normal", 0)) == ()
    with pytest.raises(Illegal, match="by add or concat"):
        KIND.choose(small, [node], "multiply")


def test_rewiring_keeps_the_place_among_the_inputs(small: CellArchitecture):
    moved = KIND.rewire(small, edge(small, "normal", 0, 2), 1, 2)
    assert moved.architecture.normal.nodes[0] == node((1, "sep_conv_3x3"), (1, "skip_connect"))
    elsewhere = KIND.rewire(small, edge(small, "normal", 0, 2), 0, 3).architecture
    assert elsewhere.normal.nodes[0] == node((1, "skip_connect"))
    assert elsewhere.normal.nodes[1] == node((0, "max_pool_3x3"), (0, "sep_conv_3x3"))
    back = KIND.rewire(small, edge(small, "normal", 1, 2), 3, 2)
    assert back.architecture.normal.nodes[1] == node((0, "sep_conv_3x3"), (2, "skip_connect"))
    assert back.now(NodeRef("normal", 2)) == NodeRef("normal", 3)
    with pytest.raises(Illegal, match="a loop"):
        KIND.rewire(small, edge(small, "normal", 0, 2), 4, 2)
    joining = KIND.rewire(small, edge(small, "normal", 2, OUTPUT), 4, OUTPUT).architecture
    assert joining.normal.concat == (3, 4)


def test_a_copy_reads_its_copied_fellows_and_the_inputs(small: CellArchitecture):
    fragment = decoded(encoded(copied(KIND, small, [NodeRef("normal", 2), NodeRef("normal", 4)])))
    change = pasted(KIND, small, "reduction", fragment)
    assert change.architecture.reduction == Cell(
        (*small.reduction.nodes, small.normal.nodes[0], node((3, "dil_conv_3x3"))), (2, 3)
    )
    assert change.select == {NodeRef("reduction", 3), NodeRef("reduction", 4)}


def test_a_duplicate_reads_what_the_original_reads(small: CellArchitecture):
    fragment = copied(KIND, small, [NodeRef("normal", 4)])
    change = pasted(KIND, small, "normal", fragment, outside=True)
    assert change.architecture.normal.nodes == (*small.normal.nodes, small.normal.nodes[2])
    assert change.architecture.normal.concat == (2, 3)


def test_a_copy_that_does_not_fit_is_refused(small: CellArchitecture):
    assert copied(KIND, small, [NodeRef("normal", 0)]) is None
    with pytest.raises(Illegal, match="cannot be pasted"):
        decoded(b"{}")
    with pytest.raises(Illegal, match="too large"):
        decoded(b" " * 100_000)
    fragment = copied(KIND, small, [NodeRef("normal", 2)])
    one_input = StackedCell(Cell((node((0, "skip_connect")),), (1,), inputs=1))
    fitted = pasted(KIND, one_input, "cell", fragment).architecture
    assert fitted.cell.nodes[1] == node((0, "sep_conv_3x3"))


def random_edit(rng: random.Random, architecture) -> Change:
    """Any edit of any part; many are illegal."""
    diagram = rng.choice(KIND.diagrams(architecture))
    nodes = [NodeRef(diagram.name, node.number) for node in diagram.nodes]
    edges = [EdgeRef(diagram.name, index) for index in range(len(diagram.edges))]
    operation = rng.choice(["sep_conv_3x3", "skip_connect", "none", "max_pool_3x3", "wrong"])
    source, target = rng.choice(nodes).number, rng.choice(nodes).number
    match rng.randrange(9):
        case 0:
            return KIND.add(architecture, diagram.name)
        case 1 | 2 | 3:
            return KIND.connect(architecture, diagram.name, source, target, operation)
        case 4:
            return KIND.remove(architecture, rng.sample(nodes + edges, rng.randint(1, 3)))
        case 5:
            return KIND.toggle(architecture, rng.sample(nodes, rng.randint(1, 2)))
        case 6:
            return KIND.choose(
                architecture, [rng.choice(edges)] if rng.random() < 0.7 else [rng.choice(nodes)], operation
            )
        case 7:
            return KIND.rewire(architecture, rng.choice(edges), source, target)
        case _:
            fragment = copied(KIND, architecture, rng.sample(nodes, rng.randint(1, len(nodes))))
            if fragment is None:
                raise Illegal("nothing to copy")
            return pasted(KIND, architecture, diagram.name, fragment, outside=True)


@pytest.mark.parametrize("seed", range(30))
def test_no_sequence_of_edits_leads_to_a_fault(seed: int):
    rng = random.Random(seed)
    space = DartsSpace() if seed % 2 else NasBench201Space()
    architecture = space.decode(space.sample(rng))
    done = refused = 0
    for _ in range(60):
        before = KIND.diagrams(architecture)
        try:
            change = random_edit(rng, architecture)
        except Illegal:
            refused += 1
            continue
        done += 1
        if sum(diagram.size for diagram in KIND.diagrams(change.architecture)) > 120:
            continue
        assert all_faults(change.architecture) == []
        _check_moves(before, KIND.diagrams(change.architecture), change)
        architecture = change.architecture
    assert done > 10
    assert refused > 3


def _check_moves(before, after, change: Change) -> None:
    """Every node is either gone or has exactly one number, and what is selected exists."""
    now = {diagram.name: diagram for diagram in after}
    for diagram in before:
        kept = [change.now(NodeRef(diagram.name, node.number)) for node in diagram.nodes]
        numbers = [node.number for node in kept if node is not None]
        assert len(set(numbers)) == len(numbers)
        assert set(numbers) <= set(now[diagram.name].by_number)
    for part in change.select:
        if isinstance(part, NodeRef):
            assert part.number in now[part.diagram].by_number
        else:
            assert part.index < len(now[part.diagram].edges)


def test_both_kinds_of_cells_have_an_editor(small: CellArchitecture):
    assert isinstance(kind_of(small), Cells)
    assert isinstance(kind_of(StackedCell(small.normal)), Cells)
