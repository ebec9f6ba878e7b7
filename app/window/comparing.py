"""Reads the sessions that a person wants to compare, in the worker thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.window.jobs import Jobs

if TYPE_CHECKING:
    from app.panels.compare import Compare
    from engine.session.comparison import Track


class Comparing(QObject):
    """Stands between the Compare panel and the files."""

    def __init__(self, panel: "Compare", jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._jobs = panel, jobs
        panel.read_wanted.connect(self.read)

    def read(self, path: Path) -> None:
        """Read a session, and hand over what of it is compared, or why it cannot be."""
        self._jobs.do(
            lambda: _track(path),
            lambda found: self._panel.take(path, found),
            lambda error: self._panel.refuse(path, _reason(error, path)),
        )


def _track(path: Path) -> "Track":
    from engine.session import read
    from engine.session.comparison import track

    return track(read(path).view())


def _reason(error: Exception, path: Path) -> str:
    """Why a file could not be read, without its name, which stands beside it."""
    line = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return line.replace(str(path), "").strip(" :") or "cannot be read"
