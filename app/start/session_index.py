"""What is known of the sessions in a folder without opening them, and what people have noted about them. Without Qt.

What files hold is remembered in an index, a file in the user's cache that can be lost at any time. Names, tags and
notes are people's own: they are kept in a file beside the sessions, and the sessions themselves are never written.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from engine import plugins
from engine.plan import PlanError, loads_recorded
from engine.words import count, duration, first_line, score

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from engine.session import View
    from engine.space.architecture import Architecture

SUFFIXES = (".h5", ".hdf5")
MOST = 20_000
"""So many files of a folder are listed at the most."""
DEPTH = 2
"""Folders within the folder that are looked into: those of queues, say."""
NOTES = "session-notes.json"
"""The file beside the sessions."""

PATIENCE, START = 20.0, 120.0
"""Seconds that a file may take to be read, and the process that reads may take to come up."""
MEMORY = 4 << 30
"""Bytes that it may take."""
LONGEST_NOTE = 1000
"""Characters of a note."""

_LARGEST = 1 << 26  # bytes of an index or of notes that are still read
_VERSION = 1  # of the index
_LONGEST = 200  # characters of a name or a title, which may come from a stranger
_MOST_TAGS = 20
_PICTURE = 1 << 14  # characters of an architecture that are remembered; larger ones are too large to be drawn
_CURVE = 48  # points of a curve that are remembered
_UNSTABLE = ("", "running", "paused")  # such a session says something else later, with nothing written to its file
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session file. `file` is its path within the folder, `size` in bytes, `changed` its time of change in ns.

    The rest is empty until it has been read: `status` (or `fault`, why it cannot be read), its id, the plan's name,
    method, space and data in words, when the search began (seconds since 1970), how long it went on (s), how many
    candidates it scored, the best score, the course of that in a few points, and the architecture as JSON.
    """

    file: str
    size: int
    changed: int
    status: str = ""
    fault: str = ""
    id: str = ""
    plan: str = ""
    method: str = ""
    space: str = ""
    data: str = ""
    began: float = 0.0
    seconds: float = 0.0
    evaluations: int = 0
    best: float | None = None
    unit: str = ""
    curve: tuple[float, ...] = ()
    architecture: str = ""

    @property
    def known(self) -> bool:
        """Whether the file has been read, with success or without."""
        return bool(self.status or self.fault)

    @property
    def since(self) -> float:
        """When the search began, or when the file was changed last, in seconds since 1970."""
        return self.began or self.changed / 1e9

    @property
    def score(self) -> str:
        """The best score with its unit, or ""."""
        return "" if self.best is None else score(self.best, self.unit)

    @property
    def about(self) -> str:
        """Method, and data or else the space: DARTS · Digits."""
        return " · ".join(filter(None, (self.method, self.data or self.space)))

    def standing(self, now: float) -> str:
        """How the session stands, and since when: finished · yesterday · 1 min 56 s."""
        lasted = duration(self.seconds) if self.seconds else ""
        done = count(self.evaluations, "candidate") if self.evaluations else ""
        return " · ".join(filter(None, (self.status or "cannot be read", when(self.since, now), lasted, done)))


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What people have noted about a session: another name for it, tags, and a line. `id` is the session's own, by
    which it is known again under another file name."""

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    id: str = ""


class _Index(msgspec.Struct):
    version: int
    entries: list[Entry]


class SessionIndex:
    """The sessions of a folder. For one thread, which may be any: everything here reads files."""

    def __init__(self, folder: Path, cache: Path, read: Callable[[Path, Entry], Entry] | None = None) -> None:
        """`cache`: the folder in which the index is kept. `read`: how a file is read, such as by a `FileReader`, if not
        here. Nothing is read yet."""
        self.folder = folder
        self._read = read or read_entry
        self.path = cache / f"sessions-{sha256(str(folder.absolute()).encode()).hexdigest()[:16]}.json"
        self.due: list[str] = []
        """Files that are new or have changed, and sessions that may have ended meanwhile."""
        self._known: dict[str, Entry] = {}
        self._saved: dict[str, Entry] | None = None

    def scan(self, again: bool = False) -> list[Entry]:
        """Every session file there is, the last changed first, with what was known of it last; `due` has to be read.

        `again`: doubt also what was found to be damaged. A folder that cannot be read has no sessions.
        """
        if self._saved is None:
            self._known = self._saved = self._load()
        found, new, unstable = {}, [], []
        for file, size, changed in _files(self.folder, self.folder, DEPTH):
            entry = self._known.get(file) or Entry(file=file, size=size, changed=changed)
            if (entry.size, entry.changed) != (size, changed) or not entry.known or (again and entry.fault):
                new.append(file)
            elif entry.status in _UNSTABLE and not entry.fault:
                unstable.append(file)
            found[file] = msgspec.structs.replace(entry, size=size, changed=changed)
            if len(found) >= MOST:
                break
        new.sort(key=lambda file: -found[file].changed)
        self._known, self.due = found, [*new, *unstable]
        return sorted(found.values(), key=lambda entry: -entry.changed)

    def read(self, seconds: float) -> list[Entry]:
        """Read files that are due, and stop after so many seconds. With the last of them, the index is written."""
        until = perf_counter() + seconds
        found: list[Entry] = []
        while self.due and (not found or perf_counter() < until):
            entry = self._read(self.folder, self._known[self.due[0]])
            self._known[entry.file] = entry
            del self.due[0]
            found.append(entry)
        if not self.due:
            self.save()
        return found

    def save(self) -> None:
        """Write the index, if there is anything new. Without a place for it everything is read again next time."""
        unsure = set(self.due)
        known = {
            file: entry for file, entry in self._known.items() if entry.status not in _UNSTABLE and file not in unsure
        }
        if self._saved is not None and known != self._saved:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                _write(self.path, msgspec.json.encode(_Index(_VERSION, list(known.values()))))
            except OSError:
                return
            self._saved = known

    def _load(self) -> dict[str, Entry]:
        try:
            index = msgspec.json.decode(_bytes(self.path), type=_Index)
        except (OSError, ValueError, RecursionError):  # gone, damaged or of another version: the files know it all
            return {}
        return {entry.file: entry for entry in index.entries if index.version == _VERSION and entry.status}


class FileReader:
    """Reads sessions in a process of its own: nobody has asked for those of the folder to be opened, and a stranger's
    file can end, hold up or fill the process in which HDF5 reads it. For one thread, but for `end`."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._ended = False

    def read(self, folder: Path, entry: Entry) -> Entry:
        """What a file holds, as `read_entry` says. Raises OSError where no process can be had."""
        pipe = self._pipe or self._start()
        try:
            pipe.send_bytes(msgspec.json.encode((str(folder), entry)))
            if not pipe.poll(PATIENCE):
                raise TimeoutError
            return msgspec.json.decode(pipe.recv_bytes(), type=Entry)
        except TimeoutError:
            fault = "takes too long to be read"
        except (OSError, EOFError, ValueError):
            fault = "is damaged: whoever reads it fails"
        self.rest()
        return Entry(file=entry.file, size=entry.size, changed=entry.changed, fault=fault)

    def rest(self) -> None:
        """Nothing is to be read for now."""
        if self._pipe is not None and self._process is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process = self._pipe = None

    def end(self) -> None:
        """Read no more; from any thread."""
        self._ended = True
        if (process := self._process) is not None:
            process.kill()

    def _start(self) -> "Connection":
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, plugins.loaded()), name="sessions", daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        with suppress(EOFError):
            if not self._ended and ours.poll(START):
                ours.recv_bytes()
                return ours
        self.rest()
        raise OSError("The process that reads sessions has not come up")


def _serve(pipe: "Connection", known: tuple[str, ...]) -> None:
    """In the process that reads: answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for file in known:
        with suppress(plugins.PluginError):
            plugins.load(file)
    import engine.session.hdf5_reader  # noqa: F401 - before memory is limited

    with suppress(ImportError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(EOFError, OSError):
        pipe.send_bytes(b"ready")
        while True:
            folder, entry = msgspec.json.decode(pipe.recv_bytes(), type=tuple[str, Entry])
            pipe.send_bytes(msgspec.json.encode(read_entry(Path(folder), entry)))


def read_entry(folder: Path, entry: Entry) -> Entry:
    """What a session file holds, in short; whatever is wrong with it is said in `fault`."""
    from engine.session import TABLES, read, summary  # with numpy and HDF5, which the window is painted without

    wanted = {"series", "scalars", "derived", "candidates", "scores", "status", "progress", "heartbeat"}
    blank = Entry(file=entry.file, size=entry.size, changed=entry.changed)
    path = folder / entry.file
    try:
        reader = read(path, without=frozenset(TABLES) - wanted)
        view, header = reader.view(), reader.header
        found = summary(view)
        best = found.best_score
        plan, method, space, data = _words(header.plan) or ("", header.method, header.space, "")
        return msgspec.structs.replace(
            blank,
            status=found.status,
            id=_line(header.id),
            plan=_line(plan),
            method=_line(method),
            space=_line(space),
            data=_line(data),
            began=_moment(header.created),
            seconds=reader.end if isfinite(reader.end) else 0.0,
            evaluations=found.evaluations,
            best=best if best is not None and isfinite(best) else None,
            unit=_line(found.unit),
            curve=_curve(view),
            architecture=_picture(found.architecture),
        )
    except OSError as error:
        fault = error.strerror or first_line(error)
    except Exception as error:  # of a stranger's file nothing is certain, and one of them must not hide the others
        fault = first_line(error)
    return msgspec.structs.replace(blank, fault=_line(fault.replace(str(path), "").strip(" :") or "cannot be read"))


def load_notes(folder: Path) -> dict[str, Note]:
    """What is noted about the sessions of a folder, by file. Raises ValueError where it cannot be read."""
    path = folder / NOTES
    try:
        return msgspec.json.decode(_bytes(path), type=dict[str, Note])
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ValueError(f"{NOTES} cannot be read ({error.strerror}); names, tags and notes are missing") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{NOTES} is damaged: mend it or move it away; until then nothing can be noted") from None


def save_note(folder: Path, file: str, note: Note) -> dict[str, Note]:
    """Note something about a session; everything that is noted by now. Raises ValueError or OSError, and writes nothing
    over notes that cannot be read."""
    notes = load_notes(folder)
    if note == Note(id=note.id):
        notes.pop(file, None)
    else:
        notes[file] = note
    _write(folder / NOTES, msgspec.json.format(msgspec.json.encode(notes), indent=1))
    return notes


def notes_of(entries: Iterable[Entry], notes: Mapping[str, Note]) -> dict[str, Note]:
    """The note of every session: by its file, or by its id where the file that the note was made for is gone."""
    entries = list(entries)
    files = {entry.file for entry in entries}
    lost = {note.id: note for file, note in notes.items() if file not in files and note.id}
    found = {entry.file: notes.get(entry.file) or lost.get(entry.id) for entry in entries}
    return {file: _shown(note) for file, note in found.items() if note is not None}


def _shown(note: Note) -> Note:
    """A note that may have been written by anybody, as it can be shown."""
    tags = tuple(filter(None, map(_line, note.tags[:_MOST_TAGS])))
    return Note(name=_line(note.name), tags=tags, note=_line(note.note, LONGEST_NOTE), id=note.id)


def when(moment: float, now: float) -> str:
    """How long ago a moment is, as one says it; both in seconds since 1970."""
    try:
        then, today = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    except (ValueError, OverflowError, OSError):
        return ""
    days = (today.date() - then.date()).days
    if days <= 0:
        ago = now - moment
        return "just now" if ago < 60 else f"{int(ago / 60)} min ago" if ago < 3600 else f"{int(ago / 3600)} h ago"
    if days < 7:
        return "yesterday" if days == 1 else _DAYS[then.weekday()]
    return f"{then.day} {_MONTHS[then.month - 1]}" + (f" {then.year}" if then.year != today.year else "")


def _files(folder: Path, root: Path, depth: int) -> Iterator[tuple[str, int, int]]:
    """The session files in a folder: path within the root, size, time of change."""
    try:
        with os.scandir(folder) as found:
            for each in found:
                try:
                    if each.name.startswith("."):
                        continue
                    if each.name.lower().endswith(SUFFIXES):
                        name = Path(each.path).relative_to(root).as_posix()
                        if each.is_file() and name.isprintable():  # a name that is no text could not be written down
                            stat = each.stat()
                            yield name, stat.st_size, stat.st_mtime_ns
                    elif depth > 1 and each.is_dir(follow_symlinks=False):
                        yield from _files(Path(each.path), root, depth - 1)
                except OSError:
                    continue  # gone meanwhile
    except OSError:
        return


def _words(plan: str) -> tuple[str, str, str, str] | None:
    """The plan's name, method, space and data as the program calls them; None where the plan is not known here."""
    try:
        found = loads_recorded(plan)
    except PlanError:
        return None
    looked_up = found.evaluator is not None and not found.evaluator.needs_data
    return found.name, found.method.title, found.space.title, "" if looked_up else found.data.title


def _moment(created: str) -> float:
    try:
        moment = datetime.fromisoformat(created)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _curve(view: "View") -> tuple[float, ...]:
    """The best so far over the evaluations, or the score after each epoch, in a few points."""
    import numpy as np

    from engine.session.queries.best import best_rows, is_one_shot
    from engine.session.queries.series import SeriesFold
    from engine.session.schema import EPOCH_SCORE

    if is_one_shot(view):
        fold = SeriesFold(view.source)
        numbers = [series.number for series in fold.series(view) if series.name == EPOCH_SCORE]
        values = fold.curve(view, numbers[0]).value if numbers else np.empty(0)
    else:
        rows = best_rows(view)
        values = view.rows("scores")["score"][rows[rows >= 0]]
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    places = np.linspace(0, len(values) - 1, min(len(values), _CURVE)).round().astype(int)
    return tuple(float(f"{value:.6g}") for value in values[places])


def _picture(architecture: "Architecture | None") -> str:
    from engine.space.architecture import to_bytes

    text = "" if architecture is None else to_bytes(architecture).decode()
    return text if len(text) <= _PICTURE else ""


def _line(text: str, longest: int = _LONGEST) -> str:
    """A short text in one line of characters that can be shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:longest]).split())


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{path.name} is larger than {_LARGEST:,} bytes")
    return data


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
