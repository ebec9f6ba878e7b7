"""A plug-in with a data set: stripes that run across, down, or along either diagonal, made of nothing but numbers."""

from typing import Annotated, ClassVar

import numpy as np

from engine.plan import DATASETS, READERS, DataSettings
from engine.plan.datasets import CROP, CUTOUT, FLIP, LIMIT, MEAN, SPLIT_SEED, STD, TEST, VALIDATION, Grey, GreySpread

CLASSES = ("across", "down", "rising", "falling")


@DATASETS.register()
class Stripes(DataSettings, frozen=True, kw_only=True, tag="stripes"):
    """400 pictures of 8×8 grey pixels."""

    title: ClassVar[str] = "Stripes"
    about: ClassVar[str] = "400 pictures of stripes in four directions, 8×8 grey pixels."
    source: ClassVar[str] = "a plug-in of the tests"
    images: ClassVar[int] = 400
    image: ClassVar[int] = 8
    in_channels: ClassVar[int] = 1

    validation_share: Annotated[float, VALIDATION] = 0.5
    split_seed: Annotated[int, SPLIT_SEED] = 0
    limit: Annotated[int, LIMIT] = 0
    test_share: Annotated[float, TEST] = 0.2
    crop: Annotated[float, CROP] = 0.0
    flip: Annotated[bool, FLIP] = False
    cutout: Annotated[float, CUTOUT] = 0.0
    mean: Annotated[Grey, MEAN] = (0.5,)
    std: Annotated[GreySpread, STD] = (0.35,)


@READERS.carries_out(Stripes)
def read(settings: Stripes) -> tuple[tuple[np.ndarray, np.ndarray], None, tuple[str, ...]]:
    """The images uint8 (N, 1, 8, 8) with their labels, no test part of their own, and the names of the classes."""
    down, across = np.mgrid[:8, :8]
    labels = np.arange(settings.images) % len(CLASSES)
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, settings.images)
    along = np.stack([down, across, down + across, down - across])[labels]
    images = 127.5 * (1 + np.sin(along * np.pi / 2 + phases[:, None, None]))
    return (images.astype(np.uint8)[:, None], labels.astype(np.int64)), None, CLASSES
