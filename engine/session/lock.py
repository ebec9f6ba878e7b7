"""Who writes a session: a lock file beside it, which the operating system locks until its owner lets go or dies.

The session itself cannot be locked, since a packed file takes its place. Used directly rather than through a library
(filelock), which takes as long to import as HDF5 and can neither look without taking nor remove the file that it made.
"""

import errno
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from engine.session.schema import SessionError, reason

PATIENCE = 0.5
"""Seconds in which another program that only looks, or is just letting go, has done so."""

_PAUSE = 0.01
_MOST = 1 << 10  # bytes of a lock file that are read
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":
    import msvcrt

    _PLACE = 1 << 30  # of the byte that is locked: behind what is written, which others may then read

    def _lock(handle: int, shared: bool) -> None:
        os.lseek(handle, _PLACE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int, shared: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


class Busy(SessionError):  # noqa: N818 - what it is, not an error
    """Another program writes the session."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is being written by another program; choose another name or wait")


class Lock:
    """The right to write the session at `path`, until `release` or `leave`, or until the process dies.

    The constructor raises Busy where another program, or another part of this one, keeps it for longer than `patience`
    (s), and SessionError where no lock file can be made. `sure` is False where the file system cannot lock: then the
    right is only claimed. `former` is the machine of an owner that died, as its lock file says, or None.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = lock_file(path)
        self.sure = True
        until = monotonic() + patience
        while (handle := self._try(path)) is None:
            if monotonic() >= until:
                raise Busy(path)
            sleep(_PAUSE)
        self._handle = handle
        self.former = _written(handle)

    def sign(self) -> None:
        """Write into the lock file whose it is: this machine's and this process's."""
        with suppress(OSError):  # a file of another user; it is locked all the same
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.ftruncate(self._handle, 0)
            os.write(self._handle, f"{platform.node()}\n{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let go and remove the lock file."""
        with suppress(OSError):
            if os.name == "posix":  # before it is unlocked: whoever waits for it sees that it is not the file any more
                self._path.unlink()
        self.leave()
        with suppress(OSError):
            if os.name != "posix":  # where an open file cannot be removed; nor can it if somebody else has it by now
                self._path.unlink()

    def leave(self) -> None:
        """Let go, and leave the lock file as the sign that nobody writes the session any more."""
        os.close(self._handle)

    def _try(self, path: Path) -> int | None:
        """The locked file's handle; None where somebody else has it."""
        try:
            handle = _opened(self._path)
        except OSError as error:
            raise SessionError(f"cannot write {path}: {self._path.name}: {reason(error)}") from None
        try:
            _lock(handle, shared=False)
        except OSError as error:
            if error.errno in _TAKEN:
                os.close(handle)
                return None
            self.sure = False
            return handle
        # Removed by its owner between the opening and the locking, it is nobody's lock any more.
        with suppress(OSError):
            if os.path.samestat(os.fstat(handle), os.stat(self._path)):
                return handle
        os.close(handle)
        return None


def lock_file(path: Path) -> Path:
    """Where the lock of a session lies: beside the file itself, also where `path` is a link to it."""
    real = Path(os.path.realpath(path))
    return real.with_name(real.name + ".lock")


def held(path: Path) -> bool | None:
    """Whether some program has the right to write the session at `path`.

    None where the lock cannot tell: there is none, it is another machine's, or the file system cannot lock.
    """
    try:
        handle = os.open(lock_file(path), os.O_RDONLY | _NO_LINKS)
    except OSError:
        return None
    try:
        _lock(handle, shared=True)
        return False if _written(handle) == platform.node() else None
    except OSError as error:
        return True if error.errno in _TAKEN else None
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINKS, 0o666)
    except PermissionError:  # made by another user
        return os.open(path, os.O_RDONLY | _NO_LINKS)


def _written(handle: int) -> str | None:
    """The machine that a lock file names; None for one that was only just made."""
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        text = os.read(handle, _MOST).decode(errors="replace")
    except OSError:
        return None
    return text.partition("\n")[0] or None
