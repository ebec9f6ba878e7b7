"""The Controller panel: how sure it is of each decision, what it would choose, and the reward."""

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.panels.controller import Controller
from app.plots.heatmap import colour_of
from app.theme import LIGHT
from engine.session import Header, Recorder

LABELS = ("node 0, from k−1", "node 1, from 0", "node 1, from k−1")


def told(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture
def panel(qtbot) -> Controller:
    panel = Controller()
    qtbot.addWidget(panel)
    panel.resize(700, 320)
    panel.show()
    return panel


def update(recorder: Recorder, step: int, sure: float, decisions: int = 3) -> None:
    """An update in which every decision is a coin that falls on "skip" with probability `sure`."""
    entropy = -sum(share * math.log(share) for share in (sure, 1 - sure))
    recorder.scalar("reward", sure, step=step)
    recorder.scalar("baseline", sure - 0.1, step=step)
    recorder.scalar("entropy", entropy, step=step, unit="nats")
    for number in range(decisions):
        recorder.policy(step, number, LABELS[number], entropy, "skip", sure)


@pytest.fixture
def search() -> Recorder:
    recorder = Recorder(Header(method="nas-rl"), None)
    for step, sure in ((10, 0.5), (20, 0.7), (30, 0.95)):
        update(recorder, step, sure)
    return recorder


def test_every_decision_is_a_row_and_every_update_a_column(panel, search) -> None:
    panel.show_view(search.view(), None)
    assert panel.stripes.names == LABELS
    assert panel.stripes.values.shape == (3, 3)
    assert panel.stripes.values[0, 0] == pytest.approx(math.log(2))
    assert [told(words) for words in panel.stripes.words] == ["95 % skip"] * 3
    assert told(panel.said).startswith("3 updates · 3 of 3 decisions settled · mean entropy 0.199 nats")


def test_what_is_still_to_come_is_blank_in_a_replay(panel, search) -> None:
    second = search.view().rows("policy")["time"][5]
    panel.show_view(search.view(second), None)
    assert np.isnan(panel.stripes.values[:, 2]).all()
    assert not np.isnan(panel.stripes.values[:, :2]).any()
    assert told(panel.stripes.words[0]) == "70 % skip"
    assert panel.said.startswith("2 updates · 0 of 3 decisions settled")


def test_half_an_update_is_shown_as_far_as_it_was_noted(panel, search) -> None:
    panel.show_view(search.view(search.view().rows("policy")["time"][4]), None)
    assert np.isnan(panel.stripes.values[:, 1]).tolist() == [False, False, True]
    assert panel.stripes.words[2] == "–"


def test_two_updates_at_one_step_are_two_columns(panel, search) -> None:
    update(search, 30, 0.97)
    panel.show_view(search.view(), None)
    assert panel.stripes.values.shape == (3, 4)


def test_decisions_that_come_with_growth_begin_blank(panel) -> None:
    recorder = Recorder(Header(method="nas-rl"), None)
    update(recorder, 1, 0.5, decisions=2)
    update(recorder, 2, 0.6)
    panel.show_view(recorder.view(), None)
    assert np.isnan(panel.stripes.values).tolist() == [[False, False], [False, False], [True, False]]


def test_the_mouse_and_the_arrows_read_a_cell(panel, search, qtbot) -> None:
    panel.show_view(search.view(), None)
    qtbot.mouseMove(panel.stripes, panel.stripes.centre(1, 0).toPoint())
    assert told(panel.said) == "node 1, from 0 · after 10 candidates: 50 % skip · entropy 0.693 nats"
    qtbot.mouseMove(panel.stripes, panel.stripes.rect().bottomRight())
    panel.stripes.setFocus()
    qtbot.keyClick(panel.stripes, Qt.Key.Key_Down)
    assert panel.said.startswith("node 0, from k−1 · after 30 candidates")
    qtbot.keyClick(panel.stripes, Qt.Key.Key_Left)
    qtbot.keyClick(panel.stripes, Qt.Key.Key_Down)
    assert panel.said.startswith("node 1, from 0 · after 20 candidates")


def test_more_updates_than_pixels_are_shown_by_their_means(panel) -> None:
    values = np.tile([0.0, 1.0], 5000)[None]
    panel.stripes.show_values(values, ("coin",), ("",), 1.0)
    panel.stripes.resize(300, 40)
    image = panel.stripes.grab().toImage()
    place = panel.stripes.area().center().toPoint()
    ratio = panel.stripes.devicePixelRatio()
    shown = image.pixelColor(round(place.x() * ratio), round(place.y() * ratio))
    half = colour_of(0.5)
    assert max(abs(a - b) for a, b in zip(shown.getRgb(), half.getRgb(), strict=True)) < 12


def test_reward_and_baseline_or_entropy_are_curves(panel, search) -> None:
    panel.show_view(search.view(), None)
    assert [curve.name for curve in panel.chart.plot.shown()] == ["reward", "baseline"]
    assert [entry.value for entry in panel.chart.legend.shown] == pytest.approx([0.95, 0.85])
    panel._which._take("entropy")
    assert [curve.name for curve in panel.chart.plot.shown()] == ["entropy"]


def test_a_policy_that_is_known_as_a_whole_alone_has_curves_alone(panel) -> None:
    recorder = Recorder(Header(method="enas"), None)
    recorder.scalar("reward", 0.5, step=1)
    panel.show_view(recorder.view(), None)
    assert not panel.shown_sentence
    assert not panel.stripes.isVisible()
    assert panel.chart.plot.isVisible()


def test_it_says_why_there_is_nothing(panel, evolution) -> None:
    panel.show_view(None, None)
    assert panel.shown_sentence.startswith("What a controller has learnt will appear here")
    evolution.candidate()
    panel.show_view(evolution.recorder.view(), None)
    assert panel.shown_sentence.startswith("This method has no controller")
    panel.show_view(Recorder(Header(method="nasnet"), None).view(), None)
    assert panel.shown_sentence == "The controller has not learnt from a reward yet."


def test_the_data_are_the_policy_and_the_curves(panel, search, tmp_path) -> None:
    panel.set_theme(LIGHT)
    panel.show_view(search.view(), None)
    names, rows = panel.data()
    assert names[:3] == ["step", "decision", "label"]
    assert len(rows) == 9 + 6
    assert rows[0] == (10, 0, LABELS[0], pytest.approx(math.log(2)), "skip", 0.5, "", "")
    panel.save_picture(tmp_path / "controller.svg")
    assert "skip" in (tmp_path / "controller.svg").read_text(encoding="utf-8")


def test_a_small_panel_shows_one_of_the_two(panel, search) -> None:
    panel.resize(330, 260)
    panel.show_view(search.view(), None)
    assert panel._which.names == ("decisions", "reward", "entropy")
    panel._which._take("decisions")
    assert panel.stripes.isVisible()
    assert not panel.chart.plot.isVisible()
    assert len(panel.data()[1]) == 9
    panel._which._take("reward")
    assert panel.chart.plot.isVisible()
    assert not panel.stripes.isVisible()
    panel.resize(700, 320)
    assert panel._which.names == ("reward", "entropy")
    assert panel.stripes.isVisible()
