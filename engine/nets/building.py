"""The front door: the network of any architecture."""

from torch import nn

from engine.nets.layers import AnchoredNetwork, MacroNetwork
from engine.nets.motifs import MotifNetwork
from engine.nets.network import Network
from engine.nets.recurrent import LanguageNetwork
from engine.nets.stacked import StackedNetwork
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.counts import Frame, LanguageModel, Skeleton, require_buildable
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture
from engine.space.recurrent import RecurrentCell, TreeCell


def build_network(architecture: Architecture, frame: Frame, drop_path: float = 0.0) -> nn.Module:
    """The network around the architecture; `engine.space.counts.count` says its weights and MACs.

    In a skeleton it gives logits (N, classes) for images (N, in_channels, image, image); in a language model see
    `LanguageNetwork`. `drop_path` is the share of paths that cells drop in training. Raises Unbuildable for an
    architecture that has a fault, or does not fit into the frame.
    """
    require_buildable(architecture, frame)
    match architecture, frame:
        case CellArchitecture(), Skeleton():
            return Network(architecture, frame, drop_path)
        case StackedCell(), Skeleton():
            return StackedNetwork(architecture, frame, drop_path)
        case LayerArchitecture(join="before"), Skeleton():
            return AnchoredNetwork(architecture, frame)
        case LayerArchitecture(), Skeleton():
            return MacroNetwork(architecture, frame)
        case MotifArchitecture(), Skeleton():
            return MotifNetwork(architecture, frame)
        case RecurrentCell() | TreeCell(), LanguageModel():
            return LanguageNetwork(architecture, frame)
    raise AssertionError("require_buildable lets nothing else pass")
