"""Shared weights of cells: in a stack of normal and reduction cells, and in the skeleton of NAS-Bench-201."""

import torch
from torch import Tensor, nn

from engine.nets.cell_module import joined_paths
from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm, FactorizedReduce, build, relu_conv_norm
from engine.nets.skeleton import pooled, stem
from engine.nets.stacked_network import ResidualHalving
from engine.nets.weight_sharing.parts import PartedLinear, PartedReduce, PartedReluConvNorm, Places
from engine.nets.weight_sharing.shared_network import SharedPaths
from engine.space.architecture import Architecture, CellArchitecture, StackedCell
from engine.space.cell_space import CellSpace, choices_of
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import STEM_FACTOR, Skeleton, Unbuildable, reductions, require_buildable, stages
from engine.space.node_choices import NodeChoices

Output = tuple[Tensor, Places]
"""A cell's output and the states that it concatenates."""


class SharedNode(nn.Module):
    """One node: an operation of its own for each of its inputs, each state the input may come from, and each name.

    So the authors' code of ENAS has it: the weights of a node's two inputs are apart ("x" and "y"), and each of their
    tensors has a row for every earlier state. Where a node's inputs are all different, and their order means nothing, a
    state has one set of weights, whichever input it is.
    """

    def __init__(self, choices: NodeChoices, ordered: bool, inputs: int, channels: int, reduces: bool) -> None:
        super().__init__()
        self.ordered, self.stride = ordered, 2 if reduces else 1
        self.operations = nn.ModuleDict(
            {
                _key(place, Edge(state, name)): build(name, channels, self.stride if state < inputs else 1, affine=True)
                for place in range(choices.reads if ordered else 1)
                for state, palette in enumerate(choices.palettes)
                for name in palette
            }
        )
        self.joined: nn.Module | None = None
        if "concat" in choices.combines and choices.reads > 1:
            self.joined = relu_conv_norm(choices.reads * channels, channels, affine=True)
        self.reads = choices.reads

    def lacks(self, node: Node) -> str:
        """What of a node has no weights here, or ""."""
        if node.combine == "concat" and self.joined is None:
            return "a concatenation"
        if node.combine == "concat" and len(node.inputs) != self.reads:
            return f"a concatenation of {len(node.inputs)} inputs"
        missing = (edge for edge, key in zip(node.inputs, self._keys(node), strict=True) if key not in self.operations)
        return next((f"'{edge.operation}' from state {edge.source}" for edge in missing), "")

    def forward(self, node: Node, states: list[Tensor], drop_path: float) -> Tensor:
        if not node.inputs:
            return torch.zeros_like(states[0][:, :, :: self.stride, :: self.stride])
        operations = [self.operations[key] for key in self._keys(node)]
        read = [states[edge.source] for edge in node.inputs]
        return joined_paths(operations, read, drop_path, self.joined if node.combine == "concat" else None)

    def _keys(self, node: Node) -> list[str]:
        return [_key(place if self.ordered else 0, edge) for place, edge in enumerate(node.inputs)]


def _key(place: int, edge: Edge) -> str:
    return f"{place} {edge.source} {edge.operation}"


class SharedCell(nn.Module):
    """Node after node, from inputs of C channels each; see `engine.nets.cell_module.CellBody`."""

    def __init__(self, space: CellSpace, place: int, channels: int, reduces: bool) -> None:
        super().__init__()
        self.inputs = space.cell_inputs
        self.nodes = nn.ModuleList(
            SharedNode(choices, space.pairing == "ordered", self.inputs, channels, reduces)
            for choices in choices_of(space).nodes[place * space.nodes : (place + 1) * space.nodes]
        )
        shows_inputs = reduces and space.output == "loose states"
        self.halved = nn.ModuleList(
            FactorizedReduce(channels, channels, affine=True) for _ in range(self.inputs if shows_inputs else 0)
        )

    def require(self, cell: Cell, name: str) -> None:
        """Raises Unbuildable for a cell whose weights are not all here."""
        if cell.inputs != self.inputs or len(cell.nodes) > len(self.nodes):
            shape = f"up to {len(self.nodes)} nodes and {self.inputs} input{'s' if self.inputs > 1 else ''}"
            raise Unbuildable(f"{name}: the shared network holds cells of {shape}")
        for number, (node, shared) in enumerate(zip(cell.nodes, self.nodes, strict=False)):
            if missing := shared.lacks(node):  # type: ignore[operator]
                raise Unbuildable(f"{name}, node {number}: the shared network has no weights for {missing}")
        if len(self.halved) == 0 and self.nodes[0].stride == 2 and min(cell.concat) < self.inputs:
            raise Unbuildable(f"{name}: the shared network has no weights for an input in the output")

    def forward(self, cell: Cell, states: list[Tensor], drop_path: float) -> Output:
        for node, shared in zip(cell.nodes, self.nodes, strict=False):
            states.append(shared(node, states, drop_path))
        outputs = [
            self.halved[state](states[state]) if state < len(self.halved) else states[state] for state in cell.concat
        ]
        return torch.cat(outputs, 1), cell.concat


class SharedPairCell(SharedCell):
    """A cell that reads the two cells before it, of `before` and `last` as (states, channels of each)."""

    def __init__(
        self,
        space: CellSpace,
        before: tuple[int, int],
        last: tuple[int, int],
        channels: int,
        reduces: bool,
        after_reduction: bool,
    ) -> None:
        # PNAS decides one cell, and uses it as both.
        super().__init__(space, min(int(reduces), len(space.cells) - 1), channels, reduces)
        self.before = (PartedReduce if after_reduction else PartedReluConvNorm)(*before, channels)
        self.last = PartedReluConvNorm(*last, channels)

    def joined(self, cell: Cell, before: Output, last: Output, drop_path: float) -> Output:
        """The cell's output from those of the two before it."""
        output: Output = self(cell, [self.before(*before), self.last(*last)], drop_path)
        return output


class PairPaths(SharedPaths):
    """A stack of `cells` around a normal and a reduction cell."""

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        self.skeleton, self.cells = skeleton, nn.ModuleList()

    def require(self, architecture: Architecture) -> None:
        if not isinstance(architecture, CellArchitecture):
            raise Unbuildable("the shared network holds pairs of cells, a normal and a reduction cell")
        require_buildable(architecture, self.skeleton)
        for index, shared in enumerate(self.cells):
            reduces = index in reductions(self.skeleton.layers)
            cell, name = (architecture.reduction, "reduction cell") if reduces else (architecture.normal, "normal cell")
            shared.require(cell, name)  # type: ignore[operator]


class SharedPairs(PairPaths):
    """The CIFAR network of DARTS around every pair of cells of a space at once; see `engine.nets.network.Network`.

    It is that of the final training, and not the one in which ENAS's authors search (`enas_search.EnasSearchNetwork`):
    here a reduction cell reads k-2, which bypasses the cell before it, and its operations have the stride.
    """

    def __init__(self, space: CellSpace, skeleton: Skeleton) -> None:
        super().__init__(skeleton)
        channels = skeleton.channels
        self.stem = stem(skeleton.in_channels, channels)
        before = last = (1, STEM_FACTOR * channels)
        after_reduction = False
        for index in range(skeleton.layers):
            reduces = index in reductions(skeleton.layers)
            channels *= 2 if reduces else 1
            self.cells.append(SharedPairCell(space, before, last, channels, reduces, after_reduction))
            before, last, after_reduction = last, (space.cell_inputs + space.nodes, channels), reduces
        self.classifier = PartedLinear(*last, skeleton.classes)

    def forward(self, images: Tensor, architecture: Architecture, drop_path: float = 0.0) -> Tensor:
        assert isinstance(architecture, CellArchitecture)
        before = last = (self.stem(images), (0,))
        for index, shared in enumerate(self.cells):
            cell = architecture.reduction if index in reductions(self.skeleton.layers) else architecture.normal
            before, last = last, shared.joined(cell, before, last, drop_path)  # type: ignore[operator]
        logits: Tensor = self.classifier(pooled(last[0]), last[1])
        return logits


class SharedStack(SharedPaths):
    """The network of NAS-Bench-201 around every cell of a space at once, else as `engine.nets.stacked_network`."""

    def __init__(self, space: CellSpace, skeleton: Skeleton) -> None:
        super().__init__()
        self.skeleton, channels = skeleton, skeleton.channels
        self.stem = nn.Sequential(convolution(skeleton.in_channels, channels, 3), BatchNorm(channels))
        self.layers = nn.ModuleList()
        for stage, length in enumerate(stages(skeleton.layers)):
            if stage:
                self.layers.append(ResidualHalving(channels))
                channels *= 2
            self.layers.extend(SharedCell(space, 0, channels, reduces=False) for _ in range(length))
        self.last = nn.Sequential(BatchNorm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, skeleton.classes)

    def require(self, architecture: Architecture) -> None:
        if not isinstance(architecture, StackedCell):
            raise Unbuildable("the shared network holds single cells, stacked throughout the network")
        require_buildable(architecture, self.skeleton)
        for layer in self.layers:
            if isinstance(layer, SharedCell):
                layer.require(architecture.cell, "cell")

    def forward(self, images: Tensor, architecture: Architecture, drop_path: float = 0.0) -> Tensor:
        assert isinstance(architecture, StackedCell)
        x = self.stem(images)
        for layer in self.layers:
            x = layer(architecture.cell, [x], drop_path)[0] if isinstance(layer, SharedCell) else layer(x)
        logits: Tensor = self.classifier(pooled(self.last(x)))
        return logits
