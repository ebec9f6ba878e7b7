"""The Embedding panel: candidates in a plane, coloured by score, and where steps from them led."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.panels.embedding import Embedding
from app.plots.scatter import LEVELS, colour_on
from app.theme import DARK, LIGHT
from engine.session import Header, Recorder
from engine.session.queries.candidate_filter import parse

SCORES = (70.0, 80.0, 90.0, 85.0)
PLACES = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def told(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture
def panel(qtbot) -> Embedding:
    panel = Embedding()
    qtbot.addWidget(panel)
    panel.resize(500, 400)
    panel.show()
    return panel


@pytest.fixture
def search() -> Recorder:
    """Four scored candidates in a square; two steps from #2, one from #3."""
    recorder = Recorder(Header(method="nao"), None)
    for number, score in enumerate(SCORES):
        recorder.candidate(b"{}")
        recorder.score(number, score, seconds=1, parameters=1)
    learn(recorder)
    return recorder


def learn(recorder: Recorder, shift: float = 0.0) -> None:
    """A round: rows 0 to 3 are candidates, rows 4 and 6 the steps from #2, row 5 that from #3."""
    for number, (x, y) in enumerate(PLACES):
        recorder.point(b"{}", x + shift, y, candidate=number, predicted=SCORES[number] - 1)
    for start, step, x, y in ((2, 1, 1.2, 0.5), (3, 1, 0.3, 0.7), (2, 2, 1.4, 0.4)):
        recorder.point(b"{}", x + shift, y, start=start, step=step, predicted=91.0)


def click(qtbot, panel: Embedding, x: float, y: float) -> None:
    place = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_candidates_are_coloured_by_score_and_steps_are_rings(panel, search) -> None:
    panel.show_view(search.view(), None)
    levels = panel.plot.coloured
    assert set(levels) == {0, 1, 2, 3}
    assert levels[0] == 0
    assert levels[2] == LEVELS - 1
    assert levels[0] < levels[1] < levels[3] < levels[2]
    assert sorted(panel.plot.shown("step")[0].tolist()) == [4, 5, 6]
    assert panel.plot.shown("best")[0].tolist() == [2]
    assert panel.scale.shown_labels == ["73", "90"], "the worst tenth has the lowest colour"
    assert panel.said == "round 1 · 4 candidates learnt from · 3 points where steps led"


def test_steps_are_joined_to_paths_and_that_of_the_selected_stands_out(panel, search) -> None:
    panel.show_view(search.view(), None)
    quiet, strong = panel.plot.paths
    assert sorted(map(tuple, quiet.tolist())) == [(0, 1, 0.3, 0.7), (1, 1, 1.2, 0.5), (1.2, 0.5, 1.4, 0.4)]
    assert not len(strong)
    panel.show_view(search.view(), 2)
    assert sorted(map(tuple, panel.plot.paths[1].tolist())) == [(1, 1, 1.2, 0.5), (1.2, 0.5, 1.4, 0.4)]


def test_a_click_on_a_candidate_selects_it(panel, search, qtbot) -> None:
    panel.show_view(search.view(), None)
    with qtbot.waitSignal(panel.selected) as clicked:
        click(qtbot, panel, 1, 0)
    assert clicked.args == [1]
    panel.show_view(search.view(), 1)
    assert panel.plot.shown("selected")[0].tolist() == [1]
    assert told(panel.said).endswith("predicted 79.0 %")


def test_a_click_on_a_step_asks_for_its_architecture(panel, search, qtbot) -> None:
    panel.show_view(search.view(), None)
    with qtbot.waitSignal(panel.point_requested) as clicked:
        click(qtbot, panel, 1.4, 0.4)
    assert clicked.args == [6]
    assert panel.plot.shown("shown")[0].tolist() == [6]
    assert told(panel.said) == "step 2 from #2 · predicted 91.0 %"
    panel.leave_point()
    assert not len(panel.plot.shown("shown")[0])


def test_selecting_a_candidate_leaves_the_step(panel, search, qtbot) -> None:
    panel.show_view(search.view(), None)
    click(qtbot, panel, 1.4, 0.4)
    panel.show_view(search.view(), 0)
    panel.show_view(search.view(), None)
    assert not len(panel.plot.shown("shown")[0])


def test_the_menu_does_the_same_for_the_keyboard(panel, search) -> None:
    actions = {action.text(): action for action in panel.menu.actions()}
    panel.show_view(search.view(), None)
    chosen, wanted = [], []
    panel.selected.connect(chosen.append)
    panel.point_requested.connect(wanted.append)
    actions["Select the best"].trigger()
    assert chosen == [2]
    panel.show_view(search.view(), 2)
    actions["Show where its gradient led"].trigger()
    actions["Show where its gradient led"].trigger()
    actions["Show where its gradient led"].trigger()
    assert wanted == [4, 6], "step by step, until there is no further one"


def test_the_last_round_is_shown_in_the_room_of_all(panel, search) -> None:
    first = search.end
    learn(search, shift=5.0)
    panel.show_view(search.view(), None)
    assert set(panel.plot.coloured) == {7, 8, 9, 10}
    assert panel.said.startswith("round 2")
    room = panel.plot.sight()
    panel.show_view(search.view(first), None)
    assert set(panel.plot.coloured) == {0, 1, 2, 3}
    assert panel.plot.sight() == room
    panel.show_view(search.view(search.view().rows("embedding")["time"][8]), None)
    assert set(panel.plot.coloured) == {7, 8}, "the round as far as it was noted"


def test_the_scale_rises_evenly_away_from_the_ground() -> None:
    for theme in (DARK, LIGHT):
        light = np.array([colour_on(theme, share).lightnessF() for share in np.linspace(0, 1, 9)])
        grey = np.array([np.dot(colour_on(theme, s).getRgbF()[:3], (0.3, 0.59, 0.11)) for s in np.linspace(0, 1, 9)])
        assert len(light) == 9
        assert (np.diff(grey) > 0).all() if theme.dark else (np.diff(grey) < 0).all()


def test_it_says_why_there_is_nothing(panel, evolution) -> None:
    panel.show_view(None, None)
    assert panel.shown_sentence.startswith("The learnt space of NAO will appear here")
    evolution.candidate()
    panel.show_view(evolution.recorder.view(), None)
    assert panel.shown_sentence == "This method learns no space of architectures; NAO does."
    panel.show_view(Recorder(Header(method="nao"), None).view(), None)
    assert panel.shown_sentence.startswith("Random architectures are scored first")


def test_the_data_are_what_is_shown(panel, search) -> None:
    panel.set_theme(LIGHT)
    panel.show_view(search.view(), None)
    names, rows = panel.data()
    assert names == ["round", "candidate", "start", "step", "x", "y", "predicted", "score"]
    assert rows[2] == (1, 2, "", "", 1.0, 1.0, 89.0, 90.0)
    assert rows[6] == (1, "", 2, 2, 1.4, 0.4, 91.0, "")
    assert len(rows) == 7


def test_a_filter_leaves_shadows_of_candidates_and_all_of_the_steps(panel, search, qtbot) -> None:
    panel.show_view(search.view(), 3, parse("score > 75, score < 88"))
    assert set(panel.plot.coloured) == {1, 3}
    assert panel.plot.shown("left out")[0].tolist() == [0, 2]
    assert panel.plot.shown("best")[0].tolist() == [], "the best is left out"
    assert sorted(panel.plot.shown("step")[0].tolist()) == [4, 5, 6]
    assert {row[1] for row in panel.data()[1]} == {1, 3, ""}
    assert panel.narrowed.text().startswith("filtered: 2 of 4")
    with qtbot.waitSignal(panel.filter_chosen) as asked:
        qtbot.mouseClick(panel.narrowed, Qt.MouseButton.LeftButton)
    assert asked.args == [None]
