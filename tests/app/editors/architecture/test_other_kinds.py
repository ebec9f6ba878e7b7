"""The editor on what is no pair of cells: chains of layers, motifs that open, recurrent cells and trees."""

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.editors.architecture.architecture_page import ArchitecturePage
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.space import SPACES, library


def sampled(name: str):
    space = SPACES[name]()
    return space.decode(space.sample(random.Random(1)))


@pytest.mark.parametrize(
    "name", ["nas-rl", "enas-macro", "hierarchical", "hierarchical-flat", "darts-rnn", "nas-rl-rnn"]
)
def test_members_of_a_space_are_shown_counted_and_inside_it(page: ArchitecturePage, name: str):
    page.set_space(SPACES[name]())
    assert page.open(sampled(name), name)
    assert page.line.full_text.endswith("in the plan's space")
    assert " MACs" in page.line.full_text
    drawn = {(item.diagram.name, len(item.wires), len(item.boxes)) for item in page.view._diagrams}
    assert drawn == {(diagram.name, len(diagram.edges), len(diagram.nodes)) for diagram in page.document.diagrams()}
    assert page.table.parts.rowCount() > 0
    page.document.stack.undo()
    assert page.document.draft.title == "small"


def test_layers_stand_from_top_to_bottom_and_a_new_one_goes_behind_the_selected(page: ArchitecturePage, hands):
    page.open(sampled("nas-rl"), "layers")
    heights = [page.view.middle(NodeRef("network", number)).y() for number in (0, 1, 2, 3, 4, 5, 6, OUTPUT)]
    assert heights == sorted(heights)
    hands.click(NodeRef("network", 2))
    hands.key(Qt.Key.Key_N)
    assert page.document.selection == {NodeRef("network", 3)}
    assert len(page.document.architecture.layers) == 7


def test_a_skip_is_drawn_between_layers(page: ArchitecturePage, hands):
    page.open(sampled("nas-rl"), "layers")
    diagram = page.document.diagram("network")
    read = {(edge.source, edge.target) for edge in diagram.edges}
    source, target = next((s, t) for t in range(3, 7) for s in range(1, t) if (s, t) not in read)
    hands.draw(NodeRef("network", source), NodeRef("network", target))
    assert not page.chooser.isVisible()
    assert source in page.document.architecture.layers[target - 1].inputs


def test_filters_may_be_any_number(page: ArchitecturePage, hands):
    page.open(sampled("nas-rl"), "layers")
    node = NodeRef("network", 2)
    hands.double_click(node)
    hands.choose("40")
    assert page.document.architecture.layers[1].filters == 40
    page.table.setFocus()
    row = page.table.parts.row_of(node)
    page.table.parts.setData(page.table.parts.index(row, 3), "stride 2")
    assert page.document.architecture.layers[1].stride == 2
    page.table.parts.setData(page.table.parts.index(row, 3), "stride 99")
    assert page.line.full_text == "Not possible: a stride is 1 to 16, not 99"


def test_motifs_open_into_their_level(page: ArchitecturePage, hands, qtbot):
    page.open(sampled("hierarchical"), "motifs")
    edge = EdgeRef("cell", 0)
    name = page.document.diagram("cell").edges[0].operation
    fitted = page.view.transform().m11()
    with qtbot.waitSignal(page.view.opened, check_params_cb=lambda opened: opened == name):
        hands.double_click(edge)
    assert page.view.transform().m11() > fitted
    port = page.view.viewport().rect()
    assert port.contains(hands.at(NodeRef(name, 0)))
    assert page.line.full_text == f"{name}; F shows everything again"
    hands.key(Qt.Key.Key_N)
    assert page.document.selection == {NodeRef(name, 3)}
    hands.key(Qt.Key.Key_F)
    assert port.contains(hands.at(NodeRef("cell", 0)))
    page.document.select([edge])
    hands.key(Qt.Key.Key_O)
    assert port.contains(hands.at(NodeRef(name, 0)))
    page.document.select([NodeRef("cell", 1)])
    assert not page.menu_actions.open.isEnabled()


def test_an_edge_of_motifs_takes_another_motif(page: ArchitecturePage, hands):
    page.open(sampled("hierarchical"), "motifs")
    hands.click(EdgeRef("cell", 1))
    hands.key(Qt.Key.Key_Return)
    assert page.chooser.offered == [f"motif {number}" for number in range(1, 7)]
    hands.choose("motif 3")
    assert page.document.diagram("cell").edges[1].operation == "motif 3"


def test_a_recurrent_edge_replaces_what_was_read(page: ArchitecturePage, hands):
    published = next(cell for cell in library.cells() if cell.name == "DARTS RNN V2")
    page.open(published.architecture, published.name)
    hands.draw(NodeRef("cell", 7), NodeRef("cell", 8))
    hands.choose("ident")
    assert page.document.architecture.nodes[7].source == 7
    assert page.document.architecture.nodes[7].activation == "identity"
    hands.control(Qt.Key.Key_Z)
    assert page.document.architecture == published.architecture


def test_nothing_joins_the_output_of_a_tree(page: ArchitecturePage, hands):
    page.open(sampled("nas-rl-rnn"), "tree")
    hands.click(NodeRef("tree", 0))
    assert not page.menu_actions.output.isEnabled()
    assert not page.document.toggle([NodeRef("tree", 0)])
    hands.key(Qt.Key.Key_N)
    assert page.document.architecture.base == 9
    QTest.keyClick(page.view, Qt.Key.Key_Delete)
    assert page.document.architecture.base == 8


def test_what_belongs_elsewhere_is_not_pasted(page: ArchitecturePage, hands):
    page.document.select([NodeRef("normal", 2)])
    hands.control(Qt.Key.Key_C)
    page.open(sampled("darts-rnn"), "rnn")
    hands.control(Qt.Key.Key_V)
    assert page.line.full_text == "Not possible: what was copied belongs to another kind of architecture"


def test_new_ones_are_offered_in_the_menu(page: ArchitecturePage):
    page.set_space(SPACES["enas-macro"]())
    page.open_menu.aboutToShow.emit()
    actions = {action.text(): action for action in page.open_menu.actions()}
    actions["Random member of the plan's space"].trigger()
    assert page.line.full_text.endswith("in the plan's space")
    actions["Smallest pair of cells"].trigger()
    assert len(page.document.architecture.normal.nodes) == 1
