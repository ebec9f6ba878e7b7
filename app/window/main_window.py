"""The main window: puts bars, docks and playback together, and says at every moment what can be done and is shown."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenuBar, QTabWidget, QWidget

from app.icons import application_icon
from app.panels import specs
from app.panels.plan import Plan as PlanPanel
from app.panels.plan import described
from app.settings import Settings
from app.widgets.labels import ElidedLabel
from app.widgets.panel import Panel, dropped
from app.window import dock_layout as layouts
from app.window import status_text as report
from app.window.actions import Actions
from app.window.command_palette import Command, commands_of, open_over, show_shortcuts
from app.window.dock_layout import Suiting
from app.window.docks import Dock
from app.window.mode_switch import ModeSwitch
from app.window.playback import SLOW, Playback
from app.window.presentation import Presentation
from app.window.session_controller import FileDialogs, SessionController
from app.window.start_controller import StartController
from app.window.theme_switch import ThemeSwitch
from app.window.timeline import BottomBar, Timeline
from app.window.toolbar import TopBar
from app.window.window_parts import WindowParts
from engine.plan import Plan, by_family, presets
from engine.words import short

if TYPE_CHECKING:
    from app.panels.cell import CellPanel
    from engine.run import Host
    from engine.session import Reader

FIRST_PLAN = "darts-digits"
STEP = 32  # pixels between two windows
PATIENCE = 15.0  # seconds that closing waits for a search to stop

ABOUT = (
    "Cellwright shows neural architecture search at work: choose a plan, press Start, watch the search change its "
    "mind, and go back and forth in time along the bottom. Each panel's ? says what it shows and what to look for."
)


class Windows(QObject):
    """The windows of this program that are open, the first one first."""

    all_closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.open: list[MainWindow] = []
        self.unheeding: list[Host] = []
        """Searches that did not stop in time for their windows to close."""

    def choose_theme(self, name: str) -> None:
        """Wear a theme in every window."""
        for window in self.open:
            window.theme_switch.choose(name)
            window.menu_actions.show_theme(name)


class MainWindow(QMainWindow):
    """The window of the program. It is painted with the plan alone; panels that are slow to import come right after."""

    completed = Signal()
    """Every panel is there."""
    closed = Signal()
    fault = Signal(str)
    """Something went wrong inside the program, in one line; any thread may emit it."""

    def __init__(self, settings: Settings, windows: Windows | None = None) -> None:
        super().__init__()
        self.windows = windows or Windows()
        self.windows.open.append(self)
        self.setObjectName("Cellwright")
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.settings = settings
        self.theme_switch = ThemeSwitch(settings, self)
        self.presets = presets()
        self.playback = Playback(self)
        self.plan = PlanPanel(self.presets[FIRST_PLAN], self.presets)
        self.controller = SessionController(self.playback, self.plan, settings, self)
        self.dialogs = FileDialogs(self.controller, self)
        self.menu_actions = Actions(self)
        self.timeline = Timeline(self.playback)
        self.docks = {spec.name: Dock(spec, self) for spec in specs()}
        self._reported: object = None
        self._reported_at = 0.0
        self._closing_since: float | None = None
        self._build()
        self.parts = WindowParts(
            self,
            self.modes,
            self.docks,
            self.controller,
            self.timeline,
            self.theme_switch,
            self.menu_actions,
            self.presets,
        )
        self.suiting = Suiting(self, self.docks, self.plan.plan)
        self.presentation = Presentation(self, self.docks, self.modes, self.suiting)
        self.start = StartController(
            self,
            self.top,
            self.controller,
            self.dialogs,
            self.presets,
            lambda: self._when_complete(lambda: self.modes.show_mode("Space")),
            lambda paths: self._when_complete(lambda: self.parts.compare_sessions(paths)),
        )
        self._connect()
        self.resize(layouts.SIZE.boundedTo(layouts.room(self)))
        if not settings.geometry.isEmpty():
            self.restoreGeometry(settings.geometry)
        if len(self.windows.open) > 1:
            self.move(self.windows.open[-2].pos() + QPoint(STEP, STEP))
        self._present()

    # -- putting it together

    def _build(self) -> None:
        menus = QMenuBar()
        actions = self.menu_actions
        self.top = TopBar(menus, actions.start, actions.pause, actions.stop)
        self.top.offer(
            {
                family: {name: described(self.presets[name]) for name in members}
                for family, members in by_family(self.presets).items()
            }
        )
        self.setMenuWidget(self.top)
        actions.fill(menus, [dock.action for dock in self.docks.values()])
        actions.show_theme(self.settings.theme)
        self._show_recent()
        self.where = ElidedLabel()
        self.where.setObjectName("where")
        self.where.setContentsMargins(14, 1, 14, 7)
        bottom = BottomBar(self.timeline, self.where)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, bottom)
        self.setStyleSheet("QTabBar { qproperty-drawBase: 0; }")  # tabs of docks end where the strip below begins
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.modes = ModeSwitch()
        self.theme_switch.subscribe(self.modes.set_theme)
        self.setCentralWidget(self.modes)
        self.docks["plan"].take(self.plan)
        self.plan.form.unfold(self.settings.unfolded)
        for told in (self.top.set_theme, self.timeline.set_theme, bottom.set_theme, self.plan.set_theme):
            self.theme_switch.subscribe(told)

    def _connect(self) -> None:
        actions, controller, timeline, dialogs = self.menu_actions, self.controller, self.timeline, self.dialogs
        for action, call in (
            (actions.start, controller.start),
            (actions.pause, controller.search.pause_or_continue),
            (actions.stop, self._ask_to_stop),
            (actions.open, dialogs.open),
            (actions.open_images, dialogs.open_images),
            (actions.start_page, self.start.show),
            (actions.close_session, self._close_session),
            (actions.save_as, dialogs.save_session),
            (actions.save_plan, dialogs.save_plan),
            (actions.folder, dialogs.sessions_folder),
            (actions.window, self.open_window),
            (actions.quit, lambda: [window.close() for window in tuple(self.windows.open)]),
            (actions.reset_layout, self.suiting.reset),
            (actions.play, timeline.toggle_play),
            (actions.speed, timeline.next_speed),
            (actions.back, lambda: timeline.step(-1)),
            (actions.forward, lambda: timeline.step(1)),
            (actions.first, timeline.go_first),
            (actions.live, timeline.go_live),
            (actions.mark, timeline.begin_mark),
            (actions.mark_before, lambda: timeline.go_to_mark(-1)),
            (actions.mark_after, lambda: timeline.go_to_mark(1)),
            (actions.deselect, lambda: self.parts.show_point(None)),
            (actions.palette, lambda: open_over(self, self._commands())),
            (actions.shortcuts, lambda: show_shortcuts(self, self._commands())),
            (actions.about, self._say_about),
        ):
            action.triggered.connect(lambda checked=False, call=call: call())
        actions.present.toggled.connect(self.presentation.show)
        actions.themes.triggered.connect(lambda action: self.windows.choose_theme(action.data()))
        for source in (self.top.preset_chosen, self.plan.preset_chosen):
            source.connect(lambda name: controller.show_plan(self.presets[name]))
        self.top.preset_chosen.connect(self.start.leave)
        actions.view.triggered.connect(self._leave_start_for)
        for dock in self.docks.values():
            dock.brought_up.connect(self.start.leave)
        self.theme_switch.subscribe(self.start.page.set_theme)
        timeline.mark_set.connect(controller.mark)
        controller.changed.connect(self._present)
        self.plan.form.unfolded.connect(lambda headings: setattr(self.settings, "unfolded", headings))
        controller.reported.connect(self.top.notice.show_message)
        controller.shown.connect(self._session_shown)
        controller.draft_replaced.connect(self._offer_undo)
        controller.opened_elsewhere.connect(self._show_elsewhere)
        self.top.fault.clicked.connect(self._lead_to_fault)
        self.fault.connect(self.top.notice.show_message)
        self.parts.fault.connect(self.fault)
        self.parts.queue_stop_requested.connect(self._ask_to_stop_queue)
        controller.files.recent_changed.connect(self._show_recent)
        self.suiting.reported.connect(lambda line: self.top.notice.show_message(line, "info"))
        self.playback.also(self._tick)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.playback.running:
            return
        self.suiting.restore(self.settings.layout)
        self.playback.start()
        self.setFocus()  # not the first button: Space is the timeline's
        if self.start.begins:
            self.start.show()
        QTimer.singleShot(0, self._complete)

    @property
    def complete(self) -> bool:
        """Whether every panel has been made."""
        return self.parts.complete

    def _complete(self) -> None:
        """Bring in one part per turn of the event loop, so that the window answers in between."""
        if self.complete or not self.isVisible():
            return
        self.parts.make_next()
        if self.complete:
            layouts.fit_to_screen(self)  # its frame is known by now
            self.completed.emit()
        else:
            QTimer.singleShot(0, self._complete)

    def _when_complete(self, do: Callable[[], None]) -> None:
        """Do something that needs every part, as soon as they are there."""
        if self.complete:
            do()
        else:
            self.completed.connect(do, Qt.ConnectionType.SingleShotConnection)

    def panel(self, name: str) -> Panel:
        """A panel by its dock's name. Raises LookupError while it has not been made yet."""
        panel = self.docks[name].panel
        if panel is None:
            raise LookupError(f"the panel {name} has not been made yet")
        return panel

    def _commands(self) -> list[Command]:
        """Everything that a person can do now, the panels that are open and the page that is shown included."""
        page = self.modes.page(self.modes.mode)
        menus = [("Plan", self.top.preset_menu)]
        menus += [(dock.spec.title, dock.panel.menu) for dock in self.docks.values() if dock.panel and dock.isVisible()]
        parts: list[tuple[str, QWidget]] = [(self.modes.mode, page)] if page is not None else []
        parts += [(dock.spec.title, dock.panel) for dock in self.docks.values() if dock.panel is not None]
        return commands_of(self.top.menus, menus, parts)

    # -- what is said and what can be done

    def _tick(self) -> None:
        self.controller.poll()
        self._end_question()
        now = perf_counter()
        if self._closing_since is not None and (not self._working or now - self._closing_since > PATIENCE):
            self.close()
        elif now - self._reported_at >= SLOW:
            self._reported_at = now
            if self._stamp() != self._reported:
                self._present()

    def _stamp(self) -> object:
        """What the words about the session depend on."""
        source = self.playback.source
        if source is None:
            return None, self.controller.state
        return source.view().stamp("progress", "status"), source.live, self.controller.state

    def _present(self) -> None:
        """Say how things stand: title, status, progress, which actions are possible, which plan is meant."""
        controller, actions, source = self.controller, self.menu_actions, self.playback.source
        state, running, obstacle = controller.state, controller.search.running, controller.obstacle
        self._reported = self._stamp()
        plan = controller.recorded_plan if source is not None else None
        name = plan.name if plan is not None else controller.path.stem if controller.path else self.plan.plan.name
        closing = self._closing_since is not None
        self.setWindowTitle(f"{name} · {'stopping…' if closing else state or 'ready'} — Cellwright")

        actions.start.setEnabled(not obstacle and not closing)
        actions.start.setToolTip(obstacle or "Start a search with this plan (F5)")
        paused = state in ("pausing", "paused") and running
        actions.pause.setEnabled(running and state in ("starting", "running", "pausing", "paused") and not closing)
        actions.pause.setText(f"{'Continue' if paused else 'Pause'} the search")
        actions.pause.setIconText("Continue" if paused else "Pause")
        actions.pause.setToolTip(f"{'Go on with' if paused else 'Pause'} the search after the current batch (F6)")
        self.top.show_paused(paused)
        actions.stop.setEnabled(running and state != "stopping")
        actions.save_as.setEnabled(source is not None and not running)
        actions.close_session.setEnabled(source is not None and not running)

        mine = self.plan.plan
        self.suiting.follow(plan if source is not None else mine, source)
        edited = "" if self.plan.preset or self.plan.locked else " (edited)"
        self.top.show_plan(mine.name + edited, described(mine), "next: " if running and not self.plan.locked else "")
        self.top.show_fault("" if running or closing else self.plan.fault)
        if source is None:
            self.top.status.setText(report.ready(mine))
            self.where.setText(f"Sessions are saved in {short(self.settings.sessions_folder)}")
            self.top.show_progress(None)
        else:
            self.top.status.setText(report.status(source, plan, "stopping" if closing else state))
            parts = (report.place(source.header, plan), report.saved(controller.path, source.live))
            self.where.setText("   ·   ".join(part for part in parts if part))
            self.top.show_progress(None if report.has_ended(state) else report.share(source))

    def _say_about(self) -> None:
        from engine.run.preflight import program  # it brings HDF5 along, which the window is painted without

        self.top.notice.show_message(f"{program().capitalize()}. {ABOUT}", "info")

    def _close_session(self) -> None:
        self.controller.close_session()
        if self.playback.source is None:
            self.start.show()

    def _leave_start_for(self, action: QAction) -> None:
        """A mode or a panel is wanted, which the page would cover."""
        if action.isCheckable() and action not in self.menu_actions.themes.actions():
            self.start.leave()

    def _show_recent(self) -> None:
        self.menu_actions.show_recent(self.settings.recent, self.controller.open)

    # -- files, dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not dropped(event) and event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := dropped(event):
            self.controller.open(files[0])
        elif event.mimeData().hasText() and self.parts.editor_bridge is not None:
            event.acceptProposedAction()
            self.parts.editor_bridge.take_text(event.mimeData().text())

    # -- keys, and the end

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round what can be seen: not through what the start page covers."""
        first = self.focusWidget()
        while super().focusNextPrevChild(forward):
            now = self.focusWidget()
            if now is None or now is first or not self.start.covers(now):
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no widget wanted: Escape dismisses, the rest is the timeline's."""
        if event.key() == Qt.Key.Key_Escape:
            notice = self.top.notice
            asks = bool(notice.text) and (notice.level == "error" or bool(notice.answers))
            notice.dismiss()
            if self.presentation.on and not asks:
                self.menu_actions.present.setChecked(False)
            elif not asks:  # what was only said goes along
                self.parts.show_point(None)
        elif event.matches(QKeySequence.StandardKey.Paste) and self._watched is not None:
            self.menu_actions.paste.trigger()
        elif not (self.timeline.key(event) or (self._watched is not None and self._watched.key(event))):
            super().keyPressEvent(event)

    @property
    def _watched(self) -> "CellPanel | None":
        """The cell, while it is what the middle shows."""
        return self.parts.cell if self.modes.mode == "Watch" else None

    @property
    def _working(self) -> bool:
        """Whether a search of this window or of its queue is under way."""
        queue_controller = self.parts.queue_controller
        return self.controller.search.running or (queue_controller is not None and queue_controller.running)

    def _ask_to_stop(self) -> None:
        """Stop the search of this window; asked once, in place, since what is not recorded cannot be had again."""
        self._ask("stop", "Stop the search?", self.controller.search.stop)

    def _ask_to_stop_queue(self) -> None:
        if (queue := self.parts.queue_controller) is not None and queue.running:
            self._ask("queue", "Stop the searches of the queue that run?", queue.stop)

    def _ask(self, question: str, words: str, end: Callable[[], None]) -> None:
        """`end` the searches if a person says so, or wants it a second time."""
        notice = self.top.notice
        if notice.question == question:
            notice.dismiss()
            end()
            return
        path = self.controller.path if self.controller.search.running else None
        kept = f"What is recorded so far is kept{f' in {path.name}' if path else ''} and can be replayed"
        notice.ask(
            question,
            f"{words} {kept}; the rest is lost: a stopped search cannot go on.",
            {"Keep running": lambda: None, "Stop and save": end},
        )

    def _end_question(self) -> None:
        """Ask no more whether to stop what has ended."""
        question, search = self.top.notice.question, self.controller.search
        if question and not (search.running if question == "stop" else self._working):
            self.top.notice.dismiss()

    def _offer_undo(self, before: Plan) -> None:
        """Say that an edited plan has been replaced, and give it back to who wants it."""
        line = f"{self.plan.draft.name} has taken the place of your edited {before.name}."
        self.top.notice.show_message(line, "info", {"Undo": lambda: self.plan.edit(before)})

    def _lead_to_fault(self) -> None:
        """Show the setting that keeps the plan from being started."""
        self.docks["plan"].bring_to_front()
        self.plan.show_setting()

    def open_window(self, begins: bool = True) -> "MainWindow":
        """A further window, with searches and sessions of its own; whether it `begins` with the start page."""
        window = MainWindow(self.settings, self.windows)
        window.start.begins = begins
        window.show()
        return window

    def _show_elsewhere(self, reader: "Reader", path: Path) -> None:
        """Show a session in a further window, since this one is at a search."""
        self.open_window(begins=False).controller.take(reader, path)

    def _session_shown(self) -> None:
        """What was said of the one before is past; keys that nothing wants are the timeline's."""
        self.top.notice.dismiss()
        self.timeline.refresh()  # a track that is not enabled takes no focus
        self.timeline.track.setFocus()

    def end(self) -> None:
        """Stop what runs without asking, and close: for signals, and for whoever has been asked."""
        if self._working and self._closing_since is None:
            self._closing_since = perf_counter()
            self.controller.search.stop()
            if self.parts.queue_controller is not None:
                self.parts.queue_controller.stop()
            self._present()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask before what runs is stopped; come back here when it has ended, or when patience has."""
        if self._working:
            event.ignore()
            if self._closing_since is None:
                what = "A search is running." if self.controller.search.running else "The queue is running."
                if self.controller.search.state == "stopping":
                    self.end()
                else:
                    self._ask("close", f"{what} Stop it and close?", self.end)
                return
            if perf_counter() - self._closing_since <= PATIENCE:
                return
        self.menu_actions.present.setChecked(False)  # what is kept is the window as it was before
        self.settings.keep_window(self.saveGeometry(), self.suiting.saved())
        self.playback.stop()
        self.start.end()
        self.controller.leave()
        if self._working and self.controller.search.host is not None:
            self.windows.unheeding.append(self.controller.search.host)
        event.accept()
        self.closed.emit()
        if self in self.windows.open:
            self.windows.open.remove(self)
            if self.windows.open:
                self.deleteLater()
            else:
                self.windows.all_closed.emit()
