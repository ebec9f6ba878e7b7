"""The supernet under bfloat16 autocast, against exact gradients, and against what torch makes of a plain network."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.search_cell import SearchCell
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from tests.engine.nets.plain import twins

NETWORKS = [
    pytest.param(DartsSpace(nodes=2), {}, id="DARTS"),
    pytest.param(DartsSpace(nodes=3), {"partial": 2, "edge_norm": True}, id="PC-DARTS"),
    pytest.param(DartsSpace(nodes=2, operations=("max_pool_3x3", "skip_connect", "conv_1x1", "none")), {}, id="others"),
    pytest.param(NasBench201Space(), {}, id="NAS-Bench-201"),
]


def found(net: nn.Module, images: Tensor, labels: Tensor, low: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Logits, the gradients of the architecture and of the weights, and how far the running statistics moved."""
    architecture, weights = net.alphas + net.betas, list(net.parameters())
    before = statistics(net)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=low, cache_enabled=False):
        logits = net(images)
    logits = logits.float() if low else logits
    slopes = torch.autograd.grad(
        F.cross_entropy(logits, labels), [*architecture, *weights], allow_unused=True, materialize_grads=True
    )
    count = len(architecture)
    return logits.detach().double(), flat(slopes[:count]), flat(slopes[count:]), statistics(net) - before


def statistics(net: nn.Module) -> Tensor:
    return flat([buffer for name, buffer in net.named_buffers() if "running" in name])


def flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.detach().double().flatten() for tensor in tensors])


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
@pytest.mark.parametrize(("space", "settings"), NETWORKS)
def test_it_errs_no_more_than_a_plain_network_does(space, settings, device):
    """How far gradients are off depends on the network more than on the code: ReLUs turn, and sums over a batch nearly
    cancel. So torch's own autocast on a plain network, module by module, says how far is usual: 5 to 30 % here."""
    ours, plain = twins(space, 4, 3, 10, 3, **settings)
    torch.manual_seed(1)
    images, labels = torch.randn(32, 3, 16, 16, dtype=torch.float64), torch.randint(0, 10, (32,))
    images = images.to(memory_format=torch.channels_last)
    errors = []
    for net in (ours, plain):
        start = {name: value.clone() for name, value in net.state_dict().items()}
        exact = found(net, images, labels, low=False)
        net.load_state_dict(start)
        net.float().to(device)
        net.alphas, net.betas = (
            [part.detach().float().to(device).requires_grad_() for part in parts] for parts in (net.alphas, net.betas)
        )
        rounded = found(net, images.float().to(device), labels.to(device), low=True)
        errors.append([apart(one.cpu(), other) for one, other in zip(rounded, exact, strict=True)])
    (logits, architecture, weights, moved), usual = errors
    assert logits < 1.5 * usual[0] < 0.2
    assert architecture < 1.5 * usual[1] < 0.6
    assert weights < 1.5 * usual[2] < 0.6
    assert moved < 1.5 * usual[3] < 0.01  # means and variances over thousands of pixels: far better than one number


@pytest.mark.parametrize(("space", "settings"), NETWORKS)
def test_images_are_bfloat16_and_what_is_learnt_is_not(space, settings):
    ours, _ = twins(space, 4, 3, 10, 3, **settings)
    ours.float()
    seen = {}
    for name, module in ours.named_modules():
        if not list(module.children()) or isinstance(module, SearchCell):
            module.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output}))
    _, *gradients, _ = found(ours, torch.randn(4, 3, 8, 8), torch.randint(0, 10, (4,)), low=True)
    images = [(name, output) for name, output in seen.items() if isinstance(output, Tensor) and output.dim() == 4]
    assert images
    assert {name for name, output in images if output.dtype != torch.bfloat16} == set()
    assert {tensor.dtype for tensor in (*ours.parameters(), *ours.architecture)} == {torch.float32}
    assert {buffer.dtype for buffer in ours.buffers() if buffer.is_floating_point()} == {torch.float32}
    assert all(gradient.isfinite().all() for gradient in gradients)
