"""Worker processes: which job is lost when one dies, busy, idle or starting; what they are told. No job loads torch."""

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import wait

import pytest

from engine.run import pool
from engine.run.pool import NoWorkerError, WorkerError, Workers
from tests.engine.run.jobs import ENOUGH, Lethal, LethalOnce, signature, sleep_for_ever, take_a_step, work_for_ever

signals = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system ends processes in other ways")


@pytest.fixture(scope="module")
def workers():
    """Two workers that tests share, since each takes half a second to start; a test leaves them with nothing to do."""
    made = Workers(2)
    wait([made.submit(time.sleep, 0.1) for _ in range(2)])
    yield made
    made.shutdown()


def pid_of(workers: Workers) -> int:
    return workers.submit(os.getpid).result(ENOUGH)


class TestJobs:
    def test_a_worker_is_another_process_and_is_kept_for_its_next_job(self, workers):
        pids = {pid_of(workers) for _ in range(3)}
        assert len(pids) == 1
        assert os.getpid() not in pids

    def test_whoever_has_a_result_may_hand_in_the_next_job_at_once(self, workers):
        under_way = {workers.submit(int, 0), workers.submit(int, 1)}
        for number in range(2, 400):
            done, under_way = wait(under_way, ENOUGH, return_when="FIRST_COMPLETED")
            assert all(future.result() < number for future in done)
            under_way |= {workers.submit(int, number) for _ in done}
        assert not wait(under_way, ENOUGH).not_done

    def test_jobs_beyond_the_number_of_workers_wait_for_their_turn(self, workers):
        futures = [workers.submit(os.getpid) for _ in range(7)]
        assert len({future.result(ENOUGH) for future in futures}) <= 2

    def test_what_a_job_raises_is_told_in_one_line_and_the_worker_lives(self, workers):
        before = pid_of(workers)
        fault = workers.submit(int, "a\nb").exception(ENOUGH)
        assert isinstance(fault, WorkerError)
        assert str(fault) == r"ValueError: invalid literal for int() with base 10: 'a\nb'"
        assert str(workers.submit(threading.Lock).exception(ENOUGH)).startswith("TypeError: cannot pickle")
        assert pid_of(workers) == before


class TestDeaths:
    def test_a_worker_that_dies_of_its_job_takes_that_alone(self, workers):
        dying, living = workers.submit(os._exit, 9), workers.submit(int, 5)
        assert str(dying.exception(ENOUGH)) == "its worker process ended (exit code 9)"
        assert living.result(ENOUGH) == 5
        assert workers.submit(int, 6).result(ENOUGH) == 6

    @signals
    def test_the_death_of_an_idle_worker_costs_nothing(self, workers):
        dead = pid_of(workers)
        os.kill(dead, signal.SIGKILL)
        assert pid_of(workers) != dead

    @signals
    def test_the_death_of_all_at_once_costs_what_was_under_way(self, workers, tmp_path):
        busy = workers.submit(work_for_ever, tmp_path / "busy")
        pids = {signature(tmp_path / "busy"), pid_of(workers)}
        assert len(pids) == 2
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert str(busy.exception(ENOUGH)) == "its worker process ended (signal 9, Killed)"
        assert [workers.submit(int, number).result(ENOUGH) for number in range(3)] == [0, 1, 2]

    def test_a_death_while_it_starts_costs_nothing(self, workers, tmp_path):
        assert workers.submit(int, LethalOnce(tmp_path / "mark")).result(ENOUGH) == 7

    def test_a_job_that_nobody_lives_to_begin_fails_and_the_next_one_does_not(self, workers, monkeypatch):
        monkeypatch.setattr(pool, "TRIES", 2)
        fault = workers.submit(int, Lethal()).exception(ENOUGH)
        assert isinstance(fault, NoWorkerError)
        assert str(fault) == "no worker process lived to begin it (the last one: exit code 3)"
        assert workers.submit(int, 1).result(ENOUGH) == 1

    def test_a_system_without_room_for_another_process_fails_the_job(self, monkeypatch):
        def full(process):
            raise OSError(11, "Resource temporarily unavailable")

        monkeypatch.setattr(pool._CONTEXT.Process, "_Popen", staticmethod(full))
        own = Workers(1)
        fault = own.submit(int, 1).exception(ENOUGH)
        own.shutdown()
        assert isinstance(fault, NoWorkerError)
        assert "Resource temporarily unavailable" in str(fault)


class TestWishes:
    def test_workers_wait_while_they_are_held(self, workers, tmp_path):
        workers.hold(True)
        held = workers.submit(take_a_step, tmp_path / "mark")
        signature(tmp_path / "mark")
        assert [workers.submit(int, number).result(ENOUGH) for number in range(20)] == list(range(20))
        assert not held.done()
        workers.hold(False)
        assert held.result(ENOUGH) == "stepped"

    @signals
    def test_signals_to_end_are_left_to_the_search(self, workers):
        pid = pid_of(workers)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            os.kill(pid, getattr(signal, name))
        assert pid_of(workers) == pid

    def test_a_shutdown_is_heard_within_a_job(self, monkeypatch, tmp_path):
        monkeypatch.setattr(pool, "GRACE", ENOUGH)
        own = Workers(1)
        job = own.submit(work_for_ever, tmp_path / "mark")
        pid = signature(tmp_path / "mark")
        own.shutdown()
        own.shutdown()
        assert job.result(0) == "cancelled"
        assert pid not in {process.pid for process in multiprocessing.active_children()}

    def test_a_worker_that_hears_nothing_is_ended_all_the_same(self, monkeypatch, tmp_path):
        monkeypatch.setattr(pool, "GRACE", 0.0)
        own = Workers(1)
        job = own.submit(sleep_for_ever, tmp_path / "mark")
        signature(tmp_path / "mark")
        own.shutdown()
        assert str(job.exception(0)).startswith("its worker process ended")
