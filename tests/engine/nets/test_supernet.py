"""The supernet, against a plain implementation of the same equations and finite differences, in double precision."""

import importlib.util
import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from engine.nets import Supernet, shared_edges
from engine.nets.operations import BUILDERS
from engine.space.darts import DartsSpace
from tests.engine.nets.plain import PlainSupernet

PLAIN = Path(__file__).parents[4] / "shared" / "bench" / "plain_supernet.py"
CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def batch(count: int = 4, channels: int = 3, side: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(count, channels, side, side, dtype=torch.float64), torch.randint(0, 10, (count,))


def test_its_weights_and_architecture_numbers_are_as_many_as_published():
    net = Supernet(DartsSpace(), 16, 8, 10)
    assert sum(weight.numel() for weight in net.parameters()) == 1_930_618
    assert [tuple(alpha.shape) for alpha in net.alphas] == [(14, 8), (14, 8)]


def twins(space: DartsSpace, channels: int, layers: int, in_channels: int = 3) -> tuple[Supernet, PlainSupernet]:
    """The program's search network and the plain one, with the same weights and random architecture weights."""
    torch.manual_seed(0)
    ours = Supernet(space, channels, layers, 10, in_channels).double().to(memory_format=torch.channels_last)
    torch.manual_seed(0)
    plain = PlainSupernet(space, channels, layers, 10, in_channels)
    ours.alphas = [torch.randn_like(alpha).requires_grad_() for alpha in ours.alphas]
    plain.alphas = [alpha.detach().clone().requires_grad_() for alpha in ours.alphas]
    return ours, plain


def run(net: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Logits, and the gradients of the architecture weights; those of the weights are left in their `grad`."""
    logits = net(images, [alpha.softmax(-1) for alpha in net.alphas])
    F.cross_entropy(logits, labels).backward()
    return logits.detach(), [alpha.grad for alpha in net.alphas]


def compare_weight_gradients(ours: Supernet, plain: PlainSupernet) -> None:
    """Puts the gradients in the place of the weights, where they have the names of edges and operations."""
    with torch.no_grad():
        for weight in (*ours.parameters(), *plain.parameters()):
            weight.copy_(weight.grad)
    seen = 0
    for at, cell in enumerate(plain.cells):
        for edge, operations in enumerate(cell.edges):
            for place, operation in enumerate(operations):
                mine = ours.operation_weights(at, edge, place)
                torch.testing.assert_close(mine, list(operation.parameters()), **CLOSE)
                seen += sum(weight.numel() for weight in mine)
    names = [name for name, _ in plain.named_parameters() if ".edges." not in name]
    for name in names:
        mine, other = ours.get_parameter(name), plain.get_parameter(name)
        torch.testing.assert_close(mine, other, **CLOSE)
        seen += mine.numel()
    assert seen == sum(weight.numel() for weight in ours.parameters())


@pytest.mark.parametrize(
    ("side", "layers", "at_once"),
    [(8, 5, 100), (7, 5, 100), (14, 3, 100), (14, 3, 3), (14, 3, 1)],
)
def test_outputs_and_all_gradients_equal_those_of_the_plain_network(monkeypatch, side, layers, at_once):
    """`at_once`: how many edges of the first cell are computed together."""
    monkeypatch.setattr(shared_edges, "AT_ONCE", at_once * 4 * 4 * side * side * 8)
    ours, plain = twins(DartsSpace(), 4, layers)
    images, labels = batch(4, 3, side)
    torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)
    compare_weight_gradients(ours, plain)


@pytest.mark.parametrize("at_once", [100, 1])
def test_running_statistics_equal_those_of_the_plain_network(monkeypatch, at_once):
    monkeypatch.setattr(shared_edges, "AT_ONCE", at_once * 4 * 4 * 7 * 7 * 8)
    ours, plain = twins(DartsSpace(), 4, 5)
    images, labels = batch(4, 3, 7)
    for net in (ours, plain):
        with torch.no_grad():
            net(images, net.alphas)
            net(images + 1, net.alphas)
        net.eval()
    torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)
    compare_weight_gradients(ours, plain)


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"none"}))
def test_every_operation_alone_and_beside_others_equals_the_plain_network(name):
    for operations in ((name,), (name, "none", "sep_conv_3x3") if name != "sep_conv_3x3" else (name, "conv_1x1")):
        ours, plain = twins(DartsSpace(nodes=2, operations=operations), 3, 3, 1)
        images, labels = batch(3, 1, 7)
        torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)
        compare_weight_gradients(ours, plain)


@pytest.mark.skipif(not PLAIN.is_file(), reason="the plain search network is not beside the project")
def test_outputs_equal_those_of_the_baseline_that_speed_is_measured_against():
    spec = importlib.util.spec_from_file_location("plain_supernet", PLAIN)
    plain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plain)
    torch.manual_seed(0)
    theirs = plain.SearchNetwork(2, 5).double()
    theirs.alphas = [torch.randn(14, 8, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    ours, _ = twins(DartsSpace(), 2, 5)
    with torch.no_grad():
        for mine, other in zip(ours.alphas, theirs.alphas, strict=True):
            mine.copy_(other)
        for at, cell in enumerate(theirs.cells):
            for edge, mixed in enumerate(cell.edges):
                for place, operation in enumerate(mixed.ops):
                    views = ours.operation_weights(at, edge, place)
                    for mine, other in zip(views, operation.parameters(), strict=True):
                        mine.copy_(other)
            for mine, other in ((ours.cells[at].before, cell.pre0), (ours.cells[at].last, cell.pre1)):
                for one, two in zip(mine.parameters(), other.parameters(), strict=True):
                    one.copy_(two)
        for mine, other in ((ours.stem, theirs.stem), (ours.classifier, theirs.classifier)):
            for one, two in zip(mine.parameters(), other.parameters(), strict=True):
                one.copy_(two)
    images, labels = batch()
    logits = theirs(images)
    torch.testing.assert_close(ours(images), logits, **CLOSE)
    loss = F.cross_entropy(logits, labels)
    torch.testing.assert_close(run(ours, images, labels)[1], list(torch.autograd.grad(loss, theirs.alphas)), **CLOSE)


def test_it_comes_back_from_its_state():
    torch.manual_seed(0)
    one, two = (Supernet(DartsSpace(nodes=2), 2, 3, 10, 1) for _ in range(2))
    images = torch.randn(4, 1, 8, 8)
    one(images)  # moves the running statistics
    two.load_state_dict(one.state_dict())
    weights = one.weights()
    one.eval(), two.eval()
    torch.testing.assert_close(two(images, weights), one(images, weights), rtol=0, atol=0)


def test_weights_held_fixed_get_no_gradients_and_the_architecture_the_same():
    torch.manual_seed(0)
    net = Supernet(DartsSpace(nodes=2), 2, 3, 10, 1).double()
    images, labels = batch(channels=1)
    expected = torch.autograd.grad(F.cross_entropy(net(images), labels), net.alphas)
    with net.fixed():
        logits = net(images)
    F.cross_entropy(logits, labels).backward()
    assert all(weight.grad is None and weight.requires_grad for weight in net.parameters())
    torch.testing.assert_close([alpha.grad for alpha in net.alphas], list(expected), rtol=1e-10, atol=1e-12)


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
