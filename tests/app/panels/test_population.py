"""The Population panel: who stands where, who a click selects, and how a candidate is put in words."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.panels.population import Population
from engine.session import Header, Recorder


@pytest.fixture
def panel(qtbot) -> Population:
    panel = Population()
    qtbot.addWidget(panel)
    panel.resize(380, 300)
    panel.show()
    return panel


def numbers(panel: Population, name: str) -> list[int]:
    return panel.plot.shown(name)[0].tolist()


def test_candidates_stand_by_birth_and_score_in_the_class_of_their_fate(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    assert numbers(panel, "failed") == [3, 10, 17]
    assert numbers(panel, "alive") == [15, 16, 18, 19]
    assert numbers(panel, "dead") == [number for number in range(15) if number not in (3, 10)]
    assert numbers(panel, "best") == [int(np.nanargmax(evolution.scores))]
    _, x, y = panel.plot.shown("alive")
    assert x.tolist() == [15, 16, 18, 19]
    np.testing.assert_array_equal(y, np.array(evolution.scores)[[15, 16, 18, 19]])


def test_failures_stand_below_every_score_and_in_sight(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    bottom = panel.plot.shown("failed")[2]
    assert panel.plot.sight()[2] < bottom.min() == bottom.max() < np.nanmin(evolution.scores)


def test_over_time_they_stand_at_their_birth(panel, evolution) -> None:
    evolution.candidate(6)
    panel._axis._take("time")
    panel.show_view(evolution.recorder.view(), None)
    born = evolution.recorder.view().rows("candidates")["time"]
    ages, x, _ = panel.plot.shown("alive")
    np.testing.assert_array_equal(x, born[ages])
    assert panel.data()[0] == ["candidate", "state", "time", "score"]


def test_a_click_selects_the_nearest_and_one_far_off_none(panel, evolution, qtbot) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None)
    plot, told = panel.plot, []
    panel.selected.connect(told.append)
    for candidate in (2, 18):
        place = plot.box.mapViewToScene(QPointF(candidate, evolution.scores[candidate]))
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(place))
    plot.frame(100, 200, 0, 1)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.viewport().rect().center())
    assert told == [2, 18, None]


def test_the_selection_is_ringed_and_put_in_words(panel) -> None:
    recorder = Recorder(Header(), None)
    for number in range(2):
        parent = number - 1
        recorder.candidate(b"{}", parent=parent, origin=("sampled", "mutated")[number], change="<b>edge</b>" * number)
        recorder.score(number, 91.62 - number, seconds=1, parameters=480_000)
    panel.show_view(recorder.view(), 1)
    assert numbers(panel, "selected") == [1]
    assert panel.said.replace("\u00a0", " ") == "#1 · 90.6 % · 480 k parameters · child of #0: <b>edge</b>"
    assert "&lt;b&gt;" in panel.line.text()
    panel.show_view(recorder.view(), 0)
    assert panel.said.replace("\u00a0", " ") == "#0 · 91.6 % · 480 k parameters · sampled"
    recorder.death(0)
    recorder.tables["deaths"].published[0]["time"][0] = recorder.end = 12 * 60 + 31.5
    panel.show_view(recorder.view(), 0)
    assert panel.said.endswith(" · sampled · died at 12:31")


def test_failures_and_the_unborn_are_put_in_words_too(panel, evolution) -> None:
    evolution.candidate(4)
    panel.show_view(evolution.recorder.view(), 3)
    assert panel.said.startswith("#3 · out of memory: 2.1 GB wanted")
    panel.show_view(evolution.recorder.view(), 9)
    assert panel.said == "#9 is not born yet"
    evolution.recorder.candidate(b"{}")
    panel.show_view(evolution.recorder.view(), 4)
    assert panel.said == "#4 · being evaluated · sampled"
    panel.show_view(evolution.recorder.view(), None)
    assert panel.said.startswith("3 scored · 3 alive · 1 failed · best #")


def test_the_mouse_reads_who_is_near(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), 2)
    panel.plot.hovered.emit(QPointF(18, evolution.scores[18]))
    assert panel.said.startswith("#18 ")
    panel.plot.hovered.emit(None)
    assert panel.said.startswith("#2 ")


def test_replay_keeps_the_room_of_the_whole_session(panel, evolution) -> None:
    evolution.candidate(10)
    early = evolution.recorder.end
    evolution.candidate(30)
    panel.show_view(evolution.recorder.view(), None)
    whole = panel.plot.sight()
    panel.show_view(evolution.recorder.view(early), None)
    assert panel.plot.sight() == whole
    assert len(panel.data()[1]) == 10


def test_a_one_shot_search_says_where_to_look(panel, one_shot) -> None:
    one_shot.step()
    panel.show_view(one_shot.recorder.view(), None)
    assert panel.shown_sentence == "This method has no population; see Architecture weights."


@pytest.mark.parametrize("axis", ["seconds", "age", "parameters", "MACs"])
def test_other_axes_place_every_candidate_where_its_rows_say(panel, evolution, axis) -> None:
    evolution.candidate(20)
    panel._axis._take(axis)
    panel.show_view(evolution.recorder.view(), None)
    expected = {
        "seconds": lambda number: 1.5,
        # The child that brings one more than five to the living kills the oldest, so that everybody dies at age five.
        "age": lambda number: min(5, 19 - number),
        "parameters": lambda number: 480_000 + number,
        "MACs": lambda number: 90_000_000 + 1000 * number,
    }[axis]
    for kind in ("dead", "alive", "failed"):
        who, x, _ = panel.plot.shown(kind)
        assert len(who)
        assert x.tolist() == [expected(number) for number in who.tolist()]
        left, right = panel.plot.sight()[:2]
        assert left <= x.min() <= x.max() <= right
    assert panel.data()[0][2] == axis


def test_a_simulated_cost_stands_for_the_measured_one(panel, lookup) -> None:
    lookup.candidate(5)
    panel._axis._take("seconds")
    panel.show_view(lookup.recorder.view(), None)
    who, x, _ = panel.plot.shown("alive")
    assert x.tolist() == [lookup.entries["cost"][lookup.looked_up[number]] for number in who.tolist()]


def test_where_a_size_is_not_recorded_the_panel_says_so(panel, lookup) -> None:
    lookup.candidate(3)
    panel._axis._take("MACs")
    panel.show_view(lookup.recorder.view(), None)
    assert panel.shown_sentence == "No MACs are recorded for these candidates; choose another axis."
    panel._axis._take("age")
    assert not panel.shown_sentence


def test_scores_without_a_percentage_are_plain_numbers(panel) -> None:
    recorder = Recorder(Header(), None)
    recorder.candidate(b"{}")
    recorder.score(0, 1530.0, seconds=1, parameters=1, unit="")
    panel.show_view(recorder.view(), 0)
    assert panel.quantity.text() == "score"
    assert panel.said.startswith("#0 · 1530 · ")
