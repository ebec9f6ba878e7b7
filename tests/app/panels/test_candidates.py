"""The Candidates panel: a model that keeps Qt's rules, sorting that keeps the selection, and the keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication

from app import theme as themes
from app.panels.candidates import Candidates
from app.panels.candidates_model import COLUMNS, DIED, NUMBER, PARENT, SCORE, CandidatesModel
from app.theme import DARK, LIGHT
from engine.session import Header, Recorder
from engine.session.queries.candidate_filter import parse

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


def find(panel: Candidates, qtbot, text: str) -> None:
    """Ctrl+F in the table, and type."""
    panel.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    qtbot.keyClick(panel.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.finder.edit.hasFocus()
    qtbot.keyClicks(panel.finder.edit, text)


def test_ctrl_f_filters_by_columns_and_words_and_escape_ends_it(panel, evolution, qtbot) -> None:
    evolution.candidate(40)
    panel.show_view(evolution.recorder.view(), None)
    told = []
    panel.filter_chosen.connect(told.append)
    find(panel, qtbot, "score > 80, node 2")
    expected = [n for n in range(5, 40) if n % 4 == 2 and evolution.scores[n] > 80]
    assert expected
    assert sorted(column(panel, NUMBER)) == expected
    assert panel.finder.told.text() == f"{len(expected)} of 40"
    assert told[-1] == panel.wanted
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Escape)
    assert panel.table.hasFocus()
    assert not panel.finder.isVisible()
    assert panel.model.rowCount() == 40
    assert told[-1] is None


def test_a_bad_filter_is_said_in_place_and_leaves_nobody_out(panel, evolution, qtbot) -> None:
    evolution.candidate(10)
    panel.show_view(evolution.recorder.view(), None)
    find(panel, qtbot, "score > high")
    assert panel.finder.fault.isVisible()
    assert panel.finder.fault.text() == "'high' is no number: write score > 90"
    assert panel.model.rowCount() == 10
    panel.show_view(evolution.recorder.view(), None)
    assert panel.finder.edit.text() == "score > high"
    for _ in "high":
        qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Backspace)
    qtbot.keyClicks(panel.finder.edit, "0")
    assert not panel.finder.fault.isVisible()
    assert panel.model.rowCount() == sum(score > 0 for score in evolution.scores)


def test_the_model_keeps_qts_rules_while_filters_come_and_go(qtmodeltester, evolution) -> None:
    model, source = CandidatesModel(), evolution.recorder
    qtmodeltester.check(model)
    heard = [0]  # how many rows there are by what the model has told

    model.modelReset.connect(lambda: heard.append(model.rowCount()))
    model.rowsInserted.connect(lambda _, first, last: heard.append(heard[-1] + last - first + 1))
    model.rowsRemoved.connect(lambda _, first, last: heard.append(heard[-1] - last + first - 1))
    filters = [None, parse("node 2"), parse("score > 75"), parse("nowhere"), None, parse("number < 12")]
    moments = []
    for number, wanted in enumerate(filters * 3):
        if number % 4 < 2:
            evolution.candidate(5)
            moments.append(source.end)
        view = source.view(moments[(7 * number) % len(moments)])
        model.show_view(view, wanted)
        model.sort((3 * number) % len(COLUMNS), ASCENDING)
        kept = np.arange(len(view.rows("candidates"))) if wanted is None else np.flatnonzero(wanted.kept(view))
        assert sorted(model.candidate(row) for row in range(model.rowCount())) == kept.tolist()
        assert all(model.candidate(model.row_of(who)) == who for who in kept.tolist())
        assert heard[-1] == len(kept)
        assert model.total == len(view.rows("candidates"))
    qtmodeltester.check(model)


def test_the_selection_comes_back_with_its_row(panel, evolution) -> None:
    evolution.candidate(20)
    told = []
    panel.selected.connect(told.append)
    view = evolution.recorder.view()
    panel.show_view(view, 6)
    panel.show_view(view, 6, parse("node 3"))
    assert not panel.table.selectionModel().hasSelection()
    panel.show_view(view, 6, parse("node 2"))
    assert panel.model.candidate(panel.table.currentIndex().row()) == 6
    assert panel.finder.edit.text() == "node 2", "chosen elsewhere, and seen here"
    panel.show_view(view, 6)
    assert panel.model.candidate(panel.table.currentIndex().row()) == 6
    assert not panel.finder.isVisible()
    assert told == []


def test_columns_are_chosen_in_the_headers_menu_and_one_stays(panel, evolution, qtbot) -> None:
    evolution.candidate(3)
    panel.show_view(evolution.recorder.view(), None)
    header = panel.table.horizontalHeader()
    header.customContextMenuRequested.emit(header.rect().center())
    qtbot.waitUntil(panel.columns.isVisible)
    panel.columns.close()
    for action in panel.columns.actions():
        action.trigger()
    assert [column.name for place, column in enumerate(COLUMNS) if not panel.table.isColumnHidden(place)] == ["change"]
    panel.columns.actions()[SCORE].trigger()
    panel.columns.actions()[-1].trigger()
    assert [column.name for place, column in enumerate(COLUMNS) if not panel.table.isColumnHidden(place)] == ["score"]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_no_name_and_no_value_is_cut(qapp, panel, evolution, theme) -> None:
    themes.apply(qapp, theme)
    evolution.candidate(5)
    panel.show_view(evolution.recorder.view(), None)
    panel.hide()
    panel.show()
    header, style = panel.table.horizontalHeader(), panel.table.fontMetrics()
    for place in range(len(COLUMNS) - 1):
        panel.table.sortByColumn(place, ASCENDING)
        name = panel.model.headerData(place, Qt.Orientation.Horizontal)
        assert header.fontMetrics().horizontalAdvance(name) + 12 <= header.sectionSize(place), name
        for row in range(5):
            text = panel.model.index(row, place).data()
            assert style.horizontalAdvance(text) + 8 <= header.sectionSize(place), (name, text)
