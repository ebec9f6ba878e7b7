"""The queue of this window: takes plans and seeds in, carries them out, and knows how far each search is."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.panels.queue import Queue as QueuePanel
from app.panels.queue_model import Run
from app.window.session_controller import SessionController

if TYPE_CHECKING:
    from engine.plan import Plan
    from engine.run.queue import Entry, Queue
    from engine.session import Reader
    from engine.session.queries.best import Best

ROUND = 1.0
"""Seconds between two looks into the sessions of the searches that run."""
FOUND = "it was in the folder already"


class QueueController(QObject):
    """Stands between the Queue panel and the engine. `poll` is called at every tick of the window."""

    compare_requested = Signal(object)
    """The paths of sessions that a person wants to compare."""

    def __init__(self, panel: QueuePanel, controller: SessionController, presets: "dict[str, Plan]") -> None:
        super().__init__(panel)
        self._panel, self._controller, self._presets = panel, controller, presets
        self._entries: dict[Path, Entry] = {}
        self._queue: Queue | None = None
        self._at_once = 1
        self._stopping = False
        self._progress = _ProgressReader()
        self._reading, self._read_at = False, 0.0
        self._shown: object = None
        panel.offer(presets)
        panel.show_plan(controller.plan.plan)
        panel.show_folder(controller.settings.sessions_folder / "queue")
        panel.add_requested.connect(self.add)
        panel.start_requested.connect(self.start)
        panel.pause_requested.connect(self.pause_or_continue)
        panel.stop_requested.connect(self.stop)
        panel.remove_requested.connect(self.remove)
        panel.open_requested.connect(controller.open)
        panel.sessions_requested.connect(self.compare_requested)
        controller.changed.connect(lambda: panel.show_plan(controller.plan.plan))

    @property
    def running(self) -> bool:
        """Whether a search of the queue is under way, or about to be."""
        return self._queue is not None

    @property
    def state(self) -> str:
        """How the queue stands: "", "running", "paused" or "stopping"."""
        if self._queue is None:
            return ""
        return "stopping" if self._stopping else "paused" if self._queue.held else "running"

    def add(self, preset: str, seeds: str, folder: Path) -> None:
        """Take a plan in, once for each seed; what the folder holds is found out in the worker thread."""
        if not preset and self._controller.plan.fault:
            self._panel.show_fault(f"The plan cannot be run: {self._controller.plan.fault}")
            return
        plan = self._presets[preset] if preset else self._controller.plan.plan
        self._controller.jobs.do(
            lambda: _searches(plan, seeds, folder), self._add_entries, lambda error: self._panel.show_fault(str(error))
        )

    def _add_entries(self, found: "Sequence[Entry]") -> None:
        for entry in found:
            if entry.path not in self._taken():
                self._entries[entry.path] = entry
        self._show()

    def _taken(self) -> set[Path]:
        """What the engine has taken over and not ended yet."""
        if self._queue is None:
            return set()
        return {entry.path for entry in self._queue.entries if entry.stand in ("waiting", "running")}

    def start(self, at_once: int) -> None:
        """Run what waits, and what was stopped before."""
        from engine.run.queue import Queue

        if self._queue is not None:
            return
        for path, entry in self._entries.items():
            if entry.stand == "stopped":
                self._entries[path] = replace(entry, stand="waiting", message="")
        waiting = [entry for entry in self._entries.values() if entry.stand == "waiting"]
        if waiting:
            self._at_once, self._stopping = at_once, False
            self._queue = Queue(waiting, at_once)
            self._queue.start()
        self._show()

    def pause_or_continue(self) -> None:
        """Let all wait, or go on."""
        if self._queue is not None:
            self._queue.hold(not self._queue.held)
            self._show()

    def stop(self) -> None:
        """End what runs; what waits stays in the list."""
        if self._queue is not None and not self._stopping:
            self._stopping = True
            self._queue.stop()
            self._show()

    def remove(self, paths: Sequence[Path]) -> None:
        """Take searches off the list, unless the engine has taken them over already. Their files stay."""
        taken = self._taken()
        for path in paths:
            if path not in taken:
                self._entries.pop(path, None)
        self._show()

    def poll(self) -> None:
        """See how the searches stand."""
        queue = self._queue
        if queue is None:
            return
        for entry in queue.entries:
            if entry.path in self._entries:
                self._entries[entry.path] = entry
        if queue.finished:
            queue.join()
            self._queue = None
            if not self._stopping and any(entry.stand == "waiting" for entry in self._entries.values()):
                self.start(self._at_once)  # what was added in the meantime
        elif not self._reading and perf_counter() - self._read_at > ROUND:
            self._reading = True
            paths = [entry.path for entry in queue.entries if entry.stand == "running"]
            self._controller.jobs.do(lambda: self._progress.read(paths), self._seen, lambda error: self._seen(None))
        self._show()

    def _seen(self, _: object) -> None:
        self._reading, self._read_at = False, perf_counter()

    def _show(self) -> None:
        state, far = self.state, self._progress.far
        shown = (state, tuple(self._entries.values()), tuple(far.items()))
        if shown == self._shown:
            return
        self._shown = shown
        self._panel.show_runs([_run(entry, state, far.get(entry.path)) for entry in self._entries.values()], state)


class _ProgressReader:
    """How far searches are that other processes record. Used by the worker thread, but for `far`, which is replaced as
    a whole."""

    def __init__(self) -> None:
        self._readers: dict[Path, Reader] = {}
        self.far: dict[Path, tuple[float, Best | None]] = {}
        """Share that is done, and the best so far, by path."""

    def read(self, paths: Sequence[Path]) -> None:
        """Look into these sessions, and forget all others."""
        from engine.session import SessionError, read
        from engine.session.queries.best import best

        self._readers = {path: reader for path, reader in self._readers.items() if path in paths}
        found: dict[Path, tuple[float, Best | None]] = {}
        for path in paths:
            try:
                if path in self._readers:
                    self._readers[path].poll()
                else:
                    self._readers[path] = read(path)
            except (SessionError, OSError):
                continue  # it has not been begun, or is being closed: the next look will tell
            view = self._readers[path].view()
            rows = view.rows("progress")
            done = rows[-1]["done"] / rows[-1]["total"] if len(rows) and rows[-1]["total"] > 0 else math.nan
            found[path] = (float(done), best(view))
        self.far = found


def _searches(plan: "Plan", seeds: str, folder: Path) -> "list[Entry]":
    from engine.run.queue import entries, seeds_of

    return entries([plan], seeds_of(seeds) if seeds else None, folder)


def _run(entry: "Entry", state: str, far: "tuple[float, Best | None] | None") -> Run:
    """A search as the panel shows it."""
    shared = entry.plan.method.one_shot
    if entry.stand == "running":
        share, best = far or (math.nan, None)
        value, unit = (best.score, best.unit) if best is not None else (None, "")
        return Run(entry.path, "paused" if state == "paused" else "running", share, value, unit, shared=shared)
    found = entry.stand == "skipped"
    note = FOUND if found else entry.message
    state, best_score = "finished" if found else entry.stand, entry.best_score
    return Run(entry.path, state, math.nan, best_score, entry.unit, entry.evaluations, note, shared)
