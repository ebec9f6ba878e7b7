"""The front door: the network of any architecture."""

from typing import assert_never

from torch import nn

from engine.nets.network import Network
from engine.nets.stacked import StackedNetwork
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.counts import Skeleton


def build_network(architecture: Architecture, skeleton: Skeleton, drop_path: float = 0.0) -> nn.Module:
    """The network that gives logits (N, classes) for images (N, in_channels, image, image).

    `engine.space.counts.count` says its weights and MACs. Raises Unbuildable for an architecture that does not fit
    into the skeleton.
    """
    match architecture:
        case CellArchitecture():
            return Network(architecture, skeleton, drop_path)
        case StackedCell():
            return StackedNetwork(architecture, skeleton, drop_path)
    assert_never(architecture)
