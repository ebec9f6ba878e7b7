"""The authors' search network against a plain one with the weights copied over, and its shapes walked by hand."""

import random

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets import Unbuildable
from engine.nets.weight_sharing import SharedPaths, searched_paths
from engine.space.architecture import CellArchitecture
from engine.space.cells import Cell
from engine.space.counts import Skeleton
from engine.space.darts import DartsSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import ENAS_OPERATIONS, EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.pnas import PnasSpace
from engine.space.spaces import Space

CHANNELS, CLASSES, IMAGE = 4, 3, 20
MICRO = EnasMicroSpace(nodes=3)


def network(space: Space = MICRO, layers: int = 5, auxiliary: bool = True, dropout: float = 0.0) -> SharedPaths:
    """In float64, with scales and shifts that tell the batch norms from each other."""
    torch.manual_seed(0)
    frame = Skeleton(channels=CHANNELS, layers=layers, classes=CLASSES, in_channels=2, image=IMAGE)
    net = searched_paths(space, frame, dropout, auxiliary).double()
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.uniform_(norm.bias, -0.5, 0.5)
    return net


def images(count: int = 3) -> Tensor:
    return torch.randn(count, 2, IMAGE, IMAGE, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


class Plain:
    """The same function of the same named weights, written straight down from the facts, batch statistics only.

    All that it knows of the network under test are the names of its weights.
    """

    def __init__(self, weights: dict[str, Tensor], layers: int) -> None:
        self.weights, self.layers = weights, layers

    def norm(self, x: Tensor, name: str) -> Tensor:
        mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), unbiased=False, keepdim=True)
        scale, shift = (self.weights[f"{name}.{part}"][:, None, None] for part in ("weight", "bias"))
        return (x - mean) / (variance + 1e-5).sqrt() * scale + shift

    def dot(self, x: Tensor, weight: Tensor) -> Tensor:
        """A 1×1 convolution as a sum over channels."""
        return torch.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])

    def reduce(self, x: Tensor, name: str) -> Tensor:
        """Every second pixel, beside every second one from the next row and column on."""
        first = self.dot(x[:, :, ::2, ::2], self.weights[f"{name}.first.weight"])
        shifted = F.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        second = self.dot(shifted[:, :, ::2, ::2], self.weights[f"{name}.second.weight"])
        return self.norm(torch.cat([first, second], 1), f"{name}.norm")

    def operate(self, x: Tensor, kind: str, name: str) -> Tensor:
        if kind == "skip_enas":
            return x
        windows = F.pad(x, (1, 1, 1, 1), value=float("nan")).unfold(2, 3, 1).unfold(3, 3, 1).flatten(4)
        if kind == "max_pool_3x3":
            return windows.nan_to_num(nan=float("-inf")).amax(4)
        if kind == "avg_pool_3x3":
            return windows.nanmean(4)
        for place in (0, 4):
            depthwise = self.weights[f"{name}.{place + 1}.weight"]
            x = F.conv2d(x.relu(), depthwise, padding=depthwise.shape[2] // 2, groups=x.shape[1])
            x = self.norm(self.dot(x, self.weights[f"{name}.{place + 2}.weight"]), f"{name}.{place + 3}")
        return x

    def fit(self, x: Tensor, channels: int, name: str) -> Tensor:
        if x.shape[1] == channels:
            return x
        return self.norm(self.dot(x.relu(), self.weights[f"{name}.1.weight"]), f"{name}.2")

    def cell(self, cell: Cell, before: Tensor, last: Tensor, name: str, ordered: bool) -> Tensor:
        states = [before, last]
        for number, node in enumerate(cell.nodes):
            inputs = [
                self.operate(
                    states[edge.source],
                    edge.operation,
                    f"{name}.nodes.{number}.operations.{place if ordered else 0} {edge.source} {edge.operation}",
                )
                for place, edge in enumerate(node.inputs)
            ]
            states.append(torch.stack(inputs).sum(0))
        out = sum(
            self.dot(states[state].relu(), self.weights[f"{name}.output.convolution.parts.{state}"])
            for state in cell.concat
        )
        return self.norm(out, f"{name}.output.norm")

    def head(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x.relu(), 5, 3)
        x = self.dot(x, self.weights["auxiliary.features.2.weight"])
        x = self.norm(x, "auxiliary.features.3").relu()
        x = F.conv2d(x, self.weights["auxiliary.whole.weight"], padding="same")
        return self.norm(x, "auxiliary.norm").relu().mean((2, 3)) @ self.weights["auxiliary.classifier.weight"].T

    def __call__(self, x: Tensor, architecture: CellArchitecture, ordered: bool = True) -> tuple[Tensor, Tensor | None]:
        channels, side = CHANNELS, None
        before = last = self.norm(F.conv2d(x, self.weights["stem.0.weight"], padding=1), "stem.1")
        for index in range(self.layers):
            name = f"cells.{index}"
            if index in (self.layers // 3, 2 * self.layers // 3):
                channels *= 2
                halved = self.reduce(last, f"{name}.halving")
                again = self.reduce(last.relu(), f"{name}.before")
                before, last = halved, self.cell(architecture.reduction, again, halved, name, ordered)
            else:
                inputs = self.fit(before, channels, f"{name}.before"), self.fit(last, channels, f"{name}.last")
                before, last = last, self.cell(architecture.normal, *inputs, name, ordered)
            if index == min(2 * self.layers // 3 + 1, self.layers - 1) and "auxiliary.whole.weight" in self.weights:
                side = self.head(last)
        return last.relu().mean((2, 3)) @ self.weights["classifier.weight"].T, side


@pytest.mark.parametrize(
    ("space", "layers"),
    [
        (MICRO, 5),
        (MICRO, 3),
        (DartsSpace(nodes=2, operations=ENAS_OPERATIONS), 4),
        (PnasSpace(nodes=2, operations=ENAS_OPERATIONS), 4),
    ],
)
def test_a_path_computes_what_the_plain_network_computes(space, layers):
    """Logits of both heads and the gradient of every weight, PNAS's one cell as both of them included."""
    net = network(space, layers)
    rng = random.Random(3)
    for _ in range(2):
        architecture = space.decode(space.sample(rng))
        net.require(architecture)
        weights = {name: weight.detach().clone().requires_grad_() for name, weight in net.named_parameters()}
        ours = net.with_auxiliary(images(), architecture)
        theirs = Plain(weights, layers)(images(), architecture, ordered=space.pairing == "ordered")
        losses = []
        for logits, expected in zip(ours, theirs, strict=True):
            torch.testing.assert_close(logits, expected, rtol=1e-10, atol=1e-10)
        for logits, side in (ours, theirs):
            losses.append(logits.square().sum() + 0.4 * side.square().sum())
        net.zero_grad()
        for loss in losses:
            loss.backward()
        for name, weight in net.named_parameters():
            if name.startswith("auxiliary"):
                assert weight.grad is None
                assert weights[name].grad is not None
                continue
            assert (weight.grad is None) == (weights[name].grad is None), name
            if weight.grad is not None:
                torch.testing.assert_close(weight.grad, weights[name].grad, rtol=1e-8, atol=1e-9, msg=name)


def test_its_shapes_are_those_walked_by_hand():
    """Five cells at 20 pixels: 4 channels at 20, 8 at 10 from cell 1 on, 16 at 5 from cell 3 on."""
    net = network()
    seen: list[tuple[tuple[int, ...], ...]] = []
    for cell in net.cells:
        cell.register_forward_hook(lambda _, given, made: seen.append((*(one.shape[1:] for one in given[1][:2]),)))
    outputs = []
    for cell in net.cells:
        cell.output.register_forward_hook(lambda _, given, made: outputs.append(tuple(made.shape[1:])))
    net.auxiliary.features.register_forward_hook(lambda _, given, made: outputs.append(tuple(made.shape[1:])))
    architecture = MICRO.decode(MICRO.sample(random.Random(0)))
    logits, side = net.with_auxiliary(images(2), architecture)
    read = [(4, 20, 20), (4, 20, 20), (8, 10, 10), (8, 10, 10), (8, 10, 10), (8, 10, 10), (16, 5, 5), (16, 5, 5)]
    assert [shape for pair in seen for shape in map(tuple, pair)] == [*read, (16, 5, 5), (16, 5, 5)]
    assert outputs == [(4, 20, 20), (8, 10, 10), (8, 10, 10), (16, 5, 5), (16, 5, 5), (128, 1, 1)]
    assert (logits.shape, side.shape) == ((2, CLASSES), (2, CLASSES))


def test_its_weights_are_as_many_as_counted_by_hand():
    """A space of one node of skips has the frame alone: stem, reductions, the convolution behind each cell."""
    space = EnasMicroSpace(nodes=1, operations=("skip_enas",))
    net = network(space)
    stem = 9 * 2 * 12 + 2 * 12
    behind_stem = 3 * (12 * 4 + 2 * 4)  # both inputs of cell 0, k-2 of cell 1 if that were normal: it is not
    behind_stem -= 12 * 4 + 2 * 4
    halvings = 2 * (4 * 8 + 2 * 8) + 2 * (8 * 16 + 2 * 16)
    cells = sum(3 * c * c + 2 * c for c in (4, 8, 8, 16, 16))
    head = 16 * 128 + 2 * 128 + 128 * 768 + 2 * 768 + 768 * CLASSES
    expected = stem + behind_stem + halvings + cells + 16 * CLASSES + head
    assert sum(weight.numel() for weight in net.parameters()) == expected
    trained = sum(weight.numel() for weight in net.parameters() if weight.requires_grad)
    assert trained == expected - head


def test_at_32_pixels_the_head_keeps_its_two_by_two_as_tensorflow_pads_it():
    """8×8 pixels become 2×2; zeros come at the right and at the bottom alone, and all of it is pooled."""
    frame = Skeleton(channels=2, layers=8, classes=CLASSES, image=32)
    head = searched_paths(EnasMicroSpace(nodes=1), frame, 0.0, auxiliary=True).double().auxiliary
    x = torch.randn(3, 8, 8, 8, dtype=torch.float64)
    seen = head.features(x)
    assert tuple(seen.shape) == (3, 128, 2, 2)
    kernel = head.whole.weight
    by_hand = torch.zeros(3, 768, 2, 2, dtype=torch.float64)
    for row in range(2):
        for column in range(2):
            for down in range(2 - row):
                for right in range(2 - column):
                    by_hand[:, :, row, column] += seen[:, :, row + down, column + right] @ kernel[:, :, down, right].T
    expected = head.norm(by_hand).relu().mean((2, 3)) @ head.classifier.weight.T
    torch.testing.assert_close(head(x), expected)


def test_a_reduction_cell_reads_nothing_but_the_cell_before_it():
    """With k-2 changed at will, what it and all cells after it see stays the same."""
    cell = network().cells[1]
    architecture = MICRO.decode(MICRO.sample(random.Random(1)))
    last = torch.randn(2, CHANNELS, IMAGE, IMAGE, dtype=torch.float64)
    outputs = [cell.joined(architecture.reduction, torch.randn_like(last), last, 0.0) for _ in range(2)]
    for one, other in zip(*outputs, strict=True):
        assert torch.equal(one, other)


def test_dropout_is_that_of_the_features_before_the_classifier():
    architecture = MICRO.decode(MICRO.sample(random.Random(2)))
    features: list[Tensor] = []
    for dropout, training in ((0.0, True), (0.5, True), (0.0, False), (0.5, False)):
        net = network(layers=3, dropout=dropout, auxiliary=False).train(training)
        net.classifier.register_forward_pre_hook(lambda _, given: features.append(given[0]))
        net(images(), architecture)
    whole, dropped, *scored = features
    kept = dropped != 0
    assert 0 < kept.sum() < (whole != 0).sum()
    torch.testing.assert_close(dropped[kept], 2 * whole[kept])
    assert torch.equal(*scored)


@pytest.mark.parametrize("space", [NasBench201Space(), EnasMacroSpace()])
def test_a_space_of_no_pairs_is_refused_in_one_line(space):
    with pytest.raises(Unbuildable, match=r"^[^\n]* are no cells that read the two before them, [^\n]*$"):
        searched_paths(space, Skeleton(), 0.1, True)
