"""The Surrogate panel: what was expected against what came, and how well it was ranked."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.panels.surrogate import ALL, EVERY, LAST, LATELY, Surrogate, correlations, judged
from app.theme import LIGHT
from engine.session import Header, Recorder


@pytest.fixture
def panel(qtbot) -> Surrogate:
    panel = Surrogate()
    qtbot.addWidget(panel)
    panel.resize(700, 320)
    panel.show()
    return panel


def search(pairs, first: int = 2) -> Recorder:
    """Candidates nobody predicted, then one for each pair of an expected and a true score."""
    recorder = Recorder(Header(method="pnas"), None)
    for number in range(first):
        recorder.candidate(b"{}")
        recorder.score(number, 70, seconds=1, parameters=1)
    for expected, score in pairs:
        number = recorder.candidate(b"{}")
        recorder.prediction(number, expected, 0.5)
        recorder.score(number, score, seconds=1, parameters=1, outcome="failed" if score is None else "ok")
    return recorder


def by_hand(one, other) -> float:
    """Spearman's rank correlation with ties, from the definition: ranks are 1 + those below + half of the equal."""
    ranks = []
    for values in (one, other):
        ranks.append([sum(v < w for v in values) + (sum(v == w for v in values) + 1) / 2 for w in values])
    (first, second), count = ranks, len(one)
    means = sum(first) / count, sum(second) / count
    top = sum((a - means[0]) * (b - means[1]) for a, b in zip(first, second, strict=True))
    below = [sum((a - mean) ** 2 for a in values) for values, mean in zip(ranks, means, strict=True)]
    return top / (below[0] * below[1]) ** 0.5


@pytest.mark.parametrize("window", [None, LATELY])
def test_the_rank_correlation_is_spearmans(window) -> None:
    rng = np.random.default_rng(3)
    pairs = rng.integers(0, 12, (70, 2)).astype(float)  # with many ties
    numbers, values = correlations(judged(search(pairs).view()), window)
    assert numbers.tolist() == list(range(3, 71))
    for number, value in zip(numbers.tolist(), values.tolist(), strict=True):
        some = pairs[max(0, number - (window or number)) : number]
        assert value == pytest.approx(by_hand(some[:, 0].tolist(), some[:, 1].tolist()))


def test_of_many_only_some_are_computed_and_always_the_last() -> None:
    pairs = np.random.default_rng(3).random((1001, 2))
    numbers, _ = correlations(judged(search(pairs).view()))
    assert len(numbers) <= 260
    assert numbers[-1] == 1001


def test_equal_ranks_have_no_correlation() -> None:
    numbers, _ = correlations(judged(search([(80.0, 80.0 + n) for n in range(5)]).view()))
    assert not len(numbers)


def test_predicted_and_true_scores_are_points_around_a_line(panel) -> None:
    panel._which._take(EVERY)
    panel.show_view(search([(80, 82), (81, None), (84, 83), (83, 86)]).view(), None)
    who, x, y = panel.plot.shown("lately")
    assert (who.tolist(), x.tolist(), y.tolist()) == ([2, 4, 5], [80, 84, 83], [82, 83, 86])
    assert panel.plot.shown("best")[0].tolist() == [5]
    low, high = panel.identity.line
    left, right, bottom, top = panel.plot.sight()
    assert (low, high) == (max(left, bottom), min(right, top))
    assert panel.said == "3 predicted and scored · rank correlation 0.50"


def test_a_click_selects_and_the_words_say_what_was_expected(panel, qtbot) -> None:
    panel._which._take(EVERY)
    recorder = search([(80, 82), (84, 83), (83, 86)])
    panel.show_view(recorder.view(), None)
    scene = panel.plot.box.mapViewToScene(QPointF(84, 83))
    with qtbot.waitSignal(panel.selected) as clicked:
        qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=panel.plot.mapFromScene(scene))
    assert clicked.args == [3]
    panel.show_view(recorder.view(), 3)
    assert panel.plot.shown("selected")[0].tolist() == [3]
    assert panel.said.replace("\u00a0", " ").endswith("predicted 84.0 % ± 0.5")


def test_the_last_ones_stand_out_and_have_a_correlation_of_their_own(panel) -> None:
    rising, falling = [(n, n) for n in range(40)], [(n, -n) for n in range(LATELY)]
    panel.show_view(search(rising + falling).view(), None)
    assert len(panel.plot.shown("lately")[0]) == LATELY
    assert len(panel.plot.shown("earlier")[0]) == 40
    assert {entry.name: round(entry.value, 6) for entry in panel.chart.legend.shown}[LAST] == -1
    assert panel.said.endswith(f"of the last {LATELY} −1.00")


def test_the_room_is_that_of_the_better_half_unless_all_are_wanted(panel) -> None:
    view = search([(10, 20), (80, 82), (84, 83), (83, 86)]).view()
    panel.show_view(view, None)
    assert panel.plot.sight()[2] > 80
    panel._which._take(EVERY)
    assert panel.plot.sight()[2] < 20


def test_it_says_why_there_is_nothing(panel, evolution) -> None:
    panel.show_view(None, None)
    assert panel.shown_sentence.startswith("What a surrogate expected")
    evolution.candidate()
    panel.show_view(evolution.recorder.view(), None)
    assert panel.shown_sentence.startswith("This method has no surrogate")
    panel.show_view(search([]).view(), None)
    assert panel.shown_sentence.startswith("Nothing has been predicted yet")
    panel.show_view(search([(80, None)]).view(), None)
    assert panel.shown_sentence == "The first candidates of which scores were predicted are being evaluated."


def test_the_data_are_what_is_shown(panel) -> None:
    panel.set_theme(LIGHT)
    panel.show_view(search([(80, 82), (84, 83), (83, 86)]).view(), None)
    names, rows = panel.data()
    assert names == ["candidate", "predicted", "score", "spread", f"correlation, {ALL}", f"correlation, {LAST}"]
    assert rows == [(2, 80, 82, 0.5, "", ""), (3, 84, 83, 0.5, "", ""), (4, 83, 86, 0.5, 0.5, 0.5)]
    panel.chart.legend.hidden = {ALL}
    panel.redraw()
    assert panel.data()[1][-1] == (4, 83, 86, 0.5, "", 0.5)


def test_a_small_panel_shows_one_of_the_two(panel) -> None:
    panel.resize(330, 260)
    panel.show_view(search([(80, 82), (84, 83), (83, 86)]).view(), None)
    assert panel.plot.isVisible()
    assert not panel.chart.isVisible()
    panel._which._take("ranking")
    assert panel.chart.isVisible()
    assert not panel.plot.isVisible()
    panel.resize(700, 320)
    assert panel.plot.isVisible()
    assert panel.chart.isVisible()
