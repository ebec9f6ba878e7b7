"""Second derivatives of the search network, against those that torch takes of the plain one."""

import pytest
import torch
from torch.nn import functional as F

from engine.nets import Supernet
from engine.nets.autograd_modes import twice_differentiable
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.nets.plain import twins

SMALL = DartsSpace(nodes=2)


def hessian_rows(net, images, labels, vectors, mode) -> list[torch.Tensor]:
    """H v for each vector, H in the architecture; and the gradient first."""
    net.train(mode)
    loss = F.cross_entropy(net(images, [part.softmax(-1) for part in net.alphas]), labels)
    gradient = torch.cat([each.flatten() for each in torch.autograd.grad(loss, net.alphas, create_graph=True)])
    rows = [torch.autograd.grad(gradient, net.alphas, vector, retain_graph=True) for vector in vectors]
    return [gradient.detach(), *(torch.cat([each.flatten() for each in row]) for row in rows)]


@pytest.mark.parametrize("mode", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("side", [8, 7])
@pytest.mark.parametrize("space", [SMALL, NasBench201Space()], ids=["DARTS", "NAS-Bench-201"])
def test_products_with_the_hessian_are_those_of_the_plain_network(space, side, mode):
    torch.manual_seed(0)
    ours, plain = twins(space, 4, 3, 10, 3)
    images, labels = torch.randn(4, 3, side, side, dtype=torch.float64), torch.randint(0, 10, (4,))
    vectors = torch.randn(3, sum(alpha.numel() for alpha in ours.alphas), dtype=torch.float64)
    with twice_differentiable():
        found = hessian_rows(ours, images, labels, vectors, mode)
    for one, other in zip(found, hessian_rows(plain, images, labels, vectors, mode), strict=True):
        assert float(one.abs().max()) > 1e-6
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("settings", [{"partial": 2, "edge_norm": True}, {"drop_path": 0.5}], ids=["PC-DARTS", "SNAS"])
def test_the_loss_and_its_gradients_are_those_of_the_fast_passes(settings):
    torch.manual_seed(0)
    net = Supernet(SMALL, 4, 3, 10, alpha_init=1.0, **settings).double().to(memory_format=torch.channels_last)
    images, labels = torch.randn(4, 3, 8, 8, dtype=torch.float64), torch.randint(0, 10, (4,))
    net.generator = torch.Generator()
    found = []
    for context in (twice_differentiable(), torch.enable_grad()):
        net.generator.manual_seed(1)
        with context:
            loss = F.cross_entropy(net(images), labels)
        found.append([loss.detach(), *torch.autograd.grad(loss, [*net.architecture, *net.parameters()])])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)
