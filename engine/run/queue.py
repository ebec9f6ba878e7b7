"""Many searches: plans and seeds, one after another or side by side, each with a session of its own in a folder.

What a folder already holds is not searched again, so that a queue that was stopped goes on where it was. What it holds
half done is begun anew, and kept beside the new session until that is finished. Importing it loads no torch: searches
run in processes of their own.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from engine.plan import Plan, dumps, loads, loads_recorded
from engine.run.host import LAST_WORDS, launch
from engine.run.interruptions import SIGNALS, interruptions
from engine.run.pool import Workers, wishes
from engine.run.preflight import RunError, prepare
from engine.session import Busy, SessionError, held, read, summary

LOOK = 0.1
"""Seconds between two looks at the searches and at whether they are to be stopped."""

MOST = 10_000
"""Searches of one queue."""

Stand = Literal["waiting", "running", "finished", "skipped", "stopped", "failed"]
ENDED: tuple[Stand, ...] = ("finished", "skipped", "stopped", "failed")


@dataclass(frozen=True)
class Entry:
    """A search of the queue: its plan, its session's file, how it stands, and in one line why it ended early.

    `best_score`, its unit and `evaluations` are those of the ended search.
    """

    plan: Plan
    path: Path
    stand: Stand = "waiting"
    message: str = ""
    best_score: float | None = None
    unit: str = ""
    evaluations: int = 0


def entries(plans: Iterable[Plan], seeds: Sequence[int] | None, folder: Path) -> list[Entry]:
    """One search for each plan and seed, to be recorded as folder/name-seed.h5; without seeds, each plan with its own.

    Raises PlanError or RunError, in one line, for a plan that cannot be run, two searches of one name, a session of
    another plan in the folder, and a folder that cannot be written.
    """
    found: dict[Path, Entry] = {}
    for plan in plans:
        for seed in (plan.seed,) if seeds is None else seeds:
            seeded = msgspec.structs.replace(plan, seed=seed)
            path = folder / f"{_file_name(plan.name)}-{seed}.h5"
            if path in found:
                raise RunError(f"two searches would be recorded as {path.name}; give the plans different names")
            if len(found) == MOST:
                raise RunError(f"a queue has room for {MOST:,} searches")
            prepare(seeded, None)
            found[path] = Entry(seeded, path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise RunError(f"{folder}: cannot be made ({fault.strerror})") from fault
    return [_as_found(entry) for entry in found.values()]


def seeds_of(text: str) -> tuple[int, ...]:
    """The seeds of "0-9" or "1,4,7-9". Raises RunError."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or max(len(first), len(last)) > 10:
            raise RunError(f"seeds are written as 0-9 or 1,4,7-9, not {text[:40]!r}")
        start, stop = int(first), int(last or first)
        if stop < start or stop - start >= MOST:
            raise RunError(
                f"seeds {part.strip()[:40]}: the last comes before the first, or they are more than {MOST:,}"
            )
        found += range(start, stop + 1)
    return tuple(dict.fromkeys(found))


class Queue:
    """Carries out searches, `at_once` of them at a time; every one is a process that ends by itself when this one does.

    Where a plan leaves the number of threads open (0), the cores are shared out among those at once.
    """

    def __init__(self, searches: Sequence[Entry], at_once: int = 1) -> None:
        self._entries = list(searches)
        self._at_once = max(1, at_once)
        self._workers: Workers | None = None  # while it is at work
        self._held = False
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="queue")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All searches as they stand, in their order."""
        with self._lock:
            return tuple(self._entries)

    @property
    def finished(self) -> bool:
        """Whether no search runs or waits any more."""
        return not self._thread.is_alive() and self._thread.ident is not None

    def start(self) -> None:
        """Begin. What is skipped is not looked at again."""
        self._thread.start()

    def stop(self) -> None:
        """End the searches that run, within a batch each, their sessions closed; those that wait do not begin."""
        self._stop.set()

    def abandon(self) -> None:
        """Let the searches that run write down what they have recorded, for the program ends now."""
        processes = multiprocessing.active_children()
        for process in processes:
            process.terminate()  # they have been asked to stop before: see `carry_out`
        for process in processes:
            process.join(LAST_WORDS)

    def hold(self, on: bool) -> None:
        """Let the searches that run wait between two batches, and begin no other one; or let all go on."""
        with self._lock:
            self._held = on
            if self._workers is not None:
                self._workers.hold(on)

    @property
    def held(self) -> bool:
        """Whether it waits for `hold(False)`."""
        return self._held

    def join(self, timeout: float | None = None) -> bool:
        """Wait until it is finished, at most `timeout` seconds. Whether it is."""
        self._thread.join(timeout)
        return self.finished

    def _work(self) -> None:
        waiting = [number for number, entry in enumerate(self.entries) if entry.stand == "waiting"]
        threads = max(1, _cores() // self._at_once) if self._at_once > 1 else 0
        workers = Workers(min(self._at_once, max(1, len(waiting))))
        running: dict[Future[bytes], int] = {}
        with self._lock:
            self._workers = workers
            workers.hold(self._held)
        try:
            while (waiting and not self._stop.is_set()) or running:
                while waiting and not (self._stop.is_set() or self._held) and len(running) < self._at_once:
                    number = waiting.pop(0)
                    self._put(number, replace(self._entries[number], stand="running"))
                    entry = self._entries[number]
                    running[workers.submit(carry_out, dumps(entry.plan), str(entry.path), threads)] = number
                if not running:  # it is held before any search has begun
                    self._stop.wait(LOOK)
                done, _ = wait(running, timeout=LOOK, return_when=FIRST_COMPLETED)
                for future in done:
                    self._end(running.pop(future), future)
                if self._stop.is_set():
                    workers.stop()
        finally:
            with self._lock:
                self._workers = None
            workers.shutdown()

    def _end(self, number: int, future: "Future[bytes]") -> None:
        entry, fault = self._entries[number], future.exception()
        if fault is None:
            told = msgspec.json.decode(future.result(), type=_Told)
            ended = replace(
                entry,
                stand=told.stand,
                message=told.message,
                best_score=told.best_score,
                unit=told.unit,
                evaluations=told.evaluations,
            )
        else:
            ended = replace(entry, stand="failed", message=str(fault))
        self._put(number, ended)

    def _put(self, number: int, entry: Entry) -> None:
        with self._lock:
            self._entries[number] = entry


class _Told(msgspec.Struct):
    """What comes back from the process of a search."""

    stand: Literal["finished", "skipped", "stopped", "failed"]
    message: str
    best_score: float | None = None
    unit: str = ""
    evaluations: int = 0


def carry_out(plan: str, path: str, threads: int) -> bytes:
    """In a process of its own: run a plan (TOML) and record it, in place of what an unfinished search left there.

    Ctrl-C is for the queue alone to heed; what else ends processes often goes to all of them.
    """
    what = loads(plan)
    with interruptions([number for number in SIGNALS if number != signal.SIGINT]) as interrupted:
        try:
            found = _as_found(Entry(what, Path(path)))  # another queue may have come first
            if found.stand == "skipped":
                return msgspec.json.encode(_Told("skipped", "", found.best_score, found.unit, found.evaluations))
            if threads and not what.threads:
                what = msgspec.structs.replace(what, threads=threads)
            host = launch(what, Path(path), overwrite=True)
        except ValueError as fault:
            return msgspec.json.encode(_Told("failed", str(fault)))
        interrupted.watch(host)
        waits = False
        while not host.join(LOOK):
            if wishes.stopped:
                interrupted.stop()
            elif wishes.held != waits:
                waits = not waits
                (host.pause if waits else host.resume)()
    come_to = summary(host.source.view())
    state = host.state
    assert state in ("finished", "stopped", "failed")
    return msgspec.json.encode(_Told(state, host.message, come_to.best_score, come_to.unit, come_to.evaluations))


def _as_found(entry: Entry) -> Entry:
    """Whether the folder already holds this search. Raises RunError where a file of its name holds another one."""
    if not entry.path.exists():
        return entry
    try:
        source = read(entry.path)
    except (SessionError, OSError) as fault:
        raise RunError(f"{fault}; remove it, or choose another folder") from fault
    if not _same(loads_recorded(source.header.plan), entry.plan):
        raise RunError(f"{entry.path} is a session of another plan; choose another folder")
    come_to = summary(source.view())
    if come_to.status != "finished":
        return entry
    best, unit = come_to.best_score, come_to.unit
    return replace(entry, stand="skipped", best_score=best, unit=unit, evaluations=come_to.evaluations)


def refuse_written(searches: Iterable[Entry]) -> None:
    """Raise RunError where another program, such as the same queue started twice, is at one of these searches."""
    for entry in searches:
        if held(entry.path):
            raise RunError(str(Busy(entry.path)))


def _same(one: Plan, other: Plan) -> bool:
    """Whether two plans are of the same search; how many threads it may use is a matter of the machine."""
    alike = (msgspec.structs.replace(plan, threads=0) for plan in (one, other))
    return len({dumps(plan) for plan in alike}) == 1


def _file_name(name: str) -> str:
    """A plan's name as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name).strip(". ") or "untitled"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
