"""The desk calls a panel when, and only when, it is visible and has something new to show."""

from time import sleep

import pytest
from PySide6.QtWidgets import QTabWidget, QWidget

from app.window.desk import Desk


class Probe(QWidget):
    """Remembers how it was called."""

    def __init__(self, *reads: str, cadence: str = "fast", takes: float = 0.0) -> None:
        super().__init__()
        self.reads, self.cadence, self.takes = reads, cadence, takes
        self.calls: list[tuple[float | None, int | None]] = []

    def look(self, view, selection) -> None:
        self.calls.append((view.time if view is not None else None, selection))
        sleep(self.takes)


@pytest.fixture
def desk(qapp):
    return Desk()


@pytest.fixture
def shown(qtbot, desk):
    """Makes a probe that can be seen and that the desk knows."""

    def make(*reads: str, **options) -> Probe:
        probe = Probe(*reads, **options)
        qtbot.addWidget(probe)
        probe.show()
        desk.add(probe)
        return probe

    return make


def test_a_panel_is_called_once_for_the_empty_desk(desk, shown):
    probe = shown("log")
    desk.tick()
    desk.tick()
    assert probe.calls == [(None, None)]


def test_only_panels_whose_tables_have_new_rows_are_called(desk, shown, recorder):
    log, weights = shown("log"), shown("weights")
    desk.show(recorder)
    desk.tick()
    recorder.log("one")
    desk.tick()
    desk.tick()
    assert len(log.calls) == 2
    assert log.calls[-1][0] == recorder.end
    assert len(weights.calls) == 1


def test_a_selection_is_news_to_every_panel(desk, shown, recorder):
    log, weights = shown("log"), shown("weights")
    desk.show(recorder)
    desk.tick()
    desk.select(3)
    desk.tick()
    assert log.calls[-1][1] == weights.calls[-1][1] == 3


def test_hidden_panels_are_called_when_they_appear(qtbot, desk, recorder):
    tabs, front, behind = QTabWidget(), Probe("log"), Probe("log")
    tabs.addTab(front, "front")
    tabs.addTab(behind, "behind")
    qtbot.addWidget(tabs)
    tabs.show()
    for probe in (front, behind):
        desk.add(probe)
    desk.show(recorder)
    recorder.log("one")
    desk.tick()
    assert (len(front.calls), len(behind.calls)) == (1, 0)
    tabs.setCurrentWidget(behind)
    desk.tick()
    assert (len(front.calls), len(behind.calls)) == (1, 1)


def test_text_is_shown_twice_a_second_and_never_forgotten(desk, shown, recorder):
    slow = shown("log", cadence="slow")
    desk.show(recorder)
    for number in range(5):
        recorder.log(str(number))
        desk.tick()
    assert len(slow.calls) == 1
    assert not desk.settled
    sleep(0.55)
    desk.tick()
    assert desk.settled
    assert len(slow.calls) == 2
    assert slow.calls[-1][0] == recorder.end


def test_one_tick_draws_no_longer_than_its_budget_and_everybody_has_a_turn(desk, shown, recorder):
    probes = [shown("log", takes=0.02) for _ in range(3)]
    desk.show(recorder)
    turns = []
    for number in range(6):
        recorder.log(str(number))
        desk.tick()
        turns.append(sum(len(probe.calls) for probe in probes))
    assert turns == [1, 2, 3, 4, 5, 6]
    assert [len(probe.calls) for probe in probes] == [2, 2, 2]


def test_the_cursor_shows_the_past_while_the_session_goes_on(desk, shown, recorder):
    probe = shown("log")
    recorder.log("one")
    first = recorder.end
    recorder.log("two")
    desk.show(recorder)
    desk.go(first)
    desk.tick()
    assert probe.calls[-1][0] == first
    recorder.log("three")
    desk.tick()
    assert len(probe.calls) == 1
    desk.pin()
    desk.tick()
    assert probe.calls[-1][0] == recorder.end


def test_playing_moves_at_the_speed_chosen_and_ends_live(desk, recorder, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.desk.perf_counter", lambda: clock[0])
    recorder.end = 60.0
    desk.show(recorder, cursor=10.0)
    desk.start()
    desk.stop()
    desk.speed = 4
    desk.play(True)
    clock[0] += 2.0
    desk.tick()
    assert desk.time == pytest.approx(18.0)
    clock[0] += 20.0
    desk.tick()
    assert desk.cursor is None
    assert not desk.playing
    desk.play(True)  # once more, from the beginning
    assert desk.cursor == 0.0


def test_another_session_is_shown_from_its_end_without_a_selection(desk, shown, recorder):
    probe = shown("log")
    desk.select(4)
    recorder.log("one")
    desk.show(recorder)
    desk.tick()
    assert probe.calls[-1] == (recorder.end, None)
