"""The search of this window: started, paused, stopped, and watched for how it stands."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from engine.plan import Plan
    from engine.run import Host


class Search(QObject):
    """Holds the host of the last search. `changed` says that its state or its message is another one."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host: Host | None = None
        self.path: Path | None = None
        self.one_shot = False  # whether it trains one network and takes no candidates
        self._told: object = None

    @property
    def state(self) -> str:
        """How the search stands, in the host's words; "" before the first."""
        return self.host.state if self.host is not None else ""

    @property
    def running(self) -> bool:
        """Whether a search is under way, paused ones included."""
        return self.host is not None and not self.host.finished

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
        now = (self.host, self.state, self.host.message if self.host is not None else "")
        if now != self._told:
            self._told = now
            self.changed.emit()
