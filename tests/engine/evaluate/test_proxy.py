"""The proxy evaluator: what makes its score, what it compares with, what fails."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.data import in_order
from engine.evaluate import evaluator
from engine.evaluate.measures import MEASURES
from engine.evaluate.proxy import ProxyEvaluator
from engine.nets import build_network
from engine.plan.evaluators.proxy import ProxySettings
from engine.session import BenchmarkTable, write_table
from engine.space.architecture import StackedCell
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton, count
from engine.space.nasbench201 import NasBench201Space
from tests.engine.images import noisy

SPACE = NasBench201Space()
SETTINGS = ProxySettings(channels=4, layers=3, batch=8)
GOOD, OTHER, DEAD = (SPACE.decode(choices) for choices in ((3, 1, 3, 2, 1, 3), (2, 2, 2, 2, 2, 2), (0, 0, 0, 0, 0, 0)))


DATA = noisy(20, 20, 20)


def made(seed: int = 0, **changes) -> ProxyEvaluator:
    found = evaluator(msgspec.structs.replace(SETTINGS, **changes), SPACE, DATA, "cpu", seed)
    assert isinstance(found, ProxyEvaluator)
    return found


def score(architecture=GOOD, candidate: int = 0, **changes):
    return made(**changes).evaluate(architecture, candidate, lambda *value: None, lambda: None)


@pytest.mark.parametrize("name", MEASURES)
def test_the_score_is_the_measure_of_the_network_and_the_first_images(name: str):
    found = score(measure=name)
    frame = Skeleton(kind="nasbench201", channels=4, layers=3, classes=2, in_channels=1, image=8)
    torch.manual_seed(0)
    network = build_network(GOOD, frame)
    images, labels = next(in_order(DATA.train, 8, DATA.mean, DATA.std))
    assert found.score == pytest.approx(MEASURES[name](network, images, labels), rel=1e-5)
    assert found.outcome == "ok"
    assert (found.parameters, found.macs) == (count(GOOD, frame).params, count(GOOD, frame).macs)
    assert found.seconds > 0
    assert math.isnan(found.reported)


@pytest.mark.parametrize("name", MEASURES)
def test_equal_architectures_have_equal_scores_whatever_came_before(name: str):
    one = made(measure=name)
    first = one.evaluate(GOOD, 0, None, lambda: None).score
    torch.rand(7)
    one.evaluate(OTHER, 1, None, lambda: None)
    assert one.evaluate(GOOD, 2, None, lambda: None).score == first
    assert score(measure=name, candidate=9).score == first
    assert score(measure=name, architecture=OTHER).score != first
    assert score(measure=name, seed=1).score != first


@pytest.mark.parametrize("name", ["synflow", "naswot", "grad-norm"])
def test_a_cell_that_computes_is_better_than_one_that_passes_nothing(name: str):
    alive, dead = score(measure=name), score(measure=name, architecture=DEAD)
    assert alive.score > (dead.score if dead.outcome == "ok" else -math.inf)


def test_its_unit_is_no_percentage_and_it_compares_only_with_a_reference():
    assert made().unit == ""
    assert not made().compares


def test_what_a_table_reports_is_reported_and_not_the_score(tmp_path: Path):
    rank = SPACE.rank(SPACE.encode(GOOD))
    table = BenchmarkTable(SPACE, np.array([rank], np.uint64), {"late": np.array([93.0])}, {"reported": "late"}, {})
    write_table(tmp_path / "t.h5", table)
    compared = made(reference=str(tmp_path / "t.h5"))
    assert compared.compares
    found = compared.evaluate(GOOD, 0, None, lambda: None)
    assert (found.score, found.reported) == (score().score, 93.0)
    assert math.isnan(compared.evaluate(OTHER, 1, None, lambda: None).reported)


def test_what_cannot_be_built_has_failed():
    backwards = StackedCell(Cell((Node((Edge(1, "skip_connect"),)),), (1,), inputs=1))
    found = score(architecture=backwards)
    assert found.outcome == "failed"
    assert math.isnan(found.score)
    assert "\n" not in found.message


def test_a_measure_that_is_no_number_is_an_outcome(monkeypatch):
    monkeypatch.setitem(MEASURES, "snip", lambda *arguments: math.inf)
    found = score(measure="snip")
    assert (found.outcome, found.message) == ("not a number", "its snip is not a number")
    assert math.isnan(found.score)


def test_too_little_memory_is_an_outcome_and_a_bug_is_not(monkeypatch):
    def fail(fault: Exception):
        def measure(*arguments):
            raise fault

        return measure

    monkeypatch.setitem(MEASURES, "snip", fail(torch.OutOfMemoryError("CUDA out of memory")))
    assert score(measure="snip").outcome == "out of memory"
    monkeypatch.setitem(MEASURES, "snip", fail(RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        score(measure="snip")
