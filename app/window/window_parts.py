"""The parts of the window that are slow to import, made one after another once it is painted, and what they ask for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.widgets.panel import Panel
from app.window.actions import Actions
from app.window.docks import Dock
from app.window.mode_switch import ModeSwitch
from app.window.session_controller import SessionController
from app.window.theme_switch import ThemeSwitch
from app.window.timeline import Timeline
from engine.plan import Plan

if TYPE_CHECKING:
    from app.panels.cell import CellPanel
    from app.window.editor_bridge import EditorBridge, SpaceBridge
    from app.window.queue_controller import QueueController


class WindowParts(QObject):
    """Makes canvas, editors and panels, and does for the panels what `Services` says."""

    point_left = Signal()
    fault = Signal(str)
    queue_stop_requested = Signal()

    def __init__(
        self,
        window: QWidget,
        modes: ModeSwitch,
        docks: Mapping[str, Dock],
        controller: SessionController,
        timeline: Timeline,
        theme_switch: ThemeSwitch,
        actions: Actions,
        presets: dict[str, Plan],
    ) -> None:
        super().__init__(window)
        self._window, self._modes, self._docks, self._controller = window, modes, docks, controller
        self._timeline, self._theme_switch, self._actions, self._presets = timeline, theme_switch, actions, presets
        self._playback, self.settings = controller.playback, controller.settings
        modes.mode_changed.connect(self._fill_edit_menu)
        self._waiting = [name for name, dock in docks.items() if dock.panel is None]
        self._comparison: tuple[Panel, Callable[[Sequence[Path]], None]] | None = None
        self.cell: CellPanel | None = None
        self.editor_bridge: EditorBridge | None = None
        self.space_bridge: SpaceBridge | None = None
        self.queue_controller: QueueController | None = None

    @property
    def complete(self) -> bool:
        """Whether everything has been made."""
        return self.space_bridge is not None and not self._waiting

    def make_next(self) -> None:
        """Make the next part: the canvas, the editors, then the first panel of those that wait."""
        if self.cell is None:
            self._make_cell()
        elif self.editor_bridge is None:
            self._make_editor()
        elif self.space_bridge is None:
            self._make_space()
        else:
            self._make_panel(self._docks[self._waiting.pop(0)])

    def _make_cell(self) -> None:
        from app.panels.cell import CellPanel

        self.cell = cell = CellPanel()
        cell.point_left.connect(self.point_left)
        self._theme_switch.subscribe(cell.set_theme)
        self._playback.add(cell)
        self._modes.add("Watch", cell, "What the search has found at the moment shown")

    def _make_editor(self) -> None:
        from app.editors.architecture.architecture_page import ArchitecturePage
        from app.window.editor_bridge import EditorBridge

        page = ArchitecturePage()
        self._theme_switch.subscribe(page.set_theme)
        self._modes.add("Edit", page, "An architecture to be edited by hand")
        self.editor_bridge = editor_bridge = EditorBridge(page, self._modes, self._controller, self._window)
        assert self.cell is not None
        self.cell.copy_edited.connect(editor_bridge.edit)
        self._actions.paste.triggered.connect(lambda checked=False: editor_bridge.paste())
        self._actions.save_architecture.triggered.connect(lambda checked=False: editor_bridge.ask_save())

    def _make_space(self) -> None:
        from app.editors.space.space_page import SpacePage
        from app.window.editor_bridge import SpaceBridge

        assert self.editor_bridge is not None
        page = SpacePage(self._controller.plan.plan.space)
        self._theme_switch.subscribe(page.set_theme)
        self._modes.add("Space", page, "The space that is searched, to be edited by hand")
        self._actions.show_modes(self._modes.mode_actions)
        self.space_bridge = SpaceBridge(page, self._modes, self._controller, self.editor_bridge)

    def _fill_edit_menu(self, mode: str) -> None:
        """The Edit menu acts on what is seen: it is that of the page that is shown."""
        self._actions.edit.clear()
        page = self._modes.page(mode)
        if fill := getattr(page, "fill_edit_menu", None):
            fill(self._actions.edit)
        if page is self.cell:
            self._actions.edit.addAction(self._actions.paste)
        self._actions.edit.setEnabled(not self._actions.edit.isEmpty())

    def _make_panel(self, dock: Dock) -> None:
        try:
            panel = dock.make()
        except Exception as fault:
            if dock.spec.own:
                raise
            dock.close()  # without a panel of somebody else's the window goes on
            dock.action.setEnabled(False)
            dock.keys.setEnabled(False)
            line = " ".join(str(fault).split()) or type(fault).__name__
            self.fault.emit(f"The panel {dock.spec.title} of {dock.spec.file.name} cannot be shown: {line}")
            return
        self._theme_switch.subscribe(panel.set_theme)
        panel.selected.connect(self._playback.select)
        panel.filter_chosen.connect(self._playback.narrow)
        panel.attach(self)
        dock.take(panel)
        self._playback.add(panel)

    # -- what panels ask for

    def go_to(self, seconds: float) -> None:
        self._timeline.go_to(seconds)

    def edit_candidate(self, number: int) -> None:
        if self.editor_bridge is not None:
            self.editor_bridge.edit_candidate(number)

    def show_change(self, candidate: int) -> None:
        if self.cell is not None:
            self._playback.select(candidate)
            self._modes.show_mode("Watch")
            self.cell.show_change()

    def show_point(self, row: int | None) -> None:
        self._playback.select(None)
        if self.cell is not None:
            self.cell.show_point(self._playback.view(), row)
        if row is not None:
            self._modes.show_mode("Watch")

    def do_in_background(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        self._controller.jobs.do(work, done, failed)

    def offer_comparison(self, panel: Panel, add: Callable[[Sequence[Path]], None]) -> None:
        self._comparison = panel, add

    def carry_out_queue(self, panel: Panel) -> None:
        from app.panels.queue import Queue
        from app.window.queue_controller import QueueController

        assert isinstance(panel, Queue)
        self.queue_controller = queue_controller = QueueController(panel, self._controller, self._presets)
        queue_controller.compare_requested.connect(self.compare_sessions)
        queue_controller.stop_requested.connect(self.queue_stop_requested)
        self._playback.also(queue_controller.poll)

    def compare_sessions(self, paths: list[Path]) -> None:
        """Show these sessions in the panel that compares them."""
        if self._comparison is not None:
            panel, add = self._comparison
            dock = next(dock for dock in self._docks.values() if dock.panel is panel)
            dock.bring_to_front()
            add(paths)
