"""Files in and out: sessions opened, copied and marked in a worker thread, plans and architectures read and written."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.settings import Settings
from engine.plan import Plan, dumps, load
from engine.words import short

if TYPE_CHECKING:
    from engine.session import Reader
    from engine.space import Space
    from engine.space.notations import Found

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any


class Jobs:
    """The window asks by `poll` whether something is done, so no worker ever touches Qt."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: deque[tuple[Future[Any], Callable[[Any], None], Callable[[Exception], None]]] = deque()

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def do(self, work: Callable[[], Any], then: Callable[[Any], None], fault: Callable[[Exception], None]) -> None:
        """Do `work` in the worker; a later `poll` gives its result to `then`, a ValueError or OSError to `fault`."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="files")
        self._waiting.append((self._pool.submit(work), then, fault))

    def poll(self) -> None:
        """Hand over what is done, in the thread that calls."""
        while self._waiting and self._waiting[0][0].done():
            future, then, fault = self._waiting.popleft()
            error = future.exception()
            if error is None:
                then(future.result())
            elif isinstance(error, ValueError | OSError):
                fault(error)
            else:
                raise error  # a fault of the program, for the log of faults

    def close(self) -> None:
        """Take no more work. What has been asked for is still done, in its own time."""
        self._waiting.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None


SESSIONS = "Session (*.h5 *.hdf5)"
PLANS = "Plan (*.toml)"
SESSION_KINDS = (".h5", ".hdf5")
SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_session(path: Path) -> bool:
    """Whether a file is meant to be a session, by its name, or by how it begins."""
    if path.suffix.lower() in SESSION_KINDS:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def new_path(folder: Path, name: str, now: datetime) -> Path:
    """The file of a new session: <plan>-<date-time>.h5, with a number where that exists already."""
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "session"
    path = folder / f"{stem}-{now:%Y%m%d-%H%M%S}.h5"
    number = 2
    while path.exists():
        path = path.with_name(f"{stem}-{now:%Y%m%d-%H%M%S}-{number}.h5")
        number += 1
    return path


class Files(QObject):
    """Opens and saves. What goes wrong is said in one line by `failed`, and changes nothing."""

    session_opened = Signal(object, object)  # Reader, Path
    plan_opened = Signal(object, object)  # Plan, Path
    found = Signal(object, object)  # list of what engine.space.notations found, Path
    log_imported = Signal(str)  # how far the log of a session that is opened goes
    space_opened = Signal(object, object)  # Space, Path
    marked = Signal(object, object)  # Reader of the file with the new mark, Path
    saved = Signal(object)  # Path
    failed = Signal(str)
    recent_changed = Signal()

    def __init__(self, settings: Settings, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._jobs = settings, jobs

    def open(self, path: Path) -> None:
        """Open whatever a file holds: a session, a plan, a space, architectures, or a log that a session is made of."""
        if is_session(path):
            self._do(lambda: _read(path), lambda reader: self._opened(self.session_opened, reader, path), path)
            return
        made = new_path(self._settings.sessions_folder, path.stem, datetime.now())
        self._do(lambda: _load(path, made), lambda found: self._text_opened(found, path), path)

    def save_session(self, source: Path, target: Path, whole: bool) -> None:
        """Copy a session file; one that is not `whole` (its writer was killed) is made whole on the way."""
        target = target if target.suffix else target.with_suffix(".h5")
        self._do(lambda: _copy(source, target, whole), lambda none: self._saved(target), target)

    def save_plan(self, plan: Plan, target: Path) -> None:
        """Write a plan as TOML."""
        target = target if target.suffix else target.with_suffix(".toml")
        self._do(lambda: _write(target, dumps(plan)), lambda none: self._saved(target), target)

    def mark(self, path: Path, at: float, note: str) -> None:
        """Leave a note in a closed session and read it again."""

        def work() -> "Reader":
            from engine.session import add_mark

            add_mark(path, at, note)
            return _read(path)

        self._do(work, lambda reader: self.marked.emit(reader, path), path)

    def remember(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        self._settings.remember(path)
        self.recent_changed.emit()

    def _do(self, work: Callable[[], object], then: Callable[[object], None], path: Path) -> None:
        self._jobs.do(work, then, lambda error: self._fail(error, path))

    def _opened(self, signal: SignalInstance, result: object, path: Path) -> None:
        self.remember(path)
        signal.emit(result, path)

    def _text_opened(self, found: object, path: Path) -> None:
        from engine.space.decisions import DecisionSpace

        match found:
            case Plan():
                self._opened(self.plan_opened, found, path)
            case DecisionSpace():
                self._opened(self.space_opened, found, path)
            case Imported():
                self._opened(self.session_opened, found.reader, found.path)
                self.log_imported.emit(f"{path.name}: {found.words}")
            case _:
                self._opened(self.found, found, path)

    def _saved(self, path: Path) -> None:
        self.remember(path)
        self.saved.emit(path)

    def _fail(self, error: Exception, path: Path) -> None:
        if not path.exists():
            self._settings.forget(path)
            self.recent_changed.emit()
        line = f"{error.strerror or error}" if isinstance(error, OSError) else str(error)
        self.failed.emit(line if path.name in line else f"{short(path)}: {line}")


def _read(path: Path) -> "Reader":
    from engine.session import read

    reader = read(path)
    reader.follow()  # returns at once where the session is closed; a writer may not have given a sign of life yet
    return reader


@dataclass(frozen=True)
class Imported:
    """A session that was made of a log, and in words how far that goes."""

    reader: "Reader"
    path: Path
    words: str


def _load(path: Path, made: Path) -> "Plan | Space | Imported | list[Found]":
    """What a file of text holds; of a log, a session is written to `made`."""
    from engine.space import files

    kind = path.suffix.lower()
    if kind == ".toml":
        if files.is_space(path):
            return files.load_space(path)
        return files.found(path) if files.is_architecture(path) else load(path)
    if kind == ".graphml":
        return files.found(path)
    from engine.space import finder, notations
    from engine.space.bounded_parsing import NotationError

    try:
        text = files.text(path, 2 * finder.MOST)
    except NotationError:
        raise ValueError(f"{path.name} is no session, and no text either") from None
    from engine.run import search_log

    if search_log.is_log(text):
        made.parent.mkdir(parents=True, exist_ok=True)
        words = search_log.record(text, made, path.stem)
        return Imported(_read(made), made, words)
    if not notations.holds_one(text):
        raise ValueError(f"{path.name} is neither a session nor a log of a search, and has none of {notations.TRIED}")
    return notations.find(text)


def _copy(source: Path, target: Path, whole: bool) -> None:
    from engine.session import copy, rescue

    if target.exists() and target.samefile(source):
        raise ValueError(f"{target.name} is the session itself; choose another name")
    (copy if whole else rescue)(source, target)


def _write(target: Path, text: str) -> None:
    part = target.with_name(target.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
