"""What is asked of the forward passes of a network that are made within a block of code."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

_twice: ContextVar[bool] = ContextVar("differentiable twice", default=False)
_followed: ContextVar[bool] = ContextVar("statistics followed", default=True)
_seen: ContextVar[dict[Hashable, int] | None] = ContextVar("images seen by each norm", default=None)


@contextmanager
def twice_differentiable() -> Iterator[None]:
    """Passes whose gradient can itself be differentiated: slower, made of nothing but what torch differentiates.

    Outside, a supernet takes fast backward passes of its own, which can be taken once only.
    """
    before = _twice.set(True)
    try:
        yield
    finally:
        _twice.reset(before)


@contextmanager
def statistics_kept() -> Iterator[None]:
    """Passes in training from which the running statistics of batch norms learn nothing."""
    before = _followed.set(False)
    try:
        yield
    finally:
        _followed.reset(before)


@contextmanager
def statistics_refitted() -> Iterator[None]:
    """Passes from which batch norms learn their running statistics anew: the means, over all images in here, of their
    batches' means and unbiased variances (Wu and Johnson 2021, Rethinking "Batch" in BatchNorm, section 3).

    The passes are normed by their own batches, also those of a network that is not in training. What no pass in here
    comes through keeps the statistics that it had.
    """
    before = _seen.set({})
    try:
        with torch.no_grad():
            yield
    finally:
        _seen.reset(before)


def wanted_twice() -> bool:
    """Whether the gradient of the pass under way will be differentiated."""
    return _twice.get()


def norms_by_batch(training: bool) -> bool:
    """Whether a batch norm in this mode norms the pass under way by the batch, and not by its running statistics."""
    return training or _seen.get() is not None


def share_of_batch(norm: Hashable, momentum: float, images: int) -> float:
    """How far the running statistics of `norm` move to those of a batch of so many images, 0 to 1."""
    seen = _seen.get()
    if seen is None:
        return momentum if _followed.get() else 0.0
    seen[norm] = seen.get(norm, 0) + images
    return images / seen[norm]
