"""The Standing panel: the whole benchmark, the best so far in it, and the regret."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.panels.benchmark_rank import BenchmarkRank


@pytest.fixture
def panel(qtbot) -> BenchmarkRank:
    panel = BenchmarkRank()
    qtbot.addWidget(panel)
    panel.resize(700, 320)
    panel.show()
    return panel


def test_all_entries_are_in_the_bars_and_those_still_better_stand_out(panel, lookup) -> None:
    lookup.candidate(6)
    panel.show_view(lookup.recorder.view(), None)
    entries = lookup.entries[lookup.looked_up]
    held = float(entries["reported"][np.argmax(entries["searched"])])  # the best by what the search knows
    reported = lookup.entries["reported"]
    assert panel.histogram.counts.sum() == len(reported)
    assert panel.histogram.beyond.sum() == (reported > held).sum()
    for place in range(len(panel.histogram.counts)):
        low, high = panel.histogram.edges[place : place + 2]
        assert panel.histogram.counts[place] == ((reported >= low) & (reported < high)).sum()
    assert [flag.x for flag in panel.histogram.flags] == [reported.max(), held]


def test_regret_falls_with_what_is_reported_for_the_best(panel, lookup) -> None:
    lookup.candidate(12)
    panel.show_view(lookup.recorder.view(), None)
    names, rows = panel.data()
    assert names == ["evaluations", "simulated seconds", "best", "score", "reported", "regret", "better than, %"]
    spent, best = 0.0, None
    for number, row in enumerate(rows):
        entry = lookup.entries[lookup.looked_up[number]]
        spent += entry["cost"]
        if best is None or entry["searched"] > lookup.entries[lookup.looked_up[best]]["searched"]:
            best = number
        held = lookup.entries[lookup.looked_up[best]]
        share = 100 * (lookup.entries["reported"] < held["reported"]).mean()
        regret = lookup.entries["reported"].max() - held["reported"]
        assert row == pytest.approx((number + 1, spent, best, held["searched"], held["reported"], regret, share))


def test_the_regret_is_drawn_over_evaluations_or_simulated_seconds(panel, lookup) -> None:
    lookup.candidate(12)
    panel.show_view(lookup.recorder.view(), None)
    regret = np.array([row[5] for row in panel.data()[1]])
    (curve,) = panel.plot.shown()
    assert curve.x.tolist() == list(range(1, 13))
    np.testing.assert_array_equal(curve.y, regret)
    panel._axis._take("simulated seconds")
    (curve,) = panel.plot.shown()
    assert curve.x.tolist() == [row[1] for row in panel.data()[1]]


def test_the_standing_is_put_in_words_also_at_the_mouse(panel, lookup) -> None:
    lookup.candidate(12)
    panel.show_view(lookup.recorder.view(), None)
    _, _, best, score, reported, regret, share = panel.data()[1][-1]
    rank = int((lookup.entries["reported"] > reported).sum()) + 1
    assert panel.said.replace("\u00a0", " ").replace(f"{share:.1f} %", "N %") == (
        f"best #{best} with {score:.2f} %, reported {reported:.2f} % · better than N % of 40, rank {rank} · "
        f"regret {regret:.2f}"
    )
    panel.plot.hovered.emit(QPointF(3.4, 1.0))
    assert panel.said.startswith("after 3 evaluations: ")
    panel.plot.hovered.emit(None)
    assert panel.said.startswith("best #")


def test_who_holds_the_optimum_has_no_regret_and_is_better_than_all_but_itself(panel, lookup) -> None:
    optimum = lookup.entries[np.argmax(lookup.entries["reported"])]
    number = lookup.recorder.candidate(b"{}")
    lookup.recorder.score(number, float(optimum["searched"]), seconds=1, parameters=1)
    lookup.recorder.measure(number, reported=float(optimum["reported"]))
    panel.show_view(lookup.recorder.view(), None)
    assert "better than 97.5\u00a0% of 40, rank 1 · regret 0.00" in panel.said
    assert panel.histogram.beyond.sum() == 0


def test_the_two_stand_beside_each_other_or_above(panel, lookup) -> None:
    lookup.candidate(3)
    panel.show_view(lookup.recorder.view(), None)
    assert panel.sides.beside
    panel.resize(320, 500)
    assert not panel.sides.beside


def test_without_a_benchmark_it_says_what_it_is_for(panel, evolution) -> None:
    evolution.candidate(3)
    panel.show_view(evolution.recorder.view(), None)
    assert "looked up in a table" in panel.shown_sentence


def test_failures_alone_have_no_standing(panel, lookup) -> None:
    number = lookup.recorder.candidate(b"{}")
    lookup.recorder.score(number, None, seconds=1, parameters=0, outcome="failed")
    panel.show_view(lookup.recorder.view(), None)
    assert panel.said == "No candidate has been scored with success yet."
    assert len(panel.histogram.flags) == 1
    assert panel.data()[1] == [(1, 1.0, "", "", "", "", "")]
