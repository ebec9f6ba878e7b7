"""The supernet, against a plain implementation of the same equations and finite differences, in double precision."""

import importlib.util
import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from engine.nets import Supernet
from engine.nets.operations import build
from engine.nets.supernet import MixedEdge
from engine.space.darts import DartsSpace
from engine.space.operations import DARTS_OPERATIONS

PLAIN = Path(__file__).parents[4] / "shared" / "bench" / "plain_supernet.py"


def batch(count: int = 4, channels: int = 3, side: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(count, channels, side, side, dtype=torch.float64), torch.randint(0, 10, (count,))


def test_its_weights_and_architecture_numbers_are_as_many_as_published():
    net = Supernet(DartsSpace(), 16, 8, 10)
    assert sum(weight.numel() for weight in net.parameters()) == 1_930_618
    assert [tuple(alpha.shape) for alpha in net.alphas] == [(14, 8), (14, 8)]


@pytest.mark.skipif(not PLAIN.is_file(), reason="the plain search network is not beside the project")
@pytest.mark.parametrize("layers", [3, 5])
def test_outputs_and_all_gradients_equal_those_of_the_plain_search_network(layers):
    spec = importlib.util.spec_from_file_location("plain_supernet", PLAIN)
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    torch.manual_seed(0)
    theirs = plain.SearchNetwork(2, layers).double()
    theirs.alphas = [torch.randn(14, 8, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    ours = Supernet(DartsSpace(), 2, layers, 10).double().to(memory_format=torch.channels_last)
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            mine.copy_(other)
        for mine, other in zip(ours.alphas, theirs.alphas, strict=True):
            mine.copy_(other)
    images, labels = batch()
    outputs, gradients = [], []
    for net in (ours, theirs):
        logits = net(images)
        outputs.append(logits.detach())
        gradients.append(torch.autograd.grad(F.cross_entropy(logits, labels), [*net.alphas, *net.parameters()]))
    torch.testing.assert_close(*outputs, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(*gradients, rtol=1e-7, atol=1e-11)
    ours.eval(), theirs.eval()  # the running statistics agree as well
    torch.testing.assert_close(ours(images), theirs(images), rtol=1e-9, atol=1e-11)


def test_a_mixed_edge_is_the_weighted_sum_of_all_operations_none_included():
    torch.manual_seed(0)
    edge = MixedEdge(DARTS_OPERATIONS, 4, 2)
    images = torch.randn(3, 4, 8, 8)
    weights = torch.randn(8).softmax(0)
    total = torch.randn(3, 4, 4, 4)
    modules = iter(edge.operations)
    expected = total.clone()
    for name, weight in zip(DARTS_OPERATIONS, weights, strict=True):
        expected += weight * (build("none", 4, 2, False) if name == "none" else next(modules))(images)
    torch.testing.assert_close(edge(images, weights, total), expected)
    torch.testing.assert_close(edge(images, weights, None), expected - total)


def test_architecture_gradients_equal_finite_differences():
    torch.manual_seed(1)
    net = Supernet(DartsSpace(nodes=2), 2, 3, 10, in_channels=1).double()
    net.alphas = [torch.randn_like(alpha).requires_grad_() for alpha in net.alphas]
    images, labels = batch(channels=1)

    def loss() -> torch.Tensor:
        return F.cross_entropy(net(images), labels)

    gradients = torch.autograd.grad(loss(), net.alphas)
    nudge = 1e-6
    for alpha, gradient in zip(net.alphas, gradients, strict=True):
        for place in [(0, 0), (1, 4), (3, 3), (4, 7)]:
            with torch.no_grad():
                alpha[place] += nudge
                up = loss()
                alpha[place] -= 2 * nudge
                down = loss()
                alpha[place] += nudge
            assert math.isclose((up - down) / (2 * nudge), gradient[place], rel_tol=1e-5, abs_tol=1e-8)


def test_detached_weights_give_the_same_logits_and_the_same_gradients_of_the_network():
    torch.manual_seed(2)
    net = Supernet(DartsSpace(nodes=2), 2, 3, 10).double()
    images, labels = batch()
    weights = list(net.parameters())
    whole = torch.autograd.grad(F.cross_entropy(net(images), labels), weights)
    detached = net(images, [row.detach() for row in net.weights()])
    torch.testing.assert_close(torch.autograd.grad(F.cross_entropy(detached, labels), weights), whole)


def test_architecture_weights_start_near_uniform_and_stay_out_of_the_parameters():
    torch.manual_seed(3)
    net = Supernet(DartsSpace(), 2, 2, 10, alpha_init=1e-3)
    for row in net.weights():
        torch.testing.assert_close(row.sum(-1), torch.ones(14))
        torch.testing.assert_close(row, torch.full((14, 8), 1 / 8), rtol=0, atol=1e-3)
    numbers = torch.cat([alpha.detach().flatten() for alpha in net.alphas])
    assert 0.7e-3 < numbers.std() < 1.3e-3
    known = {id(part) for part in net.parameters()}
    assert not known & {id(alpha) for alpha in net.alphas}
    assert not any("alpha" in name for name in net.state_dict())


def test_moving_the_net_moves_its_architecture_weights():
    net = Supernet(DartsSpace(nodes=1), 2, 2, 10).double()
    assert all(alpha.dtype == torch.float64 and alpha.requires_grad and alpha.is_leaf for alpha in net.alphas)


def test_a_restricted_space_makes_a_smaller_net():
    space = DartsSpace(nodes=2).restrict(("skip_connect", "max_pool_3x3"))
    net = Supernet(space, 2, 3, 10, in_channels=1)
    assert net(torch.randn(2, 1, 8, 8)).shape == (2, 10)
    assert net.alphas[0].shape == (5, 2)
