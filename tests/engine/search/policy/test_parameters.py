"""Weights in one vector, and Adam on them."""

import json
import math

import pytest
import torch

from engine.search.policy.parameters import Adam, Weights


def made() -> Weights:
    torch.random.manual_seed(0)
    return Weights({"one": torch.randn(2, 3), "table": torch.randn(2, 2), "last": torch.randn(2)})


def loss(weights: Weights) -> torch.Tensor:
    return (weights["one"] ** 2).sum() + (weights["table"] @ weights["last"]).sum() ** 3


def test_the_gradient_is_that_of_each_tensor_and_zero_where_none_is():
    weights = made()
    expected = torch.cat([2 * weights["one"].detach().flatten(), torch.zeros(6)])
    assert torch.equal(weights.gradient((weights["one"] ** 2).sum()), expected)


@pytest.mark.parametrize(("betas", "eps"), [((0.9, 0.999), 1e-8), ((0.0, 0.999), 1e-3)])
def test_adam_is_algorithm_1_of_the_paper_number_by_number(betas, eps):
    """For a gradient that changes: twice the weights."""
    weights = Weights({"one": torch.tensor([0.3, -2.0, 5.0], dtype=torch.float64)})
    adam = Adam(weights, 0.05, betas, eps)
    for _ in range(20):
        adam.step(weights.gradient((weights["one"] ** 2).sum()))
    expected = []
    for value in (0.3, -2.0, 5.0):
        m = v = 0.0
        for t in range(1, 21):
            g = 2 * value
            m = betas[0] * m + (1 - betas[0]) * g
            v = betas[1] * v + (1 - betas[1]) * g**2
            value -= 0.05 * (m / (1 - betas[0] ** t)) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
        expected.append(value)
    assert weights["one"].tolist() == pytest.approx(expected, rel=1e-12)


def test_a_rate_may_be_given_for_one_step():
    fast, slow = made(), made()
    Adam(fast, 0.1).step(torch.ones(12))
    Adam(slow, 5.0).step(torch.ones(12), lr=0.1)
    assert torch.equal(fast.vector, slow.vector)


def test_a_longer_table_keeps_what_was_there_and_what_adam_knows():
    weights = made()
    adam = Adam(weights, 0.05)
    adam.step(weights.gradient(loss(weights)))
    before = {name: weights[name].tolist() for name in ("one", "table", "last")}
    mean = weights.beside[0].tolist()
    weights.lengthen("table", torch.tensor([[7.0, 8.0]]))
    assert weights["table"].tolist() == [*before["table"], [7.0, 8.0]]
    assert [weights["one"].tolist(), weights["last"].tolist()] == [before["one"], before["last"]]
    assert weights.beside[0].tolist() == [*mean[:10], 0.0, 0.0, *mean[10:]]
    adam.step(weights.gradient(loss(weights)))
    assert weights["table"][2].tolist() != [7.0, 8.0]


def test_state_goes_through_json_to_the_bit():
    weights, other = made(), made()
    for one in (weights, other):
        Adam(one, 0.05)
    weights.lengthen("last", torch.tensor([1 / 3]))
    weights.beside[1].uniform_(0, 1e-12)
    other.load(json.loads(json.dumps(weights.state())))
    assert torch.equal(other.vector, weights.vector)
    assert torch.equal(other.beside[1], weights.beside[1])
    assert torch.equal(other["last"], weights["last"])
