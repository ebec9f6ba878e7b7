"""The table of softmaxes: uniform at first, and the same whether drawn from or measured."""

import random

import pytest
import torch

from engine.search.policy.independent_controller import Table
from engine.search.policy.rollout import read
from engine.space.darts import DartsSpace
from engine.space.nas_rl import NasRlSpace
from engine.space.spaces import SPACES


def test_all_choices_are_equally_likely_at_first():
    for given in Table(random.Random(0)).sample(SPACES["nasnet"]()).probabilities:
        assert given == pytest.approx([1 / len(given)] * len(given))


@pytest.mark.parametrize("kind", SPACES)
def test_what_is_drawn_is_measured_alike(kind):
    table, space = Table(random.Random(0)), SPACES[kind]()
    table.sample(space)
    table.weights.vector.normal_(generator=torch.Generator().manual_seed(1))
    drawn, other = table.sample(space), table.sample(NasRlSpace(layers=3))
    found = table.measure([drawn.script, other.script])
    for row, one in enumerate((drawn, other)):
        length = len(one.decisions)
        assert found.log_probs[row, :length].tolist() == pytest.approx(one.log_probs(), abs=1e-5)
        assert not found.log_probs[row, length:].any()


def test_the_probabilities_of_all_architectures_sum_to_one():
    """Also where the second question depends on the first answer."""
    table, space = Table(random.Random(0)), DartsSpace(nodes=2, operations=("skip_connect", "none"))
    scripts = [read(space, space.at(rank)) for rank in range(space.size())]
    table.measure(scripts)
    table.weights.vector.normal_(generator=torch.Generator().manual_seed(1))
    assert table.measure(scripts).log_probs.sum(1).exp().sum().item() == pytest.approx(1, abs=1e-5)


def test_each_place_learns_for_itself():
    table, space = Table(random.Random(0)), SPACES["nasbench201"]()
    scripts = [read(space, (1, 0, 0, 0, 0, 0))]
    found = table.measure(scripts)
    table.weights.vector.sub_(table.weights.gradient(-found.log_probs[0, 0]))
    greedy = table.greedy(space)
    assert greedy.decisions[0] == 1
    assert greedy.probabilities[0][1] > 0.3
    assert greedy.probabilities[1] == pytest.approx([0.2] * 5)
