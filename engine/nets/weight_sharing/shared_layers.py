"""Shared weights of networks that are decided layer by layer (ENAS's macro space)."""

import torch
from torch import Tensor, nn

from engine.nets.convolution import convolution
from engine.nets.layer_network import applied_once
from engine.nets.operations import BatchNorm, FactorizedReduce, relu_conv_norm
from engine.nets.skeleton import pooled
from engine.nets.weight_sharing.parts import PartedReluConvNorm
from engine.nets.weight_sharing.shared_network import SharedPaths
from engine.space.architecture import Architecture
from engine.space.counts import Skeleton, Unbuildable, read_later, reduced_after, require_buildable
from engine.space.enas_macro import EnasMacroSpace
from engine.space.layers import Layer, LayerArchitecture


class SharedLayer(nn.Module):
    """Layer number `number`: a 1×1 convolution and the operation for each name, and one part of a 1×1 convolution for
    each state it may read beside; see `engine.nets.layer_network.MacroLayer`."""

    def __init__(self, number: int, names: tuple[str, ...], channels: int) -> None:
        super().__init__()
        self.operations = nn.ModuleDict(
            {
                name: nn.Sequential(relu_conv_norm(channels, channels, affine=True), applied_once(name, channels))
                for name in names
            }
        )
        self.joined = PartedReluConvNorm(number, channels, channels) if number > 1 else None

    def forward(self, layer: Layer, states: dict[int, Tensor]) -> Tensor:
        *skips, before = layer.inputs
        out: Tensor = self.operations[layer.operation](states[before])
        if self.joined is None:
            return out
        # The last part is that of the layer's own operation, which takes the place of the layer before.
        joined: Tensor = self.joined(torch.cat([*(states[skip] for skip in skips), out], 1), layer.inputs)
        return joined


class SharedLayers(SharedPaths):
    """ENAS's macro network around every choice of layers at once; see `engine.nets.layer_network.MacroNetwork`.

    Skips are concatenated and brought to C channels by a 1×1 convolution, as the paper and the final network have it.
    While searching, the authors' code adds them up instead.
    """

    def __init__(self, space: EnasMacroSpace, skeleton: Skeleton) -> None:
        super().__init__()
        self.skeleton, self.count, channels = skeleton, space.layers, skeleton.channels
        self.stem = nn.Sequential(convolution(skeleton.in_channels, channels, 3), BatchNorm(channels))
        self.layers, self.reductions = nn.ModuleList(), nn.ModuleDict()
        for number in range(1, self.count + 1):
            self.layers.append(SharedLayer(number, space.operations, channels))
            if number in reduced_after(self.count):
                self.reductions[str(number)] = nn.ModuleList(
                    FactorizedReduce(channels, 2 * channels, affine=True) for _ in range(number + 1)
                )
                channels *= 2
        self.classifier = nn.Linear(channels, skeleton.classes)

    def require(self, architecture: Architecture) -> None:
        if not isinstance(architecture, LayerArchitecture) or architecture.join != "after":
            raise Unbuildable("the shared network holds networks of layers whose inputs meet after the operation")
        require_buildable(architecture, self.skeleton)
        if len(architecture.layers) != self.count:
            raise Unbuildable(
                f"the shared network holds networks of {self.count} layers, and this has {len(architecture.layers)}"
            )
        for number, (layer, shared) in enumerate(zip(architecture.layers, self.layers, strict=True), 1):
            if layer.operation not in shared.operations:  # type: ignore[operator]
                raise Unbuildable(f"layer {number}: the shared network has no weights for '{layer.operation}'")

    def forward(self, images: Tensor, architecture: Architecture, drop_path: float = 0.0) -> Tensor:
        """As for every `SharedPaths`; layers have no paths to drop."""
        assert isinstance(architecture, LayerArchitecture)
        states = {0: self.stem(images)}
        for number, (layer, shared) in enumerate(zip(architecture.layers, self.layers, strict=True), 1):
            states[number] = shared(layer, states)
            if str(number) in self.reductions:
                reductions = self.reductions[str(number)]
                kept = read_later(architecture, number)
                states = {state: reductions[state](states[state]) for state in kept}  # type: ignore[index]
        logits: Tensor = self.classifier(pooled(states[self.count]))
        return logits
