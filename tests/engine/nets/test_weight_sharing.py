"""Networks of shared weights against networks built for one architecture alone, with the weights copied over."""

import random

import pytest
import torch
from torch import nn

from engine.nets import Unbuildable, build_network
from engine.nets.weight_sharing import SharedPaths, shared_paths
from engine.nets.weight_sharing.shared_cells import SharedPairs, SharedStack
from engine.nets.weight_sharing.shared_layers import SharedLayers
from engine.space.architecture import Architecture
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Skeleton, frame_of, reductions
from engine.space.darts import DartsSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.nasbench201 import NasBench201Space
from engine.space.nasnet import NasnetSpace
from engine.space.spaces import SPACES, Space

CHANNELS, LAYERS, CLASSES, IMAGE = 4, 4, 3, 10

HELD = ["darts", "nasnet", "amoebanet", "pnas", "enas-micro", "nao", "nasbench201", "enas-macro"]
SPECIAL: dict[str, Space] = {
    "every state in the output": DartsSpace(nodes=3, output="loose states"),
    "one edge restricted": EnasMicroSpace(nodes=3).restrict(("skip_enas",), "reduction", (1, 0)),
    "two layers": EnasMacroSpace(layers=2),
    "an edge fixed": NasBench201Space().fix((2, 1)),
}


FURTHER = ("amoebanet", "pnas")
further = [pytest.param(name, marks=pytest.mark.further_space) for name in FURTHER]
every_space = pytest.mark.parametrize("name", [*(name for name in HELD if name not in FURTHER), *SPECIAL, *further])
"""NASNet's space stands for the two that are made as it is."""


def spaces() -> dict[str, Space]:
    return {name: SPACES[name]() for name in HELD} | SPECIAL


def frame(architecture: Architecture) -> Skeleton:
    kind = frame_of(architecture)
    return Skeleton(kind=kind, channels=CHANNELS, layers=LAYERS, classes=CLASSES, in_channels=2, image=IMAGE)


def held(space: Space) -> SharedPaths:
    return shared_paths(space, frame(space.example()))


def shared(space: Space) -> SharedPaths:
    torch.manual_seed(0)
    net = held(space).double()
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            nn.init.uniform_(norm.bias, -0.5, 0.5)
    return net


def alone(net: SharedPaths, architecture: Architecture) -> nn.Module:
    """The stand-alone network, with the weights of the path."""
    network = build_network(architecture, frame(architecture)).double()
    copy(network.stem, net.stem)
    if isinstance(net, SharedLayers):
        for layer, source, target in zip(architecture.layers, net.layers, network.layers, strict=True):
            copy(target.operation, source.operations[layer.operation])
            if target.joined is not None:
                parts(target.joined[1].weight, source.joined.convolution.parts, layer.inputs)
                copy(target.joined[2], source.joined.norm)
        for number, kept in network.reductions.items():
            for state, target in kept.items():
                copy(target, net.reductions[number][int(state)])
        copy(network.classifier, net.classifier)
    elif isinstance(net, SharedStack):
        for source, target in zip(net.layers, network.layers, strict=True):
            if hasattr(source, "nodes"):
                nodes(target, source, architecture.cell, slots=False)
            else:
                copy(target, source)
        copy(network.last, net.last)
        copy(network.classifier, net.classifier)
    else:
        assert isinstance(net, SharedPairs)
        states = [(0,), (0,)]
        for index, (source, target) in enumerate(zip(net.cells, network.cells, strict=True)):
            cell = architecture.reduction if index in reductions(LAYERS) else architecture.normal
            for before, side in zip(states, ("before", "last"), strict=True):
                entry, whole = getattr(target, side), getattr(source, side)
                if hasattr(whole, "first"):
                    parts(entry.first.weight, whole.first.parts, before)
                    parts(entry.second.weight, whole.second.parts, before)
                    copy(entry.norm, whole.norm)
                else:
                    parts(entry[1].weight, whole.convolution.parts, before)
                    copy(entry[2], whole.norm)
            nodes(target, source, cell, slots=source.nodes[0].ordered)
            for state, halved in target.halved.items():
                copy(halved, source.halved[int(state)])
            states = [states[1], cell.concat]
        parts(network.classifier.weight, net.classifier.parts, states[1])
        with torch.no_grad():
            network.classifier.bias.copy_(net.classifier.bias)
    return network


def copy(target: nn.Module, source: nn.Module) -> None:
    target.load_state_dict(source.state_dict())


def parts(target: torch.Tensor, source: nn.ParameterList, places: tuple[int, ...]) -> None:
    with torch.no_grad():
        target.copy_(torch.cat([source[place] for place in places], 1))


def nodes(target: nn.Module, source: nn.Module, cell: Cell, slots: bool) -> None:
    for node, own, held in zip(cell.nodes, target.nodes, source.nodes, strict=False):
        for place, (edge, operation) in enumerate(zip(node.inputs, own.operations, strict=True)):
            copy(operation, held.operations[f"{place if slots else 0} {edge.source} {edge.operation}"])
        if own.joined is not None:
            copy(own.joined, held.joined)


@every_space
def test_a_path_computes_what_its_network_alone_computes(name):
    space = spaces()[name]
    net = shared(space)
    rng = random.Random(name)
    for _ in range(2):
        architecture = space.decode(space.sample(rng))
        net.require(architecture)
        network = alone(net, architecture)
        images = torch.randn(5, 2, IMAGE, IMAGE, dtype=torch.float64)
        for training in (False, True):
            found, expected = net.train(training)(images, architecture), network.train(training)(images)
            torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@every_space
def test_only_the_weights_of_the_path_have_gradients_and_they_are_those_of_the_network_alone(name):
    space = spaces()[name]
    net = shared(space)
    architecture = space.decode(space.sample(random.Random(name)))
    network = alone(net, architecture)
    images = torch.randn(5, 2, IMAGE, IMAGE, dtype=torch.float64)
    for one in (net, network):
        (one(images, architecture) if one is net else one(images)).square().sum().backward()
    used = [weight.grad for weight in net.parameters() if weight.grad is not None]
    expected = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert sum(gradient.numel() for gradient in used) == sum(gradient.numel() for gradient in expected)
    norms = [torch.stack([gradient.norm() for gradient in gradients]).norm() for gradients in (used, expected)]
    torch.testing.assert_close(*norms)
    assert len(used) < len(list(net.parameters()))


def test_each_input_of_a_node_has_weights_of_its_own_where_their_order_counts():
    """In ENAS's code "x" and "y" are apart; where inputs are distinct, a state has one set of weights."""
    assert keys(EnasMicroSpace(nodes=1), "sep_conv_3x3") == {f"{place} {state}" for place in "01" for state in "01"}
    assert keys(DartsSpace(nodes=1), "sep_conv_3x3") == {"0 0", "0 1"}
    assert keys(NasBench201Space(), "none") == {"0 0"}
    restricted = EnasMicroSpace(nodes=1).restrict(("skip_enas",), "normal", (0, 1))
    assert keys(restricted, "sep_conv_3x3") == {"0 0", "1 0"}


def keys(space: Space, operation: str) -> set[str]:
    net = held(space)
    first = net.cells[0] if isinstance(net, SharedPairs) else net.layers[0]
    found = [key for key in first.nodes[0].operations if key.endswith(f" {operation}")]
    return {key.removesuffix(f" {operation}") for key in found}


def test_smaller_cells_are_paths_of_it_too():
    """PNAS grows its cells."""
    space = EnasMicroSpace(nodes=4)
    net = shared(space)
    small = space.sized(2)
    architecture = small.decode(small.sample(random.Random(0)))
    net.require(architecture)
    images = torch.randn(5, 2, IMAGE, IMAGE, dtype=torch.float64)
    torch.testing.assert_close(net(images, architecture), alone(net, architecture)(images), rtol=1e-9, atol=1e-9)


def test_drop_path_drops_all_but_identities():
    space = EnasMicroSpace(nodes=1)
    cell = shared(space).cells[0]
    states = [torch.randn(8, 6 * CHANNELS // 2, IMAGE, IMAGE, dtype=torch.float64)] * 2
    for name in ("skip_enas", "avg_pool_3x3"):
        built = Cell((Node((Edge(0, name), Edge(1, name))),), (2,))
        outputs = [cell.joined(built, *((state, (0,)) for state in states), share)[0] for share in (0.0, 0.9)]
        assert torch.equal(*outputs) == (name == "skip_enas")


@pytest.mark.parametrize("name", sorted(set(SPACES) - set(HELD)))
def test_other_spaces_are_refused_in_one_line(name):
    with pytest.raises(Unbuildable, match=r"^[^\n]*no shared network[^\n]*cell spaces and enas-macro do$"):
        shared_paths(SPACES[name](), Skeleton())


@pytest.mark.parametrize(
    ("space", "other", "reason"),
    [
        (EnasMicroSpace(nodes=2), EnasMicroSpace(nodes=3), "normal cell: the shared network holds cells of up to 2"),
        (EnasMicroSpace(nodes=5), NasnetSpace(), "normal cell, node 0: the shared network has no weights for "),
        (EnasMicroSpace(), NasBench201Space(), "the shared network holds pairs of cells"),
        (NasBench201Space(), EnasMicroSpace(), "the shared network holds single cells"),
        (EnasMacroSpace(layers=3), EnasMacroSpace(layers=4), "holds networks of 3 layers, and this has 4"),
        (
            EnasMacroSpace(operations=("conv_3x3",)),
            EnasMacroSpace(),
            r"layer \d+: the shared network has no weights",
        ),
        (EnasMacroSpace(), EnasMicroSpace(), "holds networks of layers"),
    ],
)
def test_an_architecture_that_is_no_path_is_refused_in_one_line(space, other, reason):
    net = held(space)
    with pytest.raises(Unbuildable, match=reason):
        net.require(other.decode(other.sample(random.Random(1))))
