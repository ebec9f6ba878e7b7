"""Folds over tables equal what one would find by looking at every row."""

import random

import numpy as np
import pytest

from engine.session.queries.series import SeriesFold, population


def _expected(view, series, candidate):
    rows = view.rows("scalars")
    chosen = np.flatnonzero((rows["series"] == series) & (rows["candidate"] == candidate))
    return chosen, rows[chosen]


@pytest.mark.parametrize("seed", range(3))
def test_curves_equal_a_search_through_all_rows_at_any_time(record, seed):
    rng = random.Random(seed)
    recorder = record()
    fold = SeriesFold(recorder)
    views = []
    for round_ in range(30):
        for _ in range(rng.randrange(40)):
            born = len(recorder.tables["candidates"])
            if rng.random() < 0.2:
                recorder.candidate(b"")
            candidate = rng.randrange(-1, born) if born else -1
            recorder.scalar(rng.choice("abcd"), rng.random(), step=rng.randrange(50), candidate=candidate, unit="s")
        views.append(recorder.view())
        if round_ % 4:
            fold.curve(recorder.view(), 0)  # looked at in between, in pieces
    for view in rng.sample(views, 12):
        names = [view.text(row["name"]) for row in view.rows("series")]
        for candidate in range(-1, len(view.rows("candidates"))):
            present = []
            for series, name in enumerate(names):
                numbers, rows = _expected(view, series, candidate)
                curve = fold.curve(view, series, candidate)
                assert len(curve) == len(numbers)
                assert curve.row.tolist() == numbers.tolist()
                for column in ("step", "time", "value"):
                    assert getattr(curve, column).tolist() == rows[column].tolist()
                present += [(series, name, "s")] * (len(numbers) > 0)
            found = [(series.number, series.name, series.unit) for series in fold.series(view, candidate)]
            assert found == present


def test_a_curve_taken_early_stays_as_it_was(record):
    recorder = record()
    fold = SeriesFold(recorder)
    for step in range(100):
        recorder.scalar("loss", step, step=step)
    early = fold.curve(recorder.view(), 0)
    for step in range(100, 5000):
        recorder.scalar("loss", step, step=step)
        if step % 500 == 0:
            fold.curve(recorder.view(), 0)
    assert early.value.tolist() == list(range(100))


def test_rows_are_looked_at_once(record):
    """A fold over a million rows takes the new ones only: what becomes of the old ones afterwards goes unnoticed."""
    recorder = record()
    recorder.scalar("loss", 0.0, step=0)
    count = 1_000_000
    rows = np.zeros(count, recorder.tables["scalars"].dtype)
    rows["time"] = recorder.end + np.arange(1, count + 1)
    rows["candidate"] = -1
    rows["step"] = np.arange(1, count + 1)
    table = recorder.tables["scalars"]
    table.extend(rows)
    recorder.end = float(rows["time"][-1])
    fold = SeriesFold(recorder)
    assert len(fold.curve(recorder.view(), 0)) == count + 1
    table.published[0][: count + 1] = np.zeros(1, table.dtype)  # which never happens
    table.append((recorder.end + 1, count + 1, 0, -1, 0.0))
    recorder.end += 1
    assert fold.curve(recorder.view(), 0).step.tolist() == list(range(count + 2))
    half = fold.curve(recorder.view(float(rows["time"][count // 2])), 0)
    assert half.step.tolist() == list(range(count // 2 + 2))


def test_the_population_at_any_time(record):
    rng = random.Random(5)
    recorder = record()
    events = []
    for number in range(200):
        recorder.candidate(b"x", parent=rng.randrange(-1, number), origin=rng.choice(["sampled", "mutated"]))
        if rng.random() < 0.9:
            fails = rng.random() < 0.2
            recorder.score(
                number,
                None if fails else rng.random(),
                seconds=1,
                parameters=number * 10,
                outcome="failed" if fails else "ok",
            )
        if number > 20 and rng.random() < 0.5:
            dead = set(recorder.view().rows("deaths")["candidate"].tolist())
            recorder.death(rng.choice([who for who in range(number) if who not in dead]))
        events.append(recorder.end)
    for moment in [0.0, *events[::17], recorder.end]:
        view = recorder.view(moment)
        state = population(view)
        born = view.rows("candidates")
        scores = {int(row["candidate"]): row for row in view.rows("scores")}
        deaths = {int(row["candidate"]): float(row["time"]) for row in view.rows("deaths")}
        assert len(state) == len(born)
        assert state.candidate.tolist() == list(range(len(born)))
        assert state.parent.tolist() == born["parent"].tolist()
        assert state.origin.tolist() == born["origin"].tolist()
        assert state.birth.tolist() == born["time"].tolist()
        for number in range(len(born)):
            row = scores.get(number)
            if row is None:
                assert np.isnan(state.score[number])
                assert np.isnan(state.score_time[number])
                assert (state.outcome[number], state.parameters[number]) == (-1, -1)
            else:
                assert np.array_equal(state.score[number], row["score"], equal_nan=True)
                assert state.score_time[number] == row["time"]
                assert (state.outcome[number], state.parameters[number]) == (row["outcome"], row["parameters"])
            assert np.array_equal(state.death_time[number], deaths.get(number, np.nan), equal_nan=True)
            alive = row is not None and row["outcome"] == 0 and number not in deaths
            assert state.alive[number] == alive


def test_a_candidate_scored_again_has_its_last_score(record):
    recorder = record()
    recorder.candidate(b"x")
    recorder.score(0, 1.0, seconds=1, parameters=1)
    between = recorder.end
    recorder.score(0, 2.0, seconds=1, parameters=1)
    assert population(recorder.view()).score.tolist() == [2.0]
    assert population(recorder.view(between)).score.tolist() == [1.0]


def test_the_population_knows_what_an_evaluation_cost_and_what_a_benchmark_reports(record):
    recorder = record()
    for number in range(3):
        recorder.candidate(b"")
        recorder.score(number, 90.0, seconds=2.0, parameters=number)
    recorder.measure(1, macs=7, cost=300.0, reported=91.0)
    recorder.measure(2, macs=0)
    state = population(recorder.view())
    assert state.cost.tolist() == [2.0, 300.0, 2.0]
    assert state.macs.tolist() == [-1, 7, 0]
    np.testing.assert_array_equal(state.reported, [np.nan, 91.0, np.nan])
