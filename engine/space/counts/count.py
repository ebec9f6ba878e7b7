"""The front door: what an architecture counts in its frame."""

from typing import Literal, assert_never

from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.counts.cells import cell_network, require_pair, require_single, stacked_network
from engine.space.counts.skeleton import Skeleton, Unbuildable
from engine.space.counts.tally import Count


def count(architecture: Architecture, skeleton: Skeleton) -> Count:
    """The weights of the network that `engine.nets` builds, and its MACs for one image.

    Weights of running means are not counted, being none. Nodes and edges that lead nowhere are built, and counted.
    MACs are those of convolutions and linear layers, without biases, with the auxiliary head idle.

    Raises:
        Unbuildable: no network can be built; one line with place and reason.
    """
    require_buildable(architecture, skeleton)
    match architecture:
        case CellArchitecture():
            return cell_network(architecture, skeleton)
        case StackedCell():
            return stacked_network(architecture, skeleton)
    assert_never(architecture)


def frame_of(architecture: Architecture) -> Literal["cifar", "nasbench201"]:
    """The skeleton in which small images are classified with architectures of this kind."""
    return "nasbench201" if isinstance(architecture, StackedCell) else "cifar"


def require_buildable(architecture: Architecture, skeleton: Skeleton) -> None:
    """Raises Unbuildable where the architecture has a fault, or does not fit into the skeleton."""
    match architecture:
        case CellArchitecture():
            if skeleton.kind == "nasbench201":
                raise Unbuildable("a normal and a reduction cell do not fit into the skeleton of NAS-Bench-201")
            require_pair(architecture)
        case StackedCell():
            if skeleton.kind != "nasbench201":
                raise Unbuildable(f"a single stacked cell does not fit into the skeleton of {skeleton.kind}")
            require_single(architecture)
        case _:
            assert_never(architecture)
