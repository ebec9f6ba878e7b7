"""Passes whose gradient can itself be differentiated: slower, and made of nothing but what torch differentiates."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_wanted: ContextVar[bool] = ContextVar("differentiable twice", default=False)


@contextmanager
def twice_differentiable() -> Iterator[None]:
    """In here the supernet takes its fast backward passes, which can be taken once only, for those of torch itself."""
    before = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(before)


def wanted_twice() -> bool:
    """Whether the pass under way is one whose gradient will be differentiated."""
    return _wanted.get()
