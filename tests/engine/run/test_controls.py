import contextlib
import threading

import pytest

from engine.run import Controls, Stopped


def test_a_checkpoint_passes_while_nothing_is_asked_for():
    controls = Controls()
    controls.checkpoint()
    assert controls.state == "running"


def test_stop_is_raised_at_the_next_checkpoint_and_every_later_one():
    controls = Controls()
    controls.stop()
    assert controls.state == "stopping"
    for _ in range(2):
        with pytest.raises(Stopped):
            controls.checkpoint()


class Worker:
    """Passes checkpoints in a thread until it is stopped, and notes what the controls tell it."""

    def __init__(self) -> None:
        self.controls, self.changes, self.told = Controls(), [], threading.Condition()
        self.controls.changed = self.change
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def change(self, state: str) -> None:
        with self.told:
            self.changes.append(state)
            self.told.notify_all()

    def work(self) -> None:
        with contextlib.suppress(Stopped):
            while True:
                self.controls.checkpoint()

    def wait_for(self, *changes: str) -> None:
        with self.told:
            assert self.told.wait_for(lambda: self.changes == list(changes), 600), self.changes


def test_pause_holds_the_worker_until_it_may_go_on():
    worker = Worker()
    worker.controls.pause()
    worker.wait_for("paused")
    assert worker.controls.state == "paused"
    worker.controls.resume()
    worker.wait_for("paused", "running")
    assert worker.controls.state == "running"
    worker.controls.stop()
    worker.thread.join(600)
    assert not worker.thread.is_alive()


def test_stop_ends_a_pause_without_saying_that_the_search_runs_again():
    worker = Worker()
    worker.controls.pause()
    worker.wait_for("paused")
    worker.controls.stop()
    worker.thread.join(600)
    assert not worker.thread.is_alive()
    assert worker.changes == ["paused"]


def test_a_pause_that_nobody_has_heeded_yet_is_pausing():
    controls = Controls()
    controls.pause()
    assert controls.state == "pausing"
    controls.resume()
    assert controls.state == "running"


def test_what_is_handed_in_is_taken_once_and_in_order():
    controls = Controls()
    assert controls.take() is None
    controls.hand_in((1, 2))
    controls.hand_in((3,))
    assert [controls.take() for _ in range(3)] == [(1, 2), (3,), None]
