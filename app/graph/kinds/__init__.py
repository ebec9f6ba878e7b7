"""One file per kind of architecture: its diagrams, and how they may be edited. Values in, values out, no Qt."""

from typing import Any

from app.graph.kinds.cell_pair import Cells
from app.graph.kinds.kind import Change, Choice, EdgeRef, Illegal, Kind, NodeRef, Part
from app.graph.kinds.layer_chain import Layers
from app.graph.kinds.motif_graphs import Motifs
from app.graph.kinds.recurrent_chain import Recurrent
from app.graph.kinds.recurrent_tree import Tree
from app.graph.model import Diagram
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture
from engine.space.recurrent import RecurrentCell, TreeCell

__all__ = ["Change", "Choice", "EdgeRef", "Illegal", "Kind", "NodeRef", "Part", "diagrams", "kind_of"]

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


def diagrams(architecture: Architecture | None) -> tuple[Diagram, ...]:
    """The diagrams to draw, in the order in which they are drawn."""
    return () if architecture is None else kind_of(architecture).diagrams(architecture)
