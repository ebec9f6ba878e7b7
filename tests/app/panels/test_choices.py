"""The panel of choices: what pays is on top and bright, the selected has dots, and replay shows what was live."""

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton

from app.panels.choices import AT_ONCE, Choices
from engine.session import Header, Recorder
from engine.space.architecture import to_bytes
from engine.space.architecture_choices import choices_of
from engine.space.nasbench201 import NasBench201Space


@pytest.fixture
def session():
    recorder = Recorder(Header(method="random"), None)
    yield recorder
    recorder.close()


@pytest.fixture
def panel(qtbot):
    panel = Choices()
    qtbot.addWidget(panel)
    panel.resize(420, 400)
    panel.show()
    return panel


def add(session: Recorder, number: int, seed: int = 0) -> None:
    """Random cells; only a nor conv 3×3 from k−1 to 2 makes one better."""
    space, rng = NasBench201Space(), random.Random(seed)
    for _ in range(number):
        cell = space.decode(space.sample(rng))
        score = 60 + 20 * (choices_of(cell)["k−1→2"] == ("nor conv 3×3",)) + rng.gauss(0, 1)
        who = session.candidate(to_bytes(cell))
        session.evaluated(who, score, seconds=1.0, parameters=1000)


def test_the_place_that_pays_is_on_top_and_its_best_operation_brightest(panel, session):
    add(session, 80)
    panel.show_view(session.view(), None)
    assert panel.shown_sentence == ""
    assert panel.map.rows[0].startswith("k−1→2  9")
    assert panel.map.rows[0].endswith("\N{NO-BREAK SPACE}%")
    column = panel.map.columns.index("nor conv 3×3")
    assert panel.map.values[0].argmax() == column
    assert panel.map.chosen[0, column], "the best candidate has it"
    head, rows = panel.data()
    assert head[0] == "place"
    assert sum(row[5] for row in rows if row[0] == "k−1→2") == 80


def test_the_mouse_reads_a_cell_and_rows_can_stand_in_the_order_of_places(qtbot, panel, session):
    add(session, 80)
    panel.show_view(session.view(), None)
    assert panel.reading.text().startswith("mean of 80 scores · dots: #")
    at = panel.map.centre(0, panel.map.columns.index("nor conv 3×3")).toPoint()
    qtbot.mouseMove(panel.map, at + QPoint(1, 0))
    qtbot.waitUntil(lambda: panel.reading.text().startswith("k−1→2 · nor conv 3×3 · mean 8"))
    assert "importance 9" in panel.reading.text()
    by_place = next(chip for chip in panel.findChildren(QToolButton) if chip.text() == "by place")
    qtbot.mouseClick(by_place, Qt.MouseButton.LeftButton)
    assert [row.split("  ")[0] for row in panel.map.rows] == ["k−1→0", "k−1→1", "0→1", "k−1→2", "0→2", "1→2"]


def test_who_is_selected_has_the_dots(panel, session):
    add(session, 20)
    panel.show_view(session.view(), 3)
    assert "dots: #3" in panel.reading.text()
    assert panel.map.chosen.sum() == 6


def test_an_earlier_moment_shows_what_it_showed_when_it_was_now(panel, session):
    add(session, 20)
    early = session.view()
    panel.show_view(early, None)
    live, levels = panel.data(), early.time
    add(session, 20, seed=1)
    panel.show_view(session.view(), None)
    assert panel.data() != live
    panel.show_view(session.view(levels), None)
    assert panel.data() == live


def test_before_scores_and_without_candidates_it_says_so(panel, session):
    panel.show_view(None, None)
    assert "will appear here" in panel.shown_sentence
    panel.show_view(session.view(), None)
    assert "first scores" in panel.shown_sentence
    one_shot = Recorder(Header(method="darts", cells=("normal",), edges=("0→1",), operations=("skip",)), None)
    panel.show_view(one_shot.view(), None)
    assert "trains one network" in panel.shown_sentence
    one_shot.close()


def test_a_long_session_is_looked_at_in_a_thread_while_the_panel_says_so(panel, session):
    class Window:
        def do_in_background(self, work, done, failed) -> None:
            self.work, self.done = work, done

    window = Window()
    panel.attach(window)
    add(session, AT_ONCE + 1)
    panel.show_view(session.view(), None)
    assert panel.shown_sentence.startswith("Looking at 1001 scores")
    panel.show_view(session.view(), None)
    window.done(window.work())
    assert panel.shown_sentence == ""
    assert panel.reading.text().startswith("mean of 1001 scores")
