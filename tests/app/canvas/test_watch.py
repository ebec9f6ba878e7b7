"""The central widget: a function of view and selection; its line of words, and its ways out."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.canvas.subject import NOTHING
from app.canvas.watch import Watch
from app.theme import LIGHT
from engine.session import Header, Recorder
from engine.space import genotype
from engine.space.architecture import CellArchitecture, to_bytes
from engine.space.cells import Cell, Edge, Node


@pytest.fixture
def watch(qtbot) -> Watch:
    watch = Watch()
    qtbot.addWidget(watch)
    watch.resize(900, 600)
    watch.show()
    return watch


def test_opens_with_a_sentence(watch: Watch):
    assert watch.canvas.sentence == NOTHING
    assert watch.caption == ""
    assert watch.data()[1] == []


def test_follows_the_search_as_it_changes_its_mind(watch: Watch, one_shot: Recorder):
    first = one_shot.tables["derived"].published[0]["time"][0]
    watch.look(one_shot.view(first), None)
    assert ("normal", "0", "3", "dil 5×5", "") in watch.data()[1]
    watch.look(one_shot.view(), None)
    assert ("normal", "0", "3", "dil 3×3", "changed") in watch.data()[1]
    assert watch.caption == "derived at step 1,240 · epoch 2 validation 87.4 %"


def test_replay_shows_what_was_shown_live(watch: Watch, one_shot: Recorder, sampling: Recorder):
    live = {}
    for source in (one_shot, sampling):
        for table in ("derived", "candidates", "scores"):
            array, length = source.tables[table].published
            for time in array["time"][:length]:
                watch.look(source.view(time), None)
                live[source, time] = (watch.caption, watch.canvas.sentence, watch.data())
    for (source, time), shown in reversed(live.items()):
        watch.look(source.view(time), 0)
        watch.look(source.view(time), None)
        assert (watch.caption, watch.canvas.sentence, watch.data()) == shown


def test_selected_candidate_is_shown(watch: Watch, sampling: Recorder):
    watch.look(sampling.view(), 0)
    assert watch.caption == "candidate #0 · 90.0 %"
    assert ("normal", "1", "2", "skip", "") in watch.data()[1]


def test_keys_fit_zoom_and_copy(watch: Watch, one_shot: Recorder, darts: CellArchitecture, qtbot):
    watch.look(one_shot.view(), None)
    watch.activateWindow()
    watch.canvas.setFocus()
    qtbot.waitUntil(watch.canvas.hasFocus)
    fitted = watch.canvas.transform().m11()
    qtbot.keyClick(watch.canvas, Qt.Key.Key_Plus)
    assert watch.canvas.transform().m11() == pytest.approx(1.25 * fitted)
    qtbot.keyClick(watch.canvas, Qt.Key.Key_F)
    assert watch.canvas.transform().m11() == pytest.approx(fitted)
    qtbot.keyClick(watch.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert genotype.parse(QGuiApplication.clipboard().text()) == darts


def test_what_the_notation_cannot_say_is_said_in_place(watch: Watch):
    cell = Cell((Node((Edge(0, "skip_connect"), Edge(1, "skip_connect")), combine="concat"),), (2,))
    recorder = Recorder(Header(), None)
    recorder.derived(to_bytes(CellArchitecture(cell, cell)), step=0)
    watch.look(recorder.view(), None)
    watch.copy_genotype()
    assert watch._fault.isVisible()
    assert watch._fault.text().startswith("Not copied: a genotype cannot express this")


def test_explains_itself_in_place(watch: Watch):
    assert not watch._about.isVisible()
    watch._question.click()
    assert watch._about.isVisible()
    assert "Liu et al. 2019" in watch._about.text()


def test_saves_edges_as_csv(watch: Watch, one_shot: Recorder, tmp_path: Path):
    watch.look(one_shot.view(), None)
    watch.save_data(tmp_path / "cell.csv")
    with (tmp_path / "cell.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["cell", "from", "to", "operation", "marked"]
    assert rows[1] == ["normal", "k−2", "0", "sep 3×3", ""]
    assert len(rows) == 1 + 24


def test_dialog_adds_the_suffix_and_failure_is_said_in_place(watch: Watch, one_shot: Recorder, tmp_path, monkeypatch):
    watch.look(one_shot.view(), None)
    answers = [
        (str(tmp_path / "cell"), "SVG drawing (*.svg)"),
        (str(tmp_path / "absent" / "cell"), "PNG picture (*.png)"),
    ]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answers.pop(0))
    watch._ask_picture()
    assert (tmp_path / "cell.svg").stat().st_size > 1000
    assert not watch._fault.isVisible()
    watch._ask_picture()
    assert watch._fault.text() == "Not saved: No such file or directory"


def test_theme_reaches_the_picture(watch: Watch, one_shot: Recorder):
    watch.look(one_shot.view(), None)
    watch.set_theme(LIGHT)
    assert watch.canvas.scene().backgroundBrush().color().name() == LIGHT.surface
    assert watch.data()[1]


def test_long_captions_are_cut_and_kept_as_tool_tip(watch: Watch, sampling: Recorder):
    watch.resize(300, 300)
    watch.look(sampling.view(), None)
    assert watch._caption.text().endswith("…")
    assert watch._caption.toolTip() == watch.caption


def test_a_candidate_is_shown_beside_its_parent_until_that_is_switched_off(watch: Watch, sampling: Recorder, qtbot):
    watch.look(sampling.view(), 1)
    parent = int(sampling.view().rows("candidates")["parent"][1])
    watch.canvas.setFocus()
    qtbot.keyClick(watch.canvas, Qt.Key.Key_D)
    assert watch.comparing
    comparison = watch._comparison
    assert comparison.line.said.startswith("Edit distance 3: 3 in the normal cell")
    assert comparison.view._titles == (f"#{parent}", "#1")
    watch.look(sampling.view(), parent)
    assert not watch.comparing, "who has no parent stands alone"
    watch.look(sampling.view(), 1)
    assert watch.comparing
    qtbot.keyClick(comparison.view, Qt.Key.Key_D)
    assert not watch.comparing
    watch._change.click()
    assert watch.comparing
    qtbot.keyClick(comparison.view, Qt.Key.Key_Escape)
    assert not watch.comparing
    assert not watch._change.isChecked()


def test_what_a_one_shot_search_derives_has_no_parent_to_be_compared_with(watch: Watch, one_shot: Recorder):
    watch.show_change()
    watch.look(one_shot.view(), None)
    assert not watch.comparing
