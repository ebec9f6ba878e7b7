"""One file per kind of architecture: what its boards are, and how they may be edited. Values in, values out, no Qt."""

from typing import Any

from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture
from engine.space.recurrent import RecurrentCell, TreeCell

from ..board import Board
from .cells import Cells
from .kind import ArcRef, Change, Choice, Illegal, Kind, Part, SpotRef
from .layers import Layers
from .motifs import Motifs
from .recurrent import Recurrent
from .tree import Tree

__all__ = ["ArcRef", "Change", "Choice", "Illegal", "Kind", "Part", "SpotRef", "boards", "kind_of"]

KINDS: dict[type, Kind[Any]] = {
    CellArchitecture: Cells(),
    StackedCell: Cells(),
    LayerArchitecture: Layers(),
    MotifArchitecture: Motifs(),
    RecurrentCell: Recurrent(),
    TreeCell: Tree(),
}


def kind_of(architecture: Architecture) -> Kind[Any]:
    """The kind of an architecture."""
    return KINDS[type(architecture)]


def boards(architecture: Architecture | None) -> tuple[Board, ...]:
    """The boards to draw, in the order in which they are drawn."""
    return () if architecture is None else kind_of(architecture).boards(architecture)
