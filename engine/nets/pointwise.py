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
    """The batch norms, without scale and shift, after the pointwise convolutions (B, C out, C in) of B blocks.

    Args:
        norms: for each block, the module whose running statistics are taken over.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, norms: Sequence[nn.BatchNorm2d]) -> None:
        super().__init__()
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, torch.stack([getattr(norm, name) for norm in norms]))
        self.eps, self.momentum = norms[0].eps, norms[0].momentum or 0.0

    def maps(self, weight: Tensor, images: Sequence[Tensor], which: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Matrices (b, C out, C in) and shifts (b, C out) of convolution and norm together.

        Args:
            weight: of the convolutions.
            images: what goes in, with all blocks one after another, or one image of one block that all share. In
                training it gives the statistics, and the running ones follow.
            which: the numbers of the blocks meant; None for all.
        """
        if not self.training:
            mean, variance = self.running_mean, self.running_var
            if which is not None:
                mean, variance = mean[which], variance[which]
        else:
            mean_in, square_in = (
                both.expand(len(weight), *both.shape[1:]) for both in moments(images, weight.shape[2])
            )
            mean = torch.bmm(weight, mean_in[..., None])[..., 0]
            square = (torch.bmm(weight, square_in) * weight).sum(2)
            variance = torch.addcmul(square, mean, mean, value=-1).clamp_min(0)  # rounding may take it below
            self._follow(mean.detach(), variance.detach(), images[0].numel() // images[0].shape[1], which)
        scale = (variance + self.eps).rsqrt()
        return weight * scale[..., None], -mean * scale

    def _follow(self, mean: Tensor, variance: Tensor, count: int, which: Tensor | None) -> None:
        """Move the running statistics, as batch norm does."""
        for running, now in ((self.running_mean, mean), (self.running_var, variance * (count / max(count - 1, 1)))):
            if which is None:
                running.lerp_(now, self.momentum)
            else:
                running[which] = running[which].lerp_(now, self.momentum)


def moments(images: Sequence[Tensor], channels: int) -> tuple[Tensor, Tensor]:
    """Means (K, C) and means of products of channels (K, C, C) over all pixels, of the K blocks of all the images."""
    both: tuple[Tensor, Tensor] = _Moments.apply(channels, *images)
    return both


def rectified(image: Tensor, matrices: Tensor, shifts: Tensor) -> Tensor:
    """Block e of the image through its map (E, C, C) and shift (E, C), then ReLU."""
    y: Tensor = _Rectified.apply(image, matrices, shifts)
    return y


Counts = tuple[int, ...]
"""For each of T nodes, how many successive blocks of an image lead to it."""


def summed(
    layout: Sequence[Counts],
    images: Sequence[Tensor],
    matrices: Tensor,
    shifts: Tensor,
    shares: Tensor | None = None,
    table: Sequence[Tensor] = (),
) -> tuple[Tensor, ...]:
    """T images (N, C, H, W): the blocks of `images` that lead to it, each through its map, and its shift, added up.

    Args:
        layout: for each image, how its blocks are distributed over the nodes.
        matrices: of the blocks of all images, one after another (B, C out, C in).
        shifts: (T, C).
        shares: (T, K), how much of each image in `table` is added, unchanged.
        table: K images (N, C, H, W).
    """
    total: tuple[Tensor, ...] = _Summed.apply(tuple(layout), len(images), matrices, shifts, shares, *images, *table)
    return total


def shared_out(shares: Tensor, table: Sequence[Tensor]) -> list[Tensor]:
    """T images, each the sum of its `shares` (T, K) of the K images (N, C, H, W) in `table`."""
    count, channels, height, width = table[0].shape
    total = (shares @ _table(table)).view(-1, count, height, width, channels)
    return [image.permute(0, 3, 1, 2) for image in total.unbind()]


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
        sizes = [image.shape[1] // matrices.shape[2] for image in images]
        maps = (both.split(sizes) for both in (matrices, for_means / count))
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
    def forward(
        ctx: Any, layout: Sequence[Counts], count: int, matrices: Tensor, shifts: Tensor, shares: Any, *given: Tensor
    ) -> tuple[Tensor, ...]:
        images, common = given[:count], given[count:]
        ctx.layout, ctx.count = layout, count
        ctx.save_for_backward(matrices, shares, *given)
        batch, _, height, width = given[0].shape
        nodes, channels = shifts.shape
        total = shifts[:, None].expand(nodes, batch * height * width, channels)
        fresh = True  # the first product is written, the others are added to it in place
        for image, counts, ours in zip(images, layout, matrices.split([sum(counts) for counts in layout]), strict=True):
            pixels = _pixels(image)
            if fresh and len(set(counts)) > 1:
                total, fresh = total.contiguous(), False
            if len(set(counts)) == 1:
                tall = _tall(ours, counts[0]).transpose(1, 2)
                wide = pixels.view(len(pixels), nodes, -1).transpose(0, 1)
                total = torch.baddbmm(total, wide, tall) if fresh else total.baddbmm_(wide, tall)
                fresh = False
                continue
            parts = pixels.split([number * ours.shape[2] for number in counts], 1)
            for node, (part, own) in enumerate(zip(parts, ours.split(counts), strict=True)):
                if len(own):
                    total[node].addmm_(part, _tall(own, len(own))[0].t())
        if common:
            total = (total.contiguous() if fresh else total).flatten(1).addmm_(shares, _table(common))
        shape = batch, height, width, channels
        return tuple(part.view(shape).permute(0, 3, 1, 2) for part in total.unbind())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        matrices, shares, *given = ctx.saved_tensors
        images, common = given[: ctx.count], given[ctx.count :]
        gradient = _table(gradients)
        nodes, shape = len(gradients), gradients[0].shape
        for_shares = for_shifts = None
        for_table: Sequence[Tensor | None] = ()
        if common:
            if ctx.needs_input_grad[4]:
                for_shares = gradient @ _table(common).t()
            spread = (shares.t() @ gradient).view(-1, shape[0], shape[2], shape[3], shape[1])
            for_table = spread.permute(0, 1, 4, 2, 3).unbind()
        gradient = gradient.view(nodes, -1, shape[1])
        if ctx.needs_input_grad[3]:
            for_shifts = gradient.sum(1)
        if not images:
            return None, None, None, for_shifts, for_shares, *for_table
        beside = torch.cat(gradients, 1).contiguous(memory_format=torch.channels_last)
        for_matrices, for_images = [], []
        split = matrices.split([sum(counts) for counts in ctx.layout])
        for place, (image, counts, ours) in enumerate(zip(images, ctx.layout, split, strict=True)):
            wanted = ctx.needs_input_grad[5 + place]
            for_matrix, for_image = _of_one(gradient, beside, image, counts, ours, wanted)
            for_matrices.append(for_matrix)
            for_images.append(for_image)
        return None, None, torch.cat(for_matrices), for_shifts, for_shares, *for_images, *for_table


def _of_one(
    gradient: Tensor, beside: Tensor, image: Tensor, counts: Counts, matrices: Tensor, wanted: bool
) -> tuple[Tensor, Tensor | None]:
    """The gradients of one image of a sum and of its matrices. `beside`: as `gradient`, the nodes side by side."""
    nodes = len(gradient)
    pixels = _pixels(image)
    width = matrices.shape[2]
    if len(set(counts)) == 1:
        wide = pixels.view(len(pixels), nodes, -1).transpose(0, 1)
        for_matrix = torch.bmm(gradient.transpose(1, 2), wide).unflatten(2, (counts[0], width)).transpose(1, 2)
        for_image = _mapped(beside, _tall(matrices, counts[0]).transpose(1, 2)) if wanted else None
        return for_matrix.flatten(0, 1), for_image
    of_matrices, of_image = [], []
    parts = pixels.split([number * width for number in counts], 1)
    for node, (part, own) in enumerate(zip(parts, matrices.split(counts), strict=True)):
        if len(own):
            of_matrices.append((gradient[node].t() @ part).unflatten(1, (-1, width)).transpose(0, 1))
            of_image.append(gradient[node] @ _tall(own, len(own))[0])
    count, _, height, across = image.shape
    whole = torch.cat(of_image, 1).view(count, height, across, -1).permute(0, 3, 1, 2) if wanted else None
    return torch.cat(of_matrices), whole


def _pixels(image: Tensor) -> Tensor:
    """(N, C, H, W) as (N H W, C): a view where channels are last in memory."""
    return image.permute(0, 2, 3, 1).reshape(-1, image.shape[1])


def _table(images: Sequence[Tensor]) -> Tensor:
    """Images (N, C, H, W) as the rows of a table (count, N H W C)."""
    return torch.stack([image.permute(0, 2, 3, 1) for image in images]).flatten(1)


def _tall(matrices: Tensor, count: int) -> Tensor:
    """Matrices (T count, C out, C in) of blocks side by side, as one matrix for each node (T, C out, count C in)."""
    if count == 1:
        return matrices
    return matrices.unflatten(0, (-1, count)).transpose(1, 2).flatten(2)


def _mapped(image: Tensor, matrices: Tensor, shifts: Tensor | None = None) -> Tensor:
    """Block e of the image through its matrix (E, C out, C in), and its shift (E, C out) added."""
    weight = matrices.reshape(-1, matrices.shape[2], 1, 1)
    return F.conv2d(image, weight, None if shifts is None else shifts.flatten(), groups=len(matrices))
