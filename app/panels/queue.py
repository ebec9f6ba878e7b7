"""Many searches, one after another or side by side: plans over seeds, and how each of them stands."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.panels.candidate_label import CandidateLabel, DescribedPanel
from app.panels.queue_model import QueueModel, Run
from app.theme import Theme
from app.widgets.field_editors import Combo
from app.widgets.labels import ElidedLabel, label
from app.widgets.layouts import packed
from app.widgets.panel import Data, Services
from app.widgets.panel_header import tool
from app.widgets.shortcuts import add_action
from app.widgets.table import RowTable
from engine.plan import Plan, by_family
from engine.session import View
from engine.words import grouped

ACROSS, WIDE, LOW = 460, 620, 170
"""From the first width in pixels on the form is one row, from the second on the folder is written in it; in a panel
lower than the third, the list has the room of the line below it."""
EMPTY = "Choose a plan and seeds, and add them: every seed is a search with a session of its own in the folder."
ENDED = ("finished", "stopped", "failed")


class Queue(DescribedPanel):
    """A form that adds searches, and the list of them. What is asked for is done by whoever listens."""

    name = "queue"
    title = "Queue"
    dock = ("curves", 5)
    order = 15
    shortcut = "Ctrl+Alt+6"
    about = (
        "Runs plans over seeds, each search in a process of its own, while this window stays free. What the folder "
        "already holds finished is not run again, so a queue that was stopped goes on where it was. One run says "
        "little about a method: take several seeds, the same budget and data for all, and look at the spread in "
        "Compare (Lindauer and Hutter 2020; Yang et al. 2020, NAS evaluation is frustratingly hard)."
    )

    add_requested = Signal(str, str, object)
    """A preset's name ("" for the plan as it stands), the seeds as written, and the folder."""
    start_requested = Signal(int)
    """How many are to run at once."""
    pause_requested = Signal()
    stop_requested = Signal()
    remove_requested = Signal(object)
    """The paths of searches that are not to be run."""
    open_requested = Signal(object)
    """The path of a session that a person wants to see."""
    sessions_requested = Signal(object)
    """The paths of sessions that a person wants to compare."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = Path()
        self.at_once = QSpinBox()
        self._state = ""
        self.start = tool("Start", "Run the searches that wait, and those that were stopped")
        self.pause = tool("Pause", "Let all searches wait between two batches")
        self.stop = tool("Stop", "End the searches that run, within a batch; those that wait do not begin")
        self.compare = tool("Compare", "Show these sessions, or the selected ones, in the Compare panel")
        self.start.clicked.connect(lambda: self.start_requested.emit(self.at_once.value()))
        self.pause.clicked.connect(self.pause_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.compare.clicked.connect(lambda: self.sessions_requested.emit(self._sessions()))
        for button in (self.start, self.pause, self.stop):
            button.setIconSize(QSize(14, 14))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        for button in (self.start, self.pause, self.stop, self.compare):
            self.header.add(button)
        self.header.tools.setSpacing(2)

        self.plans, self.seeds, self.add_button = Combo(), QLineEdit("0-9"), QPushButton("Add")
        self.place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle, role="")
        self.choose = tool("Folder…", "Choose where the sessions go")
        self.fault = CandidateLabel()
        self.model = QueueModel(self)
        self.table = RowTable(self.model, lambda row: "\t".join(self.model.values(row)))
        self.hint = label(EMPTY, "muted")
        self.themed.append(self.model)
        self._build()
        self.show_runs([], "")
        self.set_theme(self.theme)

    def _build(self) -> None:
        self.plans.setAccessibleName("Plan to add")
        self.seeds.setAccessibleName("Seeds")
        self.seeds.setToolTip("Seeds, as 0-9 or 1,4,7-9; empty: the plan's own")
        self.seeds.setFixedWidth(70)
        self.seeds.returnPressed.connect(self._add)
        self.add_button.setStyleSheet("QPushButton { padding: 3px 12px; }")
        self.add_button.clicked.connect(self._add)
        self.at_once.setRange(1, max(1, os.cpu_count() or 1))
        self.at_once.setAccessibleName("Searches at once")
        self.at_once.setToolTip("How many searches run side by side; they share the cores")
        self.at_once.setFixedWidth(48)
        self.choose.clicked.connect(self._ask_folder)
        self.place.setProperty("role", "muted")
        self.fault.hide()
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(24, 4, 24, 4)

        what, where = QHBoxLayout(), QHBoxLayout()
        first: tuple[tuple[QWidget, int], ...] = (
            (self.plans, 1),
            (label("seeds", "small"), 0),
            (self.seeds, 0),
            (self.add_button, 0),
        )
        second: tuple[tuple[QWidget, int], ...] = (
            (self.choose, 0),
            (self.place, 1),
            (label("at once", "small"), 0),
            (self.at_once, 0),
        )
        for row, widgets in ((what, first), (where, second)):
            row.setSpacing(6)
            for widget, stretch in widgets:
                row.addWidget(widget, stretch)
        self._form = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._form.setContentsMargins(10, 8, 10, 6)
        self._form.setSpacing(6)
        self._form.addLayout(what, 1)
        self._form.addLayout(where, 1)
        inset = QHBoxLayout()
        inset.setContentsMargins(6, 0, 0, 0)
        inset.addWidget(self.table)
        column = packed(QVBoxLayout(self.body), self._form, inset, self.hint, self.line, self.fault, grows=inset)
        column.setStretchFactor(self.hint, 1)
        metrics = QFontMetrics(self.table.font())
        for number, widest in enumerate(("evolution-nb201-10", "finished", "10 000", "100.00")):
            self.table.setColumnWidth(number, metrics.horizontalAdvance(widest) + 20)
        self.table.activated.connect(self._open)  # a double click, or Return
        copy = self.table.actions()[0]
        add_action(self.table, "Open the session", "", lambda: self._open(self.table.currentIndex()))
        add_action(self.table, "Remove from the queue", QKeySequence.StandardKey.Delete, self._remove)
        self.table.addAction(copy)  # now the last one
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.start.setIcon(icon("play", theme))
        self.stop.setIcon(icon("stop", theme))
        self._show_pause()
        self.fault.set_theme(replace(theme, muted=theme.bad))
        self._describe()
        self.fault.show_text(self.fault.full_text)

    # -- what the window tells

    def offer(self, presets: Mapping[str, Plan]) -> None:
        """The presets to choose from, by family, below the plan as it stands."""
        self.plans.clear()
        self.plans.addItem("the plan as it stands", "")
        for name, members in by_family(presets).items():
            self.plans.insertSeparator(self.plans.count())
            for member in members:
                self.plans.addItem(member, member)
                self.plans.setItemData(self.plans.count() - 1, name, Qt.ItemDataRole.ToolTipRole)

    def show_plan(self, plan: Plan) -> None:
        """The plan as it stands is another one."""
        self.plans.setItemText(0, f"{plan.name} (this plan)")

    def show_folder(self, folder: Path) -> None:
        """Where the sessions go."""
        self.folder = folder
        self.place.setText(str(folder))
        self.choose.setToolTip(f"Choose where the sessions go; now {folder}")

    def show_runs(self, runs: list[Run], state: str) -> None:
        """How the searches stand; `state` is "", "running", "paused" or "stopping"."""
        self.model.show(runs)
        self.table.setVisible(bool(runs))
        self.hint.setVisible(not runs)
        ready = any(run.state in ("waiting", "stopped") for run in runs)
        self.start.setEnabled(not state and ready)
        self.pause.setEnabled(state in ("running", "paused"))
        self.stop.setEnabled(state in ("running", "paused"))
        self.compare.setEnabled(bool(self._sessions()))
        self._state = state
        self._show_pause()
        self._describe()
        self._fit_lines()

    def show_fault(self, text: str) -> None:
        """Why something could not be done, in one line; "" when all is well."""
        self.fault.show_text(text)
        self._fit_lines()

    # -- what is shown

    def show_view(self, view: View | None, selection: int | None) -> None:
        """The queue is no session's: there is nothing to look at."""

    def attach(self, services: Services) -> None:
        services.carry_out_queue(self)

    def data(self) -> Data:
        rows = []
        for run in self.model.runs:
            share = "" if run.share != run.share else run.share
            rows.append((str(run.path), run.state, share, run.best, run.unit, run.evaluations, run.note))
        return ["session", "state", "share", "best score", "unit", "evaluations", "note"], rows

    def _describe(self) -> None:
        counts: dict[str, int] = {}
        for run in self.model.runs:
            counts[run.state] = counts.get(run.state, 0) + 1
        parts = [f"{grouped(count)} {state}" for state, count in counts.items()]
        if self._state == "stopping":
            parts.append("stopping…")
        self.line.show_text(" · ".join(parts))

    def _show_pause(self) -> None:
        """The middle button continues what is paused."""
        paused = self._state == "paused"
        self.pause.setIcon(icon("play" if paused else "pause", self.theme))
        self.pause.setText("Continue" if paused else "Pause")
        self.pause.setToolTip("Let all searches go on" if paused else "Let all searches wait between two batches")

    def _sessions(self) -> list[Path]:
        """The sessions that have something to compare: the selected ones, else all."""
        chosen = {index.row() for index in self.table.selectionModel().selectedRows()}
        runs = [run for row, run in enumerate(self.model.runs) if len(chosen) < 2 or row in chosen]
        return [run.path for run in runs if run.state in ENDED and run.best is not None]

    def _add(self) -> None:
        self.show_fault("")
        self.add_requested.emit(self.plans.currentData() or "", self.seeds.text().strip(), self.folder)

    def _remove(self) -> None:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        self.remove_requested.emit(
            [self.model.runs[row].path for row in rows if self.model.runs[row].state != "running"]
        )

    def _open(self, index: QModelIndex) -> None:
        if index.isValid() and self.model.runs[index.row()].state != "waiting":
            self.open_requested.emit(self.model.runs[index.row()].path)

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the queue's sessions", str(self.folder))
        if name:
            self.show_folder(Path(name))

    # -- room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across = self.width() >= ACROSS
        way = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
        self._form.setDirection(way)
        self._form.setSpacing(18 if across else 6)
        self._form.activate()
        for line in (self.line, self.fault):
            line.fit(0)
        self.place.setVisible(not across or self.width() >= WIDE)
        self._fit_lines()

    def _fit_lines(self) -> None:
        """What is wrong, else how many searches stand how, where there is room."""
        self.fault.setVisible(bool(self.fault.full_text))
        self.line.setVisible(bool(self.model.runs) and not self.fault.full_text and self.height() >= LOW)
