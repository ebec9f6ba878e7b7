"""Layers that read a concatenation of some of many states, with weights of their own for each of them.

ENAS's code holds them as one tensor per layer and gathers the rows of the states that a path concatenates. Kept apart,
those of other states get no gradient, so that neither momentum nor weight decay moves them.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.operations import BatchNorm, halves

Places = tuple[int, ...]
"""The states that were concatenated, in order."""


class PartedConvolution(nn.Module):
    """A 1×1 convolution without bias from any of `parts` states of `wide` channels each."""

    def __init__(self, parts: int, wide: int, channels: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(parts * wide)  # as torch would draw them for all states together
        self.parts = nn.ParameterList(
            nn.Parameter(torch.empty(channels, wide, 1, 1).uniform_(-bound, bound)) for _ in range(parts)
        )

    def forward(self, x: Tensor, places: Places) -> Tensor:
        return F.conv2d(x, torch.cat([self.parts[place] for place in places], 1))


class PartedReluConvNorm(nn.Module):
    """ReLU, 1×1 convolution, batch norm."""

    def __init__(self, parts: int, wide: int, channels: int) -> None:
        super().__init__()
        self.convolution, self.norm = PartedConvolution(parts, wide, channels), BatchNorm(channels)

    def forward(self, x: Tensor, places: Places) -> Tensor:
        normed: Tensor = self.norm(self.convolution(F.relu(x), places))
        return normed


class PartedReduce(nn.Module):
    """A factorized reduction, see `engine.nets.operations.FactorizedReduce`."""

    def __init__(self, parts: int, wide: int, channels: int) -> None:
        super().__init__()
        self.first = PartedConvolution(parts, wide, channels // 2)
        self.second = PartedConvolution(parts, wide, channels - channels // 2)
        self.norm = BatchNorm(channels)

    def forward(self, x: Tensor, places: Places) -> Tensor:
        even, odd = halves(F.relu(x))
        normed: Tensor = self.norm(torch.cat([self.first(even, places), self.second(odd, places)], 1))
        return normed


class PartedLinear(nn.Module):
    """A linear layer, with bias, from any of `parts` states of `wide` features each: (N, k·wide) to (N, classes)."""

    def __init__(self, parts: int, wide: int, classes: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(parts * wide)
        self.parts = nn.ParameterList(
            nn.Parameter(torch.empty(classes, wide).uniform_(-bound, bound)) for _ in range(parts)
        )
        self.bias = nn.Parameter(torch.empty(classes).uniform_(-bound, bound))

    def forward(self, x: Tensor, places: Places) -> Tensor:
        return F.linear(x, torch.cat([self.parts[place] for place in places], 1), self.bias)
