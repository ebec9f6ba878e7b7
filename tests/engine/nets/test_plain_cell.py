"""The plain search network against the fast one: the same weights from the same seed, the same values and gradients."""

import math

import pytest
import torch
from torch import Tensor

from engine.nets import Supernet
from engine.nets.autograd_modes import twice_differentiable
from engine.nets.plain_cell import PlainCell
from engine.nets.stochastic_depth import Chance
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space

SMALL = DartsSpace(nodes=2)
FEWER = SMALL.restrict(("skip_connect", "sep_conv_3x3"), "normal", (0, 0)).restrict(("max_pool_3x3",), "reduction")
CASES = {
    "DARTS": (SMALL, {}),
    "edges that carry less": (FEWER, {}),
    "the last node alone": (DartsSpace(nodes=2, output="last node"), {}),
    "partial channels": (SMALL, {"partial": 2, "edge_norm": True}),
    "dropped edges": (SMALL, {"drop_path": 0.4}),
    "dropped edges, partial channels": (SMALL, {"drop_path": 0.4, "partial": 2, "edge_norm": True}),
    "NAS-Bench-201": (NasBench201Space(), {}),
}


def made(space, step: str, **settings) -> Supernet:
    torch.manual_seed(0)
    net = Supernet(space, 4, 3, 5, 1, alpha_init=1.0, step=step, **settings).double()
    net.generator = torch.Generator().manual_seed(1)
    return net.to(memory_format=torch.channels_last) if step == "fast" else net


def of_operations(net: Supernet) -> list[Tensor]:
    space, kinds = net, range(len(net.frame.cells))
    edges, operations = net.carried[0].shape
    return [
        weight
        for cell in kinds
        for edge in range(edges)
        for place in range(operations)
        for weight in space.operation_weights(cell, edge, place)
    ]


def gradients(net: Supernet, loss: Tensor) -> list[Tensor]:
    """Of the architecture, then of all weights as operations have them, whatever the form they are kept in."""
    parameters = list(net.parameters())
    found = torch.autograd.grad(loss, [*net.architecture, *parameters], allow_unused=True)
    for parameter, slope in zip(parameters, found[len(net.architecture) :], strict=True):
        parameter.data = torch.zeros_like(parameter) if slope is None else slope
    slopes = [
        torch.zeros_like(part) if one is None else one for part, one in zip(net.architecture, found, strict=False)
    ]
    return [*slopes, *of_operations(net)]


@pytest.mark.parametrize("name", CASES)
def test_values_and_gradients_are_those_of_the_fast_network(name: str):
    space, settings = CASES[name]
    fast, plain = (made(space, step, **settings) for step in ("fast", "plain"))
    assert any(isinstance(module, PlainCell) for module in plain.modules())
    assert not any(isinstance(module, PlainCell) for module in fast.modules())
    for mine, its in zip(of_operations(fast), of_operations(plain), strict=True):
        torch.testing.assert_close(mine, its, rtol=0, atol=0)
    images = torch.randn(3, 1, 9, 9, dtype=torch.float64)
    labels = torch.tensor([0, 3, 4])
    losses = [torch.nn.functional.cross_entropy(net(images), labels) for net in (fast, plain)]
    torch.testing.assert_close(*losses, rtol=1e-12, atol=1e-12)
    for mine, its in zip(*(gradients(net, loss) for net, loss in zip((fast, plain), losses, strict=True)), strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-9, atol=1e-12)


def test_skips_lose_their_share_of_pixels_and_nothing_else_does():
    """With one skip a node and a rate p, kept pixels are 1 / (1 - p) as bright: the mean stays, the variance grows."""
    space = DartsSpace(nodes=1, operations=("skip_connect",))
    net = made(space, "plain", skip_rate=0.25)
    cell = net.frame.cells[0]
    assert isinstance(cell, PlainCell)
    assert not cell.reduces
    ones = [torch.ones(64, 4, 16, 16, dtype=torch.float64)] * 2
    weights = torch.tensor([[0.5], [0.0]], dtype=torch.float64)
    out = cell(ones, cell.shares(weights, None), Chance(0.25, 0.0, net.generator))
    values, counts = out.unique(return_counts=True)
    torch.testing.assert_close(values, torch.tensor([0.0, 0.5 / 0.75], dtype=torch.float64))
    share = counts[0].item() / out.numel()
    assert share == pytest.approx(0.25, abs=5 * math.sqrt(0.25 * 0.75 / out.numel()))


def test_it_can_be_differentiated_twice_without_asking():
    fast, plain = (made(SMALL, step) for step in ("fast", "plain"))
    images = torch.randn(2, 1, 8, 8, dtype=torch.float64)
    products = []
    for net in (fast, plain):
        with twice_differentiable():
            loss = net(images).square().sum()
        (slope,) = torch.autograd.grad(loss, net.alphas[:1], create_graph=True)
        (product,) = torch.autograd.grad(slope.square().sum(), net.alphas[:1])
        products.append(product)
    torch.testing.assert_close(*products, rtol=1e-8, atol=1e-12)
