"""Images that a person drops on the window or names in the plan: looked at in a thread, shown, made into a plan."""

import threading
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.panels.plan import Plan as PlanPanel
from app.window.playback import Playback
from app.window.session_files import Jobs
from engine.plan import DataSettings, Plan
from engine.words import short

if TYPE_CHECKING:
    from engine.run.own_images import Preview
    from engine.session.queries.data_record import DataRecord


PAUSE = 0.5
"""Seconds without a change after which the folder in the plan is looked at: a path is typed letter by letter."""


class Cancelled(ValueError):  # noqa: N818 - a request, not an error
    """Nobody waits for these images any more."""


class _Look:
    """One look at images, carried out in a worker thread; `done` of `total` files have been read."""

    def __init__(self, path: Path, data: DataSettings | None) -> None:
        self.path, self.data = path, data
        self.done = self.total = 0
        self.cancelled = threading.Event()

    def work(self) -> "tuple[DataSettings, Preview]":
        from engine.run import own_images  # here, since it is not needed to paint the window

        data = self.data or own_images.settings_for(self.path)
        return data, own_images.look(data, self.tell)

    def tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.cancelled.is_set():
            raise Cancelled(f"{self.path.name} was not looked at to the end")


class DroppedImages(QObject):
    """Keeps the preview in the Plan panel that of the data of the plan, or of the session shown."""

    fitted = Signal(object)  # a plan for what was dropped
    changed = Signal()
    """Something else is known of the plan's data."""
    failed = Signal(str)

    def __init__(self, panel: PlanPanel, playback: Playback, parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._playback = panel, playback
        self._first = panel.plan  # of the program's start
        self._jobs = Jobs()
        self._look: _Look | None = None
        self._key: object = None  # of the data that was looked at last
        self._seen: Preview | None = None
        self._typed: tuple[object, float] = (None, 0.0)  # of the data that is being named, and since when
        self._shown: tuple[DataRecord | None, Preview | None] | None = None
        self._known: tuple[object, DataRecord | None] = (None, None)  # the last record, and what it is of
        panel.preview.cancelled.connect(self.cancel)
        panel.form.judge_by(self._faults)

    def open(self, path: Path) -> None:
        """Make a plan of a folder or file of images; what it cannot be is said in one line."""
        self._begin(_Look(path, None))

    def cancel(self) -> None:
        """Wait no longer for the images that are being read."""
        if self._look is not None:
            self._look.cancelled.set()
            self._look = None

    def poll(self) -> None:
        """Show what is new; to be called at every tick."""
        self._jobs.poll()
        plan, locked = self._panel.plan, self._panel.locked
        if locked or not self._own(plan) or _key(plan.data) == self._key:
            self._typed = (None, 0.0)
        elif self._typed[0] != _key(plan.data):
            self._typed = _key(plan.data), perf_counter()
        elif perf_counter() - self._typed[1] > PAUSE:
            self._begin(_Look(Path(plan.data.folder), plan.data))
        if self._look is not None:
            self._panel.preview.show_progress(self._look.path.name, self._look.done, self._look.total)
            return
        seen = self._seen if self._own(plan) and _key(plan.data) == self._key else None
        record = self._recorded() if locked else self._expected(plan)
        if self._shown is None or self._shown[0] is not record or self._shown[1] is not seen:
            self._shown = record, seen
            if record is None:
                self._panel.preview.clear()
            else:
                images = (seen.thumbnails, seen.opened) if seen is not None else ((), 0)
                self._panel.preview.show_record(record, *images, place=short(Path(plan.data.folder)) if seen else "")

    def close(self) -> None:
        """Take no more work."""
        self.cancel()
        self._jobs.close()

    def _begin(self, look: _Look) -> None:
        self.cancel()
        self._look, self._shown = look, None
        if look.data is not None:
            self._key = _key(look.data)  # also where it comes to nothing: a folder is looked at once
        self._jobs.do(look.work, lambda found: self._found(look, *found), lambda fault: self._failed(look, fault))

    def _found(self, look: _Look, data: DataSettings, seen: "Preview") -> None:
        if look is not self._look:
            return
        self._look = None
        plan = self._panel.plan
        if look.data is None:
            from engine.run import own_images

            try:
                plan = own_images.fitted(plan if own_images.looks_at_images(plan) else self._first, data, seen)
            except ValueError as fault:
                self.failed.emit(str(fault))
                return
        self._key, self._seen, self._known = _key(data), seen, (None, None)
        if look.data is None:
            self.fitted.emit(plan)
        self._panel.form.judge_by(self._faults)
        self.changed.emit()

    def _failed(self, look: _Look, fault: Exception) -> None:
        if look is not self._look:
            return
        self._look = None
        line = f"{fault.strerror}: {fault.filename}" if isinstance(fault, OSError) else str(fault)
        if look.data is None:
            self.failed.emit(line)
        else:
            self._panel.show_fault("data.folder", line)

    def _own(self, plan: Plan) -> bool:
        if not plan.data.folder:
            return False
        from engine.run import own_images

        return own_images.looks_at_images(plan)

    def _expected(self, plan: Plan) -> "DataRecord | None":
        """What a search by the plan would take, as far as it was looked at."""
        seen = self._seen
        if seen is None or not self._own(plan) or _key(plan.data) != self._key:
            return None
        if self._known[0] != plan.data:
            try:
                self._known = plan.data, seen.record(plan.data)
            except ValueError:
                self._known = plan.data, None  # the form says what is wrong
        return self._known[1]

    def _recorded(self) -> "DataRecord | None":
        """What the session shown has taken."""
        source = self._playback.source
        if source is None:
            return None
        from engine.session.queries.data_record import data_record

        of = (id(source), source.view().stamp("data"))
        if self._known[0] != of:
            self._known = of, data_record(source.view())
        return self._known[1]

    def _faults(self, plan: Plan) -> dict[str, str]:
        """What is wrong with a plan for its images, by dotted key."""
        if self._seen is None or not self._own(plan) or _key(plan.data) != self._key:
            return {}
        from engine.run import own_images

        return own_images.faults_with(plan, self._seen, self._expected(plan))


def _key(data: DataSettings) -> object:
    """What decides which images are read."""
    return type(data), data.folder, getattr(data, "part", None)
