"""Which images become the training, the validation and the test split: each class shared out as the whole is."""

import numpy as np

from engine.data.reading import DataError
from engine.plan import DataSettings


def split_labels(
    settings: DataSettings, labels: np.ndarray, order: np.ndarray, *, validation: bool = False, test: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of the training, validation and test split, int64, of images with these `labels` (N,).

    Images go by `order`, a permutation of their rows. Those of a set without a test part (`test`) give up the first
    `test_share` of them; of those that remain at most `limit` are used, and of these the first `validation_share` are
    the validation split, where the set has none (`validation`). Every share is of each class, as near as whole images
    allow; a class with three images or more is in every split, one with two is not in the test split, and a single
    image is trained on. Raises DataError for a share that leaves a split without two images: batch norm needs them.
    """
    tested = validated = order[:0]
    if not test:
        tested, order = _shared_out(labels, order, _share("test", settings.test_share, len(order)), 2)
    if settings.limit and settings.limit < len(order):
        order, _ = _shared_out(labels, order, settings.limit, 0)
    if not validation:
        validated, order = _shared_out(labels, order, _share("validation", settings.validation_share, len(order)), 1)
    return order, validated, tested


def _share(name: str, share: float, count: int) -> int:
    """How many of `count` images a share is. A split needs two images: batch norm cannot work on one."""
    part = round(share * count)
    if not 2 <= part <= count - 2:
        raise DataError(f"data.{name}_share: {share} of {count} images leaves a split with fewer than 2 images")
    return part


def _shared_out(labels: np.ndarray, order: np.ndarray, total: int, kept: int) -> tuple[np.ndarray, np.ndarray]:
    """`order` in two: some `total` images, and the rest, of which each class keeps at least `kept`, or fewer where
    that would leave fewer than two images for the first."""
    own = labels[order]
    counts = np.bincount(own)
    shares = (apportioned(counts, total, left, left == kept) for left in range(kept, -1, -1))
    taken = next((share for share in shares if share.sum() >= 2), np.zeros_like(counts))
    ranks = np.empty(len(own), np.int64)  # of each image among those of its class
    by_class = np.argsort(own, kind="stable")
    ranks[by_class] = np.arange(len(own)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = ranks < taken[own]
    return order[first], order[~first]


def apportioned(counts: np.ndarray, total: int, kept: int, each: bool = True) -> np.ndarray:
    """How many of each class's `counts` make up `total`, in proportion, by the largest remainder: where there are more
    than `kept`, which are left in any case, at least one if `each`. Where that cannot be, the sum is the nearest."""
    most = np.maximum(counts - kept, 0)
    least = np.minimum(most, int(each))
    quota = counts * (total / max(1, int(counts.sum())))
    taken = np.clip(np.floor(quota).astype(np.int64), least, most)
    while taken.sum() < total and (taken < most).any():
        room = np.where(taken < most, quota - taken, -np.inf)
        step = min(total - int(taken.sum()), int((taken < most).sum()))
        taken[np.argsort(-room, kind="stable")[:step]] += 1
    while taken.sum() > total and (taken > least).any():
        excess = np.where(taken > least, taken - quota, -np.inf)
        step = min(int(taken.sum()) - total, int((taken > least).sum()))
        taken[np.argsort(-excess, kind="stable")[:step]] -= 1
    return taken
