"""PNAS's surrogates against nets written out by hand, finite differences, and what they must be able to learn."""

import random

import numpy as np
import pytest
import torch

from engine.search.surrogates.encoding import NOTHING, generator
from engine.search.surrogates.ensemble import Ensemble

KINDS = pytest.mark.parametrize("kind", ["lstm", "mlp"])
BLOCKS = ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1))
VOCABULARY = 9


def net(kind, members=3, seed=0) -> Ensemble:
    return Ensemble(kind, VOCABULARY, BLOCKS, 4, 5, members, generator(random.Random(seed)))


def rows(count, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, VOCABULARY, (count, len(BLOCKS))).astype(np.int16)


def by_hand(ensemble: Ensemble, kind: str, member: int, row: np.ndarray) -> float:
    """One member on one row, token by token, with torch's own cell for the LSTM."""
    weights = {name: value[member] for name, value in ensemble._weights.items()}
    embedded = [weights["embedding"][token] if token != NOTHING else None for token in row.tolist()]
    if kind == "lstm":
        cell = torch.nn.LSTMCell(4, 5)
        enter, forget, leave, write = range(4)
        order = [enter, forget, write, leave]  # as torch has its gates
        with torch.no_grad():
            parts = [weights[name].split(5, 1) for name in ("in", "on", "bias")]
            cell.weight_ih.copy_(torch.cat([parts[0][gate] for gate in order], 1).T)
            cell.weight_hh.copy_(torch.cat([parts[1][gate] for gate in order], 1).T)
            cell.bias_ih.copy_(torch.cat([parts[2][gate] for gate in order], 1)[0])
            cell.bias_hh.zero_()
            state = (torch.zeros(1, 5), torch.zeros(1, 5))
            for one in embedded:
                state = state if one is None else cell(one[None], state)
        hidden = state[0]
    else:
        blocks = [embedded[at : at + 2] for at in range(0, len(embedded), 2)]
        there = [torch.cat(block) for block in blocks if block[0] is not None]
        hidden = torch.relu(sum(there)[None] / len(there) @ weights["in"] + weights["bias"])
        hidden = torch.relu(hidden @ weights["on"] + weights["on bias"])
    return float(torch.sigmoid(hidden @ weights["read"] + weights["read bias"]))


@KINDS
def test_it_predicts_what_the_net_written_out_predicts_for_short_rows_too(kind):
    ensemble, table = net(kind), rows(40)
    for weight in ensemble._weights.values():
        weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)) * 0.5)
    table[:10, 2:] = NOTHING
    table[10:20, 4:] = NOTHING
    table[30:] = table[:10]
    predicted = ensemble.predict(table)
    expected = [[by_hand(ensemble, kind, member, row) for row in table] for member in range(3)]
    np.testing.assert_allclose(predicted, expected, atol=1e-6)
    assert predicted.std() > 0.01


@KINDS
def test_gradients_are_those_of_finite_differences(kind):
    ensemble, table = net(kind, members=2), rows(7)
    weights = {name: value.double().requires_grad_(True) for name, value in ensemble._weights.items()}
    ensemble._weights = weights

    def total() -> torch.Tensor:
        return ensemble.forward(table).square().sum()

    torch.autograd.backward(total())
    for name in ("embedding", "in", "on", "read", "read bias"):
        flat, gradient = weights[name].data.view(-1), weights[name].grad.view(-1)
        at = int(gradient.abs().argmax())
        before, step = float(flat[at]), 1e-5
        flat[at] = before + step
        up = float(total().detach())
        flat[at] = before - step
        down = float(total().detach())
        flat[at] = before
        assert float(gradient[at]) == pytest.approx((up - down) / (2 * step), rel=1e-4), name


@pytest.mark.slow
@KINDS
def test_it_learns(kind):
    ensemble, table = net(kind, members=5), rows(50)
    scores = 0.2 + 0.6 * (table[:, 0] > 4)
    first = np.abs(ensemble.predict(table) - scores).mean()
    ensemble.fit(table, scores, 0.05, 40, 1000)
    wrong = np.abs(ensemble.predict(table) - scores)
    assert np.median(wrong) < first / 2


def test_each_member_leaves_out_a_fifth_of_the_rows():
    """Of ten architectures with nothing in common, the tokens of those that a member leaves out stay as they were."""
    table = np.arange(1, 11, dtype=np.int16)[:, None].repeat(2, 1)
    ensemble = Ensemble("lstm", 11, ((0, 0), (0, 1)), 4, 5, 5, generator(random.Random(0)))
    before = ensemble._weights["embedding"].clone()
    ensemble.fit(table, np.zeros(10), 0.1, 1, 1000)
    same = (ensemble._weights["embedding"] == before).all(2)[:, 1:]
    assert same.sum(0).tolist() == [1] * 10
    assert same.sum(1).tolist() == [2] * 5


@KINDS
def test_it_goes_on_from_its_state_bit_for_bit_and_leaves_torch_alone(kind):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, other = net(kind, seed=1), net(kind, seed=2)
    one.fit(rows(20), np.linspace(0, 1, 20), 0.01, 5, 8)
    other.load(one.state())
    assert torch.equal(torch.rand(1), expected)
    np.testing.assert_array_equal(one.predict(rows(9, 3)), other.predict(rows(9, 3)))
