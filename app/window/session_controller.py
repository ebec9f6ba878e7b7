"""What a person can do with searches, sessions and plans, and what follows from it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.panels.plan import Plan as PlanPanel
from app.settings import Settings
from app.window.dropped_images import DroppedImages
from app.window.playback import Playback
from app.window.session_files import PLANS, SESSIONS, Files, Jobs, new_path
from app.window.status_text import has_ended, plan_of
from engine.plan import Plan, missing
from engine.words import duration, short

if TYPE_CHECKING:
    from engine.run import Host
    from engine.session import Reader, SessionSource


class Search(QObject):
    """Holds the host of the last search. `changed` says that its state or its message is another one.

    The host goes on in a thread of its own. What is said here is how it stood at the last `poll`, so that everything
    that is shown between two of them agrees.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host: Host | None = None
        self.path: Path | None = None
        self.one_shot = False  # whether it trains one network and takes no candidates
        self.state = ""
        """How the search stands, in the host's words; "" before the first."""
        self.message = ""
        """What the host says of it, in one line."""
        self._reported: object = None

    @property
    def running(self) -> bool:
        """Whether a search is under way, paused ones included."""
        return bool(self.state) and not has_ended(self.state)

    def start(self, plan: "Plan", path: Path) -> None:
        """Start a search that records to `path`. Raises ValueError or OSError, in one line, when it cannot."""
        from engine.run import launch  # here, since it is not needed to paint the window

        path.parent.mkdir(parents=True, exist_ok=True)
        self.host = launch(plan, path)
        self.path, self.one_shot = path, plan.method.one_shot
        self.poll()

    def pause_or_continue(self) -> None:
        """Pause what runs, continue what is paused."""
        if self.host is not None:
            if self.state in ("pausing", "paused"):
                self.host.resume()
            else:
                self.host.pause()
            self.poll()

    def stop(self) -> None:
        """End the search within a batch and close its session."""
        if self.running and self.host is not None:
            self.host.stop()
            self.poll()

    def poll(self) -> None:
        """Look how the host stands; to be called at every tick."""
        if self.host is not None:
            self.state, self.message = self.host.state, self.host.message  # in this order: an ending has its message
        now = (self.host, self.state, self.message)
        if now != self._reported:
            self._reported = now
            self.changed.emit()


class SessionController(QObject):
    """Starts, opens, saves and marks; knows which session is shown, and why.

    `changed`: something else is possible or shown now. `reported`: one line and its level.
    """

    changed = Signal()
    reported = Signal(str, str)
    shown = Signal()
    """Another session is shown: one that has been opened, or started."""
    opened_elsewhere = Signal(object, object)
    """The Reader and the Path of a session that was opened while a search runs here: it is for a further window."""
    draft_replaced = Signal(object)
    """The plan that a person had edited, and that another plan has taken the place of."""

    def __init__(self, playback: Playback, plan: PlanPanel, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playback, self.plan, self.settings = playback, plan, settings
        self.search, self.jobs = Search(self), Jobs()
        self.files = Files(settings, self.jobs, self)
        self.images = DroppedImages(plan, playback, self)
        self.path: Path | None = None  # of the session shown
        self.recorded_plan: Plan | None = None  # of the session shown
        self._reader: Reader | None = None  # of the session shown, where it comes from a file
        self._own = False  # whether the session shown was made by this window's search
        self.search.changed.connect(self._search_changed)
        self.files.session_opened.connect(self._session_opened)
        self.files.plan_opened.connect(self._plan_opened)
        self.files.marked.connect(self._marked)
        self.files.saved.connect(lambda path: self.reported.emit(f"Saved as {short(path)}", "info"))
        self.files.failed.connect(self._complain)
        self.files.log_imported.connect(lambda words: self.reported.emit(words, "info"))
        self.images.fitted.connect(self.show_plan)
        self.images.failed.connect(self._complain)
        self.images.changed.connect(self.changed)
        plan.plan_changed.connect(lambda edited: self.changed.emit())
        plan.copy_requested.connect(lambda: self.show_plan(plan.plan))
        plan.shown.connect(self.changed)

    # -- how things stand

    @property
    def state(self) -> str:
        """How the session shown stands: the host's words for a search of this window, else what its file says."""
        if self.playback.source is None:
            return ""
        if self._own:
            return self.search.state
        from engine.session.queries.summary import status

        return status(self.playback.source.view())

    @property
    def obstacle(self) -> str:
        """Why no search can be started now, in one line; "" when one can."""
        if self.search.running:
            return "A search is running; stop it first."
        return f"The plan cannot be started: {self.plan.fault}" if self.plan.fault else ""

    # -- searches

    def start(self) -> None:
        """Start a search with the plan as it stands, and show it live."""
        if self.obstacle:
            return
        plan = self.plan.plan
        path = new_path(self.settings.sessions_folder, plan.name, datetime.now())
        try:
            self.search.start(plan, path)
        except (ValueError, OSError) as error:
            self._cannot_start(error)
            return
        assert self.search.host is not None
        self._put(self.search.host.source, path, plan, own=True)
        self.plan.follow_search(plan)
        self.changed.emit()

    def _cannot_start(self, error: Exception) -> None:
        line = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        key = getattr(error, "key", "") or line.partition(":")[0]
        if self.plan.show_fault(key, line):
            self.plan.show_setting(key)
        else:
            self._complain(f"The search could not start. {self.plan.form.in_words(line)}")

    def _search_changed(self) -> None:
        search = self.search
        if search.host is not None and not search.running:
            self.plan.follow_search(None)
            self._say_how_it_ended()
            if search.path is not None and search.path.exists():
                self.files.remember(search.path)
        self.changed.emit()

    def _say_how_it_ended(self) -> None:
        """One line on the end of a search, whichever the method: how, how good, and why where it was not as planned."""
        search, source = self.search, self.search.host.source if self.search.host is not None else None
        if source is None:
            return
        from engine.session.queries.best import best_in_words

        key = search.message.split(" ")[0].rstrip(":")
        if search.state == "failed" and self.recorded_plan == self.plan.draft and key in self.plan.form.rows:
            self.plan.show_fault(key, search.message)
            self.plan.show_setting(key)
        words = best_in_words(source.view())
        said = [f"The search {search.state}", f": {self.plan.form.in_words(search.message)}" if search.message else ""]
        said += [f", after {duration(source.end)}", f", {words}" if words else ""]
        as_planned = search.state == "stopped" or (search.state == "finished" and not source.fault)
        self.reported.emit("".join(said if search.state != "failed" else said[:2]), "info" if as_planned else "error")

    # -- sessions

    def open(self, path: Path) -> None:
        """Open images or whatever else a file holds; a session in a further window while a search runs in this one."""
        from engine.run.own_images import are_images  # here, since it is not needed to paint the window

        if are_images(path):
            self.images.open(path)
        else:
            self.files.open(path)

    def _session_opened(self, reader: "Reader", path: Path) -> None:
        if self.search.running:
            self.opened_elsewhere.emit(reader, path)
        else:
            self.take(reader, path)

    def take(self, reader: "Reader", path: Path) -> None:
        """Show a session that has been read."""
        plan = plan_of(reader.header)
        self._put(reader, path, plan, own=False)
        self._reader = reader
        if plan is not None:
            self.plan.show_plan(plan, "opened")
        else:
            what = "This version cannot read the session's plan"
            if unknown := missing(reader.header.plan):
                what = f"Not known here: {', '.join(unknown)}; --plugin FILE.py at the start brings it"
            self.reported.emit(f"{what}; everything else is shown.", "info")
        self.changed.emit()

    def _put(self, source: "SessionSource", path: Path, plan: Plan | None, own: bool) -> None:
        """Show another session."""
        self.release()
        self.playback.show(source)
        self.path, self.recorded_plan, self._own = path, plan, own
        self.shown.emit()

    def close_session(self) -> None:
        """Show no session any more, and the draft of the next search again."""
        if self.search.running:
            self._complain("A search is running: stop it before you close its session.")
            return
        self.release()
        self.playback.show(None)
        self.path, self.recorded_plan, self._own = None, None, False
        self.plan.edit(self.plan.draft)
        self.changed.emit()

    def release(self) -> None:
        """Stop following the file that is shown, if it is followed."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def save_session(self, target: Path) -> None:
        """Save a copy of the session shown."""
        source = self.playback.source
        if source is None or self.path is None:
            return
        if source.live:
            self._complain(f"The session is still being written to {short(self.path)}; save a copy when it has ended.")
        else:
            self.files.save_session(self.path, target, whole=self.state != "interrupted")

    def mark(self, at: float, note: str) -> None:
        """Set a mark in the session shown, while it is written or afterwards."""
        source = self.playback.source
        if source is None or self.path is None:
            return
        if self._own and self.search.running and self.search.host is not None:
            self.search.host.mark(at, note)
        elif source.live:
            self._complain("Another program is writing this session; marks can be set when it has ended.")
        elif source.fault:
            self._complain(f"The mark was not set: {source.fault}")
        else:
            self.files.mark(self.path, at, note)

    def _marked(self, reader: "Reader", path: Path) -> None:
        """The same session with one more mark: nothing else may change."""
        if path != self.path or self.search.running:
            reader.close()
            return
        cursor, selection, playing = self.playback.cursor, self.playback.selection, self.playback.playing
        self.release()
        self._reader = reader
        self.playback.show(reader, cursor)
        self.playback.select(selection)
        self.playback.playing = playing

    # -- plans

    def show_plan(self, plan: Plan) -> None:
        """Take another plan, to be edited and started, now or after the search that runs."""
        before, edited = self.plan.draft, self.plan.edited
        self.plan.show_plan(plan)
        if edited and before != plan:
            self.draft_replaced.emit(before)

    def _plan_opened(self, plan: Plan, path: Path) -> None:
        self.reported.emit(f"Plan {plan.name} from {short(path)}", "info")
        self.show_plan(plan)

    # -- the window's clock, and its end

    def poll(self) -> None:
        """See whether the search or a file has something new to say; to be called at every tick."""
        self.search.poll()
        self.jobs.poll()
        self.images.poll()

    def leave(self) -> None:
        """Let go of the files; the search must have ended."""
        self.release()
        self.images.close()
        self.jobs.close()

    def _complain(self, line: str) -> None:
        self.reported.emit(line, "error")


IMAGES = "Images as downloaded (*.npz *.tar.gz *.tgz *-ubyte *-ubyte.gz)"
TEXTS = "*.toml *.graphml *.txt *.log *.py *.json *.sh"
ALL = f"*.h5 *.hdf5 {TEXTS} *.npz *.tar.gz *.tgz *-ubyte *-ubyte.gz"


class FileDialogs:
    """Each asks, and hands what was chosen to the controller; nothing happens when it is dismissed."""

    def __init__(self, controller: SessionController, window: QWidget) -> None:
        self._controller, self._window, self._settings = controller, window, controller.settings

    def open(self) -> None:
        path = self._controller.path
        folder = str(path.parent if path else self._settings.sessions_folder)
        kinds = f"All that can be opened ({ALL});;{SESSIONS};;{PLANS};;{IMAGES};;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", folder, kinds)
        if name:
            self._controller.open(Path(name))

    def open_images(self) -> None:
        begin = self._controller.plan.plan.data.folder or str(Path.home())
        name = QFileDialog.getExistingDirectory(self._window, "Folder of images", begin)
        if name:
            self._controller.open(Path(name))

    def save_session(self) -> None:
        proposal = str(self._controller.path or self._settings.sessions_folder / "session.h5")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save session as", proposal, SESSIONS)
        if name:
            self._controller.save_session(Path(name))

    def save_plan(self) -> None:
        plan = self._controller.plan
        proposal = str(self._settings.sessions_folder / f"{plan.plan.name}.toml")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save plan as", proposal, PLANS)
        if name:
            self._controller.files.save_plan(plan.plan, Path(name))

    def sessions_folder(self) -> None:
        begin = str(self._settings.sessions_folder)
        name = QFileDialog.getExistingDirectory(self._window, "Folder for new sessions", begin)
        if name:
            self._settings.sessions_folder = Path(name)
            self._controller.changed.emit()
