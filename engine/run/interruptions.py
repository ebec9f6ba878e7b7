"""Signals while a search runs: the first ends it in order, a second one ends the program."""

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import NoReturn, Protocol

INTERRUPTED = 130
"""The exit code after a signal, whichever it was: what was done stands in sessions that can be read."""

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C; what batch systems, service managers and containers send; the terminal is gone or somebody logged out."""

TOGETHER = 0.3
"""Seconds in which several signals are one: of a terminal that goes, its shell and the system send one each."""


class Interruptible(Protocol):
    """A search, or several."""

    def stop(self) -> None:
        """End within a batch, the session closed."""

    def abandon(self) -> None:
        """Write down what is recorded so far, for the program ends now, whatever the search is at."""


class Interruptions:
    """What to do on a signal. The handler itself does it, as the main thread may be waiting for a terminal."""

    def __init__(self) -> None:
        self.asked = False
        self._first = 0.0
        self._search: Interruptible | None = None

    def watch(self, search: Interruptible) -> None:
        """From now on signals are meant for `search`; one may have come already."""
        self._search = search
        if self.asked:
            search.stop()

    def stop(self) -> None:
        """Ask the search to end, as a first signal does."""
        if not self.asked:
            self.asked = True
            if self._search is not None:
                self._search.stop()

    def heed(self, number: int, frame: object) -> None:
        """The handler."""
        if not self.asked:
            self._first = monotonic()
            self.stop()
        elif monotonic() - self._first > TOGETHER:
            self._leave()

    def _leave(self) -> NoReturn:
        try:
            if self._search is not None:
                self._search.abandon()
        finally:
            os._exit(INTERRUPTED)  # a thread that does not heed would keep the interpreter for ever


@contextlib.contextmanager
def interruptions(signals: Sequence[int] = SIGNALS) -> Iterator[Interruptions]:
    """Heed signals as `Interruptions` says instead of raising somewhere: a search is to be stopped, not torn."""
    found = Interruptions()
    with handled(found.heed, signals):
        yield found


@contextlib.contextmanager
def handled(handler: "signal._HANDLER", signals: Sequence[int] = SIGNALS) -> Iterator[None]:
    """Let `handler` take signals for a while, but for a hangup that was to be ignored (nohup)."""
    before = {number: signal.getsignal(number) for number in signals}
    taken = {number: old for number, old in before.items() if not (_hangup(number) and old is signal.SIG_IGN)}
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in taken.items():
            signal.signal(number, old)


def _hangup(number: int) -> bool:
    return number == getattr(signal, "SIGHUP", None)
