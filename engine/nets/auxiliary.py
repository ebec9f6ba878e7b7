"""The second classifier that helps a deep network to train."""

from torch import Tensor, nn

from engine.nets.operations import BatchNorm
from engine.nets.skeleton import pooled
from engine.space.counts import Skeleton


class AuxiliaryHead(nn.Module):
    """ReLU, pool 5×5, 1×1 to 128, 2×2 to 768, linear. Made for 8×8 pixels (CIFAR) or 7×7 (ImageNet).

    The batch norm after the 2×2 convolution is missing in ImageNet networks, as in the published code of DARTS, unless
    the skeleton asks for it.
    """

    def __init__(self, channels: int, skeleton: Skeleton) -> None:
        super().__init__()
        large = skeleton.kind == "imagenet"
        self.smallest = 7 if large else 8
        norm = BatchNorm(768) if skeleton.auxiliary_norm or not large else nn.Identity()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, stride=2 if large else 3, count_include_pad=False),
            nn.Conv2d(channels, 128, 1, bias=False),
            BatchNorm(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),
            norm,
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, skeleton.classes)

    def forward(self, x: Tensor) -> Tensor:
        if min(x.shape[2:]) < self.smallest:
            pixels = 193 if self.smallest == 7 else 29
            raise ValueError(f"the auxiliary classifier needs images of {pixels} pixels or more")
        logits: Tensor = self.classifier(pooled(self.features(x)))
        return logits
