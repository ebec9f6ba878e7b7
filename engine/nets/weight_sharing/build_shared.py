"""The front door: the networks of shared weights for any space that can have one."""

from engine.nets.weight_sharing.enas_network import EnasSearchNetwork
from engine.nets.weight_sharing.shared_cells import SharedPairs, SharedStack
from engine.nets.weight_sharing.shared_layers import SharedLayers
from engine.nets.weight_sharing.shared_network import SharedPaths
from engine.space.cell_space import CellSpace
from engine.space.counts import Skeleton, Unbuildable
from engine.space.enas_macro import EnasMacroSpace
from engine.space.spaces import Space


def shared_paths(space: Space, skeleton: Skeleton) -> SharedPaths:
    """The network whose paths are the architectures of `space`, in the frame in which each is trained alone.

    `skeleton.layers` are cells; a macro space says itself how many layers it has. Raises Unbuildable for a space that
    no such network can hold.
    """
    if reason := space.unshareable:
        raise Unbuildable(reason)
    if isinstance(space, EnasMacroSpace):
        return SharedLayers(space, skeleton)
    assert isinstance(space, CellSpace)
    return SharedPairs(space, skeleton) if space.cell_inputs == 2 else SharedStack(space, skeleton)


def searched_paths(space: Space, skeleton: Skeleton, dropout: float, auxiliary: bool) -> SharedPaths:
    """The network in which ENAS's authors search, for pairs of cells of any space.

    `auxiliary` says whether it has the second head, for which the image must have 17 pixels or more. Raises Unbuildable
    for a space of anything but pairs.
    """
    if reason := space.unpaired:
        raise Unbuildable(reason)
    assert isinstance(space, CellSpace)
    return EnasSearchNetwork(space, skeleton, dropout, auxiliary)
