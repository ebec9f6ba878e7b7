"""When the start page is shown, and what is done for it: sessions are read, noted about and thrown away in a worker."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEvent, QFile, QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from app.settings import data_folder
from app.start.session_cards import picture_of
from app.start.session_index import Entry, FileReader, Note, SessionIndex, load_notes, notes_of, save_note
from app.start.start_page import StartPage, examples
from app.window.session_controller import FileDialogs, SessionController
from app.window.session_files import Jobs
from engine.plan import Plan
from engine.words import count, short

BENCHMARK = "evolution-nb201"
DIGITS = "darts-digits"
ROUND = 2.0  # seconds between two looks into the folder
TURN = 0.1  # seconds of reading after which what has been found is shown
PICTURES = 8  # that are made at a time


class StartController(QObject):
    """Keeps the page over everything below the bar on top, as long as it is shown.

    What is behind stays as it is; what is meant for it (a session, a plan, a mode, a panel) makes the page go away.
    """

    def __init__(
        self,
        window: QMainWindow,
        top: QWidget,
        controller: SessionController,
        dialogs: FileDialogs,
        presets: dict[str, Plan],
        show_space: Callable[[], None],
        compare: Callable[[list[Path]], None],
    ) -> None:
        super().__init__(window)
        self._window, self._top, self._controller, self._dialogs = window, top, controller, dialogs
        self._presets, self._show_space, self._compare = presets, show_space, compare
        self._jobs, self._reader = Jobs(), FileReader()
        self._index: SessionIndex | None = None
        self._notes: dict[str, Note] = {}
        self._complaint = ""
        self._scanned_at, self._again = 0.0, True
        self._thrown: list[tuple[Path, Path]] = []  # from where, and where they lie now
        self._meant: object = None
        self.begins = True
        """Whether a window begins with the page: not where it is about to open something."""
        self.page = page = StartPage(window)
        page.hide()
        page.begun.connect(self._begin)
        page.opened.connect(self._open)
        page.left.connect(lambda: self.leave() if controller.playback.source is not None else None)
        page.folder_requested.connect(dialogs.sessions_folder)
        page.compare_requested.connect(lambda files: self._go(lambda: compare([self._path(file) for file in files])))
        page.model.noted.connect(self._note)
        page.delete_requested.connect(self._throw_away)
        page.undo_requested.connect(self._bring_back)
        controller.changed.connect(self._follow)
        files = controller.files
        for brought in (files.plan_opened, files.found, files.space_opened, controller.images.fitted):
            brought.connect(self.leave)
        controller.playback.also(self._tick)
        for watched in (window, top):
            watched.installEventFilter(self)

    # -- shown or not

    @property
    def shown(self) -> bool:
        return not self.page.isHidden()

    def covers(self, widget: QWidget) -> bool:
        """Whether a widget of the window is behind the page."""
        beside = self.page, self._top
        return self.shown and widget.window() is self._window and not any(each.isAncestorOf(widget) for each in beside)

    def show(self) -> None:
        """Show the page, and look into the folder anew."""
        self._meant = self._what_is_meant()
        self._again, self._scanned_at = True, 0.0
        self._place()
        self.page.show()
        self.page.raise_()
        self.page.take_focus()

    def leave(self, *_: object) -> None:
        """Show what is behind the page."""
        if self.shown:
            focused = self.page.isAncestorOf(self._window.focusWidget()) if self._window.focusWidget() else False
            self.page.hide()
            self._jobs.do(self._reader.rest, lambda none: None, self._fail)
            if focused and (behind := self._window.centralWidget()) is not None:
                behind.setFocus()

    def _go(self, do: Callable[[], object]) -> None:
        self.leave()
        do()

    def _what_is_meant(self) -> object:
        return id(self._controller.playback.source), self._controller.plan.plan

    def _follow(self) -> None:
        """Leave when another session or plan is meant than when the page was shown."""
        if self.shown and self._what_is_meant() != self._meant:
            self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Move) and self.shown:
            self._place()
        return False

    def _place(self) -> None:
        top = self._top.mapTo(self._window, self._top.rect().bottomLeft()).y() + 1
        self.page.setGeometry(0, top, self._window.width(), self._window.height() - top)

    # -- ways to begin

    def _begin(self, way: str) -> None:
        controller = self._controller
        match way:
            case "digits" | "benchmark":
                self._go(lambda: controller.show_plan(self._presets[DIGITS if way == "digits" else BENCHMARK]))
            case "images":
                self._dialogs.open_images()
            case "space":
                self._go(self._show_space)
            case "file":
                self._dialogs.open()

    def _open(self, file: str) -> None:
        path = self._path(file)
        if path == self._controller.path and self._controller.playback.source is not None:
            self.leave()
        else:
            self._controller.open(path)

    def _path(self, file: str) -> Path:
        assert self._index is not None
        return self._index.folder / file

    # -- what is in the folder

    def _tick(self) -> None:
        """Show what the worker has found, and give it more to do."""
        self._follow()
        if self.page.cards.writing:
            return
        self._jobs.poll()
        if not self.shown or self._jobs.busy:
            return
        folder = self._controller.settings.sessions_folder
        if self._index is None or self._index.folder != folder:
            self._index = SessionIndex(folder, self._controller.settings.cache_folder, self._reader.read)
            self._again, self._scanned_at, self._thrown = True, 0.0, []
            self.page.say("")
        index, page, jobs = self._index, self.page, self._jobs
        if wanted := sorted(page.cards.wanted)[:PICTURES]:
            jobs.do(lambda: {each: picture_of(each) for each in wanted}, page.cards.add_pictures, self._fail)
        elif perf_counter() - self._scanned_at > ROUND:
            self._scanned_at = perf_counter()
            jobs.do(partial(_look, index, self._again), partial(self._show, index), self._fail)
            self._again = False
        elif index.due:
            jobs.do(lambda: index.read(TURN), page.update_sessions, partial(self._cannot_read, index))

    def _show(self, index: SessionIndex, found: tuple[list[Entry], dict[str, Note], str]) -> None:
        if index is not self._index:
            return
        entries, self._notes, complaint = found
        page, place = self.page, short(index.folder)
        if complaint != self._complaint:
            self._complaint = complaint
            page.say(complaint)
        notes = notes_of(entries, self._notes)
        if (place, entries, notes) != (page.place, list(page.model.entries.values()), page.model.notes):
            first = not page.model.entries
            page.show_sessions(place, entries, notes)
            if first and page.isAncestorOf(self._window.focusWidget() or self._window):
                page.take_focus()
            if not entries:
                self._jobs.do(examples, page.show_pictures, self._fail)
        else:
            page.show_time()

    def _cannot_read(self, index: SessionIndex, error: Exception) -> None:
        index.due.clear()  # until the next look into the folder
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        path = getattr(error, "filename", None)
        self.page.say(f"{getattr(error, 'strerror', '')}: {path}" if path else str(error))

    # -- what people do with them

    def _note(self, file: str, note: Note) -> None:
        index = self._index
        assert index is not None

        def noted(notes: dict[str, Note]) -> None:
            self._notes = notes
            self.page.show_notes(notes_of(self.page.model.entries.values(), notes))

        self._jobs.do(lambda: save_note(index.folder, file, note), noted, self._fail)

    def _throw_away(self, files: list[str]) -> None:
        """Move sessions to the trash, unless they are being written."""
        running = [file for file in files if self.page.model.entries[file].status in ("running", "paused")]
        if running:
            self.page.say(
                f"{self.page.model.name(self.page.model.entries[running[0]])} is being written: stop it first."
            )
        elif files:
            names = [self.page.model.name(self.page.model.entries[file]) for file in files]
            what = names[0] if len(names) == 1 else count(len(names), "session")
            paths = [self._path(file) for file in files]
            self._jobs.do(lambda: _move_to_trash(paths), partial(self._thrown_away, what, len(paths)), self._fail)

    def _thrown_away(self, what: str, wanted: int, thrown: list[tuple[Path, Path]]) -> None:
        self._thrown, self._scanned_at = thrown, 0.0
        if len(thrown) == wanted:
            verb = "was" if wanted == 1 else "were"
            self.page.say(f"{what} {verb} moved to the trash.", undo=all(place.name for _, place in thrown))
        else:
            left = count(wanted - len(thrown), "file")
            self.page.say(f"The trash did not take {left}, still where they were: there may be none for this folder.")

    def _bring_back(self) -> None:
        thrown, self._thrown = self._thrown, []

        def back(none: None) -> None:
            self._scanned_at = 0.0
            self.page.say("")

        self._jobs.do(lambda: _restore(thrown), back, self._fail)

    def end(self) -> None:
        """Keep what is known, and let go of the worker; the window closes."""
        self._reader.end()
        if self._index is not None:
            self._jobs.do(self._index.save, lambda none: None, self._fail)
        self._jobs.do(self._reader.rest, lambda none: None, self._fail)
        self._jobs.close()


def _look(index: SessionIndex, again: bool) -> tuple[list[Entry], dict[str, Note], str]:
    """The sessions of a folder, what is noted about them, and what is wrong with the notes."""
    entries = index.scan(again)
    try:
        return entries, load_notes(index.folder), ""
    except ValueError as error:
        return entries, {}, str(error)


def _move_to_trash(paths: list[Path]) -> list[tuple[Path, Path]]:
    """From where and to where the files were moved that the trash took; the second is empty where it does not say."""
    thrown = []
    with suppress(OSError):  # Qt makes the trash, but not the user's data folder that it lies in
        data_folder().parent.mkdir(parents=True, exist_ok=True)
    for path in paths:
        file = QFile(str(path))
        if file.moveToTrash():
            thrown.append((path, Path(file.fileName()) if file.fileName() != str(path) else Path()))
    return thrown


def _restore(thrown: list[tuple[Path, Path]]) -> None:
    """Move files out of the trash to where they were. Raises OSError where something stands there meanwhile."""
    for path, place in thrown:
        if path.exists():
            raise FileExistsError(17, "A file stands there meanwhile; the session stays in the trash", str(path))
        shutil.move(place, path)
        # Where the desktop remembers what lies in its trash (freedesktop.org, Trash specification 1.0).
        (place.parent.parent / "info" / f"{place.name}.trashinfo").unlink(missing_ok=True)
