"""A session in a few words, live and at any moment of its replay."""

import pytest

from engine.session import read, summary
from engine.space.architecture import to_bytes
from engine.space.darts import DartsSpace


@pytest.fixture(scope="module")
def cells():
    """Six different architectures."""
    import random

    rng, space = random.Random(1), DartsSpace()
    return [space.decode(space.sample(rng)) for _ in range(6)]


def test_a_session_without_rows(record):
    found = summary(record().view())
    assert (found.status, found.steps, found.evaluations) == ("running", 0, 0)
    assert found.best_score is found.architecture is found.best_candidate is None


def test_a_one_shot_search_offers_what_it_derived_last(record, cells):
    recorder = record()
    recorder.status("running")
    moments = []
    for epoch, score in enumerate([50.0, 75.0, 60.0]):
        for step in range(4):
            recorder.scalar("train loss", 1.0, step=4 * epoch + step)
        recorder.scalar("validation accuracy", 99.0, step=4 * epoch + 3)
        recorder.scalar("validation accuracy (epoch)", score, step=4 * epoch + 3)
        recorder.derived(to_bytes(cells[epoch]), step=4 * epoch + 3)
        moments.append(recorder.now())
    recorder.status("finished")
    best = [50.0, 75.0, 75.0]
    for epoch, moment in enumerate(moments):
        found = summary(recorder.view(moment))
        assert (found.status, found.steps, found.best_score) == ("running", 4 * epoch + 4, best[epoch])
        assert found.architecture == cells[epoch]
        assert found.best_candidate is None
    assert summary(recorder.view()).status == "finished"


def test_a_sampling_search_offers_its_best_candidate(record, cells):
    recorder = record()
    scores = [60.0, None, 80.0, 80.0, 70.0, float("nan")]
    expected = [(0, 60.0), (0, 60.0), (2, 80.0), (2, 80.0), (2, 80.0), (2, 80.0)]
    moments = []
    for number, score in enumerate(scores):
        recorder.candidate(to_bytes(cells[number]))
        outcome = "ok" if score else "out of memory"
        recorder.score(number, score, seconds=1, parameters=1, outcome=outcome)
        recorder.scalar("train loss", 1.0, step=5, candidate=number)
        recorder.scalar("best score", 60.0, step=number)
        moments.append(recorder.now())
    for number, moment in enumerate(moments):
        found = summary(recorder.view(moment))
        assert (found.best_candidate, found.best_score) == expected[number]
        assert found.architecture == cells[found.best_candidate]
        assert (found.evaluations, found.steps) == (number + 1, 0)


def test_a_failed_candidate_is_never_the_best(record, cells):
    recorder = record()
    for number, (score, outcome) in enumerate([(10.0, "ok"), (99.0, "not a number")]):
        recorder.candidate(to_bytes(cells[number]))
        recorder.score(number, score, seconds=1, parameters=1, outcome=outcome)
    assert summary(recorder.view()).best_candidate == 0


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_session_whose_writer_is_gone_was_interrupted(record, tmp_path, monkeypatch, state):
    import time

    recorder = record(tmp_path / "s.h5")
    recorder.status(state)
    recorder.log("last words")
    recorder.flush()
    assert summary(read(tmp_path / "s.h5").view()).status == state
    now = time.time()
    monkeypatch.setattr("engine.session.reader.clock", lambda: now + 60)
    assert summary(read(tmp_path / "s.h5").view()).status == state  # its lock is held, whatever the clock says
    copy = tmp_path / "copy.h5"
    copy.write_bytes((tmp_path / "s.h5").read_bytes())
    reader = read(copy)
    assert summary(reader.view()).status == "interrupted"
    assert summary(reader.view(reader.end / 2 + reader.view().rows("status")["time"][0] / 2)).status == state
    recorder.close()  # without a word: nobody will ever say how it ended
    assert summary(read(tmp_path / "s.h5").view()).status == "interrupted"


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_session_that_said_how_it_ended(record, tmp_path, state):
    recorder = record(tmp_path / "s.h5")
    recorder.status("running")
    recorder.status(state)
    recorder.close()
    assert summary(recorder.view()).status == state
    assert summary(read(tmp_path / "s.h5").view()).status == state


def test_what_was_drawn_for_the_result_comes_before_all_else(record, cells):
    """Scores with shared weights rise with these; only the last ones can be compared."""
    recorder = record()
    expected = []
    for number, (origin, score) in enumerate(
        [("sampled", 90.0), ("derived", None), ("derived", 70.0), ("derived", 80.0)]
    ):
        recorder.candidate(to_bytes(cells[number]), origin=origin)
        recorder.score(number, score, seconds=1, parameters=1, outcome="ok" if score else "failed")
        found = summary(recorder.view())
        expected.append((found.best_candidate, found.best_score))
    assert expected == [(0, 90.0), (0, 90.0), (2, 70.0), (3, 80.0)]
