"""What every sampling method promises of its proposals, on every space and whatever it learns by."""

import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine import plugins
from engine.search import Proposal, sampling
from engine.space.decisions import DecisionSpace
from engine.space.spaces import SPACES
from tests.engine.search import contract
from tests.engine.search.contract import (
    KINDS_OF_SPACES,
    METHODS,
    all_methods,
    digest,
    everywhere,
    landscape,
    made,
    run,
    settings,
    space,
)

ROOT = Path(__file__).parents[3]


LEARNT = ("pnas", "nao")
"""Methods whose surrogates take seconds on a large space."""


@cache
def proposals(kind: str, where: str) -> tuple[Proposal, ...]:
    """What a method asks for on a space."""
    return tuple(run(made(kind, where)))


@all_methods
@everywhere
def test_every_proposal_is_an_architecture_of_the_space(kind, where):
    for number, proposal in enumerate(proposals(kind, where)):
        home: DecisionSpace = proposal.space or space(where)
        architecture = home.decode(proposal.decisions)
        assert home.canonical(home.decode(home.encode(architecture))) == home.canonical(architecture)
        assert -1 <= proposal.parent < number


@pytest.mark.parametrize(
    ("kind", "where"),
    [*((kind, "nasbench201") for kind in METHODS), *((kind, "darts") for kind in METHODS if kind not in LEARNT)],
)
def test_it_stays_among_the_few_members_that_are_known(kind, where):
    """As many as a part of a table holds, far apart: none is a neighbour of another, and none is met by chance."""
    whole, rng = space(where), random.Random(3)
    ranks = sorted(rng.randrange(whole.size()) for _ in range(40))
    known = whole.among(ranks)
    assert known is not None
    method = sampling(settings(kind), known, random.Random(0))
    asked = [proposal.decisions for proposal in run(method) if proposal.space is None]
    assert {whole.rank(decisions) for decisions in asked} <= set(ranks)
    assert len(set(asked)) > 3 or kind == "pnas"  # which grows smaller ones first


@pytest.fixture(scope="module")
def elsewhere(request: pytest.FixtureRequest) -> dict[str, dict[str, str]]:
    """What every method asks for on the spaces in another process, whose hashes are others."""
    spaces = SPACES if request.config.getoption("--all-spaces") else KINDS_OF_SPACES
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)}
    files = [f"--plugin={file}" for file in plugins.loaded()]
    command = [sys.executable, contract.__file__, *files, *spaces]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@all_methods
@everywhere
def test_the_same_seed_asks_for_the_same_in_another_process_with_other_hashes(kind, where, elsewhere):
    assert digest(proposals(kind, where)) == elsewhere[kind][where]


@all_methods
def test_another_seed_asks_for_others(kind):
    assert digest(run(made(kind, "darts", seed=1))) != digest(run(made(kind, "darts", seed=2)))


@pytest.mark.parametrize("kind", [kind for kind in METHODS if kind != "random"])
def test_it_beats_random_search_on_an_easy_landscape(kind):
    """By the best of 120, in the mean over three seeds: 32 decisions, each of which should be the second choice.

    The three searches go side by side, and end as soon as that is so.
    """

    def best(which: str) -> Iterator[float]:
        reached = [0.0] * 3
        for asked in zip(*(run(made(which, "darts", seed), 120) for seed in range(3)), strict=True):
            reached = list(map(max, reached, map(landscape, asked)))
            yield statistics.mean(reached)

    *_, chance = best("random")
    assert any(ours > chance + 3 for ours in best(kind))
