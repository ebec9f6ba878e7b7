"""The Log panel: lines up to the cursor, the filter, and staying at the end only where one is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.panels.log import Log, LogModel, short
from engine.session import LEVELS, Header, Recorder


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(Header(), None)


@pytest.fixture
def panel(qtbot) -> Log:
    panel = Log()
    qtbot.addWidget(panel)
    panel.resize(500, 240)
    panel.show()
    return panel


def say(recorder: Recorder, start: int, stop: int) -> None:
    for number in range(start, stop):
        recorder.log(f"Line {number}", LEVELS[number % len(LEVELS)])


def test_the_model_keeps_qts_rules(qtbot, qtmodeltester, recorder) -> None:
    model = LogModel()
    say(recorder, 0, 20)
    early = recorder.end
    model.show_view(recorder.view(), "")
    qtmodeltester.check(model)
    say(recorder, 20, 50)
    model.show_view(recorder.view(), "")
    model.show_view(recorder.view(), "LINE 1")
    assert [model.line(row)[2] for row in range(model.rowCount())] == [f"Line {n}" for n in (1, *range(10, 20))]
    model.show_view(recorder.view(early), "line 1")
    model.show_view(recorder.view(), "line 2")
    qtmodeltester.check(model)
    model.show_view(recorder.view(early), "")
    assert model.rowCount() == 20


def test_time_text_and_level_are_seen(panel, recorder) -> None:
    recorder.log("all is well", "good")
    recorder.log("it fails", "error")
    panel.show_view(recorder.view(), None)
    index = panel.model.index(1, 1)
    assert index.data() == "it fails"
    assert index.data(Qt.ItemDataRole.ForegroundRole).name() == panel.theme.bad
    assert panel.model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole).name() == panel.theme.good
    assert panel.model.index(0, 0).data() == "00:00:00"
    assert [row[1:] for row in panel.data()[1]] == [("good", "all is well"), ("error", "it fails")]


def test_typing_filters_and_clearing_brings_all_back(panel, recorder, qtbot) -> None:
    say(recorder, 0, 30)
    panel.show_view(recorder.view(), None)
    qtbot.keyClicks(panel.filter, "line 2")
    assert [row[2] for row in panel.data()[1]] == [f"Line {n}" for n in (2, *range(20, 30))]
    say(recorder, 200, 202)
    panel.show_view(recorder.view(), None)
    assert [row[2] for row in panel.data()[1]][-2:] == ["Line 200", "Line 201"]
    panel.filter.clear()
    assert panel.model.rowCount() == 32


def test_follows_the_end_only_from_the_end(panel, recorder, qtbot) -> None:
    say(recorder, 0, 100)
    panel.show_view(recorder.view(), None)
    bar = panel.table.verticalScrollBar()
    qtbot.waitUntil(lambda: 0 < bar.maximum() == bar.value())
    say(recorder, 100, 200)
    panel.show_view(recorder.view(), None)
    before = bar.maximum()
    qtbot.waitUntil(lambda: before < bar.maximum() == bar.value())
    bar.setValue(440)
    say(recorder, 200, 300)
    panel.show_view(recorder.view(), None)
    before = bar.maximum()
    qtbot.waitUntil(lambda: bar.maximum() > before)
    assert bar.value() == 440


def test_many_lines_are_shown_by_the_last_of_a_traceback_or_the_first() -> None:
    assert short("Traceback (most recent call last):\n  File\nValueError: no\n") == "ValueError: no"
    assert short("one\ntwo") == "one …"
    assert short("one") == "one"
    assert short("") == ""


def test_copies_the_whole_text_of_the_selected_lines(panel, recorder) -> None:
    recorder.log("Traceback\nValueError: no")
    say(recorder, 1, 3)
    panel.show_view(recorder.view(), None)
    panel.table.selectRow(0)
    panel.table.copy_rows()
    assert QGuiApplication.clipboard().text() == "00:00:00\tTraceback\nValueError: no"


def test_ctrl_f_goes_to_the_filter_and_escape_back_to_the_lines(panel, recorder, qtbot) -> None:
    say(recorder, 0, 30)
    panel.show_view(recorder.view(), None)
    panel.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    qtbot.keyClick(panel.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.filter.hasFocus()
    qtbot.keyClicks(panel.filter, "line 2")
    assert panel.found.text() == "11 of 30"
    qtbot.keyClick(panel.filter, Qt.Key.Key_Down)
    assert panel.table.hasFocus()
    assert panel.model.rowCount() == 11
    qtbot.keyClick(panel.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
    assert panel.table.hasFocus()
    assert panel.model.rowCount() == 30
    assert panel.found.text() == ""
