"""The Compare panel: sessions of one plan together, over any axis, with bad files as one line of the list."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.panels.compare import Compare
from engine.session import Header
from engine.session.queries.comparison import track


@pytest.fixture
def panel(qtbot, make_lookup) -> Compare:
    """A panel whose files are what `panel.files` holds: a search in memory, or a sentence on what is wrong."""
    panel = Compare()
    qtbot.addWidget(panel)
    panel.resize(700, 320)
    panel.show()
    panel.files = {}

    def read(path: Path) -> None:
        found = panel.files[path.name]
        if isinstance(found, str):
            panel.refuse(path, found)
        else:
            panel.add_track(path, track(found.recorder.view()))

    panel.read_requested.connect(read)
    for number in range(3):
        search = make_lookup("random-table", seed=number)
        search.candidate(20 + number)
        panel.files[f"{number}.h5"] = search
    other = make_lookup("other", seed=9)
    other.candidate(10)
    panel.files["other.h5"] = other
    panel.files["broken.h5"] = "is not a session"
    return panel


def best(search) -> np.ndarray:
    return np.maximum.accumulate(search.entries["searched"][search.looked_up])


def test_sessions_of_one_plan_are_one_line_with_quartiles(panel) -> None:
    panel.add([Path("0.h5"), Path("1.h5"), Path("2.h5"), Path("other.h5")])
    assert [band.name for band in panel.plot.shown] == ["random-table ×3", "other"]
    band = panel.plot.shown[0]
    curves = np.array([best(panel.files[f"{number}.h5"])[:20] for number in range(3)])
    np.testing.assert_allclose(band.middle[:20], np.median(curves, axis=0))
    np.testing.assert_allclose(band.low[:20], np.quantile(curves, 0.25, axis=0))
    np.testing.assert_allclose(band.high[:20], np.quantile(curves, 0.75, axis=0))
    assert band.x.tolist() == list(range(1, 22)), "as far as two of three have got"
    names, rows = panel.data()
    assert names == ["plan", "evaluations", "lower quartile", "median", "upper quartile", "sessions"]
    assert [row[5] for row in rows[:21]] == [3] * 20 + [2]
    assert panel.said == "4 sessions"


def test_other_axes_and_what_the_benchmark_reports(panel) -> None:
    panel.add([Path("other.h5")])
    search = panel.files["other.h5"]
    (band,) = panel.plot.shown
    panel._axis._take("simulated seconds")
    panel._value._take("reported")
    (band,) = panel.plot.shown
    np.testing.assert_allclose(band.x, np.cumsum(search.entries["cost"][search.looked_up]))
    places = [int(np.argmax(search.entries["searched"][search.looked_up[: end + 1]])) for end in range(10)]
    held = search.entries["reported"][[search.looked_up[place] for place in places]]
    np.testing.assert_allclose(band.middle, held)
    panel._axis._take("seconds")
    assert panel.plot.shown[0].x.tolist() == search.recorder.view().rows("scores")["time"].tolist()


def test_the_session_that_is_open_is_one_of_them_at_its_moment(panel, lookup) -> None:
    lookup.candidate(5)
    early = lookup.recorder.end
    lookup.candidate(5)
    panel.add([Path("other.h5")])
    panel.show_view(lookup.recorder.view(), None)
    assert panel.list.texts[0].startswith("this session: lookup, seed 7")
    assert [len(band.x) for band in panel.plot.shown] == [10, 10]
    panel.show_view(lookup.recorder.view(early), None)
    assert [len(band.x) for band in panel.plot.shown] == [5, 10]
    panel.show_view(None, None)
    assert [band.name for band in panel.plot.shown] == ["other"]


def test_a_file_that_is_also_open_counts_once(panel, lookup) -> None:
    lookup.candidate(5)
    panel.files["mine.h5"] = lookup
    panel.show_view(lookup.recorder.view(), None)
    panel.add([Path("mine.h5")])
    assert [band.name for band in panel.plot.shown] == ["lookup"]
    assert panel.list.texts[1] == "mine.h5 is listed already"


def test_a_bad_file_is_one_line_and_the_others_are_drawn(panel, one_shot) -> None:
    one_shot.step(3)
    panel.files["darts.h5"] = one_shot
    panel.add([Path("broken.h5"), Path("darts.h5"), Path("other.h5")])
    assert panel.list.texts[0] == "broken.h5: is not a session"
    assert panel.list.texts[1] == "darts.h5: trains one network for all architectures and scores no candidates"
    assert [band.name for band in panel.plot.shown] == ["other"]
    assert panel.said == "1 session"


def test_sessions_can_be_left_out_and_removed(panel, qtbot) -> None:
    panel.add([Path("0.h5"), Path("1.h5"), Path("other.h5")])
    panel.list.item(2).setCheckState(Qt.CheckState.Unchecked)
    assert [band.name for band in panel.plot.shown] == ["random-table ×2"]
    panel.list.item(2).setCheckState(Qt.CheckState.Checked)
    panel.list.setFocus()
    panel.list.setCurrentRow(0)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [path.name for path in panel.list.paths] == ["1.h5", "other.h5"]
    assert [band.name for band in panel.plot.shown] == ["random-table", "other"]
    panel.remove_all()
    assert panel.shown_sentence.startswith("Add sessions")
    assert panel.data() == ([], [])


def test_files_are_chosen_in_a_dialog_or_dropped(panel, monkeypatch, qtbot) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *arguments: (["0.h5", "1.h5"], ""))
    qtbot.mouseClick(panel.add_button, Qt.MouseButton.LeftButton)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/other.h5"), QUrl.fromLocalFile("/somewhere/broken.h5")])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
    QApplication.sendEvent(panel, QDropEvent(QPointF(9, 9), copy, data, left, none))
    assert [path.name for path in panel.list.paths] == ["0.h5", "1.h5", "other.h5", "broken.h5"]
    panel.add([Path("0.h5")])
    assert len(panel.list.paths) == 4, "a file is listed once"


def test_files_are_read_again_since_searches_go_on(panel) -> None:
    panel.add([Path("other.h5")])
    panel.files["other.h5"].candidate(7)
    panel.read_again()
    assert len(panel.plot.shown[0].x) == 17


def test_medians_are_read_at_the_mouse(panel) -> None:
    panel.add([Path("other.h5")])
    curve = best(panel.files["other.h5"])
    assert panel.legend.shown[0].value == curve[-1]
    panel.plot.hovered.emit(QPointF(3.2, 70))
    assert panel.legend.shown[0].value == curve[2]
    panel.plot.hovered.emit(None)
    assert panel.legend.shown[0].value == curve[-1]


def test_scores_that_come_about_in_different_ways_are_not_compared_silently(panel, evolution) -> None:
    evolution.candidate(5)
    evolution.recorder.header = Header(plan='[evaluator]\nkind = "trained"\n', method="evolution")
    panel.files["evolution.h5"] = evolution
    panel.add([Path("other.h5"), Path("evolution.h5")])
    assert panel.said == "2 sessions · scored in different ways, which cannot be compared: table, trained"


def test_plans_of_one_name_with_two_methods_are_told_apart(panel, make_lookup) -> None:
    twin = make_lookup("other", seed=3)
    twin.candidate(4)
    twin.recorder.header = Header(plan='name = "other"', method="evolution")
    panel.files["twin.h5"] = twin
    panel.add([Path("other.h5"), Path("twin.h5")])
    assert [band.name for band in panel.plot.shown] == ["other (random)", "other (evolution)"]


def test_the_same_plan_and_seed_run_twice_is_one_seed(panel, make_lookup) -> None:
    again = make_lookup("random-table", seed=0)
    again.candidate(30)
    panel.files["again.h5"] = again
    panel.add([Path("0.h5"), Path("1.h5"), Path("again.h5")])
    assert [band.name for band in panel.plot.shown] == ["random-table ×2"]
    assert max(row[5] for row in panel.data()[1]) == 2
    told = [text.endswith("counted once with the other of this seed") for text in panel.list.texts]
    assert told == [True, False, False], "the one that has got farthest is drawn"


def test_what_the_shade_is_stands_above_the_plot(panel) -> None:
    panel.add([Path("other.h5")])
    assert "quartiles" not in panel.legend.quantity.text()
    panel.add([Path("0.h5"), Path("1.h5")])
    assert panel.legend.quantity.text() == "best score: median and quartiles over seeds, %"


def test_ctrl_f_shows_only_sessions_that_match_and_delete_takes_no_other(panel, qtbot) -> None:
    panel.add([Path("0.h5"), Path("1.h5"), Path("other.h5"), Path("broken.h5")])
    panel.activateWindow()
    panel.list.setFocus()
    qtbot.waitUntil(panel.list.hasFocus)
    panel.list.selectAll()
    qtbot.keyClick(panel.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(panel.finder.edit, "seed 1")
    assert [panel.list.isRowHidden(row) for row in range(4)] == [True, False, True, True]
    assert panel.finder.told.text() == "1 of 4"
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert panel.list.paths == [Path("0.h5"), Path("other.h5"), Path("broken.h5")]
    qtbot.waitUntil(lambda: panel.finder.told.text() == "0 of 3")
    qtbot.keyClick(panel.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.finder.edit, Qt.Key.Key_Escape)
    assert not any(panel.list.isRowHidden(row) for row in range(3))
    assert panel.list.hasFocus()
