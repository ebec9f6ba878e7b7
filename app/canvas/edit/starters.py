"""What an editor begins with, where nothing else was opened."""

import random

from engine.space import Space
from engine.space.architecture import Architecture, CellArchitecture
from engine.space.cells import Cell, Edge, Node


def first() -> CellArchitecture:
    """A pair of the smallest cells of the DARTS kind."""
    normal = Cell((Node((Edge(0, "sep_conv_3x3"), Edge(1, "sep_conv_3x3"))),), (2,))
    reduction = Cell((Node((Edge(0, "max_pool_3x3"), Edge(1, "max_pool_3x3"))),), (2,))
    return CellArchitecture(normal, reduction)


def drawn(space: Space) -> Architecture:
    """Any architecture of a space, each as likely as the others."""
    return space.decode(space.sample(random.Random()))
