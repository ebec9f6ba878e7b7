"""The supernet, against a plain implementation of the same equations and finite differences, in double precision."""

import math
import random

import pytest
import torch
from torch.nn import functional as F

from engine.nets import Supernet, Unbuildable, separable_edges
from engine.nets.operations import BUILDERS
from engine.nets.stochastic_depth import Chance
from engine.space.cell_space import CellSpace
from engine.space.darts import DartsSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.spaces import SPACES
from tests.engine.nets.plain import PlainSupernet, twins

CLOSE = {"rtol": 1e-9, "atol": 1e-11}
EVERY_FORM = ("none", "skip_connect", "max_pool_3x3", "sep_conv_3x3", "conv_3x3", "dil_conv_5x5")


def batch(count: int = 4, channels: int = 3, side: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(count, channels, side, side, dtype=torch.float64), torch.randint(0, 10, (count,))


SIZES = [  # counted on the authors' search networks
    pytest.param({"layers": 8}, 1_930_618, 224, id="DARTS"),
    pytest.param({"layers": 8, "partial": 4, "edge_norm": True}, 299_578, 252, id="PC-DARTS"),
    pytest.param({"layers": 5}, 1_275_834, 224, id="P-DARTS, first stage"),
]


@pytest.mark.parametrize(("settings", "weights", "numbers"), SIZES)
def test_its_weights_and_architecture_numbers_are_as_many_as_published(settings, weights, numbers):
    net = Supernet(DartsSpace(), 16, classes=10, **settings)
    assert sum(weight.numel() for weight in net.parameters()) == weights
    assert sum(part.numel() for part in net.architecture) == numbers


def test_a_supernet_of_the_benchmark_is_as_large_as_its_parts():
    """Per cell 6 edges, each with a 1×1 and a 3×3 convolution of C to C channels."""
    net = Supernet(NasBench201Space(), 16, 15, 10)
    cells = sum(5 * 6 * 10 * channels**2 for channels in (16, 32, 64))
    halvings = sum(9 * 2 * c * c + 9 * 4 * c * c + 2 * c * c + 2 * 2 * 2 * c for c in (16, 32))
    around = 27 * 16 + 2 * 16 + 2 * 64 + 65 * 10
    assert sum(weight.numel() for weight in net.parameters()) == cells + halvings + around
    assert sum(part.numel() for part in net.architecture) == 30


def mixed_palettes(space: CellSpace, seed: int) -> list[list[tuple[str, ...]]]:
    """Some operations on each edge; on one edge of each cell `none` alone, on another nothing at all."""
    rng = random.Random(seed)
    palettes = []
    for _ in space.cells:
        row = [tuple(rng.sample(space.operations, rng.randint(1, 5))) for _ in space.edges()]
        row[2], row[4] = ("none",), ()
        palettes.append(row)
    return palettes


GENERAL = [
    pytest.param(DartsSpace(nodes=3), {"partial": 2}, id="one of two channels"),
    pytest.param(DartsSpace(nodes=3), {"partial": 4, "edge_norm": True}, id="PC-DARTS"),
    pytest.param(DartsSpace(nodes=3), {"edge_norm": True}, id="edge normalisation alone"),
    pytest.param(DartsSpace(nodes=3), {"palettes": mixed_palettes(DartsSpace(nodes=3), 0)}, id="mixed palettes"),
    pytest.param(
        DartsSpace(nodes=3),
        {"palettes": mixed_palettes(DartsSpace(nodes=3), 1), "partial": 2, "edge_norm": True},
        id="mixed palettes, one of two channels",
    ),
    pytest.param(DartsSpace(nodes=2, output="last node"), {}, id="the last node alone"),
    pytest.param(
        DartsSpace(nodes=2).restrict(("sep_conv_3x3", "skip_connect"), "normal", (1, 2)).restrict((), edge=(1, 0)),
        {},
        id="edited edges",
    ),
    pytest.param(NasBench201Space(), {}, id="NAS-Bench-201"),
    pytest.param(NasBench201Space(), {"partial": 2, "edge_norm": True}, id="NAS-Bench-201, one of two channels"),
    pytest.param(
        NasBench201Space(),
        {"palettes": [[("none", "nor_conv_3x3"), *[("avg_pool_3x3", "nor_conv_1x1")] * 5]]},
        id="NAS-Bench-201, mixed palettes",
    ),
]


@pytest.mark.parametrize(("side", "at_once"), [(14, 100), (7, 1)])
@pytest.mark.parametrize(("space", "settings"), GENERAL)
def test_general_search_networks_equal_the_plain_network(monkeypatch, space, settings, side, at_once):
    monkeypatch.setattr(separable_edges, "AT_ONCE", at_once * 4 * 4 * side * side * 8)
    ours, plain = twins(space, 4, 3, 10, 3, **settings)
    images, labels = batch(4, 3, side)
    for net in (ours, plain):
        with torch.no_grad():
            net(images + 1)  # moves the running statistics
    torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)
    compare_weight_gradients(ours, plain)
    for net in (ours, plain):
        net.eval()
        for numbers in net.alphas + net.betas:
            numbers.grad = None
    torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)


def test_what_an_edge_does_not_carry_has_no_weight_and_no_gradient():
    palettes = mixed_palettes(DartsSpace(), 0)
    ours, _ = twins(DartsSpace(), 4, 3, 10, 3, palettes=palettes, edge_norm=True)
    run(ours, *batch())
    for row, carried, weights, alpha in zip(palettes, ours.carried, ours.weights(), ours.alphas, strict=True):
        for edge, palette in enumerate(row):
            assert [name in palette for name in DartsSpace().operations] == carried[edge].tolist()
        assert not weights[~carried].any()
        assert not alpha.grad[~carried].any()
        sums = torch.tensor([float(bool(palette)) for palette in row], dtype=torch.float64)
        torch.testing.assert_close(weights.sum(1), sums)
    for shares in ours.edge_weights():
        assert shares[4] == 0  # carries nothing
        torch.testing.assert_close(shares.sum(), torch.tensor(4.0, dtype=torch.float64))  # 1 for each node


def test_spaces_that_no_search_network_holds_are_refused():
    with pytest.raises(Unbuildable, match="no search network holds all"):
        Supernet(SPACES["nasnet"](output="last node"), 4, 3, 10)
    with pytest.raises(Unbuildable, match="18 cannot be divided into 4"):
        Supernet(DartsSpace(), 18, 3, 10, partial=4)


def run(
    net: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor, **more: object
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Logits, and the gradients of the architecture weights; those of the weights are left in their `grad`."""
    logits = net(images, **more)
    F.cross_entropy(logits, labels).backward()
    return logits.detach(), [numbers.grad for numbers in net.alphas + net.betas]


def compare_weight_gradients(ours: Supernet, plain: PlainSupernet) -> None:
    """Puts the gradients in the place of the weights, where they have the names of edges and operations."""
    with torch.no_grad():
        for weight in (*ours.parameters(), *plain.parameters()):
            weight.copy_(weight.grad)
    seen = 0
    for at, cell in enumerate(plain.cells):
        for edge, those in cell.edges.items():
            for place, operation in those.operations.items():
                mine = ours.operation_weights(at, int(edge), int(place))
                torch.testing.assert_close(mine, list(operation.parameters()), **CLOSE)
                seen += sum(weight.numel() for weight in mine)
    frame = ours.frame
    pairs = [(getattr(frame, name), getattr(plain, name)) for name in ("stem", "classifier")]
    if len(plain.space.cells) == 1:
        pairs += [(frame.halvings, plain.between), (frame.last, plain.last)]
    else:
        pairs += [(mine, cell.inputs) for mine, cell in zip(frame.inputs, plain.cells, strict=True)]
    for mine, other in pairs:
        torch.testing.assert_close(list(mine.parameters()), list(other.parameters()), **CLOSE)
        seen += sum(weight.numel() for weight in mine.parameters())
    assert seen == sum(weight.numel() for weight in ours.parameters())


def compare(ours: Supernet, plain: PlainSupernet, images: torch.Tensor, labels: torch.Tensor) -> None:
    torch.testing.assert_close(run(ours, images, labels), run(plain, images, labels), **CLOSE)
    compare_weight_gradients(ours, plain)


@pytest.mark.parametrize(
    ("side", "layers", "at_once"),
    [(8, 5, 100), (7, 3, 100), (14, 3, 3), (14, 3, 1)],
)
def test_outputs_and_all_gradients_equal_those_of_the_plain_network(monkeypatch, side, layers, at_once):
    """`at_once`: how many edges of the first cell are computed together."""
    monkeypatch.setattr(separable_edges, "AT_ONCE", at_once * 4 * 4 * side * side * 8)
    ours, plain = twins(DartsSpace(), 4, layers, 10, 3)
    images, labels = batch(4, 3, side)
    compare(ours, plain, images, labels)


@pytest.mark.parametrize("at_once", [100, 1])
def test_running_statistics_equal_those_of_the_plain_network(monkeypatch, at_once):
    monkeypatch.setattr(separable_edges, "AT_ONCE", at_once * 4 * 4 * 7 * 7 * 8)
    ours, plain = twins(DartsSpace(), 4, 3, 10, 3)
    images, labels = batch(4, 3, 7)
    for net in (ours, plain):
        with torch.no_grad():
            net(images)
            net(images + 1)
        net.eval()
    compare(ours, plain, images, labels)


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"none"}))
def test_every_operation_alone_and_beside_others_equals_the_plain_network(name):
    for operations in ((name,), (name, "none", "sep_conv_3x3") if name != "sep_conv_3x3" else (name, "conv_1x1")):
        ours, plain = twins(DartsSpace(nodes=2, operations=operations), 3, 3, 10, 1)
        images, labels = batch(3, 1, 7)
        compare(ours, plain, images, labels)


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


MIXED = mixed_palettes(DartsSpace(operations=EVERY_FORM), 2)
DROPPED = [
    pytest.param(DartsSpace(operations=EVERY_FORM), {}, 100, id="operations of every form"),
    pytest.param(DartsSpace(operations=EVERY_FORM), {}, 1, id="node by node"),
    pytest.param(DartsSpace(operations=EVERY_FORM), {"palettes": MIXED}, 100, id="mixed palettes"),
    pytest.param(DartsSpace(), {"partial": 2, "edge_norm": True}, 100, id="one of two channels"),
    pytest.param(NasBench201Space(), {}, 100, id="NAS-Bench-201"),
]


@pytest.mark.parametrize(("space", "settings", "at_once"), DROPPED)
def test_an_image_is_dropped_from_a_whole_edge(monkeypatch, space, settings, at_once):
    """Skips and what passes by included; the plain network gets the factors that were drawn here."""
    monkeypatch.setattr(separable_edges, "AT_ONCE", at_once * 4 * 4 * 7 * 7 * 8)
    ours, plain = twins(space, 4, 3, 10, 3, **settings)
    ours.drop_path, ours.generator = 0.4, torch.Generator().manual_seed(1)
    drawn, draw = [], Chance.kept

    def noted(*given: object) -> torch.Tensor:
        drawn.append(draw(*given))
        return drawn[-1]

    monkeypatch.setattr(Chance, "kept", noted)
    images, labels = batch(4, 3, 7)
    got = run(ours, images, labels)
    assert [kept.shape for kept in drawn] == [(4, len(space.edges()))] * 3  # anew in each cell
    assert len({tuple(kept.flatten().tolist()) for kept in drawn}) == 3
    torch.testing.assert_close(got, run(plain, images, labels, kept=drawn), **CLOSE)
    compare_weight_gradients(ours, plain)


SCALED = [
    pytest.param({"drop_path": 0.5}, 2.0, 2.0, id="edges"),
    pytest.param({"skip_rate": 0.5}, 1.0, 2.0, id="skips"),
    pytest.param({"drop_path": 0.5, "skip_rate": 0.5}, 2.0, 4.0, id="both"),
]


@pytest.mark.parametrize("at_once", [100, 1])
@pytest.mark.parametrize(("settings", "path", "skip"), SCALED)
def test_what_is_dropped_are_edges_or_pixels_behind_skips(monkeypatch, settings, path, skip, at_once):
    """With draws that only scale, the network is one with other weights on the operations."""
    monkeypatch.setattr(separable_edges, "AT_ONCE", at_once * 4 * 4 * 8 * 8 * 8)
    monkeypatch.setattr(Chance, "_kept", lambda self, empty, rate: torch.full_like(empty, 1 / (1 - rate)))
    space = DartsSpace(operations=EVERY_FORM)
    ours, plain = twins(space, 4, 3, 10, 3)
    for name, rate in settings.items():
        setattr(ours, name, rate)
    images, labels = batch()
    weights = ours.weights()
    factors = torch.full((2, 14, 6), path, dtype=torch.float64)
    identities = torch.tensor([[True] * 14, [source > 1 for _, source in space.edges()]])
    factors[..., 1] = torch.where(identities, skip, path)
    plain_weights = [row * factor for row, factor in zip(weights, factors, strict=True)]
    expected = plain(images, plain_weights)
    loss = F.cross_entropy(expected, labels)
    logits = ours(images)
    torch.testing.assert_close(logits, expected, **CLOSE)
    ours_loss = F.cross_entropy(logits, labels)
    torch.testing.assert_close(
        torch.autograd.grad(ours_loss, ours.alphas, retain_graph=True), torch.autograd.grad(loss, ours.alphas), **CLOSE
    )
    ours.eval()
    assert not torch.allclose(ours(images), logits)


@pytest.mark.parametrize("settings", [{"drop_path": 0.4}, {"skip_rate": 0.4}])
def test_draws_come_from_the_generator_and_vary(settings):
    torch.manual_seed(0)
    net = Supernet(DartsSpace(nodes=2), 2, 3, 10, 1, **settings).double()
    images, _ = batch(channels=1)
    logits = []
    for seed in (1, 1, 2):
        net.generator = torch.Generator().manual_seed(seed)
        logits.append(net(images))
    torch.testing.assert_close(logits[0], logits[1], rtol=0, atol=0)
    assert not torch.allclose(logits[0], logits[2])


def test_kept_images_make_up_for_dropped_ones():
    chance = Chance(0.25, 0.4, torch.Generator().manual_seed(0))
    kept = chance.kept(100, 50, torch.ones(1, dtype=torch.float64))
    assert set(kept.unique().tolist()) == {0, 1 / 0.6}
    assert abs(kept.mean() - 1) < 0.05
    assert abs(chance.skipped(torch.ones(10, 10, 10, 10)).mean() - 1) < 0.05


def test_products_with_the_hessian_are_symmetric_and_the_same_in_single_precision():
    """A unit direction needs steps of 0.01 in single precision, over which ReLUs and maxima switch."""
    torch.manual_seed(0)
    net = Supernet(DartsSpace(nodes=2), 4, 3, 10, 1, partial=2, edge_norm=True)
    images, labels = batch(16, channels=1)
    one, two = (F.normalize(torch.randn(90, dtype=torch.float64), dim=0) for _ in range(2))
    sizes = [numbers.numel() for numbers in net.architecture]

    def product(vector: torch.Tensor, nudge: float) -> torch.Tensor:
        sides = []
        for step in (nudge, -2 * nudge, nudge):
            with torch.no_grad():
                for numbers, part in zip(net.architecture, vector.split(sizes), strict=True):
                    numbers.add_(part.view_as(numbers).to(numbers), alpha=step)
            loss = F.cross_entropy(net(images.to(net.alphas[0])), labels)
            sides.append(torch.cat([part.flatten() for part in torch.autograd.grad(loss, net.architecture)]))
        return (sides[0] - sides[1]).double() / (2 * nudge)

    single = product(one, 1e-2)
    net.double()
    torch.testing.assert_close(single, product(one, 1e-2), rtol=1e-2, atol=1e-4)
    assert math.isclose(float(product(one, 1e-5) @ two), float(product(two, 1e-5) @ one), rel_tol=1e-4)


def test_a_second_backward_pass_is_refused():
    net = Supernet(DartsSpace(nodes=1), 2, 3, 10)
    images, labels = batch(2)
    loss = F.cross_entropy(net(images.float()), labels)
    (gradient,) = torch.autograd.grad(loss, net.alphas[:1], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.square().sum().backward()


@pytest.mark.gpu
@pytest.mark.parametrize("settings", [{}, {"partial": 2, "edge_norm": True}])
def test_a_cuda_device_computes_the_same(settings):
    ours, plain = twins(DartsSpace(), 4, 3, 10, 3, **settings)
    images, labels = batch(4, 3, 14)
    expected = run(plain, images, labels)
    logits, gradients = run(ours.to("cuda"), images.cuda(), labels.cuda())
    torch.testing.assert_close((logits.cpu(), [gradient.cpu() for gradient in gradients]), expected, **CLOSE)
