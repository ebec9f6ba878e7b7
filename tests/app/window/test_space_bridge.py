"""Space mode in the window: plan and canvas have the same space, whichever was edited, and Start searches it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.graph.kinds import EdgeRef
from engine.plan import dumps, loads, override, preset
from engine.space import files
from engine.space.architecture import from_bytes
from engine.space.counts import Skeleton, count
from engine.space.darts import DartsSpace
from engine.space.limits import Limit
from engine.space.text import presets

SEP = "sep_conv_3x3"


@pytest.fixture
def page(window):
    window.controller.show_plan(preset("random-digits"))
    window.modes.show_mode("Space")
    yield window.parts.space_bridge.page
    window.parts.space_bridge.page.worker.stop()


def restrict(page) -> None:
    page.document.select([EdgeRef("normal", 2)])
    page.document.allow_only([SEP])


def test_space_is_the_third_mode(window, page):
    assert window.modes.mode == "Space"
    assert page.isVisible()
    assert [action.text() for action in window.menu_actions.view.actions()][:3] == ["Watch", "Edit", "Space"]


def test_the_plan_records_exactly_the_edited_space(window, page):
    restrict(page)
    edited = DartsSpace().restrict((SEP, "none"), "normal", (1, 0))
    assert window.plan.plan.space == edited == loads(dumps(window.plan.plan)).space
    assert window.plan.form.text("space.restrictions") == "normal node 1 from state 0: none or sep 3×3"
    assert window.plan.form.rows["space.restrictions"].editor.label.text() == "1"
    assert window.plan.form.text("space.size") == "4.6 × 10¹⁷"
    page.document.stack.undo()
    assert window.plan.plan == preset("random-digits")


def test_the_plan_form_and_the_picture_follow_each_other(window, page):
    line = window.plan.form.rows["space.nodes"].editor.line
    line.selectAll()
    QTest.keyClicks(line, "3")
    assert page.document.space.nodes == 3
    assert len([edge for edge in page.view.shown() if edge[3]]) == 18
    page.document.set("nodes", 5, "Nodes")
    assert window.plan.form.text("space.nodes") == "5"


def test_a_limit_is_said_in_the_plan(window, page):
    limit = Limit(counts="params", most=9000, skeleton=Skeleton(channels=4, layers=3, image=8))
    page.document.limit((limit,))
    assert window.plan.plan.space.limits == (limit,)
    assert window.plan.form.text("space.size").startswith("≤ ")
    assert window.plan.form.text("space.limits").startswith("up to 9,000 parameters in a cifar skeleton")


def test_a_sample_opens_in_the_editor(window, page, qtbot):
    qtbot.waitUntil(lambda: len(page.samples.samples) == 8)
    wanted = page.samples.samples[3].architecture
    QTest.mouseClick(page.samples.tiles[3], Qt.MouseButton.LeftButton)
    assert window.modes.mode == "Edit"
    assert window.modes.page("Edit").document.architecture == wanted


def test_a_space_opened_as_a_file_becomes_that_of_the_plan(window, page, qtbot, tmp_path: Path):
    window.modes.show_mode("Watch")
    path = tmp_path / "mine.toml"
    files.save_space(presets()["nasnet"], path)
    window.controller.open(path)
    qtbot.waitUntil(lambda: window.plan.plan.space == presets()["nasnet"])
    assert window.modes.mode == "Space"
    assert page.document.space == presets()["nasnet"]


def test_the_space_of_an_opened_session_is_locked(window, page, qtbot, recorded):
    window.controller.open(recorded("old.h5"))
    qtbot.waitUntil(lambda: window.plan.locked == "opened")
    restrict(page)
    assert page.document.space == DartsSpace()
    assert page.side.choices.fault.text().startswith("This is the space of the opened session")
    window.plan.copy.click()
    restrict(page)
    assert page.document.space != DartsSpace()


@pytest.mark.slow
def test_start_searches_what_is_on_the_canvas(window, page, qtbot):
    small = ["data.test_share=0.9", "threads=1", "evaluator.channels=2", "evaluator.epochs=1", "budget.evaluations=6"]
    window.controller.show_plan(override(preset("random-digits"), [*small, "budget.seconds=none"]))
    restrict(page)
    skeleton = Skeleton(channels=2, layers=3, image=8, in_channels=1)
    page.document.limit((Limit(counts="params", most=3000, skeleton=skeleton),))
    searched = page.document.space
    window.menu_actions.start.trigger()
    assert window.controller.search.running
    page.document.free()
    assert page.document.space != searched  # a draft of the next
    qtbot.waitUntil(lambda: not window.controller.search.running)
    assert window.controller.search.state == "finished"
    view = window.controller.search.host.source.view()
    assert loads(view.source.header.plan).space == searched
    rows = view.rows("candidates")
    assert len(rows) == 6
    for row in rows:
        architecture = from_bytes(view.bytes(row["architecture"]))
        assert all(edge.operation == SEP for edge in architecture.normal.nodes[1].inputs if edge.source == 0)
        assert count(architecture, skeleton).params <= 3000
