"""The plan's form: generated, validated in place, locked where it must not be edited."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QToolButton

from app.panels.plan import Plan
from engine.plan import fields, preset, presets
from engine.space.operations import OPERATIONS

PRESETS = presets()


@pytest.fixture
def panel(qtbot):
    panel = Plan(PRESETS["darts-digits"], PRESETS)
    qtbot.addWidget(panel)
    panel.resize(260, 1400)
    panel.show()
    return panel


def enter(qtbot, panel: Plan, path: str, text: str) -> None:
    """Type a text into a field as a person would."""
    line = panel.form.rows[path].editor.face
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)


def words(panel: Plan) -> str:
    """Everything that can be read in the form."""
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_every_setting_of_the_plan_can_be_edited_or_read(panel):
    shown = {path for path, _, _ in panel.data()[1]}
    headings = {"budget", "instruments"}
    of_no_use = {"evaluator", "budget.evaluations", "budget.simulated_seconds"}  # it has no candidates to score
    assert {info.path for info in fields(panel.plan)} - shown == headings | of_no_use


def test_a_search_in_a_table_has_no_data_and_a_budget_of_simulated_time(panel):
    panel.show_plan(PRESETS["random-nb201"])
    shown = {path for path, _, _ in panel.data()[1]}
    assert "budget.simulated_seconds" in shown
    assert not any(path.startswith(("data", "instruments")) for path in shown)


@pytest.mark.parametrize("name", PRESETS)
def test_a_shown_plan_is_unchanged_and_has_no_fault(panel, name):
    plan = PRESETS[name]
    panel.show_plan(plan)
    assert panel.plan == plan
    assert not panel.fault
    assert {path: text for path, text, _ in panel.data()[1]}["name"] == name


def test_a_table_is_browsed_for_and_its_field_says_what_it_takes(qtbot, panel, monkeypatch):
    panel.show_plan(PRESETS["random-nb201"])
    row, asked = panel.form.rows["evaluator.file"], []

    def chosen(parent, title: str, where: str, kinds: str):
        asked.append((title, where, kinds))
        return "/tables/mine.csv", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", chosen)
    assert row.editor.text == "nb201-cifar10"
    assert all(word in row.editor.face.toolTip() for word in ("ships", ".csv", ".json", ".npz", "import-table", "Dong"))
    qtbot.mouseClick(row.editor.browse, Qt.MouseButton.LeftButton)
    ((title, _, kinds),) = asked
    assert title == row.editor.browse.accessibleName() == "Choose file"
    assert "*.csv" in kinds
    assert panel.plan.evaluator.file == row.editor.text == "/tables/mine.csv"
    enter(qtbot, panel, "evaluator.file", "")
    assert row.fault.text() == "Is missing: name the file with the table, or nb201-cifar10"
    assert row.editor.face.placeholderText() == "nb201-cifar10"


def test_typing_changes_the_plan(qtbot, panel):
    with qtbot.waitSignal(panel.plan_changed):
        enter(qtbot, panel, "method.w_lr", "0.1")
    assert panel.plan.method.w_lr == 0.1
    assert panel.preset == ""


def test_a_wrong_value_is_outlined_and_explained_beneath(qtbot, panel):
    enter(qtbot, panel, "method.w_lr", "fast")
    row = panel.form.rows["method.w_lr"]
    assert row.editor.face.property("fault") is True
    assert row.fault.isVisible()
    assert "number from 0 to 10" in row.fault.text()
    assert panel.fault
    assert panel.plan.method.w_lr == 0.025  # the last that was right
    enter(qtbot, panel, "method.w_lr", "0.05")
    assert row.editor.face.property("fault") is False
    assert not row.fault.isVisible()
    assert panel.fault == ""


def test_settings_that_do_not_go_together_are_explained_at_the_one_to_change(qtbot, panel):
    panel.show_plan(PRESETS["evolution-digits"])
    enter(qtbot, panel, "method.sample", "101")
    assert "at most Population (100)" in panel.form.rows["method.sample"].fault.text()
    enter(qtbot, panel, "method.population", "200")
    assert panel.fault == ""


def test_an_empty_limit_is_no_limit(qtbot, panel):
    enter(qtbot, panel, "budget.seconds", "90")
    assert panel.plan.budget.seconds == 90
    enter(qtbot, panel, "budget.seconds", "")
    assert panel.plan.budget.seconds is None
    assert panel.form.rows["budget.seconds"].editor.face.placeholderText() == "no limit"


@pytest.fixture
def slow_typist(qapp):
    """However slowly a busy machine types, it is one word to a list that is searched by typing."""
    interval = qapp.keyboardInputInterval()
    qapp.setKeyboardInputInterval(600_000)
    yield
    qapp.setKeyboardInputInterval(interval)


@pytest.mark.usefixtures("slow_typist")
def test_another_method_brings_its_settings_and_its_explanation(qtbot, panel):
    combo = panel.form.rows["method"].editor.face
    assert "One network holds every candidate" in words(panel)
    qtbot.keyClicks(combo, "Reg")
    combo.activated.emit(combo.currentIndex())
    assert panel.plan.method.population == 100
    assert panel.plan.evaluator is not None
    assert "A population of trained architectures" in words(panel)
    assert "method.population" in panel.form.rows
    assert "budget.epochs" not in panel.form.rows
    assert panel.fault == ""


def test_operations_are_ticked_in_a_menu(panel):
    editor = panel.form.rows["space.operations"].editor
    assert editor.button.text() == f"7 of {len(OPERATIONS) - 1}", "as many as the picture of the space says"
    editor.actions_of["sep_conv_5x5"].trigger()
    assert "sep_conv_5x5" not in panel.plan.space.operations
    assert editor.button.text() == f"6 of {len(OPERATIONS) - 1}"
    editor.actions_of["none"].trigger()
    assert editor.button.text() == f"6 of {len(OPERATIONS) - 1}"
    for action in editor.actions_of.values():
        action.setChecked(False)
    assert panel.form.rows["space.operations"].fault.isVisible()


def test_the_number_of_architectures_follows_the_space(qtbot, panel):
    assert panel.form.text("space.size") == "1.1 × 10¹⁸"  # (180 · 7^8)²
    enter(qtbot, panel, "space.nodes", "1")
    assert panel.form.text("space.size") == f"{7**4:,}"  # one pair of inputs, 7² operations, in two cells


def test_the_wheel_scrolls_the_form_and_changes_nothing(panel):
    before = panel.plan
    combo = panel.form.rows["data"].editor.face
    combo.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(combo, wheel)
    assert panel.plan == before
    assert combo.currentText() == "Digits"


def test_any_device_can_be_typed_and_a_wrong_one_is_refused(panel):
    combo = panel.form.rows["device"].editor.face
    assert [combo.itemText(index) for index in range(combo.count())] == ["cpu", "cuda", "mps"]
    combo.setEditText("cuda:1")
    assert panel.plan.device == "cuda:1"
    combo.setEditText("gpu")
    assert "cuda:N" in panel.form.rows["device"].fault.text()


def test_while_a_search_runs_the_form_is_the_draft_of_the_next(qtbot, panel):
    running = panel.plan
    panel.follow_search(running)
    assert "Draft of the next search. darts-digits is running." in words(panel)
    enter(qtbot, panel, "method.batch", "32")
    assert (panel.plan.method.batch, panel.edited) == (32, True)
    qtbot.mouseClick(panel.show_running, Qt.MouseButton.LeftButton)
    assert "This is the plan of the search that is running." in words(panel)
    assert panel.plan == running
    assert not panel.form.isEnabled()
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert panel.plan.method.batch == 32
    assert panel.form.isEnabled()
    qtbot.mouseClick(panel.show_running, Qt.MouseButton.LeftButton)
    panel.follow_search(None)
    assert (panel.plan.method.batch, panel.locked) == (32, "")
    assert "running" not in words(panel)


def test_an_edited_draft_waits_behind_the_plan_of_a_session(qtbot, panel):
    panel.show_plan(PRESETS["evolution-fashion"], "opened")
    assert not panel.back.isVisible(), "nobody has edited the draft"
    panel.show_plan(PRESETS["darts-digits"])
    enter(qtbot, panel, "method.batch", "32")
    panel.show_plan(PRESETS["evolution-fashion"], "opened")
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert panel.plan.method.batch == 32
    assert panel.locked == ""


def visible(panel: Plan) -> set[str]:
    """The settings whose editors can be seen."""
    return {path for path, row in panel.form.rows.items() if row.editor.isVisible()}


def test_what_is_rarely_changed_is_folded_until_a_heading_is_clicked(qtbot, panel):
    assert {"method.batch", "budget.epochs", "seed"} <= visible(panel)
    assert not {path for path in visible(panel) if path.startswith(("method.w_", "method.alpha_", "data.mean"))}
    (weights,) = [button for button in panel.form.findChildren(QToolButton) if button.text() == "Weights (5)"]
    with qtbot.waitSignal(panel.form.unfolded) as told:
        qtbot.mouseClick(weights, Qt.MouseButton.LeftButton)
    assert told.args == [["method: Weights"]]
    assert {"method.w_lr", "method.w_clip"} <= visible(panel)
    assert "method.alpha_lr" not in visible(panel)
    qtbot.mouseClick(weights, Qt.MouseButton.LeftButton)
    assert "method.w_lr" not in visible(panel)


def test_what_has_no_heading_stands_above_all_headings(panel):
    """Channels and Batch of DARTS come after two settings of the second order in its record."""
    panel.form.unfold(["method: Second order"])
    top = {path: row.editor.mapTo(panel.form, QPoint()).y() for path, row in panel.form.rows.items()}
    headings = [b.mapTo(panel.form, QPoint()).y() for b in panel.form.findChildren(QToolButton) if b.isVisible()]
    plain = ("method.order", "method.channels", "method.layers", "method.batch")
    assert max(top[path] for path in plain) < min(y for y in headings if y > top["method"])


@pytest.mark.parametrize(
    ("preset", "path", "text", "idle"),
    [
        ("darts-digits", "method.order", "second", {"method.look_ahead", "method.epsilon"}),
        ("darts-digits", "instruments.hessian_every", "50", {"instruments.hessian_batch"}),
        ("snas-digits", "method.resource", "mild", {"method.resource_form"}),
    ],
)
def test_settings_that_mean_nothing_are_not_shown(panel, preset, path, text, idle):
    panel.show_plan(PRESETS[preset])
    panel.form.unfold(["method: Second order", "instruments: Hessian"])
    assert not idle & visible(panel)
    panel.form.rows[path].editor.edited.emit(text)
    assert idle <= visible(panel)


def test_a_setting_is_found_by_words_wherever_it_is_folded(qtbot, panel):
    qtbot.keyClick(panel, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.search.hasFocus()
    qtbot.keyClicks(panel.search, "rate learn")
    assert visible(panel) == {"method.w_lr", "method.alpha_lr"}
    assert "RUN" not in words(panel)
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert "method.batch" in visible(panel)
    assert "method.w_lr" not in visible(panel)


def test_a_folded_setting_that_is_wrong_is_seen_and_led_to(qtbot, panel):
    panel.resize(260, 300)
    panel.form.rows["method.w_lr_min"].editor.edited.emit("0.5")
    row = panel.form.rows["method.w_lr_min"]
    assert row.fault.isVisible()
    assert panel.fault.startswith("Weights: final rate must be at most")
    assert "w_lr" not in panel.fault
    panel.search.setText("seed")
    panel.show_setting()
    assert row.editor.face.hasFocus()
    at = row.editor.mapTo(panel, QPoint())
    assert panel.rect().contains(at)


def test_the_plan_of_an_opened_session_is_read_only_until_copied(qtbot, panel):
    panel.show_plan(PRESETS["evolution-fashion"], "opened")
    assert "This is the plan of the opened session." in words(panel)
    assert not panel.form.isEnabled()
    with qtbot.waitSignal(panel.copy_requested):
        panel.copy.click()


def test_what_a_search_said_of_a_setting_stands_there_until_it_is_edited(qtbot, panel):
    panel.show_plan(PRESETS["darts-fashion"])
    assert panel.show_fault("data.folder", "data.folder: /nowhere is not a folder")
    assert panel.form.rows["data.folder"].fault.text() == "/nowhere is not a folder"
    assert panel.fault == ""  # the folder may be there by now
    enter(qtbot, panel, "data.folder", "/somewhere")
    assert not panel.form.rows["data.folder"].fault.isVisible()
    assert not panel.show_fault("no.such", "line")


def test_fields_say_what_they_are_where_their_default_comes_from_and_have_names(panel):
    face = panel.form.rows["method.w_lr"].editor.face
    assert "cosine" in face.toolTip()
    assert "0 to 10; default 0.025" in face.toolTip()
    assert "appendix A.1" in face.toolTip()
    assert all(row.editor.face.accessibleName() for row in panel.form.rows.values())


def test_the_authors_search_network_is_chosen_in_the_form_and_says_what_it_needs(qtbot, panel):
    panel.show_plan(PRESETS["enas-micro-digits"])
    combo = panel.form.rows["evaluator.network"].editor.face
    assert "reads k-1 twice and k-2 not at all" in combo.toolTip()
    qtbot.keyClicks(combo, "authors")
    combo.activated.emit(combo.currentIndex())
    assert panel.plan.evaluator.network == "authors' search"
    assert "Must be 0 for images of fewer than 17 pixels" in panel.form.rows["evaluator.auxiliary"].fault.text()
    enter(qtbot, panel, "evaluator.auxiliary", "0")
    assert panel.fault == ""
    assert "at most 0.974" in panel.form.rows["method.tanh"].editor.face.toolTip()


def test_what_zero_means_stands_behind_it_and_nothing_behind_nothing(qtbot, panel):
    def behind(path: str, text: str) -> str:
        enter(qtbot, panel, path, text)
        return panel.form.rows[path].editor.line.behind

    panel.show_plan(preset("darts-digits"))
    assert [behind("data.limit", text) for text in ("0", "500", "")] == ["(all)", "images", ""]
    assert [behind("threads", text) for text in ("0", "4")] == ["(all but one)", ""]
    assert [behind("budget.seconds", text) for text in ("", "60")] == ["", "s"]
    assert panel.form.rows["budget.seconds"].editor.line.placeholderText() == "no limit"
    assert behind("method.norm_batches", "0") == "(running)"
