"""What the window says about sessions."""

import math

import pytest

from app.window import status_text as report
from engine.plan import dumps, override, preset
from engine.session import Header, Recorder


@pytest.fixture
def session():
    """A DARTS session of 50 epochs of 20 steps, in memory."""
    plan = override(preset("darts-digits"), ["budget.epochs=50"])
    recorder = Recorder(Header(plan=dumps(plan), device="cpu", threads=4), None)
    recorder.status("running")
    yield recorder
    recorder.close()


def test_the_status_says_how_far_a_search_is_and_what_it_uses(session):
    plan = report.plan_of(session.header)
    assert report.status(session, plan, "starting") == "starting… · cpu · 4 threads"
    session.progress(470, 1000, remaining=780.0, memory=1_940_000_000, load=0.92)
    assert (
        report.status(session, plan, "running")
        == "epoch 24 of 50 · 13 min left · cpu · 4 threads · 1.9 GB · 92 % of all cores"
    )
    assert report.status(session, plan, "paused").startswith("paused · epoch 24 of 50 · cpu")
    assert report.share(session) == 0.47


def test_the_status_of_an_ended_search_says_what_came_of_it(session):
    session.scalar("validation accuracy (epoch)", 97.32, step=999)
    session.derived(_cell(), step=999)
    session.progress(1000, 1000)
    session.status("finished")
    session.end = 150.0
    plan = report.plan_of(session.header)
    assert (
        report.status(session, plan, "finished")
        == "finished · shared network 97.3\u00a0% after epoch 1 · 50 of 50 epochs · in 2 min · cpu · 4 threads"
    )


def test_sampling_searches_count_candidates_and_may_be_limited_by_time_alone():
    plan = preset("random-digits")
    recorder = Recorder(Header(plan=dumps(plan)), None)
    recorder.progress(12, 300, remaining=math.nan)
    assert report.status(recorder, plan, "running").startswith("12 of 300 candidates · cpu · 1 thread")
    recorder.progress(13, 0, remaining=30.0)
    recorder.end = 10.0
    assert report.status(recorder, plan, "running").startswith("13 candidates · 30 s left")
    assert report.share(recorder) == 0.25
    recorder.close()


def test_a_plan_of_another_version_is_no_obstacle(session):
    assert report.plan_of(Header(plan="[method]\nkind = 'telepathy'")) is None
    assert report.status(session, None, "running") == "cpu · 4 threads"
    assert report.place(Header(plan="", method="telepathy", space="darts"), None).startswith(
        "telepathy · darts · seed 0"
    )


def _cell() -> bytes:
    import random

    from engine.space.architecture import to_bytes
    from engine.space.darts import DartsSpace

    space = DartsSpace()
    return to_bytes(space.decode(space.sample(random.Random(0))))
