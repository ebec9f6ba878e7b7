"""The document: every change is a step that can be undone, and what is shown always is the document."""

import random

import pytest

from app.editors.architecture.architecture_document import ArchitectureDocument
from app.editors.architecture.architecture_page import ArchitecturePage
from app.editors.architecture.architecture_table import rows_of
from app.graph.kinds import Choice, EdgeRef, NodeRef
from app.graph.model import OUTPUT
from engine.space.architecture import CellArchitecture, StackedCell, all_faults
from engine.space.cells import Cell, Edge, Node

SKIP = Choice("skip_connect", "skip")


def test_what_is_refused_changes_nothing(document: ArchitectureDocument, qtbot):
    before = document.draft
    with qtbot.waitSignal(document.refused, check_params_cb=lambda reason: reason.startswith("that would be a loop")):
        assert not document.draw("normal", 4, 2, "skip_connect")
    assert document.draft is before
    assert document.stack.count() == 0


def test_undo_brings_back_value_and_selection(document: ArchitectureDocument, small: CellArchitecture):
    document.select([NodeRef("normal", 2)])
    document.remove(document.selection)
    assert document.selection == frozenset()
    assert len(document.architecture.normal.nodes) == 2
    document.stack.undo()
    assert document.architecture == small
    assert document.selection == {NodeRef("normal", 2)}
    document.stack.redo()
    assert len(document.architecture.normal.nodes) == 2


def test_steps_say_what_they_are(document: ArchitectureDocument):
    document.add("normal")
    document.draw("normal", 0, 5, "skip_connect")
    document.choose([EdgeRef("normal", 0)], SKIP)
    document.toggle([NodeRef("normal", 5)])
    document.move({NodeRef("normal", 5): (10.0, 20.0)})
    document.remove([NodeRef("normal", 5)])
    assert [document.stack.text(step) for step in range(document.stack.count())] == [
        "add node",
        "draw edge k−2 → 3",
        "set edge k−2 → 0 to skip",
        "take node 3 out of the output",
        "move node 3",
        "remove node 3",
    ]


def test_moves_of_one_drag_are_one_step(document: ArchitectureDocument):
    drag = document.new_drag()
    for x in range(5):
        document.move({NodeRef("normal", 2): (float(x), 0.0)}, drag)
    assert document.stack.count() == 1
    document.move({NodeRef("normal", 2): (9.0, 9.0)}, document.new_drag())
    assert document.stack.count() == 2
    document.stack.undo()
    assert document.draft.moved == ((NodeRef("normal", 2), (4.0, 0.0)),)
    document.stack.undo()
    assert document.draft.moved == ()


def test_places_follow_their_nodes_through_renumbering(document: ArchitectureDocument):
    document.move({NodeRef("normal", 3): (50.0, 60.0), NodeRef("normal", 4): (70.0, 80.0)})
    document.remove([NodeRef("normal", 2)])
    assert document.draft.moved == ((NodeRef("normal", 2), (50.0, 60.0)), (NodeRef("normal", 3), (70.0, 80.0)))
    document.remove([NodeRef("normal", 3)])
    assert document.draft.moved == ((NodeRef("normal", 2), (50.0, 60.0)),)
    document.tidy()
    assert document.draft.moved == ()


def test_opening_another_architecture_can_be_undone(document: ArchitectureDocument, small: CellArchitecture):
    other = StackedCell(Cell((Node((Edge(0, "skip_connect"),)),), (1,), inputs=1))
    document.add("normal")
    edited = document.architecture
    assert document.open(other, "other")
    assert document.stack.isClean()
    assert (document.architecture, document.draft.title) == (other, "other")
    document.stack.undo()
    assert (document.architecture, document.draft.title) == (edited, "small")
    assert not document.stack.isClean()


def test_what_is_too_large_to_draw_is_refused(document: ArchitectureDocument, qtbot):
    huge = Cell(tuple(Node((Edge(0, "skip_connect"), Edge(1, "skip_connect"))) for _ in range(40)), (2,))
    with qtbot.waitSignal(document.refused):
        assert not document.open(CellArchitecture(huge, huge), "huge")
    assert document.draft.title == "small"
    almost = Cell(tuple(Node((Edge(0, "skip_connect"), Edge(1, "skip_connect"))) for _ in range(33)), (2,))
    assert document.open(CellArchitecture(almost, almost), "almost")
    assert document.add("normal")
    with qtbot.waitSignal(document.refused, check_params_cb=lambda reason: "too large" in reason):
        assert not document.draw("normal", 0, 2, "skip_connect")


def random_step(rng: random.Random, document: ArchitectureDocument) -> None:
    """Any step of the editor; many are refused."""
    diagram = rng.choice(document.diagrams())
    nodes = [NodeRef(diagram.name, node.number) for node in diagram.nodes]
    edges = [EdgeRef(diagram.name, index) for index in range(len(diagram.edges))]
    match rng.randrange(11):
        case 0:
            document.add(diagram.name, rng.choice([None, (rng.uniform(-50, 400), rng.uniform(-50, 300))]))
        case 1 | 2 | 3:
            document.draw(diagram.name, rng.choice(nodes).number, rng.choice(nodes).number, "sep_conv_3x3")
        case 4:
            document.remove(rng.sample(nodes + edges, rng.randint(1, 2)))
        case 5:
            document.toggle(rng.sample(nodes, 1))
        case 6:
            part = rng.choice(nodes + edges)
            choices = document.choices([part])
            if choices:
                document.choose([part], rng.choice(choices))
        case 7:
            document.rewire(rng.choice(edges), rng.choice(nodes).number, rng.choice(nodes).number)
        case 8:
            document.move({rng.choice(nodes): (rng.uniform(-50, 400), rng.uniform(-50, 300))})
        case 9:
            document.select(rng.sample(nodes, rng.randint(1, len(nodes))))
            fragment = document.copied()
            if fragment is not None:
                document.paste(fragment, rng.choice(document.diagrams()).name)
        case _:
            document.tidy()


@pytest.mark.parametrize("seed", range(5))
def test_undoing_everything_returns_to_the_start_and_the_picture_always_is_the_document(qtbot, small, seed: int):
    page = ArchitecturePage()
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    document = page.document
    document.open(small, "small")
    document.stack.clear()
    start, rng = document.draft, random.Random(seed)
    states = [start]
    for _ in range(40):
        steps = document.stack.count()
        random_step(rng, document)
        if document.stack.count() > steps:
            states.append(document.draft)
        assert_shown(page)
        assert all_faults(document.architecture) == []
    assert len(states) > 10
    for draft in reversed(states[:-1]):
        document.stack.undo()
        assert document.draft == draft
        assert_shown(page)
    assert document.draft == start
    for draft in states[1:]:
        document.stack.redo()
        assert document.draft == draft
    assert_shown(page)


def assert_shown(page: ArchitecturePage) -> None:
    """Picture and table show exactly what the document holds."""
    draft = page.document.draft
    shown = {
        (diagram.name, edge.source, edge.target, edge.operation)
        for diagram in draft.diagrams()
        for edge in diagram.edges
    }
    drawn = set()
    for item in page.view._diagrams:
        for wire, edge in zip(item.wires, item.diagram.edges, strict=True):
            plate = item.labels[wire.index]
            assert (plate.text if plate else "") == edge.label
            drawn.add((item.diagram.name, edge.source, edge.target, edge.operation))
        for number, box in item.boxes.items():
            place = dict(draft.places(item.diagram.name)).get(number)
            if place is not None:
                assert (box.x(), box.y()) == pytest.approx(place)
    assert drawn == shown
    model = page.table.parts
    assert [row.texts for row in model.rows] == [row.texts for row in rows_of(draft)]
    assert [row.part for row in model.rows] == [row.part for row in rows_of(draft)]
    assert model.rowCount() == len(model.rows)


def test_arcs_into_the_output_have_no_choices(document: ArchitectureDocument):
    diagram = document.diagram("normal")
    into = [EdgeRef("normal", index) for index, edge in enumerate(diagram.edges) if edge.target == OUTPUT]
    assert document.choices(into) == ()
    assert len(document.choices([EdgeRef("normal", 0), EdgeRef("normal", 1)])) > 10
    assert document.choices([EdgeRef("normal", 0), NodeRef("normal", 2)]) == ()
