"""Macro, hierarchical and recurrent spaces: drawn as chains, levels and trees, and restricted as cells are."""

import random

import pytest
from PySide6.QtCore import Qt

from app.editors.space.kinds.chain_spaces import CELL, NETWORK
from app.editors.space.kinds.choices import DiagramRef
from app.editors.space.kinds.tree_spaces import MEMORY, TREE
from app.editors.space.space_labels import tooltip
from app.graph.kinds import EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.plan import dumps, loads
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.hierarchical import FlatSpace, HierarchicalSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.nas_rl_recurrent import NasRlRecurrentSpace
from tests.app.editors.space.conftest import plan_of

CONV, SEP, MAX = "conv 3×3", "sep 3×3", "max 3×3"
ENAS = EnasMacroSpace(layers=4)


def members(space, count: int = 60):
    rng = random.Random(0)
    return [space.decode(space.sample(rng)) for _ in range(count)]


def boxes(hands, diagram: str) -> dict[int, str]:
    return {number: box.label for number, box in hands.view.item(diagram).boxes.items()}


def state(hands, diagram: str, source: int, target: int) -> str:
    """How the edge between two boxes is drawn."""
    item = hands.view.item(diagram)
    edges = [(edge.source, edge.target) for edge in item.diagram.edges]
    return item.wires[edges.index((source, target))].style.state


def edge(hands, diagram: str, source: int, target: int) -> EdgeRef:
    edges = [(one.source, one.target) for one in hands.view.item(diagram).diagram.edges]
    return EdgeRef(diagram, edges.index((source, target)))


class TestMacro:
    def test_a_chain_with_every_skip_that_may_be(self, hands_on):
        hands = hands_on(ENAS)
        assert boxes(hands, NETWORK) == {0: "", **dict.fromkeys(range(1, 5), "6 ops"), OUTPUT: ""}
        edges = {(one.source, one.target) for one in hands.view.item(NETWORK).diagram.edges}
        assert edges == {(source, target) for target in range(1, 5) for source in range(target)} | {(4, OUTPUT)}
        assert state(hands, NETWORK, 0, 2) == "open"
        assert state(hands, NETWORK, 1, 2) == "narrowed"  # is there in any case

    def test_a_layer_s_operations(self, hands_on):
        hands = hands_on(ENAS)
        hands.click(NodeRef(NETWORK, 2))
        assert hands.page.side.choices.title.full_text == "layer 2 operation"
        hands.only(SEP)
        assert boxes(hands, NETWORK)[2] == "sep 3×3"
        assert hands.space.size() == ENAS.size() // 6
        assert {network.layers[1].operation for network in members(hands.space)} == {"sep_conv_3x3"}
        hands.undo()
        assert hands.space == ENAS

    def test_a_skip_is_forbidden_or_asked_for(self, hands_on):
        hands = hands_on(ENAS)
        skip = edge(hands, NETWORK, 0, 4)
        hands.click(skip)
        assert hands.page.side.choices.title.full_text == "layer 4 skip from 0"
        hands.key(Qt.Key.Key_Delete)
        assert state(hands, NETWORK, 0, 4) == "forbidden"
        assert hands.space.size() == ENAS.size() // 2
        assert all(0 not in network.layers[3].inputs for network in members(hands.space))
        hands.press(hands.page.side.choices.require)
        assert state(hands, NETWORK, 0, 4) == "always"
        assert all(0 in network.layers[3].inputs for network in members(hands.space))
        hands.key(Qt.Key.Key_Q)
        assert state(hands, NETWORK, 0, 4) == "open"
        assert hands.space == ENAS

    def test_the_title_stands_for_every_layer(self, hands_on):
        hands = hands_on(ENAS)
        hands.click(DiagramRef(NETWORK))
        assert hands.page.side.choices.title.full_text == "4 places"
        hands.tick(MAX)
        assert set(boxes(hands, NETWORK).values()) == {"", "5 ops"}

    def test_the_palette_of_the_whole_space(self, hands_on):
        hands = hands_on(ENAS)
        hands.tick("max_pool_3x3")
        assert "max_pool_3x3" not in hands.space.operations
        assert boxes(hands, NETWORK)[1] == "5 ops"
        hands.tick("max_pool_3x3")
        assert set(hands.space.operations) == set(ENAS.operations)

    def test_fewer_layers_keep_their_edits(self, hands_on):
        hands = hands_on(ENAS)
        hands.click(NodeRef(NETWORK, 2))
        hands.only(SEP)
        hands.click(NodeRef(NETWORK, 4))
        hands.only(CONV)
        hands.set_number("layers", 3)
        assert boxes(hands, NETWORK)[2] == "sep 3×3"
        assert len(hands.space.restrictions) == 1

    def test_a_layer_of_nas_rl_has_several_questions(self, hands_on):
        space = NasRlSpace(layers=3)
        hands = hands_on(space)
        assert boxes(hands, NETWORK)[1] == "4 heights · 4 widths · 4 filters"
        hands.click(NodeRef(NETWORK, 2))
        keys = {row.keys for row in hands.page.side.choices.rows}
        assert keys == {("layer 2 height",), ("layer 2 width",), ("layer 2 filters",)}
        height = [row for row in hands.page.side.choices.rows if row.keys == ("layer 2 height",)]
        hands.press(height[0].box)  # 1
        hands.press(height[1].box)  # 3
        assert boxes(hands, NETWORK)[2] == "2 heights · 4 widths · 4 filters"
        assert hands.space.size() == space.size() // 2
        assert all(network.layers[1].operation[5] in "57" for network in members(hands.space))

    def test_lists_of_numbers_are_typed(self, hands_on):
        hands = hands_on(NasRlSpace(layers=2))
        line = hands.page.side.settings.rows["filters"].editor.face
        assert line.text() == "24, 36, 48, 64"
        line.setText("16 32")
        line.editingFinished.emit()
        assert hands.space.filters == (16, 32)
        assert boxes(hands, NETWORK)[1] == "4 heights · 4 widths · 2 filters"
        line.setText("16, 16")
        line.editingFinished.emit()
        assert hands.page.side.choices.fault.text() == "Filters: at least one is needed, and none twice"
        assert line.text() == "16, 32"

    def test_a_limit_on_networks(self, hands_on):
        hands = hands_on(ENAS)
        hands.type_limit("params", "most", "3 k")
        hands.wait()
        assert hands.space.limits[0].most == 3000
        assert all(sample.counted.params <= 3000 for sample in hands.page.samples.samples)


class TestHierarchical:
    def test_a_board_for_the_cell_and_one_for_each_motif(self, hands_on):
        hands = hands_on(HierarchicalSpace(motifs=2))
        assert [item.diagram.name for item in hands.view._diagrams] == ["cell", "motif 1", "motif 2"]
        assert hands.shown("motif 1") == dict.fromkeys(["0 → 1", "0 → 2", "0 → 3", "1 → 2", "1 → 3", "2 → 3"], "6 ops")
        assert set(hands.shown("cell").values()) == {"motif 1 · motif 2"}

    def test_an_edge_of_a_motif(self, hands_on):
        space = HierarchicalSpace(motifs=2)
        hands = hands_on(space)
        edge = EdgeRef("motif 2", 3)  # 1 → 2
        hands.click(edge)
        assert tooltip(hands.page.document, edge).startswith("motif 2, 1 → 2: no edge, conv 1×1")
        hands.key(Qt.Key.Key_Delete)
        assert hands.shown("motif 2")["1 → 2"] == "forbidden"
        assert hands.space.size() == space.size() // 7
        hands.press(hands.page.side.choices.require)
        assert hands.shown("motif 2")["1 → 2"] == "always 6 ops"
        assert all(motif.levels[0][1].edges[3] for motif in members(hands.space))

    def test_a_flat_cell_is_one_board(self, hands_on):
        hands = hands_on(FlatSpace(cell_nodes=4))
        assert [item.diagram.name for item in hands.view._diagrams] == ["cell"]
        hands.click(DiagramRef("cell"))
        assert hands.page.side.choices.title.full_text == "6 edges"


class TestRecurrent:
    def test_states_with_all_that_they_may_read(self, hands_on):
        hands = hands_on(DartsRecurrentSpace(nodes=3))
        assert boxes(hands, CELL)[0] == "tanh"
        assert boxes(hands, CELL)[3] == "4 activations"
        assert state(hands, CELL, 0, 3) == "open"
        hands = hands_on(EnasRecurrentSpace(nodes=3))
        assert boxes(hands, CELL)[0] == "4 activations"

    def test_an_activation(self, hands_on):
        hands = hands_on(DartsRecurrentSpace(nodes=3))
        hands.click(NodeRef(CELL, 2))
        hands.only("relu")
        assert boxes(hands, CELL)[2] == "relu"
        assert {cell.nodes[1].activation for cell in members(hands.space)} == {"relu"}

    def test_an_arc_stands_for_one_state_among_those_that_are_read(self, hands_on):
        space = DartsRecurrentSpace(nodes=3)
        hands = hands_on(space)
        hands.click(edge(hands, CELL, 1, 3))
        assert hands.page.side.choices.title.full_text == "node 3 input"
        assert list(hands.ticked()) == ["0", "1", "2"]
        hands.key(Qt.Key.Key_Delete)
        assert state(hands, CELL, 1, 3) == "forbidden"
        assert state(hands, CELL, 0, 3) == "narrowed"
        assert {cell.nodes[2].source for cell in members(hands.space)} == {0, 2}
        hands.click(edge(hands, CELL, 0, 3))
        hands.key(Qt.Key.Key_Q)
        assert state(hands, CELL, 0, 3) == "always"
        assert hands.space.size() == space.size() // 3
        hands.key(Qt.Key.Key_Delete)
        assert hands.page.side.choices.fault.text() == "Restrictions: node 3 input is left without any choice"

    def test_the_palette_of_the_whole_space(self, hands_on):
        hands = hands_on(DartsRecurrentSpace(nodes=2))
        assert list(hands.ticked()) == ["tanh", "relu", "sigmoid", "identity"]
        hands.tick("relu")
        assert hands.space.activations == ("none", "tanh", "sigmoid", "identity")
        assert boxes(hands, CELL)[1] == "3 activations"

    def test_a_tree_with_its_memory(self, hands_on):
        space = NasRlRecurrentSpace(base=2)
        hands = hands_on(space)
        assert boxes(hands, TREE)[2] == "+/× 4 act."
        hands.click(NodeRef(TREE, 2))
        assert {row.keys for row in hands.page.side.choices.rows} == {("node 2 join",), ("node 2 activation",)}
        hands.only("add")
        hands.only("tanh")
        assert boxes(hands, TREE)[2] == "+ tanh"
        assert hands.space.size() == space.size() // 8
        hands.click(NodeRef(TREE, MEMORY))
        written = [row for row in hands.page.side.choices.rows if row.keys == ("memory written by",)]
        hands.press(written[1].alone)
        assert boxes(hands, TREE)[MEMORY] == "+/× 4 act. from 1"
        assert {tree.writes for tree in members(hands.space)} == {1}


class TestAll:
    @pytest.mark.parametrize(
        "space", [ENAS, NasRlSpace(layers=3), HierarchicalSpace(motifs=2), DartsRecurrentSpace(), NasRlRecurrentSpace()]
    )
    def test_a_plan_records_every_edit_whatever_their_order(self, hands_on, space):
        hands = hands_on(space)
        document = hands.page.document
        slots = [slot for slot in document.slots().values() if len(slot.choices) > 1]
        results = []
        for order in (slots[:3], slots[2::-1]):
            document.replace(space, "begin")
            for slot in order:
                document.select_slots([slot.key])
                document.allow_only([slot.choices[-1].name], keys=[slot.key])
            results.append(document.space)
        assert results[0] == results[1] != space
        assert len(results[0].restrictions) == 3
        assert loads(dumps(plan_of(results[0]))).space == results[0]
        document.select_slots(slot.key for slot in slots[:3])
        document.free()
        assert document.space == space

    def test_the_table_speaks_of_every_question(self, hands_on):
        hands = hands_on(NasRlSpace(layers=2))
        hands.key(Qt.Key.Key_T)
        model = hands.page.table.slots
        titles = [model.index(row, 1).data() for row in range(model.rowCount())]
        assert titles == [
            *(f"layer 1 {what}" for what in ("height", "width", "filters")),
            *(f"layer 2 {what}" for what in ("height", "width", "filters", "skip from 1")),
        ]
        heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
        assert heads[3:] == ["1", "3", "5", "7", "24", "36", "48", "64", "no", "yes"]
        hands.page.table.setCurrentIndex(model.index(1, 3))  # width 1 of layer 1
        hands.qtbot.keyClick(hands.page.table, Qt.Key.Key_Space)
        assert [str(edit.place) for edit in hands.space.restrictions] == ["layer 1 width"]
        assert hands.space.restrictions[0].choices == ("3", "5", "7")
