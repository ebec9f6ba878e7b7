"""Random crop, flip and cutout, each drawn per image and applied to a whole batch at once.

Source: the CIFAR pipeline of DARTS (Liu et al. 2019): crop after padding with black, mirror with probability 1/2,
normalise, then Cutout (DeVries & Taylor 2017) with zeros.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data.device_transfer import sent


@dataclass(frozen=True)
class Augment:
    """What is done at random: shift by up to `crop` pixels, `flip` half of the images, blank `cutout`² pixels."""

    crop: int = 0
    flip: bool = False
    cutout: int = 0


@dataclass(frozen=True)
class Draws:
    """What chance decided for N images; None where nothing was to be decided.

    `shift` (N, 2) in 0..2·crop, `mirror` (N,) bool, `centre` of the hole (N, 2) in pixels.
    """

    shift: Tensor | None
    mirror: Tensor | None
    centre: Tensor | None

    def __getitem__(self, index: slice) -> "Draws":
        return Draws(*(None if part is None else part[index] for part in (self.shift, self.mirror, self.centre)))

    def to(self, device: torch.device) -> "Draws":
        return Draws(*(None if part is None else sent(part, device) for part in (self.shift, self.mirror, self.centre)))


def draw(augment: Augment, count: int, height: int, width: int, generator: torch.Generator) -> Draws:
    """Decide for `count` images of height × width, on the CPU. Only what `augment` asks for is drawn."""

    def integers(high: tuple[int, int]) -> Tensor:
        return torch.stack([torch.randint(limit, (count,), generator=generator) for limit in high], 1)

    return Draws(
        integers((2 * augment.crop + 1,) * 2) if augment.crop else None,
        torch.randint(2, (count,), generator=generator).bool() if augment.flip else None,
        integers((height, width)) if augment.cutout else None,
    )


def moved(images: Tensor, augment: Augment, draws: Draws) -> Tensor:
    """Crop and mirror: uint8 (N, C, H, W) to the same shape.

    Every pixel is fetched once, by its row and column in the padded image.
    """
    if draws.shift is None and draws.mirror is None:
        return images
    count, _, height, width = images.shape
    rows = torch.arange(height, device=images.device).expand(count, height)
    columns = torch.arange(width, device=images.device).expand(count, width)
    if draws.mirror is not None:  # the crop is mirrored, not the image: mirror within the window, then move the window
        columns = torch.where(draws.mirror[:, None], width - 1 - columns, columns)
    if draws.shift is not None:
        images = F.pad(images, (augment.crop,) * 4)
        rows, columns = rows + draws.shift[:, :1], columns + draws.shift[:, 1:]
    image = torch.arange(count, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cut_out(images: Tensor, augment: Augment, draws: Draws) -> Tensor:
    """Zero, in place, a square around each centre; what lies outside the image is lost. (N, C, H, W), normalised."""
    if draws.centre is None:
        return images

    def inside(side: int, centre: Tensor) -> Tensor:
        start = centre[:, None] - augment.cutout // 2
        places = torch.arange(side, device=images.device)
        return (places >= start) & (places < start + augment.cutout)

    height, width = images.shape[2:]
    hole = inside(height, draws.centre[:, 0])[:, :, None] & inside(width, draws.centre[:, 1])[:, None, :]
    return images.masked_fill_(hole[:, None], 0.0)
