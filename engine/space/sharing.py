"""Which spaces one weight-sharing network can hold, whose paths are their architectures."""

from engine.space.cell_space import CellSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.spaces import Space

SHAREABLE = CellSpace | EnasMacroSpace


def unshareable(space: Space) -> str:
    """Why no network of shared weights can hold the architectures of this space, or "".

    What a place in the network computes must have the same shape in every architecture that uses it.
    """
    if isinstance(space, SHAREABLE):
        return ""
    if space.reads_text:
        return "recurrent cells have no shared network here; cell spaces and enas-macro do"
    return f"{space.title} have no shared network, as their places differ in size; cell spaces and enas-macro do"
