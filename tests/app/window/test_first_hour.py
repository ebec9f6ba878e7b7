"""What the window does and says around a search: keys, questions, faults, drafts, further windows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from app.theme import LIGHT
from app.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def press(qtbot, window, key: Qt.Key) -> None:
    """A key, for whatever has the keyboard."""
    qtbot.keyClick(window.focusWidget() or window, key)


def test_space_does_not_start_a_search_in_a_new_window(qtbot, window, start, monkeypatch):
    press(qtbot, window, Qt.Key.Key_Space)
    window.top.start.setFocus()
    press(qtbot, window, Qt.Key.Key_Space)
    assert window.playback.source is None
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.controller.search.running


def test_space_plays_a_session_that_was_opened(qtbot, window, start, recorded):
    window.top.start.setFocus()
    window.controller.open(recorded("old.h5"))
    qtbot.waitUntil(lambda: window.plan.locked == "opened")
    press(qtbot, window, Qt.Key.Key_Home)
    press(qtbot, window, Qt.Key.Key_Space)
    assert window.playback.playing
    assert not window.controller.search.running
    window.top.start.setFocus()
    press(qtbot, window, Qt.Key.Key_Space)
    assert not window.playback.playing


def test_space_plays_after_a_click_on_start_pause_and_stop(qtbot, window, start):
    host = start()
    host.source.log("something to replay")
    for button in (window.top.pause, window.top.pause, window.top.stop):
        qtbot.mouseClick(button, LEFT)
        if window.top.notice.question:
            qtbot.mouseClick(window.top.notice.answers["Stop and save"], LEFT)
        window.timeline.go_first()
        window.playback.playing = False
        press(qtbot, window, Qt.Key.Key_Space)
        assert window.playback.playing
    assert not any(dock.panel.header.question.isChecked() for dock in window.docks.values())


@pytest.mark.parametrize("way", ["stop", "close"])
def test_the_first_answer_keeps_a_search_running(qtbot, window, start, way):
    host = start()
    ask = window.top.stop.click if way == "stop" else window.close
    ask()
    assert window.isVisible()
    notice = window.top.notice
    assert "recorded so far is kept" in notice.text
    assert "lost" in notice.text
    assert list(notice.answers) == ["Keep running", "Stop and save"]
    press(qtbot, window, Qt.Key.Key_Return)
    assert notice.text == ""
    assert host.state == "running"
    ask()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert (notice.text, host.state) == ("", "running")


def test_stop_twice_stops(qtbot, window, start):
    host = start()
    for _ in range(2):
        qtbot.mouseClick(window.top.stop, LEFT)
    assert host.state == "stopped"
    assert window.top.notice.question == ""


def test_closing_twice_stops_and_closes(qtbot, window, start):
    host = start()
    window.close()
    with qtbot.waitSignal(window.closed):
        window.close()
    assert host.state == "stopped"
    assert not window.isVisible()


def test_a_signal_closes_without_a_question(qtbot, window, start):
    host = start()
    with qtbot.waitSignal(window.closed):
        window.end()
    assert host.state == "stopped"


def test_the_question_goes_when_the_search_has_ended_by_itself(qtbot, window, start):
    host = start()
    window.close()
    assert window.top.notice.question == "close"
    host.end("finished")
    qtbot.waitUntil(lambda: window.top.notice.question == "")
    assert window.isVisible()
    assert "Stop and save" not in window.top.notice.answers or not window.top.notice.isVisible()


def test_an_idle_window_closes_at_once(qtbot, window):
    with qtbot.waitSignal(window.closed):
        window.close()


def type_into(qtbot, window, path: str, text: str) -> None:
    line = window.plan.form.rows[path].editor.face
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_a_fault_stands_beside_a_grey_start_and_a_click_leads_to_it(qtbot, window):
    window.resize(900, 620)
    type_into(qtbot, window, "method.batch", "0")
    link = window.top.fault
    assert link.full_text.startswith("Batch must be")
    assert not window.top.start.isEnabled()
    window.docks["plan"].close()
    qtbot.mouseClick(link, LEFT)
    field = window.plan.form.rows["method.batch"].editor.face
    qtbot.waitUntil(lambda: window.docks["plan"].in_sight)
    assert window.focusWidget() is field
    assert field.property("fault") is True
    qtbot.waitUntil(lambda: not field.visibleRegion().isEmpty())
    type_into(qtbot, window, "method.batch", "32")
    assert not link.isVisible()
    assert window.top.start.isEnabled()


def test_a_preset_chosen_over_edits_can_be_undone(qtbot, window):
    window.plan.preset_chosen.emit("random-digits")
    assert window.top.notice.text == "", "nothing was edited"
    window.plan.preset_chosen.emit("darts-digits")
    type_into(qtbot, window, "method.batch", "32")
    edited = window.plan.plan
    window.plan.preset_chosen.emit("evolution-digits")
    assert window.plan.plan.name == "evolution-digits"
    assert window.top.notice.text == "evolution-digits has taken the place of your edited darts-digits."
    qtbot.mouseClick(window.top.notice.answers["Undo"], LEFT)
    assert window.plan.plan == edited
    assert window.plan.form.text("method.batch") == "32"
    assert window.top.notice.text == ""


def test_the_next_plan_and_space_are_made_while_a_search_runs(qtbot, window, start):
    running = window.plan.plan
    start()
    assert window.plan.locked == ""
    type_into(qtbot, window, "space.nodes", "3")
    space = window.modes.page("Space")
    assert space.document.space.nodes == 3
    assert space.document.lock == ""
    window.modes.show_mode("Space")
    assert space.draft.isVisible()
    window.plan.preset_chosen.emit("random-digits")
    assert window.plan.plan.name == "random-digits"
    assert window.top.presets.text().startswith("next: random-digits")
    assert " · running " in window.windowTitle()
    assert window.windowTitle().startswith(running.name)
    assert not window.top.start.isEnabled()
    qtbot.mouseClick(window.plan.show_running, LEFT)
    assert window.plan.plan == running
    assert space.document.lock
    assert not space.draft.isVisible()


def test_a_session_opens_in_a_further_window_while_a_search_runs(qtbot, window, start, recorded):
    host, path = start(), recorded("old.h5")
    mine = window.controller.path
    window.controller.open(path)
    qtbot.waitUntil(lambda: len(window.windows.open) == 2)
    further = window.windows.open[1]
    qtbot.waitUntil(lambda: further.complete)
    assert further.windowTitle().startswith("random-digits · finished")
    assert (window.controller.path, host.state) == (mine, "running")
    window.menu_actions.themes.actions()[1].trigger()
    assert further.theme_switch.theme is window.theme_switch.theme is LIGHT
    all_closed = []
    window.windows.all_closed.connect(lambda: all_closed.append(True))
    further.close()
    assert window.windows.open == [window]
    assert not all_closed
    window.end()
    qtbot.waitUntil(lambda: bool(all_closed))


def test_a_file_that_cannot_be_opened_makes_no_window(qtbot, window, start, tmp_path):
    start()
    (tmp_path / "photo.png").write_bytes(b"no session")
    window.controller.open(tmp_path / "photo.png")
    qtbot.waitUntil(lambda: "photo.png" in window.top.notice.text)
    assert len(window.windows.open) == 1


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("finished", "", "The search finished, after"),
        ("finished", "the time budget is spent", "The search finished: the time budget is spent, after"),
        ("stopped", "", "The search stopped, after"),
        ("failed", "no such device: cuda:77", "The search failed: no such device: cuda:77"),
    ],
)
def test_every_end_of_a_search_is_said_until_the_next_one_starts(qtbot, window, start, state, why, said):
    start().end(state, why)
    qtbot.waitUntil(lambda: window.top.notice.text.startswith(said))
    start()
    assert window.controller.search.running
    assert window.top.notice.text == ""


def test_a_search_that_fails_by_a_setting_leads_to_it(qtbot, window, start):
    start().end("failed", "method.batch must be at most 49, the images of the training split, got 64")
    qtbot.waitUntil(lambda: "Batch must be at most 49" in window.top.notice.text)
    assert "method.batch" not in window.top.notice.text
    row = window.plan.form.rows["method.batch"]
    assert row.fault.isVisible()
    assert window.focusWidget() is row.editor.face
    type_into(qtbot, window, "method.batch", "32")
    assert not row.fault.isVisible()


def test_unfolded_headings_are_remembered(qtbot, window, settings):
    (weights,) = [button for button in window.plan.form.findChildren(QToolButton) if button.text() == "Weights (5)"]
    qtbot.mouseClick(weights, LEFT)
    window.close()
    again = MainWindow(settings)
    qtbot.addWidget(again)
    with qtbot.waitSignal(again.completed):
        again.show()
    assert again.plan.form.rows["method.w_lr"].editor.isVisible()
    assert not again.plan.form.rows["method.alpha_lr"].editor.isVisible()
