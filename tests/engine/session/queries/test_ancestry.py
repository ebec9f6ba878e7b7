"""Families, their rows and their takeovers equal what walking up from every candidate finds."""

import random

import numpy as np
import pytest

from engine.session.queries.ancestry import LineageFold, common_ancestor, rows


def chain(parents: list[int], candidate: int) -> list[int]:
    found = [candidate]
    while parents[found[-1]] >= 0:
        found.append(parents[found[-1]])
    return found


def record_breakers(view) -> set[int]:
    """The candidates that were the best so far when they were scored."""
    best, found = -1.0, set()
    for row in view.rows("scores"):
        if row["score"] > best:
            best = row["score"]
            found.add(int(row["candidate"]))
    return found


def founder_of(parents: list[int], records: set[int], candidate: int) -> int:
    return next(one for one in chain(parents, candidate) if one in records or parents[one] < 0)


def evolve(recorder, rng: random.Random, count: int, living: list[int]) -> list[tuple[float, int, int]]:
    """Some more evaluations; (time, candidate, +1 or -1) of every change of the living."""
    changes = []
    for _ in range(count):
        parent = rng.choice(living) if living and rng.random() < 0.9 else -1
        number = recorder.candidate(b"{}", parent=parent, origin="mutated" if parent >= 0 else "sampled")
        if rng.random() < 0.1:
            recorder.score(number, None, seconds=1, parameters=0, outcome="failed")
            continue
        recorder.score(number, rng.random(), seconds=1, parameters=1)
        changes.append((recorder.end, number, 1))
        living.append(number)
        if len(living) > 6:
            recorder.death(gone := living.pop(0))
            changes.append((recorder.end, gone, -1))
    return changes


@pytest.mark.parametrize("seed", range(5))
def test_families_equal_a_walk_up_from_every_candidate_at_any_time(record, seed) -> None:
    rng, recorder, living = random.Random(seed), record(), []
    fold, changes, views = LineageFold(recorder), [], [recorder.view()]
    for _ in range(12):
        changes += evolve(recorder, rng, rng.randrange(12), living)
        views.append(recorder.view())
        if rng.random() < 0.6:
            fold.at(recorder.view())  # looked at in between, in pieces
    for view in rng.sample(views, len(views)):
        parents = view.rows("candidates")["parent"].tolist()
        records = record_breakers(view)
        found = fold.at(view)
        assert len(found) == len(parents)
        for candidate in range(len(parents)):
            line = chain(parents, candidate)
            assert found.line(candidate).tolist() == line
            assert found.founder[candidate] == founder_of(parents, records, candidate)
            assert found.generation[candidate] == len(line) - 1
        leader, takeovers, counts = -1, [], {}
        births = view.rows("candidates")["time"]
        for time, candidate, change in changes:
            if time <= view.time:
                founder = founder_of(parents, records, candidate)
                counts[founder] = counts.get(founder, 0) + change
                for family, count in counts.items():
                    if family != leader and count >= 3 and 2 * count > sum(counts.values()):
                        leader = family
                        takeovers.append((int((births <= time).sum()), family))
        assert found.takeovers == tuple(takeovers)
        families = tuple(counts)
        living_now = found.living(families, np.array([len(parents)]))
        assert living_now[:-1, 0].tolist() == list(counts.values())
        assert living_now[-1, 0] == sum(counts.values())


def test_a_family_stands_out_once_it_holds_a_tenth_and_stays_so(record) -> None:
    recorder = record()
    for parent in (-1, -1, 0, 0, 1):
        number = recorder.candidate(b"{}", parent=parent)
        recorder.score(number, 1.0, seconds=1, parameters=1)  # as good as the first, and no better
        if number == 2:
            early = recorder.view()
    for number in (0, 2, 3):
        recorder.death(number)
    fold = LineageFold(recorder)
    assert fold.at(recorder.view()).prominent == (0,)
    assert fold.at(early).prominent == ()


def test_every_subtree_has_a_band_of_rows_of_its_own() -> None:
    rng = random.Random(3)
    parents = [-1 if number < 4 or rng.random() < 0.05 else rng.randrange(number) for number in range(200)]
    generation = [len(chain(parents, number)) - 1 for number in range(200)]
    place = rows(np.array(parents), np.array(generation))
    leaves = [number for number in range(200) if number not in parents]
    assert sorted(place[leaves].tolist()) == [row + 0.5 for row in range(len(leaves))]
    for top in range(200):
        under = [number for number in leaves if top in chain(parents, number)]
        band = sorted(place[under].tolist())
        assert band == [band[0] + step for step in range(len(band))], "the leaves below it lie together"
        assert place[top] == (band[0] + band[-1]) / 2
    founders = [number for number in range(200) if parents[number] < 0]
    assert (np.diff(place[founders]) > 0).all()
    assert rows(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []


def test_the_common_ancestor_is_the_youngest_that_all_the_living_have() -> None:
    rng = random.Random(1)
    for _ in range(50):
        parents = [-1 if number < 2 else rng.randrange(number) for number in range(40)]
        living = rng.sample(range(40), rng.randrange(1, 6))
        shared = set.intersection(*(set(chain(parents, number)) for number in living))
        assert common_ancestor(np.array(parents), np.array(living)) == max(shared, default=-1)
    assert common_ancestor(np.array([-1]), np.empty(0, np.int64)) == -1


def test_a_long_line_of_descent_is_followed_in_a_moment(record) -> None:
    recorder = record()
    for number in range(5000):
        recorder.candidate(b"{}", parent=number - 1)
    found = LineageFold(recorder).at(recorder.view())
    assert found.founder.max() == 0  # none of them is scored
    assert found.generation.tolist() == list(range(5000))
