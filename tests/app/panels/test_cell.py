"""The central widget: a function of view and selection; its line of words, and its ways out."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.panels.cell import CellPanel
from app.panels.displayed_architecture import NOTHING
from app.theme import LIGHT
from engine.session import Header, Recorder
from engine.space import genotype
from engine.space.architecture import CellArchitecture, to_bytes
from engine.space.cells import Cell, Edge, Node


@pytest.fixture
def watch(qtbot) -> CellPanel:
    watch = CellPanel()
    qtbot.addWidget(watch)
    watch.resize(900, 600)
    watch.show()
    return watch


def test_opens_with_a_sentence(watch: CellPanel):
    assert watch.canvas.sentence == NOTHING
    assert watch.caption == ""
    assert watch.data()[1] == []


def test_follows_the_search_as_it_changes_its_mind(watch: CellPanel, derived_session: Recorder):
    first = derived_session.tables["derived"].published[0]["time"][0]
    watch.show_view(derived_session.view(first), None)
    assert ("normal", "0", "3", "dil 5×5", "") in watch.data()[1]
    watch.show_view(derived_session.view(), None)
    assert ("normal", "0", "3", "dil 3×3", "changed") in watch.data()[1]
    assert watch.caption == "derived at step 1,240 · shared network 87.4\u00a0% after epoch 2"


def test_replay_shows_what_was_shown_live(watch: CellPanel, derived_session: Recorder, scored_session: Recorder):
    live = {}
    for source in (derived_session, scored_session):
        for table in ("derived", "candidates", "scores"):
            array, length = source.tables[table].published
            for time in array["time"][:length]:
                watch.show_view(source.view(time), None)
                live[source, time] = (watch.caption, watch.canvas.sentence, watch.data())
    for (source, time), shown in reversed(live.items()):
        watch.show_view(source.view(time), 0)
        watch.show_view(source.view(time), None)
        assert (watch.caption, watch.canvas.sentence, watch.data()) == shown


def test_full_convolutions_of_old_and_of_new_searches_are_told_apart(watch: CellPanel):
    recorder, drawn = Recorder(Header(method="random"), None), {}
    for name in ("conv_7x1_1x7", "bottleneck_conv_7x1_1x7", "normed_conv_7x1_1x7", "skip_connect", "skip_nasnet"):
        cell = Cell((Node((Edge(0, name), Edge(1, name))),), (2,))
        recorder.derived(to_bytes(CellArchitecture(cell, cell)), step=len(drawn))
        watch.show_view(recorder.view(), None)
        drawn[name] = watch.data()[1][0][3]
    assert list(drawn.values()) == ["conv 1×7 7×1", "bottleneck 1×7 7×1", "normed 1×7 7×1", "skip", "skip NASNet"]


def test_selected_candidate_is_shown(watch: CellPanel, scored_session: Recorder):
    watch.show_view(scored_session.view(), 0)
    assert watch.caption == "candidate #0 · 90.0\u00a0%"
    assert ("normal", "1", "2", "skip", "") in watch.data()[1]


def test_keys_fit_zoom_and_copy(watch: CellPanel, derived_session: Recorder, darts: CellArchitecture, qtbot):
    watch.show_view(derived_session.view(), None)
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


def test_what_the_notation_cannot_say_is_said_in_place(watch: CellPanel):
    cell = Cell((Node((Edge(0, "skip_connect"), Edge(1, "skip_connect")), combine="concat"),), (2,))
    recorder = Recorder(Header(), None)
    recorder.derived(to_bytes(CellArchitecture(cell, cell)), step=0)
    watch.show_view(recorder.view(), None)
    watch.copy_genotype()
    assert watch._fault.isVisible()
    assert watch._fault.text().startswith("Not copied: a genotype cannot express this")


def test_explains_itself_in_place(watch: CellPanel):
    assert not watch._about.isVisible()
    watch.header.question.click()
    assert watch._about.isVisible()
    assert "Liu et al. 2019" in watch._about.text()


def test_saves_edges_as_csv(watch: CellPanel, derived_session: Recorder, tmp_path: Path):
    watch.show_view(derived_session.view(), None)
    watch.save_data(tmp_path / "cell.csv")
    with (tmp_path / "cell.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["cell", "from", "to", "operation", "marked"]
    assert rows[1] == ["normal", "k-2", "0", "sep_conv_3x3", ""]
    assert len(rows) == 1 + 24


def test_dialog_adds_the_suffix_and_failure_is_said_in_place(
    watch: CellPanel, derived_session: Recorder, tmp_path, monkeypatch
):
    watch.show_view(derived_session.view(), None)
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


def test_theme_reaches_the_picture(watch: CellPanel, derived_session: Recorder):
    watch.show_view(derived_session.view(), None)
    watch.set_theme(LIGHT)
    assert watch.canvas.scene().backgroundBrush().color().name() == LIGHT.surface
    assert watch.data()[1]


def test_long_captions_are_cut_and_kept_as_tool_tip(watch: CellPanel, scored_session: Recorder):
    watch.resize(300, 300)
    watch.show_view(scored_session.view(), None)
    assert watch._caption.text().endswith("…")
    assert watch._caption.toolTip() == watch.caption


def test_a_candidate_is_shown_beside_its_parent_until_that_is_switched_off(
    watch: CellPanel, scored_session: Recorder, qtbot
):
    watch.show_view(scored_session.view(), 1)
    parent = int(scored_session.view().rows("candidates")["parent"][1])
    watch.canvas.setFocus()
    qtbot.keyClick(watch.canvas, Qt.Key.Key_D)
    assert watch.comparing
    comparison = watch._comparison
    assert comparison.line.full_text.startswith("Edit distance 3: 3 in the normal cell")
    assert comparison.view._titles == (f"#{parent}", "#1")
    watch.show_view(scored_session.view(), parent)
    assert not watch.comparing, "who has no parent stands alone"
    watch.show_view(scored_session.view(), 1)
    assert watch.comparing
    qtbot.keyClick(comparison.view, Qt.Key.Key_D)
    assert not watch.comparing
    watch._change.click()
    assert watch.comparing
    qtbot.keyClick(comparison.view, Qt.Key.Key_Escape)
    assert not watch.comparing
    assert not watch._change.isChecked()


def test_what_a_one_shot_search_derives_has_no_parent_to_be_compared_with(watch: CellPanel, derived_session: Recorder):
    watch.show_change()
    watch.show_view(derived_session.view(), None)
    assert not watch.comparing
