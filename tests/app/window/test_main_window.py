"""The window around the panels: docks, themes, layouts, notices, drops, and what may be done when."""

import os

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel

from app.theme import DARK, LIGHT
from app.window.main_window import MainWindow
from engine.plan import by_family, override, preset
from engine.session import Header, Recorder
from engine.space.amoebanet import AMOEBANET_OPERATIONS
from engine.space.former import FORMER

LEARNT = ("weights", "controller", "embedding", "surrogate")
CANDIDATES = ("population", "candidates", "lineage", "front")
CURVES = ("curves", "health", "standing", "compare", "queue", "choices")
ONE_SHOT = {"plan", "curves", "log", "weights", "health"}
SAMPLING = {"plan", "curves", "log", *CANDIDATES, "compare", "choices"}


def drop(window: MainWindow, path) -> None:
    """Drag a file onto the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, copy, left, none = (
        QPointF(200, 200),
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier,
    )
    enter = QDragEnterEvent(where.toPoint(), copy, data, left, none.NoModifier)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(where, copy, data, left, none.NoModifier))


def test_it_opens_on_a_plan_that_is_ready_to_start(window):
    assert window.windowTitle() == "darts-digits · ready — Cellwright"
    assert window.top.presets.text().startswith("darts-digits")
    assert window.top.start.isEnabled()
    assert not window.top.pause.isEnabled()
    assert not window.top.stop.isEnabled()
    assert window.top.status.full_text == "ready · cpu"
    assert "sessions" in window.where.full_text


def test_every_dock_can_be_moved_closed_floated_and_brought_back(window):
    every = QDockWidget.DockWidgetFeature
    for number, dock in enumerate(window.docks.values()):
        assert dock.features() == every.DockWidgetClosable | every.DockWidgetMovable | every.DockWidgetFloatable
        assert dock.accessibleName()
        keys = [*(f"Ctrl+{digit}" for digit in range(1, 10)), *(f"Ctrl+Alt+{digit}" for digit in range(1, 10))]
        assert dock.toggleViewAction().shortcut().toString() == dock.spec.shortcut == keys[number]
        dock.close()
        assert dock.isHidden()
        dock.toggleViewAction().trigger()
        assert not dock.isHidden()


def test_a_title_is_said_once_by_the_tab_or_by_the_bar(window):
    def titles() -> list[bool]:
        return [window.docks[name].bar.findChild(QLabel).isHidden() for name in ("population", "candidates")]

    window.controller.show_plan(window.presets["evolution-digits"])
    assert titles() == [True, True]
    for name in CANDIDATES[2:]:
        window.docks[name].close()
    window.docks["candidates"].setFloating(True)
    assert titles() == [False, False]
    window.docks["candidates"].setFloating(False)
    assert titles() == [True, True]


def test_reset_layout_puts_everything_back(qtbot, window):
    window.controller.show_plan(window.presets["evolution-digits"])
    window.menu_actions.reset_layout.trigger()

    def places() -> dict[str, tuple[int, int, int, int]]:
        behind = (*LEARNT, *CANDIDATES[1:], *CURVES[1:])  # tabs that nobody has looked at have no place yet
        return {name: dock.geometry().getRect() for name, dock in window.docks.items() if name not in behind}

    first = places()
    assert (
        window.docks["plan"].geometry().right()
        < window.parts.cell.mapTo(window, window.parts.cell.rect().topLeft()).x()
    )
    for first_tab, *others in (CANDIDATES, CURVES):
        tabs = window.tabifiedDockWidgets(window.docks[first_tab])
        assert {dock.spec.name for dock in tabs if not dock.isHidden()} == set(others) - {"health", "standing", "queue"}
    window.docks["curves"].close()
    window.docks["log"].setFloating(True)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.docks["plan"])
    assert places() != first
    window.menu_actions.reset_layout.trigger()
    # Where there is little room Qt shares it out to within a pixel.
    qtbot.waitUntil(lambda: all(places()[name] == pytest.approx(first[name], abs=2) for name in first))


def test_the_layout_is_remembered(qtbot, window, settings):
    window.docks["log"].close()
    window.resize(780, 700)  # fits the screen that tests have
    window.close()
    again = MainWindow(settings)
    qtbot.addWidget(again)
    with qtbot.waitSignal(again.completed):
        again.show()
    assert again.docks["log"].isHidden()
    assert not again.docks["curves"].isHidden()
    assert (again.width(), again.height()) == (780, 700)


def test_a_layout_that_does_not_fit_is_ignored(qtbot, settings):
    settings.keep_window(b"nonsense", b"nonsense")
    window = MainWindow(settings)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.completed):
        window.show()
    assert opened(window) == ONE_SHOT


def offered(window, family: str) -> list[QAction]:
    """The presets that the menu offers in a family."""
    return next(action for action in window.top.preset_menu.actions() if action.text() == family).menu().actions()


def test_presets_are_offered_by_family_and_the_one_that_is_meant_is_ticked(window, qtbot):
    menu = window.top.preset_menu
    assert [action.text() for action in menu.actions()] == list(by_family(window.presets))
    names = [action.text() for action in menu.actions() for action in action.menu().actions()]
    assert sorted(names) == sorted(window.presets)
    window.top.presets.setFocus()
    menu.popup(window.top.presets.mapToGlobal(window.top.presets.rect().bottomLeft()))
    ticked = [action.text() for action in offered(window, "Gradient-based") if action.isChecked()]
    assert ticked == ["darts-digits"]
    assert menu.activeAction().text() == "Gradient-based"
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    assert menu.activeAction().text() == "Evolution"
    qtbot.keyClick(menu, Qt.Key.Key_Right)
    inner = menu.activeAction().menu()
    assert inner.isVisible()
    qtbot.keyClick(inner, Qt.Key.Key_Return)
    assert window.plan.plan.name == offered(window, "Evolution")[0].text()
    menu.hide()


def opened(window) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def test_the_docks_that_are_open_are_those_that_the_plan_fills(window):
    assert opened(window) == ONE_SHOT
    for name, own in (("evolution-digits", set()), ("nas-rl-nb201", {"controller", "standing"})):
        window.controller.show_plan(window.presets[name])
        assert opened(window) == SAMPLING | own
    window.controller.show_plan(window.presets["pnas-nb201"])
    assert opened(window) == SAMPLING | {"surrogate", "standing"}
    window.controller.show_plan(window.presets["darts-digits"])
    assert opened(window) == ONE_SHOT


@pytest.mark.parametrize("way", ["menu", "closed", "torn off"])
def test_what_a_person_arranged_does_not_follow_the_plan(window, way):
    log = window.docks["log"]
    {"menu": log.toggleViewAction().trigger, "closed": log.close, "torn off": lambda: log.setFloating(True)}[way]()
    mine = opened(window)
    window.controller.show_plan(window.presets["evolution-digits"])
    assert opened(window) == mine
    window.menu_actions.reset_layout.trigger()
    assert opened(window) == SAMPLING, "until the layout is the program's own again"
    window.controller.show_plan(window.presets["darts-digits"])
    assert opened(window) == ONE_SHOT


def test_an_arrangement_of_the_programs_own_is_not_remembered(qtbot, window, settings):
    window.controller.show_plan(window.presets["evolution-digits"])
    window.close()
    assert settings.layout.isEmpty()


def test_the_theme_switches_everywhere_and_is_remembered(window, settings):
    by_name = {action.data(): action for action in window.menu_actions.themes.actions()}
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        by_name[name].trigger()
        assert settings.theme == name
        assert by_name[name].isChecked()
        assert window.palette().window().color().name() == theme.window
        assert window.parts.cell.theme is theme
        assert all(dock.panel.theme is theme for dock in window.docks.values())
        pixel = window.timeline.track.grab().toImage().pixelColor(200, window.timeline.track.height() // 2)
        assert pixel.name() == theme.hover


def test_the_preset_button_brings_another_plan(window):
    action = next(a for a in offered(window, "Evolution") if a.text() == "evolution-digits")
    assert action.toolTip() == "Regularized evolution on Digits"
    action.trigger()
    assert window.plan.plan.name == "evolution-digits"
    assert window.plan.presets.currentText() == "evolution-digits"
    assert window.windowTitle().startswith("evolution-digits · ready")


def test_a_plan_with_a_fault_cannot_be_started_and_the_button_says_why(qtbot, window):
    line = window.plan.form.rows["budget.epochs"].editor.face
    line.setText("")
    qtbot.keyClicks(line, "0")
    assert not window.top.start.isEnabled()
    assert "Epochs must be at least 1" in window.top.start.toolTip()
    qtbot.keyClick(line, Qt.Key.Key_Home)
    qtbot.keyClicks(line, "3")
    assert window.plan.plan.budget.epochs == 30
    assert window.top.start.isEnabled()
    qtbot.keyClicks(line, "1")
    assert window.top.presets.text().startswith("darts-digits (edited)")


def test_a_dropped_session_is_shown_with_its_plan_locked(qtbot, window, recorded):
    path = recorded("old.h5")
    drop(window, path)
    qtbot.waitUntil(lambda: "finished" in window.windowTitle())
    assert window.windowTitle() == "random-digits · finished — Cellwright"
    assert window.plan.plan.name == "random-digits"
    assert window.plan.locked == "opened"
    assert "old.h5" in window.where.full_text
    assert "5 of 5 candidates" in window.top.status.full_text
    assert [action.text().split()[-1] for action in window.menu_actions.recent.actions()] == [str(path)]
    qtbot.waitUntil(lambda: len(window.panel("log").data()[1]) == 5)
    window.plan.copy.click()
    assert window.plan.locked == ""
    assert window.top.start.isEnabled()


def test_an_old_session_starts_again_with_the_operations_it_had(qtbot, window, tmp_path):
    """Its plan names none; those of its space were others then."""
    path = tmp_path / "old.h5"
    text = 'name = "old"\n[space]\nkind = "amoebanet"\n[method]\nkind = "random"\n[evaluator]\nkind = "proxy"\n'
    recorder = Recorder(Header(plan=text, method="random", space="amoebanet"), path)
    recorder.status("finished")
    recorder.close()
    drop(window, path)
    qtbot.waitUntil(lambda: window.plan.plan.name == "old")
    window.plan.copy.click()
    assert "conv_7x1_1x7" in window.plan.plan.space.operations
    assert window.plan.plan.space.operations == FORMER["amoebanet"] != AMOEBANET_OPERATIONS


def test_a_dropped_file_that_is_no_session_costs_nothing(qtbot, window, tmp_path, recorded):
    drop(window, recorded("old.h5"))
    qtbot.waitUntil(lambda: window.playback.source is not None)
    source = window.playback.source
    bad = tmp_path / "bad.h5"
    bad.write_bytes(b"not a session at all")
    drop(window, bad)
    qtbot.waitUntil(lambda: "bad.h5" in window.top.notice.text)
    assert "\n" not in window.top.notice.text
    assert window.playback.source is source
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.top.notice.text == ""


def test_a_dropped_plan_is_taken(qtbot, window, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[method]\nkind = "darts"\n[budget]\nepochs = 7\n', encoding="utf-8")
    drop(window, path)
    qtbot.waitUntil(lambda: window.plan.plan.name == "mine")
    assert window.plan.plan.budget.epochs == 7
    assert window.plan.locked == ""


def test_a_mark_in_an_opened_session_is_kept_and_nothing_else_changes(qtbot, window, recorded):
    drop(window, recorded("old.h5"))
    qtbot.waitUntil(lambda: window.playback.source is not None)
    window.timeline.step(-3)
    cursor = window.playback.cursor
    qtbot.keyClick(window.timeline.track, Qt.Key.Key_M)
    qtbot.keyClicks(window.timeline.note, "look here")
    qtbot.keyClick(window.timeline.note, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [mark.note for mark in window.timeline.track.marks] == ["look here"])
    assert window.playback.cursor == cursor
    assert window.plan.locked == "opened"
    assert window.top.notice.text == ""


def test_keys_that_nothing_else_wants_are_the_timelines(qtbot, window, recorded):
    drop(window, recorded("old.h5"))
    qtbot.waitUntil(lambda: window.playback.source is not None)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert window.playback.time == 0.0
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.playback.playing


def test_space_presses_the_button_that_has_the_focus(qtbot, window):
    window.top.start.setEnabled(True)
    clicked = []
    window.top.presets.clicked.connect(lambda: clicked.append(True))
    window.top.presets.setMenu(None)
    qtbot.keyClick(window.top.presets, Qt.Key.Key_Space)
    assert clicked


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said_in_the_bar(qtbot, window, settings, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    settings.sessions_folder = locked / "sessions"
    window.top.start.click()
    assert "could not start" in window.top.notice.text
    assert window.plan.locked == ""


def test_a_sessions_folder_that_is_a_file_is_said_in_the_bar(window, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.sessions_folder = tmp_path / "file"
    window.top.start.click()
    assert "could not start" in window.top.notice.text
    assert str(tmp_path / "file") in window.top.notice.text
    assert window.top.start.isEnabled()


def test_a_data_folder_that_is_none_is_said_beside_its_field(window):
    window.controller.show_plan(window.presets["darts-fashion"])
    editor = window.plan.form.rows["data.folder"].editor
    editor.line.setText("/no/such/folder")
    editor.edited.emit("/no/such/folder")
    window.top.start.click()
    assert "There is no /no/such/folder" in window.plan.form.rows["data.folder"].fault.text()
    assert window.playback.source is None


def test_every_action_has_a_shortcut_or_a_key(window):
    actions = [action for menu in window.top.menus.actions() for action in menu.menu().actions()]
    plain = [a for a in actions if not a.isSeparator() and a.menu() is None]
    without = [a.text() for a in plain if a.shortcut().isEmpty() and "\t" not in a.text()]
    assert without == []
    keys = [a.shortcut().toString() for a in plain if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))


def test_controls_have_names_for_those_who_cannot_see_them(window):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

    own = [window.top, window.timeline, window.plan]
    nameless = [
        widget
        for part in own
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for widget in part.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)())
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox)
    ]
    assert nameless == []


@pytest.mark.slow
def test_a_search_whose_time_is_spent_has_ended_as_planned_and_not_by_a_fault(qtbot, window):
    plan = override(preset("random-digits"), ["budget.seconds=1"])
    window.controller.show_plan(plan)
    levels = []
    window.controller.reported.connect(lambda line, level: levels.append((line, level)))
    window.top.start.click()
    qtbot.waitUntil(lambda: bool(levels))
    assert levels == [("The search finished: the time budget is spent", "info")]
