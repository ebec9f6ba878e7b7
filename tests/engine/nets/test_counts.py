"""The closed-form counts against built networks: weights by summing, MACs by watching the layers at work."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
import torch
from torch import Tensor, nn

from engine.nets import build_network
from engine.space import SPACES
from engine.space.architecture import Architecture, CellArchitecture, named_cells
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import Count, Skeleton, count, frame_of
from engine.space.operations import OPERATIONS

replace = msgspec.structs.replace


def measured(architecture: Architecture, skeleton: Skeleton) -> Count:
    """Weights and MACs of the network that is really built, on a device that computes nothing but shapes."""
    with torch.device("meta"):
        network = build_network(architecture, skeleton).eval()
        with watched(network) as work:
            network(torch.empty(1, skeleton.in_channels, skeleton.image, skeleton.image))
    return Count(sum(weight.numel() for weight in network.parameters()), sum(work))


@contextmanager
def watched(network: nn.Module) -> Iterator[list[int]]:
    """Collects what each convolution and linear layer multiplies, while the network runs."""
    work: list[int] = []

    def watch(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        places = output[0].numel() // output.shape[1] if isinstance(layer, nn.Conv2d) else 1
        work.append(layer.weight.numel() * places)

    handles = [
        layer.register_forward_hook(watch) for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    yield work
    for handle in handles:
        handle.remove()


def frame(rng: random.Random, **changes) -> Skeleton:
    """A skeleton that can be built: an auxiliary head has room for its maps, and NAS-Bench-201's has none."""
    kind = changes.get("kind", "cifar")
    auxiliary = kind != "nasbench201" and rng.random() < 0.5
    return Skeleton(
        channels=rng.choice([2, 4, 6, 7]),
        layers=rng.choice([1, 2, 3, 5]),
        image=rng.choice([197, 224] if auxiliary and kind == "imagenet" else [29, 32]),
        classes=rng.choice([2, 10]),
        in_channels=rng.choice([1, 3]),
        auxiliary=auxiliary,
        auxiliary_norm=rng.random() < 0.5,
        **changes,
    )


@pytest.mark.parametrize("kind", [kind for kind, space in SPACES.items() if not space.reads_text])
def test_random_architectures_of_every_space_of_image_networks_count_what_is_built(kind):
    space, rng = SPACES[kind](), random.Random(kind)
    for turn in range(4):
        architecture = space.decode(space.sample(rng))
        if not named_cells(architecture):
            plain = replace(frame(rng), auxiliary=False)
            assert count(architecture, plain) == measured(architecture, plain)
            continue
        skeleton = frame(rng, kind="imagenet" if turn == 3 and kind != "nasbench201" else frame_of(architecture))
        assert count(architecture, skeleton) == measured(architecture, skeleton)


def any_cell(rng: random.Random) -> Cell:
    """A cell of no space: any operation, any number of inputs, either combine, any states in the output."""
    names = list(OPERATIONS)
    nodes = []
    for index in range(rng.randint(1, 4)):
        edges = (Edge(rng.randrange(2 + index), rng.choice(names)) for _ in range(rng.randrange(4)))
        nodes.append(Node(tuple(edges), rng.choice(["add", "concat"])))
    states = range(2 + len(nodes))
    return Cell(tuple(nodes), tuple(rng.sample(states, rng.randint(1, len(states)))))


@pytest.mark.parametrize("kind", ["cifar", "imagenet"])
def test_cells_of_no_space_count_what_is_built_too(kind):
    rng = random.Random(1)
    for _ in range(12):
        architecture = CellArchitecture(normal=any_cell(rng), reduction=any_cell(rng))
        skeleton = frame(rng, kind=kind)
        assert count(architecture, skeleton) == measured(architecture, skeleton)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(("side", "channels"), [(7, 10), (1, 3)])
def test_every_operation_counts_what_is_built(name, side, channels):
    """In the normal and, at stride 2, in the reduction cell, down to a single pixel."""
    cell = Cell((Node((Edge(0, name), Edge(1, name))),), (2,))
    skeleton = Skeleton(channels=channels, layers=4, image=side, classes=2, in_channels=1)
    architecture = CellArchitecture(normal=cell, reduction=cell)
    assert count(architecture, skeleton) == measured(architecture, skeleton)
