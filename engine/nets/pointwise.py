"""Pointwise convolutions with a batch norm after each, as affine maps whose statistics their inputs tell.

Both are linear in the pixels, so that they are one affine map once the batch's statistics are known; and these follow
from the mean m and the mean products Q of what goes in, over all pixels: the output of a convolution W has mean W m and
variances diag(W Q Wᵀ) - (W m)². So its output is never written, read for its statistics, normalised in place, or kept.

An image (N, E C, H, W) holds E blocks of C channels, one for each of E edges.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.nets.layout import blocks


class FoldedNorm(nn.Module):
    """The batch norms, without scale and shift, after pointwise convolutions (kinds, edges, C out, C in).

    Args:
        norms: for each kind and edge, the module whose running statistics are taken over.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, norms: Sequence[Sequence[nn.BatchNorm2d]]) -> None:
        super().__init__()
        for name in ("running_mean", "running_var"):
            rows = [torch.stack([getattr(norm, name) for norm in row]) for row in norms]
            self.register_buffer(name, torch.stack(rows))
        self.eps, self.momentum = norms[0][0].eps, norms[0][0].momentum or 0.0

    def maps(self, weight: Tensor, images: Sequence[Tensor], edges: slice) -> tuple[Tensor, Tensor]:
        """Matrices (kinds, edges, C out, C in) and shifts (kinds, edges, C out) of convolution and norm together.

        Args:
            weight: of the convolutions of `edges`.
            images: what goes in, an image for each kind with a block for each edge, or one image that all share. In
                training it gives the statistics, and the running ones follow.
        """
        running_mean, running_var = self.running_mean[:, edges], self.running_var[:, edges]
        mean, variance = running_mean, running_var
        if self.training:
            flat = weight.flatten(0, 1)
            mean_in, square_in = (both.expand(len(flat), *both.shape[1:]) for both in moments(images, weight.shape[3]))
            mean = torch.bmm(flat, mean_in[..., None]).view_as(running_mean)
            square = (torch.bmm(flat, square_in) * flat).sum(2).view_as(running_var)
            variance = torch.addcmul(square, mean, mean, value=-1).clamp_min(0)  # rounding may take it below
            with torch.no_grad():
                count = images[0].numel() // images[0].shape[1]
                running_mean.lerp_(mean, self.momentum)
                running_var.lerp_(variance * (count / max(count - 1, 1)), self.momentum)
        scale = (variance + self.eps).rsqrt()
        return weight * scale[..., None], -mean * scale


def moments(images: Sequence[Tensor], channels: int) -> tuple[Tensor, Tensor]:
    """Means (K, C) and means of products of channels (K, C, C) over all pixels, of the K blocks of all the images."""
    both: tuple[Tensor, Tensor] = _Moments.apply(channels, *images)
    return both


def rectified(image: Tensor, matrices: Tensor, shifts: Tensor) -> Tensor:
    """Block e of the image through its map (E, C, C) and shift (E, C), then ReLU."""
    y: Tensor = _Rectified.apply(image, matrices, shifts)
    return y


def summed(images: Sequence[Tensor], matrices: Tensor, shifts: Tensor) -> Tensor:
    """(E, N H W, C): block e of every image through its map (images, E, C out, C in), added up, and shift e (E, C)."""
    y: Tensor = _Summed.apply(matrices, shifts, *images)
    return y


class _Moments(torch.autograd.Function):
    """Its gradient is an affine map of the image itself."""

    @staticmethod
    def forward(ctx: Any, channels: int, *images: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(*images)
        tables = [blocks(image, channels) for image in images]
        squares = torch.cat([torch.bmm(table.transpose(1, 2), table) for table in tables])
        return torch.cat([table.mean(1) for table in tables]), squares.div_(tables[0].shape[1])

    @staticmethod
    def backward(ctx: Any, for_means: Tensor, for_squares: Tensor) -> tuple[Tensor | None, ...]:
        images = ctx.saved_tensors
        count = images[0].numel() // images[0].shape[1]
        matrices = (for_squares + for_squares.transpose(1, 2)) / count
        maps = ((both.chunk(len(images))) for both in (matrices, for_means / count))
        return None, *(_mapped(*image) for image in zip(images, *maps, strict=True))


class _Rectified(torch.autograd.Function):
    """Keeps the ReLU's output alone, and not what went into it."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, matrices: Tensor, shifts: Tensor) -> Tensor:
        y = _mapped(image, matrices, shifts).relu_()
        ctx.save_for_backward(image, matrices, y)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        image, matrices, y = ctx.saved_tensors
        gradient = torch.ops.aten.threshold_backward(gradient, y, 0)
        table = blocks(gradient, matrices.shape[1])
        for_matrices = torch.bmm(table.transpose(1, 2), blocks(image, matrices.shape[2]))
        return _mapped(gradient, matrices.transpose(1, 2)), for_matrices, table.sum(1)


class _Summed(torch.autograd.Function):
    """Adds product after product to the same total, and keeps none of them."""

    @staticmethod
    def forward(ctx: Any, matrices: Tensor, shifts: Tensor, *images: Tensor) -> Tensor:
        ctx.save_for_backward(matrices, *images)
        first, *others = (blocks(image, matrices.shape[3]) for image in images)
        by_image = matrices.transpose(2, 3)
        total = torch.baddbmm(shifts[:, None], first, by_image[0])
        for table, ours in zip(others, by_image[1:], strict=True):
            total.baddbmm_(table, ours)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        matrices, *images = ctx.saved_tensors
        edges, _, channels = gradient.shape
        turned = gradient.transpose(1, 2)
        for_matrices = torch.stack([torch.bmm(turned, blocks(image, matrices.shape[3])) for image in images])
        count, _, height, width = images[0].shape
        image = gradient.transpose(0, 1).reshape(count, height, width, edges * channels).permute(0, 3, 1, 2)
        for_images = [_mapped(image, ours) for ours in matrices.transpose(2, 3)]
        return for_matrices, gradient.sum(1), *for_images


def _mapped(image: Tensor, matrices: Tensor, shifts: Tensor | None = None) -> Tensor:
    """Block e of the image through its matrix (E, C out, C in), and its shift (E, C out) added."""
    weight = matrices.reshape(-1, matrices.shape[2], 1, 1)
    return F.conv2d(image, weight, None if shifts is None else shifts.flatten(), groups=len(matrices))
