"""Several candidates at once: the order of arrival, simulated time, executors, workers that die."""

import math
import threading
from concurrent.futures import Executor, Future
from functools import partial

import msgspec
import numpy as np
import pytest

from engine import plan as plans
from engine.evaluate import Outcome
from engine.run import Controls, Stopped, pool
from engine.run import executors as slots
from engine.run.executors import Clock, Elsewhere, Here, Reply, answer, cost_of, work
from engine.session import OUTCOMES
from engine.space.nasbench201 import NasBench201Space
from tests.engine.run.jobs import Lethal, score_or_die, signature, work_for_ever

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
        assert function is work
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
        plan = plans.override(sampling_plan, ["method=random", "evaluator.best_of_last=2"])
        alone, _ = search(plan)
        view, ending = search(plans.override(plan, ["evaluator.workers=2"]), executor=Immediate([0, 1]))
        assert ending.state == "finished"
        for name in ("candidates", "deaths"):
            assert content(view)[name] == content(alone)[name]
        by_number = {row["candidate"]: (row["score"], row["parameters"]) for row in alone.rows("scores")}
        assert {row["candidate"]: (row["score"], row["parameters"]) for row in view.rows("scores")} == by_number
        number = [view.text(row["name"]) for row in view.rows("series")].index("scored accuracy")
        told = view.rows("scalars")[view.rows("scalars")["series"] == number]
        assert dict(zip(told["candidate"], told["value"], strict=True)) == {
            candidate: score for candidate, (score, _) in by_number.items()
        }
        assert set(told["step"]) <= {1, 2}  # the epoch whose accuracy is the score

    def test_rows_stand_in_the_order_of_arrival_and_reproduce_the_run(self, search, sampling_plan, content):
        plan = plans.override(sampling_plan, ["evaluator.workers=2", "evaluator.epochs=1", "budget.evaluations=8"])
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

    def test_a_future_that_its_executor_cancels_is_a_failed_candidate(self, trained_plan):
        future: Future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        given = Immediate([0])
        given.submit = lambda function, task: future
        elsewhere = Elsewhere(1, trained_plan, 1, given, Controls(), lambda: None)
        elsewhere.start(0, trained_plan.space.example())
        outcome = elsewhere.next().outcome
        assert (outcome.outcome, outcome.message) == ("failed", "its worker process ended (it was cancelled)")
        elsewhere.close()


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
        future.set_result(work(data))
        if self.arrived >= 7 and self.out:
            self._let_one_come()


class TestWorkers:
    def test_a_candidate_that_takes_its_worker_with_it_has_failed_and_the_search_goes_on(
        self, search, trained_plan, monkeypatch
    ):
        monkeypatch.setattr(slots, "work", score_or_die)
        view, ending = search(trained_plan)
        assert ending.state == "finished"
        scores = {int(row["candidate"]): float(row["score"]) for row in view.rows("scores")}
        np.testing.assert_equal(scores, {0: 0.0, 1: math.nan, 2: 2.0, 3: 3.0, 4: 4.0, 5: 5.0})
        (failed,) = [row for row in view.rows("scores") if OUTCOMES[row["outcome"]] == "failed"]
        assert view.text(failed["message"]) == "its worker process ended (exit code 9)"

    def test_a_search_whose_workers_do_not_start_ends_and_says_so(self, search, trained_plan, monkeypatch):
        monkeypatch.setattr(slots, "work", Lethal())
        monkeypatch.setattr(pool, "TRIES", 1)
        monkeypatch.setattr(slots, "ROUNDS", 1)
        view, ending = search(trained_plan)
        assert ending.state == "failed"
        assert ending.message.startswith("worker processes do not start any more: 2 candidates in a row found none")
        assert [OUTCOMES[row["outcome"]] for row in view.rows("scores")] == ["failed"] * 2
        message = view.text(view.rows("scores")[0]["message"])
        assert message == "no worker process lived to begin it (the last one: exit code 3)"

    @pytest.mark.slow
    def test_a_whole_search_over_processes(self, search, trained_plan):
        """The scores are those of the candidates' numbers, although two processes shared the work."""
        plan = plans.override(trained_plan, ["method=random", "evaluator.epochs=1", "budget.evaluations=2"])
        view, ending = search(plan)
        assert ending.state == "finished"
        alone, _ = search(plans.override(plan, ["evaluator.workers=1"]))
        scores = {int(row["candidate"]): float(row["score"]) for row in view.rows("scores")}
        assert scores == {int(row["candidate"]): float(row["score"]) for row in alone.rows("scores")}
        assert (view.rows("measures")["macs"] > 0).all()
        assert len(view.rows("scalars")) >= len(alone.rows("scalars"))

    def test_a_stop_ends_a_search_whose_workers_are_at_work(self, search, trained_plan, monkeypatch, tmp_path):
        monkeypatch.setattr(slots, "work", partial(work_for_ever, tmp_path / "mark"))
        controls = Controls()

        def stop() -> None:
            signature(tmp_path / "mark")
            controls.stop()

        stopper = threading.Thread(target=stop)
        view, ending = search(trained_plan, controls, stopper.start)
        stopper.join()
        assert ending.state == "stopped"
        assert len(view.rows("scores")) == 0
        assert len(view.rows("candidates")) == 2
        with pytest.raises(Stopped):
            controls.checkpoint()


def test_the_answer_survives_what_json_has_no_word_for():
    found = Outcome(math.nan, 1.5, 3, "not a number", "x", 7, math.nan, 90.0)
    data = msgspec.json.encode(Reply(*found, curves=(("train loss", 1, math.nan), ("train accuracy", 1, 2.0))))
    back = answer(data)
    np.testing.assert_equal(tuple(back.outcome), tuple(found))
    np.testing.assert_equal(back.curves, (("train loss", 1, math.nan), ("train accuracy", 1, 2.0)))
