"""A filter of candidates in their plots: what it leaves out is a shadow, how many it keeps is said, a click ends it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.front import Front
from app.panels.lineage import CLASSES as FAMILIES
from app.panels.lineage import Lineage
from app.panels.population import Population
from engine.session.queries.candidate_filter import parse

SHOWN = {
    Population: ("dead", "failed", "alive"),
    Front: ("others", "front"),
    Lineage: tuple(kind.name for kind in FAMILIES[1:-2]),
}


@pytest.fixture(params=SHOWN, ids=lambda kind: kind.name)
def panel(request, qtbot):
    panel = request.param()
    qtbot.addWidget(panel)
    panel.resize(600, 400)
    panel.show()
    return panel


def numbers(panel, *names: str) -> list[int]:
    return sorted(who for name in names for who in panel.plot.shown(name)[0].tolist())


def test_what_is_left_out_is_a_shadow_and_a_click_brings_it_back(panel, evolution, qtbot) -> None:
    evolution.candidate(40)
    view, names = evolution.recorder.view(), SHOWN[type(panel)]
    panel.show_view(view, None)
    everyone = numbers(panel, *names)
    assert not panel.narrowed.isVisible()
    panel.show_view(view, 9, parse("node 2"))
    kept = [n for n in range(5, 40) if n % 4 == 2]
    assert numbers(panel, *names) == [n for n in kept if n in everyone]
    assert numbers(panel, "left out") == [n for n in everyone if n not in kept]
    assert numbers(panel, "selected") == [9], "who is selected is marked, also when it is left out"
    assert [row[0] for row in panel.data()[1]] == [n for n in kept if n in everyone]
    assert panel.narrowed.isVisible()
    assert panel.narrowed.text().startswith(f"filtered: {len(kept)} of 40")
    with qtbot.waitSignal(panel.filter_chosen) as told:
        qtbot.mouseClick(panel.narrowed, Qt.MouseButton.LeftButton)
    panel.show_view(view, 9, *told.args)
    assert numbers(panel, *names) == everyone
    assert numbers(panel, "left out") == []
    assert not panel.narrowed.isVisible()


def test_a_filter_that_keeps_nobody_is_drawn_too(panel, evolution) -> None:
    evolution.candidate(20)
    panel.show_view(evolution.recorder.view(), None, parse("number > 1000"))
    assert numbers(panel, *SHOWN[type(panel)], "best") == []
    assert panel.narrowed.text().startswith("filtered: 0 of 20")
    assert panel.data()[1] == []


def test_replay_under_a_filter_shows_what_was_shown_live(panel, evolution) -> None:
    wanted, moments = parse("score > 70, node 2"), []
    names = (*SHOWN[type(panel)], "left out", "best", "selected")

    def shown() -> list:
        seen = [panel.plot.shown(name)[0].tolist() for name in names]
        return [seen, panel.data(), panel.narrowed.text(), panel.said]

    for amount in (9, 1, 4, 20):
        evolution.candidate(amount)
        panel.show_view(evolution.recorder.view(), 6, wanted)
        moments.append((evolution.recorder.end, shown()))
    for time, expected in moments[::-1]:
        panel.show_view(evolution.recorder.view(time), 6)
        panel.show_view(evolution.recorder.view(time), 6, wanted)
        assert shown() == expected


def test_the_front_is_that_of_the_kept(qtbot, evolution) -> None:
    evolution.candidate(40)
    panel = Front()
    qtbot.addWidget(panel)
    panel.show_view(evolution.recorder.view(), None)
    reference = panel.front_plot.reference
    panel.show_view(evolution.recorder.view(), None, parse("number > 9"))
    scores, best, on = np.array(evolution.scores), -np.inf, []
    for number in range(10, 40):  # each is larger than the one before
        if scores[number] > best:
            best, on = scores[number], [*on, number]
    assert numbers(panel, "front") == on
    assert panel.front_plot.reference == reference
