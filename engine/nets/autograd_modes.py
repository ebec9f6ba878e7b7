"""What is asked of the forward passes of a supernet that are made within a block of code."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_twice: ContextVar[bool] = ContextVar("differentiable twice", default=False)
_followed: ContextVar[bool] = ContextVar("statistics followed", default=True)


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


def wanted_twice() -> bool:
    """Whether the gradient of the pass under way will be differentiated."""
    return _twice.get()


def statistics_followed() -> bool:
    """Whether running statistics follow the pass under way."""
    return _followed.get()
