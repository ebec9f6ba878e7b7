import math

import pytest

from engine.run import Controls, Stopped, progress
from engine.run.progress import Pace, Progress
from engine.session import Header, Recorder


def test_an_even_pace_is_known_exactly():
    pace = Pace(horizon=10)
    for _ in range(7):
        pace.add(3, seconds=0.5)
    assert pace.remaining(60) == pytest.approx(10)


def test_nothing_done_means_that_nothing_is_known():
    pace = Pace()
    pace.add(0, seconds=2)
    assert math.isnan(pace.remaining(10))


def test_a_new_pace_replaces_an_old_one_after_some_horizons():
    pace = Pace(horizon=10)
    pace.add(1000, seconds=1)
    for _ in range(100):
        pace.add(1, seconds=1)
    # By the sum: 1000·e^−10 + Σ e^(−k/10) units of work in as much time discounted alike.
    work = 1000 * math.exp(-10) + sum(math.exp(-k / 10) for k in range(100))
    time = math.exp(-10) + sum(math.exp(-k / 10) for k in range(100))
    assert pace.remaining(1) == pytest.approx(time / work)
    assert pace.remaining(1) == pytest.approx(1, rel=0.01)


class Clock:
    """A clock that stands still until told."""

    def __init__(self, monkeypatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def recorder():
    recorder = Recorder(Header(), None)
    yield recorder
    recorder.close()


def last(recorder: Recorder):
    return recorder.view().rows("progress")[-1]


def test_rows_come_twice_a_second_with_work_time_and_usage(clock, recorder):
    pulses = Progress(recorder, Controls(), total=100, limit=None, usage=lambda: (2048, 0.25))
    for step in range(40):
        pulses.pulse()
        clock.now += 0.1
        pulses.done = step + 1
    assert 7 <= len(recorder.view().rows("progress")) <= 9
    row = last(recorder)
    assert (row["total"], row["memory"], row["load"]) == (100, 2048, 0.25)
    assert row["remaining"] == pytest.approx((100 - row["done"]) / 10)


def test_the_nearer_of_two_limits_tells_the_remaining_time(clock, recorder):
    pulses = Progress(recorder, Controls(), total=100, limit=5.0, usage=lambda: (0, math.nan))
    pulses.pulse()
    clock.now += 2
    pulses.done = 1
    pulses.pulse()
    assert last(recorder)["remaining"] == pytest.approx(3)


def test_time_alone_may_limit_a_search(clock, recorder):
    pulses = Progress(recorder, Controls(), total=0, limit=5.0, usage=lambda: (0, math.nan))
    pulses.pulse()
    assert last(recorder)["remaining"] == pytest.approx(5)
    clock.now += 4.9
    assert not pulses.time_is_up
    clock.now += 0.2
    assert pulses.time_is_up


def test_the_share_of_another_budget_tells_the_remaining_time(clock, recorder):
    pulses = Progress(recorder, Controls(), total=0, limit=None, usage=lambda: (0, math.nan))
    clock.now += 3.0
    pulses.share = 0.25
    pulses.pulse()
    assert last(recorder)["remaining"] == pytest.approx(9.0)


def test_a_pause_does_not_count_as_time(clock, recorder):
    controls = Controls()
    pulses = Progress(recorder, controls, total=10, limit=5.0, usage=lambda: (0, math.nan))
    pulses.pulse()
    clock.now += 1
    pulses.done = 1

    def wait_an_hour() -> None:
        clock.now += 3600

    controls.checkpoint = wait_an_hour
    pulses.pulse()
    assert not pulses.time_is_up
    assert last(recorder)["remaining"] == pytest.approx(4)


def test_a_pulse_heeds_the_controls(recorder):
    controls = Controls()
    controls.stop()
    pulses = Progress(recorder, controls, total=1, limit=None, usage=lambda: (0, math.nan))
    with pytest.raises(Stopped):
        pulses.pulse()


def test_a_file_that_cannot_be_written_any_more_is_told_once(clock, recorder):
    recorder.fault = "cannot write s.h5: No space left on device"
    pulses = Progress(recorder, Controls(), total=1, limit=None, usage=lambda: (0, math.nan))
    for _ in range(3):
        pulses.pulse()
        clock.now += 1
    view = recorder.view()
    assert [view.text(row["text"]) for row in view.rows("log")] == [
        "cannot write s.h5: No space left on device; the search goes on in memory"
    ]
