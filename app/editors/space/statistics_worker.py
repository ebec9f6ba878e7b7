"""Everything about a space that takes longer than a blink: worked out in a thread, and dropped once it is outdated.

The thread knows plain values and a queue, never Qt; a timer takes out of the queue what has been found.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import perf_counter, sleep

from PySide6.QtCore import QObject, QTimer, Signal

from app.graph.thumbnail import Thumbnail, thumbnail
from engine.space import Space
from engine.space.architecture import Architecture
from engine.space.counts import Count, Frame, Unbuildable, count
from engine.space.limits import NothingFits
from engine.space.size_and_cost import statistics

SAMPLES = 8
PATIENCE = 120  # milliseconds after the last edit before anything is worked out
LOOK = 30  # milliseconds between two looks into the queue
WORK, REST = 0.004, 0.001  # seconds that the thread works before it lets the window have its turn


@dataclass(frozen=True)
class Sample:
    """A random member: what it is, how it looks, and what it counts (None where it cannot be counted)."""

    architecture: Architecture
    picture: Thumbnail
    counted: Count | None


@dataclass(frozen=True)
class Samples:
    """Random members of a space, or why there are none."""

    samples: tuple[Sample, ...]
    fault: str = ""


class StatisticsWorker(QObject):
    """Works out the statistics and the samples of the last space that was asked about.

    `known` carries Statistics, each better than the one before; `sampled` carries Samples.
    """

    known = Signal(object)
    sampled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ended = Event()
        self._found: SimpleQueue[object] = SimpleQueue()
        self._asked: tuple[Space, Frame, int, bool] | None = None
        self._thread: Thread | None = None
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PATIENCE)
        self._wait.timeout.connect(self._begin)
        self._look = QTimer(self)
        self._look.setInterval(LOOK)
        self._look.timeout.connect(self.poll)

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._wait.isActive() or self._look.isActive()

    def ask(self, space: Space, frame: Frame, seed: int) -> None:
        """Everything about a space; whatever was asked before is dropped."""
        self.stop()
        self._asked = space, frame, seed, True
        self._wait.start()

    def draw(self, space: Space, frame: Frame, seed: int) -> None:
        """Other samples. Statistics that are still to come begin anew."""
        whole = self.busy
        self.stop()
        self._asked = space, frame, seed, whole
        self._begin()

    def pause(self) -> None:
        """Leave the processor to the window until it has drawn; then begin anew with what was asked."""
        if self.busy:
            self.stop()
            self._wait.start()

    def stop(self) -> None:
        """Drop what was asked."""
        self._ended.set()
        self._wait.stop()
        self._look.stop()

    def poll(self) -> None:
        """Hand over what has been found."""
        running = self._thread is not None and self._thread.is_alive()
        try:
            while True:
                found = self._found.get_nowait()
                (self.sampled if isinstance(found, Samples) else self.known).emit(found)
        except Empty:
            pass
        if not running:
            self._look.stop()

    def _begin(self) -> None:
        assert self._asked is not None
        space, frame, seed, whole = self._asked
        self._ended, self._found = Event(), SimpleQueue()
        work = findings(space, frame, seed, self._ended) if whole else iter([samples(space, frame, seed, self._ended)])
        self._thread = Thread(target=_carry, args=(work, self._found, self._ended), name="space", daemon=True)
        self._thread.start()
        self._look.start()


def findings(space: Space, frame: Frame, seed: int, ended: Event) -> Iterator[object]:
    """All that is to be found, the quick things first."""
    rest = Rest(ended)
    known = statistics(space, frame, going_on=rest)
    return chain(islice(known, 1), (samples(space, frame, seed, ended) for _ in range(1)), known)


def samples(space: Space, frame: Frame, seed: int, ended: Event) -> Samples:
    """Some random members of a space."""
    rng, rest = random.Random(seed), Rest(ended)
    found: list[Sample] = []
    try:
        while len(found) < SAMPLES and rest():
            architecture = space.decode(space.sample(rng))
            found.append(Sample(architecture, thumbnail(architecture), _counted(architecture, frame)))
    except NothingFits as fault:
        return Samples((), str(fault))
    return Samples(tuple(found))


class Rest:
    """Whether to go on; asked often, it lets other threads have their turn now and then."""

    def __init__(self, ended: Event) -> None:
        self._ended, self._since = ended, perf_counter()

    def __call__(self) -> bool:
        if perf_counter() - self._since > WORK:
            sleep(REST)
            self._since = perf_counter()
        return not self._ended.is_set()


def _counted(architecture: Architecture, frame: Frame) -> Count | None:
    try:
        return count(architecture, frame)
    except Unbuildable:
        return None


def _carry(work: Iterator[object], found: SimpleQueue[object], ended: Event) -> None:
    for finding in work:
        if ended.is_set():
            return
        found.put(finding)
