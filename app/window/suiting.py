"""Which docks are open before a person opens or closes any: those in which the plan has something to show."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QMainWindow

from app.window import layouts
from app.window.docks import Dock
from engine.plan import Plan


class Suiting(QObject):
    """Follows the plan while the arrangement is the program's own. From the first dock that a person opens, closes or
    tears off, it is theirs, until they reset the layout."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock], plan: Plan) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._wanted = layouts.fitting(plan)
        self._at_work = False
        self.own = True
        """Whether the arrangement is the program's own."""
        for dock in docks.values():
            dock.toggleViewAction().triggered.connect(self._taken_over)
            dock.topLevelChanged.connect(self._taken_over)
            dock.closed.connect(self._taken_over)
        self._do(lambda: layouts.arrange(window, docks, self._wanted))

    def follow(self, plan: Plan | None) -> None:
        """Another plan is meant, or None: a session whose plan is not known."""
        wanted = self._wanted if plan is None else layouts.fitting(plan)
        if wanted != self._wanted:
            self._wanted = wanted
            if self.own:
                self._do(lambda: layouts.open_only(self._docks, wanted))
                if self._window.isVisible():
                    layouts.share(self._window, self._docks)

    def restore(self, layout: QByteArray) -> None:
        """Put the docks where a person left them, if they were theirs to leave."""
        self._at_work = True
        self.own = not layouts.restore(self._window, self._docks, layout)
        self._at_work = False

    def reset(self) -> None:
        """The program's own arrangement again."""
        self._do(lambda: layouts.reset(self._window, self._docks, self._wanted))
        self.own = True

    def saved(self) -> QByteArray:
        """The arrangement to be remembered; empty where it is the program's own."""
        return QByteArray() if self.own else self._window.saveState(layouts.VERSION)

    def _do(self, arrange: Callable[[], None]) -> None:
        self._at_work = True
        arrange()
        self._at_work = False

    def _taken_over(self, *_: object) -> None:
        if not self._at_work:
            self.own = False
