"""Networks that are decided layer by layer, to be trained alone."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.convolution import convolution
from engine.nets.operations import BatchNorm, FactorizedReduce, build, relu_conv_norm
from engine.nets.skeleton import pooled
from engine.space.counts import Skeleton, read_later, reduced_after, require_buildable
from engine.space.layers import Layer, LayerArchitecture, loose_ends
from engine.space.operations import KERNELS, OPERATIONS


class AnchoredNetwork(nn.Module):
    """The network of NAS-RL (Zoph and Le 2017, section 3.3): convolution, batch norm, ReLU in every layer.

    Inputs of different sizes are padded with zeros to the largest, evenly on all sides; so are the loose ends, whose
    concatenation is pooled over the image and classified. The paper names neither the pool nor the place of the zeros.
    """

    def __init__(self, architecture: LayerArchitecture, skeleton: Skeleton) -> None:
        super().__init__()
        require_buildable(architecture, skeleton)
        self.inputs = [layer.inputs for layer in architecture.layers]
        self.ends = loose_ends(architecture)
        channels = [skeleton.in_channels]
        self.layers = nn.ModuleList()
        for layer in architecture.layers:
            read = sum(channels[source] for source in layer.inputs)
            filters = convolution(read, layer.filters, KERNELS[layer.operation], layer.stride)
            self.layers.append(nn.Sequential(filters, BatchNorm(layer.filters), nn.ReLU()))
            channels.append(layer.filters)
        self.classifier = nn.Linear(sum(channels[end] for end in self.ends), skeleton.classes)

    def forward(self, images: Tensor) -> Tensor:
        states = [images]
        for inputs, layer in zip(self.inputs, self.layers, strict=True):
            states.append(layer(side_by_side([states[source] for source in inputs])))
        logits: Tensor = self.classifier(pooled(side_by_side([states[end] for end in self.ends])))
        return logits


def side_by_side(images: list[Tensor]) -> Tensor:
    """Images (N, C_i, H_i, W_i) as one of all channels and the largest size, with zeros around the smaller ones."""
    height = max(image.shape[2] for image in images)
    width = max(image.shape[3] for image in images)
    padded = []
    for image in images:
        down, right = height - image.shape[2], width - image.shape[3]
        if down or right:
            image = F.pad(image, (right // 2, right - right // 2, down // 2, down - down // 2))
        padded.append(image)
    return torch.cat(padded, 1) if len(padded) > 1 else padded[0]


class MacroNetwork(nn.Module):
    """The network of ENAS's macro space (Pham et al. 2018, section 2.3), as its authors' code trains a final one.

    Stem: 3×3 convolution to C, batch norm. After one and after two thirds of the layers, every state that is still read
    goes through a factorized reduction to twice the channels. Then global average pool and linear.
    """

    def __init__(self, architecture: LayerArchitecture, skeleton: Skeleton) -> None:
        super().__init__()
        require_buildable(architecture, skeleton)
        channels, count = skeleton.channels, len(architecture.layers)
        self.stem = nn.Sequential(convolution(skeleton.in_channels, channels, 3), BatchNorm(channels))
        self.layers, self.reductions = nn.ModuleList(), nn.ModuleDict()
        for number, layer in enumerate(architecture.layers, 1):
            self.layers.append(MacroLayer(layer, channels))
            if number in reduced_after(count):
                kept = read_later(architecture, number)
                self.reductions[str(number)] = nn.ModuleDict(
                    {str(state): FactorizedReduce(channels, 2 * channels, affine=True) for state in kept}
                )
                channels *= 2
        self.classifier = nn.Linear(channels, skeleton.classes)

    def forward(self, images: Tensor) -> Tensor:
        states = {0: self.stem(images)}
        for number, layer in enumerate(self.layers, 1):
            states[number] = layer(states)
            if str(number) in self.reductions:
                reductions = self.reductions[str(number)].items()  # type: ignore[operator]
                states = {int(state): reduction(states[int(state)]) for state, reduction in reductions}
        logits: Tensor = self.classifier(pooled(states[len(self.layers)]))
        return logits


class MacroLayer(nn.Module):
    """1×1 convolution, the operation once, and, from the second layer on, the skips beside it and a 1×1 convolution.

    Every convolution has a ReLU before and a batch norm after it.
    """

    def __init__(self, layer: Layer, channels: int) -> None:
        super().__init__()
        *skips, self.before = layer.inputs
        self.skips = tuple(skips)
        self.operation = nn.Sequential(
            relu_conv_norm(channels, channels, affine=True), applied_once(layer.operation, channels)
        )
        self.joined = relu_conv_norm(len(layer.inputs) * channels, channels, affine=True) if self.before else None

    def forward(self, states: dict[int, Tensor]) -> Tensor:
        out: Tensor = self.operation(states[self.before])
        if self.joined is None:
            return out
        joined: Tensor = self.joined(torch.cat([*(states[skip] for skip in self.skips), out], 1))
        return joined


def applied_once(name: str, channels: int) -> nn.Module:
    """The operation at stride 1. Separable ones are applied once, while those of cells are applied twice."""
    operation = build(name, channels, 1, affine=True)
    if OPERATIONS[name].kind != "separable":
        return operation
    assert isinstance(operation, nn.Sequential)
    return operation[: len(operation) // 2]
