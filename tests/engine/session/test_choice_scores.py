"""Mean scores by choice, and the importance of places, held against sums made one by one."""

import random
import statistics

import numpy as np
import pytest

from engine.session import Header, Recorder
from engine.session.queries.choice_scores import ChoiceFold
from engine.space.architecture import from_bytes, to_bytes
from engine.space.architecture_choices import choices_of
from engine.space.darts import DartsSpace


@pytest.fixture
def recorder():
    recorder = Recorder(Header(method="random"), None)
    yield recorder
    recorder.close()


def search(recorder: Recorder, number: int, seed: int = 0) -> list[float]:
    """Random cells, whose score is better with every sep 3×3 that reads k−2; every ninth evaluation fails."""
    space, rng, scores = DartsSpace(nodes=2), random.Random(seed), []
    for _ in range(number):
        cell = space.decode(space.sample(rng))
        paying = choices_of(cell).get("normal k−2→0") == ("sep 3×3",)
        score = float("nan") if len(scores) % 9 == 8 else 1e6 + 10 * paying + rng.gauss(0, 1)
        who = recorder.candidate(to_bytes(cell))
        outcome = "ok" if score == score else "failed"
        recorder.evaluated(who, score, seconds=1.0, parameters=1, outcome=outcome)
        scores.append(score)
    return scores


def by_hand(recorder: Recorder, scores: list[float]) -> dict[str, dict[tuple[str, ...], list[float]]]:
    """Place -> what stands there (() where it is not used) -> scores."""
    view = recorder.view()
    told = [choices_of(from_bytes(view.bytes(row["architecture"]))) for row in view.rows("candidates")]
    found: dict[str, dict[tuple[str, ...], list[float]]] = {place: {} for chosen in told for place in chosen}
    for chosen, score in zip(told, scores, strict=True):
        if score == score:
            for place, groups in found.items():
                groups.setdefault(chosen.get(place, ()), []).append(score)
    return found


def epsilon_squared(groups: list[list[float]]) -> float:
    """Kelley 1935, from sums of squares."""
    every = [score for group in groups for score in group]
    middle = statistics.fmean(every)
    whole = sum((score - middle) ** 2 for score in every)
    within = sum((score - statistics.fmean(group)) ** 2 for group in groups for score in group)
    return 1 - (within / (len(every) - len(groups))) / (whole / (len(every) - 1))


def test_means_spreads_counts_and_importance_are_those_of_the_candidates(recorder):
    expected = by_hand(recorder, scores := search(recorder, 200))
    found = ChoiceFold(recorder).at(recorder.view())
    assert found.scores == sum(score == score for score in scores) == 178
    assert set(found.places) == set(expected)
    for row, place in enumerate(found.places):
        for column, option in enumerate(found.options):
            group = expected[place].get((option,), [])
            assert found.count[row, column] == len(group)
            if group:
                assert found.mean[row, column] == pytest.approx(statistics.fmean(group), rel=1e-12)
            if len(group) > 1:
                assert found.spread[row, column] == pytest.approx(statistics.stdev(group), rel=1e-6)
        assert found.importance[row] == pytest.approx(epsilon_squared(list(expected[place].values())), abs=1e-9)


def test_the_place_that_makes_the_score_is_the_important_one(recorder):
    search(recorder, 200)
    found = ChoiceFold(recorder).at(recorder.view())
    ranked = [found.places[place] for place in np.argsort(-found.importance)]
    assert ranked[0] == "normal k−2→0"
    row = found.mean[found.places.index(ranked[0])]
    assert found.options[int(np.nanargmax(row))] == "sep 3×3"
    assert abs(found.importance[found.places.index("reduction k−2→0")]) < 0.1


def test_an_earlier_moment_has_what_was_there_then_however_late_it_is_asked(recorder):
    search(recorder, 30)
    early = recorder.view()
    before = ChoiceFold(recorder).at(early)
    search(recorder, 30, seed=1)
    fold = ChoiceFold(recorder)
    fold.at(recorder.view())
    after = fold.at(early)
    assert (before.places, before.scores) == (after.places, after.scores)
    for name in ("mean", "spread", "count", "importance"):
        kept = [list(before.options).index(option) for option in after.options]
        one, other = getattr(before, name), getattr(after, name)
        np.testing.assert_array_equal(one[:, kept] if one.ndim == 2 else one, other)


def test_without_differences_nothing_is_said_to_matter(recorder):
    space = DartsSpace(nodes=2)
    for _ in range(3):
        who = recorder.candidate(to_bytes(space.example()))
        recorder.evaluated(who, 50.0, seconds=1.0, parameters=1)
    assert np.isnan(ChoiceFold(recorder).at(recorder.view()).importance).all()


def test_what_is_no_architecture_is_passed_over(recorder):
    who = recorder.candidate(b"{}")
    recorder.evaluated(who, 50.0, seconds=1.0, parameters=1)
    found = ChoiceFold(recorder).at(recorder.view())
    assert (found.places, found.scores) == ((), 1)
