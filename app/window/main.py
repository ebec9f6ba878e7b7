"""The main window: puts bars, docks and desk together, and says at every moment what can be done and what is shown."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenuBar, QTabWidget

from app.canvas.centre import Centre
from app.families import by_family
from app.icons import application_icon
from app.panels.panel import Panel
from app.panels.plan import Plan as PlanPanel
from app.panels.plan import described
from app.settings import Settings
from app.window import layouts, report
from app.window.actions import Actions
from app.window.conduct import Conduct
from app.window.desk import SLOW, Desk
from app.window.dialogs import Dialogs
from app.window.docks import PANELS, Dock
from app.window.elided import Elided
from app.window.furnishing import Furnishing
from app.window.look import Look
from app.window.suiting import Suiting
from app.window.timeline import BottomBar, Timeline
from app.window.top import TopBar
from app.window.words import short
from engine.plan import presets

if TYPE_CHECKING:
    from app.canvas.watch import Watch
    from app.window.editing import Editing
    from app.window.queueing import Queueing
    from app.window.shaping import Shaping

FIRST_PLAN = "darts-digits"
PATIENCE = 15.0  # seconds that closing waits for a search to stop

ABOUT = (
    "Cellwright shows neural architecture search at work: choose a plan, press Start, watch the search change its "
    "mind, and go back and forth in time along the bottom. Each panel's ? says what it shows and what to look for."
)


class MainWindow(QMainWindow):
    """The window of the program. It is painted with the plan alone; panels that are slow to import come right after."""

    completed = Signal()
    """Every panel is there."""
    closed = Signal()
    fault = Signal(str)
    """Something went wrong inside the program, in one line; any thread may emit it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("Cellwright")
        self.setWindowIcon(application_icon())
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.settings = settings
        self.look = Look(settings, self)
        self.presets = presets()
        self.desk = Desk(self)
        self.plan = PlanPanel(self.presets[FIRST_PLAN], self.presets)
        self.conduct = Conduct(self.desk, self.plan, settings, self)
        self.dialogs = Dialogs(self.conduct, self)
        self.actions_ = Actions(self)
        self.timeline = Timeline(self.desk)
        self.docks = {spec.name: Dock(spec, self) for spec in PANELS}
        self.watch: Watch | None = None
        self.editing: Editing | None = None
        self.shaping: Shaping | None = None
        self.queueing: Queueing | None = None
        self.furnishing = Furnishing(self)
        self._waiting = [spec.name for spec in PANELS if spec.name != "plan"]
        self._reported: object = None
        self._reported_at = 0.0
        self._closing_since: float | None = None
        self._build()
        self.suiting = Suiting(self, self.docks, self.plan.plan)
        self._connect()
        self.resize(layouts.SIZE.boundedTo(self.screen().availableGeometry().size()))
        if not settings.geometry.isEmpty():
            self.restoreGeometry(settings.geometry)
        self._present()

    # -- putting it together

    def _build(self) -> None:
        menus = QMenuBar()
        actions = self.actions_
        self.top = TopBar(menus, actions.start, actions.pause, actions.stop)
        self.top.offer(
            {
                family: {name: described(self.presets[name]) for name in members}
                for family, members in by_family(self.presets).items()
            }
        )
        self.setMenuWidget(self.top)
        actions.fill(menus, [dock.toggleViewAction() for dock in self.docks.values()])
        actions.show_theme(self.settings.theme)
        self._show_recent()
        self.where = Elided(Qt.AlignmentFlag.AlignLeft)
        self.where.setObjectName("where")
        self.where.setContentsMargins(14, 0, 14, 5)
        bottom = BottomBar(self.timeline, self.where)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, bottom)
        self.setStyleSheet("QTabBar { qproperty-drawBase: 0; }")  # tabs of docks end where the strip below begins
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.centre = Centre()
        self.look.tell(self.centre.set_theme)
        self.setCentralWidget(self.centre)
        self.docks["plan"].take(self.plan)
        for told in (self.top.set_theme, self.timeline.set_theme, bottom.set_theme, self.plan.set_theme):
            self.look.tell(told)

    def _connect(self) -> None:
        actions, conduct, timeline, dialogs = self.actions_, self.conduct, self.timeline, self.dialogs
        for action, call in (
            (actions.start, conduct.start),
            (actions.pause, conduct.search.pause_or_continue),
            (actions.stop, conduct.search.stop),
            (actions.open, dialogs.open),
            (actions.save_as, dialogs.save_session),
            (actions.save_plan, dialogs.save_plan),
            (actions.folder, dialogs.sessions_folder),
            (actions.quit, self.close),
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
            (actions.deselect, lambda: self.show_point(None)),
            (actions.about, lambda: self.top.notice.say(ABOUT, "info")),
        ):
            action.triggered.connect(lambda checked=False, call=call: call())
        actions.themes.triggered.connect(lambda action: self.look.choose(action.data()))
        for source in (self.top.preset_chosen, self.plan.preset_chosen):
            source.connect(lambda name: conduct.show_plan(self.presets[name]))
        timeline.mark_set.connect(conduct.mark)
        conduct.changed.connect(self._present)
        conduct.said.connect(self.top.notice.say)
        self.fault.connect(self.top.notice.say)
        conduct.files.recent_changed.connect(self._show_recent)
        self.desk.also(self._tick)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.desk.running:
            return
        self.suiting.restore(self.settings.layout)
        self.desk.start()
        self.top.start.setFocus()
        QTimer.singleShot(0, self._complete)

    @property
    def complete(self) -> bool:
        """Whether every panel has been made."""
        return self.watch is not None and not self._waiting

    def _complete(self) -> None:
        """Bring in one part per turn of the event loop, so that the window answers in between."""
        if self.complete or not self.isVisible():
            return
        self.furnishing.bring(self._waiting)
        if self.complete:
            self.completed.emit()
        else:
            QTimer.singleShot(0, self._complete)

    def show_point(self, row: int | None) -> None:
        """Show on the canvas what a point of the embedding is read as; None: the search's own answer again."""
        self.desk.select(None)
        if self.watch is not None:
            self.watch.show_point(self.desk.view(), row)
        if row is not None:
            self.centre.show_mode("Watch")

    def panel(self, name: str) -> Panel:
        """A panel by its dock's name. Raises LookupError while it has not been made yet."""
        panel = self.docks[name].panel
        if panel is None:
            raise LookupError(f"the panel {name} has not been made yet")
        return panel

    # -- what is said and what can be done

    def _tick(self) -> None:
        self.conduct.poll()
        now = perf_counter()
        if self._closing_since is not None and (not self._working or now - self._closing_since > PATIENCE):
            self.close()
        elif now - self._reported_at >= SLOW:
            self._reported_at = now
            source = self.desk.source
            stamp = source.view().stamp("progress", "status") if source is not None else None
            if (stamp, self.conduct.state) != self._reported:
                self._present()

    def _present(self) -> None:
        """Say how things stand: title, status, progress, which actions are possible, which plan is meant."""
        conduct, actions, source = self.conduct, self.actions_, self.desk.source
        state, running, obstacle = conduct.state, conduct.search.running, conduct.obstacle
        self._reported = (source.view().stamp("progress", "status") if source is not None else None, state)
        plan = conduct.recorded_plan if source is not None else None
        name = plan.name if plan is not None else conduct.path.stem if conduct.path else self.plan.plan.name
        closing = self._closing_since is not None
        self.setWindowTitle(f"{name} · {'stopping…' if closing else state or 'ready'} — Cellwright")

        actions.start.setEnabled(not obstacle and not closing)
        actions.start.setToolTip(obstacle or "Start a search with this plan (F5)")
        paused = state in ("pausing", "paused") and running
        actions.pause.setEnabled(running and state in ("starting", "running", "pausing", "paused") and not closing)
        actions.pause.setText("Continue" if paused else "Pause")
        actions.pause.setIconText(actions.pause.text())
        self.top.show_paused(paused)
        actions.stop.setEnabled(running and state != "stopping")
        actions.save_as.setEnabled(source is not None and not running)

        mine = self.plan.plan
        self.suiting.follow(plan if source is not None else mine)
        edited = "" if self.plan.preset or self.plan.locked else " (edited)"
        self.top.show_plan(mine.name + edited, described(mine), not running)
        if source is None:
            self.top.status.setText(report.ready(mine))
            self.where.setText(f"Sessions are saved in {short(self.settings.sessions_folder)}")
            self.top.show_progress(None)
        else:
            self.top.status.setText(report.status(source, plan, "stopping" if closing else state))
            parts = (report.place(source.header, plan), report.saved(conduct.path, source.live))
            self.where.setText("   ·   ".join(part for part in parts if part))
            self.top.show_progress(report.share(source) if state not in report.ENDED else None)

    def _show_recent(self) -> None:
        self.actions_.show_recent(self.settings.recent, self.conduct.open)

    # -- files, dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.conduct.open(files[0])

    # -- keys, and the end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no widget wanted: Escape dismisses, the rest is the timeline's."""
        if event.key() == Qt.Key.Key_Escape:
            if self.top.notice.text:
                self.top.notice.hide()
            else:
                self.show_point(None)
        elif not self.timeline.key(event):
            super().keyPressEvent(event)

    @property
    def _working(self) -> bool:
        """Whether a search of this window or of its queue is under way."""
        return self.conduct.search.running or (self.queueing is not None and self.queueing.running)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs and come back here when it has ended, or when patience has."""
        if self._working:
            now = perf_counter()
            if self._closing_since is None:
                self._closing_since = now
                self.conduct.search.stop()
                if self.queueing is not None:
                    self.queueing.stop()
                self._present()
            if now - self._closing_since <= PATIENCE:
                event.ignore()
                return
        self.settings.keep_window(self.saveGeometry(), self.suiting.saved())
        self.desk.stop()
        self.conduct.leave()
        event.accept()
        self.closed.emit()
