"""The reading end of a session: a closed file, one that another process is writing, or one whose writer was killed."""

import threading
from pathlib import Path
from time import time as clock

from .header import Header
from .schema import SessionError
from .view import SessionSource

_ROUND = 0.5  # seconds between two looks at a file that is being written
_ALIVE = 10.0  # seconds after which a session without a heartbeat counts as interrupted


class Reader(SessionSource):
    """A session read from a file. `follow` (or `poll` by hand) brings what was written since into the same tables."""

    def __init__(self, header: Header, path: Path) -> None:
        super().__init__(header)
        self.path = path
        self.packed = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def live(self) -> bool:
        """Whether another process is writing the file: it is not closed, and its heart beats."""
        if self.packed:
            return False
        array, length = self.tables["heartbeat"].published
        return length > 0 and abs(clock() - float(array["wall"][length - 1])) < _ALIVE

    def poll(self) -> bool:
        """Bring what is new into the tables; whether anything was."""
        from .fetch import fetch

        return fetch(self)

    def follow(self) -> None:
        """Poll in a thread until the session is closed."""
        if self._thread is None and not self.packed:
            self._thread = threading.Thread(target=self._follow, name="session follower")
            self._thread.start()

    def close(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self.packed and not self._stop.wait(_ROUND) and threading.main_thread().is_alive():
            try:
                self.poll()
                self.fault = None
            except SessionError as error:
                self.fault = str(error)


def read(path: Path) -> Reader:
    """Read a session file, whether closed, being written or left behind by a killed writer. Raises SessionError."""
    from .fetch import open_session

    return open_session(Path(path))


def rescue(path: Path) -> None:
    """Make the file of a killed writer whole: an ordinary, packed session. Raises SessionError; `path` is safe."""
    from .fetch import repack

    repack(Path(path))


def add_mark(path: Path, at: float, note: str) -> None:
    """Leave a note on the moment `at` (seconds) in a closed session. Raises SessionError; `path` is safe."""
    from .fetch import repack

    repack(Path(path), mark=(at, note))
