"""The front door: what an architecture counts in its frame."""

from typing import Literal, TypeAlias

from engine.space.architecture import Architecture, CellArchitecture, StackedCell, all_faults
from engine.space.counts.cells import cell_network, require_pair, require_single, stacked_network
from engine.space.counts.layers import layer_network, require_layers
from engine.space.counts.motifs import motif_network, require_motifs
from engine.space.counts.recurrent import LanguageModel, language_model
from engine.space.counts.skeleton import PUBLISHED, Skeleton, Unbuildable
from engine.space.counts.tally import Count
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture
from engine.space.recurrent import RecurrentCell, TreeCell

Frame: TypeAlias = Skeleton | LanguageModel
"""What stands around an architecture: around a recurrent cell a language model, around all others a skeleton."""


def count(architecture: Architecture, frame: Frame) -> Count:
    """The weights of the network that `engine.nets` builds, and its MACs for one image or one word.

    Weights of running means are not counted, being none. Nodes and edges that lead nowhere are built, and counted.
    MACs are those of convolutions and linear layers, without biases, with the auxiliary head idle.

    Raises:
        Unbuildable: no network can be built; one line with place and reason.
    """
    require_buildable(architecture, frame)
    match architecture, frame:
        case CellArchitecture(), Skeleton():
            return cell_network(architecture, frame)
        case StackedCell(), Skeleton():
            return stacked_network(architecture, frame)
        case LayerArchitecture(), Skeleton():
            return layer_network(architecture, frame)
        case MotifArchitecture(), Skeleton():
            return motif_network(architecture, frame)
        case RecurrentCell() | TreeCell(), LanguageModel():
            return language_model(architecture, frame)
    raise AssertionError("require_buildable lets nothing else pass")


def frame_of(architecture: Architecture) -> Literal["cifar", "nasbench201"]:
    """The skeleton in which small images are classified with architectures of this kind."""
    return "nasbench201" if isinstance(architecture, StackedCell) else "cifar"


def published_frame(architecture: Architecture) -> Frame:
    """The frame in which architectures of this kind were published, with its sizes there.

    ENAS's final macro network has 96 channels (the authors' script), Hier-EA's final network 64; other sizes are those
    of PUBLISHED.
    """
    if isinstance(architecture, RecurrentCell | TreeCell):
        return LanguageModel()
    if isinstance(architecture, LayerArchitecture):
        return Skeleton(channels=96, layers=len(architecture.layers))
    if isinstance(architecture, MotifArchitecture):
        return Skeleton(channels=64, layers=3)
    return PUBLISHED[frame_of(architecture)]


def require_buildable(architecture: Architecture, frame: Frame) -> None:
    """Raises Unbuildable where the architecture has a fault, or does not fit into the frame."""
    for fault in all_faults(architecture):
        raise Unbuildable(fault)
    recurrent = isinstance(architecture, RecurrentCell | TreeCell)
    if recurrent != isinstance(frame, LanguageModel):
        raise Unbuildable("a recurrent cell stands in a language model, and no other architecture does")
    if isinstance(frame, LanguageModel):
        return
    match architecture:
        case CellArchitecture():
            if frame.kind == "nasbench201":
                raise Unbuildable("a normal and a reduction cell do not fit into the skeleton of NAS-Bench-201")
            require_pair(architecture)
        case StackedCell():
            if frame.kind != "nasbench201":
                raise Unbuildable(f"a single stacked cell does not fit into the skeleton of {frame.kind}")
            require_single(architecture)
        case LayerArchitecture():
            require_layers(architecture, frame)
        case MotifArchitecture():
            require_motifs(architecture, frame)
