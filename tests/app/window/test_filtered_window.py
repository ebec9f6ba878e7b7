"""A filter typed in Candidates holds in the plots of the window, and columns are as they were left."""

import pytest
from PySide6.QtCore import Qt

from app.panels.candidates import Candidates
from app.window.command_palette import CommandPalette
from engine.session import Header, Recorder

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def searching(window, recorder, qtbot):
    """The window with thirty candidates, of which every third changed a skip; Population floats beside Candidates."""
    for number in range(30):
        recorder.candidate(b"{}", change="node 1: skip → none" if number % 3 == 0 else "node 2: max 3×3 → none")
        recorder.score(number, 60.0 + number, seconds=1, parameters=1000)
    window.playback.show(recorder)
    window.docks["population"].show()
    window.docks["population"].setFloating(True)
    window.docks["candidates"].bring_to_front()
    panel = window.panel("candidates")
    qtbot.waitUntil(lambda: window.playback.settled and panel.isVisible() and panel.model.rowCount() == 30)
    window.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    return window


def test_what_is_typed_in_candidates_holds_in_the_plots_until_a_click_there(searching, recorder, qtbot) -> None:
    candidates, population = searching.panel("candidates"), searching.panel("population")
    qtbot.keyClick(candidates.table, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(candidates.finder.edit, "skip score > 70")
    assert candidates.finder.told.text() == "6 of 30"
    qtbot.waitUntil(lambda: population.narrowed.isVisible() and searching.playback.settled)
    assert population.narrowed.text().startswith("filtered: 6 of 30")
    assert [row[0] for row in population.data()[1]] == [12, 15, 18, 21, 24, 27]
    qtbot.mouseClick(population.narrowed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: candidates.model.rowCount() == 30)
    assert not candidates.finder.isVisible()
    qtbot.waitUntil(lambda: not population.narrowed.isVisible())


def test_another_session_begins_without_a_filter(searching, qtbot) -> None:
    candidates = searching.panel("candidates")
    qtbot.keyClick(candidates.table, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(candidates.finder.edit, "skip")
    other = Recorder(Header(method="random", space="darts"), None)
    other.candidate(b"{}", change="node 2: max 3×3 → none")
    searching.playback.show(other)
    qtbot.waitUntil(lambda: searching.playback.settled)
    assert candidates.model.rowCount() == 1
    assert not candidates.finder.isVisible()


def test_columns_are_remembered_and_found_in_the_palette_as_is_ctrl_f(searching, qtbot) -> None:
    searching.menu_actions.palette.trigger()
    palette = searching.findChild(CommandPalette)
    qtbot.keyClicks(palette.line, "candidates columns parent")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert searching.panel("candidates").table.isColumnHidden(4)
    again = Candidates()
    qtbot.addWidget(again)
    again.attach(searching.parts)
    table = again.table
    assert [place for place in range(table.model().columnCount()) if table.isColumnHidden(place)] == [4]
    places = {command.place for command in searching._commands() if command.keys == "Ctrl+F"}
    assert {"Candidates", "Queue", "Compare", "Log"} <= places
