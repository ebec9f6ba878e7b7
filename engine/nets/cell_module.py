"""One cell of a network that is trained alone, as a torch module."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from engine.nets.operations import FactorizedReduce, build, relu_conv_norm
from engine.nets.skeleton import preprocess
from engine.space.cells import Cell, Node


class CellBody(nn.Module):
    """Node after node from inputs of C channels each; the output concatenates states.

    In a reduction cell, edges from the cell's inputs have stride 2; an input that is itself in the output is brought to
    the nodes' size by a factorized reduction, as in the published code of NASNet and ENAS.
    """

    def __init__(self, cell: Cell, channels: int, reduces: bool) -> None:
        super().__init__()
        self.nodes = nn.ModuleList(BuiltNode(node, cell.inputs, channels, reduces) for node in cell.nodes)
        self.concat = cell.concat
        halved = [state for state in cell.concat if state < cell.inputs] if reduces else []
        self.halved = nn.ModuleDict({str(state): FactorizedReduce(channels, channels, affine=True) for state in halved})

    def states(self, states: list[Tensor], drop_path: float) -> Tensor:
        """The output, from the cell's inputs, to which the nodes are appended."""
        for node in self.nodes:
            states.append(node(states, drop_path))
        outputs = [states[state] for state in self.concat]
        if self.halved:
            outputs = [
                self.halved[str(state)](output) if str(state) in self.halved else output
                for state, output in zip(self.concat, outputs, strict=True)
            ]
        return torch.cat(outputs, 1)


class BuiltCell(CellBody):
    """A cell that reads the two cells before it: `before` and `last` channels, both brought to C first."""

    def __init__(self, cell: Cell, before: int, last: int, channels: int, reduces: bool, after_reduction: bool) -> None:
        super().__init__(cell, channels, reduces)
        self.before, self.last = preprocess(before, last, channels, after_reduction, affine=True)

    def forward(self, before: Tensor, last: Tensor, drop_path: float) -> Tensor:
        return self.states([self.before(before), self.last(last)], drop_path)


class SingleCell(CellBody):
    """A cell that reads the one before it as it is, and keeps its size and channels."""

    def __init__(self, cell: Cell, channels: int) -> None:
        super().__init__(cell, channels, reduces=False)

    def forward(self, last: Tensor, drop_path: float) -> Tensor:
        return self.states([last], drop_path)


class BuiltNode(nn.Module):
    """Its edges' outputs, added up or concatenated; zero without any edge.

    Concatenated inputs, k·C channels of them, are brought back to C by ReLU, 1×1 convolution and batch norm. NASNet
    (Zoph et al. 2018, appendix A.4) says no more than that 1×1 convolutions are inserted where depths do not match.
    """

    def __init__(self, node: Node, inputs: int, channels: int, reduces: bool) -> None:
        super().__init__()
        self.sources = [edge.source for edge in node.inputs]
        self.stride = 2 if reduces else 1
        self.operations = nn.ModuleList(
            build(edge.operation, channels, self.stride if edge.source < inputs else 1, affine=True)
            for edge in node.inputs
        )
        self.joined: nn.Module | None = None
        if node.combine == "concat" and len(node.inputs) > 1:
            self.joined = relu_conv_norm(len(node.inputs) * channels, channels, affine=True)

    def forward(self, states: list[Tensor], drop_path: float) -> Tensor:
        if not self.sources:
            return torch.zeros_like(states[0][:, :, :: self.stride, :: self.stride])
        read = [states[source] for source in self.sources]
        return joined_paths(self.operations, read, drop_path, self.joined)


def joined_paths(
    operations: Iterable[nn.Module], read: Sequence[Tensor], drop_path: float, join: nn.Module | None
) -> Tensor:
    """A node: what its operations make of the states it reads, added up, or brought to C channels by `join`."""
    paths = [
        dropped(operation(state), drop_path)
        if drop_path and not isinstance(operation, nn.Identity)
        else operation(state)
        for operation, state in zip(operations, read, strict=True)
    ]
    if join is not None:
        joined: Tensor = join(torch.cat(paths, 1))
        return joined
    total: Tensor = sum(paths[1:], paths[0])
    return total


def dropped(path: Tensor, probability: float) -> Tensor:
    """Drop path (Larsson et al. 2017): zero `path` (N, C, H, W) for a random share of images, scale up the others."""
    keep = torch.empty(len(path), 1, 1, 1, device=path.device, dtype=path.dtype).bernoulli_(1 - probability)
    return path * keep / (1 - probability)
