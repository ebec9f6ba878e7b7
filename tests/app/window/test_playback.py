"""Playback calls a panel when, and only when, it is visible and has something new to show."""

from time import sleep

import pytest
from PySide6.QtWidgets import QTabWidget, QWidget

from app.window.playback import Playback


class Probe(QWidget):
    """Remembers how it was called."""

    def __init__(self, *reads: str, cadence: str = "fast", takes: float = 0.0) -> None:
        super().__init__()
        self.reads, self.cadence, self.takes = reads, cadence, takes
        self.calls: list[tuple[float | None, int | None]] = []

    def show_view(self, view, selection, wanted=None) -> None:
        self.calls.append((view.time if view is not None else None, selection))
        sleep(self.takes)


@pytest.fixture
def playback(qapp):
    return Playback()


@pytest.fixture
def shown(qtbot, playback):
    """Makes a probe that can be seen and that the playback knows."""

    def make(*reads: str, **options) -> Probe:
        probe = Probe(*reads, **options)
        qtbot.addWidget(probe)
        probe.show()
        playback.add(probe)
        return probe

    return make


def test_a_panel_is_called_once_for_the_empty_desk(playback, shown):
    probe = shown("log")
    playback.tick()
    playback.tick()
    assert probe.calls == [(None, None)]


def test_only_panels_whose_tables_have_new_rows_are_called(playback, shown, recorder):
    log, weights = shown("log"), shown("weights")
    playback.show(recorder)
    playback.tick()
    recorder.log("one")
    playback.tick()
    playback.tick()
    assert len(log.calls) == 2
    assert log.calls[-1][0] == recorder.end
    assert len(weights.calls) == 1


def test_a_selection_is_news_to_every_panel(playback, shown, recorder):
    log, weights = shown("log"), shown("weights")
    playback.show(recorder)
    playback.tick()
    playback.select(3)
    playback.tick()
    assert log.calls[-1][1] == weights.calls[-1][1] == 3


def test_hidden_panels_are_called_when_they_appear(qtbot, playback, recorder):
    tabs, front, behind = QTabWidget(), Probe("log"), Probe("log")
    tabs.addTab(front, "front")
    tabs.addTab(behind, "behind")
    qtbot.addWidget(tabs)
    tabs.show()
    for probe in (front, behind):
        playback.add(probe)
    playback.show(recorder)
    recorder.log("one")
    playback.tick()
    assert (len(front.calls), len(behind.calls)) == (1, 0)
    tabs.setCurrentWidget(behind)
    playback.tick()
    assert (len(front.calls), len(behind.calls)) == (1, 1)


def test_text_is_shown_twice_a_second_and_never_forgotten(playback, shown, recorder, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.playback.perf_counter", lambda: clock[0])
    slow = shown("log", cadence="slow")
    playback.show(recorder)
    for number in range(5):
        recorder.log(str(number))
        playback.tick()
    assert len(slow.calls) == 1
    assert not playback.settled
    clock[0] += 0.45
    playback.tick()
    assert len(slow.calls) == 1
    clock[0] += 0.1
    playback.tick()
    assert playback.settled
    assert len(slow.calls) == 2
    assert slow.calls[-1][0] == recorder.end


def test_one_tick_draws_no_longer_than_its_budget_and_everybody_has_a_turn(playback, shown, recorder):
    probes = [shown("log", takes=0.02) for _ in range(3)]
    playback.show(recorder)
    turns = []
    for number in range(6):
        recorder.log(str(number))
        playback.tick()
        turns.append(sum(len(probe.calls) for probe in probes))
    assert turns == [1, 2, 3, 4, 5, 6]
    assert [len(probe.calls) for probe in probes] == [2, 2, 2]


def test_the_cursor_shows_the_past_while_the_session_goes_on(playback, shown, recorder):
    probe = shown("log")
    recorder.log("one")
    first = recorder.end
    recorder.log("two")
    playback.show(recorder)
    playback.go(first)
    playback.tick()
    assert probe.calls[-1][0] == first
    recorder.log("three")
    playback.tick()
    assert len(probe.calls) == 1
    playback.pin()
    playback.tick()
    assert probe.calls[-1][0] == recorder.end


def test_playing_moves_at_the_speed_chosen_and_ends_live(playback, recorder, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.playback.perf_counter", lambda: clock[0])
    recorder.end = 60.0
    playback.show(recorder, cursor=10.0)
    playback.start()
    playback.stop()
    playback.speed = 4
    playback.play(True)
    clock[0] += 2.0
    playback.tick()
    assert playback.time == pytest.approx(18.0)
    clock[0] += 20.0
    playback.tick()
    assert playback.cursor is None
    assert not playback.playing
    playback.play(True)  # once more, from the beginning
    assert playback.cursor == 0.0


def test_another_session_is_shown_from_its_end_without_a_selection(playback, shown, recorder):
    probe = shown("log")
    playback.select(4)
    recorder.log("one")
    playback.show(recorder)
    playback.tick()
    assert probe.calls[-1] == (recorder.end, None)
