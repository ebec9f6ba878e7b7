"""Weights in one vector, and Adam on them, against torch's own."""

import json

import pytest
import torch

from engine.search.policy.weights import Adam, Weights


def made() -> Weights:
    torch.random.manual_seed(0)
    return Weights({"one": torch.randn(2, 3), "table": torch.randn(2, 2), "last": torch.randn(2)})


def loss(weights: Weights) -> torch.Tensor:
    return (weights["one"] ** 2).sum() + (weights["table"] @ weights["last"]).sum() ** 3


def test_the_gradient_is_that_of_each_tensor_and_zero_where_none_is():
    weights = made()
    expected = torch.cat([2 * weights["one"].detach().flatten(), torch.zeros(6)])
    torch.testing.assert_close(weights.gradient((weights["one"] ** 2).sum()), expected)


@pytest.mark.parametrize(("betas", "eps"), [((0.9, 0.999), 1e-8), ((0.0, 0.999), 1e-3)])
def test_adam_is_torchs_adam(betas, eps):
    weights = made()
    adam = Adam(weights, 0.05, betas, eps)
    copies = {name: weights[name].detach().clone().requires_grad_() for name in ("one", "table", "last")}
    reference = torch.optim.Adam(list(copies.values()), 0.05, betas, eps)
    for _ in range(20):
        adam.step(weights.gradient(loss(weights)))
        reference.zero_grad()
        loss(copies).backward()  # type: ignore[arg-type]
        reference.step()
    for name, copy in copies.items():
        torch.testing.assert_close(weights[name], copy, rtol=1e-5, atol=1e-6)


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
