"""The front door: the network of shared weights for any space that can have one."""

from engine.nets.operations import Unbuildable
from engine.nets.paths.cells import SharedPairs, SharedStack
from engine.nets.paths.layers import SharedLayers
from engine.nets.paths.network import SharedPaths
from engine.space.cell_space import CellSpace
from engine.space.counts import Skeleton, frame_of
from engine.space.enas_macro import EnasMacroSpace
from engine.space.sharing import unshareable
from engine.space.spaces import Space


def shared_paths(
    space: Space, channels: int, layers: int, classes: int, in_channels: int = 3, image: int = 32
) -> SharedPaths:
    """The network whose paths are the architectures of `space`, in the frame that they are trained in alone.

    `layers` are cells; a macro space says itself how many layers it has. Raises Unbuildable for a space that no such
    network can hold.
    """
    if reason := unshareable(space):
        raise Unbuildable(reason)
    skeleton = Skeleton(
        kind=frame_of(space.example()),
        channels=channels,
        layers=layers,
        classes=classes,
        in_channels=in_channels,
        image=image,
    )
    if isinstance(space, EnasMacroSpace):
        return SharedLayers(space, skeleton)
    assert isinstance(space, CellSpace)
    return SharedPairs(space, skeleton) if space.cell_inputs == 2 else SharedStack(space, skeleton)
