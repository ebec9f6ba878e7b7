"""Several candidates at once: the order of arrival, simulated time, executors, workers that die."""

import math
import os
import time
from concurrent.futures import Executor, Future

import msgspec
import numpy as np
import pytest

from engine import plan as plans
from engine.evaluate import Outcome
from engine.run import Controls, Stopped, remote
from engine.run.clock import Clock
from engine.run.pool import Workers
from engine.run.slots import Elsewhere, Here, cost_of
from engine.session import OUTCOMES
from engine.space.nasbench201 import NasBench201Space

SPACE = NasBench201Space()


def outcome(cost: float, score: float = 1.0) -> Outcome:
    return Outcome(score, 0.5, 1, cost=cost)


class TestClock:
    def test_one_slot_adds_up(self):
        clock = Clock(1)
        for cost, end in ((3.0, 3.0), (4.0, 7.0)):
            assert clock.start(cost) == end
            clock.arrive(end)
        assert clock.now == 7.0

    def test_the_next_candidate_goes_to_the_slot_that_is_free_first(self):
        clock = Clock(2)
        first, second = clock.start(10.0), clock.start(4.0)
        clock.arrive(second)
        assert clock.start(1.0) == 5.0
        clock.arrive(5.0)
        clock.arrive(first)
        assert (clock.start(1.0), clock.now) == (6.0, 10.0)


class TestHere:
    def test_results_arrive_in_the_order_of_their_simulated_ends(self):
        costs = {0: 10.0, 1: 4.0, 2: 7.0, 3: 1.0}
        slots = Here(2, lambda architecture, number: outcome(costs[number]))
        slots.start(0, None)
        slots.start(1, None)
        arrived = []
        for following in (2, 3, None, None):
            arrival = slots.next()
            arrived.append((arrival.number, arrival.end))
            if following is not None:
                slots.start(following, None)
        assert arrived == [(1, 4.0), (0, 10.0), (2, 11.0), (3, 11.0)]

    def test_what_has_no_cost_costs_the_time_it_took(self):
        assert cost_of(outcome(7.0)) == 7.0
        assert cost_of(outcome(math.nan)) == 0.5
        assert cost_of(Outcome(math.nan, math.nan, 0, "failed")) == 0.0


class Immediate(Executor):
    """Does at once what it is given, and gives back the results that a test lets it, in the order that it says."""

    def __init__(self, order) -> None:
        self.order, self.jobs, self.futures = order, [], []

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.jobs.append((fn, args))
        self.futures.append(future)
        if len(self.futures) % len(self.order) == 0:  # a whole round is out: it comes back as ordered
            start = len(self.futures) - len(self.order)
            for place in self.order:
                done, given = self.jobs[start + place]
                self.futures[start + place].set_result(done(*given))
        return future


@pytest.fixture
def trained_plan(sampling_plan):
    return plans.override(sampling_plan, ["evaluator.workers=2"])


class TestExecutor:
    def test_what_goes_out_is_plain_bytes(self, trained_plan):
        executor = Immediate([0])
        slots = Elsewhere(1, trained_plan, 1, executor, Controls(), lambda: None)
        architecture = trained_plan.space.example()
        slots.start(3, architecture)
        ((function, (data,)),) = executor.jobs
        assert function is remote.work
        sent = msgspec.json.decode(data)
        assert sent["candidate"] == 3
        assert sent["plan"]["method"]["kind"] == "evolution"
        arrival = slots.next()
        assert arrival.number == 3
        assert [series for series, _, _ in arrival.curves][:3] == [
            "train loss",
            "train accuracy",
            "validation accuracy",
        ]
        assert arrival.curves[-1][2] == arrival.outcome.score
        slots.close()

    def test_a_search_over_an_executor_scores_as_one_without(self, search, sampling_plan, content):
        """A candidate's score depends on the seed and its number, whoever evaluates it."""
        plan = plans.override(sampling_plan, ["method=random"])
        alone, _ = search(plan)
        view, ending = search(plans.override(plan, ["evaluator.workers=2"]), executor=Immediate([0, 1]))
        assert ending.state == "finished"
        for name in ("candidates", "deaths"):
            assert content(view)[name] == content(alone)[name]
        by_number = {row["candidate"]: (row["score"], row["parameters"]) for row in alone.rows("scores")}
        assert {row["candidate"]: (row["score"], row["parameters"]) for row in view.rows("scores")} == by_number

    def test_rows_stand_in_the_order_of_arrival_and_reproduce_the_run(self, search, sampling_plan, content):
        plan = plans.override(sampling_plan, ["evaluator.workers=2", "budget.evaluations=8"])
        view, _ = search(plan, executor=Ordered(view=None))
        arrived = view.rows("scores")["candidate"].tolist()
        assert sorted(arrived) == list(range(8))
        assert arrived != sorted(arrived)
        again, _ = search(plan, executor=Ordered(view=arrived))
        assert content(again) == content(view)

    def test_a_future_that_fails_is_a_failed_candidate(self, search, trained_plan):
        class Failing(Immediate):
            def submit(self, fn, /, *args, **kwargs):
                future: Future = Future()
                self.jobs.append(0)
                if len(self.jobs) == 2:
                    future.set_exception(OSError("the cluster is gone\nfor good"))
                else:
                    future.set_result(fn(*args))
                return future

        view, ending = search(trained_plan, executor=Failing([0]))
        assert ending.state == "finished"
        failed = [row for row in view.rows("scores") if OUTCOMES[row["outcome"]] == "failed"]
        assert [row["candidate"] for row in failed] == [1]
        assert view.text(failed[0]["message"]) == "its worker process ended (the cluster is gone)"


class Ordered(Executor):
    """Of two jobs that are out, the later one comes back first; or those come back that came back in another run."""

    def __init__(self, view) -> None:
        self.order = view
        self.out: dict[int, tuple[Future, bytes]] = {}
        self.arrived = 0

    def submit(self, fn, /, *args, **kwargs):
        number, future = msgspec.json.decode(args[0])["candidate"], Future()
        self.out[number] = future, args[0]
        if len(self.out) == 2 or number == 7:
            self._let_one_come()
        return future

    def _let_one_come(self) -> None:
        number = max(self.out) if self.order is None else self.order[self.arrived]
        future, data = self.out.pop(number)
        self.arrived += 1
        future.add_done_callback(lambda done: None)
        future.set_result(remote.work(data))
        if self.arrived >= 7 and self.out:
            self._let_one_come()


def die(data: bytes) -> bytes:
    """In a worker: a candidate that takes its process with it."""
    number = msgspec.json.decode(data)["candidate"]
    if number == 1:
        os._exit(9)
    return msgspec.json.encode(remote.Reply(float(number), 0.0, os.getpid(), "ok", "", 0, None, None))


def echo(value: int) -> tuple[int, int]:
    return value, os.getpid()


def snore(seconds: float) -> str:
    from engine.run.pool import Cancelled, wishes

    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            wishes.pulse()
            time.sleep(0.01)
    except Cancelled:
        return "cancelled"
    return "slept"


@pytest.mark.slow
class TestWorkers:
    def test_one_that_dies_takes_its_own_job_alone(self, trained_plan):
        workers = Workers(2)
        try:
            tasks = [remote.job(trained_plan, 1, number, trained_plan.space.example()) for number in range(4)]
            first = [workers.submit(die, task) for task in tasks[:2]]
            assert first[0].exception(60) is None
            assert first[1].exception(60) is not None
            again = [workers.submit(die, task) for task in (tasks[2], tasks[3])]
            numbers = {remote.answer(future.result(60)).outcome.score for future in again}
            assert numbers == {2.0, 3.0}
        finally:
            workers.shutdown()

    def test_a_worker_is_kept_for_its_next_job(self):
        workers = Workers(1)
        try:
            pids = {workers.submit(echo, number).result(60)[1] for number in range(3)}
            assert len(pids) == 1
            assert pids != {os.getpid()}
        finally:
            workers.shutdown()

    def test_they_wait_and_stop_as_wished(self):
        workers = Workers(1)
        try:
            assert workers.submit(echo, 1).result(60)[0] == 1
            workers.hold(True)
            future = workers.submit(snore, 0.2)
            time.sleep(0.6)
            assert not future.done()
            workers.hold(False)
            assert future.result(60) == "slept"
            future = workers.submit(snore, 60.0)
            time.sleep(0.2)
            begun = time.monotonic()
            workers.shutdown()
            assert future.result(10) == "cancelled"
            assert time.monotonic() - begun < 30  # not the 60 that the job would take
        finally:
            workers.shutdown()

    def test_one_that_hears_nothing_is_ended_all_the_same(self):
        workers = Workers(1)
        assert workers.submit(echo, 1).result(60)[0] == 1
        future = workers.submit(time.sleep, 600)
        begun = time.monotonic()
        workers.shutdown()
        assert future.exception(10) is not None
        assert time.monotonic() - begun < 10

    def test_a_whole_search_over_processes(self, search, trained_plan):
        """The scores are those of the candidates' numbers, although two processes shared the work."""
        plan = plans.override(trained_plan, ["method=random", "budget.evaluations=4"])
        view, ending = search(plan)
        assert ending.state == "finished"
        alone, _ = search(plans.override(plan, ["evaluator.workers=1"]))
        scores = {int(row["candidate"]): float(row["score"]) for row in view.rows("scores")}
        assert scores == {int(row["candidate"]): float(row["score"]) for row in alone.rows("scores")}
        assert (view.rows("measures")["macs"] > 0).all()
        assert len(view.rows("scalars")) >= len(alone.rows("scalars"))

    def test_a_stop_ends_them_within_a_batch(self, search, trained_plan):
        controls = Controls()
        plan = plans.override(trained_plan, ["evaluator.epochs=10000", "budget.evaluations=4"])
        changed = []

        def started() -> None:
            import threading

            threading.Timer(4.0, controls.stop).start()
            changed.append(time.monotonic())

        view, ending = search(plan, controls, started)
        assert ending.state == "stopped"
        assert time.monotonic() - changed[0] < 20
        assert len(view.rows("scores")) == 0
        assert len(view.rows("candidates")) == 2
        with pytest.raises(Stopped):
            controls.checkpoint()


def test_the_answer_survives_what_json_has_no_word_for():
    found = Outcome(math.nan, 1.5, 3, "not a number", "x", 7, math.nan, 90.0)
    data = msgspec.json.encode(remote.Reply(*found, curves=(("train loss", 1, math.nan), ("train accuracy", 1, 2.0))))
    back = remote.answer(data)
    np.testing.assert_equal(tuple(back.outcome), tuple(found))
    np.testing.assert_equal(back.curves, (("train loss", 1, math.nan), ("train accuracy", 1, 2.0)))
