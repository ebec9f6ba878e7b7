"""The Candidates panel: a model that keeps Qt's rules, sorting that keeps the selection, and the keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication

from app.panels.candidates import Candidates
from app.panels.candidates_model import COLUMNS, DIED, NUMBER, PARENT, SCORE, CandidatesModel
from engine.session import Header, Recorder

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def panel(qtbot) -> Candidates:
    panel = Candidates()
    qtbot.addWidget(panel)
    panel.resize(600, 300)
    panel.show()
    return panel


def column(panel: Candidates, number: int) -> list:
    return [row[number] for row in panel.data()[1]]


def test_the_model_keeps_qts_rules_while_it_grows_shrinks_and_sorts(qtbot, qtmodeltester, evolution) -> None:
    model, source = CandidatesModel(), evolution.recorder
    qtmodeltester.check(model)
    model.show_view(source.view())
    model.sort(SCORE, DESCENDING)
    moments = []
    for amount in (1, 4, 1, 15):
        evolution.candidate(amount)
        moments.append(source.end)
        model.show_view(source.view())
    for moment in (moments[1], moments[3], moments[0], moments[2]):
        model.show_view(source.view(moment))
        assert model.rowCount() == len(source.view(moment).rows("candidates"))
    model.sort(PARENT, ASCENDING)
    model.show_view(source.view(moments[1]))
    qtmodeltester.check(model)


def test_sorts_by_every_column_with_the_absent_last(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    for number in range(len(COLUMNS)):
        for order in (ASCENDING, DESCENDING):
            panel.table.sortByColumn(number, order)
            values = column(panel, number)
            present = [value for value in values if value != ""]
            assert present == sorted(present, reverse=order == DESCENDING)
            assert values == present + [""] * (20 - len(present))


def test_begins_with_the_best_and_says_so_in_the_header(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    assert column(panel, SCORE)[0] == np.nanmax(evolution.scores)
    header = [panel.model.headerData(place, Qt.Orientation.Horizontal) for place in range(len(COLUMNS))]
    assert header[:3] == ["number", "score, % ↓", "parameters"]


def test_a_click_on_a_column_sorts_by_it(panel, evolution, qtbot) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    header = panel.table.horizontalHeader()
    place = header.viewport().rect().topLeft()
    place.setX(header.sectionViewportPosition(NUMBER) + 20)
    place.setY(10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert column(panel, NUMBER) == list(range(19, -1, -1))
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert column(panel, NUMBER) == list(range(20))


def test_the_selection_stays_with_its_candidate(panel, evolution) -> None:
    evolution.candidate(10)
    source, told = evolution.recorder, []
    panel.selected.connect(told.append)
    panel.show_view(source.view(), 4)
    early = source.end

    def current() -> int:
        return panel.model.candidate(panel.table.currentIndex().row())

    assert current() == 4
    evolution.candidate(30)
    panel.show_view(source.view(), 4)
    assert current() == 4
    for place in (DIED, NUMBER, PARENT):
        panel.table.sortByColumn(place, DESCENDING)
        assert current() == 4
        assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [panel.model.row_of(4)]
    panel.show_view(source.view(early), 4)
    assert current() == 4
    panel.show_view(source.view(early), 33)
    assert not panel.table.selectionModel().hasSelection()
    panel.show_view(source.view(), None)
    assert not panel.table.currentIndex().isValid()
    assert told == []


def test_rows_that_stay_are_never_reset(panel, evolution) -> None:
    evolution.candidate(10)
    panel.show_view(evolution.recorder.view(), None)
    early, resets = evolution.recorder.end, []
    panel.model.modelReset.connect(lambda: resets.append(1))
    evolution.candidate(10)
    panel.show_view(evolution.recorder.view(), None)
    panel.show_view(evolution.recorder.view(early), None)
    assert not resets
    assert panel.model.rowCount() == 10


def test_the_keyboard_walks_and_copies(panel, evolution, qtbot) -> None:
    evolution.candidate(10)
    panel.show_view(evolution.recorder.view(), None)
    panel.table.sortByColumn(NUMBER, ASCENDING)
    told = []
    panel.selected.connect(told.append)
    panel.show_view(evolution.recorder.view(), 0)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert told == [1, 2]
    first = panel.model.index(0, 0)
    panel.table.selectionModel().select(
        first, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    )
    panel.table.copy_rows()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert [line[0] for line in lines] == ["0", "2"]
    assert lines[1] == [str(value) for value in panel.model.values(2)]


def test_failures_say_why(panel, evolution) -> None:
    evolution.candidate(5)
    panel.show_view(evolution.recorder.view(), None)
    cell = panel.model.index(panel.model.row_of(3), SCORE)
    assert cell.data() == "out of memory"
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == "out of memory: 2.1 GB wanted"
    assert cell.data(Qt.ItemDataRole.ForegroundRole).name() == panel.theme.bad


def test_numbers_stand_to_the_right_under_their_names(panel, evolution) -> None:
    evolution.candidate(1)
    panel.show_view(evolution.recorder.view(), None)
    for place, known in enumerate(COLUMNS):
        role = Qt.ItemDataRole.TextAlignmentRole
        alignment = panel.model.index(0, place).data(role)
        assert alignment == panel.model.headerData(place, Qt.Orientation.Horizontal, role)
        assert bool(alignment & Qt.AlignmentFlag.AlignRight) == known.right


def test_scores_without_a_percentage_are_plain_numbers(qtbot) -> None:
    recorder = Recorder(Header(), None)
    recorder.candidate(b"{}")
    recorder.score(0, 1530.25, seconds=1, parameters=1, unit="")
    panel = Candidates()
    qtbot.addWidget(panel)
    panel.show_view(recorder.view(), None)
    assert panel.model.headerData(1, Qt.Orientation.Horizontal) == "score ↓"
    assert panel.model.index(0, 1).data() == "1530"
    assert panel.data()[0][1] == "score"


def test_columns_are_hidden_and_shown_by_a_menu(panel):
    names = [action.text() for action in panel.table.columns.actions()]
    assert "seconds" in names
    assert panel.table.columns in [action.menu() for action in panel.menu.actions()]
    seconds = panel.table.columns.actions()[names.index("seconds")]
    seconds.trigger()
    assert panel.table.isColumnHidden(names.index("seconds"))
    seconds.trigger()
    assert not panel.table.isColumnHidden(names.index("seconds"))
    for action in panel.table.columns.actions():
        action.setChecked(False)
    shown = [number for number in range(len(names)) if not panel.table.isColumnHidden(number)]
    assert len(shown) == 1, "somebody has to say where the others are"
