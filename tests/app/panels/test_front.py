"""The Front panel: who is on it, how much it dominates, and from where that is measured."""

import numpy as np
import pytest

from app.panels.front import Front
from engine.session import Header, Recorder


@pytest.fixture
def panel(qtbot) -> Front:
    panel = Front()
    qtbot.addWidget(panel)
    panel.resize(400, 300)
    panel.show()
    return panel


@pytest.fixture
def search() -> Recorder:
    """Four candidates, of which 0 is beaten by 1, and one that failed."""
    recorder = Recorder(Header(method="random"), None)
    for number, (parameters, score) in enumerate(
        ((500_000, 80), (400_000, 85), (900_000, 95), (100_000, 70), (1, None))
    ):
        recorder.candidate(b"{}")
        outcome = "ok" if score else "failed"
        recorder.score(number, score, seconds=10.0 - number, parameters=parameters, outcome=outcome)
        recorder.measure(number, macs=1000 * number, cost=100.0 + number)
    return recorder


def test_the_front_is_stairs_through_those_that_nobody_beats(panel, search) -> None:
    panel.show_view(search.view(), None)
    assert panel.plot.shown("front")[0].tolist() == [3, 1, 2]
    assert panel.plot.shown("others")[0].tolist() == [0]
    assert panel.plot.shown("best")[0].tolist() == [2]
    stairs = [(1e5, 70), (1e5, 70), (4e5, 70), (4e5, 85), (9e5, 85), (9e5, 95), (9e5, 95)]
    assert [tuple(point) for point in panel.front_plot.stairs.tolist()] == stairs


def test_the_hypervolume_is_said_with_its_reference_point(panel, search) -> None:
    panel.show_view(search.view(), None)
    assert panel.front_plot.reference == (900_000, 70)
    assert panel.volume == (900_000 - 400_000) * (85 - 70)
    assert panel.said.replace("\u00a0", " ") == (
        "3 of 5 on the front · hypervolume 7.50 M from 900 k parameters and 70.0 %"
    )


def test_other_prices_make_another_front(panel, search) -> None:
    panel._axis._take("MACs")
    panel.show_view(search.view(), None)
    assert panel.plot.shown("front")[0].tolist() == [1, 2], "no MACs are known of 0, and 3 is beaten"
    panel._axis._take("seconds")
    x = panel.plot.shown("others")[1].tolist() + panel.plot.shown("front")[1].tolist()
    assert sorted(x) == [100.0, 101.0, 102.0, 103.0], "simulated seconds count, not the measured ones"
    names, rows = panel.data()
    assert names == ["candidate", "seconds", "score", "on the front"]
    assert rows == [(0, 100.0, 80.0, "yes"), (1, 101.0, 85.0, "yes"), (2, 102.0, 95.0, "yes"), (3, 103.0, 70.0, "")]


def test_a_selected_candidate_is_ringed_and_the_words_say_where_it_is(panel, search) -> None:
    panel.show_view(search.view(), 1)
    assert panel.plot.shown("selected")[0].tolist() == [1]
    assert panel.said.endswith("on the front")
    panel.show_view(search.view(), 0)
    assert not panel.said.endswith("on the front")


def test_the_front_moves_outward_over_time_in_the_same_room(panel) -> None:
    recorder, rng, moments = Recorder(Header(), None), np.random.default_rng(5), []
    for number in range(150):
        recorder.candidate(b"{}")
        recorder.score(number, 50 + 30 * rng.random(), seconds=1, parameters=int(rng.integers(1000, 9000)))
        if number % 25 == 24:
            moments.append(recorder.end)
    volumes, rooms = [], set()
    for moment in moments:
        panel.show_view(recorder.view(moment), None)
        volumes.append(panel.volume)
        rooms.add(panel.plot.sight())
    assert (np.diff(volumes) >= 0).all()
    assert volumes[-1] > volumes[0]
    assert len(rooms) == 1


def test_without_sizes_it_says_what_is_missing(panel, lookup) -> None:
    lookup.candidate(2)
    panel._axis._take("MACs")
    panel.show_view(lookup.recorder.view(), None)
    assert panel.shown_sentence == "No MACs are recorded for these candidates; choose another axis."
