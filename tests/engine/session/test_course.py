"""The course of a search: the best after each evaluation, and what was spent by then."""

import numpy as np

from engine.session.course import best_so_far, course


def test_the_best_so_far_is_the_earliest_of_equals() -> None:
    values = np.array([np.nan, 3.0, 3.0, np.nan, 1.0, 5.0, 5.0])
    assert best_so_far(values).tolist() == [-1, 1, 1, 1, 1, 5, 5]
    assert best_so_far(np.empty(0)).tolist() == []


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
