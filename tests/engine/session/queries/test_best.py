"""The best so far at every moment, the course of a search, and the unit of scores."""

import gc
import math
import random
import weakref

import numpy as np
import pytest

from engine.session import OUTCOMES
from engine.session.queries import best as queries
from engine.session.queries.best import Best, Leader, best, best_so_far, course, unit_of_scores


def test_the_best_so_far_is_the_earliest_of_equals() -> None:
    nan = math.nan
    assert best_so_far([nan, 3.0, 3.0, nan, 1.0, 5.0, 5.0, math.inf]) == [-1, 1, 1, 1, 1, 5, 5, 5]
    assert best_so_far([]) == []


def test_what_is_drawn_for_the_result_counts_alone_once_it_has_a_score() -> None:
    leader = Leader()
    arrivals = [(90.0, False), (math.nan, True), (91.0, False), (70.0, True), (95.0, False), (70.0, True), (71.0, True)]
    assert [leader.add(*arrival) for arrival in arrivals] == [True, False, True, True, False, False, True]
    assert leader.score == 71.0


def expected(rows: list[tuple[int, float, str, bool]]) -> tuple[int, float] | None:
    """The best of (candidate, score, outcome, derived) by the rule, said another way."""
    good = [row for row in rows if row[2] == "ok" and math.isfinite(row[1])]
    pool = [row for row in good if row[3]] or good
    return max(((row[0], row[1]) for row in pool), key=lambda row: row[1], default=None)


@pytest.mark.parametrize("seed", range(8))
def test_at_every_moment_and_in_any_order_of_asking(record, seed) -> None:
    rng, recorder = random.Random(seed), record()
    rows: list[tuple[int, float, str, bool]] = []
    moments = [(recorder.end, None)]
    for number in range(60):
        derived = number > 40 and rng.random() < 0.5
        recorder.candidate(b"{}", origin="derived" if derived else "sampled")
        score = rng.choice([math.nan, math.inf, float(rng.randrange(6)), float(rng.randrange(6))])
        outcome = rng.choice(["ok", "ok", *OUTCOMES])
        recorder.score(number, score, seconds=1, parameters=1, outcome=outcome)
        rows.append((number, score, outcome, derived))
        moments.append((recorder.end, expected(rows)))
        if rng.random() < 0.3:  # asked in between, of the past or of now
            time, answer = rng.choice(moments)
            found = best(recorder.view(time))
            assert (found and (found.candidate, found.score)) == answer
    rng.shuffle(moments)
    for time, answer in moments:
        view = recorder.view(time)
        found, steps = best(view), course(view)
        assert (found and (found.candidate, found.score)) == answer
        assert len(steps) == len(view.rows("scores"))
        if answer is not None:
            assert (steps.best[-1], steps.score[-1]) == answer


def test_a_one_shot_search_has_the_best_of_its_epochs(record) -> None:
    recorder = record()
    recorder.scalar("validation accuracy", 99.0, step=0)
    moments = [recorder.end]
    for step, value in enumerate([61.0, math.nan, 87.0, 70.0]):
        recorder.scalar("validation accuracy (epoch)", value, step=step)
        moments.append(recorder.end)
    assert best(recorder.view(moments[4])) == Best(87.0, "%", epoch=3)
    assert [best(recorder.view(moment)) for moment in moments[:4]] == [
        None,
        Best(61.0, "%", epoch=1),
        Best(61.0, "%", epoch=1),
        Best(87.0, "%", epoch=3),
    ]


def test_the_unit_is_that_of_the_scores_and_unknown_before(record) -> None:
    recorder = record()
    recorder.candidate(b"{}")
    assert unit_of_scores(recorder.view()) == ""
    early = recorder.view()
    recorder.score(0, 1.5, seconds=1, parameters=1, unit="nats")
    assert unit_of_scores(recorder.view()) == "nats"
    assert unit_of_scores(early) == ""
    assert best(recorder.view()) == Best(1.5, "nats", 0)


def test_every_row_is_looked_at_once(record, monkeypatch) -> None:
    recorder, seen = record(), []
    monkeypatch.setattr(queries, "succeeded", lambda rows: seen.append(len(rows)) or np.ones(len(rows), bool))
    for number in range(50):
        recorder.candidate(b"{}")
        recorder.score(number, float(number), seconds=1, parameters=1)
        for _ in range(3):
            assert best(recorder.view()).candidate == number
    assert sum(seen) == 50


def test_a_session_that_was_asked_goes_when_nobody_needs_it(record) -> None:
    from engine.session import Header, Recorder

    recorder = Recorder(Header(), None)
    recorder.candidate(b"{}")
    recorder.score(0, 1.0, seconds=1, parameters=1)
    assert best(recorder.view()) is not None
    alive = weakref.ref(recorder)
    del recorder
    gc.collect()
    assert alive() is None


def test_evaluations_in_the_order_of_their_scores(record) -> None:
    recorder = record()
    assert len(course(recorder.view())) == 0
    for _ in range(4):
        recorder.candidate(b"{}")
    recorder.score(2, None, seconds=2.0, parameters=0, outcome="failed")
    recorder.score(0, 90.0, seconds=1.0, parameters=5)
    recorder.measure(0, cost=100.0, reported=80.0)
    early = recorder.view()
    recorder.score(3, 91.0, seconds=1.0, parameters=5)
    recorder.measure(3, cost=50.0, reported=70.0)
    recorder.score(1, 50.0, seconds=3.0, parameters=5)
    found = course(recorder.view())
    assert found.candidate.tolist() == [2, 0, 3, 1]
    assert found.time.tolist() == recorder.view().rows("scores")["time"].tolist()
    assert found.spent.tolist() == [2.0, 102.0, 152.0, 155.0]
    assert found.best.tolist() == [-1, 0, 3, 3]
    np.testing.assert_array_equal(found.score, [np.nan, 90.0, 91.0, 91.0])
    np.testing.assert_array_equal(found.reported, [np.nan, 80.0, 70.0, 70.0])  # by score, not by what is reported
    again = course(early)
    assert (again.candidate.tolist(), again.best.tolist()) == ([2, 0], [-1, 0])


@pytest.mark.parametrize("seed", range(4))
def test_of_a_one_shot_search_only_scores_of_the_present_stage_count_and_say_their_epoch(record, seed) -> None:
    rng, recorder = random.Random(seed), record()
    recorder.derived(b"{}", step=0)
    moments, scores, stage, epoch = [], [], 0, 0
    for step in range(60):
        if step in (0, 20, 40):
            stage, scores = stage + 1, []
        recorder.scalar("train loss", 1.0, step=step)
        recorder.scalar("stage", float(stage), step=step)
        if step % 5 == 4:
            epoch += 1
            scores.append((float(rng.randrange(4)), epoch))
            recorder.scalar("validation accuracy (epoch)", scores[-1][0], step=step, unit="%")
        top = max(scores, key=lambda each: each[0], default=None)
        moments.append((recorder.end, stage, top, scores[-1] if scores else None))
        if rng.random() < 0.2:
            best(recorder.view())
    rng.shuffle(moments)
    for time, stage, top, last in moments:
        view = recorder.view(time)
        for found, wanted in ((best(view), top), (queries.latest(view), last)):
            assert (found and (found.score, found.epoch, found.stage)) == (wanted and (*wanted, stage))
        assert bool(queries.best_in_words(view)) == bool(scores and last)


def test_the_best_says_what_it_is(record) -> None:
    recorder = record()
    recorder.derived(b"{}", step=0)
    for step, score in enumerate((40.0, 97.6, 96.4)):
        recorder.scalar("validation accuracy (epoch)", score, step=step, unit="%")
        if step == 1:
            assert queries.best_in_words(recorder.view()) == "shared network 97.6\u00a0% after epoch 2"
    words = "shared network 96.4\u00a0% after epoch 3, best 97.6\u00a0% after epoch 2"
    assert queries.best_in_words(recorder.view()) == words
    other = record()
    assert queries.best_in_words(other.view()) == ""
    other.candidate(b"{}")
    other.score(0, 50.0, seconds=1, parameters=1)
    assert queries.best_in_words(other.view()) == "best 50.0\u00a0%"
    assert queries.latest(other.view()) is None
