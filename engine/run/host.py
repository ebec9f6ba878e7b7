"""Keeps a search running in the background: the interface that window and command line hold on to, and a thread."""

import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol

from engine.plan import Plan
from engine.run.controls import Controls
from engine.run.preflight import Ending, RunError, crashed, header_of, prepare
from engine.session import Recorder, SessionError, SessionSource
from engine.space.architecture import Architecture

State = Literal["starting", "running", "pausing", "paused", "stopping", "finished", "stopped", "failed"]

LAST_WORDS = 5.0
"""Seconds that writing may take where a search is abandoned."""


class Host(Protocol):
    """A search somewhere else: in a thread of this program, or, behind the same interface, in another process.

    Everything the search finds out arrives in the tables of `source`; the host only carries wishes to the search and
    says how it stands. A process host follows the file its engine writes (`engine.session.read(...).follow()`), so
    that `source` is a reader there and a recorder here, and sends pause, continue, stop and marks over a pipe. All
    members may be used from any thread, and none of them waits for the search, `join` excepted.
    """

    @property
    def source(self) -> SessionSource:
        """The session: complete up to now, and still there when the search has ended."""

    @property
    def state(self) -> State:
        """How the search stands. The last three are final and mean that the file is closed, too."""

    @property
    def message(self) -> str:
        """In one line why it failed, why it ended early, or why its file is not written any more; else empty."""

    @property
    def started(self) -> bool:
        """Whether the search came past its preparations (device found, data loaded, networks built)."""

    @property
    def finished(self) -> bool:
        """Whether the search has ended, however, and its session is closed."""

    def pause(self) -> None:
        """Wait between two batches, until `resume` or `stop`."""

    def resume(self) -> None:
        """Go on after `pause`."""

    def stop(self) -> None:
        """End within a batch and close the session; status "stopped"."""

    def abandon(self) -> None:
        """Write down what is recorded so far, for the program ends now, whatever the search is at; status
        "interrupted". Waits a few seconds at most."""

    def mark(self, at: float, note: str) -> None:
        """Put a note at the session's second `at`. Raises `SessionError` once the session is closed."""

    def hand_in(self, architecture: Architecture) -> None:
        """Have a sampling search score this architecture next, as a candidate of its own.

        Raises, in one line, `OutsideSpace` for an architecture that the searched space does not hold, and `RunError`
        where the search takes no candidates: it trains one network for all of them, or it has ended.
        """

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the session is closed, at most `timeout` seconds. Whether it is."""


class ThreadHost:
    """Runs the search in a thread of this process. See `Host` for the members."""

    def __init__(self, plan: Plan, path: Path | None, overwrite: bool = False) -> None:
        """Prepare and start; see `launch`."""
        prepare(plan, path, overwrite)
        self._plan = plan
        self._replaces = path is not None and path.exists()
        try:
            self._recorder = Recorder(header_of(plan), path, overwrite=overwrite)
        except SessionError as fault:
            raise RunError(str(fault)) from fault
        self._controls = Controls()
        self._started = False
        self._ending: Ending | None = None
        self._thread = threading.Thread(target=self._work, name="engine")
        self._thread.start()

    @property
    def source(self) -> SessionSource:
        return self._recorder

    @property
    def state(self) -> State:
        if self._ending:
            return self._ending.state
        wished = self._controls.state
        return "starting" if wished == "running" and not self._started else wished

    @property
    def message(self) -> str:
        return (self._ending.message if self._ending else "") or self._recorder.fault or ""

    @property
    def started(self) -> bool:
        return self._started

    @property
    def finished(self) -> bool:
        return self._ending is not None

    def pause(self) -> None:
        self._controls.pause()

    def resume(self) -> None:
        self._controls.resume()

    def stop(self) -> None:
        self._controls.stop()

    def abandon(self) -> None:
        with suppress(SessionError):  # it is closed, or just being closed
            self._recorder.status("interrupted", "ended before the search heeded")
        self._recorder.flush(LAST_WORDS)

    def mark(self, at: float, note: str) -> None:
        self._recorder.mark(at, note)

    def hand_in(self, architecture: Architecture) -> None:
        if self._plan.method.one_shot:
            raise RunError(f"{self._plan.method.title} proposes no candidates, so it takes none")
        if self.finished or self.state == "stopping":
            raise RunError("the search has ended; it takes no candidates any more")
        self._controls.hand_in(self._plan.space.encode(architecture))

    def join(self, timeout: float | None = None) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _begin(self) -> None:
        self._started = True

    def _work(self) -> None:
        recorder = self._recorder
        recorder.status("running", "starting")
        try:
            # By name, for this brings in torch: nothing that imports this module is to load it.
            ending = import_module("engine.run.loop").run(self._plan, recorder, self._controls, self._begin)
        except Exception as fault:  # torch itself does not load, or not on this machine
            ending = crashed(recorder, fault)
            recorder.status(ending.state, ending.message)
        if self._started or (ending.state == "stopped" and not self._replaces):
            recorder.close()
        else:  # nothing has come of it
            recorder.withdraw()
        self._ending = ending


def launch(plan: Plan, path: Path | None, overwrite: bool = False) -> ThreadHost:
    """Start `plan` in the background, recording to `path` (None: in memory only).

    An existing file is refused unless `overwrite`; then it is kept beside the new session until that is finished (see
    `engine.session.previous`), and put back where the search does not really start. A file that another program writes
    is refused in any case. What needs neither data nor device to be known is raised here, as `RunError` or `PlanError`;
    the rest ends in the state "failed" with a message. Both are one line.
    """
    return ThreadHost(plan, path, overwrite)
