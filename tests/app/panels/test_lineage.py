"""The Lineage panel: who is joined to whom, whose line stands out, which family lives, and what a click asks for."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.panels.lineage import KINDS, Lineage
from engine.session import Header, Recorder


@pytest.fixture
def panel(qtbot) -> Lineage:
    panel = Lineage()
    qtbot.addWidget(panel)
    panel.resize(600, 420)
    panel.show()
    return panel


@pytest.fixture
def family() -> Recorder:
    """0 and 1 without parents; 2 from 0 is the best yet and has 3, 4, 5; 6 from 1 fails. 0, 1 and 3 die."""
    recorder = Recorder(Header(method="evolution"), None)
    for number, (parent, score) in enumerate(((-1, 70), (-1, 60), (0, 80), (2, 75), (2, 78), (4, 79), (1, None))):
        change = f"normal node {number}: sep 3×3 → skip" if parent >= 0 else ""
        recorder.candidate(b"{}", parent=parent, origin="mutated" if parent >= 0 else "sampled", change=change)
        outcome = "ok" if score else "failed"
        recorder.score(number, score, seconds=1, parameters=1000, outcome=outcome)
    for number in (0, 1, 3):
        recorder.death(number)
    return recorder


def numbers(panel: Lineage, name: str) -> list[int]:
    return panel.plot.shown(name)[0].tolist()


def test_every_scored_child_is_joined_to_its_parent(panel, family) -> None:
    panel.show_view(family.view(), None)
    assert panel.tree.edges == 5  # the one of the failure, too, which has no place of its own
    drawn = np.vstack([item.ends for item in panel.tree._edges])
    drawn = {tuple(line) for line in drawn.tolist() if not np.isnan(line).any()}
    assert drawn == {(0, 70, 2, 80), (2, 80, 3, 75), (2, 80, 4, 78), (4, 78, 5, 79)}


def test_the_family_that_the_best_founds_has_a_colour_and_takes_over(panel, family) -> None:
    panel.show_view(family.view(), None)
    assert numbers(panel, "alive 1") == [2, 4, 5]
    assert numbers(panel, "dead 1") == [3]
    assert numbers(panel, "dead 0") == [0, 1]
    assert numbers(panel, "failed") == [6]
    assert numbers(panel, "best") == [2]
    assert panel.said == "3 alive, 1 family · all descend from #2 · the family of #2 took over at #4"
    assert panel.shares.isVisible()
    heights = np.diff(panel.shares.bands.tops, axis=0)
    assert panel.shares.bands.x.tolist() == list(range(8))
    np.testing.assert_allclose(heights[0], [0, 0, 0, 1 / 3, 2 / 4, 3 / 5, 4 / 6, 1])
    np.testing.assert_allclose(heights.sum(axis=0)[1:], 1)


def test_the_line_of_the_best_stands_out_until_somebody_is_selected(panel, family) -> None:
    panel.show_view(family.view(), None)
    assert panel.tree.line.tolist() == [2, 0]
    panel.show_view(family.view(), 5)
    assert panel.tree.line.tolist() == [5, 4, 2, 0]
    assert numbers(panel, "selected") == [5]
    assert panel.said.startswith("#5 · 79.0 %".replace(" %", "\u00a0%"))
    assert panel.said.endswith("generation 3 from #2")


def test_what_was_changed_is_written_along_the_line_and_where_few_are_in_sight(panel, family) -> None:
    panel.show_view(family.view(), None)
    panel.grab()
    assert "normal node 2: sep 3×3 → skip" in panel.tree.written
    text = panel.tree.text(4)
    panel.plot.zoomed = True
    panel.plot.box.setRange(xRange=(3.8, 4.2), yRange=(77, 79), padding=0)
    panel.grab()
    assert panel.tree.written == [text]


def test_by_family_every_subtree_has_a_band_of_its_own(panel, family) -> None:
    panel._axis._take("family")
    panel.show_view(family.view(), None)
    rows = {}
    for kind in range(len(KINDS)):
        for name in (f"dead {kind}", f"alive {kind}"):
            who, _, y = panel.plot.shown(name)
            rows |= dict(zip(who.tolist(), y.tolist(), strict=True))
    assert rows == {3: 0.5, 5: 1.5, 4: 1.5, 2: 1.0, 0: 1.0, 1: 2.5}
    assert panel.quantity.text() == "families"
    assert panel.plot.left.shown_labels == []


def test_a_click_selects_a_candidate_and_asks_for_its_change(panel, family, qtbot) -> None:
    panel.show_view(family.view(), None)
    told, wanted = [], []
    panel.selected.connect(told.append)
    panel.compare_requested.connect(wanted.append)
    for candidate, score in ((3, 75), (1, 60)):
        place = panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(candidate, score)))
        qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [3, 1]
    assert wanted == [3], "who has no parent has changed nothing"


def test_the_data_are_one_row_for_each_candidate(panel, family) -> None:
    panel.show_view(family.view(), None)
    names, rows = panel.data()
    assert names == ["candidate", "parent", "founder", "generation", "score", "state", "change"]
    assert rows[0] == (0, "", 0, 0, 70.0, "dead", "")
    assert rows[5] == (5, 4, 2, 3, 79.0, "alive", "normal node 5: sep 3×3 → skip")
    assert rows[6] == (6, 1, 1, 1, "", "failed", "normal node 6: sep 3×3 → skip")


def test_rows_stand_still_while_time_moves_in_a_replay(panel, evolution) -> None:
    evolution.candidate(8)
    early = evolution.recorder.end
    evolution.candidate(40)
    panel._axis._take("family")
    panel.show_view(evolution.recorder.view(), None)
    late, sight = panel.tree._y[:8].tolist(), panel.plot.sight()
    panel.show_view(evolution.recorder.view(early), None)
    assert panel.tree._y.tolist() == late
    assert panel.plot.sight() == sight


def test_without_parents_it_says_who_makes_them(panel, lookup, one_shot) -> None:
    lookup.candidate(2)
    panel.show_view(lookup.recorder.view(), None)
    assert "No candidate has a parent yet" in panel.shown_sentence
    one_shot.step()
    panel.show_view(one_shot.recorder.view(), None)
    assert "one network" in panel.shown_sentence


def test_a_low_panel_keeps_its_room_for_the_tree(panel, family) -> None:
    panel.show_view(family.view(), None)
    panel.resize(400, 200)
    assert not panel.shares.isVisible()
    panel.resize(400, 400)
    assert panel.shares.isVisible()


def test_what_a_click_does_the_menu_does_for_the_keyboard(panel, family) -> None:
    told, wanted = [], []
    panel.selected.connect(told.append)
    panel.compare_requested.connect(wanted.append)
    best, parent, change = panel.menu.actions()[:3]
    for selection in (None, 4, 0):
        panel.show_view(family.view(), selection)
        for action in (best, parent, change):
            action.trigger()
    assert told == [2, 2, 2, 2]  # the best three times, and the parent of 4
    assert wanted == [4]
