"""The parts of the window that are slow to import, brought in one after another once it is painted."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.panels.panel import Panel

if TYPE_CHECKING:
    from app.window.main import MainWindow


class Furnishing:
    """Makes canvas, editor, space and panels, and connects what people do in one of them to the others."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def bring(self, waiting: list[str]) -> None:
        """Bring in the next part: the canvas, the editor, the space, then the first panel of those that wait."""
        window = self._window
        if window.watch is None:
            self._make_watch()
        elif window.editing is None:
            self._make_editor()
        elif window.shaping is None:
            self._make_space()
        else:
            self._make_panel(waiting.pop(0))

    def _make_watch(self) -> None:
        from app.canvas.watch import Watch

        window = self._window
        window.watch = Watch()
        window.look.tell(window.watch.set_theme)
        window.desk.add(window.watch)
        window.centre.add("Watch", window.watch, "What the search has found at the moment shown")

    def _make_editor(self) -> None:
        from app.canvas.edit.page import EditPage
        from app.window.editing import Editing

        window = self._window
        assert window.watch is not None
        page = EditPage()
        window.look.tell(page.set_theme)
        window.centre.add("Edit", page, "An architecture to be edited by hand")
        page.deeds.edit_menu(window.actions_.edit)
        window.editing = editing = Editing(page, window.centre, window.conduct, window)
        window.actions_.save_architecture.triggered.connect(lambda checked=False: editing.ask_save())
        window.watch.edit_wanted.connect(editing.edit)

    def _make_space(self) -> None:
        from app.canvas.space.page import SpacePage
        from app.window.shaping import Shaping

        window = self._window
        assert window.editing is not None
        page = SpacePage(window.plan.plan.space)
        window.look.tell(page.set_theme)
        window.centre.add("Space", page, "The space that is searched, to be edited by hand")
        window.actions_.show_modes(window.centre.actions_)
        window.shaping = Shaping(page, window.centre, window.conduct, window.editing)

    def _make_panel(self, name: str) -> None:
        window, dock = self._window, self._window.docks[name]
        assert window.watch is not None
        assert window.editing is not None
        panel = dock.spec.make()
        window.look.tell(panel.set_theme)
        panel.selected.connect(window.desk.select)
        panel.moment_wanted.connect(window.timeline.go_to)
        panel.edit_wanted.connect(window.editing.edit_candidate)
        panel.compare_wanted.connect(self._show_change)
        panel.point_wanted.connect(window.show_point)
        window.watch.point_left.connect(panel.leave_point)
        if name == "compare":
            self._make_comparing(panel)
        elif name == "queue":
            self._make_queueing(panel)
        dock.take(panel)
        window.desk.add(panel)

    def _make_comparing(self, panel: Panel) -> None:
        from app.panels.compare import Compare
        from app.window.comparing import Comparing

        assert isinstance(panel, Compare)
        Comparing(panel, self._window.conduct.jobs, self._window)

    def _make_queueing(self, panel: Panel) -> None:
        from app.panels.queue import Queue
        from app.window.queueing import Queueing

        window = self._window
        assert isinstance(panel, Queue)
        window.queueing = queueing = Queueing(panel, window.conduct, window.presets)
        queueing.compare_wanted.connect(self._compare_sessions)
        window.desk.also(queueing.poll)

    def _show_change(self, candidate: int) -> None:
        """Show on the canvas what a candidate has changed in its parent."""
        window = self._window
        assert window.watch is not None
        window.desk.select(candidate)
        window.centre.show_mode("Watch")
        window.watch.show_change()

    def _compare_sessions(self, paths: list[Path]) -> None:
        """Show these sessions in the Compare panel."""
        from app.panels.compare import Compare

        window, dock = self._window, self._window.docks["compare"]
        panel = window.panel("compare")
        assert isinstance(panel, Compare)
        dock.show()
        dock.raise_()
        panel.add(paths)
