"""What stood where a new session is written: kept beside it as S.h5.previous (-2, -3, ...) until the new one is whole.

All of it is done under the session's lock.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from engine.session.queries.summary import status
from engine.session.schema import SessionError

_SUFFIX = ".previous"


@dataclass(frozen=True)
class Previous:
    """What stood at `path`, under the name it is kept by; `kept` is None where nothing stood there."""

    path: Path
    kept: Path | None

    def restore(self) -> None:
        """Put it back in its place, and with that remove what has come there since."""
        if self.kept is None:
            self.path.unlink(missing_ok=True)
        elif self.path.exists() and os.path.samefile(self.path, self.kept):
            self.kept.unlink()
        else:
            os.replace(self.kept, self.path)

    def discard(self) -> None:
        """A finished session stands at `path`: drop what it replaces, and what searches left there that were never
        finished. Finished sessions of others, whose successors were interrupted, stay."""
        if self.kept:
            self.kept.unlink(missing_ok=True)
        for path in predecessors(self.path):
            if _unfinished(path):
                path.unlink(missing_ok=True)


def set_aside(path: Path) -> Previous:
    """Give what stands at `path` a second name that is free; where the file system has no links, move it there."""
    if not path.exists():
        return Previous(path, None)
    for kept in _names(path):
        try:
            if os.name == "posix":
                os.link(path, kept)
                return Previous(path, kept)
        except FileExistsError:
            if os.path.samefile(path, kept):  # from a start that was killed right here
                return Previous(path, kept)
            continue
        except OSError:
            pass
        with suppress(FileExistsError):
            kept.touch(exist_ok=False)
            os.replace(path, kept)
            return Previous(path, kept)
    raise AssertionError("there is always another number")


def predecessors(path: Path) -> list[Path]:
    """The files that hold what stood at `path` before, in the order of their numbers."""
    wanted = re.compile(re.escape(path.name + _SUFFIX) + r"(?:-(\d{1,9}))?")
    found = []
    with suppress(OSError):
        for name in os.listdir(path.parent):
            if match := wanted.fullmatch(name):
                found.append((int(match[1] or 1), path.with_name(name)))
    return [file for _, file in sorted(found)]


def _names(path: Path) -> Iterator[Path]:
    for number in count(1):
        yield path.with_name(path.name + _SUFFIX + (f"-{number}" if number > 1 else ""))


def _unfinished(path: Path) -> bool:
    """Whether a file is the session of a search that was not finished."""
    from engine.session.reader import read

    try:
        return status(read(path).view()) != "finished"
    except SessionError:
        return False
