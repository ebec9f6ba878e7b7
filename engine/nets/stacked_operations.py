"""The same operation of several edges, its weights in one tensor and computed at once.

A stack takes over the values of the modules that it is made of. `weights(number)` gives those of one module alone, as
views in the order and form of that module's own parameters.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.autograd_modes import wanted_twice
from engine.nets.channels_last import thinned
from engine.nets.operations import BatchNorm, FactorizedReduce, halves
from engine.nets.pointwise_fused import rectified
from engine.nets.pointwise_summed import Norms

FAST_WIDTH = 3
"""The widest kernel that the fast weight gradients know."""


def depthwise(x: Tensor, weight: Tensor, stride: int = 1, dilation: int = 1) -> Tensor:
    """`F.conv2d` of each channel with its own kernel, padded so that n pixels become ceil(n / stride).

    The forward kernels of PyTorch's CPU library run at 40 to 90 GFLOP/s a core whatever the kernel and dilation; its
    backward kernels do so only for 3×3 without dilation and fall to 5 GFLOP/s elsewhere. So each gradient is brought to
    a form that runs fast; the sums are the same.

    Args:
        x: images (N, C, H, W), channels last to be fast.
        weight: kernels (C, 1, k, k), k odd.
    """
    weight = weight.to(x.dtype)
    unused = max(0, weight.shape[-1] // 2 - (max(x.shape[2:]) - 1) // dilation)
    if unused:  # the kernel's outermost places never meet the image
        weight = weight[:, :, unused:-unused, unused:-unused]
    if weight.shape[-1] == 1 and stride > 1:
        return depthwise(thinned(x, (stride, stride)), weight)  # see `engine.nets.convolution`
    if x.device.type != "cpu" or wanted_twice():
        return F.conv2d(x, weight, None, stride, dilation * (weight.shape[-1] // 2), dilation, x.shape[1])
    y: Tensor = _Depthwise.apply(x, weight, stride, dilation)  # type: ignore[no-untyped-call]
    return y


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: int, dilation: int) -> Tensor:
        ctx.save_for_backward(x if stride > 1 or ctx.needs_input_grad[1] else None, weight)
        ctx.stride, ctx.dilation = stride, dilation
        return F.conv2d(x, weight, None, stride, dilation * (weight.shape[-1] // 2), dilation, x.shape[1])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        for_x = for_weight = None
        if ctx.needs_input_grad[0]:
            for_x = _gradient_of_input(gradient, x, weight, ctx.stride, ctx.dilation)
        if ctx.needs_input_grad[1]:
            for_weight = _gradient_of_weight(gradient, x, weight.shape[-1], ctx.stride, ctx.dilation)
        return for_x, for_weight, None, None


def _gradient_of_input(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, dilation: int) -> Tensor:
    """At stride 1 the transposed convolution is a convolution with the kernel turned around."""
    if stride == 1:
        return depthwise(gradient, weight.flip(2, 3), 1, dilation)
    padding = dilation * (weight.shape[-1] // 2)
    return _native(gradient, x, weight, stride, (padding, padding), dilation, of_input=True)


def _gradient_of_weight(gradient: Tensor, x: Tensor, kernel: int, stride: int, dilation: int) -> Tensor:
    """Correlate the gradient with the input, for each place of the kernel.

    With dilation 2, even and odd rows and columns never meet: they are images of their own, undilated. A kernel wider
    than three comes in pieces three columns wide, the last of which may overlap the one before. The fast code wants
    images higher than the kernel, hence rows of zeros that are written out around others.
    """
    if stride == 1 and dilation == 2:
        of_both = _gradient_of_weight(_phases(gradient), _phases(x), kernel, 1, 1)
        summed: Tensor = of_both.unflatten(0, (2, -1)).sum(0)
        return summed
    around = dilation * (kernel // 2)
    low = x.shape[2] <= kernel
    if dilation > 1 or (kernel <= FAST_WIDTH and not low):
        weight = x.new_empty(x.shape[1], 1, kernel, kernel)
        return _native(gradient, x, weight, stride, (around, around), dilation, of_input=False)
    width, rows = min(kernel, FAST_WIDTH), around if low else 0
    weight = x.new_empty(x.shape[1], 1, kernel, width)
    reach = (gradient.shape[3] - 1) * stride + width
    columns = []
    for first in range(0, kernel, width):
        start = min(first, kernel - width)
        window = _window(x, start - around, reach, rows)
        piece = _native(gradient, window, weight, stride, (around - rows, 0), 1, of_input=False)
        columns.append(piece[..., first - start :])
    return torch.cat(columns, 3)


def _window(x: Tensor, first: int, width: int, rows: int) -> Tensor:
    """`width` columns from `first` on, zeros where there are none, and so many rows of zeros above and below.

    Put together; `F.pad` would fill all with zeros first.
    """
    count, channels, height, there = x.shape
    inside = x.permute(0, 2, 3, 1)[:, :, max(0, first) : max(0, first + width)]
    before, after = max(0, -first), max(0, first + width - there)
    parts = [inside.new_zeros(count, height, size, channels) for size in (before, after)]
    window = torch.cat([parts[0], inside, parts[1]], 2)
    if rows:
        window = F.pad(window, (0, 0, 0, 0, rows, rows))
    return window.permute(0, 3, 1, 2)


def _native(
    gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: tuple[int, int], dilation: int, of_input: bool
) -> Tensor:
    """One of the two gradients as the library computes it."""
    of_both: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.convolution_backward(
        gradient,
        x,
        weight,
        None,
        (stride, stride),
        padding,
        (dilation, dilation),
        False,
        (0, 0),
        x.shape[1],
        (of_input, not of_input, False),
    )
    return of_both[0 if of_input else 1]


def _phases(x: Tensor) -> Tensor:
    """(N, C, H, W) to (2 N, 2 C, ceil(H / 2), ceil(W / 2)): even and odd rows and columns apart, missing ones zero."""
    count, channels, height, width = x.shape
    if height % 2 or width % 2:
        x = F.pad(x, (0, width % 2, 0, height % 2))
    height, width = (height + 1) // 2, (width + 1) // 2
    rows = x.permute(0, 2, 3, 1).reshape(count, height, 2, width * 2 * channels)
    return rows.transpose(1, 2).reshape(2 * count, height, width, 2 * channels).permute(0, 3, 1, 2)


STAGE = (nn.ReLU, nn.Conv2d, nn.Conv2d, nn.BatchNorm2d)
StageParts = tuple[nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]
"""What has weights or statistics in a stage: depthwise and pointwise convolution, and batch norm."""

StageWeights = tuple[Tensor, Tensor]
"""Of B modules: depthwise (B, C, k, k) and pointwise (B, C, C)."""


class SeparableStack(nn.Module):
    """A depthwise-separable operation of one or more stages, as often as there are edges that carry it.

    Attributes:
        sparse: whether the first kernel, of stride 2 and dilation 2, meets only every other pixel, wherever it stands.

    Args:
        modules: as `engine.nets.operations.build` makes them.
    """

    def __init__(self, modules: Sequence[nn.Sequential]) -> None:
        super().__init__()
        parts = [_stages(module) for module in modules]
        self.stages = nn.ModuleList(SeparableStage(alike) for alike in zip(*parts, strict=True))
        self.sparse = self.stages[0].sparse

    def forward(self, x: Tensor, weights: Sequence[StageWeights], run: slice) -> tuple[Tensor, Tensor, Norms]:
        """What goes into the last pointwise convolutions, these (B, C, C), and the norms after them.

        Args:
            x: the edges' states after their ReLU, side by side; every other pixel of them where `sparse`.
            weights: of each stage, those of the modules on these edges.
            run: the numbers of these modules.
        """
        *earlier, last = zip(self.stages, weights, strict=True)
        for stage, (spread, mixing) in earlier:
            assert isinstance(stage, SeparableStage)
            x = rectified(stage(x, spread), mixing, stage.norms, run)
        stage, (spread, mixing) = last
        assert isinstance(stage, SeparableStage)
        return stage(x, spread), mixing, stage.norms

    def cut(self, sizes: Sequence[int]) -> list[tuple[StageWeights, ...]]:
        """The weights of successive runs of so many modules, stage by stage."""
        return list(zip(*(stage.cut(sizes) for stage in self.stages), strict=True))  # type: ignore[operator]

    def weights(self, number: int) -> list[Tensor]:
        found = []
        for stage in self.stages:
            assert isinstance(stage, SeparableStage)
            found += [stage.depthwise[number][:, None], stage.pointwise[number][..., None, None]]
        return found


class SeparableStage(nn.Module):
    """Depthwise convolution, pointwise convolution and batch norm of all modules."""

    def __init__(self, parts: Sequence[StageParts]) -> None:
        super().__init__()
        self.depthwise = nn.Parameter(torch.stack([spread.weight.detach()[:, 0] for spread, _, _ in parts]))
        self.pointwise = nn.Parameter(torch.stack([mixing.weight.detach()[:, :, 0, 0] for _, mixing, _ in parts]))
        self.norms = Norms([norm for _, _, norm in parts])
        self.stride, self.dilation = parts[0][0].stride[0], parts[0][0].dilation[0]
        self.sparse = self.stride == self.dilation == 2

    def forward(self, x: Tensor, spread: Tensor) -> Tensor:
        """Through depthwise convolutions; the pointwise ones and the norms are left to the caller."""
        form = (1, 1) if self.sparse else (self.stride, self.dilation)
        return depthwise(x, spread.flatten(0, 1)[:, None], *form)

    def cut(self, sizes: Sequence[int]) -> list[StageWeights]:
        """The weights of successive runs of so many modules."""
        if len(sizes) == 1:
            return [(self.depthwise, self.pointwise)]
        return list(zip(self.depthwise.split(sizes), self.pointwise.split(sizes), strict=True))


class ReductionStack(nn.Module):
    """Factorized reductions of E edges, as pointwise convolutions of the two pixels that they see, one above the other.

    Each convolution sees one of the two, hence the zeros in the matrices.
    """

    def __init__(self, modules: Sequence[FactorizedReduce]) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Parameter(torch.stack([weight.detach()[:, :, 0, 0] for weight in weights]))
            for weights in zip(*((module.first.weight, module.second.weight) for module in modules), strict=True)
        )
        self.norm = BatchNorm(sum(module.norm.num_features for module in modules), affine=False)

    def forward(self, x: Tensor, shares: Tensor) -> tuple[Tensor, ...]:
        """For each edge its output, times its share (E,), or (N, E). `x`: the state after its ReLU."""
        pixels = torch.cat(halves(x), 1)
        channels = x.shape[1]
        weight = torch.cat([F.pad(self.first, (0, channels)), F.pad(self.second, (channels, 0))], 1)
        outputs = self.norm(F.conv2d(pixels, weight.flatten(0, 1)[..., None, None]))
        shares = shares.to(outputs.dtype)
        factors = shares.repeat_interleave(weight.shape[1], -1)[..., None, None]
        found: tuple[Tensor, ...] = (outputs * factors).chunk(len(weight), 1)
        return found

    def weights(self, number: int) -> list[Tensor]:
        return [self.first[number][..., None, None], self.second[number][..., None, None]]


def is_separable(module: nn.Module) -> bool:
    """Whether the module is made of stages of ReLU, depthwise convolution, pointwise convolution and batch norm."""
    if not isinstance(module, nn.Sequential) or len(module) % len(STAGE):
        return False
    alike = all(isinstance(part, STAGE[at % len(STAGE)]) for at, part in enumerate(module))
    return alike and all(conv.groups == conv.in_channels for conv in list(module)[1 :: len(STAGE)])


def _stages(module: nn.Sequential) -> list[StageParts]:
    parts: list[Any] = list(module)
    return [(parts[at + 1], parts[at + 2], parts[at + 3]) for at in range(0, len(parts), len(STAGE))]
