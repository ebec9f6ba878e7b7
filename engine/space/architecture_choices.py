"""What an architecture has chosen at each of its places: which operation on which edge, in which layer, at which node.

Places are named as pictures name them, so that architectures of one search can be compared place by place, whatever
the order in which its space asks for them.
"""

from collections import defaultdict

from engine.space.architecture import Architecture, named_cells
from engine.space.cells import state_name
from engine.space.layers import LayerArchitecture
from engine.space.motifs import MotifArchitecture, pairs
from engine.space.operations import label
from engine.space.recurrent import RecurrentCell, TreeCell

Choices = dict[str, tuple[str, ...]]
"""What stands at each place, in the words of pictures: mostly one thing; two where two operations lead from one state
to the same node. A place that an architecture does not use is not among them."""


def choices_of(architecture: Architecture) -> Choices:
    """The choices that make the architecture, by their places."""
    match architecture:
        case LayerArchitecture():
            return _of_layers(architecture)
        case MotifArchitecture():
            return _of_motifs(architecture)
        case RecurrentCell():
            found: Choices = {"node 0": (architecture.first,)}
            for number, node in enumerate(architecture.nodes, 1):
                found[f"node {number}"] = (node.activation,)
                found[f"node {number} reads"] = (str(node.source),)
            return found
        case TreeCell():
            return {
                f"node {number}{what}": (chosen,)
                for number, node in enumerate(architecture.nodes)
                for what, chosen in ((" joins", node.join), ("", node.activation))
            }
    carried: dict[str, list[str]] = defaultdict(list)
    cells = named_cells(architecture)
    for name, cell in cells:
        for state, joined in enumerate(cell.nodes, cell.inputs):
            for edge in joined.inputs:
                ends = f"{state_name(edge.source, cell.inputs)}→{state_name(state, cell.inputs)}"
                carried[f"{name} {ends}" if len(cells) > 1 else ends].append(label(edge.operation))
    return {place: tuple(sorted(set(operations))) for place, operations in carried.items()}


def _of_layers(architecture: LayerArchitecture) -> Choices:
    """Which operation, and which layers before the last one are read as well."""
    found: Choices = {}
    for number, layer in enumerate(architecture.layers, 1):
        found[f"layer {number}"] = (label(layer.operation),)
        found |= {f"layer {number} reads {source}": ("yes",) for source in layer.inputs if source < number - 1}
        if layer.filters:
            found[f"layer {number} filters"] = (str(layer.filters),)
    return found


def _of_motifs(architecture: MotifArchitecture) -> Choices:
    """Which operation or motif of the level below is on each edge; the last level is the cell."""
    found: Choices = {}
    for level, motifs in enumerate(architecture.levels, 1):
        for number, motif in enumerate(motifs, 1):
            name = "cell" if level == len(architecture.levels) else f"level {level} motif {number}"
            for (source, target), operation in zip(pairs(motif.nodes), motif.edges, strict=True):
                if operation:
                    what = label(architecture.primitives[operation - 1]) if level == 1 else f"motif {operation}"
                    found[f"{name} {source}→{target}"] = (what,)
    return found
