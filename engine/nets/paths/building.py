"""The front door: the network of shared weights for any space that can have one."""

from engine.nets.operations import Unbuildable
from engine.nets.paths.cells import SharedPairs, SharedStack
from engine.nets.paths.layers import SharedLayers
from engine.nets.paths.network import SharedPaths
from engine.space.cell_space import CellSpace
from engine.space.counts import Skeleton
from engine.space.enas_macro import EnasMacroSpace
from engine.space.sharing import unshareable
from engine.space.spaces import Space


def shared_paths(space: Space, skeleton: Skeleton) -> SharedPaths:
    """The network whose paths are the architectures of `space`, in the frame in which each is trained alone.

    `skeleton.layers` are cells; a macro space says itself how many layers it has. Raises Unbuildable for a space that
    no such network can hold.
    """
    if reason := unshareable(space):
        raise Unbuildable(reason)
    if isinstance(space, EnasMacroSpace):
        return SharedLayers(space, skeleton)
    assert isinstance(space, CellSpace)
    return SharedPairs(space, skeleton) if space.cell_inputs == 2 else SharedStack(space, skeleton)
